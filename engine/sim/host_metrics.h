#pragma once

#include <array>

#include "engine/base/metric.h"

/// What hosts count.
namespace millrace::sim::metric {

inline constexpr Metric cpuSeconds{"cpu_seconds", "host", MetricKind::Counter, "core seconds",
                                   "Time that its cores have worked."};
inline constexpr Metric cardBytesOut{"card_bytes_out", "host", MetricKind::Counter, "B", "Sent by its network card."};
inline constexpr Metric cardBytesIn{"card_bytes_in", "host", MetricKind::Counter, "B", "Received by its network card."};
inline constexpr Metric diskUsedBytes{"disk_used_bytes", "host", MetricKind::Gauge, "B", "Taken on its disk."};
inline constexpr Metric diskBusySeconds{"disk_busy_seconds", "host", MetricKind::Counter, "s",
                                        "Time that its disk has worked."};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{&cpuSeconds, &cardBytesOut, &cardBytesIn, &diskUsedBytes, &diskBusySeconds};

}  // namespace millrace::sim::metric
