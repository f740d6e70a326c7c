#include "engine/scenario/references/judge.h"

#include <fmt/format.h>

#include "engine/scenario/references.h"

namespace millrace::scenario {

namespace {

/// Sinks and their tables.
class SinkJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() { checkSinks(); }

private:
    void checkSinks() {
        for (const Member& sink : membersAt(root(), {"sinks"})) {
            referIfSet(sink.value, "host", "host", known().hosts, "sinks." + sink.key);
            for (const Member& table : membersAt(sink.value, {"tables"})) {
                checkTable(table, fmt::format("sinks.{}.tables.{}", sink.key, table.key));
            }
        }
    }

    void checkTable(const Member& table, const std::string& path) {
        const Value* columns = table.value.find("columns");
        std::size_t index = 0;
        for (const Value& each : columns != nullptr ? columns->items() : std::span<const Value>()) {
            if (!parseColumn(each.asText())) {
                error(each.place(), fmt::format("{}.columns[{}]", path, index),
                      "a column is a name and INTEGER, REAL or TEXT, as in \"status INTEGER\"");
            }
            ++index;
        }
        const std::size_t wanted = textOf(table.value, "kind") == "counts" ? 1 : index;
        if (columns != nullptr && columns->isList() && (index == 0 || index != wanted)) {
            error(columns->place(), path + ".columns",
                  index == 0 ? "a table needs a column"
                             : "a table of counts has one column, the key; its count comes by itself");
        }
    }
};

}  // namespace

void judgeSinks(const Value& root, const KnownNames& known, Complaints& complaints) {
    SinkJudge(root, known, complaints).judge();
}

}  // namespace millrace::scenario
