#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lab/compare/results.h"
#include "engine/lab/compare/statistics.h"

namespace millrace::lab {

/// A row of a comparison: what is measured, and what it answers of a table of processing models.
struct Figure {
    enum class Better : std::uint8_t { Neither, Less, More };
    std::string_view name;
    std::string_view unit;
    std::string_view topic;  ///< "throughput and latency"
    Better better = Better::Neither;
    std::string_view meaning;
};

/// All of them, in the order of the table.
[[nodiscard]] std::span<const Figure> comparedFigures();

/// What a run came to, by name of figure; what could not be measured is not there.
using Measures = std::map<std::string_view, double>;

/// What the machines of a world have used so far.
void measureMachines(const sim::World& world, Measures& measures);
/// The heaps of all JVMs that run at this instant, in bytes: see scenario::ProcessKind. One look at each process.
[[nodiscard]] ByteCount heapsOf(const sim::World& world);
/// When results came: against what they had to be, or by the records that they know.
void measureResults(const ResultWatch& watch, const Expected& expected, const scenario::Scenario& scenario,
                    Measures& measures);
/// Which of them are best; none where the figure has no better, or nothing tells one from another: where intervals of
/// repetitions overlap with the best one's, they are equally good.
[[nodiscard]] std::vector<bool> bestOf(Figure::Better better, const std::vector<Estimate>& values);
/// How two tables differ.
struct TableDifference {
    std::int64_t rows = 0;     ///< that are expected, or that the first one has
    std::int64_t equal = 0;    ///< of them, those that stand there as often, with the same count
    std::int64_t missing = 0;  ///< rows and counts that are lacking
    std::int64_t surplus = 0;  ///< and that are too many
    struct Row {
        std::string values;
        std::int64_t expected = 0;
        std::int64_t found = 0;
    };
    std::vector<Row> first;  ///< of those that differ, at most ten
};
[[nodiscard]] TableDifference differenceOf(const TableContent& expected, const TableContent& found);

}  // namespace millrace::lab
