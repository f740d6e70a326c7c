#include "engine/storm/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "engine/describe/life.h"
#include "engine/storm/cluster/nimbus.h"
#include "engine/storm/cluster/submitter.h"
#include "engine/storm/cluster/supervisor.h"
#include "engine/storm/metrics.h"
#include "engine/storm/names.h"
#include "engine/storm/past_counts.h"
#include "engine/storm/runtime/operator.h"
#include "engine/storm/runtime/spout_executor.h"

namespace millrace::storm {

namespace {

/// A topology's worker processes, dead ones too, in the order of their first launch: their numbers from 1.
std::vector<const sim::ProcessSlot*> workerProcesses(const sim::World& world, std::string_view topology) {
    std::vector<const sim::ProcessSlot*> workers;
    const std::string prefix = workerProcessPrefix(topology);
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (process.name().starts_with(prefix)) {
            workers.push_back(&process);
        }
    }
    return workers;
}

const Worker* workerActor(const sim::World& world, const sim::ProcessSlot& process) {
    return process.isAlive() ? world.findActor<Worker>(process.name() + "/main") : nullptr;
}

std::int32_t portOf(std::string_view workerName) {
    std::string_view port = workerName.substr(workerName.rfind('/') + 1);
    port = port.substr(0, port.find('@'));
    std::int32_t number = 0;
    (void)std::from_chars(port.data(), port.data() + port.size(), number);
    return number;
}

std::int64_t queueOf(const sim::World& world, const LiveExecutor& live) {
    const auto waiting = static_cast<double>(world.mailboxSize(live.name));
    return static_cast<std::int64_t>(live.executor->inboxTuples()) +
           static_cast<std::int64_t>(waiting * live.executor->tuplesPerMessage());
}

observe::ObjectId componentId(const Topology& topology, const Component& component) {
    return component.kind == ComponentKind::Spout ? observe::spoutId(topology.name, component.id)
                                                  : observe::boltId(topology.name, component.id);
}

observe::ComponentKind kindOf(const Component& component) {
    switch (component.kind) {
        case ComponentKind::Spout:
            return observe::ComponentKind::Spout;
        case ComponentKind::Acker:
            return observe::ComponentKind::Acker;
        case ComponentKind::Bolt:
            break;
    }
    return observe::ComponentKind::Bolt;
}

std::string groupingText(const ResolvedInput& input) {
    return input.grouping == GroupingKind::Fields ? fmt::format("fields({})", fmt::join(input.groupingFields, ", "))
                                                  : std::string{toText(input.grouping)};
}

/// Fills one topology's view from its executors.
class TopologyDescriber {
public:
    TopologyDescriber(const sim::World& world, const Topology& topology)
        : m_world(world),
          m_topology(topology),
          m_executors(liveExecutors(world, topology.name)),
          m_past(pastCounts(world, topology.name)) {}

    [[nodiscard]] observe::TopologyView describe() {
        m_view.name = m_topology.name;
        m_view.status = status();
        m_view.receiveBufferSize = m_topology.config.receiveBufferSize;
        for (const Component& component : m_topology.components) {
            describeComponent(component);
        }
        for (const Component& component : m_topology.components) {
            describeInputs(component);
        }
        describeWorkers();
        return std::move(m_view);
    }

private:
    /// Until Nimbus has it, Storm has no word for it.
    [[nodiscard]] std::string status() const {
        const SubmissionState submission = submissionState(m_world, m_topology.name);
        if (submission == SubmissionState::Done || !workerProcesses(m_world, m_topology.name).empty()) {
            return std::string{toText(TopologyStatus::Active)};
        }
        return submission == SubmissionState::Refused ? "REFUSED" : "NOT SUBMITTED";
    }

    void describeComponent(const Component& component) {
        observe::ComponentView view;
        view.id = componentId(m_topology, component);
        view.name = component.id;
        view.kind = kindOf(component);
        view.type = component.spout  ? component.spout->kind()
                    : component.bolt ? component.bolt->kind()
                                     : std::string_view{"acker"};
        view.executors = component.executors;
        view.tasks = component.tasks;
        SimDuration executeTime{0};
        SimDuration completeTime{0};
        for (const LiveExecutor& live : m_executors) {
            if (&live.executor->component() != &component && live.executor->component().id != component.id) {
                continue;
            }
            const ExecutorFigures& figures = live.executor->figures();
            const EmitFigures emits = live.executor->emitFigures();
            view.emitted += static_cast<std::int64_t>(emits.emitted);
            view.transferred += static_cast<std::int64_t>(emits.transferred);
            view.executed += static_cast<std::int64_t>(figures.executed);
            view.acked += static_cast<std::int64_t>(figures.acked);
            view.failed += static_cast<std::int64_t>(figures.failed);
            view.emittedPerSecond += m_world.ratePerSecond(live.name, metric::emitted);
            view.executedPerSecond += m_world.ratePerSecond(live.name, metric::executed);
            view.capacity = std::max(view.capacity, live.executor->capacity(m_world.now()));
            view.queueDepth += queueOf(m_world, live);
            executeTime += figures.executeTime;
            completeTime += figures.completeTime;
            if (component.kind == ComponentKind::Spout) {
                view.pending += static_cast<std::int64_t>(live.executor->pending());
                m_view.replayedTuples += static_cast<std::int64_t>(figures.replayed);
            }
        }
        view.executeLatency = view.executed > 0 ? executeTime / view.executed : SimDuration{0};
        if (component.kind == ComponentKind::Spout) {
            view.completeLatency = view.acked > 0 ? completeTime / view.acked : SimDuration{0};
        }
        if (const auto past = m_past.find(component.id); past != m_past.end()) {
            view.emitted += past->second.emitted;
            view.transferred += past->second.transferred;
            view.executed += past->second.executed;
            view.acked += past->second.acked;
            view.failed += past->second.failed;
            m_view.replayedTuples += component.kind == ComponentKind::Spout ? past->second.replayed : 0;
        }
        if (component.kind == ComponentKind::Spout) {
            m_view.pendingTuples += view.pending;
            m_view.ackedTuples += view.acked;
            m_view.failedTuples += view.failed;
        }
        m_view.components.push_back(std::move(view));
    }

    void describeInputs(const Component& consumer) {
        for (const ResolvedInput& input : consumer.inputs) {
            const Component& producer = m_topology.component(input.from);
            observe::StreamView view;
            view.from = componentId(m_topology, producer);
            view.to = componentId(m_topology, consumer);
            view.stream = producer.outputs[input.stream].spec.name;
            view.grouping = groupingText(input);
            const std::string label = view.stream + ">" + consumer.id;
            for (const LiveExecutor& live : m_executors) {
                if (live.executor->component().id == producer.id) {
                    view.tuplesPerSecond += m_world.ratePerSecond(live.name, metric::sent, label);
                } else if (live.executor->component().id == consumer.id) {
                    view.queued += queueOf(m_world, live);
                }
            }
            m_view.streams.push_back(std::move(view));
        }
    }

    void describeWorkers() {
        const auto ids = workerIds(m_world);
        for (const sim::ProcessSlot* process : workerProcesses(m_world, m_topology.name)) {
            observe::WorkerView view;
            view.id = ids.find(process->name())->second;
            view.host = observe::hostId(m_world.host(process->host).spec.name);
            view.port = portOf(process->name());
            view.state = describe::lifeOf(process->state);
            const Worker* worker = workerActor(m_world, *process);
            if (worker != nullptr) {
                view.supervisor = observe::supervisorId(worker->config().supervisor);
                if (!worker->isLaunched()) {
                    view.state = observe::LifeState::Starting;
                }
            }
            for (const LiveExecutor& live : m_executors) {
                if (live.worker != worker || worker == nullptr) {
                    continue;
                }
                view.executors.push_back({live.executor->component().id, live.executor->range().first.value,
                                          live.executor->range().last.value, view.id, view.host, view.port,
                                          queueOf(m_world, live), live.executor->capacity(m_world.now())});
            }
            m_view.workers.push_back(std::move(view));
        }
    }

    const sim::World& m_world;
    const Topology& m_topology;
    std::vector<LiveExecutor> m_executors;
    std::map<std::string, PastCounts, std::less<>> m_past;
    observe::TopologyView m_view;
};

/// "audit/1" -> the first worker of audit.
std::optional<sim::FaultTarget> resolveWorker(const sim::World& world, std::string_view name) {
    const std::size_t slash = name.rfind('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    std::size_t number = 0;
    const std::string_view digits = name.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const auto workers = workerProcesses(world, name.substr(0, slash));
    if (error != std::errc{} || end != digits.data() + digits.size() || number == 0 || number > workers.size()) {
        return std::nullopt;
    }
    return workers[number - 1]->id;
}

}  // namespace

std::map<std::string, observe::ObjectId, std::less<>> workerIds(const sim::World& world) {
    std::map<std::string, observe::ObjectId, std::less<>> ids;
    std::map<std::string, std::int32_t, std::less<>> launched;  // by topology
    constexpr std::string_view scheme = "worker/";
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const std::string_view name = world.process(sim::ProcessId{i}).name();
        if (name.starts_with(scheme)) {
            const std::string topology{name.substr(scheme.size(), name.rfind('/') - scheme.size())};
            ids.emplace(name, observe::workerId(topology, ++launched[topology]));
        }
    }
    return ids;
}

std::vector<LiveExecutor> liveExecutors(const sim::World& world, std::string_view topology) {
    std::vector<LiveExecutor> found;
    const std::string prefix = topology.empty() ? std::string{"worker/"} : workerProcessPrefix(topology);
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (!process.name().starts_with(prefix)) {
            continue;
        }
        const Worker* worker = workerActor(world, process);
        if (worker == nullptr || !worker->isLaunched()) {
            continue;
        }
        for (const ExecutorRange& range : worker->config().executors) {
            const std::string name = process.name() + "/" + executorName(*worker->config().topology, range);
            if (const auto* executor = world.findActor<Executor>(name)) {
                found.push_back({name, executor, worker});
            }
        }
    }
    return found;
}

std::vector<SpoutPosition> spoutPositions(const sim::World& world) {
    std::vector<SpoutPosition> all;
    for (const LiveExecutor& live : liveExecutors(world)) {
        if (const auto* spouts = dynamic_cast<const SpoutExecutor*>(live.executor)) {
            const std::vector<SpoutPosition> positions = spouts->positions();
            all.insert(all.end(), positions.begin(), positions.end());
        }
    }
    return all;
}

std::vector<TopologyRef> topologies(const sim::World& world) {
    std::map<std::string, TopologyRef> byName;
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (TopologyRef topology = submittedTopology(*process.blueprint)) {
            byName[topology->name] = topology;
        }
    }
    std::vector<TopologyRef> all;
    for (auto& [name, topology] : byName) {
        all.push_back(std::move(topology));
    }
    return all;
}

Unfinished unfinished(const sim::World& world, std::string_view topology) {
    Unfinished result;
    for (const TopologyRef& each : topologies(world)) {
        if (each->name != topology) {
            continue;
        }
        const auto executors = liveExecutors(world, topology);
        result.isRunning = executors.size() == each->executors().size();
        std::uint64_t roots = 0;
        std::uint64_t underWay = 0;
        for (const LiveExecutor& live : executors) {
            const auto queued = static_cast<std::uint64_t>(queueOf(world, live));
            result.tuples += queued;
            underWay += queued;
            if (live.executor->component().kind == ComponentKind::Acker) {
                continue;  // Trees that nobody will end lie there until they are forgotten.
            }
            result.tuples += live.executor->pending();
            (live.executor->component().kind == ComponentKind::Spout ? roots : underWay) += live.executor->pending();
            if (const auto* spouts = dynamic_cast<const SpoutExecutor*>(live.executor)) {
                result.isRunning = result.isRunning && spouts->isOpen();
                result.tuples += spouts->unfinished();
            }
        }
        result.lost = underWay == 0 ? roots : 0;
    }
    return result;
}

void describe(const sim::World& world, observe::StormView& view) {
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        const observe::ObjectId host = observe::hostId(world.host(process.host).spec.name);
        if (process.name() == nimbusProcess) {
            view.nimbus = {observe::nimbusId(), host, describe::lifeOf(process.state)};
        } else if (process.name().starts_with("supervisor/")) {
            observe::SupervisorView supervisor;
            supervisor.id = observe::supervisorId(process.name().substr(process.name().find('/') + 1));
            supervisor.host = host;
            supervisor.state = describe::lifeOf(process.state);
            for (const sim::Port port : supervisorPorts(*process.blueprint)) {
                supervisor.workerSlots.push_back({port.value, {}});
            }
            view.supervisors.push_back(std::move(supervisor));
        }
    }
    for (const TopologyRef& topology : topologies(world)) {
        view.topologies.push_back(TopologyDescriber(world, *topology).describe());
        for (const observe::WorkerView& worker : view.topologies.back().workers) {
            if (worker.state == observe::LifeState::Crashed || worker.state == observe::LifeState::Stopped ||
                worker.state == observe::LifeState::PoweredOff) {
                continue;
            }
            for (observe::SupervisorView& supervisor : view.supervisors) {
                for (observe::SlotView& slot : supervisor.workerSlots) {
                    if (supervisor.host == worker.host && slot.port == worker.port) {
                        slot.worker = worker.id;
                    }
                }
            }
        }
    }
}

std::optional<sim::FaultTarget> resolveTarget(const sim::World& world, std::string_view target) {
    const auto process = [&](std::string_view name) -> std::optional<sim::FaultTarget> {
        const sim::ProcessId id = world.findProcess(name);
        return id == sim::noProcess ? std::nullopt : std::optional<sim::FaultTarget>(id);
    };
    const std::string_view kind = target.substr(0, target.find(':'));
    const std::string_view name = kind.size() < target.size() ? target.substr(kind.size() + 1) : std::string_view{};
    if (kind == "nimbus") {
        return process(nimbusProcess);
    }
    if (kind == "supervisor") {
        return process(supervisorProcessName(name));
    }
    return kind == "worker" ? resolveWorker(world, name) : std::nullopt;
}

}  // namespace millrace::storm
