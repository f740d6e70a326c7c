#include "engine/storm/waits.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "engine/observe/wording.h"
#include "engine/sim/silence.h"
#include "engine/storm/cluster/nimbus.h"
#include "engine/storm/cluster/submitter.h"
#include "engine/storm/describe.h"
#include "engine/storm/names.h"

namespace millrace::storm {

namespace {

using observe::counted;
using observe::LifeState;
using observe::WaitView;

class WaitFinder {
public:
    WaitFinder(const sim::World& world, const observe::StormView& view)
        : m_world(world), m_view(view), m_workers(workerIds(world)) {}

    std::vector<WaitView> find() {
        for (const TopologyRef& topology : topologies(m_world)) {
            findExecutors(*topology);
        }
        findDaemons();
        return std::move(m_waits);
    }

private:
    void findExecutors(const Topology& topology) {
        std::set<ExecutorRange> live;
        for (const LiveExecutor& each : liveExecutors(m_world, topology.name)) {
            live.insert(each.executor->range());
        }
        if (live.size() == topology.executors().size()) {
            return;
        }
        const auto last = lastToRun(topology);
        // By the process that ran them last: what does not run now.
        std::map<sim::ProcessId, std::vector<ExecutorRange>> missing;
        for (const ExecutorRange& range : topology.executors()) {
            if (!live.contains(range)) {
                const auto process = last.find(range);
                missing[process != last.end() ? process->second : sim::noProcess].push_back(range);
            }
        }
        if (missing.erase(sim::noProcess) > 0 && missing.empty() && live.empty()) {
            tellUnassigned(topology);
        }
        for (const auto& [process, ranges] : missing) {
            tellMissing(topology, m_world.process(process), ranges);
        }
    }

    /// Which process ran an executor last.
    [[nodiscard]] std::map<ExecutorRange, sim::ProcessId> lastToRun(const Topology& topology) const {
        std::map<ExecutorRange, sim::ProcessId> last;
        for (std::uint32_t i = 0; i < m_world.processCount(); ++i) {
            const sim::ProcessSlot& process = m_world.process(sim::ProcessId{i});
            const WorkerConfig* worker = workerConfig(*process.blueprint);
            if (worker == nullptr || worker->topology->name != topology.name) {
                continue;
            }
            for (const ExecutorRange& range : worker->executors) {
                const auto [known, isFirst] = last.emplace(range, process.id);
                if (!isFirst && process.since >= m_world.process(known->second).since) {
                    known->second = process.id;
                }
            }
        }
        return last;
    }

    /// A topology that has never run: it is Nimbus' turn, then its supervisors'.
    void tellUnassigned(const Topology& topology) {
        WaitView wait;
        wait.on = m_view.nimbus.id;
        wait.brief = "waits for Nimbus";
        const auto* nimbus = m_world.findActor<Nimbus>(std::string{nimbusProcess} + "/daemon");
        const Assignment* assignment = assignmentOf(topology);
        if (m_view.nimbus.state != LifeState::Running) {
            wait.text =
                fmt::format("nobody runs it yet, and Nimbus, which assigns it, {}", conditionOf(m_view.nimbus.state));
        } else if (nimbus == nullptr || nimbus->nextRound() == SimTime::max()) {
            wait.text = "the cluster starts: Nimbus must lead before a topology can be submitted to it";
        } else if (assignment == nullptr && submissionState(m_world, topology.name) == SubmissionState::Refused) {
            wait.brief = "was refused by Nimbus";
            wait.text = "Nimbus cannot store it, for its disk is full; it is handed over again every 10 s";
        } else if (assignment == nullptr) {
            wait.brief = "waits to be submitted";
            wait.text = "Nimbus leads, and the topology has not been handed to it yet (submit_at)";
        } else if (assignment->executors.empty() && !hasFreeSlot()) {
            wait.brief = "waits for a free slot";
            wait.text = "no supervisor that is alive has a free slot: another topology must end, or a supervisor come";
        } else if (assignment->executors.empty()) {
            wait.until = nimbus->nextRound();
            wait.text = fmt::format(
                "Nimbus assigns what was submitted when it next looks, every {:g} s "
                "(nimbus.monitor.freq.secs); then supervisors fetch it and start its workers",
                seconds(nimbus->config().monitorFrequency));
        } else {
            const std::string& node = assignment->executors.begin()->second.slot.node;
            wait.on = observe::supervisorId(node);
            wait.brief = fmt::format("waits for supervisor {}", node);
            wait.text = "Nimbus has assigned it; the supervisors notice it, fetch its code and start its workers";
        }
        for (const Component& component : topology.components) {
            if (component.kind != ComponentKind::Acker) {
                wait.object = idOf(topology, component);
                m_waits.push_back(wait);
            }
        }
    }

    [[nodiscard]] bool hasFreeSlot() const {
        return std::any_of(m_view.supervisors.begin(), m_view.supervisors.end(), [](const auto& supervisor) {
            return supervisor.state == LifeState::Running &&
                   std::any_of(supervisor.workerSlots.begin(), supervisor.workerSlots.end(),
                               [](const observe::SlotView& slot) { return slot.worker.empty(); });
        });
    }

    /// What a live Nimbus has of the topology, null when it does not know it.
    [[nodiscard]] const Assignment* assignmentOf(const Topology& topology) const {
        const auto* nimbus = m_world.findActor<Nimbus>(std::string{nimbusProcess} + "/daemon");
        if (nimbus != nullptr) {
            for (const auto& [id, known] : nimbus->topologies()) {
                if (known.base.name == topology.name) {
                    return &known.assignment;
                }
            }
        }
        return nullptr;
    }

    static observe::ObjectId idOf(const Topology& topology, const Component& component) {
        return component.kind == ComponentKind::Spout ? observe::spoutId(topology.name, component.id)
                                                      : observe::boltId(topology.name, component.id);
    }

    void tellMissing(const Topology& topology, const sim::ProcessSlot& process,
                     const std::vector<ExecutorRange>& ranges) {
        WaitView wait;
        wait.on = m_workers.at(process.name());
        wait.since = process.since;
        wait.entry = process.silencedBy.value;
        wait.brief = "waits for " + observe::titleOf(wait.on);
        const std::string reason = whatBringsBack(topology, process, ranges.front(), wait.until);
        std::map<std::string, std::int64_t> byComponent;
        for (const ExecutorRange& range : ranges) {
            ++byComponent[topology.componentOf(range.first).id];
        }
        for (const auto& [name, count] : byComponent) {
            const Component& component = topology.component(topology.find(name));
            if (component.kind == ComponentKind::Acker) {
                continue;
            }
            wait.object = idOf(topology, component);
            wait.text = fmt::format("{}; {} of {} {} not run", reason, count, counted(component.executors, "executor"),
                                    count == 1 ? "does" : "do");
            m_waits.push_back(wait);
        }
        wait.object = wait.on;
        wait.brief = "waits to be replaced";
        wait.text = reason;
        m_waits.push_back(std::move(wait));
    }

    /// "worker audit/1 has no power; Nimbus counts its executors as alive until 52.0 s ..."
    [[nodiscard]] std::string whatBringsBack(const Topology& topology, const sim::ProcessSlot& process,
                                             const ExecutorRange& range, SimTime& until) const {
        const std::string worker = observe::titleOf(m_workers.at(process.name()));
        const WorkerConfig& config = *workerConfig(*process.blueprint);
        if (process.state == sim::ProcessState::Running) {
            return fmt::format("{} is starting", worker);
        }
        const std::string_view condition = process.state == sim::ProcessState::HostOff  ? "has no power"
                                           : process.state == sim::ProcessState::Paused ? "is paused"
                                                                                        : "is dead";
        if (process.state != sim::ProcessState::Paused && answers(observe::supervisorId(config.supervisor))) {
            return fmt::format(
                "{} {}; supervisor {} notices when it next looks, every {:g} s "
                "(supervisor.monitor.frequency.secs), and starts it again",
                worker, condition, config.supervisor, seconds(config.cluster.supervisorMonitor));
        }
        if (m_view.nimbus.state != LifeState::Running) {
            return fmt::format("{} {}, and Nimbus, which alone can assign its executors elsewhere, {}", worker,
                               condition, conditionOf(m_view.nimbus.state));
        }
        until = aliveUntil(topology, range);
        const std::string patience =
            until == SimTime::max() || until < m_world.now()
                ? std::string{"Nimbus takes its executors for dead"}
                : fmt::format("Nimbus counts its executors as alive until {}, when their last heartbeat is too old",
                              observe::instant(until));
        if (!hasFreeSlot()) {
            return fmt::format("{} {}; {}, and has no free slot on a living supervisor to assign them to", worker,
                               condition, patience);
        }
        return fmt::format(
            "{} {}; {}, and assigns them elsewhere in its next round, every {:g} s "
            "(nimbus.monitor.freq.secs)",
            worker, condition, patience, seconds(config.cluster.monitorFrequency));
    }

    [[nodiscard]] bool answers(const observe::ObjectId& supervisor) const {
        return std::any_of(m_view.supervisors.begin(), m_view.supervisors.end(),
                           [&](const auto& each) { return each.id == supervisor && each.state == LifeState::Running; });
    }

    [[nodiscard]] SimTime aliveUntil(const Topology& topology, const ExecutorRange& range) const {
        const auto* nimbus = m_world.findActor<Nimbus>(std::string{nimbusProcess} + "/daemon");
        if (nimbus != nullptr) {
            for (const auto& [id, known] : nimbus->topologies()) {
                const auto place = known.assignment.executors.find(range);
                if (known.base.name == topology.name && place != known.assignment.executors.end()) {
                    return nimbus->aliveUntil(id, known, range, place->second);
                }
            }
        }
        return SimTime::max();
    }

    /// Storm is fail-fast: what runs goes on without its daemons.
    void findDaemons() {
        const observe::NimbusView& nimbus = m_view.nimbus;
        if (!nimbus.id.empty() && nimbus.state != LifeState::Running && nimbus.state != LifeState::Starting) {
            add(nimbus.id, std::string{nimbusProcess}, "leaves topologies running",
                "tuples never pass through Nimbus, so topologies run on; until it is back nothing is submitted, and "
                "executors whose worker dies with its machine are assigned to nobody");
        }
        for (const observe::SupervisorView& supervisor : m_view.supervisors) {
            const auto workers = std::count_if(supervisor.workerSlots.begin(), supervisor.workerSlots.end(),
                                               [](const auto& slot) { return !slot.worker.empty(); });
            if (supervisor.state == LifeState::Crashed && workers > 0) {
                add(supervisor.id, supervisorProcessName(observe::nameOf(supervisor.id)),
                    fmt::format("leaves {} running", counted(workers, "worker")),
                    "its workers are processes of their own and run on; until it is back nobody starts them again if "
                    "they die");
            }
        }
    }

    void add(const observe::ObjectId& daemon, const std::string& process, std::string brief, std::string text) {
        const sim::Silence silence = sim::silenceOf(m_world, process);
        m_waits.push_back(
            {daemon, {}, silence.since, SimTime::max(), std::move(brief), std::move(text), silence.entry.value});
    }

    const sim::World& m_world;
    const observe::StormView& m_view;
    std::map<std::string, observe::ObjectId, std::less<>> m_workers;  // by process name
    std::vector<WaitView> m_waits;
};

}  // namespace

std::vector<WaitView> describeWaits(const sim::World& world, const observe::StormView& view) {
    return WaitFinder(world, view).find();
}

}  // namespace millrace::storm
