#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/observe/object_id.h"

namespace millrace::observe {

/// The newest record that came into a step and what it became, as text; `after` is empty where it did not pass.
struct StepView {
    std::string name;
    std::int64_t in = 0;
    std::int64_t out = 0;
    std::string before;
    std::string after;
};

/// An ingestion pipeline: what it has done over the run, and what that took.
struct IngestionView {
    ObjectId id;
    std::string name;
    std::string way;                  ///< "batch", "micro-batch", "streaming"
    bool isTransformedLater = false;  ///< it loads records as they come (ELT)
    bool isBusy = false;
    std::string source;
    std::string sink;
    std::int64_t read = 0;
    std::int64_t gone = 0;  ///< that the source could not send again
    std::int64_t rows = 0;
    std::int64_t rejected = 0;
    std::int64_t dead = 0;     ///< dead letters that are read once more when the reader is mended
    bool canBeMended = false;  ///< its reader, by hand
    std::int64_t dropped = 0;
    std::int64_t drifted = 0;
    std::int64_t alerts = 0;
    std::int64_t batches = 0;
    std::int64_t overruns = 0;
    std::int64_t retries = 0;
    std::int64_t waiting = 0;  ///< records and writes in memory
    std::int64_t landed = 0;   ///< loaded, and not transformed
    SimDuration processor{0};
    SimDuration sinkProcessor{0};
    std::int64_t bytesIn = 0;
    std::int64_t bytesOut = 0;
    std::int64_t diskBytes = 0;
    SimDuration meanAge{0};  ///< of rows when they were committed
    SimDuration oldestAge{0};
    SimDuration freshness{0};  ///< how old the newest committed record is
    double valueKept = 0;      ///< mean of what rows were worth when they were committed, 0 to 1 as the curve goes
    std::vector<StepView> steps;
};

}  // namespace millrace::observe
