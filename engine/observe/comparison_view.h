#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace millrace::observe {

/// Variants of a scenario that ran one after the other on the same records, machines, faults and random numbers, or
/// several scenarios beside each other: what was measured of each.
struct ComparisonView {
    enum class Better : std::uint8_t { Neither, Less, More };
    /// A mean over the repetitions with its 95 % interval; of one repetition both ends are the mean.
    struct Cell {
        double mean = 0;
        double low = 0;
        double high = 0;
        std::size_t n = 0;  ///< repetitions in which it could be measured; 0: in none
        std::string text;   ///< with the unit where that is scaled
        bool isBest = false;
    };
    struct Row {
        std::string title;
        std::string unit;
        std::string topic;  ///< of a table of processing models: "throughput and latency"
        std::string meaning;
        Better better = Better::Neither;
        std::vector<Cell> cells;  ///< one a variant
    };
    /// A table of results against a single pass over the records, or against the first variant's.
    struct Difference {
        std::int64_t rows = 0;
        std::int64_t equal = 0;
        std::int64_t missing = 0;
        std::int64_t surplus = 0;
        std::vector<std::string> first;  ///< of those that differ, in words
    };
    struct Table {
        std::string name;
        std::vector<Difference> variants;
    };
    struct Point {
        double at = 0;  ///< seconds
        std::int64_t results = 0;
    };
    struct Note {
        std::string variant;
        std::string text;
        bool isTrouble = false;  ///< it ended in another way than by being done
    };

    std::string title;
    std::vector<std::string> variants;
    std::size_t scenarios = 1;  ///< that variants come from: of several each has its own records, machines and faults
    std::size_t repetitions = 0;
    bool isAgainstPass = false;
    std::vector<Row> rows;  ///< those of a topic stand together
    std::vector<Table> tables;
    std::vector<std::vector<Point>> curves;  ///< results so far, of the first repetition, by variant
    std::vector<double> faultsAt;            ///< seconds
    std::vector<Note> notes;
};

using ComparisonPtr = std::shared_ptr<const ComparisonView>;

}  // namespace millrace::observe
