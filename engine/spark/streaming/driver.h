#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/shared_log.h"
#include "engine/kafka/client/consumer.h"
#include "engine/sim/link.h"
#include "engine/sim/process.h"
#include "engine/spark/config.h"
#include "engine/spark/core/dag_scheduler.h"
#include "engine/spark/core/hdfs_storage.h"
#include "engine/spark/core/lineage.h"
#include "engine/spark/core/messages.h"
#include "engine/spark/core/task_book.h"
#include "engine/spark/core/task_scheduler.h"
#include "engine/spark/streaming/batch.h"
#include "engine/spark/streaming/input_book.h"
#include "engine/spark/streaming/receiver_messages.h"
#include "engine/spark/streaming/stream_graph.h"

namespace millrace::spark {

[[nodiscard]] Ref<const sim::Blueprint> makeDriverBlueprint(ApplicationRef application);

/// A driver of a streaming application: StreamingContext over SparkContext in one process. Every batch interval it
/// makes the jobs of a batch (JobGenerator), which wait in one queue, batch by batch and output by output, for
/// `spark.streaming.concurrentJobs` places (JobScheduler); a job becomes stages and tasks (DagScheduler), tasks go to
/// executors (TaskScheduler). It places receivers and knows their blocks (ReceiverTracker), notes what it needs to
/// begin again (checkpoint), and sets the inputs' rates (RateController).
class DriverActor final : public sim::ActorBase<DriverActor> {
public:
    explicit DriverActor(ApplicationRef application);

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;

    struct Executor {
        sim::ConnectionId connection = sim::noConnection;
        std::string host;
        std::int32_t cores = 0;
        SparkAddress blocks;
        SimTime heardAt;
        ByteCount memoryUsed = 0;
        std::set<StageId> closures;  ///< stages whose closure it has
    };
    struct ReceiverPlace {
        ExecutorId executor = noExecutor;
        bool isActive = false;
        bool isToPlace = true;
        double rate = 0;
        std::int64_t nextBlock = 0;  ///< the least number that the next block may have
        RateEstimator estimator;
    };

    // For views, reports and tests.
    [[nodiscard]] const ApplicationConfig& application() const { return *m_application; }
    [[nodiscard]] const std::map<ExecutorId, Executor>& executors() const { return m_executors; }
    [[nodiscard]] const std::map<StreamId, ReceiverPlace>& receivers() const { return m_receivers; }
    /// Those that are waiting or running, and the last that are done.
    [[nodiscard]] const SharedMap<std::int64_t, Batch>& batches() const { return m_batches; }
    /// Of this driver alone; `batchTotals` of describe.h has those before it, too.
    [[nodiscard]] const BatchTotals& totals() const { return m_totals; }
    [[nodiscard]] const DagScheduler& dag() const { return m_dag; }
    [[nodiscard]] const TaskScheduler& tasks() const { return m_tasks; }
    [[nodiscard]] const TaskBook& book() const { return m_book; }
    [[nodiscard]] const Lineage& lineage() const { return m_lineage; }
    [[nodiscard]] const InputBook& inputs() const { return m_inputs; }
    [[nodiscard]] const StreamGraph& graph() const { return m_graph; }
    [[nodiscard]] std::int64_t waitingBatches() const { return m_openBatches; }
    [[nodiscard]] bool isStarted() const { return m_isStarted; }
    [[nodiscard]] double rateLimit() const;
    /// Of a direct input: up to which offset each partition's batches are done, and where it began; below 0: unknown.
    struct Position {
        std::int32_t input = 0;
        std::int32_t partition = 0;
        std::int64_t done = -1;
        std::int64_t begun = -1;
    };
    [[nodiscard]] std::vector<Position> positions() const;
    /// What topics held behind the ranges of the last batch.
    [[nodiscard]] std::int64_t lag() const;
    /// Records of batches that are done, whose offsets wait to be committed when the next batch is made.
    [[nodiscard]] std::int64_t uncommitted() const;

private:
    /// A direct input's consumer in the driver: asks for the ends of the topic at each batch.
    struct DirectInput {
        kafka::Consumer consumer;
        std::vector<std::int64_t> positions;  ///< by partition: where the next batch begins
        std::vector<std::int64_t> begun;
        std::vector<std::int64_t> done;
        std::int64_t lag = 0;
        std::vector<OffsetRange> toCommit;  ///< of batches that are done: they go out when the next one is made
        bool isAsking = false;
        bool isAssigned = false;
        double rate = 0;
        RateEstimator estimator;
    };
    struct QueuedJob {
        std::int64_t millis = 0;
        JobId job;
    };
    struct Saved;

    // driver.cpp: executors and tasks
    void startUp(sim::Context& context);
    void tellBegun(sim::Context& context, bool isRecovered) const;
    void takeFromMaster(sim::Context& context, const sim::Message& message);
    void registerExecutor(sim::Context& context, const RegisterExecutor& message);
    void loseExecutor(sim::Context& context, ExecutorId id, const std::string& reason);
    void sendExecutorList(sim::Context& context);
    void offer(sim::Context& context);
    void launch(sim::Context& context, const Launch& launch);
    void takeStatus(sim::Context& context, const StatusUpdate& update);
    void apply(sim::Context& context, const DagScheduler::Outcome& outcome);
    void checkExecutors(sim::Context& context);
    [[nodiscard]] std::optional<ExecutorId> executorOf(sim::ConnectionId connection) const;
    void kill(sim::Context& context, TaskId task, ExecutorId executor);
    void armOffers(sim::Context& context);

    // driver_batches.cpp: batches and jobs
    void armBatch(sim::Context& context);
    void batchTime(sim::Context& context);
    void generateNext(sim::Context& context);
    void generate(sim::Context& context, std::int64_t millis);
    void tellMade(sim::Context& context, const Batch& batch) const;
    void runJobs(sim::Context& context);
    void jobEnded(sim::Context& context, const DagScheduler::JobEnd& end);
    void giveUp(sim::Context& context, const std::string& reason);
    void outputDone(sim::Context& context, std::int64_t millis, JobId job);
    bool writeDueCheckpoints(sim::Context& context, std::int64_t millis, JobId job);
    void completeBatch(sim::Context& context, Batch& batch);
    [[nodiscard]] std::int64_t doneUpTo() const;
    void clearOld(sim::Context& context, std::int64_t millis);
    void trimReceivedBlocks(sim::Context& context) const;
    void tellOutput(sim::Context& context, const Batch& batch, JobId job) const;
    void journalPrint(sim::Context& context, const Batch& batch, const Batch::Job& job);
    [[nodiscard]] std::int64_t clockOf(SimTime time) const { return m_epoch + nanoseconds(time) / 1'000'000; }
    [[nodiscard]] SimTime timeOf(std::int64_t millis) const {
        return SimTime{std::chrono::milliseconds{millis - m_epoch}};
    }
    Batch* batchOfJob(JobId job);

    // driver_allocation.cpp: executors come and go with the load
    void armAllocation(sim::Context& context);
    void allocate(sim::Context& context);
    void allocateByRatio(sim::Context& context);
    void allocateByBacklog(sim::Context& context);
    void requestExecutors(sim::Context& context, std::int32_t total);
    void giveBack(sim::Context& context, ExecutorId id, const std::string& why);
    [[nodiscard]] bool holdsReceiver(ExecutorId id) const;

    // driver_inputs.cpp: receivers, offsets, rates
    void placeReceivers(sim::Context& context);
    void takeBlock(sim::Context& context, const AddBlock& add);
    void askOffsets(sim::Context& context);
    [[nodiscard]] bool haveOffsets() const;
    void takeRanges(std::int64_t millis);
    void commitOffsets(sim::Context& context);
    void queueCommits(std::int64_t millis);
    void updateRates(sim::Context& context, const Batch& batch);
    bool handleConsumers(sim::Context& context, const sim::Message& message);

    void removeStored(sim::Context& context, const std::string& file);
    // driver_recovery.cpp
    bool save(sim::Context& context);
    bool recover(sim::Context& context);

    ApplicationRef m_application;
    std::int64_t m_epoch = 0;  ///< the clock at the run's start
    sim::Link m_master;
    std::map<ExecutorId, Executor> m_executors;
    Lineage m_lineage;
    DagScheduler m_dag;
    TaskScheduler m_tasks;
    TaskBook m_book;
    bool m_offersArmed = false;
    BacklogAllocation m_backlogAllocation;
    RatioAllocation m_ratioAllocation;
    std::optional<std::int32_t> m_wantedExecutors;  ///< as last asked for
    std::set<ExecutorId> m_dismissed;               ///< given back, and not gone yet
    std::int32_t m_nextExecutor = 0;
    bool m_resubmitArmed = false;

    bool m_isStarted = false;
    StreamGraph m_graph;
    InputBook m_inputs;
    std::int64_t m_lastBatch = 0;  ///< the newest that was made
    SimTime m_nextBatchAt;
    std::vector<std::int64_t> m_toGenerate;
    SharedMap<std::int64_t, Batch> m_batches;
    std::int64_t m_openBatches = 0;
    BatchTotals m_totals;
    std::vector<QueuedJob> m_queue;   ///< not started
    std::vector<QueuedJob> m_active;  ///< started
    struct CheckpointJob {
        JobId output;  ///< the output's job behind which it runs
        RddId rdd;
    };
    std::optional<HdfsStorage> m_hdfs;  ///< where its executors' checkpoints are, if not on its own disk
    std::map<JobId, CheckpointJob> m_checkpointJobs;
    JobId m_nextJob{0};
    std::map<JobId, std::map<Partition, RowsRef>> m_printed;
    std::int64_t m_lastDone = 0;

    std::map<StreamId, ReceiverPlace> m_receivers;
    bool m_placingArmed = false;
    std::map<std::int32_t, DirectInput> m_directs;  ///< by stream
    std::set<std::int64_t> m_recovered;             ///< batches that are made again
};

}  // namespace millrace::spark
