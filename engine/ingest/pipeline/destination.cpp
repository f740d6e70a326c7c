#include "engine/ingest/pipeline/destination.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace millrace::ingest {

namespace {

SinkValue sinkValueOf(const flow::Datum& datum) {
    if (const auto* flag = std::get_if<bool>(&datum)) {
        return std::int64_t{*flag ? 1 : 0};
    }
    if (const auto* whole = std::get_if<std::int64_t>(&datum)) {
        return *whole;
    }
    if (const auto* real = std::get_if<double>(&datum)) {
        return *real;
    }
    const auto* text = std::get_if<std::string>(&datum);
    return text != nullptr ? SinkValue{*text} : SinkValue{};
}

Result<TableBinding, StepTrouble> bindingOf(const SinkSpec& sink, std::uint32_t index,
                                            const std::vector<flow::Column>& columns) {
    const SinkTable& table = sink.tables[index];
    TableBinding binding{index, {}};
    for (const SinkColumn& column : table.columns) {
        const auto at = columnIn(columns, column.name);
        if (!at) {
            std::vector<std::string_view> names;
            names.reserve(columns.size());
            for (const flow::Column& each : columns) {
                names.push_back(each.name);
            }
            return stepTrouble("tables", fmt::format("table {} of {} has a column '{}', and the rows have only {}",
                                                     table.name, sink.id, column.name, fmt::join(names, ", ")));
        }
        binding.fields.push_back(*at);
    }
    return binding;
}

}  // namespace

std::string jsonOf(const std::vector<flow::Column>& columns, const PipelineRecord& record) {
    JsonMembers members;
    for (std::size_t i = 0; i < columns.size() && i < record.row.size(); ++i) {
        members.emplace_back(columns[i].name, record.row[i]);
    }
    members.insert(members.end(), record.more.begin(), record.more.end());
    return jsonOf(members);
}

Result<Destination, StepTrouble> Destination::make(Ref<const SinkSpec> sink, const std::vector<flow::Column>& columns,
                                                   const std::vector<std::string>& tables,
                                                   const std::vector<std::string>& key) {
    Destination made;
    made.m_sink = std::move(sink);
    made.m_columns = columns;
    for (const std::string& field : key) {
        const auto at = columnIn(columns, field);
        if (!at) {
            return noSuchField("key", field, columns);
        }
        made.m_key.push_back(*at);
    }
    if (made.m_sink->kind != SinkKind::Sqlite) {
        if (!tables.empty()) {
            return stepTrouble("tables", fmt::format("{} has no tables", made.m_sink->id));
        }
        return made;
    }
    std::vector<std::string> names = tables;
    for (const SinkTable& each : made.m_sink->tables) {
        if (tables.empty()) {
            names.push_back(each.name);
        }
    }
    for (const std::string& name : names) {
        const int index = made.m_sink->findTable(name);
        if (index < 0) {
            return stepTrouble("tables", fmt::format("{} has no table '{}'", made.m_sink->id, name));
        }
        auto binding = bindingOf(*made.m_sink, static_cast<std::uint32_t>(index), columns);
        if (!binding) {
            return tl::unexpected(std::move(binding.error()));
        }
        made.m_tables.push_back(std::move(*binding));
    }
    return made;
}

std::vector<flow::Column> Destination::rejectColumns() {
    using flow::DatumType;
    return {{"source", DatumType::Text},
            {"position", DatumType::Integer},
            {"step", DatumType::Text},
            {"reason", DatumType::Text},
            {"line", DatumType::Text}};
}

Result<Destination, StepTrouble> Destination::ofRejects(Ref<const SinkSpec> sink) {
    const std::vector<flow::Column> columns = rejectColumns();
    if (sink->kind != SinkKind::Sqlite) {
        return make(std::move(sink), columns, {}, {"source", "position"});
    }
    constexpr std::string_view name = "rejected";
    if (sink->findTable(name) < 0) {
        return stepTrouble(
            "dead_letters",
            fmt::format("{} needs a table rejected with columns out of source, position, step, reason, line",
                        sink->id));
    }
    auto made = make(std::move(sink), columns, {std::string(name)}, {});
    if (!made) {
        return stepTrouble("dead_letters", std::move(made.error().reason));
    }
    return made;
}

Result<Destination, StepTrouble> Destination::ofLanding(Ref<const SinkSpec> sink) {
    using flow::DatumType;
    const flow::Column line{"line", DatumType::Text};
    if (sink->kind != SinkKind::Sqlite) {
        auto made = make(std::move(sink), {line}, {}, {});
        if (!made) {
            return stepTrouble("land", std::move(made.error().reason));
        }
        return made;
    }
    constexpr std::string_view name = "raw";
    if (sink->findTable(name) < 0) {
        return stepTrouble("land",
                           fmt::format("{} needs a table raw with columns out of source, position, line", sink->id));
    }
    auto made = make(std::move(sink), {{"source", DatumType::Text}, {"position", DatumType::Integer}, line},
                     {std::string(name)}, {});
    if (!made) {
        return stepTrouble("land", std::move(made.error().reason));
    }
    return made;
}

PipelineRecord Destination::landingRow(const PipelineRecord& record) const {
    PipelineRecord row;
    row.origin = record.origin;
    row.measured = record.measured;
    row.millis = record.millis;
    if (m_columns.size() == 1) {
        row.row = {record.text};
    } else {
        row.row = {record.origin.source, record.origin.position, record.text};
    }
    return row;
}

PipelineRecord Destination::rejectRow(const RejectedRecord& rejected, const std::vector<flow::Column>& columns) {
    PipelineRecord row;
    row.origin = rejected.record.origin;
    row.measured = rejected.record.measured;
    row.millis = rejected.record.millis;
    const std::string& text = rejected.record.text;
    row.row = {rejected.record.origin.source, rejected.record.origin.position, rejected.step, rejected.reason,
               text.empty() ? jsonOf(columns, rejected.record) : text};
    return row;
}

std::string Destination::keyOf(const PipelineRecord& record) const {
    std::string key;
    for (const std::size_t at : m_key) {
        key += (key.empty() ? "" : "/") + flow::toText(record.row[at]);
    }
    return key;
}

std::string Destination::documentOf(const PipelineRecord& record) const {
    if (!m_key.empty()) {
        return keyOf(record);
    }
    return record.origin.part == 0
               ? fmt::format("{}/{}", record.origin.source, record.origin.position)
               : fmt::format("{}/{}/{}", record.origin.source, record.origin.position, record.origin.part);
}

std::string Destination::lineOf(const PipelineRecord& record) const {
    const bool isPlain = m_columns.size() == 1 && m_columns.front().name == "line" && record.more.empty();
    if (isPlain) {
        return flow::toText(record.row.front());
    }
    if (m_sink->kind != SinkKind::Lake || !m_sink->lake.isCsv) {
        return jsonOf(m_columns, record);
    }
    std::string line;
    csvFormat().write(Layout{m_columns, {}}, record.row, line);
    return line;
}

void Destination::addWrites(const PipelineRecord& record, std::vector<SinkWrite>& writes) const {
    const auto add = [&](std::uint32_t table, std::vector<SinkValue> values) {
        writes.push_back({table, record.origin, std::move(values), 1});
    };
    switch (m_sink->kind) {
        case SinkKind::Sqlite:
            for (const TableBinding& each : m_tables) {
                std::vector<SinkValue> values;
                values.reserve(each.fields.size());
                for (const std::size_t at : each.fields) {
                    values.push_back(sinkValueOf(record.row[at]));
                }
                add(each.table, std::move(values));
            }
            break;
        case SinkKind::Documents:
            add(0, {documentOf(record), jsonOf(m_columns, record)});
            break;
        case SinkKind::Lake:
            add(0, {m_sink->lake.folderOf(record.millis), lineOf(record)});
            break;
        case SinkKind::Dashboard: {
            std::vector<SinkValue> values{keyOf(record), nanoseconds(record.measured)};
            for (const flow::Datum& each : record.row) {
                values.push_back(sinkValueOf(each));
            }
            add(0, std::move(values));
            break;
        }
        case SinkKind::Topic:
            add(0, {m_key.empty() ? SinkValue{} : SinkValue{keyOf(record)}, lineOf(record)});
            break;
        case SinkKind::File:
        case SinkKind::Archive:
            add(0, {lineOf(record)});
            break;
    }
}

std::string Destination::header() const {
    std::vector<std::string_view> names;
    names.reserve(m_columns.size());
    for (const flow::Column& each : m_columns) {
        names.push_back(each.name);
    }
    return fmt::format("{}", fmt::join(names, ","));
}

bool Destination::isKeyed() const {
    return m_sink->kind == SinkKind::Documents || m_sink->kind == SinkKind::Dashboard ||
           (!m_tables.empty() && std::all_of(m_tables.begin(), m_tables.end(),
                                             [&](const TableBinding& each) { return m_sink->isKeyed(each.table); }));
}

}  // namespace millrace::ingest
