#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/flow/operator.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// The rows of all systems for one kind of node, in the order of the palette (`sections.cpp`).
[[nodiscard]] std::span<const flow::Operator* const> operatorsOf(flow::NodeKind node);
[[nodiscard]] const flow::Operator* findOperator(flow::NodeKind node, std::string_view kind);
/// By the field "kind" of an object of a scenario; null where there is none or it is unknown.
[[nodiscard]] const flow::Operator* operatorOf(flow::NodeKind node, const Value& object);

/// What an object of a scenario says for its operator's parameters, defaults included. Works on documents that are
/// being edited: what cannot be read is left out.
[[nodiscard]] flow::ParameterValues valuesOf(const Value& object, const flow::Operator& row);
/// The same of parameters that are an object of their own.
[[nodiscard]] flow::ParameterValues valuesOf(const Value& object, const std::vector<flow::Parameter>& parameters);

}  // namespace millrace::scenario
