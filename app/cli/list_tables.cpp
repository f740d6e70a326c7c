#include "app/cli/list_tables.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "engine/base/faults.h"
#include "engine/scenario/operators.h"

namespace millrace::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr flow::NodeKind families[] = {flow::NodeKind::Source, flow::NodeKind::Spout, flow::NodeKind::Bolt,
                                       flow::NodeKind::Sink};

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

Json operatorJson(const flow::Operator& row) {
    Json parameters = Json::array();
    for (const flow::Parameter& each : row.parameters) {
        Json parameter = {{"key", each.key}, {"help", each.help}, {"required", each.isRequired}};
        if (!each.defaultText.empty()) {
            parameter["default"] = each.defaultText;
        }
        if (!each.choices.empty()) {
            parameter["choices"] = each.choices;
        }
        if (each.requiredWhen) {
            parameter["required_when"] = {{each.requiredWhen->key, each.requiredWhen->value}};
        }
        parameters.push_back(std::move(parameter));
    }
    return {{"component", flow::toText(row.node)},
            {"kind", row.kind},
            {"title", row.title},
            {"help", row.help},
            {"outputs", row.outputs},
            {"ns_per_tuple", row.work.perTuple.count()},
            {"ns_per_byte", row.work.perByte.count()},
            {"parameters", std::move(parameters)}};
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

void sayOperator(const flow::Operator& row) {
    say(fmt::format("{} {}: {} It sends: {}.\n", flow::toText(row.node), row.kind, row.help, row.outputs));
    for (const flow::Parameter& each : row.parameters) {
        const std::string usual = each.isRequired             ? "required"
                                  : !each.defaultText.empty() ? fmt::format("default {}", each.defaultText)
                                  : !each.blank.empty() && each.help.find("without") == std::string_view::npos
                                      ? fmt::format("without it: {}", each.blank)
                                      : "";
        const std::string needed =
            each.requiredWhen ? fmt::format("required when {} is {}", each.requiredWhen->key, each.requiredWhen->value)
                              : usual;
        say(fmt::format("    {:<28}{}{}\n", each.key, each.help, needed.empty() ? "" : fmt::format(" ({})", needed)));
    }
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

}  // namespace

bool isTable(std::string_view what) {
    return what == "operators" || what == "faults";
}

void sayTable(std::string_view what, ReportFormat format) {
    Json rows = Json::array();
    if (what == "operators") {
        for (const flow::NodeKind node : families) {
            for (const flow::Operator* row : scenario::operatorsOf(node)) {
                format == ReportFormat::Json ? rows.push_back(operatorJson(*row)) : sayOperator(*row);
            }
        }
    } else {
        for (const FaultRow& row : faults::rows) {
            format == ReportFormat::Json ? rows.push_back(faultJson(row)) : sayFault(row);
        }
    }
    if (format == ReportFormat::Json) {
        say(rows.dump(2) + "\n");
    }
}

}  // namespace millrace::cli
