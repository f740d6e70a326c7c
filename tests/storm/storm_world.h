#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/sim/world.h"
#include "engine/storm/cluster/nimbus.h"
#include "engine/storm/cluster/supervisor.h"
#include "engine/storm/runtime/bolt_executor.h"
#include "engine/storm/runtime/operator.h"
#include "engine/storm/runtime/spout_executor.h"
#include "engine/storm/runtime/worker.h"
#include "engine/zookeeper/server.h"

namespace millrace::storm::testing {

using namespace std::chrono_literals;

/// Emits the numbers 0, 1, 2 ... as text at a steady rate, and again what fails.
class NumberSpout final : public SpoutBase<NumberSpout> {
public:
    NumberSpout(std::int64_t count, std::int64_t perSecond) : m_count(count), m_perSecond(perSecond) {}

    void open(SpoutOutput& output, const OperatorSetup& setup) override;
    std::uint32_t nextTuples(SpoutOutput& output, std::uint32_t limit) override;
    [[nodiscard]] bool hasNext(SimTime) const override { return m_due > m_next || !m_failed.empty(); }
    void ack(SpoutOutput&, MessageId id) override { ++m_acks[static_cast<std::int64_t>(id)]; }
    void fail(SpoutOutput& output, MessageId id) override;
    bool handle(SpoutOutput& output, const sim::Message& message) override;
    [[nodiscard]] const SourceRecord* recordOf(MessageId id) const override {
        return &m_sets[static_cast<std::size_t>(id)]->records[0];
    }
    [[nodiscard]] std::uint64_t unfinished() const override {
        return static_cast<std::uint64_t>(m_next) - m_acks.size();
    }

    [[nodiscard]] const std::map<std::int64_t, int>& acks() const { return m_acks; }
    /// When each failure of a number was reported, after its last emit.
    [[nodiscard]] const std::vector<SimDuration>& failureAges() const { return m_failureAges; }
    [[nodiscard]] std::int64_t emitted() const { return m_next; }

private:
    void give(SpoutOutput& output, std::int64_t number);
    std::int64_t m_count;
    std::int64_t m_perSecond;
    std::int64_t m_next = 0;
    std::int64_t m_due = 0;
    SimTime m_opened;
    std::vector<std::int64_t> m_failed;
    std::vector<RecordSetRef> m_sets;
    std::map<std::int64_t, SimTime> m_emittedAt;
    std::map<std::int64_t, int> m_acks;
    std::vector<SimDuration> m_failureAges;
};

/// Emits each tuple `copies` times, or writes down what it gets; the first time it sees a number that `ignores` divides
/// it keeps the tuple and never acks it; one that `fails` divides it fails.
struct StepConfig {
    int copies = 0;
    std::int64_t ignores = 0;
    std::int64_t fails = 0;
    CpuTime cost{0};
};
class StepBolt final : public BoltBase<StepBolt> {
public:
    explicit StepBolt(StepConfig config) : m_config(config) {}
    void execute(BoltOutput& output, const TupleView& tuple) override;
    [[nodiscard]] const std::map<std::int64_t, int>& seen() const { return m_seen; }

private:
    StepConfig m_config;
    std::map<std::int64_t, int> m_seen;
};

[[nodiscard]] Ref<const SpoutFactory> numbers(std::int64_t count, std::int64_t perSecond);
[[nodiscard]] Ref<const BoltFactory> step(StepConfig config);

[[nodiscard]] TopologyRef compiled(const TopologySpec& spec);

/// A Storm cluster: ZooKeeper on "zk", Nimbus on "master", supervisors s1, s2 ... on "node1", "node2" ...
class StormWorld {
public:
    StormWorld(int nodes, std::uint64_t seed, const std::function<void(ClusterConfig&)>& adjust = {},
               int slotsEach = 2);

    void submit(TopologyRef topology);
    void run(SimDuration duration) { world.run(world.now() + duration); }
    bool runUntil(const std::function<bool()>& holds, SimDuration limit);
    void fault(sim::FaultKind kind, const std::string& target);

    [[nodiscard]] const Nimbus* nimbus() const { return world.findActor<Nimbus>("nimbus/daemon"); }
    /// Live executors of a component, by full actor name.
    [[nodiscard]] std::vector<const Executor*> executors(std::string_view component) const;
    [[nodiscard]] std::vector<std::string> liveWorkers() const;
    /// What all live tasks of a recording bolt have seen.
    [[nodiscard]] std::map<std::int64_t, int> seenBy(std::string_view component) const;
    [[nodiscard]] const NumberSpout* spout(std::string_view component) const;
    [[nodiscard]] std::vector<const sim::JournalEntry*> entries(std::string_view kind) const;
    /// Follows causes to the first entry.
    [[nodiscard]] const sim::JournalEntry* rootCause(const sim::JournalEntry* entry) const;
    /// "kind < kind of its cause < ..."
    [[nodiscard]] std::string chainOf(const sim::JournalEntry* entry) const;
    [[nodiscard]] bool allSpoutsOpen(std::size_t spouts) const;

    sim::World world;
    ClusterConfig config;
};

}  // namespace millrace::storm::testing
