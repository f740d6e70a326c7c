#include <fmt/format.h>

#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections/storm/collections.h"
#include "engine/scenario/sections/storm/storm_section.h"
#include "engine/storm/describe.h"

namespace millrace::scenario {

namespace {

std::optional<std::string> troubleWithNimbus(const ReferenceJudge& judge, std::string_view /*name*/) {
    const bool isThere = at(judge.root(), {"storm", "nimbus"}) != nullptr;
    return isThere ? std::nullopt : std::optional<std::string>("there is no Nimbus");
}

std::optional<std::string> troubleWithWorker(const ReferenceJudge& judge, std::string_view name) {
    const std::size_t slash = name.find('/');
    if (const auto trouble = judge.missing(name.substr(0, slash), topologyNames)) {
        return trouble;
    }
    const std::string_view number = slash == std::string_view::npos ? std::string_view() : name.substr(slash + 1);
    const bool isNumber = !number.empty() && number.size() < 10 && number.front() != '0' &&
                          number.find_first_not_of("0123456789") == std::string_view::npos;
    if (!isNumber) {
        return fmt::format("a worker is named by its topology and its number from 1, as in worker:{}/1",
                           name.substr(0, slash));
    }
    const auto workers = workersOf(judge.root(), name.substr(0, slash));
    return !workers || std::stoll(std::string(number)) <= *workers
               ? std::nullopt
               : std::optional<std::string>(fmt::format("the topology {} has {} worker{}", name.substr(0, slash),
                                                        *workers, *workers == 1 ? "" : "s"));
}

std::optional<std::string> troubleWithNimbusProcess(const ReferenceJudge& judge, std::string_view rest) {
    const bool isIt = rest.empty() && at(judge.root(), {"storm", "nimbus"}) != nullptr;
    return isIt ? std::nullopt : std::optional<std::string>("");
}

std::optional<std::string> troubleWithWorkerProcess(const ReferenceJudge& judge, std::string_view rest) {
    return judge.missing(rest.substr(0, rest.find('/')), topologyNames);
}

std::optional<sim::FaultTarget> nimbus(const sim::World& world, std::string_view /*name*/) {
    return storm::resolveTarget(world, "nimbus");
}

std::optional<sim::FaultTarget> supervisor(const sim::World& world, std::string_view name) {
    return storm::resolveTarget(world, "supervisor:" + std::string(name));
}

std::optional<sim::FaultTarget> worker(const sim::World& world, std::string_view name) {
    return storm::resolveTarget(world, "worker:" + std::string(name));
}

constexpr TargetKind stormTargets[] = {
    {.noun = "nimbus", .example = "nimbus", .standsAlone = true, .trouble = troubleWithNimbus, .resolve = nimbus},
    {.noun = "supervisor", .example = "supervisor:s1", .names = &supervisorNames, .resolve = supervisor},
    {.noun = "worker", .example = "worker:audit/1", .trouble = troubleWithWorker, .resolve = worker},
};

// Heaps: nimbus.childopts, supervisor.childopts and worker.heap.memory.mb as Storm's defaults have them.
constexpr ProcessKind stormProcesses[] = {
    {.kind = "nimbus", .example = "", .trouble = troubleWithNimbusProcess, .heap = ByteCount{1024} << 20U},
    {.kind = "supervisor", .example = "supervisor/s1", .names = &supervisorNames, .heap = ByteCount{256} << 20U},
    {.kind = "worker",
     .example = "",
     .trouble = troubleWithWorkerProcess,
     .isReplaced = true,
     .heap = ByteCount{768} << 20U},
    {.kind = "submit", .example = "", .names = &topologyNames},
};

}  // namespace

std::span<const TargetKind> StormSection::targets() const {
    return stormTargets;
}

std::span<const ProcessKind> StormSection::processes() const {
    return stormProcesses;
}

}  // namespace millrace::scenario
