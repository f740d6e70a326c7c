#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/sim_time.h"
#include "engine/run/position_set.h"
#include "engine/sim/fact.h"
#include "engine/spark/facts.h"

namespace millrace::run {

/// What must hold of records on their way through a streaming application.
enum class StreamRule : std::uint8_t {
    BlocksHoldWhatWasHanded,  ///< a record in a block was handed to a receiver, and is in one block unless handed again
    BatchesTakeBlocksOnce,    ///< a block is one batch's
    RangesFollow,         ///< a partition's ranges of offsets follow one another, and a batch made again has its own
    OutputsAreWhole,      ///< an output is done when each of its partitions was computed
    BatchesAreDoneOnce,   ///< by one driver
    RepeatedIsTheSame,    ///< what is computed once more is what it was
    ShufflesAsWritten,    ///< a reducer reads what the map tasks have written for it
    CheckpointsKeepOpen,  ///< a checkpoint names each batch that is made and not done
    RatesFollowTheController,  ///< back-pressure: the closed form of the PID controller
    CommitsAreDone             ///< what is committed to Kafka is behind a batch that is done
};
inline constexpr std::size_t streamRuleCount = 10;

/// What has become of a source's records in the batches of an application, in positions.
struct StreamFigures {
    std::string application;
    std::string input;
    std::string source;
    std::int64_t handed = 0;       ///< given to a receiver
    std::int64_t handedAgain = 0;  ///< of these, given once more
    std::int64_t blocked = 0;      ///< of these, came into a block
    std::int64_t processed = 0;    ///< of these, in a batch that is done
    std::int64_t doubled = 0;      ///< of these, in several that are done
    bool isPromised = false;       ///< at least once, whatever is lost: the source keeps them and a log has them
    [[nodiscard]] std::int64_t open() const { return handed - processed; }
};

/// The way of records through Spark Streaming, as its processes tell it (spark/facts.h): from the source server into
/// blocks, of blocks and ranges of offsets into batches, of batches into results. A value that is kept with each
/// checkpoint; copies share. Memory: bits of positions, and the newest `kept` batches of an application with what was
/// computed for them.
class StreamBook {
public:
    static constexpr std::size_t kept = 64;
    static constexpr std::size_t keptComputed = 8;  ///< of these, with what was computed for them

    struct Status {
        std::uint64_t checked = 0;
        std::optional<std::pair<SimTime, std::string>> first;
    };

    /// True when the fact was Spark's.
    bool take(const sim::ToldFact& told);
    [[nodiscard]] const Status& status(StreamRule rule) const { return m_rules[static_cast<std::size_t>(rule)]; }
    [[nodiscard]] std::vector<StreamFigures> figures() const;
    /// The stretches [from, to) of an input's records that were handed and are in no batch that is done; at most so
    /// many.
    [[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> missing(std::string_view application,
                                                                             std::string_view input,
                                                                             std::size_t most) const;

private:
    struct Source final : Counted {
        std::string name;
        PositionSet handed, again, blocked, processed, doubled;
    };
    using Stretch = std::pair<std::size_t, std::pair<std::int64_t, std::int64_t>>;  ///< source, positions [from, to)
    struct Batch {
        std::vector<spark::BlockId> blocks;
        std::vector<spark::OffsetRange> ranges;
        std::map<std::int32_t, std::set<spark::Partition>> made;  ///< by output
        std::set<std::int32_t> outputsDone;
        bool isDone = false;
    };
    struct ShuffleSums final : Counted {
        std::map<spark::Partition, std::uint64_t> ofMaps;  ///< of each map task, all that it wrote
        std::vector<std::uint64_t> ofReduces;
        bool isUnsure = false;  ///< a topic has changed under it
        std::int64_t millis = 0;
    };
    struct Application final : Counted {
        std::string name;
        std::vector<spark::DriverBegun::Input> inputs;
        std::set<spark::ExecutorId> executors;  ///< of the present driver
        std::map<spark::BlockId, std::vector<Stretch>> blocks;
        std::map<spark::BlockId, std::int64_t> takenBy;  ///< blocks, by the time of their batch
        std::map<std::int64_t, Batch> batches;
        std::set<std::int64_t> open;                                          ///< made by this driver and not done
        std::map<std::pair<std::int32_t, std::int32_t>, std::int64_t> until;  ///< by input and partition
        std::map<std::pair<std::int32_t, std::int32_t>, std::int64_t> done;
        std::int64_t checkpointed = -1;  ///< the newest batch that a checkpoint knows
        bool hasJustBegun = true;
        std::map<std::pair<spark::RddId, spark::Partition>, std::pair<std::int64_t, std::uint64_t>> results;
        std::map<spark::ShuffleId, Ref<ShuffleSums>> shuffles;
    };

    Application& applicationOf(const std::string& name);
    std::size_t sourceIndex(const std::string& name);
    void onHanded(const spark::RecordsHanded& fact);
    void onBlock(SimTime time, const spark::BlockMade& fact);
    void onDriver(const spark::DriverBegun& fact);
    void onBatch(SimTime time, const spark::BatchMade& fact);
    void checkRange(SimTime time, Application& application, const spark::OffsetRange& range, const Batch* before);
    void onPartition(SimTime time, const spark::PartitionMade& fact);
    void onMapOutput(SimTime time, ShuffleSums& sums, const spark::PartitionMade& fact);
    void onOutput(SimTime time, const spark::OutputDone& fact);
    void onBatchDone(SimTime time, const spark::BatchDone& fact);
    void onCheckpoint(SimTime time, const spark::CheckpointWritten& fact);
    void onRate(SimTime time, const spark::RateSet& fact);
    void onCommit(SimTime time, const spark::OffsetsGivenBack& fact);
    static void forgetOld(Application& application);

    template <class Text>
    void expect(StreamRule rule, SimTime time, bool holds, const Text& text) {
        Status& status = m_rules[static_cast<std::size_t>(rule)];
        ++status.checked;
        if (!holds && !status.first) [[unlikely]] {
            status.first.emplace(time, text());
        }
    }

    std::vector<Ref<Application>> m_applications;
    std::vector<Ref<Source>> m_sources;
    std::array<Status, streamRuleCount> m_rules;
};

}  // namespace millrace::run
