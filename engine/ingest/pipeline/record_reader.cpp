#include "engine/ingest/pipeline/record_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/check.h"

namespace millrace::ingest {

namespace {

constexpr std::uint32_t noticedAfter = 5;  // records in a row
constexpr std::size_t streaksMost = 64;

/// A value of another type than its column, as far as it can be one: a number that is written as text, a whole one
/// where a real one was, else what it is.
flow::Datum asType(const flow::Datum& value, flow::DatumType type) {
    const auto datum = flow::datumOf(flow::toText(value), type);
    return datum ? *datum : value;
}

bool fits(const flow::Datum& value, flow::DatumType type) {
    switch (type) {
        case flow::DatumType::Flag:
            return std::holds_alternative<bool>(value);
        case flow::DatumType::Integer:
            return std::holds_alternative<std::int64_t>(value);
        case flow::DatumType::Real:
            return std::holds_alternative<double>(value) || std::holds_alternative<std::int64_t>(value);
        case flow::DatumType::Text:
            break;
    }
    return true;
}

}  // namespace

std::string SchemaDrift::text() const {
    switch (what) {
        case What::NewField:
            return fmt::format("a new field '{}'", field);
        case What::MissingField:
            return fmt::format("no field '{}' any more", field);
        case What::Retyped:
            break;
    }
    return fmt::format("another type in field '{}'", field);
}

bool RecordReader::note(const std::vector<Key>& deviations, std::vector<SchemaDrift>& news) {
    std::erase_if(m_streaks, [&](const auto& each) {
        return each.second < noticedAfter &&
               std::find(deviations.begin(), deviations.end(), each.first) == deviations.end();
    });
    bool isNoticed = false;
    for (const Key& each : deviations) {
        if (m_streaks.size() >= streaksMost && !m_streaks.contains(each)) {
            continue;
        }
        std::uint32_t& streak = m_streaks[each];
        isNoticed = isNoticed || streak >= noticedAfter;
        if (streak < noticedAfter && ++streak == noticedAfter) {
            news.push_back({each.first, each.second});
            isNoticed = true;
        }
    }
    m_drifted += isNoticed ? 1 : 0;
    return isNoticed;
}

std::vector<RecordReader::Key> RecordReader::deviationsOf(const JsonMembers& members) const {
    std::vector<Key> deviations;
    for (const auto& [name, value] : members) {
        const auto at = m_layout.find(name);
        if (!at) {
            deviations.emplace_back(SchemaDrift::What::NewField, name);
        } else if (!flow::isNull(value) && !fits(value, m_layout.columns[*at].type)) {
            deviations.emplace_back(SchemaDrift::What::Retyped, name);
        }
    }
    for (std::size_t i = 0; i < m_layout.columns.size(); ++i) {
        const std::string& name = m_layout.columns[i].name;
        const bool isThere =
            std::any_of(members.begin(), members.end(), [&](const auto& each) { return each.first == name; });
        if (!isThere && i < m_wasThere.size() && m_wasThere[i]) {
            deviations.emplace_back(SchemaDrift::What::MissingField, name);
        }
    }
    return deviations;
}

Result<void, std::string> RecordReader::readMembers(PipelineRecord& record, std::vector<SchemaDrift>& news) {
    auto members = jsonMembers(record.text);
    if (!members) {
        return tl::unexpected(std::string(members.error()));
    }
    m_wasThere.resize(m_layout.columns.size());
    const std::vector<Key> deviations = deviationsOf(*members);
    const bool isNoticed = note(deviations, news);
    if (isNoticed && m_policy == DriftPolicy::Fail) {
        const Key& first = deviations.front();
        return tl::unexpected("the form has changed: " + SchemaDrift{first.first, first.second}.text());
    }
    record.row.assign(m_layout.columns.size(), flow::Datum{});
    for (auto& [name, value] : *members) {
        const auto at = m_layout.find(name);
        if (!at) {
            if (m_policy == DriftPolicy::Evolve && isNoticed) {
                record.more.emplace_back(name, std::move(value));
            }
            continue;
        }
        const flow::DatumType type = m_layout.columns[*at].type;
        if (flow::isNull(value)) {
            continue;
        }
        if (!fits(value, type)) {
            if (m_policy != DriftPolicy::Evolve) {
                return tl::unexpected(fmt::format("{} has another type than its column", name));
            }
            value = asType(value, type);
        } else if (type == flow::DatumType::Text && !std::holds_alternative<std::string>(value)) {
            value = flow::toText(value);
        } else if (type == flow::DatumType::Real) {
            value = flow::asNumber(value).value_or(0);
        }
        m_wasThere[*at] = true;
        record.row[*at] = std::move(value);
    }
    return {};
}

/// CSV: values more or fewer than columns are new fields at the end, or missing ones.
Result<void, std::string> RecordReader::readValues(PipelineRecord& record, std::vector<SchemaDrift>& news) {
    const auto values = csvValues(record.text);
    if (!values) {
        return tl::unexpected(std::string("a quote has no end, or something stands behind it"));
    }
    const std::size_t columns = m_layout.columns.size();
    std::vector<Key> deviations;
    for (std::size_t i = columns; i < values->size(); ++i) {
        deviations.emplace_back(SchemaDrift::What::NewField, fmt::format("column{}", i + 1));
    }
    for (std::size_t i = values->size(); i < columns; ++i) {
        deviations.emplace_back(SchemaDrift::What::MissingField, m_layout.columns[i].name);
    }
    record.row.assign(columns, flow::Datum{});
    std::string retyped;
    for (std::size_t i = 0; i < std::min(columns, values->size()); ++i) {
        const flow::Column& column = m_layout.columns[i];
        if (auto datum = flow::datumOf((*values)[i], column.type)) {
            record.row[i] = std::move(*datum);
        } else {
            deviations.emplace_back(SchemaDrift::What::Retyped, column.name);
            retyped = column.name;
            record.row[i] = (*values)[i];
        }
    }
    const bool isNoticed = note(deviations, news);
    if (isNoticed && m_policy == DriftPolicy::Fail) {
        return tl::unexpected("the form has changed: " +
                              SchemaDrift{deviations.front().first, deviations.front().second}.text());
    }
    if (m_policy != DriftPolicy::Evolve && !retyped.empty()) {
        return tl::unexpected(fmt::format("{} has another type than its column", retyped));
    }
    if (values->size() != columns && !isNoticed) {
        return tl::unexpected(fmt::format("it has {} values instead of {}", values->size(), columns));
    }
    for (std::size_t i = columns; i < values->size() && m_policy == DriftPolicy::Evolve; ++i) {
        record.more.emplace_back(fmt::format("column{}", i + 1), (*values)[i]);
    }
    return {};
}

Result<void, std::string> RecordReader::readPlain(PipelineRecord& record) const {
    RowResult row = m_format->read(m_layout, record.text);
    if (!row) {
        return tl::unexpected(std::string(row.error()));
    }
    record.row = std::move(*row);
    return {};
}

Result<void, std::string> RecordReader::read(PipelineRecord& record, std::vector<SchemaDrift>& news) {
    record.more.clear();
    if (m_format == nullptr) {
        record.row = {record.text};
        return {};
    }
    if (m_format == &jsonFormat()) {
        return readMembers(record, news);
    }
    return m_format == &csvFormat() ? readValues(record, news) : readPlain(record);
}

}  // namespace millrace::ingest
