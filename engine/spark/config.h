#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/ref.h"
#include "engine/hadoop/cluster.h"
#include "engine/kafka/client/consumer.h"
#include "engine/sim/process.h"
#include "engine/spark/broken_rules.h"
#include "engine/spark/core/allocation.h"
#include "engine/spark/core/messages.h"
#include "engine/spark/core/task_scheduler.h"
#include "engine/spark/presets.h"
#include "engine/spark/streaming/program.h"
#include "engine/spark/streaming/rate_estimator.h"

namespace millrace::spark {

/// What an application is run with: Spark's settings, read; names in brackets are its keys.
struct ApplicationConfig final : Counted {
    std::string name;
    std::int32_t index = 0;  ///< among the scenario's applications: tells their ports apart
    ProgramRef program;
    std::vector<kafka::ConsumerConfig> consumers;  ///< of direct inputs, by number; others are empty
    SparkAddress master;
    sim::Port driverPort{7078};
    sim::Port storagePort{7079};
    hadoop::ClusterRef hdfs;  ///< where checkpoints and logs of received blocks go; null: the disk of the driver's host

    std::int32_t coresMax = 0;                                 ///< spark.cores.max
    std::int32_t executorCores = 0;                            ///< spark.executor.cores; 0: all of a worker
    std::int32_t executors = 0;                                ///< as many and no more; 0: as many as there is room for
    ByteCount executorMemory = ByteCount{1} << 30U;            ///< spark.executor.memory
    double memoryFraction = 0.6;                               ///< spark.memory.fraction
    SimDuration heartbeatInterval = std::chrono::seconds{10};  ///< spark.executor.heartbeatInterval
    SimDuration networkTimeout = std::chrono::seconds{120};    ///< spark.network.timeout
    SimDuration reviveInterval = std::chrono::seconds{1};      ///< spark.scheduler.revive.interval
    SimDuration speculationInterval = std::chrono::milliseconds{100};  ///< spark.speculation.interval
    SchedulingSettings scheduling;
    BacklogAllocation::Settings backlogAllocation;
    RatioAllocation::Settings ratioAllocation;
    DagScheduler::Settings dag;
    Costs costs;  ///< millrace.costPreset
    BrokenRules broken;

    SimDuration blockInterval = std::chrono::milliseconds{200};  ///< spark.streaming.blockInterval
    std::int32_t blockQueueSize = 10;                            ///< spark.streaming.blockQueueSize
    std::int32_t concurrentJobs = 1;                             ///< spark.streaming.concurrentJobs
    double receiverMaxRate = 0;                                  ///< spark.streaming.receiver.maxRate; 0: unlimited
    double maxRatePerPartition = 0;                              ///< spark.streaming.kafka.maxRatePerPartition
    double minRatePerPartition = 1;                              ///< spark.streaming.kafka.minRatePerPartition
    bool backpressure = false;                                   ///< spark.streaming.backpressure.enabled
    std::optional<double> initialRate;                           ///< spark.streaming.backpressure.initialRate
    RateEstimator::Settings pid;
    bool receiverLog = false;                                    ///< spark.streaming.receiver.writeAheadLog.enable
    SimDuration blockStoreTimeout = std::chrono::seconds{30};    ///< spark.streaming.receiver.blockStoreTimeout
    SimDuration receiverRestartDelay = std::chrono::seconds{2};  ///< spark.streaming.receiverRestartDelay
    bool unpersists = true;                                      ///< spark.streaming.unpersist
    std::int32_t retainedBatches = 1000;                         ///< spark.streaming.ui.retainedBatches

    /// What an executor's block manager has: (heap - 300 MB) * spark.memory.fraction.
    [[nodiscard]] ByteCount storageMemory() const {
        constexpr ByteCount reserved = ByteCount{300} << 20U;
        return static_cast<ByteCount>(static_cast<double>(std::max<ByteCount>(executorMemory - reserved, 0)) *
                                      memoryFraction);
    }
};
using ApplicationRef = Ref<const ApplicationConfig>;

[[nodiscard]] std::string driverName(std::string_view application);
/// "executor/words/0@h3"
[[nodiscard]] std::string executorName(std::string_view application, ExecutorId executor, std::string_view host);
[[nodiscard]] std::string workerName(std::string_view worker);
inline constexpr std::string_view masterName = "spark-master";
[[nodiscard]] std::string sourceServerName(std::string_view source);

}  // namespace millrace::spark
