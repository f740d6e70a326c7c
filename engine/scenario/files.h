#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "engine/scenario/document/complaint.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// Where relative paths start: at the scenario's folder; those of sinks of a shipped scenario and those that were given
/// on the command line at the working directory.
struct PathRoots {
    std::string file;  ///< of the scenario
    bool isShipped = false;
    std::set<std::string> fromWorkingDirectory;  ///< fields, as `sources.log.path`, or their owners
};

/// Looks at the real files that a document names: sources can be read, sinks can be written, and no sink writes to what
/// the run reads or another sink writes. Gives what each field (such as `sources.log.path`) resolves to.
[[nodiscard]] std::map<std::string, std::string> checkFiles(const Value& document, const PathRoots& roots,
                                                            Complaints& complaints);

/// Whether two paths mean one file, whatever they are called: links are followed, and what is not there yet is told by
/// where it would be. Devices that swallow everything may be shared.
[[nodiscard]] bool isSameFile(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace millrace::scenario
