#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/sim/context.h"
#include "engine/storm/runtime/tuple.h"
#include "engine/storm/topology.h"

namespace millrace::storm {

/// Where an operator finds itself when it starts.
struct OperatorSetup {
    const Topology& topology;
    ComponentIndex component;
    TaskId task;
    std::int32_t taskIndex = 0;  ///< among the component's tasks, from 0

    [[nodiscard]] const Component& self() const { return topology.component(component); }
};

/// Names a tuple that a bolt keeps beyond `execute`.
using HeldTuple = std::uint64_t;

/// A bolt's way out. What is emitted during `execute` is anchored to the tuple at hand, which is acked when `execute`
/// returns unless the bolt held or failed it.
class BoltOutput {
public:
    [[nodiscard]] virtual sim::Context& context() = 0;
    virtual void emitTuple(std::uint8_t stream, std::span<const Value> values) = 0;
    void emitTuple(std::uint8_t stream, std::initializer_list<Value> values) {
        emitTuple(stream, std::span<const Value>(values.begin(), values.size()));
    }
    /// The tuple at hand is not acked now: `ack` or `fail` will come with this name.
    [[nodiscard]] virtual HeldTuple hold() = 0;
    virtual void ack(HeldTuple tuple) = 0;
    virtual void fail(HeldTuple tuple) = 0;
    /// Fails the tuple at hand.
    virtual void fail() = 0;
    virtual void spend(CpuTime cost) = 0;
    /// A text that tuples which are emitted from now on may hold views of.
    [[nodiscard]] virtual std::string_view keep(std::string text) = 0;
    /// Emits a tuple that was made from tuples that are held, at any time: anchored to all of them (Storm's emit with
    /// several anchors), to at most 65,535 of their roots. It goes on with a record of one of them. `lineage` tells it
    /// apart from all others that are made from that record, the same in a replay.
    virtual void emitMade(std::uint8_t stream, std::span<const Value> values, std::span<const HeldTuple> parents,
                          const RecordSetRef& records, std::uint32_t record, std::uint32_t lineage) = 0;

protected:
    ~BoltOutput() = default;
};

/// One task of a bolt: its whole state is in the object, which is copied with the world (large state in shared tables).
class Bolt : public Counted {
public:
    [[nodiscard]] virtual Ref<Bolt> clone() const = 0;
    virtual void prepare(sim::Context&, const OperatorSetup&) {}
    virtual void execute(BoltOutput& output, const TupleView& tuple) = 0;
    /// Messages that the executor does not know: answers to what the bolt asked for. True when it was the bolt's.
    virtual bool handle(BoltOutput&, const sim::Message&) { return false; }
    /// A tick tuple. Bolts here know one when they see it, and mostly let it pass.
    virtual void tick(BoltOutput&) {}
};
template <class Derived>
class BoltBase : public Bolt {
public:
    [[nodiscard]] Ref<Bolt> clone() const final { return makeRef<Derived>(static_cast<const Derived&>(*this)); }
};

/// What does not fit in a bolt: `parameter` is the one of its own that it is about ("pattern", "table"), empty when it
/// is none of them.
struct BoltTrouble {
    std::string parameter;
    std::string message;
};

/// The code of a bolt as it is part of a topology: immutable configuration that makes tasks.
class BoltFactory : public Counted {
public:
    [[nodiscard]] virtual std::string_view kind() const = 0;  ///< "split", "count" ...
    /// The streams that it emits, given those that come in; the error says what does not fit.
    [[nodiscard]] virtual Result<std::vector<StreamSpec>, BoltTrouble> streams(
        const std::vector<StreamSpec>& inputs) const = 0;
    [[nodiscard]] virtual Ref<Bolt> make() const = 0;
    virtual std::uint64_t digest() const = 0;
    /// How long its tasks keep a tuple in the ordinary course of things: windows do.
    [[nodiscard]] virtual SimDuration keepsTuplesFor() const { return SimDuration{0}; }
};

/// Names a root tuple in its spout: what `ack` and `fail` come with.
using MessageId = std::uint64_t;

/// A spout's way out.
class SpoutOutput {
public:
    [[nodiscard]] virtual sim::Context& context() = 0;
    virtual void emitTuple(std::uint8_t stream, std::span<const Value> values, const RecordSetRef& records,
                           std::uint32_t record, MessageId id) = 0;
    /// What is emitted next is not new: counted.
    virtual void noteReplay() = 0;
    virtual void spend(CpuTime cost) = 0;

protected:
    ~SpoutOutput() = default;
};

/// How far one task of a spout has come in one partition of what it reads.
struct SpoutPosition {
    std::string group;  ///< under whose name it commits
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t next = -1;     ///< offset of the next record to become a tuple, -1 while it is being found out
    std::int64_t unacked = -1;  ///< lowest offset whose tuple is not acked, or `next`
    std::int64_t begun = -1;    ///< where the task began to read: what lies before needs no commit of its own
};

/// One task of a spout. The executor calls `nextTuples` in its loop; several calls of Storm's nextTuple are one of
/// these.
class Spout : public Counted {
public:
    [[nodiscard]] virtual Ref<Spout> clone() const = 0;
    virtual void open(SpoutOutput& output, const OperatorSetup& setup) = 0;
    /// Emits at most `limit` tuples and says how many. Fewer than `limit` means: nothing more at present.
    virtual std::uint32_t nextTuples(SpoutOutput& output, std::uint32_t limit) = 0;
    /// Whether `nextTuples` would find something; asked while the executor idles.
    [[nodiscard]] virtual bool hasNext(SimTime now) const = 0;
    /// When a tuple that waits for its turn (a replay after a back-off) will be due.
    [[nodiscard]] virtual std::optional<SimTime> nextDue() const { return std::nullopt; }
    virtual void ack(SpoutOutput& output, MessageId id) = 0;
    virtual void fail(SpoutOutput& output, MessageId id) = 0;
    /// Messages that the executor does not know (its consumer's). True when it was the spout's.
    virtual bool handle(SpoutOutput& output, const sim::Message& message) = 0;
    /// The record behind a root tuple that is still pending, for the journal; null when unknown.
    [[nodiscard]] virtual const SourceRecord* recordOf(MessageId id) const = 0;
    /// Records that it has taken from outside and that are not acked.
    [[nodiscard]] virtual std::uint64_t unfinished() const = 0;
    /// Its partitions of what it reads.
    [[nodiscard]] virtual std::vector<SpoutPosition> positions() const { return {}; }
};
template <class Derived>
class SpoutBase : public Spout {
public:
    [[nodiscard]] Ref<Spout> clone() const final { return makeRef<Derived>(static_cast<const Derived&>(*this)); }
};

class SpoutFactory : public Counted {
public:
    [[nodiscard]] virtual std::string_view kind() const = 0;
    [[nodiscard]] virtual std::vector<StreamSpec> streams() const = 0;
    [[nodiscard]] virtual Ref<Spout> make() const = 0;
    virtual std::uint64_t digest() const = 0;
};

}  // namespace millrace::storm
