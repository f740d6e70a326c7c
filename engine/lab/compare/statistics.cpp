#include "engine/lab/compare/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

namespace millrace::lab {

double studentQuantile(std::size_t degrees) {
    static constexpr std::array<std::pair<std::size_t, double>, 36> table{{
        {1, 12.706}, {2, 4.303},  {3, 3.182},  {4, 2.776},   {5, 2.571},     {6, 2.447},
        {7, 2.365},  {8, 2.306},  {9, 2.262},  {10, 2.228},  {11, 2.201},    {12, 2.179},
        {13, 2.160}, {14, 2.145}, {15, 2.131}, {16, 2.120},  {17, 2.110},    {18, 2.101},
        {19, 2.093}, {20, 2.086}, {21, 2.080}, {22, 2.074},  {23, 2.069},    {24, 2.064},
        {25, 2.060}, {26, 2.056}, {27, 2.052}, {28, 2.048},  {29, 2.045},    {30, 2.042},
        {40, 2.021}, {60, 2.000}, {80, 1.990}, {120, 1.980}, {1'000, 1.962}, {1'000'000, 1.960},
    }};
    const auto above = std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.first >= degrees; });
    if (above == table.end()) {
        return table.back().second;
    }
    if (above->first == degrees || above == table.begin()) {
        return above->second;
    }
    const auto below = std::prev(above);
    const auto inverse = [](std::size_t count) { return 1.0 / static_cast<double>(count); };
    const double share = (inverse(below->first) - inverse(degrees)) / (inverse(below->first) - inverse(above->first));
    return below->second + share * (above->second - below->second);
}

Estimate estimateOf(const std::vector<double>& samples) {
    Estimate estimate;
    estimate.n = samples.size();
    if (samples.empty()) {
        return estimate;
    }
    const auto count = static_cast<double>(samples.size());
    for (const double each : samples) {
        estimate.mean += each / count;
    }
    double squares = 0;
    for (const double each : samples) {
        squares += (each - estimate.mean) * (each - estimate.mean);
    }
    const double half =
        samples.size() < 2 ? 0 : studentQuantile(samples.size() - 1) * std::sqrt(squares / (count - 1) / count);
    estimate.low = estimate.mean - half;
    estimate.high = estimate.mean + half;
    return estimate;
}

std::optional<double> quantileOf(std::vector<double> samples, double share) {
    if (samples.empty()) {
        return std::nullopt;
    }
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(samples.size())));
    const std::size_t at = std::clamp<std::size_t>(rank, 1, samples.size()) - 1;
    std::nth_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(at), samples.end());
    return samples[at];
}

}  // namespace millrace::lab
