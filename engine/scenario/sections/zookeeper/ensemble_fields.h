#pragma once

#include <vector>

#include "engine/scenario/shape/shape.h"

namespace millrace::scenario {

/// The fields of the ensemble, which stand in `cluster`.
[[nodiscard]] std::vector<Field> ensembleFields();

}  // namespace millrace::scenario
