#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/sim_time.h"

namespace millrace::ingest {

/// What a datum is worth as it grows older: 1 is its full worth. Straight between its points, level before the first
/// and behind the last. Without points it never loses any.
class ValueCurve {
public:
    ValueCurve() = default;
    /// By age; ages rise.
    explicit ValueCurve(std::vector<std::pair<SimDuration, double>> points) : m_points(std::move(points)) {}
    [[nodiscard]] double at(SimDuration age) const;
    [[nodiscard]] std::span<const std::pair<SimDuration, double>> points() const { return m_points; }

private:
    std::vector<std::pair<SimDuration, double>> m_points;
};

}  // namespace millrace::ingest
