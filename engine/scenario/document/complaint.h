#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// One thing that is wrong, or worth knowing, about a scenario: what the Problems dock lists and the terminal prints.
struct Complaint {
    enum class Severity : std::uint8_t { Error, Warning };

    Severity severity = Severity::Error;
    Place place;
    std::string field;
    std::string message;

    friend bool operator==(const Complaint&, const Complaint&) = default;
};

/// Everything that a reading found, in the order of the text.
class Complaints {
public:
    void error(Place place, std::string field, std::string message);
    void warning(Place place, std::string field, std::string message);
    void append(const Complaints& others);
    void sortByPlace();

    [[nodiscard]] bool hasErrors() const;
    [[nodiscard]] bool empty() const { return m_all.empty(); }
    [[nodiscard]] std::span<const Complaint> all() const { return m_all; }

private:
    std::vector<Complaint> m_all;
};

/// `FILE:LINE:COLUMN: FIELD: MESSAGE`; what is unknown is left out, a warning says so before its message.
[[nodiscard]] std::string toText(const Complaint& complaint, std::string_view file);

}  // namespace millrace::scenario
