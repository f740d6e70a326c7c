#pragma once

#include <span>
#include <string_view>

#include "engine/base/sim_time.h"
#include "engine/spark/cost.h"

namespace millrace::spark {

/// What an application's machinery and computation cost: those of `cost.h` that a preset may set otherwise.
struct Costs {
    CpuTime jobGeneration = cost::jobGeneration;
    CpuTime jobSubmission = cost::jobSubmission;
    CpuTime stageSubmission = cost::stageSubmission;
    CpuTime taskLaunch = cost::taskLaunch;
    CpuTime taskResult = cost::taskResult;
    CpuTime taskStart = cost::taskStart;
    double computation = 1;  ///< times what `cost.h` says of rows, bytes and keys
};

/// Costs that were set after published measurements, so that ratios and shapes can be compared with them. They were
/// worked out from `cost.h`, not fitted to runs: absolute figures of a run may be others than those of the source.
struct CostPreset {
    std::string_view name;    ///< as the setting `millrace.costPreset` has it
    std::string_view source;  ///< what was measured and where, and how the costs follow from it
    Costs costs;
};
[[nodiscard]] std::span<const CostPreset> costPresets();
/// By name; the first, Millrace's own costs, where there is none of that name.
[[nodiscard]] const CostPreset& costPreset(std::string_view name);

}  // namespace millrace::spark
