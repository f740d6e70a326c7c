#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace millrace::run {

/// A line that was rejected: by a bolt whose format it does not fit, or by its producer as too long for a record.
struct RejectedSample {
    std::string source;
    std::string file;           ///< empty for a record of another client
    std::int64_t position = 0;  ///< of the line in the file from 0; of such a record its offset
    std::string text;           ///< its first characters, as text
};
/// Those that were rejected for one reason. Each line counts once however often its tuple was replayed.
struct RejectedGroup {
    std::string reason;
    std::int64_t count = 0;
    std::vector<RejectedSample> samples;  ///< the first few of the file
};

}  // namespace millrace::run
