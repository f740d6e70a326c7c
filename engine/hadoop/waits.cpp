#include "engine/hadoop/waits.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "engine/hadoop/describe.h"
#include "engine/hadoop/hdfs/name_node.h"
#include "engine/hadoop/hdfs/put.h"
#include "engine/hadoop/mapreduce/job_client.h"
#include "engine/hadoop/mapreduce/job_tracker.h"

namespace millrace::hadoop {

namespace {

using observe::ObjectKind;

/// The daemon that jobs wait for, where it is down.
void addTrackerWaits(const sim::World& world, std::vector<observe::WaitView>& waits) {
    const bool isYarn = world.findProcess("resourcemanager") != sim::noProcess;
    const sim::ProcessId id = world.findProcess(isYarn ? "resourcemanager" : "jobtracker");
    if (id == sim::noProcess || world.process(id).isAlive()) {
        return;
    }
    const sim::ProcessSlot& tracker = world.process(id);
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        const auto* client =
            process.name().starts_with("jobclient/") ? world.findActor<JobClient>(process.name() + "/client") : nullptr;
        if (client == nullptr || client->hasEnded() || client->state() == JobClient::State::Waiting) {
            continue;
        }
        if (isYarn && !appMasterProcess(world, client->job().name).empty()) {
            continue;  // it goes on with the containers that it has
        }
        observe::WaitView& wait = waits.emplace_back();
        wait.object = fmt::format("{}:{}", observe::toText(ObjectKind::Job), client->job().name);
        wait.on = std::string{observe::toText(isYarn ? ObjectKind::ResourceManager : ObjectKind::JobTracker)};
        wait.since = tracker.since;
        wait.brief = isYarn ? "waits for ResourceManager" : "waits for JobTracker";
        wait.text =
            isYarn ? "the ResourceManager is down: no ApplicationMaster begins, and it forgets all jobs when it starts "
                     "again"
                   : "the JobTracker is down: no task is given out, and jobs stand in its memory alone, so that this "
                     "one is lost when it starts again";
    }
}

/// Jobs that have attempts on a TaskTracker of which nothing has been heard: they run on as far as anybody knows.
void addSilentTrackerWaits(const sim::World& world, std::vector<observe::WaitView>& waits) {
    const auto* jobTracker = world.findActor<JobTracker>("jobtracker/jobtracker");
    if (jobTracker == nullptr) {
        return;
    }
    const ClusterConfig& cluster = jobTracker->cluster();
    const SimDuration silence = 3 * cluster.mapreduce.heartbeatOf(cluster.trackers.size());
    const auto isSilent = [&](const JobTracker::Tracker& each) {
        return each.isAlive && world.now() - each.heard > silence;
    };
    if (std::none_of(jobTracker->trackers().begin(), jobTracker->trackers().end(), isSilent)) {
        return;
    }
    for (const auto& [id, job] : jobTracker->jobs()) {
        std::map<NodeIndex, std::int64_t> silent;
        for (const auto& [tracker, attempt] : job->runningAttempts()) {
            if (isSilent(jobTracker->trackers()[tracker])) {
                ++silent[tracker];
            }
        }
        for (const auto& [tracker, attempts] : silent) {
            const std::string& name = cluster.trackers[tracker].name;
            observe::WaitView& wait = waits.emplace_back();
            wait.object = fmt::format("{}:{}", observe::toText(ObjectKind::Job), job->spec().name);
            wait.on = fmt::format("{}:{}", observe::toText(ObjectKind::TaskTracker), name);
            wait.since = jobTracker->trackers()[tracker].heard;
            // Looked after every third of it.
            wait.until = wait.since + cluster.mapreduce.trackerExpiry + cluster.mapreduce.trackerExpiry / 3;
            wait.brief = "waits for TaskTracker " + name;
            wait.text = fmt::format(
                "nothing is heard of TaskTracker {}, which has {} of its tasks: the JobTracker gives it up for lost "
                "when "
                "that lasts longer than {} (mapred.tasktracker.expiry.interval), and it looks every third of that",
                name, attempts, millrace::toText(cluster.mapreduce.trackerExpiry));
        }
    }
}

/// Files and jobs that cannot begin while the NameNode is in safe mode or down.
void addNameNodeWaits(const sim::World& world, std::vector<observe::WaitView>& waits) {
    const std::string trouble = troubleOfHdfs(world);
    if (trouble.empty()) {
        return;
    }
    const sim::ProcessSlot& nameNode = world.process(world.findProcess("namenode"));
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const std::string& name = world.process(sim::ProcessId{i}).name();
        const auto add = [&](ObjectKind kind, std::string_view prefix, SimTime began) {
            observe::WaitView& wait = waits.emplace_back();
            wait.object = fmt::format("{}:{}", observe::toText(kind), name.substr(prefix.size()));
            wait.on = std::string{observe::toText(ObjectKind::NameNode)};
            wait.since = std::max(nameNode.since, began);
            wait.brief = "waits for NameNode";
            wait.text = trouble;
        };
        if (name.starts_with("put/")) {
            const auto* client = world.findActor<PutClient>(name + "/client");
            if (client != nullptr && client->state() == PutClient::State::Writing) {
                add(ObjectKind::DfsFile, "put/", world.process(sim::ProcessId{i}).since);
            }
        } else if (name.starts_with("jobclient/")) {
            const auto* client = world.findActor<JobClient>(name + "/client");
            if (client != nullptr &&
                (client->state() == JobClient::State::Planning || client->state() == JobClient::State::Submitting)) {
                add(ObjectKind::Job, "jobclient/", client->began());
            }
        }
    }
}

}  // namespace

std::string troubleOfHdfs(const sim::World& world) {
    const sim::ProcessId id = world.findProcess("namenode");
    if (id == sim::noProcess) {
        return {};
    }
    if (!world.process(id).isAlive()) {
        return "the NameNode is down: until it is back no file is opened or made, and no block is begun";
    }
    const auto* nameNode = world.findActor<NameNode>("namenode/namenode");
    if (nameNode == nullptr || !nameNode->isInSafeMode()) {
        return {};
    }
    const NameNode::SafeMode found = nameNode->safeMode();
    if (found.isExtending) {
        return "the NameNode is in safe mode and writes nothing: enough blocks are reported, and more may come until "
               "its "
               "extension is over";
    }
    const std::string spoilt =
        found.corrupt == 0 ? std::string() : fmt::format("; of {} only corrupt replicas are reported", found.corrupt);
    return fmt::format(
        "the NameNode is in safe mode and writes nothing: {} of {} blocks are reported, and {} are needed{}",
        found.reported, found.closed, found.needed, spoilt);
}

std::vector<observe::WaitView> describeWaits(const sim::World& world) {
    std::vector<observe::WaitView> waits;
    addTrackerWaits(world, waits);
    addSilentTrackerWaits(world, waits);
    addNameNodeWaits(world, waits);
    return waits;
}

}  // namespace millrace::hadoop
