#include "engine/hadoop/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "engine/describe/life.h"
#include "engine/hadoop/hdfs/data_node.h"
#include "engine/hadoop/hdfs/name_node.h"
#include "engine/hadoop/mapreduce/job_client.h"
#include "engine/hadoop/mapreduce/job_kinds.h"
#include "engine/hadoop/mapreduce/job_tracker.h"
#include "engine/hadoop/mapreduce/task_tracker.h"
#include "engine/hadoop/metrics.h"
#include "engine/hadoop/yarn/app_master.h"
#include "engine/hadoop/yarn/node_manager.h"
#include "engine/hadoop/yarn/resource_manager.h"

namespace millrace::hadoop {

namespace {

using observe::ObjectKind;

std::string_view stateText(JobClient::State state) {
    switch (state) {
        case JobClient::State::Waiting:
            return "WAITING";
        case JobClient::State::Planning:
        case JobClient::State::Submitting:
            return "PREP";
        case JobClient::State::Running:
            return "RUNNING";
        case JobClient::State::Succeeded:
            return "SUCCEEDED";
        case JobClient::State::Failed:
            return "FAILED";
        case JobClient::State::Lost:
            return "LOST";
    }
    return {};
}

class Describer {
public:
    Describer(const sim::World& world, observe::SystemViews& views) : m_world(world), m_views(views) {}

    void describe() {
        for (std::uint32_t i = 0; i < m_world.processCount(); ++i) {
            const sim::ProcessSlot& process = m_world.process(sim::ProcessId{i});
            const std::string_view name = process.name();
            const std::string_view kind = name.substr(0, name.find('/'));
            if (kind == "namenode") {
                nameNode(process);
            } else if (kind == "datanode") {
                dataNode(process);
            } else if (kind == "jobtracker") {
                jobTracker(process);
            } else if (kind == "tasktracker") {
                taskTracker(process);
            } else if (kind == "resourcemanager") {
                resourceManager(process);
            } else if (kind == "nodemanager") {
                nodeManager(process);
            } else if (kind == "jobclient") {
                job(process);
            }
        }
        for (observe::DataNodeView& node : m_views.hadoop.dataNodes) {
            fill(node);
        }
    }

private:
    observe::ProcessView& add(const sim::ProcessSlot& process, ObjectKind kind) {
        observe::ProcessView& view = m_views.processes.emplace_back();
        const std::string& name = process.name();
        const std::size_t slash = name.find('/');
        view.id = slash == std::string::npos ? std::string{observe::toText(kind)}
                                             : fmt::format("{}:{}", observe::toText(kind), name.substr(slash + 1));
        view.host = observe::hostId(m_world.host(process.host).spec.name);
        view.state = describe::lifeOf(process.state);
        return view;
    }

    void nameNode(const sim::ProcessSlot& process) {
        observe::ProcessView& view = add(process, ObjectKind::NameNode);
        m_nameNode = m_world.findActor<NameNode>("namenode/namenode");
        if (m_nameNode == nullptr) {
            return;
        }
        observe::DfsView& dfs = m_views.hadoop.dfs;
        dfs.isThere = true;
        dfs.isInSafeMode = m_nameNode->isInSafeMode();
        dfs.files = static_cast<std::int64_t>(m_nameNode->space().fileCount());
        dfs.blocks = static_cast<std::int64_t>(m_nameNode->blocks().size());
        dfs.underReplicated = static_cast<std::int64_t>(m_nameNode->underReplicated());
        dfs.missing = static_cast<std::int64_t>(m_nameNode->missing());
        dfs.liveNodes = m_nameNode->liveNodes();
        dfs.nodes = static_cast<std::int64_t>(m_nameNode->nodes().size());
        for (const NameNode::Node& node : m_nameNode->nodes()) {
            dfs.used += node.isRegistered ? node.used : 0;
        }
        const auto isKnown = [](const NameNode::Node& node) { return node.isRegistered; };
        view.note = dfs.isInSafeMode
                        ? "safe mode"
                        : knownText(m_nameNode->nodes(), isKnown, 2 * m_nameNode->cluster().hdfs.heartbeatInterval,
                                    fmt::format("{}/{} live", dfs.liveNodes, dfs.nodes));
    }

    /// "5 known, 1 silent for 63 s": known is who was heard within the ten minutes after which he is given up for dead,
    /// silent who has not been heard when he should have been, and the longest of these.
    template <typename Nodes, typename IsKnown>
    [[nodiscard]] std::string knownText(const Nodes& nodes, const IsKnown& isKnown, SimDuration late,
                                        std::string_view usual) const {
        std::size_t silent = 0;
        SimDuration longest{0};
        std::size_t known = 0;
        for (const auto& node : nodes) {
            const SimDuration since = m_world.now() - node.heard;
            known += isKnown(node) ? 1 : 0;
            silent += isKnown(node) && since > late ? 1 : 0;
            longest = isKnown(node) ? std::max(longest, since) : longest;
        }
        return silent == 0 ? fmt::format("{}", usual)
                           : fmt::format("{} known, {} silent for {:.0f} s", known, silent, seconds(longest));
    }

    void dataNode(const sim::ProcessSlot& process) {
        observe::ProcessView& view = add(process, ObjectKind::DataNode);
        m_views.hadoop.dataNodes.push_back({view.id});
        if (const auto* node = m_world.findActor<DataNode>(process.name() + "/datanode")) {
            view.note = fmt::format("{} blocks", node->replicas().size());
        }
    }

    void fill(observe::DataNodeView& view) const {
        if (m_nameNode == nullptr) {
            return;
        }
        const ClusterConfig& cluster = m_nameNode->cluster();
        for (std::size_t i = 0; i < cluster.dataNodes.size(); ++i) {
            if (observe::nameOf(view.id) == cluster.dataNodes[i].name) {
                const NameNode::Node& node = m_nameNode->nodes()[i];
                view.isLive = node.isRegistered;
                view.blocks = static_cast<std::int64_t>(node.blocks);
                view.used = node.used;
                view.remaining = node.remaining;
            }
        }
    }

    void jobTracker(const sim::ProcessSlot& process) {
        observe::ProcessView& view = add(process, ObjectKind::JobTracker);
        if (const auto* tracker = m_world.findActor<JobTracker>("jobtracker/jobtracker")) {
            const auto isKnown = [](const JobTracker::Tracker& each) { return each.isAlive; };
            const auto live = static_cast<std::size_t>(tracker->liveTrackers());
            const SimDuration late = 2 * tracker->cluster().mapreduce.heartbeatOf(std::max<std::size_t>(live, 1));
            view.note = knownText(tracker->trackers(), isKnown, late, fmt::format("{} trackers", live));
        }
    }

    void taskTracker(const sim::ProcessSlot& process) {
        observe::ProcessView& view = add(process, ObjectKind::TaskTracker);
        if (const auto* tracker = m_world.findActor<TaskTracker>(process.name() + "/tasktracker")) {
            view.note = fmt::format("{} m, {} r", tracker->running(false), tracker->running(true));
        }
    }

    void resourceManager(const sim::ProcessSlot& process) {
        observe::ProcessView& view = add(process, ObjectKind::ResourceManager);
        if (const auto* manager = m_world.findActor<ResourceManager>("resourcemanager/resourcemanager")) {
            const auto isKnown = [](const ResourceManager::Node& each) { return each.isAlive; };
            view.note =
                knownText(manager->nodes(), isKnown, 2 * manager->cluster().yarn.nodeHeartbeat,
                          fmt::format("{} nodes, {} containers", manager->liveNodes(), manager->containers().size()));
        }
    }

    /// "3 of 8 GB" of containers, and whether an ApplicationMaster is among them.
    void nodeManager(const sim::ProcessSlot& process) {
        observe::ProcessView& view = add(process, ObjectKind::NodeManager);
        if (const auto* manager = m_world.findActor<NodeManager>(process.name() + "/nodemanager")) {
            const auto& containers = manager->containers();
            const bool hasMaster = std::any_of(containers.begin(), containers.end(),
                                               [](const auto& each) { return each.second.start->isAppMaster; });
            constexpr double megabytes = 1024;  // in a GB, as Hadoop counts
            view.note = fmt::format("{:.3g} of {:.3g} GB{}", manager->usedMemory() / megabytes,
                                    manager->memory() / megabytes, hasMaster ? ", AM" : "");
        }
    }

    void job(const sim::ProcessSlot& process) {
        const auto* client = m_world.findActor<JobClient>(process.name() + "/client");
        if (client == nullptr) {
            jobWithoutClient(process.name().substr(process.name().find('/') + 1));
            return;
        }
        observe::MapReduceJobView& view = m_views.hadoop.jobs.emplace_back();
        view.id = fmt::format("{}:{}", observe::toText(ObjectKind::Job), client->job().name);
        view.kind = client->job().kind->row.kind;
        view.state = stateText(client->state());
        view.why = client->why();
        view.maps = static_cast<std::int64_t>(client->maps());
        view.reduces = client->job().reduces;
        view.submitted = client->began();
        if (client->state() != JobClient::State::Waiting) {
            view.duration = (client->hasEnded() ? client->ended() : m_world.now()) - client->began();
        }
        if (const JobAnswer* answer = client->answer()) {
            view.mapProgress = answer->mapProgress;
            view.reduceProgress = answer->reduceProgress;
            for (std::size_t i = 0; i < countNames.size(); ++i) {
                view.counters.emplace_back(countNames[i], answer->counters.values[i]);
            }
        }
        addNode(view, client->job().name,
                client->state() == JobClient::State::Lost     ? "lost"
                : client->state() == JobClient::State::Failed ? "failed"
                                                              : "");
    }

    /// Whoever submitted it is gone, and it goes on all the same.
    void jobWithoutClient(const std::string& name) {
        const JobInProgress* job = jobInProgress(m_world, name);
        if (job == nullptr) {
            return;
        }
        observe::MapReduceJobView& view = m_views.hadoop.jobs.emplace_back();
        view.id = fmt::format("{}:{}", observe::toText(ObjectKind::Job), name);
        view.kind = job->spec().kind->row.kind;
        view.state = job->hasEnded() ? toText(job->state()) : "RUNNING";
        view.why = job->hasEnded() ? job->why() : "its client is gone: nobody asks for it any more, and it runs on";
        view.maps = static_cast<std::int64_t>(job->spec().splits.size());
        view.reduces = job->spec().reduces;
        view.submitted = job->submitted();
        view.duration = (job->hasEnded() ? job->ended() : m_world.now()) - job->submitted();
        view.mapProgress = job->mapProgress();
        view.reduceProgress = job->reduceProgress();
        for (std::size_t i = 0; i < countNames.size(); ++i) {
            view.counters.emplace_back(countNames[i], job->counters().values[i]);
        }
        addNode(view, name, !job->hasEnded() ? "without client" : job->state() == JobState::Succeeded ? "" : "failed");
    }

    /// The card of a job that has been described.
    void addNode(const observe::MapReduceJobView& view, std::string_view job, const char* trouble) {
        constexpr double percent = 100;
        observe::NodeView& node = m_views.nodes.emplace_back();
        node.id = view.id;
        node.main = {&metric::mapProgress, view.mapProgress * percent};
        node.second = {&metric::reduceProgress, view.reduceProgress * percent};
        node.executors = runningTasks(job);
        node.trouble = trouble;
    }

    /// Of the attempts that the JobTracker or the job's ApplicationMaster knows of; what has not begun and what is done
    /// is told by the progress.
    [[nodiscard]] std::int32_t runningTasks(std::string_view job) const {
        const auto* tracker = m_world.findActor<JobTracker>("jobtracker/jobtracker");
        const std::string master = tracker == nullptr ? appMasterProcess(m_world, job) : std::string();
        if (!master.empty()) {
            const auto* actor = m_world.findActor<AppMaster>(master + "/appmaster");
            return actor == nullptr ? 0 : static_cast<std::int32_t>(actor->job().runningAttempts().size());
        }
        std::int32_t running = 0;
        if (tracker != nullptr) {
            for (const auto& [id, each] : tracker->jobs()) {
                running += each->spec().name == job ? static_cast<std::int32_t>(each->runningAttempts().size()) : 0;
            }
        }
        return running;
    }

    const sim::World& m_world;
    observe::SystemViews& m_views;
    const NameNode* m_nameNode = nullptr;
};

}  // namespace

void describe(const sim::World& world, observe::SystemViews& views) {
    Describer(world, views).describe();
}

const JobInProgress* jobInProgress(const sim::World& world, std::string_view job) {
    if (const std::string master = appMasterProcess(world, job); !master.empty()) {
        return &world.findActor<AppMaster>(master + "/appmaster")->job();
    }
    const JobInProgress* newest = nullptr;
    if (const auto* tracker = world.findActor<JobTracker>("jobtracker/jobtracker")) {
        for (const auto& [id, each] : tracker->jobs()) {
            newest = each->spec().name == job ? each.get() : newest;
        }
    }
    if (const auto* manager = world.findActor<ResourceManager>("resourcemanager/resourcemanager")) {
        for (const auto& [id, app] : manager->apps()) {
            newest = app.job->name == job && app.history ? app.history.get() : newest;
        }
    }
    return newest;
}

bool isUnderWay(const sim::World& world, std::string_view job) {
    if (const JobInProgress* known = jobInProgress(world, job); known != nullptr && !known->hasEnded()) {
        return true;
    }
    const auto* manager = world.findActor<ResourceManager>("resourcemanager/resourcemanager");
    return manager != nullptr && std::any_of(manager->apps().begin(), manager->apps().end(), [&](const auto& each) {
               return each.second.job->name == job && !each.second.hasEnded();
           });
}

std::string appMasterProcess(const sim::World& world, std::string_view job) {
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const std::string& name = world.process(sim::ProcessId{i}).name();
        const auto* master = name.starts_with("container/") ? world.findActor<AppMaster>(name + "/appmaster") : nullptr;
        if (master != nullptr && master->job().spec().name == job) {
            return name;
        }
    }
    return {};
}

}  // namespace millrace::hadoop
