#include "engine/scenario/build/targets.h"

#include "engine/kafka/describe.h"
#include "engine/sim/world.h"
#include "engine/storm/describe.h"

namespace millrace::scenario {

namespace {

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
        if (noun == "nimbus" || noun == "supervisor" || noun == "worker") {
            return storm::resolveTarget(world, target);
        }
        if (noun == "producer" || noun == "sink") {
            return process(world, std::string(noun) + "/" + std::string(name));
        }
        return std::nullopt;
    }

private:
    static std::optional<sim::FaultTarget> process(const sim::World& world, std::string_view name) {
        const sim::ProcessId id = world.findProcess(name);
        return id != sim::noProcess ? std::optional<sim::FaultTarget>(id) : std::nullopt;
    }
};

}  // namespace

Ref<const sim::TargetResolver> makeTargetResolver() {
    return makeRef<Resolver>();
}

}  // namespace millrace::scenario
