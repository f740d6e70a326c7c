#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/storm/operators/text_bolts.h"

namespace millrace::storm {

/// Takes the fields out of a line of a web server's access log in combined format: host, time, request, method, path,
/// protocol, status, bytes, referrer, agent, line on the default stream. A line that does not parse is counted,
/// journalled with its file and line and emitted as (reason, line) on the stream `rejected`; its tuple is acked.
[[nodiscard]] Ref<const BoltFactory> makeWebLogExtract(std::string field,
                                                       std::map<std::string, std::string> sourceFiles);

/// Takes the groups of a regular expression as text fields of the given names; a text without a match is rejected in
/// the same way.
[[nodiscard]] Ref<const BoltFactory> makePatternExtract(std::string field, Ref<const flow::Pattern> pattern,
                                                        std::vector<std::string> names,
                                                        std::map<std::string, std::string> sourceFiles);

[[nodiscard]] const BoltKind& extractKind();

/// Of an extract bolt: lines that it has rejected. 0 for any other.
[[nodiscard]] std::uint64_t rejectedLines(const Bolt& bolt);

}  // namespace millrace::storm
