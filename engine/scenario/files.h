#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "engine/scenario/document/complaint.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// Looks at the real files that a document names: sources can be read, sinks can be written, and no sink writes to what
/// the run reads or another sink writes. Gives what each field (such as `sources.log.path`) resolves to: relative paths
/// start at the folder of `file`, those of the fields in `fromWorkingDirectory` at the working directory.
[[nodiscard]] std::map<std::string, std::string> checkFiles(const Value& document, std::string_view file,
                                                            const std::set<std::string>& fromWorkingDirectory,
                                                            Complaints& complaints);

/// Whether two paths mean one file, whatever they are called: links are followed, and what is not there yet is told by
/// where it would be. Devices that swallow everything may be shared.
[[nodiscard]] bool isSameFile(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace millrace::scenario
