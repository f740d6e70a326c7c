#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/random.h"
#include "engine/sim/context.h"
#include "engine/storm/cost.h"
#include "engine/storm/runtime/load.h"
#include "engine/storm/runtime/routes.h"
#include "engine/storm/runtime/shuffle_ring.h"
#include "engine/storm/runtime/tuple.h"
#include "engine/storm/topology.h"

namespace millrace::storm {

/// What an executor has done, exact (Storm's own pages sample one in twenty).
struct EmitFigures {
    std::uint64_t emitted = 0;      ///< emit calls
    std::uint64_t transferred = 0;  ///< copies given to tasks
    std::uint64_t lost = 0;         ///< copies for which there was no way: no assignment yet, no open connection
};

/// What went to one consumer of a stream.
struct SentFigures {
    std::uint64_t tuples = 0;  ///< emit calls
    std::uint64_t copies = 0;  ///< of them, given to tasks of the consumer
};

/// The outgoing side of one task: chooses targets by the groupings, draws edge ids, gathers what one run of its
/// executor sends to one target into one message, and hands the messages over at the run's end. Acks go the same way.
///
/// Groupings (Storm 2.8): shuffle walks a ring by locality and load (ShuffleRing), each emitting task its own. Fields
/// takes floorMod of Java's deep array hash over the targets in ascending order. All copies to each; global takes the
/// lowest task; none draws one; local-or-shuffle shuffles over the tasks of this worker when it has any.
///
/// The worker's transfer thread is not an actor of its own: its work is charged to the executor that emits.
class Emitter {
public:
    Emitter() = default;
    Emitter(const Topology& topology, ComponentIndex component, TaskId self, RandomStream random);

    /// How many roots' values a copy of the tuple carries: all of the anchor's, with one new edge.
    struct Anchor {
        std::span<const RootEdge> roots;
        std::uint64_t running = 0;   ///< XOR of the edges that were given out
        std::int32_t copies = 0;     ///< how many they were
        std::uint32_t lineage = 0;   ///< of the tuple at hand
        std::uint32_t children = 0;  ///< emits so far
    };

    /// Emits one tuple to all that it is for. Gives the number of copies.
    std::uint32_t emitTuple(std::uint8_t stream, std::span<const Value> values, Anchor& anchor,
                            const RecordSetRef& records, std::uint32_t record) {
        ++m_figures.emitted;
        if (m_streams[stream].empty()) {  // the end of the topology
            ++anchor.children;
            m_cost += cost::emitCopy;
            return 0;
        }
        return emitToConsumers(stream, values, anchor, records, record);
    }
    /// Sends to the acker of `root`.
    void toAcker(std::uint64_t root, AckBatch::Kind kind, std::uint64_t value, std::int32_t copies, TaskId spout);
    /// From an acker to a spout task.
    void toSpout(TaskId spout, const TreeResults::Entry& entry);

    /// Takes notice of where targets are and how loaded; `loads` is null when nothing is known yet.
    void refreshLoad(const RouteTable& routes, const LoadMap* loads, const TopologyConfig& config);

    /// Hands over all that was gathered. Gives what it costs the processor.
    CpuTime flush(sim::Context& context, const RouteTable& routes);

    [[nodiscard]] RandomStream& random() { return m_random; }
    [[nodiscard]] const EmitFigures& figures() const { return m_figures; }
    /// To one consumer of a stream, by subscription.
    [[nodiscard]] const SentFigures& sent(std::size_t stream, std::size_t subscription) const {
        return m_streams[stream][subscription].sent;
    }
    /// Tasks that got tuples in the last flush with any.
    [[nodiscard]] const std::vector<TaskId>& lastTargets() const { return m_lastTargets; }

private:
    /// One tuple on its way to one consumer.
    struct Outgoing {
        std::span<const Value> values;
        const RecordSetRef& records;
        std::uint32_t record = 0;
        std::uint32_t lineage = 0;
        std::uint8_t stream = 0;
    };
    static constexpr std::size_t roomMost = 16;
    struct Target {
        GroupingKind grouping = GroupingKind::Shuffle;
        SentFigures sent;
        std::vector<std::uint16_t> fields;
        std::vector<TaskId> tasks;  // ascending
        ShuffleRing ring;           // of the shuffles
    };

    std::uint32_t emitToConsumers(std::uint8_t stream, std::span<const Value> values, Anchor& anchor,
                                  const RecordSetRef& records, std::uint32_t record);
    [[nodiscard]] std::int32_t hashFor(const Target& target, std::span<const Value> values);
    void copyTo(TaskId task, const Outgoing& tuple, Anchor& anchor);
    TupleBatch& batchFor(TaskId task, const Outgoing& tuple, const Anchor& anchor);
    [[nodiscard]] std::size_t placeOf(TaskId target) const {
        return static_cast<std::size_t>(target.value - m_lowestTarget.value);
    }

    TaskId m_self;
    std::int32_t m_ackers = 0;
    BrokenRules m_broken;
    std::uint32_t m_missed = 0;  ///< for planted faults only
    TaskId m_lowestTarget = noTask;
    RandomStream m_random;
    bool m_knowsPlaces = false;
    EmitFigures m_figures;
    CpuTime m_cost{0};
    std::vector<std::vector<Target>> m_streams;  // by stream, by subscription
    // Open during one run only, and as long as what was ever sent to needs:
    std::vector<Ref<TupleBatch>> m_batches;  // by task id, from the lowest of all targets on
    std::vector<TaskId> m_touched;
    std::size_t m_room = 1;             // tuples a batch begins with room for: the mean of the last flush with any
    std::vector<Ref<AckBatch>> m_acks;  // by acker task id
    std::vector<Ref<TreeResults>> m_results;  // few: one per spout task that has news
    std::vector<TaskId> m_lastTargets;
};

/// The acker of a root: fields grouping on a Long.
[[nodiscard]] inline TaskId ackerOf(std::uint64_t root, std::int32_t ackers) {
    const std::uint32_t folded = static_cast<std::uint32_t>(root ^ (root >> 32U));
    const std::uint32_t hash = 31U + folded;  // a list of one value
    const auto signedHash = static_cast<std::int32_t>(hash);
    if ((ackers & (ackers - 1)) == 0) {
        return TaskId{1 + (signedHash & (ackers - 1))};  // without a division
    }
    const std::int32_t rest = signedHash % ackers;
    const std::int32_t index = rest < 0 ? rest + ackers : rest;
    return TaskId{1 + index};
}

}  // namespace millrace::storm
