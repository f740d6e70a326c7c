#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/ingest/formats/format.h"
#include "engine/ingest/web_log.h"

namespace millrace::ingest {

namespace {

using flow::Datum;

std::int64_t timeIn(const Layout& layout, std::span<const Datum> row) {
    const auto at = layout.find("time");
    const auto* time = at ? std::get_if<std::int64_t>(&row[*at]) : nullptr;
    return time != nullptr ? *time : 0;
}

std::string textAt(const Layout& layout, std::span<const Datum> row, std::string_view name,
                   std::string_view otherwise) {
    const auto at = layout.find(name);
    const std::string text = at ? flow::toText(row[*at]) : std::string{};
    return text.empty() ? std::string{otherwise} : text;
}

std::string subjectText(const Layout& layout, std::span<const Datum> row) {
    const auto at = layout.subject();
    return at ? flow::toText(row[*at]) : std::string{};
}

/// Sets a column by its name, when there is such a one. False when the text is not of its type.
bool setText(const Layout& layout, Row& row, std::string_view name, std::string_view text) {
    const auto at = layout.find(name);
    if (!at) {
        return true;
    }
    auto datum = flow::datumOf(text, layout.columns[*at].type);
    if (!datum) {
        return false;
    }
    row[*at] = std::move(*datum);
    return true;
}

void setTime(const Layout& layout, Row& row, std::int64_t time) {
    const auto at = layout.find("time");
    if (at && layout.columns[*at].type != flow::DatumType::Text) {
        row[*at] = time;
    }
}

constexpr std::string_view wrongType = "a value has another type than its column";

// --- web server's logs ----------------------------------------------------------------------------------------------

void writeLogLine(const Layout& layout, std::span<const Datum> row, bool isCombined, std::string& to) {
    const CivilTime time = civilTime(timeIn(layout, row));
    const auto text = [&](std::string_view name) { return textAt(layout, row, name, "-"); };
    const std::string bytes = textAt(layout, row, "bytes", "0");
    to +=
        fmt::format("{} {} {} [{:02}/{}/{:04}:{:02}:{:02}:{:02} +0000] \"{} {} {}\" {} {}", text("host"), text("ident"),
                    text("user"), time.day, monthName(time.month), time.year, time.hour, time.minute, time.second,
                    text("method"), text("path"), text("protocol"), text("status"), bytes == "0" ? "-" : bytes);
    if (isCombined) {
        to += fmt::format(" \"{}\" \"{}\"", text("referrer"), text("agent"));
    }
}

RowResult readLogLine(const Layout& layout, std::string_view text) {
    const auto line = parseWebLogLine(text);
    if (!line) {
        return tl::unexpected(line.error());
    }
    const auto time = webLogInstantIn(line->time);
    if (!time) {
        return tl::unexpected(std::string_view{"its time is none of the calendar"});
    }
    Row row(layout.columns.size());
    setTime(layout, row, *time);
    const std::array<std::pair<std::string_view, std::string>, 10> fields{{{"host", std::string{line->host}},
                                                                           {"ident", std::string{line->ident}},
                                                                           {"user", std::string{line->user}},
                                                                           {"method", std::string{line->method}},
                                                                           {"path", std::string{line->path}},
                                                                           {"protocol", std::string{line->protocol}},
                                                                           {"status", std::to_string(line->status)},
                                                                           {"bytes", std::to_string(line->bytes)},
                                                                           {"referrer", std::string{line->referrer}},
                                                                           {"agent", std::string{line->agent}}}};
    for (const auto& [name, value] : fields) {
        if (!setText(layout, row, name, value)) {
            return tl::unexpected(wrongType);
        }
    }
    return row;
}

std::vector<flow::Column> logColumns(bool isCombined) {
    std::vector<flow::Column> columns{
        {"time", flow::DatumType::Integer},  {"host", flow::DatumType::Text},      {"ident", flow::DatumType::Text},
        {"user", flow::DatumType::Text},     {"method", flow::DatumType::Text},    {"path", flow::DatumType::Text},
        {"protocol", flow::DatumType::Text}, {"status", flow::DatumType::Integer}, {"bytes", flow::DatumType::Integer}};
    if (isCombined) {
        columns.push_back({"referrer", flow::DatumType::Text});
        columns.push_back({"agent", flow::DatumType::Text});
    }
    return columns;
}

// --- syslog ---------------------------------------------------------------------------------------------------------

constexpr int priority = 16 * 8 + 6;  // facility local0, severity informational

std::string hostName(const std::string& subject) {
    std::string name;
    for (const char c : subject) {
        name += c > ' ' && c < '\x7f' ? c : '_';
    }
    return name.empty() ? "-" : name;
}

/// Quotes with a backslash before what ends them.
void putQuoted(std::string_view text, std::string& to) {
    to += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\' || c == ']') {
            to += '\\';
        }
        to += c;
    }
    to += '"';
}

void putPairs(const Layout& layout, std::span<const Datum> row, std::string& to) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (layout.columns[i].name != "time" && !flow::isNull(row[i])) {
            to += ' ';
            to += layout.columns[i].name;
            to += '=';
            putQuoted(flow::toText(row[i]), to);
        }
    }
}

/// name="value" and so on, until something else comes; what is left then.
std::optional<std::string_view> readPairs(const Layout& layout, std::string_view rest, Row& row) {
    while (rest.starts_with(' ')) {
        rest.remove_prefix(1);
        const std::size_t equals = rest.find("=\"");
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view name = rest.substr(0, equals);
        rest.remove_prefix(equals + 2);
        std::string value;
        while (!rest.empty() && rest.front() != '"') {
            if (rest.front() == '\\' && rest.size() > 1) {
                rest.remove_prefix(1);
            }
            value += rest.front();
            rest.remove_prefix(1);
        }
        if (rest.empty() || !setText(layout, row, name, value)) {
            return std::nullopt;
        }
        rest.remove_prefix(1);
    }
    return rest;
}

/// The number between angle brackets at the front, taken off.
std::optional<std::int64_t> takePriority(std::string_view& rest) {
    const std::size_t end = rest.find('>');
    if (!rest.starts_with('<') || end == std::string_view::npos) {
        return std::nullopt;
    }
    const auto number = flow::wholeNumberIn(rest.substr(1, end - 1));
    rest.remove_prefix(end + 1);
    return number && *number >= 0 && *number <= 191 ? number : std::nullopt;
}

std::string_view takeWord(std::string_view& rest) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
}

void write5424(const Layout& layout, std::span<const Datum> row, std::string& to) {
    const CivilTime time = civilTime(timeIn(layout, row));
    to += fmt::format("<{}>1 {:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z {} millrace - - [fields@32473", priority,
                      time.year, time.month, time.day, time.hour, time.minute, time.second, time.milli,
                      hostName(subjectText(layout, row)));
    putPairs(layout, row, to);
    to += "] -";
}

RowResult read5424(const Layout& layout, std::string_view text) {
    Row row(layout.columns.size());
    std::string_view rest = text;
    const auto number = takePriority(rest);
    if (!number || takeWord(rest) != "1") {
        return tl::unexpected(std::string_view{"it has no priority and version"});
    }
    const auto time = instantIn(takeWord(rest));
    if (!time) {
        return tl::unexpected(std::string_view{"its time is none of the calendar"});
    }
    const std::string_view host = takeWord(rest);
    const std::string_view app = takeWord(rest);
    (void)takeWord(rest);  // process
    (void)takeWord(rest);  // message id
    const bool fits = setText(layout, row, "host", host) && setText(layout, row, "app", app) &&
                      setText(layout, row, "priority", std::to_string(*number));
    if (rest.starts_with('[')) {
        rest.remove_prefix(std::min(rest.find_first_of(" ]"), rest.size()));
        const auto left = readPairs(layout, rest, row);
        if (!left || !left->starts_with(']')) {
            return tl::unexpected(std::string_view{"its structured data cannot be read"});
        }
        rest = left->substr(1);
        if (rest.starts_with(' ')) {
            rest.remove_prefix(1);
        }
    } else if (takeWord(rest) != "-") {
        return tl::unexpected(std::string_view{"its structured data cannot be read"});
    }
    if (!fits || !setText(layout, row, "message", rest == "-" ? std::string_view{} : rest)) {
        return tl::unexpected(wrongType);
    }
    setTime(layout, row, *time);
    return row;
}

void write3164(const Layout& layout, std::span<const Datum> row, std::string& to) {
    const CivilTime time = civilTime(timeIn(layout, row));
    to += fmt::format("<{}>{} {:>2} {:02}:{:02}:{:02} {} millrace:", priority, monthName(time.month), time.day,
                      time.hour, time.minute, time.second, hostName(subjectText(layout, row)));
    putPairs(layout, row, to);
}

RowResult read3164(const Layout& layout, std::string_view text) {
    Row row(layout.columns.size());
    std::string_view rest = text;
    const auto number = takePriority(rest);
    if (!number || rest.size() < 16) {
        return tl::unexpected(std::string_view{"it has no priority and time"});
    }
    const auto time = syslogInstantIn(rest.substr(0, 15));
    if (!time) {
        return tl::unexpected(std::string_view{"its time is none of the calendar"});
    }
    rest.remove_prefix(16);
    const std::string_view host = takeWord(rest);
    const std::size_t colon = rest.find(':');
    const std::string_view app = colon != std::string_view::npos ? rest.substr(0, colon) : std::string_view{};
    rest.remove_prefix(colon != std::string_view::npos ? colon + 1 : 0);
    const std::string_view message = rest.starts_with(' ') ? rest.substr(1) : rest;
    const bool fits = setText(layout, row, "host", host) && setText(layout, row, "app", app) &&
                      setText(layout, row, "priority", std::to_string(*number)) &&
                      setText(layout, row, "message", message);
    const bool wantsFields = std::any_of(layout.columns.begin(), layout.columns.end(), [](const flow::Column& each) {
        return each.name != "time" && each.name != "host" && each.name != "app" && each.name != "priority" &&
               each.name != "message";
    });
    if (wantsFields && !readPairs(layout, rest, row)) {
        return tl::unexpected(std::string_view{"its fields cannot be read"});
    }
    if (!fits) {
        return tl::unexpected(wrongType);
    }
    setTime(layout, row, *time);
    return row;
}

// --- NMEA 0183 ------------------------------------------------------------------------------------------------------

unsigned checksumOf(std::string_view text) {
    unsigned sum = 0;
    for (const char c : text) {
        sum ^= static_cast<unsigned char>(c);
    }
    return sum;
}

std::string degreesText(double degrees, int digits, char positive, char negative) {
    const double size = std::round(std::abs(degrees) * 60 * 1e4) / (60 * 1e4);  // minutes are written to 1e-4
    const double whole = std::floor(size + 1e-9);
    return fmt::format("{:0{}}{:07.4f},{}", static_cast<int>(whole), digits, std::max(0.0, size - whole) * 60,
                       degrees < 0 ? negative : positive);
}

double realIn(const Layout& layout, std::span<const Datum> row, std::string_view name) {
    const auto at = layout.find(name);
    return at ? flow::asNumber(row[*at]).value_or(0) : 0;
}

constexpr double kilometresPerKnot = 1.852;

/// The recommended minimum sentence (RMC).
void writeNmea(const Layout& layout, std::span<const Datum> row, std::string& to) {
    const CivilTime time = civilTime(timeIn(layout, row));
    const std::string body = fmt::format(
        "GPRMC,{:02}{:02}{:02}.{:03},A,{},{},{:.2f},{:.1f},{:02}{:02}{:02},,,A", time.hour, time.minute, time.second,
        time.milli, degreesText(realIn(layout, row, "latitude"), 2, 'N', 'S'),
        degreesText(realIn(layout, row, "longitude"), 3, 'E', 'W'), realIn(layout, row, "speed") / kilometresPerKnot,
        realIn(layout, row, "course"), time.day, time.month, time.year % 100);
    to += fmt::format("${}*{:02X}", body, checksumOf(body));
}

std::optional<double> degreesIn(std::string_view text, std::size_t digits, bool isNegative) {
    const auto whole = text.size() > digits ? flow::wholeNumberIn(text.substr(0, digits)) : std::nullopt;
    const auto minutes = whole ? flow::numberIn(text.substr(digits)) : std::nullopt;
    if (!minutes || *minutes < 0 || *minutes >= 60) {
        return std::nullopt;
    }
    const double degrees = static_cast<double>(*whole) + *minutes / 60;
    return isNegative ? -degrees : degrees;
}

std::vector<std::string_view> partsOf(std::string_view text, char between) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t at = text.find(between);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(at + 1);
    }
}

std::optional<std::int64_t> nmeaTime(std::string_view time, std::string_view date) {
    if (time.size() < 6 || date.size() != 6) {
        return std::nullopt;
    }
    const std::string text =
        fmt::format("{}{}-{}-{}T{}:{}:{}Z", date.substr(4) < "70" ? "20" : "19", date.substr(4), date.substr(2, 2),
                    date.substr(0, 2), time.substr(0, 2), time.substr(2, 2), time.substr(4));
    return instantIn(text);
}

RowResult readNmea(const Layout& layout, std::string_view text) {
    const std::size_t star = text.rfind('*');
    if (!text.starts_with('$') || star == std::string_view::npos || text.size() - star < 3) {
        return tl::unexpected(std::string_view{"it is no NMEA sentence"});
    }
    const std::string_view body = text.substr(1, star - 1);
    if (fmt::format("{:02X}", checksumOf(body)) != text.substr(star + 1, 2)) {
        return tl::unexpected(std::string_view{"the sentence's checksum is wrong"});
    }
    const std::vector<std::string_view> parts = partsOf(body, ',');
    if (parts.size() < 10 || !parts[0].ends_with("RMC") || parts[2] != "A") {
        return tl::unexpected(std::string_view{"it is no valid RMC sentence"});
    }
    const auto latitude = degreesIn(parts[3], 2, parts[4] == "S");
    const auto longitude = degreesIn(parts[5], 3, parts[6] == "W");
    const auto speed = flow::numberIn(parts[7]);
    const auto course = flow::numberIn(parts[8]);
    const auto time = nmeaTime(parts[1], parts[9]);
    if (!latitude || !longitude || !speed || !course || !time) {
        return tl::unexpected(std::string_view{"a part of the sentence is no number"});
    }
    Row row(layout.columns.size());
    const auto set = [&](std::string_view name, double value) {
        if (const auto at = layout.find(name)) {
            row[*at] = value;
        }
    };
    set("latitude", *latitude);
    set("longitude", *longitude);
    set("speed", *speed * kilometresPerKnot);
    set("course", *course);
    setTime(layout, row, *time);
    return row;
}

// --- FIX ------------------------------------------------------------------------------------------------------------

constexpr char fieldEnd = '\x01';
constexpr int ownTags = 20'000;

/// The tag of a column: the standard's where it has one, else one of the range that is free for users, by its place.
int tagOf(const Layout& layout, std::size_t at) {
    static constexpr std::array<std::pair<std::string_view, int>, 7> known{
        {{"time", 52}, {"symbol", 55}, {"price", 44}, {"size", 38}, {"bid", 132}, {"ask", 133}, {"sequence", 34}}};
    for (const auto& [name, tag] : known) {
        if (layout.columns[at].name == name) {
            return tag;
        }
    }
    return ownTags + static_cast<int>(at);
}

void writeFix(const Layout& layout, std::span<const Datum> row, std::string& to) {
    std::string body = fmt::format("35=X{}", fieldEnd);
    for (std::size_t i = 0; i < row.size(); ++i) {
        const int tag = tagOf(layout, i);
        if (tag == 52) {
            const CivilTime time = civilTime(timeIn(layout, row));
            body += fmt::format("52={:04}{:02}{:02}-{:02}:{:02}:{:02}.{:03}{}", time.year, time.month, time.day,
                                time.hour, time.minute, time.second, time.milli, fieldEnd);
        } else if (!flow::isNull(row[i])) {
            body += fmt::format("{}={}{}", tag, flow::toText(row[i]), fieldEnd);
        }
    }
    const std::string message = fmt::format("8=FIX.4.4{}9={}{}{}", fieldEnd, body.size(), fieldEnd, body);
    unsigned sum = 0;
    for (const char c : message) {
        sum += static_cast<unsigned char>(c);
    }
    to += fmt::format("{}10={:03}{}", message, sum % 256, fieldEnd);
}

std::optional<std::int64_t> fixTime(std::string_view text) {
    if (text.size() < 17 || text[8] != '-') {
        return std::nullopt;
    }
    return instantIn(
        fmt::format("{}-{}-{}T{}Z", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2), text.substr(9)));
}

RowResult readFix(const Layout& layout, std::string_view text) {
    const std::size_t trailer = text.rfind("10=");
    if (!text.starts_with("8=FIX") || trailer == std::string_view::npos || !text.ends_with(fieldEnd) ||
        text.size() - trailer != 7) {
        return tl::unexpected(std::string_view{"it is no FIX message"});
    }
    unsigned sum = 0;
    for (const char c : text.substr(0, trailer)) {
        sum += static_cast<unsigned char>(c);
    }
    if (fmt::format("{:03}", sum % 256) != text.substr(trailer + 3, 3)) {
        return tl::unexpected(std::string_view{"the message's checksum is wrong"});
    }
    Row row(layout.columns.size());
    for (const std::string_view part : partsOf(text.substr(0, trailer), fieldEnd)) {
        const std::size_t equals = part.find('=');
        const auto tag = flow::wholeNumberIn(part.substr(0, equals));
        if (!tag || equals == std::string_view::npos) {
            continue;
        }
        const std::string_view value = part.substr(equals + 1);
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (tagOf(layout, i) != *tag) {
                continue;
            }
            if (*tag == 52) {
                const auto time = fixTime(value);
                if (!time) {
                    return tl::unexpected(std::string_view{"its time is none of the calendar"});
                }
                row[i] = *time;
            } else if (auto datum = flow::datumOf(value, layout.columns[i].type)) {
                row[i] = std::move(*datum);
            } else {
                return tl::unexpected(wrongType);
            }
        }
    }
    return row;
}

// --- HL7 ------------------------------------------------------------------------------------------------------------

std::string escapedHl7(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '|':
                escaped += "\\F\\";
                break;
            case '^':
                escaped += "\\S\\";
                break;
            case '&':
                escaped += "\\T\\";
                break;
            case '~':
                escaped += "\\R\\";
                break;
            case '\\':
                escaped += "\\E\\";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

std::string plainHl7(std::string_view text) {
    static constexpr std::string_view names = "FSTRE";
    static constexpr std::string_view meant = "|^&~\\";
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool isEscape = text[i] == '\\' && i + 2 < text.size() && text[i + 2] == '\\';
        const std::size_t which = isEscape ? names.find(text[i + 1]) : std::string_view::npos;
        plain += which != std::string_view::npos ? meant[which] : text[i];
        i += which != std::string_view::npos ? 2 : 0;
    }
    return plain;
}

/// An unsolicited observation (ORU^R01), version 2.5: the subject is the patient, an OBX segment for each value.
void writeHl7(const Layout& layout, std::span<const Datum> row, std::string& to) {
    const CivilTime time = civilTime(timeIn(layout, row));
    const std::string stamp = fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}.{:03}", time.year, time.month, time.day,
                                          time.hour, time.minute, time.second, time.milli);
    to += fmt::format("MSH|^~\\&|MONITOR|WARD|MILLRACE||{}||ORU^R01|{}|P|2.5\rPID|||{}\rOBR|1|||VITALS\r", stamp,
                      timeIn(layout, row), escapedHl7(subjectText(layout, row)));
    int number = 0;
    const auto subject = layout.subject();
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i == subject || layout.columns[i].name == "time" || flow::isNull(row[i])) {
            continue;
        }
        const bool isText =
            layout.columns[i].type == flow::DatumType::Text || layout.columns[i].type == flow::DatumType::Flag;
        to += fmt::format("OBX|{}|{}|{}||{}|{}|||||F\r", ++number, isText ? "ST" : "NM", layout.columns[i].name,
                          escapedHl7(flow::toText(row[i])),
                          i < layout.units.size() ? escapedHl7(layout.units[i]) : std::string{});
    }
}

RowResult readHl7(const Layout& layout, std::string_view text) {
    if (!text.starts_with("MSH|^~\\&|")) {
        return tl::unexpected(std::string_view{"it is no HL7 message"});
    }
    Row row(layout.columns.size());
    for (const std::string_view segment : partsOf(text, '\r')) {
        const std::vector<std::string_view> parts = partsOf(segment, '|');
        if (parts[0] == "MSH") {
            if (parts.size() < 12 || parts[8] != "ORU^R01" || parts[6].size() < 14) {
                return tl::unexpected(std::string_view{"it is no observation (ORU^R01)"});
            }
            const std::string_view at = parts[6];
            const auto time = instantIn(fmt::format("{}-{}-{}T{}:{}:{}Z", at.substr(0, 4), at.substr(4, 2),
                                                    at.substr(6, 2), at.substr(8, 2), at.substr(10, 2), at.substr(12)));
            if (!time) {
                return tl::unexpected(std::string_view{"its time is none of the calendar"});
            }
            setTime(layout, row, *time);
        } else if (parts[0] == "PID" && parts.size() > 3) {
            if (const auto subject = layout.subject()) {
                row[*subject] = plainHl7(parts[3]);
            }
        } else if (parts[0] == "OBX") {
            if (parts.size() < 6) {
                return tl::unexpected(std::string_view{"an observation is cut off"});
            }
            if (!setText(layout, row, parts[3], plainHl7(parts[5]))) {
                return tl::unexpected(wrongType);
            }
        } else if (!segment.empty() && parts[0] != "OBR") {
            return tl::unexpected(std::string_view{"it has a segment that no observation has"});
        }
    }
    return row;
}

}  // namespace

const Format& commonFormat() {
    static const Format row{"common", "A line of a web server's log; times to the second.", logColumns(false),
                            [](const Layout& layout, std::span<const Datum> values, std::string& to) {
                                writeLogLine(layout, values, false, to);
                            },
                            readLogLine};
    return row;
}

const Format& combinedFormat() {
    static const Format row{"combined", "The same with referrer and agent.", logColumns(true),
                            [](const Layout& layout, std::span<const Datum> values, std::string& to) {
                                writeLogLine(layout, values, true, to);
                            },
                            readLogLine};
    return row;
}

const Format& syslog5424Format() {
    static const Format row{"syslog-5424", "RFC 5424, the fields as structured data.", {}, write5424, read5424};
    return row;
}

const Format& syslog3164Format() {
    static const Format row{
        "syslog-3164", "The older form: times to the second and without a year.", {}, write3164, read3164};
    return row;
}

const Format& nmeaFormat() {
    static const Format row{"nmea",
                            "The RMC sentence of a position, with a checksum; to 0.0001 minutes and 0.01 knots.",
                            {{"time", flow::DatumType::Integer},
                             {"latitude", flow::DatumType::Real},
                             {"longitude", flow::DatumType::Real},
                             {"speed", flow::DatumType::Real},
                             {"course", flow::DatumType::Real}},
                            writeNmea,
                            readNmea};
    return row;
}

const Format& fixFormat() {
    static const Format row{"fix",
                            "Tags and values with a checksum; columns without a tag of the standard's have 20000 and "
                            "their place.",
                            {},
                            writeFix,
                            readFix};
    return row;
}

const Format& hl7Format() {
    static const Format row{
        "hl7", "An observation (ORU^R01) of version 2.5, an OBX segment a value.", {}, writeHl7, readHl7};
    return row;
}

}  // namespace millrace::ingest
