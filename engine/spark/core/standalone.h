#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/sim/process.h"
#include "engine/spark/config.h"

namespace millrace::spark {

struct MasterSpec {
    sim::Port port{7077};
    SimDuration workerTimeout = std::chrono::seconds{60};  ///< spark.worker.timeout
};
struct WorkerSpec {
    std::string name;
    std::int32_t cores = 4;
    ByteCount memory = ByteCount{8} << 30U;
    SparkAddress master;
    SimDuration heartbeat = std::chrono::seconds{15};  ///< a quarter of spark.worker.timeout
    /// What applications run, by name: their code, which a worker would download.
    std::map<std::string, ApplicationRef> applications;
};

/// Spark's own cluster manager: a master that gives the cores of workers to applications, one executor a worker or as
/// many as `spark.executor.cores` makes of it, spread over the workers; workers that start executors and tell when one
/// ends. Without a recovery mode (the default): a master that comes back learns of workers and their executors from the
/// workers, and of applications from their drivers.
[[nodiscard]] Ref<const sim::Blueprint> makeMasterBlueprint(MasterSpec spec);
[[nodiscard]] Ref<const sim::Blueprint> makeWorkerBlueprint(WorkerSpec spec);

}  // namespace millrace::spark
