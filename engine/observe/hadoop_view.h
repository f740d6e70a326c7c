#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/observe/object_id.h"

namespace millrace::observe {

/// HDFS as its NameNode sees it.
struct DfsView {
    bool isThere = false;  ///< the NameNode runs
    bool isInSafeMode = false;
    std::int64_t files = 0;
    std::int64_t blocks = 0;
    std::int64_t underReplicated = 0;
    std::int64_t missing = 0;
    std::int64_t liveNodes = 0;
    std::int64_t nodes = 0;
    std::int64_t used = 0;  ///< bytes of all replicas
};

/// A DataNode as the NameNode sees it.
struct DataNodeView {
    ObjectId id;
    bool isLive = false;
    std::int64_t blocks = 0;
    std::int64_t used = 0;
    std::int64_t remaining = 0;
};

/// A MapReduce job as who submitted it sees it, with its counters by their names.
struct MapReduceJobView {
    ObjectId id;
    std::string kind;
    std::string state;  ///< "RUNNING", "SUCCEEDED", "LOST" ...
    std::string why;    ///< when it failed or was lost
    std::int64_t maps = 0;
    std::int64_t reduces = 0;
    double mapProgress = 0;  ///< 0 to 1
    double reduceProgress = 0;
    SimTime submitted{};
    SimDuration duration{0};  ///< so far, or until it ended
    std::vector<std::pair<std::string_view, std::int64_t>> counters;
};

struct HadoopView {
    DfsView dfs;
    std::vector<DataNodeView> dataNodes;
    std::vector<MapReduceJobView> jobs;
};

}  // namespace millrace::observe
