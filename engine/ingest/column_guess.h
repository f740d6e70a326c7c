#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/datum.h"

namespace millrace::ingest {

/// What the fields of JSON objects or CSV lines are called and of what type they seem to be: the narrowest of BOOLEAN,
/// INTEGER, REAL and TEXT that all values fit that were seen. A guess from a part of a file: who writes a pipeline's
/// columns may write others.
class ColumnGuess {
public:
    /// The first line of a file of CSV may name its columns.
    void look(std::string_view line);
    /// Most lines are JSON objects, or have the same number of values as the first, two at least.
    [[nodiscard]] bool isJson() const { return m_objects * 2 > m_lines; }
    [[nodiscard]] bool isCsv() const { return !isJson() && m_width > 1 && m_even * 10 >= m_lines * 9; }
    /// The first line names the columns: none of its values is a number or a flag, and below one is.
    [[nodiscard]] bool hasHeader() const;
    [[nodiscard]] std::vector<flow::Column> columns() const;
    /// Lines that have been held against it, a header included.
    [[nodiscard]] std::int64_t lines() const { return m_lines; }
    [[nodiscard]] std::int64_t even() const { return isJson() ? m_objects : m_even; }

private:
    struct Seen {
        std::string name;
        bool isFlag = true, isInteger = true, isReal = true;
        std::int64_t values = 0;

        void look(std::string_view text);
        [[nodiscard]] flow::DatumType type() const;
    };
    void lookAtMembers(std::string_view line);
    void lookAtValues(std::string_view line);

    std::int64_t m_lines = 0;
    std::int64_t m_objects = 0;
    std::int64_t m_even = 0;
    std::size_t m_width = 0;
    std::vector<std::string> m_first;
    std::vector<Seen> m_members;  ///< of JSON, as they come up
    std::vector<Seen> m_values;   ///< of CSV, without the first line
};

}  // namespace millrace::ingest
