#pragma once

#include <compare>
#include <optional>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/spark/broken_rules.h"
#include "engine/spark/core/lineage.h"
#include "engine/spark/streaming/program.h"

namespace millrace::spark {

/// What has come in for a batch, as the receivers' and the offsets' book-keeping has it.
class BatchInputs {
public:
    virtual ~BatchInputs() = default;
    [[nodiscard]] virtual std::vector<InputBlock> blocksOf(StreamId stream, std::int64_t millis) const = 0;
    [[nodiscard]] virtual std::vector<OffsetRange> rangesOf(StreamId stream, std::int64_t millis) const = 0;
};

/// The RDDs that each stream has generated, by time: from a batch's time to the graph of RDDs that its jobs run on
/// (DStream.getOrCompute). A value.
class StreamGraph {
public:
    struct Key {
        StreamId stream;
        std::int64_t millis = 0;
        friend auto operator<=>(const Key&, const Key&) = default;
    };
    /// Something that is to be written into the checkpoint folder when its batch's jobs have run.
    struct Due {
        StreamId stream;
        std::int64_t millis = 0;
        RddId rdd;
        std::int32_t partitions = 0;
    };

    StreamGraph() = default;
    /// `zeroMillis`: the time before the first batch.
    StreamGraph(ProgramRef program, std::int64_t zeroMillis, BrokenRules broken = {})
        : m_program(std::move(program)), m_zero(zeroMillis), m_broken(broken) {}

    [[nodiscard]] std::int64_t zero() const { return m_zero; }
    /// The RDD of a stream for that time; nothing when the stream has none then (it slides in larger steps, or before
    /// its first batch).
    std::optional<RddId> rddOf(StreamId stream, std::int64_t millis, Lineage& lineage, const BatchInputs& inputs);
    [[nodiscard]] std::optional<RddId> generated(StreamId stream, std::int64_t millis) const;
    /// For which it has one, in order.
    [[nodiscard]] std::vector<std::int64_t> timesOf(StreamId stream) const;
    /// What was made to be checkpointed and is not yet.
    [[nodiscard]] const std::vector<Due>& dueCheckpoints() const { return m_due; }
    void noteCheckpointed(RddId rdd);
    /// The files that the driver can start again from.
    [[nodiscard]] std::vector<Due> checkpointed() const;
    void restore(const Due& file, Lineage& lineage);

    /// Forgets what streams need not remember after that batch.
    struct Cleared {
        std::vector<RddId> unpersisted;  ///< was kept and no longer is
        std::vector<Due> files;          ///< of the checkpoint folder that nobody needs any more
    };
    Cleared clear(std::int64_t millis, Lineage& lineage);
    /// All that is remembered.
    [[nodiscard]] std::vector<RddId> remembered() const;

private:
    std::optional<RddId> compute(StreamId stream, std::int64_t millis, Lineage& lineage, const BatchInputs& inputs);
    /// On an RDD by key: narrow where that is partitioned alike, else through a shuffle.
    [[nodiscard]] static Dependency byKey(Lineage& lineage, RddId parent, std::int32_t partitions,
                                          const StreamSpec& spec);
    /// The parent's RDDs at the times (after, until].
    std::vector<RddId> slice(StreamId parent, std::int64_t after, std::int64_t until, Lineage& lineage,
                             const BatchInputs& inputs);

    ProgramRef m_program;
    std::int64_t m_zero = 0;
    BrokenRules m_broken;
    SharedMap<Key, RddId> m_generated;
    std::vector<Due> m_due;
    SharedMap<RddId, Due> m_files;
};

}  // namespace millrace::spark
