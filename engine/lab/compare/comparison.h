#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/lab/compare/figures.h"
#include "engine/lab/compare/statistics.h"
#include "engine/lab/compare/variants.h"
#include "engine/observe/comparison_view.h"

namespace millrace::lab {

/// Where a comparison stands, for who shows it.
struct ComparisonProgress {
    std::size_t run = 0;  ///< from 0
    std::size_t runs = 0;
    std::string variant;
    SimTime now{};
};

struct ComparisonOptions {
    std::size_t repetitions = 1;  ///< with the seeds of the scenario, the one after it, ...
    /// Asked every few thousand events; false gives the comparison up.
    std::function<bool(const ComparisonProgress&)> onProgress;
};

/// How a variant ended that is not simply done.
struct Trouble {
    std::string variant;
    std::uint64_t seed = 0;
    std::string text;
    friend bool operator==(const Trouble&, const Trouble&) = default;
};

/// Variants side by side: the same records, machines, faults and random numbers.
struct Comparison {
    struct Row {
        const Figure* figure = nullptr;
        std::vector<Estimate> values;  ///< one a variant
        std::vector<bool> isBest;      ///< by variant; none where nothing tells them apart
    };
    struct Table {
        std::string name;
        std::vector<TableDifference> variants;  ///< of the first repetition
    };
    struct Curve {
        std::vector<ResultWatch::Point> points;  ///< results over time, of the first repetition
    };

    std::string title;
    std::vector<std::string> variants;
    std::vector<std::string> scenarios;  ///< that variants come from, each once: with several, records may differ
    std::vector<std::uint64_t> seeds;
    std::vector<Row> rows;  ///< those that could be measured in one variant at least
    std::vector<Table> tables;
    bool isAgainstPass =
        false;  ///< tables are held against a single pass over the records, else against the first variant
    std::vector<Curve> curves;
    std::vector<double> faultsAt;                       ///< seconds
    std::vector<std::vector<std::string>> notModelled;  ///< by variant
    std::vector<std::vector<std::string>> leftOut;      ///< faults that can hit nothing there
    std::vector<Trouble> troubles;
    bool isCancelled = false;
};

/// Runs every variant, one after the other, each as often as wanted. Nothing is written to real sinks. An error is a
/// variant's that cannot run, with the field that is wrong.
[[nodiscard]] Result<Comparison> compare(const std::vector<Variant>& variants, const ComparisonOptions& options);

/// The form that scripts rely on.
[[nodiscard]] std::string comparisonJson(const Comparison& comparison);
[[nodiscard]] std::string comparisonText(const Comparison& comparison);
/// A page that needs nothing beside itself: tables, and charts as SVG.
[[nodiscard]] std::string comparisonHtml(const Comparison& comparison);
/// For the window.
[[nodiscard]] observe::ComparisonView viewOf(const Comparison& comparison);

}  // namespace millrace::lab
