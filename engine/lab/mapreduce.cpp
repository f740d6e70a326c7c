#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "engine/hadoop/hdfs/name_node.h"
#include "engine/hadoop/hdfs/placement.h"
#include "engine/hadoop/mapreduce/job_tracker.h"
#include "engine/hadoop/yarn/app_master.h"
#include "engine/lab/invariant.h"

namespace millrace::lab {

namespace {

using hadoop::Count;
using hadoop::JobInProgress;
using hadoop::JobState;
using hadoop::TaskStatus;
using hadoop::TaskType;

/// The jobs that a JobTracker knows, and those of ApplicationMasters.
template <class Use>
void forEachJob(const sim::World& world, const Use& use) {
    if (const auto* tracker = world.findActor<hadoop::JobTracker>("jobtracker/jobtracker")) {
        for (const auto& [id, job] : tracker->jobs()) {
            use(*job);
        }
    }
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const std::string& name = world.process(sim::ProcessId{i}).name();
        const auto* master =
            name.starts_with("container/") ? world.findActor<hadoop::AppMaster>(name + "/appmaster") : nullptr;
        if (master != nullptr) {
            use(master->job());
        }
    }
}

/// A job is looked at when something has begun, failed or ended in it since the last look.
class JobInvariant : public Invariant {
public:
    void forget() override { m_seen.clear(); }
    void observe(const sim::World& world) override {
        forEachJob(world, [&](const JobInProgress& job) {
            const hadoop::Counters& counters = job.counters();
            const std::int64_t moved = counters[Count::LaunchedMaps] + counters[Count::LaunchedReduces] +
                                       counters[Count::FailedMaps] + counters[Count::FailedReduces] +
                                       (job.hasEnded() ? 1 : 0);
            std::int64_t& seen = m_seen[job.id()];
            if (moved != seen) {
                seen = moved;
                look(world, job);
            }
        });
    }

protected:
    virtual void look(const sim::World& world, const JobInProgress& job) = 0;

    template <class Use>
    static void forEachTask(const JobInProgress& job, const Use& use) {
        for (std::uint32_t i = 0; i < job.maps().size(); ++i) {
            use(fmt::format("map {} of {}", i, job.spec().name), job.maps()[i], TaskType::Map);
        }
        for (std::uint32_t i = 0; i < job.reduces().size(); ++i) {
            use(fmt::format("reduce {} of {}", i, job.spec().name), job.reduces()[i], TaskType::Reduce);
        }
    }

private:
    std::map<hadoop::JobId, std::int64_t> m_seen;
};

class ReducesGetWhatMapsGave final : public JobInvariant {
public:
    [[nodiscard]] std::string_view name() const override { return "reduces-get-what-maps-gave"; }
    [[nodiscard]] std::string_view statement() const override {
        return "The reduces of a job have got each record that its maps and combiners gave, and each map's output once";
    }

protected:
    void look(const sim::World& world, const JobInProgress& job) override {
        if (job.state() != JobState::Succeeded || job.reduces().empty()) {
            return;
        }
        const hadoop::Counters& counters = job.counters();
        // What a combiner took in a second pass it had given in the first.
        const std::int64_t given = counters[Count::MapOutputRecords] - counters[Count::CombineInputRecords] +
                                   counters[Count::CombineOutputRecords];
        const std::int64_t got = counters[Count::ReduceInputRecords];
        expect(world, got == given, [&] {
            return fmt::format("the maps of {} gave {} records, and its reduces got {}", job.spec().name, given, got);
        });
        const auto pairs = static_cast<std::int64_t>(job.maps().size() * job.reduces().size());
        const std::int64_t shuffled = counters[Count::ShuffledMaps];
        expect(world, shuffled == pairs, [&] {
            return fmt::format("the reduces of {} took {} outputs of maps, and there are {}", job.spec().name, shuffled,
                               pairs);
        });
    }
};

/// Of jobs whose whole input stands in HDFS from the beginning, or was put there from outside: the lines of these
/// files.
class EachLineIsReadOnce final : public JobInvariant {
public:
    [[nodiscard]] std::string_view name() const override { return "each-line-is-read-once"; }
    [[nodiscard]] std::string_view statement() const override {
        return "The maps of a job have read each line of its input once, whatever became of their attempts";
    }

protected:
    void look(const sim::World& world, const JobInProgress& job) override {
        const auto* master = world.findActor<hadoop::NameNode>("namenode/namenode");
        if (job.state() != JobState::Succeeded || master == nullptr) {
            return;
        }
        const std::string& input = job.spec().input;
        std::int64_t lines = 0;
        std::set<std::string> known;
        for (const hadoop::StoredFile& file : master->cluster().files) {
            if (file.path == input || file.path.starts_with(input + "/")) {
                known.insert(file.path);
                lines += linesOf(file.content->text());
            }
        }
        for (const hadoop::Split& split : job.spec().splits) {
            if (!known.contains(split.path)) {
                return;  // another job's output
            }
        }
        const std::int64_t read = job.counters()[Count::MapInputRecords];
        expect(world, read == lines, [&] {
            return fmt::format("the input of {} has {} lines, and its maps have read {}", job.spec().name, lines, read);
        });
    }

private:
    static std::int64_t linesOf(std::string_view text) {
        const auto ends = std::count(text.begin(), text.end(), '\n');
        return ends + (!text.empty() && text.back() != '\n' ? 1 : 0);
    }
};

class AttemptsAreBounded final : public JobInvariant {
public:
    [[nodiscard]] std::string_view name() const override { return "attempts-are-bounded"; }
    [[nodiscard]] std::string_view statement() const override {
        return "No task has failed more often than its job allows";
    }

protected:
    void look(const sim::World& world, const JobInProgress& job) override {
        const hadoop::JobConf& conf = job.spec().conf;
        forEachTask(job, [&](const std::string& task, const JobInProgress::Task& state, TaskType type) {
            const std::uint32_t most = type == TaskType::Map ? conf.mapAttempts : conf.reduceAttempts;
            expect(world, state.failures <= most,
                   [&] { return fmt::format("{} has failed {} times, and may {}", task, state.failures, most); });
        });
    }
};

class OneAttemptCommits final : public JobInvariant {
public:
    [[nodiscard]] std::string_view name() const override { return "one-attempt-commits"; }
    [[nodiscard]] std::string_view statement() const override {
        return "Of the attempts at a task one at a time has the leave to commit, and one is the task's";
    }

protected:
    void look(const sim::World& world, const JobInProgress& job) override {
        if (!job.hasEnded()) {
            return;
        }
        forEachTask(job, [&](const std::string& task, const JobInProgress::Task& state, TaskType type) {
            // A map whose output was lost has succeeded more than once.
            const bool commits = type == TaskType::Reduce || job.reduces().empty();
            if (commits && state.state == JobInProgress::Task::State::Done) {
                const auto good = std::count_if(state.attempts.begin(), state.attempts.end(), [](const auto& each) {
                    return each.state == TaskStatus::State::Succeeded;
                });
                expect(world, good == 1, [&] { return fmt::format("{} attempts at {} have succeeded", good, task); });
            }
            for (const JobInProgress::Attempt& each : state.attempts) {
                const bool overlaps = std::any_of(state.attempts.begin(), state.attempts.end(), [&](const auto& other) {
                    return &other != &each && other.mayCommitAt && each.mayCommitAt &&
                           *other.mayCommitAt >= *each.mayCommitAt && *other.mayCommitAt < each.ended;
                });
                expect(world, !overlaps,
                       [&] { return fmt::format("two attempts at {} had the leave to commit at once", task); });
            }
        });
    }
};

/// For half an hour in which the NameNode, all DataNodes and their machines run.
class ReplicasComeBack final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "replicas-come-back"; }
    [[nodiscard]] std::string_view statement() const override {
        return "A block that lacks replicas has them again when there are nodes for them";
    }
    void forget() override {
        m_since.clear();
        m_nextLook = SimTime{};
    }
    void observe(const sim::World& world) override {
        const auto* master = world.findActor<hadoop::NameNode>("namenode/namenode");
        if (master == nullptr || master->isInSafeMode() || !areAllWell(world, *master)) {
            forget();
            return;
        }
        if (world.now() < m_nextLook) {
            return;
        }
        m_nextLook = world.now() + std::chrono::minutes{1};
        constexpr SimDuration patience = std::chrono::minutes{30};
        std::set<std::uint64_t> lacking;
        const Cuts cuts = cutsOf(world);
        for (const auto& [id, block] : master->blocks()) {
            const std::size_t wanted = std::min(static_cast<std::size_t>(block.replication),
                                                block.replicas.size() + nodesWithRoom(world, *master, block, cuts));
            check();
            if (block.isOpen || block.replicas.empty() || block.replicas.size() >= wanted) {
                continue;
            }
            lacking.insert(id);
            const SimTime since = m_since.try_emplace(id, world.now()).first->second;
            if (world.now() - since >= patience) {
                violate(world, fmt::format("block {} has {} of {} replicas for {}", id, block.replicas.size(), wanted,
                                           millrace::toText(world.now() - since)));
            }
        }
        std::erase_if(m_since, [&](const auto& each) { return !lacking.contains(each.first); });
    }

private:
    using Cuts = std::set<std::pair<std::uint32_t, std::uint32_t>>;

    static Cuts cutsOf(const sim::World& world) {
        Cuts cuts;
        world.network().forEachPath([&](sim::HostId from, sim::HostId to, const sim::Path& path) {
            if (path.cut) {
                cuts.emplace(from.value, to.value);
            }
        });
        return cuts;
    }

    /// Nodes that could take another replica: a small disk counts as full while a few large blocks would fit.
    static std::size_t nodesWithRoom(const sim::World& world, const hadoop::NameNode& master,
                                     const hadoop::BlockInfo& info, const Cuts& cuts) {
        const auto& nodes = master.cluster().dataNodes;
        std::size_t count = 0;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const bool hasIt = std::find(info.replicas.begin(), info.replicas.end(),
                                         static_cast<hadoop::NodeIndex>(i)) != info.replicas.end();
            count += master.nodes()[i].isRegistered && !hasIt && canBeCopiedTo(master, info, i, cuts) &&
                     world.host(nodes[i].host).disk.free() - master.cluster().hdfs.reserved >
                         hadoop::blocksOfRoom * info.block.length;
        }
        return count;
    }

    /// Whether somebody who has the block can send it there.
    static bool canBeCopiedTo(const hadoop::NameNode& master, const hadoop::BlockInfo& info, std::size_t node,
                              const Cuts& cuts) {
        const auto& nodes = master.cluster().dataNodes;
        return std::any_of(info.replicas.begin(), info.replicas.end(), [&](hadoop::NodeIndex holder) {
            const std::uint32_t from = nodes[holder].host.value;
            const std::uint32_t to = nodes[node].host.value;
            return !cuts.contains({from, to}) && !cuts.contains({to, from});
        });
    }

    static bool areAllWell(const sim::World& world, const hadoop::NameNode& master) {
        if (world.process(world.findProcess("namenode")).state != sim::ProcessState::Running) {
            return false;
        }
        const auto& nodes = master.cluster().dataNodes;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const sim::ProcessId id = world.findProcess("datanode/" + nodes[i].name);
            const bool runs = world.process(id).state == sim::ProcessState::Running;
            const bool counts = master.nodes()[i].isRegistered;
            const sim::Host& host = world.host(nodes[i].host);
            constexpr double tooSlow = 100;
            // A node that is known to be dead takes part in nothing; one that is about to be is waited for.
            if (runs != counts ||
                (runs && (host.slowFactor > tooSlow || host.disk.slowFactor > tooSlow || host.disk.isFull()))) {
                return false;
            }
        }
        return true;
    }

    std::map<std::uint64_t, SimTime> m_since;
    SimTime m_nextLook;
};

}  // namespace

void addHadoopInvariants(Invariants& to) {
    to.push_back(std::make_unique<ReducesGetWhatMapsGave>());
    to.push_back(std::make_unique<EachLineIsReadOnce>());
    to.push_back(std::make_unique<AttemptsAreBounded>());
    to.push_back(std::make_unique<OneAttemptCommits>());
    to.push_back(std::make_unique<ReplicasComeBack>());
}

}  // namespace millrace::lab
