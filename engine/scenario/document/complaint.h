#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// One thing that is wrong, or worth knowing, about a scenario: what the Problems dock lists and the terminal prints.
struct Complaint {
    enum class Severity : std::uint8_t { Error, Warning };
    /// What it is about, where a program has to know; people read the message.
    enum class Code : std::uint8_t { Other, RepeatedKey, SourceWithoutProducer, Machine };

    Severity severity = Severity::Error;
    Place place;
    std::string field;
    std::string message;
    Code code = Code::Other;

    friend bool operator==(const Complaint&, const Complaint&) = default;
};

/// Everything that a reading found, in the order of the text.
///
/// A hostile or broken document must not make complaints that nobody can read: fields and messages are one line each,
/// of bounded length.
class Complaints {
public:
    void error(Place place, std::string field, std::string message, Complaint::Code code = Complaint::Code::Other);
    void warning(Place place, std::string field, std::string message, Complaint::Code code = Complaint::Code::Other);
    void append(const Complaints& others);
    void sortByPlace();

    [[nodiscard]] bool hasErrors() const { return m_errors > 0; }
    /// Whether all that keeps it from running is the machine's: no permission to read a file.
    [[nodiscard]] bool areOfTheMachine() const;
    /// So many are wrong that nobody reads what each might have meant: looking for that would take longer than all
    /// else.
    [[nodiscard]] bool areMany() const { return m_errors >= manyErrors; }
    [[nodiscard]] bool empty() const { return m_all.empty(); }
    [[nodiscard]] std::span<const Complaint> all() const { return m_all; }

private:
    void add(Complaint complaint);

    static constexpr std::size_t manyErrors = 100;

    std::vector<Complaint> m_all;
    std::size_t m_errors = 0;
};

/// What a complaint is about that tells such an error.
[[nodiscard]] Complaint::Code codeOf(const Error& error);

/// Text that comes from outside as it can stand in a sentence: control characters as `\xhh`, and no longer than `most`
/// bytes, cut between two characters, with an ellipsis.
[[nodiscard]] std::string shown(std::string_view text, std::size_t most = 80);

/// `FILE:LINE:COLUMN: FIELD: MESSAGE`; what is unknown is left out, a warning says so before its message.
[[nodiscard]] std::string toText(const Complaint& complaint, std::string_view file);

}  // namespace millrace::scenario
