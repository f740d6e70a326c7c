#include "tests/scenarios/random_readings.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::swarm {

namespace {

class ReadingsMaker {
public:
    ReadingsMaker(Dice& dice, Draft& draft, Json& topology)
        : m_dice(dice),
          m_draft(draft),
          m_spouts(topology["spouts"]),
          m_bolts(topology["bolts"]),
          m_config(topology["config"]) {}

    void make() {
        const Draft::Feed& feed = m_dice.oneOf(m_draft.feeds);
        m_columns = feed.columns;
        m_spouts["readings"] =
            Json::object({{"kind", "kafka"}, {"topic", feed.topic}, {"executors", m_dice.between(1, 2)}});
        Json columns = Json::array();
        for (const flow::Column& each : feed.columns) {
            columns.push_back(fmt::format("{} {}", each.name, flow::toText(each.type)));
        }
        add("read", {{"kind", "parse"}, {"format", feed.format}, {"columns", columns}}, "readings");
        add("unread", {{"kind", "file"}, {"sink", "text"}, {"field", "reason"}}, "read", "rejected");
        std::string last = "read";
        for (int i = m_dice.between(0, 3); i > 0; --i) {
            last = addFormula(last);
        }
        if (m_dice.chance(0.4)) {
            addJoin(last);
        }
        if (m_dice.chance(0.7)) {
            addWindow(last);
        } else {
            add("keep-readings", {{"kind", "file"}, {"sink", "text"}}, last);
        }
    }

private:
    Json component(Json part) {
        part["executors"] = m_dice.pick({1, 1, 2, 3});
        if (m_dice.chance(0.15)) {
            part["cost"] = m_dice.pick<std::string>({"10us", "1ms"});
        }
        return part;
    }

    Json input(const std::string& from, const std::string& field = {}, const std::string& stream = {}) {
        Json input = Json::object({{"from", from}, {"grouping", field.empty() ? "shuffle" : "fields"}});
        if (!field.empty()) {
            input["fields"] = Json::array({field});
        }
        if (!stream.empty()) {
            input["stream"] = stream;
        }
        return input;
    }

    void add(const std::string& name, Json part, const std::string& from, const std::string& stream = {}) {
        part["inputs"] = Json::array({input(from, {}, stream)});
        m_bolts[name] = component(std::move(part));
    }

    /// A column of one of these types, or the first.
    std::string columnOf(std::initializer_list<flow::DatumType> types) {
        std::vector<std::string> names;
        for (const flow::Column& each : m_columns) {
            if (std::find(types.begin(), types.end(), each.type) != types.end()) {
                names.push_back(each.name);
            }
        }
        return names.empty() ? m_columns.front().name : m_dice.oneOf(names);
    }
    std::string number() { return columnOf({flow::DatumType::Integer, flow::DatumType::Real}); }
    std::string text() { return columnOf({flow::DatumType::Text, flow::DatumType::Integer}); }

    std::string addFormula(const std::string& from) {
        const std::string name = fmt::format("formula{}", ++m_formulas);
        switch (m_dice.between(0, 2)) {
            case 0:
                add(name, {{"kind", "where"}, {"condition", fmt::format("{} > {}", number(), m_dice.between(-1, 100))}},
                    from);
                break;
            case 1: {
                const std::string set = fmt::format("f{}", m_formulas);
                add(name, {{"kind", "map"}, {"set", Json::array({fmt::format("{} = {} * 2 + 1", set, number())})}},
                    from);
                m_columns.push_back({set, flow::DatumType::Real});
                break;
            }
            default: {
                const std::string found = fmt::format("l{}", m_formulas);
                add(name,
                    {{"kind", "lookup"},
                     {"field", text()},
                     {"entries", Json::array({"0=zero", "1=one", "bid=offer", "view=seen", "on=yes"})},
                     {"as", found}},
                    from);
                if (m_dice.chance(0.5)) {
                    add("missed" + std::to_string(m_formulas), {{"kind", "file"}, {"sink", "text"}}, name, "missed");
                }
                m_columns.push_back({found, flow::DatumType::Text});
            }
        }
        return name;
    }

    /// What waits in a window is not acked: it may be replayed again and again, or wait for a watermark for ever.
    void drawWindow(Json& part) {
        m_draft.comesToItsEnd = false;
        // Storm starts no bolt whose tuples time out while they wait.
        constexpr int least = 10;
        constexpr int usual = 30;  // said, for the cluster's own may be another
        m_config["topology.message.timeout.secs"] =
            std::max(m_config.value("topology.message.timeout.secs", usual), least);
        if (m_dice.chance(0.25)) {
            const int tuples = m_dice.pick({1, 5, 100});
            part["tuples"] = tuples;
            m_draft.holdsTuples = true;  // the last ones stay until others push them out
            if (m_dice.chance(0.3)) {
                // A long window that slides by one tells each row with all its parents: the square of its length a
                // tuple.
                part["slide_tuples"] = m_dice.pick({1, 3}) * std::max(1, tuples / 5);
            }
            return;
        }
        part["length"] = m_dice.pick<std::string>({"100ms", "1s", "3s"});
        if (m_dice.chance(0.3)) {
            part["slide"] = m_dice.pick<std::string>({"100ms", "1s", "2s"});
        }
        if (m_dice.chance(0.7)) {
            part["time"] = m_draft.feeds.empty() ? "time" : m_columns.front().name;
            part["lag"] = m_dice.pick<std::string>({"0s", "500ms", "5s"});
            if (m_dice.chance(0.7)) {
                part["idle"] = m_dice.pick<std::string>({"1s", "5s"});
            } else {
                m_draft.holdsTuples = true;  // the last window waits for a later time, which does not come
            }
        }
    }

    void addWindow(const std::string& from) {
        const std::string key = text();
        Json part = Json::object({{"kind", "window"},
                                  {"key", key},
                                  {"aggregates", Json::array({"count as many", fmt::format("avg({}) as mean", number()),
                                                              fmt::format("distinct({}) as kinds", text())})}});
        drawWindow(part);
        part["inputs"] = Json::array({input(from, key)});
        m_bolts["windows"] = component(part);
        if (part.contains("time") && m_dice.chance(0.6)) {
            add("too-late", {{"kind", "file"}, {"sink", "text"}}, "windows", "late");
        }
        if (m_dice.chance(0.4)) {
            Json top = Json::object({{"kind", "top"},
                                     {"field", key},
                                     {"by", "many"},
                                     {"count", m_dice.pick({1, 3, 10})},
                                     {"every", m_dice.pick<std::string>({"200ms", "2s"})},
                                     {"inputs", Json::array({input("windows", key)})}});
            if (m_dice.chance(0.3)) {
                top["config"] = Json::object({{"topology.tick.tuple.freq.secs", 1}});
            }
            m_bolts["ranks"] = component(top);
            add("keep-ranks", {{"kind", "file"}, {"sink", "text"}}, "ranks");
        } else {
            add("keep-windows", {{"kind", "file"}, {"sink", "text"}}, "windows");
        }
    }

    /// By the time of the reading: of a key with few values each of many would meet each.
    void addJoin(const std::string& from) {
        const std::string key = m_columns.front().name;
        add("some", {{"kind", "where"}, {"condition", fmt::format("{} < 50", number())}}, from);
        Json part = Json::object({{"kind", "join"},
                                  {"key", key},
                                  {"unmatched", m_dice.pick<std::string>({"drop", "keep"})},
                                  {"inputs", Json::array({input(from, key), input("some", key)})}});
        drawWindow(part);
        m_bolts["both"] = component(part);
        add("keep-both", {{"kind", "file"}, {"sink", "text"}}, "both");
    }

    Dice& m_dice;
    Draft& m_draft;
    Json& m_spouts;
    Json& m_bolts;
    Json& m_config;
    std::vector<flow::Column> m_columns;
    int m_formulas = 0;
};

}  // namespace

void addReadings(Dice& dice, Draft& draft, Json& topology) {
    ReadingsMaker(dice, draft, topology).make();
}

}  // namespace millrace::swarm
