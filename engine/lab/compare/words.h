#pragma once

#include <string>
#include <string_view>

#include "engine/lab/compare/figures.h"
#include "engine/lab/compare/statistics.h"

namespace millrace::lab {

/// A value for people: bytes in kB and MB, other numbers to three digits.
[[nodiscard]] std::string amountText(double value, std::string_view unit);
/// "4.1 [3.9, 4.3]"; "-" where it could not be measured.
[[nodiscard]] std::string estimateText(const Estimate& estimate, std::string_view unit);
/// "a, 3 stands there 2 times instead of 1"
[[nodiscard]] std::string differenceText(const TableDifference::Row& row);
/// "latency p50"
[[nodiscard]] std::string figureTitle(const Figure& figure);

}  // namespace millrace::lab
