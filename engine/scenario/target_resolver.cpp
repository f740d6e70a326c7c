#include "engine/scenario/target_resolver.h"

#include "engine/scenario/sections.h"
#include "engine/sim/world.h"

namespace millrace::scenario {

namespace {

class Resolver final : public sim::TargetResolver {
public:
    [[nodiscard]] std::optional<sim::FaultTarget> resolve(const sim::World& world,
                                                          std::string_view target) const override {
        const std::size_t colon = target.find(':');
        const std::string_view noun = target.substr(0, colon);
        const std::string_view name = colon == std::string_view::npos ? std::string_view() : target.substr(colon + 1);
        for (const Section* section : sections()) {
            for (const TargetKind& kind : section->targets()) {
                if (kind.noun == noun) {
                    return kind.resolve(world, name);
                }
            }
        }
        return std::nullopt;
    }
};

}  // namespace

Ref<const sim::TargetResolver> makeTargetResolver() {
    return makeRef<Resolver>();
}

}  // namespace millrace::scenario
