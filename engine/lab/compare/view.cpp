#include <fmt/format.h>

#include "engine/lab/compare/comparison.h"
#include "engine/lab/compare/words.h"

namespace millrace::lab {

namespace {

using View = observe::ComparisonView;

View::Better betterOf(Figure::Better better) {
    switch (better) {
        case Figure::Better::Less:
            return View::Better::Less;
        case Figure::Better::More:
            return View::Better::More;
        case Figure::Better::Neither:
            break;
    }
    return View::Better::Neither;
}

View::Row rowOf(const Comparison::Row& row) {
    View::Row view;
    view.title = figureTitle(*row.figure);
    view.unit = row.figure->unit;
    view.topic = row.figure->topic;
    view.meaning = row.figure->meaning;
    view.better = betterOf(row.figure->better);
    for (std::size_t i = 0; i < row.values.size(); ++i) {
        const Estimate& each = row.values[i];
        view.cells.push_back(
            {each.mean, each.low, each.high, each.n, estimateText(each, row.figure->unit), row.isBest[i]});
    }
    return view;
}

View::Table tableOf(const Comparison::Table& table) {
    View::Table view{table.name, {}};
    for (const TableDifference& each : table.variants) {
        View::Difference& difference = view.variants.emplace_back();
        difference.rows = each.rows;
        difference.equal = each.equal;
        difference.missing = each.missing;
        difference.surplus = each.surplus;
        for (const TableDifference::Row& row : each.first) {
            difference.first.push_back(differenceText(row));
        }
    }
    return view;
}

}  // namespace

View viewOf(const Comparison& comparison) {
    View view;
    view.title = comparison.title;
    view.variants = comparison.variants;
    view.scenarios = comparison.scenarios.size();
    view.repetitions = comparison.seeds.size();
    view.isAgainstPass = comparison.isAgainstPass;
    view.faultsAt = comparison.faultsAt;
    for (const Comparison::Row& each : comparison.rows) {
        view.rows.push_back(rowOf(each));
    }
    for (const Comparison::Table& each : comparison.tables) {
        view.tables.push_back(tableOf(each));
    }
    for (const Comparison::Curve& each : comparison.curves) {
        auto& points = view.curves.emplace_back();
        for (const ResultWatch::Point& point : each.points) {
            points.push_back({seconds(point.at - SimTime{}), point.results});
        }
    }
    for (const Trouble& each : comparison.troubles) {
        view.notes.push_back({each.variant, fmt::format("seed {}: {}", each.seed, each.text), true});
    }
    for (std::size_t i = 0; i < comparison.variants.size(); ++i) {
        const auto note = [&](const std::vector<std::vector<std::string>>& of, std::string_view what) {
            for (const std::string& each : i < of.size() ? of[i] : std::vector<std::string>()) {
                view.notes.push_back({comparison.variants[i], fmt::format("{}: {}", what, each), false});
            }
        };
        note(comparison.leftOut, "left out");
        note(comparison.notModelled, "not modelled");
    }
    return view;
}

}  // namespace millrace::lab
