#include "engine/ingest/web_log.h"

#include <fmt/format.h>

#include <charconv>

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

    [[nodiscard]] bool atEnd() const { return m_rest.empty(); }
    bool skip(char c) {
        if (m_rest.empty() || m_rest.front() != c) {
            return false;
        }
        m_rest.remove_prefix(1);
        return true;
    }
    /// A run of characters other than blank; empty when there is none.
    std::string_view word() { return take(std::min(m_rest.find(' '), m_rest.size())); }
    /// Up to `end`, which is taken but not returned. False without it: then the rest is in `text`.
    bool until(char end, std::string_view& text) {
        const std::size_t at = m_rest.find(end);
        text = take(std::min(at, m_rest.size()));
        return skip(end);
    }
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
bool isLogTime(std::string_view t) {
    return t.size() == 26 && areDigits(t.substr(0, 2)) && t[2] == '/' && isLetter(t[3]) && isLetter(t[4]) &&
           isLetter(t[5]) && t[6] == '/' && areDigits(t.substr(7, 4)) && t[11] == ':' && areDigits(t.substr(12, 2)) &&
           t[14] == ':' && areDigits(t.substr(15, 2)) && t[17] == ':' && areDigits(t.substr(18, 2)) && t[20] == ' ' &&
           (t[21] == '+' || t[21] == '-') && areDigits(t.substr(22, 4));
}

/// Servers log whatever a client sent as its request, so one that is not METHOD PATH PROTOCOL still is a request.
void splitRequest(WebLogLine& parsed) {
    const std::size_t first = parsed.request.find(' ');
    const std::size_t last = parsed.request.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return;
    }
    parsed.method = parsed.request.substr(0, first);
    parsed.path = parsed.request.substr(first + 1, last - first - 1);
    parsed.protocol = parsed.request.substr(last + 1);
}

/// Referrer and agent: what there is of them.
void parseOptionals(Cursor& cursor, WebLogLine& parsed) {
    if (!cursor.skip(' ') || !cursor.skip('"') || !cursor.quoted(parsed.referrer)) {
        return;
    }
    if (cursor.skip(' ') && cursor.skip('"')) {
        cursor.quoted(parsed.agent);
    }
}

}  // namespace

Result<WebLogLine, std::string_view> parseWebLogLine(std::string_view line) {
    if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
    }
    const auto reject = [](Reason reason) { return tl::unexpected<Reason>(reason); };
    Cursor cursor(line);
    WebLogLine parsed;

    parsed.host = cursor.word();
    if (parsed.host.empty()) {
        return reject("no host at the start of the line");
    }
    if (!cursor.skip(' ') || (parsed.ident = cursor.word()).empty()) {
        return reject("no identity after the host");
    }
    // A user's name may hold blanks; the time's bracket ends it.
    if (!cursor.skip(' ') || !cursor.until('[', parsed.user) || parsed.user.size() < 2 || parsed.user.back() != ' ') {
        return reject("no user and time after the identity");
    }
    parsed.user.remove_suffix(1);
    if (!cursor.until(']', parsed.time)) {
        return reject("no closing bracket after the time");
    }
    if (!isLogTime(parsed.time)) {
        return reject("the time is not of the form 17/May/2015:10:05:03 +0000");
    }
    if (!cursor.skip(' ') || !cursor.skip('"')) {
        return reject("no quoted request after the time");
    }
    if (!cursor.quoted(parsed.request)) {
        return reject("no closing quote after the request");
    }
    splitRequest(parsed);
    if (!cursor.skip(' ') || !parseNumber(cursor.word(), parsed.status) || parsed.status < 100 || parsed.status > 999) {
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

sim::JournalDraft lineRejected(std::string_view source, std::string_view file, std::int64_t position,
                               std::string_view reason) {
    sim::JournalDraft draft;
    draft.kind = "ingest.line-rejected";
    draft.severity = sim::Severity::Warning;
    draft.alike = fmt::format("{}: {}", source, reason);
    draft.isOwnReason = true;
    draft.keepsEach = true;  // The report counts lines, and a line may come twice.
    const std::string line = std::to_string(position + 1);
    draft.text = fmt::format("{}:{}: {}", file.substr(file.rfind('/') + 1), line, reason);
    draft.fields = {{"source", std::string{source}},
                    {"position", std::to_string(position)},
                    {"file", std::string{file}},
                    {"line", line},
                    {"reason", std::string{reason}}};
    return draft;
}

}  // namespace millrace::ingest
