#include <nlohmann/json.hpp>

#include "engine/lab/compare/comparison.h"

namespace millrace::lab {

namespace {

using Json = nlohmann::ordered_json;

/// What could not be measured is null.
Json valueJson(const Estimate& estimate) {
    if (estimate.n == 0) {
        return {{"mean", nullptr}, {"low", nullptr}, {"high", nullptr}, {"n", 0}};
    }
    return {{"mean", estimate.mean}, {"low", estimate.low}, {"high", estimate.high}, {"n", estimate.n}};
}

Json tableJson(const Comparison::Table& table, const std::vector<std::string>& variants) {
    Json all = Json::array();
    for (std::size_t i = 0; i < table.variants.size(); ++i) {
        const TableDifference& each = table.variants[i];
        Json rows = Json::array();
        for (const TableDifference::Row& row : each.first) {
            rows.push_back({{"row", row.values}, {"expected", row.expected}, {"found", row.found}});
        }
        all.push_back({{"variant", variants[i]},
                       {"rows", each.rows},
                       {"equal", each.equal},
                       {"missing", each.missing},
                       {"surplus", each.surplus},
                       {"differ", std::move(rows)}});
    }
    return {{"name", table.name}, {"variants", std::move(all)}};
}

}  // namespace

std::string comparisonJson(const Comparison& comparison) {
    Json figures = Json::array();
    for (const Comparison::Row& row : comparison.rows) {
        Json values = Json::array();
        for (const Estimate& each : row.values) {
            values.push_back(valueJson(each));
        }
        figures.push_back({{"name", row.figure->name},
                           {"unit", row.figure->unit},
                           {"topic", row.figure->topic},
                           {"meaning", row.figure->meaning},
                           {"values", std::move(values)}});
    }
    Json tables = Json::array();
    for (const Comparison::Table& each : comparison.tables) {
        tables.push_back(tableJson(each, comparison.variants));
    }
    Json troubles = Json::array();
    for (const Trouble& each : comparison.troubles) {
        troubles.push_back({{"variant", each.variant}, {"seed", each.seed}, {"trouble", each.text}});
    }
    Json notModelled = Json::object();
    Json leftOut = Json::object();
    for (std::size_t i = 0; i < comparison.variants.size(); ++i) {
        notModelled[comparison.variants[i]] =
            i < comparison.notModelled.size() ? comparison.notModelled[i] : std::vector<std::string>();
        leftOut[comparison.variants[i]] =
            i < comparison.leftOut.size() ? comparison.leftOut[i] : std::vector<std::string>();
    }
    const Json json = {{"title", comparison.title},
                       {"variants", comparison.variants},
                       {"seeds", comparison.seeds},
                       {"figures", std::move(figures)},
                       {"tables", std::move(tables)},
                       {"tables_against", comparison.isAgainstPass ? "single pass" : "first variant"},
                       {"faults_left_out", std::move(leftOut)},
                       {"not_modelled", std::move(notModelled)},
                       {"troubles", std::move(troubles)}};
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace millrace::lab
