#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "engine/ingest/pipeline/step.h"

namespace millrace::ingest {

std::span<const StepKind* const> stepKinds() {
    static const std::array kinds{&cleanStep(),  &whereStep(),     &mapStep(),     &deduplicateStep(), &maskStep(),
                                  &lookupStep(), &aggregateStep(), &anomalyStep(), &alertStep()};
    return kinds;
}

const StepKind* findStepKind(std::string_view kind) {
    const auto kinds = stepKinds();
    const auto found =
        std::find_if(kinds.begin(), kinds.end(), [&](const StepKind* each) { return each->about.kind == kind; });
    return found != kinds.end() ? *found : nullptr;
}

std::span<const flow::Operator* const> stepOperators() {
    static const std::vector<const flow::Operator*> operators = [] {
        std::vector<const flow::Operator*> all;
        all.reserve(stepKinds().size());
        for (const StepKind* each : stepKinds()) {
            all.push_back(&each->about);
        }
        return all;
    }();
    return operators;
}

std::optional<std::size_t> columnIn(const std::vector<flow::Column>& columns, std::string_view name) {
    const auto found =
        std::find_if(columns.begin(), columns.end(), [&](const flow::Column& each) { return each.name == name; });
    return found != columns.end() ? std::optional(static_cast<std::size_t>(found - columns.begin())) : std::nullopt;
}

tl::unexpected<StepTrouble> stepTrouble(std::string_view key, std::string reason) {
    return tl::unexpected(StepTrouble{key, std::move(reason)});
}

tl::unexpected<StepTrouble> noSuchField(std::string_view key, std::string_view name,
                                        const std::vector<flow::Column>& columns) {
    std::vector<std::string_view> names;
    names.reserve(columns.size());
    for (const flow::Column& each : columns) {
        names.push_back(each.name);
    }
    return stepTrouble(key, fmt::format("there is no field '{}', only {}", name, fmt::join(names, ", ")));
}

}  // namespace millrace::ingest
