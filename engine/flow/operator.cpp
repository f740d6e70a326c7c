#include "engine/flow/operator.h"

#include <algorithm>
#include <set>

#include "engine/flow/datum.h"

namespace millrace::flow {

std::string ParameterValues::text(std::string_view key) const {
    const auto found = values.find(key);
    return found != values.end() && !found->second.empty() ? found->second.front() : std::string{};
}

std::vector<std::string> ParameterValues::list(std::string_view key) const {
    const auto found = values.find(key);
    return found != values.end() ? found->second : std::vector<std::string>{};
}

std::optional<std::int64_t> ParameterValues::integer(std::string_view key) const {
    return wholeNumberIn(text(key));
}

std::optional<double> ParameterValues::number(std::string_view key) const {
    return numberIn(text(key));
}

std::optional<SimDuration> ParameterValues::duration(std::string_view key) const {
    const auto count = integer(key);
    return count ? std::optional(SimDuration{*count}) : std::nullopt;
}

const Parameter* Operator::find(std::string_view key) const {
    const auto found =
        std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& each) { return each.key == key; });
    return found != parameters.end() ? &*found : nullptr;
}

const Parameter* Operator::reference(NodeKind to) const {
    const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& each) {
        return each.type == ParameterType::Reference && each.refersTo == to;
    });
    return found != parameters.end() ? &*found : nullptr;
}

const Parameter* Operator::first(ParameterType type) const {
    const auto found =
        std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& each) { return each.type == type; });
    return found != parameters.end() ? &*found : nullptr;
}

std::string Operator::mainFieldOf(const ParameterValues& values, const std::string& incoming) const {
    return mainField != nullptr ? mainField(values, incoming) : incoming;
}

bool isQuantity(ParameterType type) {
    return type == ParameterType::Duration || type == ParameterType::Size || type == ParameterType::Rate;
}

bool isList(ParameterType type) {
    return type == ParameterType::TextList || type == ParameterType::FieldList;
}

ParameterValues withDefaults(const Operator& row, ParameterValues values) {
    return withDefaults(row.parameters, std::move(values));
}

ParameterValues withDefaults(const std::vector<Parameter>& parameters, ParameterValues values) {
    for (const Parameter& each : parameters) {
        if (!each.defaultText.empty() && !isQuantity(each.type)) {
            values.values.try_emplace(std::string{each.key}, std::vector<std::string>{std::string{each.defaultText}});
        }
    }
    return values;
}

std::optional<std::string> firstRepeated(const std::vector<std::string>& names) {
    std::set<std::string_view> seen;
    for (const std::string& name : names) {
        if (!seen.insert(name).second) {
            return name;
        }
    }
    return std::nullopt;
}

}  // namespace millrace::flow
