#pragma once

#include <string>
#include <vector>

#include "engine/scenario/document/complaint.h"
#include "engine/scenario/shape/shape.h"

namespace millrace::scenario {

struct ShapeFindings {
    Complaints complaints;
    std::vector<std::string>
        notModelled;  ///< settings that the real system knows and Millrace leaves out, with their value
};

/// Holds a document against a shape: unknown keys, missing ones, types, units, ranges, choices, settings.
/// References are left to the reader of the scenario, which knows what there is.
[[nodiscard]] ShapeFindings checkShape(const Value& root, const Shape& shape);

}  // namespace millrace::scenario
