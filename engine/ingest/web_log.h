#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/sim/journal.h"

namespace millrace::ingest {

/// One line of a web server's access log in common or combined format: host ident user [time] "request" status bytes
/// "referrer" "agent", with or without a virtual host's name before it. The views point into the line that was parsed.
struct WebLogLine {
    std::string_view virtualHost;  ///< the name before the host (shop.example, shop.example:443); mostly empty
    std::string_view host;
    std::string_view ident;
    std::string_view user;
    std::string_view time;     ///< without brackets: 17/May/2015:10:05:03 +0000
    std::string_view request;  ///< as it stands between the quotes, escapes included
    /// Of the request; empty, like the next two, when it is neither of the form METHOD PATH PROTOCOL nor, as in
    /// HTTP/0.9, METHOD PATH.
    std::string_view method;
    std::string_view path;
    std::string_view protocol;
    std::int32_t status = 0;
    std::int64_t bytes = 0;     ///< "-" is 0
    std::string_view referrer;  ///< empty when absent; as far as it goes when cut off
    std::string_view agent;
    bool isCombined = false;  ///< there was a referrer
};

/// Host, time, request, status and bytes must parse; referrer and agent may be absent or cut off. A name before the
/// host is taken for one when an address follows it, or a name and then the dash of an identity that nobody asked for,
/// and when it has a port.
/// The host is the first of a list of addresses. The error is the reason, in words ("no closing quote after the
/// request"), and has static storage.
[[nodiscard]] Result<WebLogLine, std::string_view> parseWebLogLine(std::string_view line);

/// A line that did not parse, and where it stood.
struct RejectedLine {
    std::string_view source;
    std::string_view file;  ///< empty when the record came from no file: then the position is told alone
    std::int64_t position = 0;
    std::string_view reason;
    std::string_view text;
};

/// The line's first characters as text.
[[nodiscard]] std::string sampleOf(const RejectedLine& rejected);
/// The journal's entry for it: "ingest.line-rejected" with source, position, file, line (from 1), reason and the line's
/// first characters.
[[nodiscard]] sim::JournalDraft lineRejected(const RejectedLine& rejected);

}  // namespace millrace::ingest
