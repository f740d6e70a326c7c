#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/ingest/sink_client.h"
#include "engine/sim/link.h"
#include "engine/sim/process.h"
#include "engine/spark/config.h"
#include "engine/spark/core/block_files.h"
#include "engine/spark/core/block_store.h"
#include "engine/spark/core/peers.h"
#include "engine/spark/core/storage.h"
#include "engine/spark/facts.h"
#include "engine/spark/streaming/direct_reader.h"
#include "engine/spark/streaming/receiver_messages.h"

namespace millrace::spark {

struct ExecutorSpec {
    ApplicationRef application;
    ExecutorId id;
    std::int32_t cores = 1;
    ByteCount memory = 0;
    SparkAddress driver;
    sim::Port blockPort{0};
    std::string worker;  ///< the process that started it: it ends with that one
};
[[nodiscard]] Ref<const sim::Blueprint> makeExecutorBlueprint(ExecutorSpec spec, std::string_view host);

/// What an executor has done, for views.
struct ExecutorFigures {
    std::int64_t tasksDone = 0;
    std::int64_t tasksFailed = 0;
    std::int64_t rowsRead = 0;
    ByteCount shuffleRead = 0;
    ByteCount shuffleWritten = 0;
};

/// An executor: runs tasks on as many threads as it has cores, keeps blocks, serves them and its shuffle files to
/// others, holds receivers. What a task needs is brought first (blocks of others, pieces of shuffles, ranges of a
/// topic, files of the checkpoint folder), then a thread computes on real rows, then what came of it is stored and
/// told. It ends with its driver.
class ExecutorActor final : public sim::ActorBase<ExecutorActor> {
public:
    ExecutorActor(ExecutorSpec spec, std::vector<sim::ActorId> threads);

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;

    [[nodiscard]] const ExecutorSpec& spec() const { return m_spec; }
    [[nodiscard]] const BlockStore& store() const { return m_store; }
    [[nodiscard]] const BlockFiles& files() const { return m_files; }
    [[nodiscard]] const ExecutorFigures& figures() const { return m_figures; }
    [[nodiscard]] std::size_t running() const { return m_tasks.size(); }
    [[nodiscard]] std::vector<StreamId> receivers() const;
    /// On which it registers; the driver's entry of this executor has the other end of it once it has read that.
    [[nodiscard]] sim::ConnectionId driverConnection() const { return m_driver.connection(); }

private:
    struct ShuffleOutput {
        std::vector<RowsRef> parts;
    };
    struct Task {
        Ref<const LaunchTask> launch;
        std::vector<Found> found;
        std::int32_t waiting = 0;   ///< pieces that are being brought
        std::int32_t unstored = 0;  ///< what is being written outside
        bool hasFailed = false;     ///< its end has been told
        std::int64_t thread = -1;   ///< which computes
        ByteCount shuffleRead = 0;
        bool isSinkLost = false;
        Ref<StatusUpdate> report;
        TaskTimes times;
        Ref<const PartitionMade> fact;  ///< what the books are told when it is done; null: nobody keeps any
    };
    /// A request to another executor, and for what.
    struct Asked {
        enum class Kind : std::uint8_t { Pieces, Block, Copy };
        Kind kind = Kind::Pieces;
        TaskId task;
        std::size_t need = 0;
        std::vector<std::size_t> places;  ///< which of the need's pieces
        ExecutorId peer = noExecutor;
        BlockId block;
        std::size_t place = 0;  ///< which of a block's places it is
    };
    /// A receiver's block on its way to where it should be.
    struct Putting {
        Ref<const PutBlock> put;
        sim::ActorId receiver;
        std::vector<ExecutorId> places;
        bool awaitsCopy = false;
        bool awaitsLog = false;
        bool failed = false;
        bool isLogged = false;
    };

    void takeFromDriver(sim::Context& context, const sim::Message& message);
    void launch(sim::Context& context, const LaunchTask& message);
    void bring(sim::Context& context, Task& task, std::size_t need);
    void bringShuffle(sim::Context& context, Task& task, std::size_t need);
    void brought(sim::Context& context, TaskId task);
    void failTask(sim::Context& context, TaskId task, StatusUpdate::End end, std::string reason,
                  std::optional<std::pair<ShuffleId, ExecutorId>> fetch = {},
                  std::vector<std::pair<BlockId, ExecutorId>> missing = {});
    void bringBlock(sim::Context& context, Task& task, std::size_t need, std::size_t from);
    void runReady(sim::Context& context);
    void computed(sim::Context& context, const TaskComputed& computed);
    void writeOut(sim::Context& context, Task& task, const TaskComputed& computed);
    void settle(sim::Context& context, TaskId task);
    void finish(sim::Context& context, TaskId task);
    void keep(sim::Context& context, const BlockId& block, RowsRef rows, StorageLevel level,
              std::vector<BlockUpdate>& updates);
    void noteReads(sim::Context& context, Task& task);
    void noteMade(Task& task, const TaskComputed& computed) const;
    void serve(sim::Context& context, const FetchBlocks& request);
    [[nodiscard]] const ShuffleOutput* outputOf(ShuffleId shuffle, Partition map) const;
    void takeAnswers(sim::Context& context, const Peers::Outcome& outcome);
    void takeStored(sim::Context& context, const StorageClient::Outcome& outcome);
    void takeSinks(sim::Context& context, const ingest::SinkClient::Outcome& outcome);
    void takeDirect(sim::Context& context, const std::vector<DirectReader::Done>& done);
    void tellUpdates(sim::Context& context, std::vector<BlockUpdate> updates);
    void putBlock(sim::Context& context, const PutBlock& put);
    void settlePut(sim::Context& context, const BlockId& block);
    void putOverdue(sim::Context& context, const BlockId& block);
    void removeBlocks(sim::Context& context, const RemoveBlocks& message);
    [[nodiscard]] std::optional<SparkAddress> addressOf(const LaunchTask& launch, ExecutorId peer) const;

    ExecutorSpec m_spec;
    sim::Link m_driver;
    std::vector<sim::ActorId> m_threads;
    std::vector<bool> m_isBusy;  ///< threads
    std::map<TaskId, Task> m_tasks;
    std::vector<TaskId> m_ready;  ///< everything is at hand, and no thread is free
    BlockStore m_store;
    SharedMap<BlockId, ShuffleOutput> m_shuffles;
    BlockFiles m_files;
    Peers m_peers;
    std::map<std::uint64_t, Asked> m_asked;
    std::uint64_t m_nextRequest = 1;
    StorageClient m_storage;
    DirectReader m_direct;
    std::vector<ExecutorList::Peer> m_others;
    std::map<std::int32_t, ingest::SinkClient> m_sinks;  ///< by output
    std::map<StreamId, sim::ActorId> m_receivers;
    std::map<BlockId, Putting> m_putting;
    ExecutorFigures m_figures;
};

}  // namespace millrace::spark
