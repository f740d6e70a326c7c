#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/sim/process.h"
#include "engine/storm/runtime/emitter.h"
#include "engine/storm/runtime/executor_figures.h"
#include "engine/storm/runtime/routes.h"
#include "engine/storm/topology.h"

namespace millrace::storm {

/// What every kind of executor has in common: one thread of a worker, running a range of tasks of one component, with
/// one emitter a task, the worker's routes and its figures.
///
/// Back-pressure: after a run the executor looks at the queues it has filled; while one of this worker's holds more
/// than `topology.executor.receive.buffer.size` tuples, or the worker of a remote one has marked it, the executor takes
/// no further tuples (they wait in its own inbox, so that pressure walks upstream) and looks again every millisecond.
/// One run may overshoot the limit; Storm stops in the middle of a run.
class Executor : public sim::Actor {
public:
    [[nodiscard]] const ExecutorRange& range() const { return m_range; }
    [[nodiscard]] const Topology& topology() const { return *m_topology; }
    [[nodiscard]] ComponentIndex componentIndex() const { return m_topology->componentIndexOf(m_range.first); }
    [[nodiscard]] const Component& component() const { return m_topology->componentOf(m_range.first); }
    [[nodiscard]] const ExecutorFigures& figures() const { return m_figures; }
    [[nodiscard]] EmitFigures emitFigures() const;
    /// To one consumer of a stream of its component, by subscription.
    [[nodiscard]] SentFigures sent(std::size_t stream, std::size_t subscription) const;
    [[nodiscard]] double capacity(SimTime now) const { return m_capacity.value(now); }
    [[nodiscard]] SimTime startedAt() const { return m_startedAt; }
    /// Tuples taken from the mailbox that wait while the executor is held up.
    [[nodiscard]] virtual std::uint64_t inboxTuples() const { return 0; }
    /// Roots emitted and neither acked nor failed (spouts), trees under way (ackers), tuples held (bolts).
    [[nodiscard]] virtual std::uint64_t pending() const { return 0; }
    [[nodiscard]] bool isHeldUp() const { return m_isHeldUp; }
    /// Tuples in the queue of an executor of the same process: its inbox and, at its mean batch size, its mailbox.
    [[nodiscard]] static std::uint64_t queuedTuples(const sim::Context& context, sim::ActorId executor);
    [[nodiscard]] double tuplesPerMessage() const {
        return m_messages == 0 ? 1 : static_cast<double>(m_tuples) / static_cast<double>(m_messages);
    }

    void sample(sim::MetricSink& sink) const override;

protected:
    Executor(TopologyRef topology, ExecutorRange range) : m_topology(std::move(topology)), m_range(range) {}

    /// Ends a run: hands over what was emitted and charges `cost` and the hand-over.
    void finishRun(sim::Context& context, CpuTime cost);
    /// True when the message was one of those that all executors understand.
    bool handleCommon(sim::Context& context, const sim::Message& message);
    void makeEmitters(sim::Context& context);
    [[nodiscard]] std::size_t slotOf(TaskId task) const {
        return static_cast<std::size_t>(task.value - m_range.first.value);
    }
    [[nodiscard]] TaskId taskAt(std::size_t slot) const {
        return TaskId{m_range.first.value + static_cast<std::int32_t>(slot)};
    }
    virtual void routesChanged(sim::Context&) {}
    /// Called when the executor is no longer held up.
    virtual void resume(sim::Context&) {}

    TopologyRef m_topology;
    ExecutorRange m_range;
    RouteTableRef m_routes;
    std::vector<Emitter> m_emitters;  // by slot
    ExecutorFigures m_figures;
    CapacityWindow m_capacity;
    SimTime m_startedAt;
    bool m_isHeldUp = false;
    std::uint64_t m_messages = 0;  // batches taken, and the tuples in them
    std::uint64_t m_tuples = 0;

private:
    void refreshLoad(const LoadMap* loads);
    [[nodiscard]] bool mustWait(sim::Context& context) const;
};

/// To itself: time to look whether the way is free.
struct PressureCheck final : sim::MessageBase<PressureCheck> {
    static constexpr std::string_view Name = "storm.PressureCheck";
    void digest(Digest&) const override {}
};
/// To itself, every `topology.message.timeout.secs`: turn the buckets of pending trees.
struct TimeoutTick final : sim::MessageBase<TimeoutTick> {
    static constexpr std::string_view Name = "storm.TimeoutTick";
    [[nodiscard]] std::string summary() const override { return "check for tuples that timed out"; }
    void digest(Digest&) const override {}
};

/// Makes the executor of a range: spout, bolt or acker.
[[nodiscard]] Ref<sim::Actor> makeExecutor(TopologyRef topology, ExecutorRange range);

}  // namespace millrace::storm
