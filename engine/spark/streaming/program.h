#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/sim_time.h"
#include "engine/ingest/sink.h"
#include "engine/ingest/sink_client.h"
#include "engine/ingest/source.h"
#include "engine/spark/core/rdd.h"

namespace millrace::spark {

/// Where a stream comes from.
struct InputSpec {
    enum class Kind : std::uint8_t {
        Socket,    ///< a receiver that reads what a server sends; what it has not stored is lost with it
        Reliable,  ///< a receiver that acknowledges to its source what has been stored
        Direct     ///< ranges of offsets of a topic, without a receiver
    };
    std::string name;
    Kind kind = Kind::Socket;
    std::string source;  ///< of a receiver
    std::string sourceHost;
    sim::Port sourcePort{9999};
    std::int32_t receivers = 1;  ///< so many streams, united
    std::string preferredHost;   ///< of a receiver; empty: anywhere
    StorageLevel level = memoryAndDiskTwice;
    std::string topic;  ///< of a direct stream
    std::string group;
    bool startsAtEarliest = true;
    bool commitsOffsets = false;  ///< of a direct stream: to Kafka, in the name of its group
};

/// Where results go. Each output operation is a job a batch.
struct OutputSpec {
    enum class Kind : std::uint8_t { Sink, Print, Count };
    std::string name;
    Kind kind = Kind::Print;
    StreamId from{0};
    std::vector<std::string> fields;  ///< of the rows that come
    Ref<const ingest::SinkSpec> sink;
    std::string sinkHost;
    sim::Port sinkPort = ingest::sinkPort;
    std::uint32_t table = 0;
    std::string lineField;    ///< of a file: empty means all, separated by tabs
    bool isWindowed = false;  ///< a window lies before it: settled
};

/// How the two sides of a join are told from what one side alone has.
enum class JoinKind : std::uint8_t { Inner, Left, Right, Full };

/// A function with an inverse, by which values of a key become one.
enum class Reduction : std::uint8_t { Sum, Min, Max };

/// One DStream: how the RDD of a batch is made of those of its parents. What is drawn as one operator may be several of
/// them, as in Spark (a reduced window is a reduction, a window and a reduction).
struct StreamSpec {
    enum class Kind : std::uint8_t {
        Receiver,  ///< blocks that receivers have reported since the last batch
        Direct,    ///< ranges of offsets
        Narrow,    ///< map, flatMap, filter ...: a function of each partition
        Union,
        Shuffled,       ///< by key
        Spread,         ///< round robin (`repartition`)
        Window,         ///< the union of the parent's RDDs within the window
        InverseWindow,  ///< the last window less what leaves plus what enters
        State,          ///< the last state with what is new, all keys every batch
        MapWithState,
        Join
    };
    Kind kind = Kind::Narrow;
    std::string name;   ///< of the operator that is drawn
    std::string label;  ///< what it does, as Spark calls it: "reduceByKey"
    std::vector<StreamId> parents;
    std::vector<std::string> fields;
    std::int32_t input = -1;    ///< of an input: its number
    std::int32_t receiver = 0;  ///< of an input: which of its receivers
    SimDuration slide{0};
    SimDuration window{0};
    Ref<const Transformation> transformation;
    Ref<const Aggregator> combiner;
    Reduction reduction = Reduction::Sum;
    JoinKind join = JoinKind::Inner;
    bool dropsZeros = false;      ///< of an inverse window: a filter function that forgets keys at zero
    SimDuration timeout{0};       ///< of mapWithState; 0: none
    std::uint32_t keyField = 0;   ///< of what comes in
    std::int32_t valueField = 1;  ///< below 0: rows are counted
    std::int32_t partitions = 0;  ///< behind a shuffle; 0: spark.default.parallelism, settled once for all batches
    StorageLevel level;
    bool mustCheckpoint = false;
    SimDuration checkpointInterval{0};
    SimDuration remember{0};  ///< RDDs of this stream are kept so long

    [[nodiscard]] bool isInput() const { return kind == Kind::Receiver || kind == Kind::Direct; }
};

/// A streaming application as its driver has it: DStreamGraph. Immutable, the same after each restart.
struct Program final : Counted {
    std::string name;
    SimDuration batch = std::chrono::seconds{1};
    std::vector<InputSpec> inputs;
    std::vector<StreamSpec> streams;  ///< parents before children
    std::vector<OutputSpec> outputs;
    bool checkpoints = false;

    [[nodiscard]] const StreamSpec& stream(StreamId id) const { return streams[static_cast<std::size_t>(id.value)]; }
    [[nodiscard]] std::int64_t batchMillis() const { return batch.count() / 1'000'000; }
    /// Cores that receivers hold for good.
    [[nodiscard]] std::int32_t receivers() const;
};
using ProgramRef = Ref<const Program>;

/// What is wrong with a program, at which of its parts: "operators.count.field".
struct ProgramTrouble {
    std::string part;
    std::string message;
};

/// Settles what follows from the graph: slides, what is kept, how long it is remembered, what must be checkpointed and
/// how often, into how many partitions shuffles go. `checkpointInterval` 0: Spark's own choice, a multiple of the slide
/// of at least 10 s.
[[nodiscard]] std::optional<ProgramTrouble> settle(Program& program, SimDuration checkpointInterval,
                                                   std::int32_t defaultParallelism);

}  // namespace millrace::spark
