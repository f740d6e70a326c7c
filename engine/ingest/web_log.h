#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/sim/journal.h"

namespace millrace::ingest {

/// One line of a web server's access log in combined format: host ident user [time] "request" status bytes "referrer"
/// "agent". The views point into the line that was parsed.
struct WebLogLine {
    std::string_view host;
    std::string_view ident;
    std::string_view user;
    std::string_view time;     ///< without brackets: 17/May/2015:10:05:03 +0000
    std::string_view request;  ///< as it stands between the quotes, escapes included
    std::string_view
        method;  ///< of the request; empty, like the next two, when it is not of the form METHOD PATH PROTOCOL
    std::string_view path;
    std::string_view protocol;
    std::int32_t status = 0;
    std::int64_t bytes = 0;     ///< "-" is 0
    std::string_view referrer;  ///< empty when absent; as far as it goes when cut off
    std::string_view agent;
};

/// Host, time, request, status and bytes must parse; referrer and agent may be absent or cut off. The error is the
/// reason, in words ("no closing quote after the request"), and has static storage.
[[nodiscard]] Result<WebLogLine, std::string_view> parseWebLogLine(std::string_view line);

/// The journal's entry for a line that did not parse: "ingest.line-rejected" with source, position, file, line (from 1)
/// and reason.
[[nodiscard]] sim::JournalDraft lineRejected(std::string_view source, std::string_view file, std::int64_t position,
                                             std::string_view reason);

}  // namespace millrace::ingest
