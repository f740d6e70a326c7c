#pragma once

#include <array>

#include "engine/base/metric.h"

/// What sinks count.
namespace millrace::ingest::metric {

inline constexpr Metric written{"written", "sink", MetricKind::Counter, "rows", "Rows and lines that were committed."};
inline constexpr Metric repeated{"repeated", "sink", MetricKind::Counter, "rows",
                                 "Rows that came again after they had been committed."};
inline constexpr Metric transactions{"transactions", "sink", MetricKind::Counter, "transactions",
                                     "Transactions that were committed."};
inline constexpr Metric requestsWaiting{"requests_waiting", "sink", MetricKind::Gauge, "requests",
                                        "Requests of bolts that are not committed yet."};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{&written, &repeated, &transactions, &requestsWaiting};

}  // namespace millrace::ingest::metric
