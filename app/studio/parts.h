#pragma once

#include <vector>

#include "widgets/panels/part_palette.h"

namespace millrace::studio {

/// Everything that can be dragged onto the canvas, in the order of the flow.
[[nodiscard]] std::vector<widgets::Part> parts();

}  // namespace millrace::studio
