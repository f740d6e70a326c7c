#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "engine/lab/invariant.h"
#include "engine/storm/describe.h"
#include "engine/storm/operators/count_bolt.h"
#include "engine/storm/runtime/acker_executor.h"
#include "engine/storm/runtime/bolt_executor.h"
#include "engine/storm/runtime/spout_executor.h"
#include "engine/storm/runtime/worker.h"

namespace millrace::lab {

namespace {

/// At every look each spout executor's books must balance: what it has emitted is acked, failed (and so handed back to
/// the spout, which emits it again) or pending. And no acker may have declared a tree complete while tuples of it were
/// under way: then a loss behind it would never be replayed. An executor that dies takes its books along.
class TuplesAckedOrReplayed final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "tuples-acked-or-replayed"; }
    [[nodiscard]] std::string_view statement() const override {
        return "Every spout tuple is acked when all tuples made from it are, and replayed otherwise";
    }
    void forget() override { m_completed.clear(); }

    void observe(const sim::World& world) override {
        forEachExecutor(world, [&](const std::string& name, const sim::Actor& actor) {
            if (const auto* acker = dynamic_cast<const storm::AckerExecutor*>(&actor)) {
                balance(world, name, *acker);
            } else if (const auto* spout = dynamic_cast<const storm::SpoutExecutor*>(&actor)) {
                balance(world, name, *spout);
            }
        });
    }

    void finish(const sim::World& world, bool drained) override {
        if (!drained) {
            return;
        }
        forEachExecutor(world, [&](const std::string& name, const sim::Actor& actor) {
            if (const auto* spout = dynamic_cast<const storm::SpoutExecutor*>(&actor)) {
                expect(world, spout->pending() == 0, [&] {
                    return fmt::format("{} still waits for {} tuples after all is drained", name, spout->pending());
                });
            }
        });
    }

private:
    static void forEachExecutor(const sim::World& world, auto&& f) {
        for (std::uint32_t i = 0; i < world.processCount(); ++i) {
            const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
            if (!process.isAlive() || !process.name().starts_with("worker/")) {
                continue;
            }
            const auto* worker = world.findActor<storm::Worker>(process.name() + "/main");
            if (worker == nullptr || !worker->isLaunched()) {
                continue;
            }
            for (const storm::ExecutorRange& range : worker->config().executors) {
                const std::string name = process.name() + "/" + storm::executorName(*worker->config().topology, range);
                if (const sim::Actor* executor = world.findActor(name)) {
                    f(name, *executor);
                }
            }
        }
    }

    void balance(const sim::World& world, const std::string& name, const storm::AckerExecutor& acker) {
        std::uint64_t& known = m_completed[name];
        check(acker.completed() >= known ? acker.completed() - known : acker.completed());
        known = acker.completed();
        if (acker.completedEarly() > 0) {
            violate(world, fmt::format("{} has declared {} trees complete while tuples of them were under way", name,
                                       acker.completedEarly()));
        }
    }

    void balance(const sim::World& world, const std::string& name, const storm::SpoutExecutor& spout) {
        const std::uint64_t emitted = spout.emitFigures().emitted;
        const std::uint64_t accounted = spout.figures().acked + spout.figures().failed + spout.pending();
        expect(world, emitted == accounted && spout.figures().replayed <= spout.figures().failed, [&] {
            return fmt::format(
                "{} has emitted {} tuples, of which {} are acked, {} failed, {} pending, and {} emitted again", name,
                emitted, spout.figures().acked, spout.figures().failed, spout.pending(), spout.figures().replayed);
        });
    }

    std::map<std::string, std::uint64_t> m_completed;
};

/// A spout that starts again begins at its commit: what lies before it will never be replayed.
class SpoutsCommitWhatIsAcked final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "spouts-commit-what-is-acked"; }
    [[nodiscard]] std::string_view statement() const override {
        return "A spout has committed no offset of which a tuple is not acked yet";
    }
    void forget() override {}
    void observe(const sim::World&) override {}
    void observeBooks(const sim::World& world, const run::Ledger& ledger) override {
        for (const storm::SpoutPosition& position : storm::spoutPositions(world)) {
            const auto committed = ledger.committedSincePosition(
                position.group, {kafka::TopicName{position.topic}, kafka::PartitionIndex{position.partition}});
            if (!committed || position.unacked < 0) {
                continue;
            }
            expect(world, *committed <= position.unacked, [&] {
                return fmt::format("{} has committed {} of {}-{} while {} is not acked", position.group, *committed,
                                   position.topic, position.partition, position.unacked);
            });
        }
    }
};

/// Fields grouping is shown by the tables of counts: no key is in two of them. All grouping by executors of which one
/// gets nothing at all, as long as no fault has ever hit anything. Seen every ten seconds, as tables are large.
class GroupingsReachTheirTasks final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "groupings-reach-their-tasks"; }
    [[nodiscard]] std::string_view statement() const override {
        return "Fields grouping sends a key to one task, all grouping sends each tuple to every task";
    }
    void forget() override { m_next = SimTime{}; }
    void observe(const sim::World& world) override {
        if (world.now() >= m_next) {
            m_next = world.now() + std::chrono::seconds{10};
            look(world);
        }
    }
    void finish(const sim::World& world, bool) override { look(world); }

private:
    static constexpr std::uint64_t keysMax = 20'000;

    void look(const sim::World& world) {
        for (const storm::TopologyRef& topology : storm::topologies(world)) {
            const std::vector<storm::LiveExecutor> executors = storm::liveExecutors(world, topology->name);
            for (const storm::Component& component : topology->components) {
                const auto isAll = [&](storm::GroupingKind kind) {
                    return !component.inputs.empty() &&
                           std::all_of(component.inputs.begin(), component.inputs.end(),
                                       [&](const storm::ResolvedInput& input) { return input.grouping == kind; });
                };
                if (isAll(storm::GroupingKind::Fields)) {
                    checkKeys(world, component, executors);
                } else if (isAll(storm::GroupingKind::All) && world.faults().empty()) {
                    checkShares(world, component, executors);
                }
            }
        }
    }

    void checkKeys(const sim::World& world, const storm::Component& component,
                   const std::vector<storm::LiveExecutor>& executors) {
        std::map<std::string, std::int32_t> taskOf;
        std::uint64_t left = keysMax;
        for (const storm::LiveExecutor& live : executors) {
            const auto* bolts = dynamic_cast<const storm::BoltExecutor*>(live.executor);
            if (bolts == nullptr || bolts->component().id != component.id) {
                continue;
            }
            for (std::size_t slot = 0; slot < bolts->taskCount(); ++slot) {
                const auto* counts = dynamic_cast<const storm::CountBolt*>(&bolts->bolt(slot));
                if (counts == nullptr || counts->counts().size() > left || !groupsBy(component, counts->field())) {
                    return;
                }
                left -= counts->counts().size();
                const std::int32_t task = bolts->range().first.value + static_cast<std::int32_t>(slot);
                counts->counts().forEach([&](const std::string& key, std::int64_t) {
                    const auto [other, isNew] = taskOf.try_emplace(key, task);
                    expect(world, isNew, [&] {
                        return fmt::format("tasks {} and {} of {} both have counted '{}'", other->second, task,
                                           component.id, key);
                    });
                });
            }
        }
    }

    static bool groupsBy(const storm::Component& component, const std::string& field) {
        return std::all_of(component.inputs.begin(), component.inputs.end(), [&](const storm::ResolvedInput& input) {
            return input.groupingFields.size() == 1 && input.groupingFields.front() == field;
        });
    }

    void checkShares(const sim::World& world, const storm::Component& component,
                     const std::vector<storm::LiveExecutor>& executors) {
        std::uint64_t least = ~std::uint64_t{0};
        std::uint64_t most = 0;
        for (const storm::LiveExecutor& live : executors) {
            if (live.executor->component().id == component.id) {
                least = std::min<std::uint64_t>(least, live.executor->figures().executed);
                most = std::max<std::uint64_t>(most, live.executor->figures().executed);
            }
        }
        expect(world, least > 0 || most < 500, [&] {
            return fmt::format("an executor of {} has been sent nothing, another {} tuples", component.id, most);
        });
    }

    SimTime m_next;
};

}  // namespace

std::unique_ptr<Invariant> makeGroupingsReachTheirTasks() {
    return std::make_unique<GroupingsReachTheirTasks>();
}

std::unique_ptr<Invariant> makeSpoutsCommitWhatIsAcked() {
    return std::make_unique<SpoutsCommitWhatIsAcked>();
}

std::unique_ptr<Invariant> makeTuplesAckedOrReplayed() {
    return std::make_unique<TuplesAckedOrReplayed>();
}

}  // namespace millrace::lab
