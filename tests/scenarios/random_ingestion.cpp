#include "tests/scenarios/random_ingestion.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tests/scenarios/random_feeds.h"
#include "tests/scenarios/random_guarantees.h"

namespace millrace::swarm {

namespace {

class IngestionMaker {
public:
    IngestionMaker(Dice& dice, Draft& draft) : m_dice(dice), m_draft(draft) {}

    void make() {
        const Json others = m_draft.parts.value("sources", Json::object());
        const bool allEnd = std::all_of(others.begin(), others.end(), [](const Json& each) {
            return each.contains("count") || each["kind"] == "file" || each["kind"] == "replay";
        });
        m_draft.isDrained = m_draft.isDrained || (m_isPlain && allEnd);
        addSource();
        const int pipelines = m_dice.pick({1, 1, 2, 3});
        for (int i = 0; i < pipelines; ++i) {
            addPipeline(fmt::format("in{}", i));
        }
    }

private:
    void addSource() {
        Json source = randomFeed(m_dice, m_draft, 2000);
        if (!m_isPlain) {
            addRandomFlaws(m_dice, source);
        }
        const std::string format = source.value("format", std::string("json"));
        if (source["kind"] != "replay" && (format == "json" || format == "csv")) {
            m_columns = columnsOf(source);
        }
        m_draft.parts["sources"]["raw"] = source;
    }

    [[nodiscard]] const flow::Column* columnOf(flow::DatumType type) {
        std::vector<const flow::Column*> found;
        for (const flow::Column& each : m_columns) {
            if (each.type == type) {
                found.push_back(&each);
            }
        }
        return found.empty() ? nullptr : m_dice.oneOf(found);
    }
    [[nodiscard]] const flow::Column* numberColumn() {
        const flow::Column* whole = columnOf(flow::DatumType::Integer);
        const flow::Column* real = columnOf(flow::DatumType::Real);
        return real != nullptr && (whole == nullptr || m_dice.chance(0.5)) ? real : whole;
    }

    static std::string sqlType(flow::DatumType type) {
        return type == flow::DatumType::Text ? "TEXT" : type == flow::DatumType::Real ? "REAL" : "INTEGER";
    }

    Json tablesOf(const std::vector<std::string>& columns) {
        Json table = Json::object({{"columns", columns}});
        if (!columns.empty() && m_dice.chance(0.4)) {
            table["kind"] = "keyed";
            table["key"] = Json::array({columns.front().substr(0, columns.front().find(' '))});
        }
        return Json::object({{"t", table}});
    }

    /// A sink that takes rows of these columns, as "name TYPE"; without columns, one that takes lines.
    std::string addSink(const std::string& name, const std::vector<std::string>& columns) {
        std::vector<std::string> kinds{"lake", "lake", "archive", "file", "documents"};
        if (!columns.empty()) {
            kinds.insert(kinds.end(), {"sqlite", "warehouse", "warehouse", "dashboard"});
        }
        if (!m_draft.things.topics.empty()) {
            kinds.insert(kinds.end(), {"topic", "topic", "topic"});
        }
        const std::string kind = m_dice.oneOf(kinds);
        Json sink = Json::object({{"kind", kind}, {"host", m_draft.hostFor("store")}});
        if (kind == "topic") {
            sink["topic"] = m_dice.oneOf(m_draft.things.topics).first;
            sink["config"] = Json::object();
            addRandomSettings(m_dice, sink["config"], scenario::ConfigScope{"producer"}, m_dice.chance(0.3) ? 2 : 0,
                              m_draft.boldness);
            m_draft.comesToItsEnd = false;  // What no broker takes is sent again for ever.
        } else {
            if (kind != "dashboard" && m_dice.chance(0.5)) {
                sink["write"] = m_dice.pick<std::string>({"append", "once"});
            }
            if (m_dice.chance(0.4)) {
                sink["commit_latency"] = m_dice.pick<std::string>({"0s", "1ms", "300ms", "2s"});
            }
        }
        if (kind == "sqlite" || kind == "warehouse") {
            sink["tables"] = tablesOf(columns);
        } else if (kind == "dashboard") {
            const std::string field = columns.front().substr(0, columns.front().find(' '));
            sink["alerts"] = Json::array({field + " == " + field, field + " > 10"});
        } else if (kind == "lake") {
            sink["partition"] = m_dice.pick<std::string>({"none", "date", "hour"});
            if (m_dice.chance(0.3)) {
                sink["compact_every"] = m_dice.pick<std::string>({"1s", "10s"});
            }
        }
        m_draft.parts["sinks"][name] = sink;
        m_draft.things.sinks.push_back(name);
        return kind;
    }

    /// Gives the columns of what it passes, where they are known.
    std::vector<flow::Column> addSteps(Json& pipeline) {
        Json steps = Json::object();
        const int count = m_columns.empty() || m_isPlain ? 0 : m_dice.pick({0, 1, 1, 2, 3});
        std::vector<flow::Column> columns = m_columns;
        for (int i = 0; i < count; ++i) {
            const flow::Column* number = numberColumn();
            const flow::Column* text = columnOf(flow::DatumType::Text);
            const std::string name = fmt::format("s{}", i);
            const int choice = m_dice.between(0, 5);
            if (choice == 0 && number != nullptr) {
                steps[name] = Json::object({{"kind", "where"}, {"condition", number->name + " >= 0"}});
            } else if (choice == 1 && number != nullptr) {
                steps[name] = Json::object({{"kind", "clean"}, {"rules", Json::array({number->name + " < 1000000"})}});
            } else if (choice == 2 && text != nullptr) {
                steps[name] = Json::object({{"kind", "deduplicate"}, {"fields", Json::array({text->name})}});
                if (m_dice.chance(0.5)) {
                    steps[name]["within"] = m_dice.pick<std::string>({"0s", "1s", "1h"});
                }
            } else if (choice == 3 && number != nullptr) {
                steps[name] = Json::object({{"kind", "anomaly"}, {"field", number->name}});
                return named(steps, pipeline, columns);  // Two of them would give two fields of one name.
            } else if (choice == 4 && text != nullptr && number != nullptr) {
                steps[name] =
                    Json::object({{"kind", "aggregate"},
                                  {"every", m_dice.pick<std::string>({"1s", "5s", "1m"})},
                                  {"by", Json::array({text->name})},
                                  {"aggregates", Json::array({"count", "sum(" + number->name + ") as total"})}});
                return named(steps, pipeline, {{text->name, text->type}, {"total", flow::DatumType::Real}});
            } else if (number != nullptr) {
                steps[name] = Json::object({{"kind", "alert"}, {"when", number->name + " > 50"}});
            }
        }
        return named(steps, pipeline, columns);
    }
    static std::vector<flow::Column> named(const Json& steps, Json& pipeline, std::vector<flow::Column> columns) {
        if (!steps.empty()) {
            pipeline["steps"] = steps;
        }
        return columns;
    }

    void addTimes(Json& pipeline) {
        const std::string kind = m_dice.pick<std::string>({"batch", "micro-batch", "streaming", "streaming"});
        pipeline["kind"] = kind;
        if (kind == "streaming") {
            if (m_dice.chance(0.4)) {
                pipeline["linger"] = m_dice.pick<std::string>({"0s", "1ms", "500ms"});
            }
            if (m_dice.chance(0.4)) {
                pipeline["checkpoint_every"] = m_dice.pick<std::string>({"10ms", "1s", "20s"});
            }
            return;
        }
        pipeline["every"] = kind == "batch" ? m_dice.pick<std::string>({"2s", "10s", "30s"})
                                            : m_dice.pick<std::string>({"500ms", "1s", "7s"});
        if (kind == "batch" && m_dice.chance(0.3)) {
            pipeline["size"] = m_dice.between(1, 500);
        }
    }

    void addPipeline(const std::string& name) {
        Json pipeline = Json::object({{"source", "raw"}, {"host", m_draft.hostFor("loader")}});
        addTimes(pipeline);
        m_draft.addRestart(pipeline, {"ingestion", name});
        const std::vector<flow::Column> columns = addSteps(pipeline);
        std::vector<std::string> written;
        for (std::size_t i = 0; i < columns.size() && i < 3; ++i) {
            written.push_back(columns[i].name + " " + sqlType(columns[i].type));
        }
        const std::string sink = name + "-sink";
        const std::string kind = addSink(sink, written);
        pipeline["to"] = sink;
        if ((kind == "documents" || kind == "topic" || kind == "dashboard") && !columns.empty() && m_dice.chance(0.5)) {
            pipeline["key"] = Json::array({columns.front().name});
            if (kind != "topic" && pipeline["kind"] == "batch" && !pipeline.contains("size") && m_dice.chance(0.3)) {
                pipeline["load"] = "full";
            }
        }
        if (m_dice.chance(0.4)) {
            pipeline["drift"] = m_dice.pick<std::string>({"fail", "ignore", "evolve"});
        }
        if (m_dice.chance(0.3)) {
            pipeline["note"] = m_dice.pick<std::string>({"after", "before"});
        }
        if (m_dice.chance(0.2)) {
            pipeline["batch_size"] = m_dice.pick({1, 20, 3000});
        }
        if (m_dice.chance(0.4)) {
            addSink(name + "-dead", {});
            pipeline["dead_letters"] = name + "-dead";
            if (m_dice.chance(0.5)) {
                pipeline["repair_at"] = fmt::format("{}s", m_dice.between(1, m_draft.seconds));
            }
        }
        if (!pipeline.contains("load") && m_dice.chance(0.25)) {
            addSink(name + "-raw", {});
            pipeline["land"] = name + "-raw";
            pipeline["transform_every"] = m_dice.pick<std::string>({"500ms", "5s", "20s"});
        }
        m_draft.parts["ingestion"][name] = pipeline;
        m_draft.things.processes.push_back("ingestion:" + name);
        for (const std::string& each : {sink, name + "-dead", name + "-raw"}) {
            if (m_draft.parts["sinks"].contains(each)) {
                m_draft.things.processes.push_back("sink:" + each);
            }
        }
    }

    Dice& m_dice;
    Draft& m_draft;
    bool m_isPlain = m_dice.chance(0.4);  ///< records come as they are and are loaded so: they can be counted
    std::vector<flow::Column> m_columns;  ///< of the source, where they are known
};

}  // namespace

void addIngestion(Dice& dice, Draft& draft) {
    IngestionMaker(dice, draft).make();
}

std::string brokenIngestion(const std::string& scenarioText, const std::string& reportText) {
    const Json scenario = Json::parse(scenarioText);
    const Json report = Json::parse(reportText);
    const Json source = scenario.value("sources", Json::object()).value("raw", Json::object());
    const bool isPlain = source.contains("count") && !source.contains("flaws") && !source.contains("keeps") &&
                         !source.contains("bursts") && source.value("kind", "") != "replay";
    if (!scenario.contains("ingestion") || !isPlain || report["stopped"] != "drained") {
        return {};
    }
    const std::int64_t count = source["count"].get<std::int64_t>();
    for (const Json& view : report["ingestion"]) {
        const Json& pipeline = scenario["ingestion"][view["name"].get<std::string>()];
        const Json& sink = scenario["sinks"][pipeline["to"].get<std::string>()];
        if (pipeline.contains("steps") || pipeline.contains("load") || view["gone"].get<std::int64_t>() > 0) {
            continue;
        }
        const auto& sinks = report["sinks"];
        const auto told =
            std::find_if(sinks.begin(), sinks.end(), [&](const Json& each) { return each["id"] == pipeline["to"]; });
        const std::int64_t written = (*told)["written"].get<std::int64_t>();
        const std::int64_t rejected = view["rejected"].get<std::int64_t>() + (*told).value("rejected", std::int64_t{0});
        const bool isAtMostOnce = pipeline.value("note", "after") == "before";
        const bool isOnce = sink.value("write", "append") == "once";
        const std::string what = fmt::format("pipeline {}: of {} records {} were written and {} rejected",
                                             view["name"].get<std::string>(), count, written, rejected);
        if (!isAtMostOnce && written + rejected < count) {
            return what + ", at least once";
        }
        if (pipeline.contains("land")) {
            continue;  // what a crash takes back is transformed once more, and rejected once more
        }
        if ((isOnce || (isAtMostOnce && sink["kind"] != "topic")) && written > count) {
            return what + (isOnce ? ", once" : ", at most once");
        }
        if (isOnce && !isAtMostOnce && rejected == 0 && written != count) {
            return what + ", exactly once";
        }
    }
    return {};
}

}  // namespace millrace::swarm
