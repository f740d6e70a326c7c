#include "engine/ingest/web_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "engine/base/utf8.h"
#include "engine/ingest/journal_kinds.h"

namespace millrace::ingest {
namespace {

using Reason = std::string_view;

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Reads a line from left to right. Each step takes what it names or leaves the place untouched.
class Cursor {
public:
    explicit Cursor(std::string_view line) : m_rest(line) {}

    bool skip(char c) {
        if (m_rest.empty() || m_rest.front() != c) {
            return false;
        }
        m_rest.remove_prefix(1);
        return true;
    }
    /// A run of characters other than blank; empty when there is none.
    std::string_view word() { return take(std::min(m_rest.find(' '), m_rest.size())); }
    /// What stands before the closing quote; a backslash protects the character after it, as Apache and nginx write it.
    bool quoted(std::string_view& text) {
        std::size_t at = 0;
        while (at < m_rest.size() && m_rest[at] != '"') {
            at += m_rest[at] == '\\' ? 2U : 1U;
        }
        text = take(std::min(at, m_rest.size()));
        return skip('"');
    }

private:
    std::string_view take(std::size_t size) {
        const std::string_view taken = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
        return taken;
    }
    std::string_view m_rest;
};

template <class Number>
bool parseNumber(std::string_view text, Number& number) {
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && at == end && !text.empty() && isDigit(text.front());
}

bool areDigits(std::string_view text) {
    for (const char c : text) {
        if (!isDigit(c)) {
            return false;
        }
    }
    return true;
}

/// 17/May/2015:10:05:03 +0000
bool hasFormOfLogTime(std::string_view t) {
    return t.size() == 26 && areDigits(t.substr(0, 2)) && t[2] == '/' && isLetter(t[3]) && isLetter(t[4]) &&
           isLetter(t[5]) && t[6] == '/' && areDigits(t.substr(7, 4)) && t[11] == ':' && areDigits(t.substr(12, 2)) &&
           t[14] == ':' && areDigits(t.substr(15, 2)) && t[17] == ':' && areDigits(t.substr(18, 2)) && t[20] == ' ' &&
           (t[21] == '+' || t[21] == '-') && areDigits(t.substr(22, 4));
}

/// A time of that form that calendars and clocks have; a leap second is one.
bool isLogTime(std::string_view t) {
    if (!hasFormOfLogTime(t)) {
        return false;
    }
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const std::size_t month = months.find(t.substr(3, 3));
    const auto number = [&](std::size_t at, std::size_t digits) {
        int value = 0;
        for (const char c : t.substr(at, digits)) {
            value = value * 10 + (c - '0');
        }
        return value;
    };
    const std::chrono::year_month_day day{std::chrono::year(number(7, 4)),
                                          std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                          std::chrono::day(static_cast<unsigned>(number(0, 2)))};
    return month != std::string_view::npos && month % 3 == 0 && day.ok() && number(12, 2) < 24 && number(15, 2) < 60 &&
           number(18, 2) <= 60 && number(22, 2) < 24 && number(24, 2) < 60;
}

bool isMethod(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}
/// HTTP/1.1, RTSP/1.0
bool isProtocol(std::string_view text) {
    const std::size_t slash = text.find('/');
    return slash != std::string_view::npos && isMethod(text.substr(0, slash)) && slash + 1 < text.size() &&
           std::all_of(text.begin() + static_cast<std::ptrdiff_t>(slash) + 1, text.end(),
                       [](char c) { return isDigit(c) || c == '.'; });
}

/// Servers log whatever a client sent as its request, so one that is not METHOD PATH PROTOCOL still is a request.
void splitRequest(WebLogLine& parsed) {
    const std::string_view request = parsed.request;
    const std::size_t first = request.find(' ');
    if (first == std::string_view::npos || first == 0 || first + 1 == request.size()) {
        return;
    }
    const std::size_t last = request.rfind(' ');
    if (last > first && isProtocol(request.substr(last + 1))) {
        parsed.method = request.substr(0, first);
        parsed.path = request.substr(first + 1, last - first - 1);
        parsed.protocol = request.substr(last + 1);
    } else if (isMethod(request.substr(0, first)) && request[first + 1] == '/') {  // HTTP/0.9
        parsed.method = request.substr(0, first);
        parsed.path = request.substr(first + 1);
    }
}

/// 203.0.113.9, 2001:db8::5, fe80::1%eth0
bool isAddress(std::string_view word) {
    const std::string_view address = word.substr(0, word.find('%'));
    const bool isV6 = std::count(address.begin(), address.end(), ':') >= 2 &&
                      address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
    const bool isV4 = std::count(word.begin(), word.end(), '.') == 3 &&
                      word.find_first_not_of("0123456789.") == std::string_view::npos;
    return isV6 || isV4;
}
/// client.example.org
bool isHostName(std::string_view word) {
    return word.find('.') != std::string_view::npos && std::all_of(word.begin(), word.end(), [](char c) {
               return isDigit(c) || isLetter(c) || c == '.' || c == '-';
           });
}

/// shop.example:443, and no address
bool isNameWithPort(std::string_view word) {
    const std::size_t colon = word.find(':');
    return colon != std::string_view::npos && colon + 1 < word.size() && areDigits(word.substr(colon + 1)) &&
           isHostName(word.substr(0, colon)) && !isAddress(word.substr(0, colon));
}
/// Of "203.0.113.9," and of "203.0.113.9,10.0.0.1" the first: proxies put the addresses that a request came through
/// behind that of its client (X-Forwarded-For).
std::string_view firstOfList(std::string_view word) {
    return word.substr(0, word.find(','));
}

/// What stands before the time: "host ident user" or "name host ident user". The user may hold blanks, or be empty.
struct Front {
    std::string_view rest;

    std::string_view takeWord() {
        const std::string_view word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        return word;
    }
    /// The first word is a virtual host's name: an address follows, or a host's name and "-", or it has a port.
    [[nodiscard]] bool hasNameBefore() const {
        Front front = *this;
        const std::string_view first = front.takeWord();
        const std::string_view second = front.takeWord();
        if (first.find(',') != std::string_view::npos) {
            return false;
        }
        if (isAddress(firstOfList(second)) || isNameWithPort(first)) {
            return true;
        }
        return isHostName(second) && !isAddress(first) && front.takeWord() == "-" && !front.rest.empty();
    }
};

/// Where the time's bracket opens: users may hold brackets too, so it is looked for with what belongs into it, and with
/// the request behind it. Without such a one, the first bracket.
std::size_t findTime(std::string_view line) {
    constexpr std::size_t timeSize = 26;
    const auto bracketAfter = [&](std::size_t at) { return line.find(" [", at); };
    std::size_t likely = std::string_view::npos;
    for (std::size_t at = bracketAfter(0); at != std::string_view::npos; at = bracketAfter(at + 1)) {
        const std::string_view rest = line.substr(at + 2);
        if (rest.size() > timeSize && rest[timeSize] == ']' && isLogTime(rest.substr(0, timeSize))) {
            if (rest.substr(timeSize + 1).starts_with(" \"")) {
                return at;
            }
            likely = std::min(likely, at);
        }
    }
    return likely != std::string_view::npos ? likely : bracketAfter(0);
}

/// Marks where a file began, and what a log that was cut while it was written begins with.
std::string_view withoutMarks(std::string_view line) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    while (line.starts_with('\0') || line.starts_with(mark)) {
        line.remove_prefix(line.starts_with('\0') ? 1 : mark.size());
    }
    if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
    }
    return line;
}

/// Everything up to the time; the reason when something is missing.
Reason parseFront(std::string_view text, bool hasTime, WebLogLine& parsed) {
    Front front{text};
    if (text.empty() || text.front() == ' ') {
        return "no host at the start of the line";
    }
    if (hasTime && front.hasNameBefore()) {
        parsed.virtualHost = front.takeWord();
    }
    std::string_view host = front.takeWord();
    parsed.host = firstOfList(host);
    while (host.ends_with(',')) {
        host = front.takeWord();
    }
    if (front.rest.empty() || front.rest.front() == ' ') {
        return "no identity after the host";
    }
    const bool hasUser = front.rest.find(' ') != std::string_view::npos;
    parsed.ident = front.takeWord();
    parsed.user = front.rest;
    return hasTime && hasUser ? Reason{} : "no user and time after the identity";
}

/// Referrer and agent: what there is of them.
void parseOptionals(Cursor& cursor, WebLogLine& parsed) {
    parsed.isCombined = cursor.skip(' ') && cursor.skip('"');
    if (!parsed.isCombined || !cursor.quoted(parsed.referrer)) {
        return;
    }
    if (cursor.skip(' ') && cursor.skip('"')) {
        cursor.quoted(parsed.agent);
    }
}

}  // namespace

Result<WebLogLine, std::string_view> parseWebLogLine(std::string_view line) {
    line = withoutMarks(line);
    const auto reject = [](Reason reason) { return tl::unexpected<Reason>(reason); };
    WebLogLine parsed;
    const std::size_t bracket = findTime(line);
    const bool hasTime = bracket != std::string_view::npos;
    if (const Reason reason = parseFront(line.substr(0, bracket), hasTime, parsed); !reason.empty()) {
        return reject(reason);
    }
    const std::size_t closing = line.find(']', bracket);
    if (closing == std::string_view::npos) {
        return reject("no closing bracket after the time");
    }
    parsed.time = line.substr(bracket + 2, closing - bracket - 2);
    if (!isLogTime(parsed.time)) {
        return reject(hasFormOfLogTime(parsed.time) ? "no calendar or clock has this time"
                                                    : "the time is not of the form 17/May/2015:10:05:03 +0000");
    }
    Cursor cursor(line.substr(closing + 1));
    if (!cursor.skip(' ') || !cursor.skip('"')) {
        return reject("no quoted request after the time");
    }
    if (!cursor.quoted(parsed.request)) {
        return reject("no closing quote after the request");
    }
    splitRequest(parsed);
    const std::string_view status = cursor.skip(' ') ? cursor.word() : std::string_view{};
    if (status == "-") {
        return reject("the status is a dash: the server has logged none");
    }
    if (!parseNumber(status, parsed.status) || parsed.status < 100 || parsed.status > 999) {
        return reject("the status is not a number of three digits");
    }
    if (!cursor.skip(' ')) {
        return reject("no bytes after the status");
    }
    const std::string_view bytes = cursor.word();
    if (bytes != "-" && !parseNumber(bytes, parsed.bytes)) {
        return reject("the bytes are neither a number nor a dash");
    }
    parseOptionals(cursor, parsed);
    return parsed;
}

std::string sampleOf(const RejectedLine& rejected) {
    constexpr std::size_t sampleMax = 160;
    return storableText(utf8Front(rejected.text, sampleMax));
}

namespace {

/// Reasons stand in the tables of rejected records, whose rows stay as they are; a sentence may say it better.
std::string_view told(std::string_view reason) {
    static constexpr std::pair<std::string_view, std::string_view> wordings[] = {
        {"it is no JSON object", "it is not a JSON object"},
        {"it has not as many values as there are columns", "it has fewer values than columns"}};
    for (const auto& [kept, better] : wordings) {
        if (reason == kept) {
            return better;
        }
    }
    return reason;
}

}  // namespace

sim::JournalDraft lineRejected(const RejectedLine& rejected) {
    sim::JournalDraft draft;
    draft.kind = happened::lineRejected;
    draft.severity = sim::Severity::Warning;
    draft.alike = fmt::format("{}: {}", rejected.source, rejected.reason);
    draft.isOwnReason = true;
    const std::string line = rejected.file.empty() ? std::string{} : std::to_string(rejected.position + 1);
    draft.text = rejected.file.empty()
                     ? fmt::format("Record {} of {}: {}", rejected.position, rejected.source, told(rejected.reason))
                     : fmt::format("Line {} of {}: {}", line, rejected.file.substr(rejected.file.rfind('/') + 1),
                                   told(rejected.reason));
    draft.fields = {{"source", std::string{rejected.source}}, {"position", std::to_string(rejected.position)},
                    {"file", std::string{rejected.file}},     {"line", line},
                    {"reason", std::string{rejected.reason}}, {"text", sampleOf(rejected)}};
    return draft;
}

}  // namespace millrace::ingest
