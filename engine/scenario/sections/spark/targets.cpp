#include <fmt/format.h>

#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections/ingest/collections.h"
#include "engine/scenario/sections/spark/collections.h"
#include "engine/scenario/sections/spark/spark_section.h"
#include "engine/scenario/world_processes.h"
#include "engine/spark/core/executor.h"
#include "engine/spark/describe.h"

namespace millrace::scenario {

namespace {

std::optional<std::string> numberedTrouble(const ReferenceJudge& judge, std::string_view name,
                                           std::string_view example) {
    const std::size_t slash = name.find('/');
    if (const auto trouble = judge.missing(name.substr(0, slash), streamingNames)) {
        return trouble;
    }
    const std::string_view number = slash == std::string_view::npos ? std::string_view() : name.substr(slash + 1);
    const bool isNumber =
        !number.empty() && number.size() < 9 && number.find_first_not_of("0123456789") == std::string_view::npos;
    return isNumber ? std::nullopt
                    : std::optional<std::string>(
                          fmt::format("it is named by its application and its number, as in {}", example));
}
std::optional<std::string> executorTrouble(const ReferenceJudge& judge, std::string_view name) {
    return numberedTrouble(judge, name, "executor:words/0, which counts from 0");
}
std::optional<std::string> receiverTrouble(const ReferenceJudge& judge, std::string_view name) {
    return numberedTrouble(judge, name, "receiver:words/1, which counts from 1");
}
std::optional<std::string> sparkMasterTrouble(const ReferenceJudge& judge, std::string_view /*name*/) {
    const bool isThere = at(judge.root(), {"spark", "master"}) != nullptr;
    return isThere ? std::nullopt : std::optional<std::string>("there is no Spark master");
}
std::optional<std::string> executorProcessTrouble(const ReferenceJudge& judge, std::string_view rest) {
    return judge.missing(rest.substr(0, rest.find('/')), streamingNames);
}

std::optional<sim::FaultTarget> processIfAny(sim::ProcessId id) {
    return id != sim::noProcess ? std::optional<sim::FaultTarget>(id) : std::nullopt;
}
std::optional<sim::FaultTarget> sparkMaster(const sim::World& world, std::string_view /*name*/) {
    return processTarget(world, spark::masterName);
}
std::optional<sim::FaultTarget> sparkWorker(const sim::World& world, std::string_view name) {
    return processTarget(world, spark::workerName(name));
}
std::optional<sim::FaultTarget> streamingDriver(const sim::World& world, std::string_view name) {
    return processTarget(world, spark::driverName(name));
}
std::optional<sim::FaultTarget> streamingExecutor(const sim::World& world, std::string_view name) {
    return processIfAny(spark::executorProcess(world, name));
}
std::optional<sim::FaultTarget> streamingReceiver(const sim::World& world, std::string_view name) {
    return processIfAny(spark::receiverProcess(world, name));
}

constexpr TargetKind sparkTargets[] = {
    {.noun = "spark-master",
     .example = "spark-master",
     .standsAlone = true,
     .trouble = sparkMasterTrouble,
     .resolve = sparkMaster},
    {.noun = "spark-worker", .example = "spark-worker:w1", .names = &sparkWorkerNames, .resolve = sparkWorker},
    {.noun = "driver", .example = "driver:words", .names = &streamingNames, .resolve = streamingDriver},
    {.noun = "executor", .example = "executor:words/0", .trouble = executorTrouble, .resolve = streamingExecutor},
    {.noun = "receiver", .example = "receiver:words/1", .trouble = receiverTrouble, .resolve = streamingReceiver},
};

ByteCount heapOfExecutor(const sim::World& world, const sim::ProcessSlot& process) {
    const auto* executor = world.findActor<spark::ExecutorActor>(process.name() + "/executor");
    return executor != nullptr ? executor->spec().memory : 0;
}

// Heaps: SPARK_DAEMON_MEMORY and spark.driver.memory as Spark's defaults have them.
constexpr ByteCount daemonHeap = ByteCount{1024} << 20U;
constexpr ProcessKind sparkProcesses[] = {
    {.kind = "spark-master", .example = "", .trouble = sparkMasterTrouble, .heap = daemonHeap},
    {.kind = "spark-worker", .example = "", .names = &sparkWorkerNames, .heap = daemonHeap},
    {.kind = "driver", .example = "", .names = &streamingNames, .heap = daemonHeap},
    {.kind = "executor",
     .example = "",
     .trouble = executorProcessTrouble,
     .isReplaced = true,
     .heapOf = heapOfExecutor},
    {.kind = "source-server", .example = "", .names = &sourceNames},
};

}  // namespace

std::span<const TargetKind> SparkSection::targets() const {
    return sparkTargets;
}

std::span<const ProcessKind> SparkSection::processes() const {
    return sparkProcesses;
}

}  // namespace millrace::scenario
