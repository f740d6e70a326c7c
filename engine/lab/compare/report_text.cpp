#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/lab/compare/comparison.h"
#include "engine/lab/compare/words.h"
#include "engine/scenario/report_values.h"

namespace millrace::lab {

std::string amountText(double value, std::string_view unit) {
    constexpr double kilo = 1000;
    constexpr double digitsFrom = 10;
    if (unit == "B") {
        static constexpr std::string_view steps[] = {"B", "kB", "MB", "GB", "TB"};
        std::size_t step = 0;
        while (std::abs(value) >= kilo && step + 1 < std::size(steps)) {
            value /= kilo;
            ++step;
        }
        return fmt::format("{:.{}f} {}", value, step == 0 || std::abs(value) >= digitsFrom * digitsFrom ? 0 : 1,
                           steps[step]);
    }
    const bool isWhole = std::floor(value) == value && std::abs(value) < 1e15;
    return isWhole ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

std::string estimateText(const Estimate& estimate, std::string_view unit) {
    if (estimate.n == 0) {
        return "-";
    }
    const std::string mean = amountText(estimate.mean, unit);
    const std::string low = amountText(estimate.low, unit);
    const std::string high = amountText(estimate.high, unit);
    const bool isOneValue = estimate.n < 2 || (low == mean && high == mean);  // as it is written
    return isOneValue ? mean : fmt::format("{} [{}, {}]", mean, low, high);
}

std::string differenceText(const TableDifference::Row& row) {
    return fmt::format("{} stands there {} times instead of {}", row.values, row.found, row.expected);
}

std::string figureTitle(const Figure& figure) {
    std::string title(figure.name);
    std::replace(title.begin(), title.end(), '_', ' ');
    return title;
}

namespace {

std::string figuresText(const Comparison& comparison) {
    std::string text;
    std::string_view topic;
    std::vector<std::string> heads{"figure", "unit"};
    heads.insert(heads.end(), comparison.variants.begin(), comparison.variants.end());
    for (std::size_t i = 0; i < comparison.rows.size();) {
        topic = comparison.rows[i].figure->topic;
        scenario::ReportTable table(heads);
        for (; i < comparison.rows.size() && comparison.rows[i].figure->topic == topic; ++i) {
            const Comparison::Row& row = comparison.rows[i];
            std::vector<std::string> cells{figureTitle(*row.figure),
                                           row.figure->unit == "B" ? "" : std::string(row.figure->unit)};
            for (const Estimate& each : row.values) {
                cells.push_back(estimateText(each, row.figure->unit));
            }
            table.add(std::move(cells));
        }
        std::string title(topic);
        title.front() = static_cast<char>(std::toupper(title.front()));
        text += table.under(title);
    }
    return text;
}

std::string tablesText(const Comparison& comparison) {
    scenario::ReportTable table({"table", "variant", "rows", "equal", "missing", "surplus"});
    std::string differing;
    for (const Comparison::Table& each : comparison.tables) {
        for (std::size_t i = 0; i < each.variants.size(); ++i) {
            const TableDifference& found = each.variants[i];
            table.add({each.name, comparison.variants[i], std::to_string(found.rows), std::to_string(found.equal),
                       std::to_string(found.missing), std::to_string(found.surplus)});
            for (const TableDifference::Row& row : found.first) {
                differing += fmt::format("{} on {}: {}\n", each.name, comparison.variants[i], differenceText(row));
            }
        }
    }
    return table.under(comparison.isAgainstPass ? "Tables against a single pass over the records"
                                                : "Tables against those of the first variant") +
           differing;
}

}  // namespace

std::string comparisonText(const Comparison& comparison) {
    std::string text = fmt::format(
        "{}: {} {}, {} each\n", comparison.title, fmt::join(comparison.variants, ", "),
        comparison.scenarios.size() > 1 ? "beside each other, each with its own records, machines and faults"
                                        : "side by side",
        comparison.seeds.size() == 1 ? "one run"
                                     : fmt::format("{} runs, mean and 95 % interval", comparison.seeds.size()));
    text += figuresText(comparison) + tablesText(comparison);
    for (std::size_t i = 0; i < comparison.leftOut.size(); ++i) {
        for (const std::string& each : comparison.leftOut[i]) {
            text += fmt::format("Left out: {}\n", each);
        }
    }
    for (std::size_t i = 0; i < comparison.notModelled.size(); ++i) {
        for (const std::string& each : comparison.notModelled[i]) {
            text += fmt::format("Not modelled on {}: {}\n", comparison.variants[i], each);
        }
    }
    for (const Trouble& each : comparison.troubles) {
        text += fmt::format("{}, seed {}: {}\n", each.variant, each.seed, each.text);
    }
    return text;
}

}  // namespace millrace::lab
