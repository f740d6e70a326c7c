#include "app/cli/list_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/base/faults.h"
#include "engine/base/metric.h"
#include "engine/gateway/metrics.h"
#include "engine/run/figures.h"
#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/operators.h"
#include "engine/scenario/sections.h"

namespace millrace::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string_view nameOf(FaultRow::Hits hits) {
    switch (hits) {
        case FaultRow::Hits::Process:
            return "a process";
        case FaultRow::Hits::Host:
            return "a host";
        case FaultRow::Hits::Link:
            return "a link";
        case FaultRow::Hits::Anything:
            return "a process, a host or all";
    }
    return {};
}

Json parametersJson(const std::vector<flow::Parameter>& parameters) {
    Json all = Json::array();
    for (const flow::Parameter& each : parameters) {
        Json parameter = {
            {"key", each.key}, {"help", each.help}, {"required", each.isRequired && each.readWhen.empty()}};
        if (!each.defaultText.empty()) {
            parameter["default"] = each.defaultText;
        }
        if (!each.choices.empty()) {
            parameter["choices"] = each.choices;
        }
        for (const flow::Condition& other : each.readWhen) {
            parameter[each.isRequired ? "required_when" : "read_when"].push_back(
                {{"key", other.key}, {"values", other.values}, {"otherwise", other.isOtherwise}});
        }
        if (!each.fields.empty()) {
            parameter["fields"] = parametersJson(each.fields);
        }
        all.push_back(std::move(parameter));
    }
    return all;
}

Json operatorJson(const flow::Operator& row) {
    return {{"component", observe::rowOf(row.node).word},
            {"kind", row.kind},
            {"title", row.title},
            {"help", row.help},
            {"outputs", row.outputs},
            {"ns_per_tuple", row.work.perTuple.count()},
            {"ns_per_byte", row.work.perByte.count()},
            {"parameters", parametersJson(row.parameters)}};
}

Json faultJson(const FaultRow& row) {
    Json fault = {{"name", row.name}, {"hits", nameOf(row.hits)}};
    if (row.quantity) {
        fault["quantity"] = {
            {"key", row.quantity->key}, {"help", row.quantity->help}, {"neutral", row.quantity->neutral}};
    }
    fault["undone_by"] = row.undoneBy ? Json(rowOf(*row.undoneBy).name) : Json(nullptr);
    return fault;
}

/// Those of an object behind it, with its name before theirs.
void sayParameters(const std::vector<flow::Parameter>& parameters, const std::string& before) {
    for (const flow::Parameter& each : parameters) {
        const std::string usual = each.isRequired             ? "required"
                                  : !each.defaultText.empty() ? fmt::format("default {}", each.defaultText)
                                  : !each.blank.empty() && each.help.find("without") == std::string_view::npos
                                      ? fmt::format("without it: {}", each.blank)
                                      : "";
        const std::string when = flow::textOf(each.readWhen);
        const std::string needed = when.empty()      ? usual
                                   : each.isRequired ? fmt::format("required {}", when)
                                   : usual.empty()   ? fmt::format("only {}", when)
                                                     : fmt::format("only {}; {}", when, usual);
        say(fmt::format("    {:<28}{}{}\n", before + std::string(each.key), each.help,
                        needed.empty() ? "" : fmt::format(" ({})", needed)));
        sayParameters(each.fields, before + std::string(each.key) + ".");
    }
}

void sayOperator(const flow::Operator& row) {
    say(fmt::format("{} {}: {} It sends: {}.\n", observe::rowOf(row.node).word, row.kind, row.help, row.outputs));
    sayParameters(row.parameters, {});
}

void sayFault(const FaultRow& row) {
    std::string text = fmt::format("{:<12}{:<26}", row.name, nameOf(row.hits));
    if (row.quantity) {
        text += fmt::format("{}: {} ", row.quantity->key, row.quantity->help);
    }
    text += row.isRepair()             ? "It repairs."
            : row.undoneBy == row.kind ? fmt::format("Undone by {:g}.", row.quantity->neutral)
                                       : fmt::format("Undone by {}.", rowOf(*row.undoneBy).name);
    say(text + "\n");
}

std::string_view nameOf(Modelling modelling) {
    switch (modelling) {
        case Modelling::Modelled:
            return "modelled";
        case Modelling::WithoutEffect:
            return "without effect";
        case Modelling::ChangesResults:
            return "not modelled, and refused when it is not the default";
    }
    return {};
}

std::string_view nameOf(ConfigType type) {
    constexpr std::string_view names[] = {"flag", "integer", "number", "text", "list", "any"};
    return names[static_cast<std::size_t>(type)];
}

Json settingJson(scenario::ConfigScope scope, const ConfigKey& key) {
    Json setting = {{"scope", scenario::toText(scope)},
                    {"key", key.name},
                    {"type", nameOf(key.type)},
                    {"unit", scenario::toText(key.unit)},
                    {"default", key.defaultText},
                    {"modelled", nameOf(key.modelling)},
                    {"help", key.help}};
    const auto addIfSet = [&setting](const char* name, std::string_view text) {
        if (!text.empty()) {
            setting[name] = text;
        }
    };
    addIfSet("least", key.least);
    addIfSet("most", key.most);
    addIfSet("default_in_profile_course", key.courseText);
    addIfSet("stands_in", key.standIn);
    addIfSet("real_default", key.realDefault);
    if (const auto choices = scenario::acceptedChoices(key); !choices.empty()) {
        setting["choices"] = choices;
    }
    return setting;
}

/// People are told what has a say here; all that the real systems know stands in the JSON.
void saySetting(scenario::ConfigScope scope, const ConfigKey& key) {
    if (key.modelling != Modelling::Modelled) {
        return;
    }
    const std::string usual = key.defaultText.empty() ? std::string("no default")
                                                      : fmt::format("default {}{}{}", key.defaultText,
                                                                    scenario::toText(key.unit).empty() ? "" : " ",
                                                                    scenario::toText(key.unit));
    say(fmt::format("{:<15}{:<44}{} ({})\n", scenario::toText(scope), key.name, key.help, usual));
}

void saySettings(ReportFormat format, Json& rows) {
    for (const scenario::Catalogue& catalogue : scenario::catalogues()) {
        for (const ConfigKey& key : catalogue.keys) {
            format == ReportFormat::Json ? rows.push_back(settingJson(catalogue.scope, key))
                                         : saySetting(catalogue.scope, key);
        }
    }
}

void sayMetrics(ReportFormat format, Json& rows) {
    std::vector<const Metric*> metrics = run::allMetrics();
    metrics.insert(metrics.end(), gateway::metric::all.begin(), gateway::metric::all.end());
    for (const Metric* metric : metrics) {
        if (format == ReportFormat::Json) {
            rows.push_back({{"id", metric->id},
                            {"name", metric->name()},
                            {"whose", metric->whose},
                            {"kind", toText(metric->kind)},
                            {"unit", metric->unit},
                            {"in_charts", metric->chartUnit()},
                            {"everywhere", metric->place == MetricPlace::Everywhere},
                            {"meaning", metric->meaning}});
        } else {
            say(fmt::format("{:<28}{:<28}{:<9}{:<13}{}\n", metric->whose, metric->id, toText(metric->kind),
                            metric->unit, metric->meaning));
        }
    }
}

void sayOperators(ReportFormat format, Json& rows) {
    for (const observe::KindRow& kind : observe::kinds()) {
        for (const flow::Operator* row : scenario::operatorsOf(kind.kind)) {
            format == ReportFormat::Json ? rows.push_back(operatorJson(*row)) : sayOperator(*row);
        }
    }
}

void sayFaults(ReportFormat format, Json& rows) {
    for (const FaultRow& row : faults::rows) {
        format == ReportFormat::Json ? rows.push_back(faultJson(row)) : sayFault(row);
    }
}

struct ListedTable {
    std::string_view name;
    void (*say)(ReportFormat format, Json& rows);
};
constexpr ListedTable tables[] = {
    {"operators", &sayOperators}, {"settings", &saySettings}, {"faults", &sayFaults}, {"metrics", &sayMetrics}};

const ListedTable* tableOf(std::string_view what) {
    const auto* const found =
        std::find_if(std::begin(tables), std::end(tables), [&](const ListedTable& each) { return each.name == what; });
    return found != std::end(tables) ? found : nullptr;
}

}  // namespace

bool isTable(std::string_view what) {
    return tableOf(what) != nullptr;
}

void sayTable(std::string_view what, ReportFormat format) {
    Json rows = Json::array();
    tableOf(what)->say(format, rows);
    if (format == ReportFormat::Json) {
        sayJson(rows.dump(2) + "\n");
    }
}

}  // namespace millrace::cli
