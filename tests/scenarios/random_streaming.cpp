#include "tests/scenarios/random_streaming.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/scenario/sections/spark/collections.h"
#include "tests/scenarios/random_feeds.h"
#include "tests/scenarios/random_scenario.h"

namespace millrace::swarm {

namespace {

/// A stream of an application, as far as what follows of it must know.
struct Stream {
    std::string name;
    std::vector<std::string> fields;
    int slide = 0;  ///< milliseconds
};

/// Draws one application.
class ApplicationMaker {
public:
    ApplicationMaker(Dice& dice, Draft& draft, std::string name)
        : m_dice(dice), m_draft(draft), m_name(std::move(name)) {}

    Json make() {
        m_batch = m_dice.pick({200, 500, 1000, 1000, 1000, 2000, 5000});
        // Three jobs a batch, each with its messages: it may never catch up.
        m_draft.comesToItsEnd = m_draft.comesToItsEnd && m_batch >= shortBatchMillis;
        m_draft.shortestBatch = m_draft.shortestBatch == 0 ? m_batch : std::min(m_draft.shortestBatch, m_batch);
        m_application["host"] = m_draft.hostFor("driver");
        m_application["batch"] = fmt::format("{}ms", m_batch);
        m_checkpoints = m_dice.chance(0.6);
        if (m_checkpoints || m_dice.chance(0.2)) {
            m_application["checkpoint"] = m_checkpoints;
        }
        m_draft.addRestart(m_application, {"streaming", m_name});
        addInputs();
        for (int i = m_dice.between(1, 6); i > 0; --i) {
            addOperator();
        }
        addOutputs();
        Json config = Json::object();
        addRandomSettings(m_dice, config, scenario::sparkScope, m_dice.chance(0.3) ? 3 : 0, m_draft.boldness);
        m_application["config"] = config;
        return m_application;
    }

    [[nodiscard]] int receivers() const { return m_receivers; }
    /// Tasks of a topic prefer executors whose cores receivers may keep: in every batch they wait for them.
    [[nodiscard]] bool mayWaitInEachBatch() const { return m_receivers > 0 && m_readsTopic; }

private:
    void addInputs() {
        for (int i = m_dice.pick({1, 1, 1, 2}); i > 0; --i) {
            if (!m_draft.things.topics.empty() && m_dice.chance(0.6)) {
                addDirect();
            } else {
                addReceiver();
            }
        }
    }

    void addDirect() {
        m_readsTopic = true;
        const std::string name = fmt::format("topic{}", m_streams.size());
        Json input = Json::object({{"kind", "kafka"}, {"topic", m_dice.oneOf(m_draft.things.topics).first}});
        if (m_dice.chance(0.2)) {
            input["starting_offsets"] = m_dice.pick<std::string>({"earliest", "latest"});
        }
        m_application["inputs"][name] = input;
        m_streams.push_back({name, {"topic", "partition", "offset", "key", "value"}, m_batch});
    }

    void addReceiver() {
        const std::string name = fmt::format("received{}", m_streams.size());
        const std::string source = m_name + "-" + name;
        m_draft.parts["sources"][source] = this->source();
        Json input =
            Json::object({{"kind", m_dice.pick<std::string>({"socket", "reliable", "reliable"})}, {"source", source}});
        const int receivers = m_dice.pick({1, 1, 1, 2, 3});
        if (receivers > 1) {
            input["receivers"] = receivers;
        }
        if (m_dice.chance(0.3)) {
            input["storage_level"] = m_dice.pick<std::string>(
                {"MEMORY_ONLY", "MEMORY_AND_DISK_SER", "DISK_ONLY", "MEMORY_ONLY_2", "MEMORY_AND_DISK_2"});
        }
        if (m_dice.chance(0.2)) {
            input["preferred_host"] = m_dice.oneOf(m_draft.things.hosts);
        }
        m_receivers += receivers;
        m_application["inputs"][name] = input;
        m_streams.push_back({name, {"value"}, m_batch});
    }

    Json source() {
        Json source;
        if (m_dice.chance(0.4)) {
            source = randomFeed(m_dice, m_draft, 4000);
            addRandomFlaws(m_dice, source);
        } else if (m_dice.chance(0.3)) {
            m_draft.readsFile = true;
            source = Json::object(
                {{"kind", "file"}, {"path", linesFile}, {"rate", m_dice.pick<std::string>({"50/s", "300/s", "max"})}});
        } else {
            const int rate = m_dice.pick({10, 100, 500, 2000});
            source = Json::object(
                {{"kind", "generator"},
                 {"rate", fmt::format("{}/s", rate)},
                 {"count", m_dice.between(1, std::min(8000, rate * m_draft.seconds))},
                 {"words", {{"vocabulary", m_dice.pick({1, 20, 2000})}, {"per_record", m_dice.between(1, 8)}}}});
        }
        if (m_dice.chance(0.5)) {
            source["host"] = m_draft.hostFor("client");
        }
        if (m_dice.chance(0.3)) {
            source["start_at"] = fmt::format("{}ms", m_dice.between(0, m_draft.seconds * 300));
        }
        return source;
    }

    [[nodiscard]] static bool has(const Stream& stream, std::string_view field) {
        return std::find(stream.fields.begin(), stream.fields.end(), field) != stream.fields.end();
    }

    void addOperator() {
        const Stream from = m_dice.oneOf(m_streams);
        const std::string name = fmt::format("o{}", m_application.value("operators", Json::object()).size());
        Stream made{name, from.fields, from.slide};
        Json part = Json::object({{"from", Json::array({from.name})}});
        const int kind = m_dice.between(0, 11);
        if (kind <= 2 && has(from, "value")) {
            takeApart(part, made);
        } else if (kind <= 4) {
            narrow(part, made);
        } else if (kind == 5) {
            together(part, made, from);
        } else if (kind <= 8) {
            reduce(part, made);
        } else if (kind == 9 && m_checkpoints) {
            keepState(part, made);
        } else {
            window(part, made);
        }
        if (m_dice.chance(0.1)) {
            part["storage_level"] = m_dice.pick<std::string>({"MEMORY_ONLY", "MEMORY_AND_DISK_SER", "DISK_ONLY"});
        }
        if (m_dice.chance(0.3) && mayBeParted(part["kind"].get<std::string>())) {
            part["partitions"] = m_dice.between(1, 12);
        }
        m_application["operators"][name] = part;
        m_streams.push_back(made);
    }

    static bool mayBeParted(const std::string& kind) {
        return kind.find("Key") != std::string::npos || kind.find("ByValue") != std::string::npos || kind == "join" ||
               kind == "mapWithState" || kind == "repartition";
    }

    void takeApart(Json& part, Stream& made) {
        part["field"] = "value";
        switch (m_dice.between(0, 3)) {
            case 0:
                part["kind"] = "parseLog";
                made.fields = {"line", "host", "time", "request", "method", "path", "status", "bytes"};
                if (m_dice.chance(0.2)) {
                    part["rejected"] = true;
                    made.fields = {"line", "reason"};
                }
                break;
            case 1:
                part["kind"] = "map";
                part["pattern"] = m_dice.pick<std::string>({"^(\\w+) (.*)$", "([0-9]+)[^0-9]+([0-9]+)"});
                made.fields = {"first", "second"};
                part["fields"] = made.fields;
                break;
            default:
                part["kind"] = "flatMap";
                made.fields = {"word"};
        }
    }

    void narrow(Json& part, Stream& made) {
        const std::string field = m_dice.oneOf(made.fields);
        switch (m_dice.between(0, 3)) {
            case 0:
                part["kind"] = "repartition";
                part["partitions"] = m_dice.between(1, 12);
                break;
            case 1:
                part["kind"] = "map";
                made.fields = {field};
                part["fields"] = made.fields;
                if (m_dice.chance(0.3)) {
                    part["pair_with"] = m_dice.between(-1, 2);
                    made.fields.emplace_back(has(made, "count") ? "pair" : "count");
                }
                break;
            case 2:
                part["kind"] = "filter";
                part["field"] = field;
                part["least"] = m_dice.pick({-1.0, 0.0, 2.0, 400.0});
                break;
            default:
                part["kind"] = "filter";
                part["field"] = field;
                part["pattern"] = m_dice.pick<std::string>({".", "[a-m]", "0$", "^$"});
                part["negate"] = m_dice.chance(0.3);
        }
    }

    void together(Json& part, Stream& made, const Stream& from) {
        std::vector<Stream> others;
        const bool joins = m_dice.chance(0.5);
        std::copy_if(m_streams.begin(), m_streams.end(), std::back_inserter(others), [&](const Stream& each) {
            return each.slide == from.slide && (joins || each.fields == from.fields);
        });
        const Stream& other = m_dice.oneOf(others);
        part["from"].push_back(other.name);
        part["kind"] = joins ? "join" : "union";
        if (!joins) {
            return;
        }
        // Of each key as many rows as both sides have of it multiplied: of few keys that is the square of a batch.
        part["from"] = Json::array({onePerKey(from), onePerKey(other)});
        made.fields = pairOf(m_keyOf[part["from"][0]], "count");
        std::string right = pairOf(m_keyOf[part["from"][1]], "count").back();
        while (has(made, right)) {
            right.insert(0, "right_");
        }
        made.fields.push_back(right);
        part["type"] = m_dice.pick<std::string>({"inner", "left", "right", "full"});
    }

    /// The name of a stream with one row for each key of another.
    std::string onePerKey(const Stream& stream) {
        const std::string name = stream.name + "-once";
        const std::string key = m_dice.oneOf(stream.fields);
        if (!m_keyOf.contains(name)) {
            m_application["operators"][name] =
                Json::object({{"kind", "reduceByKey"}, {"key", key}, {"from", Json::array({stream.name})}});
            m_keyOf[name] = key;
        }
        return name;
    }

    void key(Json& part, Stream& made) {
        const std::string key = m_dice.oneOf(made.fields);
        part["key"] = key;
        made.fields = pairOf(key, "count");
    }

    static std::vector<std::string> pairOf(const std::string& key, const std::string& value) {
        return {key, key == value ? value + "_2" : value};
    }

    void value(Json& part, const std::vector<std::string>& fields) {
        if (m_dice.chance(0.3)) {
            part["value"] = m_dice.oneOf(fields);
            part["function"] = m_dice.pick<std::string>({"sum", "min", "max"});
        }
    }

    void reduce(Json& part, Stream& made) {
        const std::vector<std::string> fields = made.fields;
        switch (m_dice.between(0, 4)) {
            case 0:
                part["kind"] = "count";
                made.fields = {"key", "count"};
                break;
            case 1:
                part["kind"] = "groupByKey";
                key(part, made);
                made.fields = pairOf(made.fields.front(), "values");
                break;
            case 2:
                part["kind"] = "countByValue";
                key(part, made);
                break;
            default:
                part["kind"] = "reduceByKey";
                key(part, made);
                value(part, fields);
        }
    }

    void keepState(Json& part, Stream& made) {
        const std::vector<std::string> fields = made.fields;
        key(part, made);
        value(part, fields);
        part["kind"] = "updateStateByKey";
        if (m_dice.chance(0.5)) {
            part["kind"] = "mapWithState";
            if (m_dice.chance(0.5)) {
                part["timeout"] = m_dice.pick<std::string>({"1s", "20s"});
            }
        } else if (m_dice.chance(0.3)) {
            part["drop_zeros"] = true;
        }
    }

    void window(Json& part, Stream& made) {
        const int from = made.slide;
        const std::vector<std::string> fields = made.fields;
        const int slides = m_dice.pick({1, 1, 2, 5});
        made.slide = from * slides;
        part["window"] = fmt::format("{}ms", from * m_dice.pick({1, 2, 5, 10}));
        if (slides > 1 || m_dice.chance(0.3)) {
            part["slide"] = fmt::format("{}ms", made.slide);
        }
        const int kind = m_dice.between(0, m_checkpoints ? 4 : 2);
        if (kind == 0) {
            part["kind"] = "window";
        } else if (kind == 3) {
            part["kind"] = "countByWindow";
            made.fields = {"key", "count"};
        } else if (kind == 4) {
            part["kind"] = "countByValueAndWindow";
            key(part, made);
        } else {
            part["kind"] = "reduceByKeyAndWindow";
            key(part, made);
            value(part, fields);
            if (m_checkpoints && m_dice.chance(0.5) && part.value("function", std::string("sum")) == "sum") {
                part["inverse"] = true;
                part["drop_zeros"] = m_dice.chance(0.5);
            }
        }
    }

    void addOutputs() {
        const int count = m_dice.pick({1, 1, 2, 3});
        for (int i = 0; i < count; ++i) {
            const Stream& from = i == 0 ? m_streams.back() : m_dice.oneOf(m_streams);
            Json output = Json::object({{"from", Json::array({from.name})}});
            if (m_dice.chance(0.15)) {
                output["kind"] = "print";
            } else {
                addSink(output, from);
            }
            m_application["outputs"][fmt::format("out{}", i)] = output;
        }
    }

    void addSink(Json& output, const Stream& from) {
        const std::string name = fmt::format("{}-results{}", m_name, m_sinks++);
        Json sink = Json::object({{"write", m_dice.pick<std::string>({"append", "once"})}});
        if (m_dice.chance(0.5)) {
            sink["host"] = m_draft.hostFor("db");
        }
        if (m_dice.chance(0.4)) {
            sink["kind"] = "file";
            if (m_dice.chance(0.3)) {
                output["line"] = m_dice.oneOf(from.fields);
            }
        } else {
            sink["kind"] = "sqlite";
            Json table = Json::object({{"columns", columnsFor(from)}});
            if (has(from, "count") && from.fields.front() != "count" && m_dice.chance(0.6)) {
                table = Json::object({{"kind", "counts"}, {"columns", Json::array({from.fields.front() + " TEXT"})}});
            }
            sink["tables"]["results"] = table;
            output["table"] = "results";
        }
        if (m_dice.chance(0.7)) {
            sink["path"] = name + (sink["kind"] == "file" ? ".txt" : ".db");
        }
        output["kind"] = "foreachRDD";
        output["sink"] = name;
        m_draft.parts["sinks"][name] = sink;
        m_draft.things.sinks.push_back(name);
    }

    Json columnsFor(const Stream& from) {
        Json columns = Json::array();
        for (const std::string& field : from.fields) {
            columns.push_back(field + m_dice.pick<const char*>({" TEXT", " TEXT", " INTEGER", " REAL"}));
        }
        if (m_dice.chance(0.3)) {
            columns.push_back("batch_time INTEGER");
        }
        return columns;
    }

    Dice& m_dice;
    Draft& m_draft;
    std::string m_name;
    Json m_application = Json::object();
    std::vector<Stream> m_streams;
    std::map<std::string, std::string> m_keyOf;
    int m_batch = 1000;
    int m_receivers = 0;
    bool m_readsTopic = false;
    int m_sinks = 0;
    bool m_checkpoints = false;
};

}  // namespace

namespace {

/// The most cores that an application's executors can have.
int coresGranted(const Json& spark) {
    const int each = spark["config"].value("spark.executor.cores", 0);
    int sum = 0;
    for (const Json& worker : spark["workers"]) {
        const int own = worker["cores"].get<int>();
        sum += each > 0 ? own / each * each : own;
    }
    sum = std::min(sum, spark["config"].value("spark.cores.max", sum));
    return each > 0 ? sum / each * each : sum;
}

/// Each receiver keeps a core: without another one nothing is ever computed, and the scenario is refused.
void giveCoresFor(Json& spark, int receivers, int applications) {
    while (coresGranted(spark) <= receivers) {
        int cores = 0;
        for (Json& worker : spark["workers"]) {
            worker["cores"] = worker["cores"].get<int>() + 1;
            cores += worker["cores"].get<int>();
        }
        if (applications > 1) {
            spark["config"]["spark.cores.max"] = cores / applications;
        }
    }
}

}  // namespace

void addSpark(Dice& dice, Draft& draft) {
    Json spark;
    spark["master"] = Json::object({{"host", draft.hostFor("spark")}});
    draft.addRestart(spark["master"], {"spark", "master"});
    draft.things.processes.emplace_back("spark-master");
    int cores = 0;
    for (int i = dice.between(1, 4); i > 0; --i) {
        const std::string name = fmt::format("w{}", i);
        const int own = dice.between(1, 4);
        Json worker = Json::object({{"host", draft.hostFor("spark" + std::to_string(i))}, {"cores", own}});
        draft.addRestart(worker, {"spark", "workers", name});
        spark["workers"][name] = worker;
        draft.things.processes.push_back("spark-worker:" + name);
        cores += own;
    }
    Json config = Json::object();
    if (dice.chance(0.8)) {
        config["spark.locality.wait"] = dice.pick({0, 200, 200, 3000});
    }
    const int count = dice.pick({1, 1, 1, 2});
    // A task that waits longer for its place than a batch lasts makes every batch late, and nothing comes to its end.
    draft.comesToItsEnd = draft.comesToItsEnd && config.value("spark.locality.wait", 3000) < 3000;
    if (dice.chance(0.3)) {
        // What one application leaves on workers must fit an executor of the other.
        config["spark.executor.cores"] = dice.between(1, count > 1 ? 1 : 2);
    }
    if (dice.chance(0.3)) {
        config["spark.streaming.receiver.writeAheadLog.enable"] = true;
    }
    if (dice.chance(0.2)) {
        config["spark.speculation"] = true;
    }
    if (dice.chance(0.2)) {
        config["spark.streaming.backpressure.enabled"] = true;
    }
    spark["config"] = config;
    if (count > 1) {
        // The first one would take all.
        spark["config"]["spark.cores.max"] = std::max(1, cores / count);
    }
    for (int i = 0; i < count; ++i) {
        const std::string name = fmt::format("app{}", i);
        ApplicationMaker maker(dice, draft, name);
        Json& application = draft.parts["streaming"][name] = maker.make();
        if (!application.value("checkpoint", false)) {
            application["config"]["spark.streaming.receiver.writeAheadLog.enable"] = false;  // it needs checkpoints
        }
        // With the least that it takes, over slow links, it may never catch up.
        draft.comesToItsEnd = draft.comesToItsEnd && maker.receivers() < cores / count;
        giveCoresFor(spark, maker.receivers(), count);
        if (maker.mayWaitInEachBatch()) {
            spark["config"]["spark.locality.wait"] = 0;
        }
        draft.things.processes.push_back("driver:" + name);
        for (int executor = 0; executor < 3; ++executor) {
            draft.things.processes.push_back(fmt::format("executor:{}/{}", name, executor));
        }
        draft.things.processes.push_back(fmt::format("receiver:{}/1", name));
    }
    draft.parts["spark"] = spark;
}

bool mayMasterForget(const Json& parts, const Json& faults) {
    if (!parts.contains("spark")) {
        return false;
    }
    const std::string host = "host:" + parts["spark"]["master"]["host"].get<std::string>();
    return std::any_of(faults.begin(), faults.end(), [&](const Json& fault) {
        const std::string target = fault["target"].get<std::string>();
        return target == "spark-master" || target == "all" || (target == host && fault["kind"] == "power");
    });
}

}  // namespace millrace::swarm
