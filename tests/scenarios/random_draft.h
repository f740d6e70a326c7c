#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/flow/datum.h"
#include "tests/scenarios/random_faults.h"
#include "tests/scenarios/random_settings.h"

namespace millrace::swarm {

/// Batches below this many milliseconds are dear where a run stands still long, and may take longer than they have.
inline constexpr int shortBatchMillis = 1000;

/// A scenario in the making: what its parts share.
struct Draft {
    /// A feed whose readings stand in a topic.
    struct Feed {
        std::string source;
        std::string topic;
        std::string model;
        std::string format;
        std::vector<flow::Column> columns;
    };

    Json parts;
    Things things;
    std::vector<Feed> feeds;
    int seconds = 30;
    bool isDrained = false;     ///< no end is set: it is run until all is done
    bool holdsTuples = false;   ///< what waits in a window for more tuples fails in time, and is replayed
    bool comesToItsEnd = true;  ///< nothing in it keeps it from that for good
    int shortestBatch = 0;      ///< ms; 0: there is no batch
    bool hasSmallDisk = false;
    bool readsFile = false;  ///< a source reads `linesFile`
    Boldness boldness = Boldness::Moderate;

    [[nodiscard]] bool hasBatchesBelow(int millis) const { return shortestBatch > 0 && shortestBatch < millis; }
    /// The host of one more process, made if it is new.
    std::function<std::string(const std::string& role)> hostFor;
    /// What a service manager does when the process ends by itself, now and then.
    std::function<void(Json& entry, const std::vector<std::string>& path)> addRestart;
};

}  // namespace millrace::swarm
