#pragma once

#include <array>

#include "engine/base/metric.h"

/// What the doors for real clients count.
namespace millrace::gateway::metric {

inline constexpr Metric clients{"clients", "gateway", MetricKind::Gauge, "clients", "Real clients that are connected."};
inline constexpr Metric framesIn{"frames_in", "gateway", MetricKind::Counter, "frames",
                                 "Requests that came from them."};
inline constexpr Metric bytesIn{"bytes_in", "gateway", MetricKind::Counter, "B", "Bytes that came from them."};
inline constexpr Metric bytesOut{"bytes_out", "gateway", MetricKind::Counter, "B", "Bytes that were sent to them."};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{&clients, &framesIn, &bytesIn, &bytesOut};

}  // namespace millrace::gateway::metric
