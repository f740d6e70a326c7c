#pragma once

#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/operator.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// The engines that run pipelines, by the names that documents use.
inline constexpr std::array<std::string_view, 3> pipelineEngines{"storm", "spark", "hadoop"};

/// Where the steps of a pipeline begin.
inline constexpr std::string_view recordsName = "records";

/// A parameter of a step, and how an engine's operator calls it.
struct Renamed {
    std::string_view here;
    std::string_view there;
};

/// What a step is on one engine: the kind of its operator there, with its parameters' names. Without a kind the engine
/// lacks it, and `lacks` says why and what to use instead.
struct StepForm {
    std::string_view kind = {};
    std::vector<Renamed> names = {};
    std::string_view lacks = {};
};

/// A step by its meaning, and what it is on each engine. The one place where their names meet.
struct PipelineStep {
    flow::Operator about;
    StepForm storm;
    StepForm spark;
    StepForm hadoop;
    std::string_view aside = {};  ///< the stream of what it puts aside, as Storm's bolt calls it

    [[nodiscard]] const StepForm& on(std::string_view engine) const {
        return engine == "storm" ? storm : engine == "spark" ? spark : hadoop;
    }
};

[[nodiscard]] std::span<const PipelineStep> pipelineSteps();
[[nodiscard]] const PipelineStep* findPipelineStep(std::string_view kind);

/// A step of a document as it reads its neighbours.
struct StepInDocument {
    const Member* member = nullptr;
    std::string kind;
    std::string from;  ///< empty: the records
    bool isAside = false;

    [[nodiscard]] const std::string& name() const { return member->key; }
    [[nodiscard]] const Value& object() const { return member->value; }
};
/// Without a `from` a step reads the one before it that is no table. Works on documents that are being edited.
[[nodiscard]] std::vector<StepInDocument> stepsIn(const Value& pipeline);

}  // namespace millrace::scenario
