#include "tests/storm/storm_world.h"

#include "engine/base/check.h"
#include "engine/storm/cluster/submitter.h"
#include "engine/storm/names.h"

namespace millrace::storm::testing {

namespace {

struct Due final : sim::MessageBase<Due> {
    static constexpr std::string_view Name = "test.Due";
    void digest(Digest&) const override {}
};

struct Text final : Counted {
    std::string text;
    explicit Text(std::string what) : text(std::move(what)) {}
};

class NumbersFactory final : public SpoutFactory {
public:
    NumbersFactory(std::int64_t count, std::int64_t perSecond) : m_count(count), m_perSecond(perSecond) {}
    [[nodiscard]] std::string_view kind() const override { return "numbers"; }
    [[nodiscard]] std::vector<StreamSpec> streams() const override { return {{"default", {"number"}}}; }
    [[nodiscard]] Ref<Spout> make() const override { return makeRef<NumberSpout>(m_count, m_perSecond); }
    [[nodiscard]] std::uint64_t digest() const override { return 1; }

private:
    std::int64_t m_count;
    std::int64_t m_perSecond;
};

class StepFactory final : public BoltFactory {
public:
    explicit StepFactory(StepConfig config) : m_config(config) {}
    [[nodiscard]] std::string_view kind() const override { return "step"; }
    [[nodiscard]] Result<std::vector<StreamSpec>, BoltTrouble> streams(const std::vector<StreamSpec>&) const override {
        return std::vector<StreamSpec>{{"default", {"number"}}};
    }
    [[nodiscard]] Ref<Bolt> make() const override { return makeRef<StepBolt>(m_config); }
    [[nodiscard]] std::uint64_t digest() const override { return 2; }

private:
    StepConfig m_config;
};

}  // namespace

void NumberSpout::open(SpoutOutput& output, const OperatorSetup&) {
    m_opened = output.context().now();
    output.context().arm(5ms, makeRef<Due>());
}

bool NumberSpout::handle(SpoutOutput& output, const sim::Message& message) {
    if (message.as<Due>() == nullptr) {
        return false;
    }
    const std::int64_t ms = (output.context().now() - m_opened).count() / 1'000'000;
    m_due = std::min(m_count, ms * m_perSecond / 1000);
    output.context().arm(5ms, makeRef<Due>());
    return true;
}

std::uint32_t NumberSpout::nextTuples(SpoutOutput& output, std::uint32_t limit) {
    std::uint32_t given = 0;
    while (given < limit && !m_failed.empty()) {
        const std::int64_t number = m_failed.front();
        m_failed.erase(m_failed.begin());
        output.noteReplay();
        give(output, number);
        ++given;
    }
    for (; given < limit && m_next < m_due; ++given) {
        const auto text = makeRef<Text>(std::to_string(m_next));
        const auto set = makeRef<RecordSet>();
        set->owners.push_back(text);
        SourceRecord record;
        record.value = text->text;
        record.source = "numbers";
        record.position = m_next;
        record.offset = m_next;
        set->records.push_back(record);
        m_sets.push_back(set);
        give(output, m_next++);
    }
    return given;
}

void NumberSpout::give(SpoutOutput& output, std::int64_t number) {
    m_emittedAt[number] = output.context().now();
    const RecordSetRef& set = m_sets[static_cast<std::size_t>(number)];
    const Value value = Value::ofText(set->records[0].value);
    output.emitTuple(0, std::span<const Value>(&value, 1), set, 0, static_cast<MessageId>(number));
}

void NumberSpout::fail(SpoutOutput& output, MessageId id) {
    const auto number = static_cast<std::int64_t>(id);
    m_failureAges.push_back(output.context().now() - m_emittedAt[number]);
    m_failed.push_back(number);
}

void StepBolt::execute(BoltOutput& output, const TupleView& tuple) {
    const std::int64_t number = tuple.record().position;
    const bool isFirst = ++m_seen[number] == 1;
    output.spend(m_config.cost);
    if (isFirst && m_config.ignores > 0 && number % m_config.ignores == 0) {
        (void)output.hold();
        return;
    }
    if (isFirst && m_config.fails > 0 && number % m_config.fails == 0) {
        output.fail();
        return;
    }
    for (int i = 0; i < m_config.copies; ++i) {
        output.emitTuple(0, tuple.values());
    }
}

Ref<const SpoutFactory> numbers(std::int64_t count, std::int64_t perSecond) {
    return makeRef<NumbersFactory>(count, perSecond);
}
Ref<const BoltFactory> step(StepConfig config) {
    return makeRef<StepFactory>(config);
}

TopologyRef compiled(const TopologySpec& spec) {
    auto topology = compileTopology(spec);
    MILLRACE_CHECK(topology.has_value(), topology.has_value() ? std::string{} : topology.error().front().message);
    return *topology;
}

StormWorld::StormWorld(int nodes, std::uint64_t seed, const std::function<void(ClusterConfig&)>& adjust, int slotsEach)
    : world(sim::WorldSpec{seed}) {
    const auto addHost = [&](const std::string& name) {
        sim::HostSpec spec;
        spec.name = name;
        return world.addHost(spec);
    };
    zookeeper::EnsembleConfig ensemble;
    const sim::HostId zk = addHost("zk");
    ensemble.members.push_back({zookeeper::ServerId{1}, "zk1", zk});
    config.zookeeper = ensemble.clientAddresses();
    config.nimbusHost = "master";
    if (adjust) {
        adjust(config);
    }
    world.addProcess(zk, zookeeper::makeServerBlueprint(ensemble, zookeeper::ServerId{1}));
    world.addProcess(addHost("master"), makeNimbusBlueprint(config));
    for (int i = 1; i <= nodes; ++i) {
        SupervisorConfig supervisor;
        supervisor.cluster = config;
        supervisor.id = "s" + std::to_string(i);
        supervisor.ports.resize(static_cast<std::size_t>(slotsEach));  // 6700 and on
        world.addProcess(addHost("node" + std::to_string(i)), makeSupervisorBlueprint(supervisor));
    }
}

void StormWorld::submit(TopologyRef topology) {
    world.addProcess(world.findHost("master"), makeSubmitterBlueprint(config, std::move(topology)), world.now());
}

bool StormWorld::runUntil(const std::function<bool()>& holds, SimDuration limit) {
    const SimTime end = world.now() + limit;
    while (!holds()) {
        if (world.now() >= end) {
            return false;
        }
        run(100ms);
    }
    return true;
}

void StormWorld::fault(sim::FaultKind kind, const std::string& target) {
    world.injectFault({kind, target, 0, std::nullopt});
}

std::vector<std::string> StormWorld::liveWorkers() const {
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (process.isAlive() && process.name().starts_with("worker/")) {
            names.push_back(process.name());
        }
    }
    return names;
}

std::vector<const Executor*> StormWorld::executors(std::string_view component) const {
    std::vector<const Executor*> found;
    for (const std::string& name : liveWorkers()) {
        const auto* worker = world.findActor<Worker>(name + "/main");
        if (worker == nullptr || !worker->isLaunched()) {
            continue;
        }
        for (const ExecutorRange& range : worker->config().executors) {
            const auto* executor =
                world.findActor<Executor>(name + "/" + executorName(*worker->config().topology, range));
            if (executor != nullptr && executor->component().id == component) {
                found.push_back(executor);
            }
        }
    }
    return found;
}

std::map<std::int64_t, int> StormWorld::seenBy(std::string_view component) const {
    std::map<std::int64_t, int> seen;
    for (const Executor* executor : executors(component)) {
        const auto& bolts = dynamic_cast<const BoltExecutor&>(*executor);
        for (std::int32_t i = 0; i < executor->range().taskCount(); ++i) {
            for (const auto& [number, times] :
                 dynamic_cast<const StepBolt&>(bolts.bolt(static_cast<std::size_t>(i))).seen()) {
                seen[number] += times;
            }
        }
    }
    return seen;
}

const NumberSpout* StormWorld::spout(std::string_view component) const {
    const auto found = executors(component);
    return found.empty() ? nullptr
                         : dynamic_cast<const NumberSpout*>(&dynamic_cast<const SpoutExecutor&>(*found[0]).spout(0));
}

std::vector<const sim::JournalEntry*> StormWorld::entries(std::string_view kind) const {
    std::vector<const sim::JournalEntry*> found;
    for (std::uint32_t id = 1; id < world.journal().nextId().value; ++id) {
        const sim::JournalEntry* entry = world.journal().find(sim::JournalId{id});
        if (entry != nullptr && entry->kind == kind) {
            found.push_back(entry);
        }
    }
    return found;
}

const sim::JournalEntry* StormWorld::rootCause(const sim::JournalEntry* entry) const {
    while (entry != nullptr && entry->cause != sim::noEntry) {
        entry = world.journal().find(entry->cause);
    }
    return entry;
}

std::string StormWorld::chainOf(const sim::JournalEntry* entry) const {
    std::string chain;
    for (; entry != nullptr; entry = world.journal().find(entry->cause)) {
        chain += (chain.empty() ? "" : " < ") + std::string{entry->kind};
        if (entry->cause == sim::noEntry) {
            break;
        }
    }
    return chain;
}

bool StormWorld::allSpoutsOpen(std::size_t spouts) const {
    const auto found = executors("numbers");
    std::size_t open = 0;
    for (const Executor* executor : found) {
        open += dynamic_cast<const SpoutExecutor&>(*executor).isOpen() ? 1 : 0;
    }
    return open == spouts;
}

}  // namespace millrace::storm::testing
