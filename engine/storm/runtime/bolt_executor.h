#pragma once

#include <boost/container/small_vector.hpp>
#include <vector>

#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"
#include "engine/storm/runtime/executor.h"
#include "engine/storm/runtime/operator.h"

namespace millrace::storm {

/// Runs the tasks of a bolt. Anchoring is automatic, as in Storm's BasicBolt: what a task emits in `execute` is
/// anchored to the tuple at hand, and the tuple is acked afterwards with its edge XOR all edges given out; a task that
/// must wait (a sink) holds the tuple and acks or fails it later. A tuple without roots costs no ack.
class BoltExecutor final : public Executor {
public:
    BoltExecutor(TopologyRef topology, ExecutorRange range) : Executor(std::move(topology), range) {}

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    [[nodiscard]] Ref<sim::Actor> clone() const override { return makeRef<BoltExecutor>(*this); }
    [[nodiscard]] std::uint64_t inboxTuples() const override { return m_inboxTuples; }
    [[nodiscard]] std::uint64_t pending() const override { return m_held.size(); }
    [[nodiscard]] std::size_t taskCount() const { return m_bolts.size(); }
    [[nodiscard]] const Bolt& bolt(std::size_t slot) const { return *m_bolts[slot]; }

protected:
    void resume(sim::Context& context) override;

private:
    class Output;
    /// A tuple that its task keeps: what its ack has to say.
    struct HeldRoot {
        std::uint64_t root = 0;
        std::uint64_t edge = 0;   ///< own edge XOR edges given out,
        std::int32_t copies = 0;  ///< and how many these were
    };
    struct Held {
        boost::container::small_vector<HeldRoot, 1> roots;
        std::uint32_t slot = 0;
    };

    [[nodiscard]] Bolt& boltAt(std::size_t slot);
    void run(sim::Context& context, const TupleBatch& batch);
    void armTick(sim::Context& context) const;
    void runTick(sim::Context& context);
    std::vector<Ref<Bolt>> m_bolts;  // by slot
    // Names rise, and who came first mostly goes first: in their order, what is written lies together at both ends. A
    // sink that falls behind keeps a million, and a copy of this executor must not touch them all.
    SharedMap<HeldTuple, Held> m_held;
    HeldTuple m_nextHeld = 1;
    SharedLog<Ref<const TupleBatch>> m_inbox;  // while held up
    std::uint64_t m_inboxTuples = 0;
};

}  // namespace millrace::storm
