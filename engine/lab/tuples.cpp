#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

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
    void forget() override {
        m_readers.clear();
        m_next = SimTime{};
    }
    void observe(const sim::World&) override {}
    void observeBooks(const sim::World& world, const run::Ledger& ledger) override {
        if (world.now() < m_next) {
            return;
        }
        m_next = world.now() + std::chrono::seconds{1};
        std::map<Partition, std::map<std::string, storm::SpoutPosition>> all;
        for (const storm::LiveExecutor& live : storm::liveExecutors(world)) {
            if (const auto* spouts = dynamic_cast<const storm::SpoutExecutor*>(live.executor)) {
                for (const storm::SpoutPosition& position : spouts->positions()) {
                    all[{position.group, position.topic, position.partition}][live.name] = position;
                }
            }
        }
        for (const auto& [partition, readers] : all) {
            Readers& known = m_readers[partition];
            const storm::SpoutPosition* alone = loneReader(known, readers);
            if (alone == nullptr || mayHearOfTheDead(world, known)) {
                continue;
            }
            const storm::SpoutPosition& position = *alone;
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

private:
    using Partition = std::tuple<std::string, std::string, std::int32_t>;  ///< with its group
    struct Readers {
        std::set<std::string> last;
        std::string newest;
        int lives = 0;  ///< readers that have begun, one after the other or beside another
    };

    /// Commits of a group stand over one another whoever makes them: a worker that is cut off reads on while Nimbus has
    /// started its spout elsewhere, and two topologies may share a group. Only the newest can be asked, and only alone.
    static const storm::SpoutPosition* loneReader(Readers& known,
                                                  const std::map<std::string, storm::SpoutPosition>& now) {
        std::set<std::string> names;
        for (const auto& [name, position] : now) {
            const bool isNew = !known.last.contains(name);
            known.newest = isNew ? name : known.newest;
            known.lives += isNew ? 1 : 0;
            names.insert(name);
        }
        known.last = std::move(names);
        return now.size() == 1 && now.begin()->first == known.newest ? &now.begin()->second : nullptr;
    }

    /// A commit that a dead reader had sent may still be under way where links are cut or slow, and arrive behind what
    /// its successor was told. A broker cannot tell the two apart, and nor can anybody here.
    static bool mayHearOfTheDead(const sim::World& world, const Readers& known) {
        const sim::ProcessId process = world.findProcess(known.newest.substr(0, known.newest.rfind('/')));
        const bool isFirst = known.lives <= 1 && process != sim::noProcess && world.process(process).incarnation <= 1;
        const auto& faults = world.faults();
        return !isFirst && std::any_of(faults.begin(), faults.end(), [](const Ref<const sim::FaultRecord>& each) {
            return rowOf(each->spec.kind).hits == FaultRow::Hits::Link;
        });
    }

    std::map<Partition, Readers> m_readers;
    SimTime m_next;
};

/// The task of a component that fields grouping by one value leads to.
std::int32_t taskFor(const storm::Value& value, const storm::Component& component) {
    const std::int32_t hash = storm::javaHash(std::span<const storm::Value>(&value, 1));
    const std::int32_t rest = hash % component.tasks;
    return component.firstTask.value + (rest < 0 ? rest + component.tasks : rest);
}

/// Tables of counts keep the text of a key. A value that reads so may have had several types, and each has a task of
/// its own: a Long 200 and the text "200" are different keys to Storm.
std::vector<std::int32_t> tasksFor(const std::string& key, const storm::Component& component) {
    std::vector<storm::Value> values{storm::Value::ofText(key)};
    if (key == "true" || key == "false") {
        values.push_back(storm::Value::ofBool(key == "true"));
    } else if (key == "null") {
        values.emplace_back();
    }
    const char* end = key.data() + key.size();
    std::int64_t whole = 0;
    if (const auto read = std::from_chars(key.data(), end, whole); read.ec == std::errc{} && read.ptr == end) {
        values.push_back(storm::Value::ofLong(whole));
        if (std::in_range<std::int32_t>(whole)) {
            values.push_back(storm::Value::ofInt(static_cast<std::int32_t>(whole)));
        }
    }
    double real = 0;
    if (const auto read = std::from_chars(key.data(), end, real); read.ec == std::errc{} && read.ptr == end) {
        values.push_back(storm::Value::ofDouble(real));
    }
    std::vector<std::int32_t> tasks;
    tasks.reserve(values.size());
    for (const storm::Value& value : values) {
        tasks.push_back(taskFor(value, component));
    }
    return tasks;
}

/// Fields grouping is shown by the tables of counts: a key is nowhere but at the task of its hash. Seen every ten
/// seconds, as tables are large. All grouping by what was sent: as many copies as the consumer has tasks; and
/// when all has arrived and no fault has ever hit anything, by executors of which one has got nothing at all.
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
    void finish(const sim::World& world, bool drained) override {
        look(world);
        if (drained && world.faults().empty()) {
            checkArrivals(world);
        }
    }

private:
    static constexpr std::uint64_t keysMax = 20'000;

    void look(const sim::World& world) {
        for (const storm::TopologyRef& topology : storm::topologies(world)) {
            const std::vector<storm::LiveExecutor> executors = storm::liveExecutors(world, topology->name);
            for (const storm::Component& component : topology->components) {
                if (isGrouped(component, storm::GroupingKind::Fields)) {
                    checkKeys(world, component, executors);
                }
            }
            for (const storm::LiveExecutor& live : executors) {
                checkCopies(world, *topology, live);
            }
        }
    }

    static bool isGrouped(const storm::Component& component, storm::GroupingKind kind) {
        return !component.inputs.empty() &&
               std::all_of(component.inputs.begin(), component.inputs.end(),
                           [&](const storm::ResolvedInput& input) { return input.grouping == kind; });
    }

    void checkArrivals(const sim::World& world) {
        for (const storm::TopologyRef& topology : storm::topologies(world)) {
            const std::vector<storm::LiveExecutor> executors = storm::liveExecutors(world, topology->name);
            for (const storm::Component& component : topology->components) {
                if (!isGrouped(component, storm::GroupingKind::All)) {
                    continue;
                }
                std::uint64_t least = ~std::uint64_t{0};
                std::uint64_t most = 0;
                for (const storm::LiveExecutor& live : executors) {
                    if (live.executor->component().id == component.id) {
                        least = std::min<std::uint64_t>(least, live.executor->figures().executed);
                        most = std::max<std::uint64_t>(most, live.executor->figures().executed);
                    }
                }
                expect(world, least > 0 || most < 500, [&] {
                    return fmt::format("an executor of {} has got nothing, another {} tuples", component.id, most);
                });
            }
        }
    }

    void checkKeys(const sim::World& world, const storm::Component& component,
                   const std::vector<storm::LiveExecutor>& executors) {
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
                    const std::vector<std::int32_t> own = tasksFor(key, component);
                    expect(world, std::find(own.begin(), own.end(), task) != own.end(), [&] {
                        return fmt::format("task {} of {} has counted '{}', which is task {}'s", task, component.id,
                                           key, own.front());
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

    void checkCopies(const sim::World& world, const storm::Topology& topology, const storm::LiveExecutor& live) {
        const std::vector<storm::OutputStream>& outputs = live.executor->component().outputs;
        for (std::size_t stream = 0; stream < outputs.size(); ++stream) {
            const std::vector<storm::Subscription>& subscriptions = outputs[stream].subscriptions;
            for (std::size_t i = 0; i < subscriptions.size(); ++i) {
                if (subscriptions[i].grouping != storm::GroupingKind::All) {
                    continue;
                }
                const storm::Component& consumer = topology.component(subscriptions[i].consumer);
                const storm::SentFigures sent = live.executor->sent(stream, i);
                expect(world, sent.copies == sent.tuples * static_cast<std::uint64_t>(consumer.tasks), [&] {
                    return fmt::format("{} has sent {} copies of {} tuples to {}, which has {} tasks", live.name,
                                       sent.copies, sent.tuples, consumer.id, consumer.tasks);
                });
            }
        }
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
