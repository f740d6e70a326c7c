#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/pool_allocator.h"
#include "engine/base/ref.h"
#include "engine/sim/message.h"
#include "engine/storm/ids.h"
#include "engine/storm/runtime/value.h"

namespace millrace::storm {

/// A record as a spout took it from outside. It travels with every tuple that was made from it, so that a sink, a
/// rejected line and a journal entry can name their origin. Views lie in what the RecordSet holds.
struct SourceRecord {
    std::string_view topic;
    std::int32_t partition = -1;
    std::int64_t offset = -1;
    std::int64_t timestamp = 0;
    std::string_view key;
    std::string_view value;
    bool hasKey = false;  ///< false: Kafka's null
    bool hasValue = false;
    std::string_view source;     ///< header mr.source; empty when the record has none
    std::int64_t position = -1;  ///< header mr.position
};

/// The records of one poll and the bytes that they are views of. Immutable; shared by all tuples made from it.
class RecordSet final : public Counted {
public:
    PooledVector<SourceRecord> records;
    PooledVector<Ref<const Counted>> owners;
};
using RecordSetRef = Ref<const RecordSet>;

/// The columns of a message.
template <class T>
using Column = PooledVector<T>;

/// One root of a tuple's tree and the tuple's edge in it.
struct RootEdge {
    std::uint64_t root = 0;
    std::uint64_t edge = 0;
};

/// The number of a task's next tree. Storm draws 64 random bits, because its workers agree on nothing; here numbers
/// rise with the time (in units of 65.5 us; after 78 hours they begin again), which keeps those that live at one time
/// together wherever trees are kept. Within a unit, task and count tell trees apart, stirred so that ackers get equal
/// shares: no two of 2^18 trees of one task, and none of two tasks less than 2^14 apart, meet.
[[nodiscard]] constexpr std::uint64_t rootOf(SimTime now, TaskId task, std::uint32_t count) {
    std::uint32_t x = (count << 14U) | (static_cast<std::uint32_t>(task.value) & 0x3FFFU);
    x = (x ^ (x >> 16U)) * 0x85EBCA6BU;  // murmur3's last steps, which map 32 bits to 32 bits one to one
    x = (x ^ (x >> 13U)) * 0xC2B2AE35U;
    x ^= x >> 16U;
    return (static_cast<std::uint64_t>(nanoseconds(now)) >> 16U << 32U) | x;
}

/// The lineage of a tuple's n-th child (from 0).
[[nodiscard]] constexpr std::uint32_t childLineage(std::uint32_t parent, std::uint32_t child) {
    if ((parent | child) == 0) {
        return 0;
    }
    const std::uint64_t mixed = ((std::uint64_t{parent} << 32U) + child) * 0x9E3779B97F4A7C15ULL;
    return static_cast<std::uint32_t>(mixed >> 32U) | 1U;
}

/// One tuple inside a batch; its values and roots lie in the batch's columns.
struct TupleHead {
    std::uint32_t firstValue = 0;
    std::uint32_t firstRoot = 0;
    std::uint32_t record = 0;     ///< index in its record set
    std::uint32_t lineage = 0;    ///< see TupleView::lineage
    std::uint16_t recordSet = 0;  ///< index in the batch's sets
    std::uint16_t rootCount = 0;  ///< 0: untracked
    std::uint8_t valueCount = 0;
    std::uint8_t stream = 0;  ///< index among the emitter's streams
};

/// All tuples that one run of an executor emits from one of its tasks to one target task: one message. Tuples keep the
/// order of their emits. The batch owns what its values are views of.
struct TupleBatch final : sim::MessageBase<TupleBatch> {
    static constexpr std::string_view Name = "storm.TupleBatch";
    TaskId source;
    TaskId target;
    bool isRemote = false;  ///< crosses to another worker and is serialised
    std::uint32_t textBytes = 0;
    Column<TupleHead> tuples;
    Column<Value> values;
    Column<RootEdge> roots;
    Column<RecordSetRef> recordSets;

    [[nodiscard]] ByteCount wireSize() const override {
        return static_cast<ByteCount>(16 + tuples.size() * 14 + values.size() * 3 + roots.size() * 16 + textBytes);
    }
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

/// A tuple as a bolt sees it. Valid during `execute`.
class TupleView {
public:
    TupleView(const TupleBatch& batch, const TupleHead& head, std::uint16_t input)
        : m_batch(batch), m_head(head), m_input(input) {}

    /// Index of the bolt's input that it came by: tells which fields it has.
    [[nodiscard]] std::uint16_t input() const { return m_input; }
    [[nodiscard]] std::size_t size() const { return m_head.valueCount; }
    [[nodiscard]] const Value& value(std::size_t index) const { return m_batch.values[m_head.firstValue + index]; }
    /// Which one of its message's tuples it is.
    [[nodiscard]] std::size_t place() const { return static_cast<std::size_t>(&m_head - m_batch.tuples.data()); }
    /// That of a tuple further on in the same message; null when there is none. For who wants to have something ready.
    [[nodiscard]] const Value* ahead(std::size_t tuples, std::size_t index) const {
        const std::size_t at = place() + tuples;
        const bool isThere = at < m_batch.tuples.size() && index < m_batch.tuples[at].valueCount;
        return isThere ? &m_batch.values[m_batch.tuples[at].firstValue + index] : nullptr;
    }
    [[nodiscard]] std::span<const Value> values() const {
        return {m_batch.values.data() + m_head.firstValue, m_head.valueCount};
    }
    [[nodiscard]] std::span<const RootEdge> roots() const {
        return {m_batch.roots.data() + m_head.firstRoot, m_head.rootCount};
    }
    [[nodiscard]] const SourceRecord& record() const { return recordSet()->records[m_head.record]; }
    [[nodiscard]] const RecordSetRef& recordSet() const { return m_batch.recordSets[m_head.recordSet]; }
    [[nodiscard]] std::uint32_t recordIndex() const { return m_head.record; }
    /// Which of the tuples that were made from the record this is: depends on the way through the topology and on the
    /// place among its siblings, so it is the same again in a replay. 0 along first children.
    [[nodiscard]] std::uint32_t lineage() const { return m_head.lineage; }

private:
    const TupleBatch& m_batch;
    const TupleHead& m_head;
    std::uint16_t m_input;
};

/// To an acker task: what one run of an executor has to say about trees. Consecutive acks of one root are combined,
/// which XOR allows; `count` keeps how many they were.
struct AckBatch final : sim::MessageBase<AckBatch> {
    static constexpr std::string_view Name = "storm.AckBatch";
    enum class Kind : std::uint8_t { Init, Ack, Fail };
    struct Entry {
        std::uint64_t root = 0;
        std::uint64_t value = 0;  ///< XOR of edges
        TaskId spout;             ///< Init only
        std::uint16_t count = 1;
        Kind kind = Kind::Ack;
        std::int32_t copies = 0;  ///< edges given out: tells, beside the XOR, whether a tree is complete
    };
    TaskId source;
    TaskId target;
    bool isRemote = false;
    Column<Entry> entries;

    [[nodiscard]] ByteCount wireSize() const override { return static_cast<ByteCount>(16 + entries.size() * 24); }
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

/// From an acker to a spout task: trees that are complete or have failed.
struct TreeResults final : sim::MessageBase<TreeResults> {
    static constexpr std::string_view Name = "storm.TreeResults";
    struct Entry {
        std::uint64_t root = 0;
        SimDuration age{0};  ///< by the acker's clock
        bool failed = false;
    };
    TaskId source;
    TaskId target;
    bool isRemote = false;
    Column<Entry> entries;

    [[nodiscard]] ByteCount wireSize() const override { return static_cast<ByteCount>(16 + entries.size() * 22); }
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

}  // namespace millrace::storm
