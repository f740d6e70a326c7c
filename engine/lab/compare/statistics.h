#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace millrace::lab {

/// A mean with the interval in which 95 % of such intervals hold the true one, by Student's t; of one repetition the
/// interval is the value itself and says nothing.
struct Estimate {
    double mean = 0;
    double low = 0;
    double high = 0;
    std::size_t n = 0;  ///< repetitions in which it could be measured; 0: in none
};

[[nodiscard]] Estimate estimateOf(const std::vector<double>& samples);

/// The 0.975 quantile of Student's t with so many degrees of freedom, to three digits. Source: the usual table (Student
/// 1908), linear in 1/degrees between its rows.
[[nodiscard]] double studentQuantile(std::size_t degrees);

/// The smallest sample that at least this share of all does not exceed; nothing of none.
[[nodiscard]] std::optional<double> quantileOf(std::vector<double> samples, double share);

}  // namespace millrace::lab
