#include "engine/scenario/build/targets.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "engine/kafka/describe.h"
#include "engine/sim/world.h"

namespace millrace::scenario {

namespace {

std::optional<std::int32_t> numberIn(std::string_view text) {
    std::int32_t number = 0;
    const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), number);
    return trouble == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

class Resolver final : public sim::TargetResolver {
public:
    [[nodiscard]] std::optional<sim::FaultTarget> resolve(const sim::World& world,
                                                          std::string_view target) const override {
        const std::size_t colon = target.find(':');
        const std::string_view noun = target.substr(0, colon);
        const std::string_view name = colon == std::string_view::npos ? std::string_view() : target.substr(colon + 1);
        if (noun == "broker" || noun == "leader" || noun == "controller") {
            return kafka::resolveTarget(world, target);
        }
        if (noun == "server") {
            return process(world, "zookeeper/" + std::string(name));
        }
        if (noun == "worker") {
            return worker(world, name);
        }
        if (noun == "nimbus") {
            return process(world, "nimbus");
        }
        if (noun == "supervisor" || noun == "producer" || noun == "sink") {
            return process(world, std::string(noun) + "/" + std::string(name));
        }
        return std::nullopt;
    }

private:
    static std::optional<sim::FaultTarget> process(const sim::World& world, std::string_view name) {
        const sim::ProcessId id = world.findProcess(name);
        return id != sim::noProcess ? std::optional<sim::FaultTarget>(id) : std::nullopt;
    }

    /// "audit/1" is the first of the topology's workers that run, in order of their names, which end in PORT@HOST; a
    /// full name such as "audit/6700@h4" means that one.
    static std::optional<sim::FaultTarget> worker(const sim::World& world, std::string_view name) {
        const std::size_t slash = name.rfind('/');
        const std::optional<std::int32_t> number =
            slash == std::string_view::npos ? std::nullopt : numberIn(name.substr(slash + 1));
        if (!number) {
            return process(world, "worker/" + std::string(name));
        }
        const std::string prefix = "worker/" + std::string(name.substr(0, slash)) + "/";
        std::vector<std::string> running;
        for (std::uint32_t i = 0; i < world.processCount(); ++i) {
            const sim::ProcessSlot& each = world.process(sim::ProcessId{i});
            if (each.name().starts_with(prefix) && each.isAlive()) {
                running.push_back(each.name());
            }
        }
        std::sort(running.begin(), running.end());
        const auto index = static_cast<std::size_t>(*number - 1);
        return *number >= 1 && index < running.size() ? process(world, running[index]) : std::nullopt;
    }
};

}  // namespace

Ref<const sim::TargetResolver> makeTargetResolver() {
    return makeRef<Resolver>();
}

}  // namespace millrace::scenario
