#pragma once

#include "engine/ingest/row_step.h"
#include "engine/spark/core/rdd.h"

namespace millrace::spark {

/// map, filter or flatMap with a function that another engine has as well: a step over single rows. `givesAside`: what
/// the step puts aside instead of its results.
[[nodiscard]] Ref<const Transformation> makeRowTransformation(std::string_view name, Ref<const ingest::RowStep> step,
                                                              bool givesAside);

}  // namespace millrace::spark
