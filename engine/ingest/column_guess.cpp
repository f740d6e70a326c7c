#include "engine/ingest/column_guess.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/ingest/formats/format.h"

namespace millrace::ingest {

namespace {

constexpr std::size_t membersMost = 256;

bool isFlagText(std::string_view text) {
    return text == "true" || text == "false";
}

}  // namespace

void ColumnGuess::Seen::look(std::string_view text) {
    if (text.empty()) {
        return;
    }
    ++values;
    isFlag = isFlag && isFlagText(text);
    isInteger = isInteger && flow::wholeNumberIn(text).has_value();
    isReal = isReal && flow::numberIn(text).has_value();
}

flow::DatumType ColumnGuess::Seen::type() const {
    using flow::DatumType;
    if (values == 0) {
        return DatumType::Text;
    }
    return isFlag ? DatumType::Flag : isInteger ? DatumType::Integer : isReal ? DatumType::Real : DatumType::Text;
}

void ColumnGuess::lookAtMembers(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] != '{') {
        return;
    }
    const auto members = jsonMembers(line);
    if (!members) {
        return;
    }
    ++m_objects;
    for (const auto& [name, value] : *members) {
        auto at = std::find_if(m_members.begin(), m_members.end(), [&](const Seen& each) { return each.name == name; });
        if (at == m_members.end()) {
            if (m_members.size() >= membersMost) {
                continue;
            }
            m_members.push_back({name, true, true, true, 0});
            at = m_members.end() - 1;
        }
        if (flow::isNull(value)) {
            continue;
        }
        // A number in quotes is a text to whoever reads it.
        const bool isText = std::holds_alternative<std::string>(value);
        at->look(isText                                ? std::string("text")
                 : std::holds_alternative<bool>(value) ? std::string("true")
                                                       : flow::toText(value));
    }
}

void ColumnGuess::lookAtValues(std::string_view line) {
    auto values = csvValues(line);
    if (!values) {
        return;
    }
    if (m_lines == 1) {
        m_width = values->size();
        m_first = std::move(*values);
        m_values.resize(m_width);
        ++m_even;
        return;
    }
    if (values->size() != m_width) {
        return;
    }
    ++m_even;
    for (std::size_t i = 0; i < m_width; ++i) {
        m_values[i].look((*values)[i]);
    }
}

void ColumnGuess::look(std::string_view line) {
    ++m_lines;
    lookAtMembers(line);
    lookAtValues(line);
}

bool ColumnGuess::hasHeader() const {
    const bool saysNothing = std::none_of(m_first.begin(), m_first.end(), [](const std::string& text) {
        return text.empty() || isFlagText(text) || flow::numberIn(text).has_value();
    });
    const bool isBelow = std::any_of(m_values.begin(), m_values.end(),
                                     [](const Seen& each) { return each.type() != flow::DatumType::Text; });
    return saysNothing && isBelow;
}

std::vector<flow::Column> ColumnGuess::columns() const {
    std::vector<flow::Column> columns;
    columns.reserve(std::max(m_members.size(), m_width));
    if (isJson()) {
        for (const Seen& each : m_members) {
            columns.push_back({each.name, each.type()});
        }
        return columns;
    }
    if (!isCsv()) {
        return columns;
    }
    const bool isNamed = hasHeader();
    for (std::size_t i = 0; i < m_width; ++i) {
        Seen seen = m_values[i];
        if (!isNamed) {
            seen.look(m_first[i]);
        }
        columns.push_back({isNamed ? m_first[i] : fmt::format("column{}", i + 1), seen.type()});
    }
    return columns;
}

}  // namespace millrace::ingest
