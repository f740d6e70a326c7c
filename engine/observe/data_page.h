#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/observe/object_id.h"
#include "engine/observe/origin_view.h"

namespace millrace::observe {

/// So many durations are no longer than that, and longer than those of the class before.
struct SpreadClass {
    SimDuration upTo{};
    std::int64_t count = 0;
    SimDuration from{};  ///< no shorter than that: where the class before ends
};

/// How old what came from a source was at a sink.
struct SinkSpread {
    std::string sink;
    std::vector<SpreadClass> freshness;  ///< from the measurement to the commit, by record
};

/// The quality of a source's data, against the truth that its flaws were made from.
struct DataPage {
    ObjectId id;
    bool isKnown = false;  ///< a source without a model or flaws has no truth to hold it against
    ScoreView score;
    std::vector<SpreadClass> lateness;  ///< from the measurement to the arrival at the reader, by record
    std::vector<SinkSpread> sinks;
};

}  // namespace millrace::observe
