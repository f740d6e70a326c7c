#include "engine/spark/presets.h"

#include <algorithm>
#include <array>

namespace millrace::spark {

namespace {

using std::chrono::milliseconds;

Costs withGeneration(CpuTime jobGeneration, double computation) {
    Costs costs;
    costs.jobGeneration = jobGeneration;
    costs.computation = computation;
    return costs;
}

const std::array<CostPreset, 3>& presets() {
    static const std::array<CostPreset, 3> all{
        CostPreset{"millrace", "Costs of engine/spark/cost.h: present machines by order of magnitude.", {}},
        CostPreset{"ysb-2020",
                   "Yahoo streaming benchmark, raw results of 2020 (Spark 3.0.0, batches of 2 s): a batch takes 0.23 s "
                   "+ 1.16 us a record. Worked out for 4 executors of 4 cores that count words, 8 to a record.",
                   withGeneration(milliseconds{170}, 6.4)},
        CostPreset{
            "dstreams-2013",
            "D-Streams, SOSP 2013, m1.xlarge of 4 cores: 250,000 records of 100 bytes a second and node in a word "
            "count. Worked out for that rate with 16 words to a record.",
            withGeneration(milliseconds{8}, 2.9)}};
    return all;
}

}  // namespace

std::span<const CostPreset> costPresets() {
    return presets();
}

const CostPreset& costPreset(std::string_view name) {
    const auto at =
        std::find_if(presets().begin(), presets().end(), [&](const CostPreset& each) { return each.name == name; });
    return at != presets().end() ? *at : presets().front();
}

}  // namespace millrace::spark
