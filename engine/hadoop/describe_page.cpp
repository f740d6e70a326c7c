#include "engine/hadoop/describe_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "engine/hadoop/describe.h"
#include "engine/hadoop/hdfs/name_node.h"
#include "engine/hadoop/mapreduce/job_tracker.h"
#include "engine/hadoop/yarn/app_master.h"
#include "engine/hadoop/yarn/resource_manager.h"

namespace millrace::hadoop {

namespace {

using observe::ObjectKind;

observe::ObjectId daemonId(ObjectKind kind, const std::string& name) {
    return fmt::format("{}:{}", observe::toText(kind), name);
}

// --- HDFS -----------------------------------------------------------------------------------------------------------

class DfsDescriber {
public:
    DfsDescriber(const sim::World& world, const NameNode& nameNode, observe::DfsPage& page)
        : m_world(world), m_nameNode(nameNode), m_page(page) {}

    void describe() {
        addNodes();
        addFiles();
        summarise();
    }

private:
    void addNodes() {
        const auto& addresses = m_nameNode.cluster().dataNodes;
        std::vector<std::size_t> order(addresses.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return addresses[a].rack < addresses[b].rack; });
        m_places.resize(addresses.size());
        for (const std::size_t node : order) {
            m_places[node] = static_cast<std::int32_t>(m_page.nodes.size());
            const NameNode::Node& known = m_nameNode.nodes()[node];
            observe::DfsNodeView& view = m_page.nodes.emplace_back();
            view.id = daemonId(ObjectKind::DataNode, addresses[node].name);
            view.name = addresses[node].name;
            view.rack = addresses[node].rack;
            view.host = observe::hostId(m_world.host(addresses[node].host).spec.name);
            view.isLive = known.isRegistered;
            view.sinceHeard = m_world.now() - known.heard;
            view.capacity = known.capacity;
            view.used = known.used;
            view.remaining = known.remaining;
            view.blocks = static_cast<std::int64_t>(known.blocks);
            view.transfers = static_cast<std::int32_t>(known.transfers);
            view.isSilent = view.isLive && view.sinceHeard > 2 * m_nameNode.cluster().hdfs.heartbeatInterval;
        }
    }

    void addFiles() {
        constexpr std::size_t filesMost = 400;
        for (const auto& [path, node] : m_nameNode.space().nodes()) {
            m_page.blocksInAll += node->isDirectory ? 0 : static_cast<std::int64_t>(node->blocks.size());
            if (node->isDirectory || m_page.files.size() >= filesMost) {
                continue;
            }
            observe::DfsFileView& file = m_page.files.emplace_back();
            file.path = path;
            file.length = node->length();
            file.replication = static_cast<std::int32_t>(node->replication);
            file.blocks = static_cast<std::int32_t>(node->blocks.size());
            file.isOpen = node->isOpen();
            addBlocks(*node);
        }
        keepWhatMatters();
    }

    void addBlocks(const FileNode& node) {
        constexpr std::size_t looked = 4000;
        std::int32_t index = 0;
        for (const Block& block : node.blocks) {
            const BlockInfo* info = m_nameNode.blocks().find(block.id);
            if (m_page.blocks.size() >= looked) {
                return;
            }
            observe::DfsBlockView& view = m_page.blocks.emplace_back();
            view.number = block.id;
            view.file = static_cast<std::int32_t>(m_page.files.size()) - 1;
            view.index = index++;
            view.length = block.length;
            view.wanted = static_cast<std::int32_t>(node.replication);
            if (info != nullptr) {
                view.isOpen = info->isOpen;
                view.replicas = placesOf(info->replicas);
                view.corrupt = placesOf(info->corrupt);
                view.expected = info->isOpen ? placesOf(info->expected) : std::vector<std::int32_t>{};
            }
            m_page.shortBlocks += isShort(view) ? 1 : 0;
        }
    }

    /// It should have more replicas, and there is no live node that has none yet.
    [[nodiscard]] bool isShort(const observe::DfsBlockView& block) const {
        return block.isUnderReplicated() && !block.replicas.empty() && block.replicas.size() >= m_nameNode.liveNodes();
    }

    /// Where there are more than one can look at, those that want replicas come first.
    void keepWhatMatters() {
        constexpr std::size_t shown = 600;
        if (m_page.blocks.size() > shown) {
            std::stable_partition(m_page.blocks.begin(), m_page.blocks.end(), [](const observe::DfsBlockView& block) {
                return block.isUnderReplicated() || !block.corrupt.empty();
            });
            m_page.blocks.resize(shown);
        }
    }

    [[nodiscard]] std::vector<std::int32_t> placesOf(const std::vector<NodeIndex>& nodes) const {
        std::vector<std::int32_t> places;
        for (const NodeIndex node : nodes) {
            if (node < m_places.size()) {
                places.push_back(m_places[node]);
            }
        }
        return places;
    }

    void summarise() {
        observe::DfsView& dfs = m_page.summary;
        dfs.isThere = true;
        dfs.isInSafeMode = m_nameNode.isInSafeMode();
        dfs.files = static_cast<std::int64_t>(m_nameNode.space().fileCount());
        dfs.blocks = static_cast<std::int64_t>(m_nameNode.blocks().size());
        dfs.underReplicated = static_cast<std::int64_t>(m_nameNode.underReplicated());
        dfs.missing = static_cast<std::int64_t>(m_nameNode.missing());
        dfs.liveNodes = m_nameNode.liveNodes();
        dfs.nodes = static_cast<std::int64_t>(m_nameNode.nodes().size());
        m_page.deadAfter = m_nameNode.cluster().hdfs.deadAfter();
        m_page.safeBlocks = dfs.isInSafeMode ? m_nameNode.safeBlocks() : 0;
        for (const observe::DfsNodeView& node : m_page.nodes) {
            dfs.used += node.isLive ? node.used : 0;
            m_page.capacity += node.isLive ? node.capacity : 0;
            m_page.remaining += node.isLive ? node.remaining : 0;
        }
    }

    const sim::World& m_world;
    const NameNode& m_nameNode;
    observe::DfsPage& m_page;
    std::vector<std::int32_t> m_places;  ///< by node of the cluster
};

// --- MapReduce ------------------------------------------------------------------------------------------------------

observe::AttemptEnd endOf(TaskStatus::State state) {
    switch (state) {
        case TaskStatus::State::Running:
        case TaskStatus::State::CommitPending:
            return observe::AttemptEnd::Running;
        case TaskStatus::State::Succeeded:
            return observe::AttemptEnd::Succeeded;
        case TaskStatus::State::Failed:
            return observe::AttemptEnd::Failed;
        case TaskStatus::State::Killed:
            break;
    }
    return observe::AttemptEnd::Killed;
}

SimTime orNever(SimTime time) {
    return time == SimTime{} ? SimTime::max() : time;
}

observe::AttemptView attemptView(const JobInProgress::Attempt& attempt, const ClusterConfig& cluster) {
    observe::AttemptView view;
    if (attempt.tracker < cluster.trackers.size()) {
        view.tracker = daemonId(cluster.isYarn() ? ObjectKind::NodeManager : ObjectKind::TaskTracker,
                                cluster.trackers[attempt.tracker].name);
    }
    view.started = attempt.started;
    view.copied = orNever(attempt.copied);
    view.sorted = orNever(attempt.sorted);
    view.end = endOf(attempt.state);
    view.ended = view.end == observe::AttemptEnd::Running ? SimTime::max() : attempt.ended;
    view.progress = attempt.progress;
    view.isSpeculative = attempt.isSpeculative;
    view.distance = attempt.distance;
    return view;
}

class JobDescriber {
public:
    JobDescriber(const JobInProgress& job, const ClusterConfig& cluster, observe::JobPage& page)
        : m_job(job), m_cluster(cluster), m_page(page) {}

    void describe() {
        m_page.isKnown = true;
        m_page.state = toText(m_job.state());
        m_page.submitted = m_job.submitted();
        m_page.ended = m_job.hasEnded() ? m_job.ended() : SimTime::max();
        for (const std::string_view name : countNames) {
            m_page.counters.push_back({name});
        }
        add(m_job.maps(), false, m_page.maps);
        add(m_job.reduces(), true, m_page.reduces);
        m_page.maps.progress = m_job.mapProgress();
        m_page.reduces.progress = m_job.reduceProgress();
        for (std::size_t i = 0; i < countNames.size(); ++i) {
            m_page.counters[i].total = m_job.counters().values[i];
        }
        addShuffle();
    }

private:
    void add(const JobInProgress::Tasks& tasks, bool isReduce, observe::TaskKindView& kind) {
        std::int32_t number = 0;
        for (const JobInProgress::Task& task : tasks) {
            observe::MapReduceTaskView& view = m_page.tasks.emplace_back();
            view.number = number;
            view.isReduce = isReduce;
            view.isDone = task.state == JobInProgress::Task::State::Done;
            view.isPending = task.state == JobInProgress::Task::State::Pending;
            view.progress = task.progress;
            if (!isReduce) {
                const Split& split = m_job.spec().splits[static_cast<std::size_t>(number)];
                view.split = fmt::format("{} from byte {}, {} bytes", split.path, split.offset, split.length);
            }
            for (const JobInProgress::Attempt& attempt : task.attempts) {
                view.attempts.push_back(attemptView(attempt, m_cluster));
                kind.killed += view.attempts.back().end == observe::AttemptEnd::Killed ? 1 : 0;
                kind.failed += view.attempts.back().end == observe::AttemptEnd::Failed ? 1 : 0;
            }
            ++kind.tasks;
            kind.pending += view.isPending ? 1 : 0;
            kind.complete += view.isDone ? 1 : 0;
            kind.running += !view.isPending && !view.isDone ? 1 : 0;
            for (std::size_t i = 0; view.isDone && i < countNames.size(); ++i) {
                (isReduce ? m_page.counters[i].reduce : m_page.counters[i].map) += task.counters.values[i];
            }
            ++number;
        }
    }

    void addShuffle() {
        for (const JobInProgress::Task& task : m_job.maps()) {
            auto& row = m_page.shuffle.emplace_back();
            if (task.sizes && task.state == JobInProgress::Task::State::Done) {
                row.assign(task.sizes->bytes.begin(), task.sizes->bytes.end());
            }
        }
    }

    const JobInProgress& m_job;
    const ClusterConfig& m_cluster;
    observe::JobPage& m_page;
};

void addTrackers(const sim::World& world, const JobTracker& tracker, observe::JobPage& page) {
    const ClusterConfig& cluster = tracker.cluster();
    page.cluster.isThere = true;
    page.cluster.isReady = tracker.isReady();
    page.cluster.submissions = static_cast<std::int32_t>(tracker.jobs().size());
    for (std::size_t i = 0; i < cluster.trackers.size() && i < tracker.trackers().size(); ++i) {
        const DaemonAddress& address = cluster.trackers[i];
        const JobTracker::Tracker& known = tracker.trackers()[i];
        observe::TrackerView& view = page.trackers.emplace_back();
        view.id = daemonId(ObjectKind::TaskTracker, address.name);
        view.host = observe::hostId(world.host(address.host).spec.name);
        view.rack = address.rack;
        view.isAlive = known.isAlive;
        view.sinceHeard = world.now() - known.heard;
        view.isSilent = view.isAlive && view.sinceHeard > 3 * cluster.mapreduce.heartbeatOf(cluster.trackers.size());
        view.mapSlots = static_cast<std::int32_t>(address.mapSlots);
        view.reduceSlots = static_cast<std::int32_t>(address.reduceSlots);
        if (known.isAlive) {
            view.maps = view.mapSlots - static_cast<std::int32_t>(known.freeMapSlots);
            view.reduces = view.reduceSlots - static_cast<std::int32_t>(known.freeReduceSlots);
            page.cluster.mapSlots += view.mapSlots;
            page.cluster.reduceSlots += view.reduceSlots;
            page.cluster.maps += view.maps;
            page.cluster.reduces += view.reduces;
            ++page.cluster.live;
        }
        ++page.cluster.trackers;
    }
}

/// As ResourceManagers call it.
std::string_view wordOf(AppReport::State state) {
    switch (state) {
        case AppReport::State::Accepted:
            return "ACCEPTED";
        case AppReport::State::Running:
            return "RUNNING";
        case AppReport::State::Finished:
            return "FINISHED";
        case AppReport::State::Failed:
            return "FAILED";
        case AppReport::State::Unknown:
            break;
    }
    return {};
}

/// NodeManagers as the ResourceManager sees them.
void addNodeManagers(const sim::World& world, const ResourceManager& manager, observe::JobPage& page) {
    const ClusterConfig& cluster = manager.cluster();
    page.cluster.isYarn = true;
    page.cluster.isThere = true;
    page.cluster.isReady = true;
    page.cluster.submissions = static_cast<std::int32_t>(manager.apps().size());
    for (std::size_t i = 0; i < cluster.trackers.size() && i < manager.nodes().size(); ++i) {
        const DaemonAddress& address = cluster.trackers[i];
        const ResourceManager::Node& known = manager.nodes()[i];
        observe::TrackerView& view = page.trackers.emplace_back();
        view.id = daemonId(ObjectKind::NodeManager, address.name);
        view.host = observe::hostId(world.host(address.host).spec.name);
        view.rack = address.rack;
        view.isAlive = known.isAlive;
        view.sinceHeard = world.now() - known.heard;
        view.isSilent = view.isAlive && view.sinceHeard > 3 * cluster.yarn.nodeHeartbeat;
        view.memory = address.memory;
        page.cluster.trackers += 1;
        if (known.isAlive) {
            view.memoryInUse = manager.scheduler().nodes()[i].used;
            page.cluster.memory += view.memory;
            page.cluster.memoryInUse += view.memoryInUse;
            ++page.cluster.live;
        }
    }
    for (const auto& [id, placed] : manager.containers()) {
        ++page.trackers[placed.container.node].containers;
        ++page.cluster.containers;
    }
}

/// Of an application whose ApplicationMaster has left: the whole, or the last that it said.
void addWhatIsKept(const ResourceManager& manager, const ResourceManager::App& app, observe::JobPage& page) {
    if (app.history) {
        JobDescriber(*app.history, manager.cluster(), page).describe();
    } else if (app.report) {
        page.isKnown = true;
        page.hasLostTasks = true;
        page.state = toText(app.report->state);
        page.maps.progress = app.report->mapProgress;
        page.reduces.progress = app.report->reduceProgress;
        for (std::size_t i = 0; i < countNames.size(); ++i) {
            page.counters.push_back({countNames[i], 0, 0, app.report->counters.values[i]});
        }
    }
}

observe::JobPage describeJobOnYarn(const sim::World& world, const ResourceManager* manager, observe::JobPage page) {
    page.cluster.isYarn = true;
    const std::string name(observe::nameOf(page.id));
    const ResourceManager::App* newest = nullptr;
    if (manager != nullptr) {
        addNodeManagers(world, *manager, page);
        for (const auto& [id, app] : manager->apps()) {
            newest = app.job->name == name ? &app : newest;
        }
    }
    if (newest != nullptr) {
        page.application = wordOf(newest->state);
        page.attempt = newest->attempt;
    }
    const std::string process = appMasterProcess(world, name);
    const auto* master = process.empty() ? nullptr : world.findActor<AppMaster>(process + "/appmaster");
    if (master != nullptr && (newest == nullptr || !newest->hasEnded())) {
        JobDescriber(master->job(), master->cluster(), page).describe();
    } else if (newest != nullptr) {
        addWhatIsKept(*manager, *newest, page);
    }
    if (newest != nullptr) {
        page.submitted = newest->submitted;  // an ApplicationMaster knows only when it began itself
    }
    return page;
}

}  // namespace

observe::DfsPage describeDfs(const sim::World& world, const observe::PageRequest& request) {
    observe::DfsPage page;
    page.id = request.object;
    page.now = world.now();
    if (const auto* nameNode = world.findActor<NameNode>("namenode/namenode")) {
        DfsDescriber(world, *nameNode, page).describe();
    }
    return page;
}

observe::JobPage describeJob(const sim::World& world, const observe::PageRequest& request) {
    observe::JobPage page;
    page.id = request.object;
    page.now = world.now();
    if (world.findProcess("resourcemanager") != sim::noProcess) {
        return describeJobOnYarn(world, world.findActor<ResourceManager>("resourcemanager/resourcemanager"),
                                 std::move(page));
    }
    const auto* tracker = world.findActor<JobTracker>("jobtracker/jobtracker");
    if (tracker == nullptr) {
        return page;
    }
    addTrackers(world, *tracker, page);
    const JobInProgress* newest = nullptr;
    for (const auto& [id, job] : tracker->jobs()) {
        newest = job->spec().name == observe::nameOf(request.object) ? job.get() : newest;
    }
    if (newest != nullptr) {
        JobDescriber(*newest, tracker->cluster(), page).describe();
    }
    return page;
}

}  // namespace millrace::hadoop
