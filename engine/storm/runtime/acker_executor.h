#pragma once

#include <vector>

#include "engine/storm/runtime/executor.h"
#include "engine/storm/runtime/rotating_map.h"

namespace millrace::storm {

/// What an acker knows of one tree. Messages may come before the spout's `init`; nothing is decided before the spout
/// task is known; zero is tested before failed.
struct Tree {
    std::uint64_t value = 0;  ///< XOR of all edges so far: zero when each was given out and acked
    SimTime start;
    TaskId spout = noTask;
    std::int32_t left = 0;  ///< edges given out and not acked yet, counted beside the XOR
    bool failed = false;
};

/// Trees of one acker task, pure (Storm's Acker). Three buckets, turned each message time-out; what falls out is
/// forgotten silently, for the spout has its own clock.
class AckerTrees {
public:
    struct Decision {
        enum class Kind : std::uint8_t { Undecided, Complete, Failed };
        Kind kind = Kind::Undecided;
        TaskId spout = noTask;
        SimDuration age{0};
        std::int32_t edgesLeft = 0;
    };

    Decision apply(const AckBatch::Entry& entry, SimTime now);
    /// Gives the number of trees that were forgotten.
    std::uint64_t rotate() { return m_trees.rotate().size(); }
    [[nodiscard]] std::uint64_t size() const { return m_trees.size(); }

private:
    RotatingMap<std::uint64_t, Tree, 3> m_trees;
};

/// Runs acker tasks: follows each tuple tree with 20-odd bytes, by XOR.
class AckerExecutor final : public Executor {
public:
    AckerExecutor(TopologyRef topology, ExecutorRange range) : Executor(std::move(topology), range) {}

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    [[nodiscard]] Ref<sim::Actor> clone() const override { return makeRef<AckerExecutor>(*this); }
    [[nodiscard]] std::uint64_t pending() const override;
    /// Trees declared complete, and those of them that were not: the XOR was zero while edges were still out. Storm
    /// trusts the XOR alone, which is wrong once in 2^64; the count is there for checks.
    [[nodiscard]] std::uint64_t completed() const { return m_completed; }
    [[nodiscard]] std::uint64_t completedEarly() const { return m_completedEarly; }

private:
    void run(sim::Context& context, const AckBatch& batch);

    std::vector<AckerTrees> m_tasks;  // by slot
    std::uint64_t m_completed = 0;
    std::uint64_t m_completedEarly = 0;
};

}  // namespace millrace::storm
