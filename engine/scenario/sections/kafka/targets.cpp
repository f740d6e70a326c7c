#include <fmt/format.h>

#include <charconv>

#include "engine/kafka/describe.h"
#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections/kafka/collections.h"
#include "engine/scenario/sections/kafka/kafka_section.h"

namespace millrace::scenario {

namespace {

std::optional<std::string> troubleWithLeader(const ReferenceJudge& judge, std::string_view name) {
    const std::size_t dash = name.rfind('-');
    if (dash == std::string_view::npos) {
        return "a leader is named by topic and partition, as in leader:access-0";
    }
    if (const auto trouble = judge.missing(name.substr(0, dash), topicNames)) {
        return trouble;
    }
    const Value* partitions = at(judge.root(), {"topics", name.substr(0, dash), "partitions"});
    const std::int64_t count = partitions != nullptr && partitions->isInteger() ? partitions->asInteger() : 1;
    std::int64_t index = -1;
    const auto [stop, trouble] = std::from_chars(name.data() + dash + 1, name.data() + name.size(), index);
    if (trouble != std::errc() || stop != name.data() + name.size() || index < 0 || index >= count) {
        return fmt::format("the topic \"{}\" has the partitions 0 to {}", name.substr(0, dash), count - 1);
    }
    return std::nullopt;
}

std::optional<sim::FaultTarget> broker(const sim::World& world, std::string_view name) {
    return kafka::resolveTarget(world, "broker:" + std::string(name));
}

std::optional<sim::FaultTarget> leader(const sim::World& world, std::string_view name) {
    return kafka::resolveTarget(world, "leader:" + std::string(name));
}

std::optional<sim::FaultTarget> controller(const sim::World& world, std::string_view /*name*/) {
    return kafka::resolveTarget(world, "controller");
}

constexpr TargetKind brokerTargets[] = {
    {.noun = "broker", .example = "broker:2", .names = &brokerNames, .resolve = broker},
    {.noun = "leader", .example = "leader:access-0", .trouble = troubleWithLeader, .resolve = leader},
    {.noun = "controller", .example = "controller", .standsAlone = true, .resolve = controller},
};

// Heap: KAFKA_HEAP_OPTS of kafka-server-start.sh.
constexpr ProcessKind brokerProcesses[] = {
    {.kind = "broker", .example = "broker/1", .names = &brokerNames, .heap = ByteCount{1024} << 20U},
};

}  // namespace

std::span<const TargetKind> KafkaSection::targets() const {
    return brokerTargets;
}

std::span<const ProcessKind> KafkaSection::processes() const {
    return brokerProcesses;
}

}  // namespace millrace::scenario
