#include "engine/hadoop/describe.h"
#include "engine/hadoop/mapreduce/map_task.h"
#include "engine/hadoop/mapreduce/reduce_task.h"
#include "engine/hadoop/yarn/node_manager.h"
#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections/hadoop/collections.h"
#include "engine/scenario/sections/hadoop/hadoop_section.h"
#include "engine/scenario/world_processes.h"

namespace millrace::scenario {

namespace {

std::optional<std::string> troubleWithNameNode(const ReferenceJudge& judge, std::string_view /*name*/) {
    const bool isThere = at(judge.root(), {"hadoop", "namenode"}) != nullptr;
    return isThere ? std::nullopt : std::optional<std::string>("there is no NameNode");
}

std::optional<std::string> troubleWithJobTracker(const ReferenceJudge& judge, std::string_view /*name*/) {
    const bool isThere = at(judge.root(), {"hadoop", "jobtracker"}) != nullptr;
    return isThere ? std::nullopt : std::optional<std::string>("there is no JobTracker");
}

std::optional<std::string> troubleWithResourceManager(const ReferenceJudge& judge, std::string_view /*name*/) {
    const bool isThere = at(judge.root(), {"hadoop", "yarn", "resource_manager"}) != nullptr;
    return isThere ? std::nullopt : std::optional<std::string>("there is no ResourceManager");
}

std::optional<std::string> troubleWithAppMaster(const ReferenceJudge& judge, std::string_view job) {
    const auto trouble = troubleWithResourceManager(judge, {});
    return trouble ? *trouble + ": jobs have ApplicationMasters on YARN alone" : judge.missing(job, jobNames);
}

std::optional<sim::FaultTarget> nameNodeOf(const sim::World& world, std::string_view /*name*/) {
    return processTarget(world, "namenode");
}

std::optional<sim::FaultTarget> dataNodeOf(const sim::World& world, std::string_view name) {
    return processTarget(world, "datanode/" + std::string(name));
}

std::optional<sim::FaultTarget> jobTrackerOf(const sim::World& world, std::string_view /*name*/) {
    return processTarget(world, "jobtracker");
}

std::optional<sim::FaultTarget> taskTrackerOf(const sim::World& world, std::string_view name) {
    return processTarget(world, "tasktracker/" + std::string(name));
}

std::optional<sim::FaultTarget> resourceManagerOf(const sim::World& world, std::string_view /*name*/) {
    return processTarget(world, "resourcemanager");
}

std::optional<sim::FaultTarget> nodeManagerOf(const sim::World& world, std::string_view name) {
    return processTarget(world, "nodemanager/" + std::string(name));
}

/// Whatever container it was given; nobody when none runs.
std::optional<sim::FaultTarget> appMasterOf(const sim::World& world, std::string_view job) {
    const std::string process = hadoop::appMasterProcess(world, job);
    return process.empty() ? std::nullopt : processTarget(world, process);
}

std::optional<sim::FaultTarget> exportOf(const sim::World& world, std::string_view name) {
    return processTarget(world, "export/" + std::string(name));
}

std::optional<std::string> troubleWithChild(const ReferenceJudge& judge, std::string_view rest) {
    return judge.missing(rest.substr(0, rest.rfind('-')), taskTrackerNames);
}

std::optional<std::string> troubleWithContainer(const ReferenceJudge& judge, std::string_view rest) {
    return judge.missing(rest.substr(0, rest.rfind('-')), nodeManagerNames);
}

constexpr TargetKind hadoopTargets[] = {
    {.noun = "namenode",
     .example = "namenode",
     .standsAlone = true,
     .trouble = troubleWithNameNode,
     .resolve = nameNodeOf},
    {.noun = "datanode", .example = "datanode:dn1", .names = &dataNodeNames, .resolve = dataNodeOf},
    {.noun = "jobtracker",
     .example = "jobtracker",
     .standsAlone = true,
     .trouble = troubleWithJobTracker,
     .resolve = jobTrackerOf},
    {.noun = "tasktracker", .example = "tasktracker:tt1", .names = &taskTrackerNames, .resolve = taskTrackerOf},
    {.noun = "resourcemanager",
     .example = "resourcemanager",
     .standsAlone = true,
     .trouble = troubleWithResourceManager,
     .resolve = resourceManagerOf},
    {.noun = "nodemanager", .example = "nodemanager:nm1", .names = &nodeManagerNames, .resolve = nodeManagerOf},
    {.noun = "appmaster", .example = "appmaster:wordcount", .trouble = troubleWithAppMaster, .resolve = appMasterOf},
    {.noun = "export", .example = "export:words", .names = &exportNames, .resolve = exportOf},
};

/// A task's JVM. That of the first and the last task of a job has what a task has that sets nothing.
ByteCount heapOfChild(const sim::World& world, const sim::ProcessSlot& process) {
    const std::string task = process.name() + "/task";
    if (const auto* map = world.findActor<hadoop::MapTask>(task)) {
        return map->heap();
    }
    const auto* reduce = world.findActor<hadoop::ReduceTask>(task);
    return reduce != nullptr ? reduce->heap() : hadoop::JobConf{}.heap;
}

// Heap: HADOOP_HEAPSIZE.
constexpr ByteCount daemonHeap = ByteCount{1000} << 20U;

/// Its own, and what it has given to containers.
ByteCount heapOfNode(const sim::World& world, const sim::ProcessSlot& process) {
    const auto* node = world.findActor<hadoop::NodeManager>(process.name() + "/nodemanager");
    return daemonHeap + (node != nullptr ? ByteCount{node->usedMemory()} << 20U : 0);
}

constexpr ProcessKind hadoopProcesses[] = {
    {.kind = "namenode", .example = "", .trouble = troubleWithNameNode, .heap = daemonHeap},
    {.kind = "datanode", .example = "", .names = &dataNodeNames, .heap = daemonHeap},
    {.kind = "jobtracker", .example = "", .trouble = troubleWithJobTracker, .heap = daemonHeap},
    {.kind = "tasktracker", .example = "", .names = &taskTrackerNames, .heap = daemonHeap},
    {.kind = "child", .example = "", .trouble = troubleWithChild, .isReplaced = true, .heapOf = heapOfChild},
    {.kind = "resourcemanager", .example = "", .trouble = troubleWithResourceManager, .heap = daemonHeap},
    {.kind = "nodemanager", .example = "", .names = &nodeManagerNames, .heapOf = heapOfNode},
    {.kind = "container", .example = "", .trouble = troubleWithContainer, .isReplaced = true},
    {.kind = "jobclient", .example = "", .names = &jobNames},
    {.kind = "put", .example = "", .names = &dfsFileNames},
    {.kind = "export", .example = "", .names = &exportNames},
};

}  // namespace

std::span<const TargetKind> HadoopSection::targets() const {
    return hadoopTargets;
}

std::span<const ProcessKind> HadoopSection::processes() const {
    return hadoopProcesses;
}

}  // namespace millrace::scenario
