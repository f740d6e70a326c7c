#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/flow/operator.h"
#include "engine/spark/streaming/program.h"

namespace millrace::spark {

/// The kinds of inputs, operators and output operations of a streaming application, in the order of the palette, with
/// everything that is to be said about each.
[[nodiscard]] std::span<const flow::Operator* const> inputKinds();
[[nodiscard]] std::span<const flow::Operator* const> operatorKinds();
[[nodiscard]] std::span<const flow::Operator* const> outputKinds();

/// What is wrong with an operator: `parameter` is the one of its own that it is about, empty when it is none.
struct OperatorTrouble {
    std::string parameter;
    std::string message;
};

/// Adds the streams of an operator that is drawn to a program, and gives the last of them. What it reads is there
/// already.
[[nodiscard]] Result<StreamId, OperatorTrouble> addOperator(Program& program, const std::string& name,
                                                            const std::string& kind,
                                                            const flow::ParameterValues& values,
                                                            const std::vector<StreamId>& from);
/// The same of an input: one stream for each of its receivers, united.
[[nodiscard]] StreamId addInput(Program& program, InputSpec input);

/// The fields of what an input of this kind gives.
[[nodiscard]] std::vector<std::string> fieldsOf(InputSpec::Kind kind);

}  // namespace millrace::spark
