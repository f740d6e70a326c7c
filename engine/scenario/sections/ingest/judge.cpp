#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/expression.h"
#include "engine/ingest/formats/format.h"
#include "engine/ingest/models/model.h"
#include "engine/ingest/sink.h"
#include "engine/ingest/sink_executor.h"
#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections/ingest/ingest_section.h"
#include "engine/scenario/sections/ingest/pipelines.h"
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
            checkForm(source, model);
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
        for (const std::string_view key : {"damage_for", "clock_offset", "clock_drift"}) {
            const bool isSaidAlready = key == "damage_for" && at(source.value, {"flaws", "damaged"}) == nullptr;
            if (const Value* idle = at(source.value, {"flaws", key}); idle != nullptr && !isSaidAlready) {
                warning(idle->place(), fmt::format("sources.{}.flaws.{}", source.key, key),
                        "this changes nothing: lines have no values and no time stamps of their own to be wrong");
            }
        }
        const Value* damage = at(source.value, {"flaws", "damage"});
        static constexpr std::array<std::string_view, 4> ofLines{"any", "bit-flip", "truncation", "encoding"};
        if (damage != nullptr && damage->isText() &&
            std::find(ofLines.begin(), ofLines.end(), damage->asText()) == ofLines.end()) {
            error(damage->place(), fmt::format("sources.{}.flaws.damage", source.key),
                  "only values can be damaged so: a source of lines has none");
        }
    }

    /// Only what is written from values can be written in another form, and only JSON and CSV say which fields there
    /// are.
    void checkForm(const Member& source, const ingest::ModelKind* model) {
        const Value* change = at(source.value, {"flaws", "form_changes_at"});
        if (change == nullptr) {
            return;
        }
        const std::string path = fmt::format("sources.{}.flaws.form_changes_at", source.key);
        const std::string format =
            textOf(source.value, "format", model != nullptr ? std::string(model->usualFormat) : std::string("json"));
        if (model == nullptr) {
            error(change->place(), path, "a source of lines has no fields that could change");
        } else if (format != "json" && format != "csv") {
            error(change->place(), path, fmt::format("the fields of {} are fixed: write json or csv", format));
        }
        const std::string field = textOf(*source.value.find("flaws"), "form_field");
        const bool isNew = textOf(*source.value.find("flaws"), "form_change", "new-field") == "new-field";
        const std::vector<flow::Column> columns = model != nullptr ? model->columns() : std::vector<flow::Column>();
        const bool isThere =
            std::any_of(columns.begin(), columns.end(), [&](const flow::Column& each) { return each.name == field; });
        if (model != nullptr && !field.empty() && isNew == isThere) {
            error(change->place(), fmt::format("sources.{}.flaws.form_field", source.key),
                  isNew ? fmt::format("{} has a field '{}' already", model->about.kind, field)
                        : fmt::format("{} has no field '{}'", model->about.kind, field));
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
            if (textOf(sink.value, "kind") == "warehouse") {
                checkWarehouse(sink, names.empty());
            }
            const auto pipelines = membersAt(root(), {"ingestion"});
            const bool isFed = std::any_of(pipelines.begin(), pipelines.end(),
                                           [&](const Member& each) { return textOf(each.value, "to") == sink.key; });
            if (textOf(sink.value, "kind") == "dashboard" && !isFed) {
                checkAlerts(sink);
                warning(sink.keyPlace, "sinks." + sink.key,
                        "it shows nothing: no pipeline of \"ingestion\" has it in its \"to\"");
            }
            if (writesOnce && names.size() > ingest::tablesOnceMost) {
                error(at(sink.value, {"tables"})->place(), fmt::format("sinks.{}.tables", sink.key),
                      fmt::format("a sink that writes once has {} tables at most", ingest::tablesOnceMost));
            }
        }
    }

    void checkWarehouse(const Member& sink, bool isWithoutTables) {
        const std::string path = "sinks." + sink.key;
        if (isWithoutTables) {
            error(sink.keyPlace, path, "a warehouse needs tables");
        }
        const std::string connection = textOf(sink.value, "connection");
        if (connection.empty()) {
            return;
        }
        const Place place = sink.value.find("connection")->place();
        if (!textOf(sink.value, "path").empty()) {
            error(place, path + ".connection",
                  "a warehouse is a file or a database of PostgreSQL: leave out \"path\" or \"connection\"");
        }
        if (const auto trouble = ingest::troubleWithPostgres(connection)) {
            error(place, path + ".connection", *trouble);
        } else if (ingest::holdsPassword(connection)) {
            warning(place, path + ".connection",
                    "whoever gets this scenario or a recording of it gets the password: PGPASSWORD or the file "
                    "~/.pgpass keeps it elsewhere");
        }
        checkPostgresNames(sink, path);
    }

    void checkPostgresNames(const Member& sink, const std::string& path) {
        if (sink.key.starts_with("pg_")) {
            error(sink.keyPlace, path, "PostgreSQL keeps schemas whose names begin with pg_ for itself");
        }
        if (const auto trouble = ingest::troubleWithPostgresName(sink.key)) {
            error(sink.keyPlace, path, *trouble);
        }
        for (const Member& table : membersAt(sink.value, {"tables"})) {
            const std::string tablePath = fmt::format("{}.tables.{}", path, table.key);
            if (const auto trouble = ingest::troubleWithPostgresName(table.key)) {
                error(table.keyPlace, tablePath, *trouble);
            }
            const Value* columns = table.value.find("columns");
            const bool isList = columns != nullptr && columns->isList();
            for (const Value& each : isList ? columns->items() : std::span<const Value>()) {
                const auto column = each.isText() ? parseColumn(each.asText()) : std::nullopt;
                const auto trouble = column ? ingest::troubleWithPostgresName(column->name) : std::nullopt;
                if (trouble) {
                    error(each.place(), tablePath + ".columns", *trouble);
                }
            }
        }
    }

    /// Without a pipeline nobody knows its fields; whether its conditions can be read is known.
    void checkAlerts(const Member& sink) {
        const Value* alerts = sink.value.find("alerts");
        std::size_t index = 0;
        for (const Value& each : alerts != nullptr && alerts->isList() ? alerts->items() : std::span<const Value>()) {
            const auto condition = each.isText() ? flow::Expression::make(each.asText())
                                                 : Result<Ref<const flow::Expression>, flow::Expression::Trouble>();
            if (!condition) {
                error(each.place(), fmt::format("sinks.{}.alerts[{}]", sink.key, index), condition.error().text());
            }
            ++index;
        }
    }

    void checkName(const Member& table, const std::string& name, bool writesOnce, const std::string& path) {
        if (name.starts_with("sqlite_")) {
            error(table.keyPlace, path, "SQLite keeps names that begin with sqlite_ for itself");
        } else if (writesOnce && name == "seen") {
            error(table.keyPlace, path, "a sink that writes once has a table of its own with this name");
        }
    }

    void checkKey(const Member& table, const std::string& path, const Value* columns) {
        const Value* key = table.value.find("key");
        if (key == nullptr || !key->isList()) {
            return;
        }
        if (textOf(table.value, "kind") != "keyed") {
            error(key->place(), path + ".key", "only a keyed table has a key: write \"kind\": \"keyed\"");
        }
        std::set<std::string> given;
        for (const Value& each :
             columns != nullptr && columns->isList() ? columns->items() : std::span<const Value>()) {
            const auto column = each.isText() ? parseColumn(each.asText()) : std::nullopt;
            given.insert(column ? column->name : std::string());
        }
        std::size_t index = 0;
        for (const Value& each : key->items()) {
            if (each.isText() && !given.contains(each.asText())) {
                error(each.place(), fmt::format("{}.key[{}]", path, index), "there is no such column");
            }
            ++index;
        }
        if (key->items().empty()) {
            error(key->place(), path + ".key", "a key needs a column");
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
        checkKey(table, path, columns);
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
    judgePipelines(root, known, complaints);
}

bool IngestSection::reads(const Value& root, std::string_view source) const {
    const auto pipelines = membersAt(root, {"ingestion"});
    return std::any_of(pipelines.begin(), pipelines.end(),
                       [&](const Member& each) { return textOf(each.value, "source") == source; });
}

void IngestSection::addLoad(const Value& root, HostLoad& load) const {
    for (const std::string_view part : {"sources", "sinks", "ingestion"}) {
        for (const Member& each : membersAt(root, {part})) {
            load.ownHosts += each.value.find("host") == nullptr ? 1 : 0;
        }
    }
    for (const Member& sink : membersAt(root, {"sinks"})) {
        load.listeners[textOf(sink.value, "host")] += 1;
    }
}

}  // namespace millrace::scenario
