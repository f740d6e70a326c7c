#include "engine/scenario/operators.h"

#include <algorithm>
#include <optional>
#include <string>

#include "engine/scenario/document/writer.h"
#include "engine/scenario/units.h"

namespace millrace::scenario {

namespace {

/// In the smallest unit; nothing where it is no quantity of that type.
std::optional<std::string> inSmallestUnit(flow::ParameterType type, std::string_view text) {
    const auto written = [](const auto& parsed) {
        return parsed ? std::optional(std::to_string(*parsed)) : std::nullopt;
    };
    switch (type) {
        case flow::ParameterType::Duration: {
            const auto parsed = parseDuration(text);
            return parsed ? std::optional(std::to_string(parsed->count())) : std::nullopt;
        }
        case flow::ParameterType::Size:
            return written(parseSize(text));
        case flow::ParameterType::Rate:
            return written(parseRate(text));
        default:
            return std::string(text);
    }
}

}  // namespace

const flow::Operator* findOperator(flow::NodeKind node, std::string_view kind) {
    const auto rows = operatorsOf(node);
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const flow::Operator* each) { return each->kind == kind; });
    return found != rows.end() ? *found : nullptr;
}

const flow::Operator* operatorOf(flow::NodeKind node, const Value& object) {
    const Value* kind = object.find("kind");
    return kind != nullptr && kind->isText() ? findOperator(node, kind->asText()) : nullptr;
}

flow::ParameterValues valuesOf(const Value& object, const flow::Operator& row) {
    return valuesOf(object, row.parameters);
}

flow::ParameterValues valuesOf(const Value& object, const std::vector<flow::Parameter>& parameters) {
    flow::ParameterValues values;
    for (const flow::Parameter& each : parameters) {
        const Value* value = object.find(each.key);
        const bool isList = flow::isList(each.type);
        if (value == nullptr || value->isList() != isList || each.type == flow::ParameterType::Object) {
            const auto usual = flow::isQuantity(each.type) && !each.defaultText.empty()
                                   ? inSmallestUnit(each.type, each.defaultText)
                                   : std::nullopt;
            if (usual) {
                values.values[std::string{each.key}] = {*usual};
            }
            continue;
        }
        std::vector<std::string> texts;
        for (const Value& item : isList ? value->items() : std::span(value, 1)) {
            if (auto text = inSmallestUnit(each.type, settingText(item))) {
                texts.push_back(std::move(*text));
            }
        }
        values.values[std::string{each.key}] = std::move(texts);
    }
    return flow::withDefaults(parameters, std::move(values));
}

}  // namespace millrace::scenario
