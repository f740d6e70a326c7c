#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/observe/object_id.h"

namespace millrace::observe {

/// A record as it stands in a log.
struct RecordRow {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::int64_t timestamp = 0;  ///< milliseconds since 1970
    std::optional<std::string> key;
    std::optional<std::string> value;  ///< of its bytes the first ones
    std::int64_t bytes = 0;            ///< of key and value
    std::string source;                ///< that it was made from, from its headers; empty where they do not say
    std::string position;
    bool isCommitted = false;  ///< below the high watermark: consumers may have it
};

/// The newest records of a topic.
struct TopicPage {
    ObjectId id;
    bool isKnown = false;
    std::int64_t records = 0;     ///< in all of its logs
    std::int64_t ofEach = 0;      ///< so many of each partition at most are among the rows; 0: the newest of all
    std::vector<RecordRow> rows;  ///< by their time stamps, the newest first
};

}  // namespace millrace::observe
