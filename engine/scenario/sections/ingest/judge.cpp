#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "engine/ingest/sink.h"
#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections/ingest/ingest_section.h"
#include "engine/scenario/sections/ingest/tables.h"

namespace millrace::scenario {

namespace {

/// Names are equal to SQLite whatever the case of their letters.
std::string folded(std::string_view name) {
    std::string text(name);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

/// Sinks and their tables.
class SinkJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() { checkSinks(); }

private:
    void checkSinks() {
        for (const Member& sink : membersAt(root(), {"sinks"})) {
            referIfSet(sink.value, "host", hostNames, "sinks." + sink.key);
            const bool writesOnce = textOf(sink.value, "write") == "once";
            std::set<std::string> names;
            for (const Member& table : membersAt(sink.value, {"tables"})) {
                const std::string path = fmt::format("sinks.{}.tables.{}", sink.key, table.key);
                const std::string name = folded(table.key);
                if (!names.insert(name).second) {
                    error(table.keyPlace, path, "SQLite takes this table and one above it for the same");
                }
                checkName(table, name, writesOnce, path);
                checkTable(table, path);
            }
            if (writesOnce && names.size() > ingest::tablesOnceMost) {
                error(at(sink.value, {"tables"})->place(), fmt::format("sinks.{}.tables", sink.key),
                      fmt::format("a sink that writes once has {} tables at most", ingest::tablesOnceMost));
            }
        }
    }

    void checkName(const Member& table, const std::string& name, bool writesOnce, const std::string& path) {
        if (name.starts_with("sqlite_")) {
            error(table.keyPlace, path, "SQLite keeps names that begin with sqlite_ for itself");
        } else if (writesOnce && name == "seen") {
            error(table.keyPlace, path, "a sink that writes once has a table of its own with this name");
        }
    }

    void checkTable(const Member& table, const std::string& path) {
        const Value* columns = table.value.find("columns");
        const bool isCounts = textOf(table.value, "kind") == "counts";
        std::size_t index = 0;
        std::set<std::string> names;
        for (const Value& each : columns != nullptr ? columns->items() : std::span<const Value>()) {
            const std::string columnPath = fmt::format("{}.columns[{}]", path, index);
            const auto column = parseColumn(each.asText());
            if (!column) {
                error(each.place(), columnPath,
                      "a column is a name and INTEGER, REAL or TEXT, as in \"status INTEGER\"");
            } else if (!names.insert(folded(column->name)).second) {
                error(each.place(), columnPath, "the table has this column already");
            } else if (isCounts && folded(column->name) == "count") {
                error(each.place(), columnPath, "the count of a table of counts has this name: the key needs another");
            }
            ++index;
        }
        const std::size_t wanted = isCounts ? 1 : index;
        if (columns != nullptr && columns->isList() && (index == 0 || index != wanted)) {
            error(columns->place(), path + ".columns",
                  index == 0 ? "a table needs a column"
                             : "a table of counts has one column, the key; its count comes by itself");
        }
    }
};

}  // namespace

void IngestSection::judge(const Value& root, const KnownNames& known, Complaints& complaints) const {
    SinkJudge(root, known, complaints).judge();
}

void IngestSection::addLoad(const Value& root, HostLoad& load) const {
    for (const std::string_view part : {"sources", "sinks"}) {
        for (const Member& each : membersAt(root, {part})) {
            load.ownHosts += each.value.find("host") == nullptr ? 1 : 0;
        }
    }
    for (const Member& sink : membersAt(root, {"sinks"})) {
        load.listeners[textOf(sink.value, "host")] += 1;
    }
}

}  // namespace millrace::scenario
