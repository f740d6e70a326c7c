#pragma once

#include <vector>

#include "engine/storm/runtime/executor.h"
#include "engine/storm/runtime/operator.h"
#include "engine/storm/runtime/rotating_map.h"

namespace millrace::storm {

/// Runs the tasks of a spout: Storm's loop around nextTuple, the map of pending trees, time-outs and
/// `topology.max.spout.pending` (per task, root tuples only).
///
/// The loop: after a nextTuple that emitted something comes the next one at once; after one that emitted nothing the
/// thread sleeps `topology.spout.wait.progressive.level3.sleep.millis` (1 ms). Sleeps during which nothing can turn up
/// cost no events here: the executor wakes at the end of the sleep in which something has. A run makes up to `runMax`
/// calls of nextTuple.
///
/// Pending trees lie in two buckets, turned every message time-out, so a tree that is not complete fails between T and
/// 2T after its emit. A tree's messages after that are ignored. When the executor dies its pending trees are forgotten:
/// only what is outside (a consumer group's committed offsets) can bring them again.
class SpoutExecutor final : public Executor {
public:
    static constexpr std::uint32_t runMax = 100;

    SpoutExecutor(TopologyRef topology, ExecutorRange range) : Executor(std::move(topology), range) {}

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    [[nodiscard]] Ref<sim::Actor> clone() const override { return makeRef<SpoutExecutor>(*this); }
    [[nodiscard]] std::uint64_t pending() const override { return m_pending.size(); }
    [[nodiscard]] const Spout& spout(std::size_t slot) const { return *m_spouts[slot]; }
    /// Records that its tasks have taken from outside and that are not acked.
    [[nodiscard]] std::uint64_t unfinished() const;
    [[nodiscard]] bool isOpen() const { return m_isOpen; }
    [[nodiscard]] std::vector<SpoutPosition> positions() const;

protected:
    void routesChanged(sim::Context& context) override;
    void resume(sim::Context& context) override;

private:
    class Output;
    struct Pending {
        MessageId id = 0;
        SimTime emitted;
        std::uint32_t slot = 0;
    };
    struct Wake final : sim::MessageBase<Wake> {
        static constexpr std::string_view Name = "storm.SpoutWake";
        void digest(Digest&) const override {}
    };

    [[nodiscard]] Spout& spoutAt(std::size_t slot);
    void open(sim::Context& context);
    /// Calls nextTuple as often as there is something, room and time.
    CpuTime pump(sim::Context& context);
    void planWake(sim::Context& context, bool goOn);
    CpuTime settle(sim::Context& context, const TreeResults& results);
    CpuTime expire(sim::Context& context);
    void armTick(sim::Context& context);
    void journalTimeout(sim::Context& context, const Pending& pending);

    std::vector<Ref<Spout>> m_spouts;  // by slot
    RotatingMap<std::uint64_t, Pending, 2> m_pending;
    std::uint32_t m_roots = 0;  // given out so far; wraps
    bool m_isOpen = false;
    std::size_t m_nextSlot = 0;  // whose turn it is
    SimTime m_idleSince;
    bool m_isAwake = false;  // a Wake is under way
    SimTime m_wakeAt;
    sim::TimerId m_wakeTimer = sim::noTimer;
    SimTime m_tickAt;
    sim::TimerId m_tickTimer = sim::noTimer;
};

}  // namespace millrace::storm
