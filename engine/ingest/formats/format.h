#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/flow/datum.h"

namespace millrace::ingest {

/// The fields of a record in their order, with what they are measured in where that is known.
struct Layout {
    std::vector<flow::Column> columns;
    std::vector<std::string> units;  ///< beside the columns, or empty

    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
    /// The first text: what the readings are of. Formats that know a device, a host or a patient put it there.
    [[nodiscard]] std::optional<std::size_t> subject() const;
};

using Row = std::vector<flow::Datum>;
/// The error is the reason, in words, and has static storage.
using RowResult = Result<Row, std::string_view>;

/// How records are written as text or bytes and read again. Writing and reading by the same layout gives the same row,
/// as far as the format can say it: what it cuts stands in `help`.
struct Format {
    std::string_view name;
    std::string_view help;
    /// The fields that it has; empty: any.
    std::vector<flow::Column> fields;
    void (*write)(const Layout& layout, std::span<const flow::Datum> row, std::string& to) = nullptr;
    RowResult (*read)(const Layout& layout, std::string_view text) = nullptr;
};

/// In the order in which they are listed.
[[nodiscard]] std::span<const Format* const> formats();
[[nodiscard]] const Format* findFormat(std::string_view name);
/// Their names, as choices of a parameter.
[[nodiscard]] std::vector<std::string_view> formatNames();

// The rows.
[[nodiscard]] const Format& jsonFormat();
[[nodiscard]] const Format& csvFormat();
[[nodiscard]] const Format& commonFormat();
[[nodiscard]] const Format& combinedFormat();
[[nodiscard]] const Format& syslog5424Format();
[[nodiscard]] const Format& syslog3164Format();
[[nodiscard]] const Format& nmeaFormat();
[[nodiscard]] const Format& senmlFormat();
[[nodiscard]] const Format& fixFormat();
[[nodiscard]] const Format& hl7Format();
[[nodiscard]] const Format& framedFormat();

/// The members of a JSON object in their order; objects and lists within as their text. The error is the reason.
using JsonMembers = std::vector<std::pair<std::string, flow::Datum>>;
[[nodiscard]] Result<JsonMembers, std::string_view> jsonMembers(std::string_view text);
[[nodiscard]] std::string jsonOf(const JsonMembers& members);

/// The values of a line as RFC 4180 quotes them; nothing when a quote has no end or something stands behind it.
[[nodiscard]] std::optional<std::vector<std::string>> csvValues(std::string_view line);

// Times as formats write them, from and to milliseconds since 1970.

struct CivilTime {
    int year = 1970;
    unsigned month = 1, day = 1;
    unsigned hour = 0, minute = 0, second = 0, milli = 0;
};
[[nodiscard]] CivilTime civilTime(std::int64_t milliseconds);
[[nodiscard]] std::int64_t millisecondsOf(const CivilTime& time);
/// "2015-05-17T10:05:03.250Z", also with an offset, a blank for the T, or without fraction or zone.
[[nodiscard]] std::optional<std::int64_t> instantIn(std::string_view text);
/// "17/May/2015:10:05:03 +0000".
[[nodiscard]] std::optional<std::int64_t> webLogInstantIn(std::string_view text);
/// "May 17 10:05:03", of a year that the text does not say.
[[nodiscard]] std::optional<std::int64_t> syslogInstantIn(std::string_view text, int year = 1970);
[[nodiscard]] std::string_view monthName(unsigned month);

}  // namespace millrace::ingest
