#include "engine/spark/streaming/output.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/utf8.h"

namespace millrace::spark {

namespace {

// Where a column's value comes from, beside the fields of the rows.
constexpr int fromSource = -1;
constexpr int fromPosition = -2;
constexpr int fromBatchTime = -3;
constexpr int fromNowhere = -4;

int columnPlace(const std::vector<std::string>& fields, const std::string& column) {
    const auto at = std::find(fields.begin(), fields.end(), column);
    if (at != fields.end()) {
        return static_cast<int>(at - fields.begin());
    }
    if (column == "source") {
        return fromSource;
    }
    if (column == "position") {
        return fromPosition;
    }
    if (column == "line") {
        const auto value = std::find(fields.begin(), fields.end(), "value");
        return value != fields.end() ? static_cast<int>(value - fields.begin()) : fromNowhere;
    }
    return column == "batch_time" ? fromBatchTime : fromNowhere;
}

ingest::SinkValue sinkValueOf(const Cell& cell, ingest::SinkColumn::Type type) {
    if (cell.isNull()) {
        return {};
    }
    if (cell.isText()) {
        const std::string_view text = cell.asText();
        return isStorableText(text) ? std::string{text} : storableText(text);
    }
    if (type == ingest::SinkColumn::Type::Text) {
        return cell.toText();
    }
    if (cell.kind() == Cell::Kind::Double) {
        return cell.asDouble();
    }
    return cell.asLong();
}

}  // namespace

RowsRef firstRows(const Rows& rows, std::size_t most) {
    auto first = makeRef<Rows>(rows.width);
    first->adopt(rows);
    const std::size_t count = std::min(rows.size(), most);
    first->cells.assign(rows.cells.begin(), rows.cells.begin() + static_cast<std::ptrdiff_t>(count * rows.width));
    return first;
}

std::string rowText(const Rows& rows, std::size_t index) {
    std::string text;
    for (std::size_t field = 0; field < rows.width; ++field) {
        text += (field > 0 ? "," : "") + rows.at(index, field).toText();
    }
    return rows.width > 1 ? "(" + text + ")" : text;
}

OutputRows::OutputRows(const std::string& application, const OutputSpec& output, std::int32_t partition,
                       std::int64_t batchMillis, std::int64_t ordinal)
    : m_output(output),
      m_source(fmt::format("{}/{}/{}", application, output.name, partition)),
      m_batchMillis(batchMillis),
      m_ordinal(ordinal) {
    if (output.sink->kind == ingest::SinkKind::File) {
        return;
    }
    const ingest::SinkTable& table = output.sink->tables[output.table];
    for (const ingest::SinkColumn& column : table.columns) {
        m_columns.push_back(columnPlace(output.fields, column.name));
    }
    if (table.kind == ingest::SinkTable::Kind::Counts) {
        for (const std::string_view name : {"increment", "count"}) {
            const auto at = std::find(output.fields.begin(), output.fields.end(), name);
            if (m_increment < 0 && at != output.fields.end()) {
                m_increment = static_cast<int>(at - output.fields.begin());
            }
        }
    }
}

ingest::SinkWrite OutputRows::writeOf(const Rows& rows, std::size_t index) const {
    ingest::SinkWrite write;
    write.table = m_output.table;
    const bool hasOrigin = index < rows.origins.size() && rows.origins[index].position >= 0 && !rows.sources.empty();
    if (hasOrigin && m_output.isWindowed) {
        // A record stands in several windows: each of them is a result of its own.
        constexpr std::uint32_t spread = 1'000'003;
        write.origin = {std::string{rows.sources[rows.origins[index].source]}, rows.origins[index].position,
                        rows.origins[index].part + static_cast<std::uint32_t>(m_ordinal) * spread};
    } else if (hasOrigin) {
        write.origin = {std::string{rows.sources[rows.origins[index].source]}, rows.origins[index].position,
                        rows.origins[index].part};
    } else {
        write.origin = {m_source, m_ordinal, static_cast<std::uint32_t>(index)};
    }
    if (m_output.sink->kind == ingest::SinkKind::File) {
        std::string line;
        const auto wanted = std::find(m_output.fields.begin(), m_output.fields.end(), m_output.lineField);
        for (std::size_t field = 0; field < rows.width; ++field) {
            if (m_output.lineField.empty() || static_cast<std::ptrdiff_t>(field) == wanted - m_output.fields.begin()) {
                line += (line.empty() ? "" : "\t") + rows.at(index, field).toText();
            }
        }
        write.values.emplace_back(isStorableText(line) ? line : storableText(line));
        return write;
    }
    const ingest::SinkTable& table = m_output.sink->tables[m_output.table];
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        const int place = m_columns[i];
        if (place >= 0) {
            write.values.push_back(sinkValueOf(rows.at(index, static_cast<std::size_t>(place)), table.columns[i].type));
        } else if (place == fromSource) {
            write.values.emplace_back(write.origin.source);
        } else if (place == fromPosition) {
            write.values.emplace_back(write.origin.position);
        } else if (place == fromBatchTime) {
            write.values.emplace_back(m_batchMillis);
        } else {
            write.values.emplace_back();
        }
    }
    if (m_increment >= 0) {
        write.increment = rows.at(index, static_cast<std::size_t>(m_increment)).asLong();
    }
    return write;
}

}  // namespace millrace::spark
