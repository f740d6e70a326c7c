#include "engine/hadoop/waits.h"

#include <fmt/format.h>

#include <utility>

#include "engine/hadoop/describe.h"
#include "engine/hadoop/hdfs/name_node.h"
#include "engine/hadoop/hdfs/put.h"
#include "engine/hadoop/mapreduce/job_client.h"

namespace millrace::hadoop {

namespace {

using observe::ObjectKind;

/// Blocks of which every replica that a DataNode has told of is corrupt.
std::uint64_t spoiltBlocks(const NameNode& nameNode) {
    std::uint64_t spoilt = 0;
    for (const auto& [id, info] : nameNode.blocks()) {
        spoilt += !info.isOpen && info.replicas.empty() && !info.corrupt.empty() ? 1U : 0U;
    }
    return spoilt;
}

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

/// Files and jobs that cannot begin while the NameNode is in safe mode or down.
void addNameNodeWaits(const sim::World& world, std::vector<observe::WaitView>& waits) {
    const std::string trouble = troubleOfHdfs(world);
    if (trouble.empty()) {
        return;
    }
    const sim::ProcessSlot& nameNode = world.process(world.findProcess("namenode"));
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const std::string& name = world.process(sim::ProcessId{i}).name();
        const auto add = [&](ObjectKind kind, std::string_view prefix) {
            observe::WaitView& wait = waits.emplace_back();
            wait.object = fmt::format("{}:{}", observe::toText(kind), name.substr(prefix.size()));
            wait.on = std::string{observe::toText(ObjectKind::NameNode)};
            wait.since = nameNode.since;
            wait.brief = "waits for NameNode";
            wait.text = trouble;
        };
        if (name.starts_with("put/")) {
            const auto* client = world.findActor<PutClient>(name + "/client");
            if (client != nullptr && client->state() == PutClient::State::Writing) {
                add(ObjectKind::DfsFile, "put/");
            }
        } else if (name.starts_with("jobclient/")) {
            const auto* client = world.findActor<JobClient>(name + "/client");
            if (client != nullptr &&
                (client->state() == JobClient::State::Planning || client->state() == JobClient::State::Submitting)) {
                add(ObjectKind::Job, "jobclient/");
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
        return "the NameNode is down: no file is opened, read on or made until it is back";
    }
    const auto* nameNode = world.findActor<NameNode>("namenode/namenode");
    if (nameNode == nullptr || !nameNode->isInSafeMode()) {
        return {};
    }
    const std::uint64_t spoilt = spoiltBlocks(*nameNode);
    const std::string others =
        spoilt == 0 ? std::string()
                    : fmt::format(", and of {} only corrupt replicas are left, which never come back", spoilt);
    return fmt::format(
        "the NameNode is in safe mode and writes nothing: {} of {} blocks have a whole replica at a "
        "DataNode that lives{}",
        nameNode->safeBlocks(), nameNode->blocks().size(), others);
}

std::vector<observe::WaitView> describeWaits(const sim::World& world) {
    std::vector<observe::WaitView> waits;
    addTrackerWaits(world, waits);
    addNameNodeWaits(world, waits);
    return waits;
}

}  // namespace millrace::hadoop
