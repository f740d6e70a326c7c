#include "engine/scenario/sections/ingest/collections.h"
#include "engine/scenario/sections/ingest/ingest_section.h"
#include "engine/scenario/world_processes.h"

namespace millrace::scenario {

namespace {

std::optional<sim::FaultTarget> sink(const sim::World& world, std::string_view name) {
    return processTarget(world, "sink/" + std::string(name));
}

std::optional<sim::FaultTarget> pipeline(const sim::World& world, std::string_view name) {
    return processTarget(world, "ingestion/" + std::string(name));
}

constexpr TargetKind sinkTargets[] = {
    {.noun = "sink", .example = "sink:audit", .names = &sinkNames, .resolve = sink},
    {.noun = "ingestion", .example = "ingestion:nightly", .names = &ingestionNames, .resolve = pipeline},
};

constexpr ProcessKind sinkProcesses[] = {
    {.kind = "sink", .example = "sink/audit", .names = &sinkNames},
    {.kind = "ingestion", .example = "ingestion/nightly", .names = &ingestionNames},
};

}  // namespace

std::span<const TargetKind> IngestSection::targets() const {
    return sinkTargets;
}

std::span<const ProcessKind> IngestSection::processes() const {
    return sinkProcesses;
}

}  // namespace millrace::scenario
