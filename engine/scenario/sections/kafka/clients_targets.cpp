#include <fmt/format.h>

#include <charconv>

#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections/kafka/clients_section.h"
#include "engine/scenario/world_processes.h"

namespace millrace::scenario {

namespace {

/// Producers of their own, and those that sources have.
Names producersOf(const Value& root) {
    Names names = namesOf(at(root, {"clients", "producers"}));
    for (const Member& source : membersAt(root, {"sources"})) {
        if (source.value.find("topic") != nullptr) {
            names.push_back(source.key);
        }
    }
    return names;
}

std::optional<std::string> troubleWithProducer(const ReferenceJudge& judge, std::string_view name) {
    return judge.missing("producer", name, producersOf(judge.root()));
}

std::optional<std::string> troubleWithProducerProcess(const ReferenceJudge& judge, std::string_view name) {
    return judge.missing("process producer/", name, producersOf(judge.root()));
}

bool isMember(const Value& root, std::string_view name) {
    const std::size_t slash = name.rfind('/');
    const Value* group = at(root, {"clients", "groups", name.substr(0, slash)});
    if (slash == std::string_view::npos || group == nullptr) {
        return false;
    }
    const Value* members = group->find("members");
    const std::int64_t count = members != nullptr && members->isInteger() ? members->asInteger() : 1;
    std::int64_t number = 0;
    const auto [stop, trouble] = std::from_chars(name.data() + slash + 1, name.data() + name.size(), number);
    return trouble == std::errc() && stop == name.data() + name.size() && number >= 1 && number <= count;
}

std::optional<std::string> troubleWithMember(const ReferenceJudge& judge, std::string_view name) {
    return isMember(judge.root(), name) ? std::nullopt : std::optional<std::string>("");
}

std::optional<sim::FaultTarget> producer(const sim::World& world, std::string_view name) {
    return processTarget(world, "producer/" + std::string(name));
}

constexpr TargetKind clientTargets[] = {
    {.noun = "producer", .example = "producer:log", .trouble = troubleWithProducer, .resolve = producer},
};

constexpr ProcessKind clientProcesses[] = {
    {.kind = "producer", .example = "producer/log", .trouble = troubleWithProducerProcess},
    {.kind = "group", .example = "group/readers/1", .trouble = troubleWithMember},
};

}  // namespace

std::span<const TargetKind> ClientsSection::targets() const {
    return clientTargets;
}

std::span<const ProcessKind> ClientsSection::processes() const {
    return clientProcesses;
}

}  // namespace millrace::scenario
