#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ingest/formats/format.h"
#include "engine/ingest/models/model.h"
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

/// Sources: what needs a time of its own needs a rate.
class SourceJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() {
        for (const Member& source : membersAt(root(), {"sources"})) {
            const std::string kind = textOf(source.value, "kind");
            const std::string rate = textOf(source.value, "rate");
            const ingest::ModelKind* model = ingest::findModelKind(kind);
            if (model == nullptr) {
                checkDamage(source);
            } else {
                checkFormat(source, *model);
            }
            if ((kind != "file" && kind != "generator") || (!rate.empty() && rate != "max")) {
                continue;
            }
            const std::string path = "sources." + source.key;
            for (const std::string_view key : {"bursts", "keeps"}) {
                refuse(source.value.find(key), path + "." + std::string{key});
            }
            for (const std::string_view key : {"late", "duplicated"}) {
                refuse(at(source.value, {"flaws", key}), path + ".flaws." + std::string{key});
            }
        }
    }

private:
    /// Lines have no values to be wrong.
    void checkDamage(const Member& source) {
        const Value* damage = at(source.value, {"flaws", "damage"});
        static constexpr std::array<std::string_view, 4> ofLines{"any", "bit-flip", "truncation", "encoding"};
        if (damage != nullptr && damage->isText() &&
            std::find(ofLines.begin(), ofLines.end(), damage->asText()) == ofLines.end()) {
            error(damage->place(), fmt::format("sources.{}.flaws.damage", source.key),
                  "only values can be damaged so: a source of lines has none");
        }
    }

    void checkFormat(const Member& source, const ingest::ModelKind& model) {
        const Value* written = source.value.find("format");
        const ingest::Format* format =
            written != nullptr && written->isText() ? ingest::findFormat(written->asText()) : nullptr;
        const std::vector<flow::Column> columns = model.columns();
        for (const flow::Column& wanted : format != nullptr ? format->fields : std::vector<flow::Column>()) {
            const bool has = std::any_of(columns.begin(), columns.end(),
                                         [&](const flow::Column& each) { return each.name == wanted.name; });
            if (!has) {
                error(
                    written->place(), fmt::format("sources.{}.format", source.key),
                    fmt::format("{} has a '{}', which {} does not read", format->name, wanted.name, model.about.kind));
                return;
            }
        }
    }

    void refuse(const Value* value, const std::string& path) {
        if (value != nullptr) {
            error(value->place(), path, "this needs a \"rate\": a source that is read as fast as it goes has no times");
        }
    }
};

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
    SourceJudge(root, known, complaints).judge();
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
