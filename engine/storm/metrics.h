#pragma once

#include <array>

#include "engine/base/metric.h"

/// What Storm counts: its daemons, and executors as Storm's own pages name it.
namespace millrace::storm::metric {

inline constexpr Metric emitted{"emitted", "executor", MetricKind::Counter, "tuples",
                                "Tuples that it emitted, however many bolts they went to."};
inline constexpr Metric transferred{"transferred", "executor", MetricKind::Counter, "tuples",
                                    "Copies of its tuples that were given to tasks."};
inline constexpr Metric executed{"executed", "executor", MetricKind::Counter, "tuples",
                                 "Tuples that it has worked on."};
inline constexpr Metric acked{"acked", "executor", MetricKind::Counter, "tuples",
                              "Of a bolt: tuples that it acked; of a spout: trees that were completed."};
inline constexpr Metric failed{"failed", "executor", MetricKind::Counter, "tuples",
                               "Of a bolt: tuples that it failed; of a spout: trees that failed or timed out."};
inline constexpr Metric replayed{"replayed", "executor", MetricKind::Counter, "tuples",
                                 "Tuples that a spout emitted again."};
inline constexpr Metric busyMilliseconds{"busy_ms", "executor", MetricKind::Counter, "ms",
                                         "Time that its thread has worked."};
inline constexpr Metric pending{"pending", "executor", MetricKind::Gauge, "tuples",
                                "Of a spout: tuples whose trees are not complete; of a bolt: tuples that wait for it."};
inline constexpr Metric sent{"sent", "executor", MetricKind::Counter, "tuples",
                             "Copies given to the tasks of one consumer of a stream."};
inline constexpr Metric completeMilliseconds{"complete_ms", "executor", MetricKind::Counter, "ms",
                                             "Sum of the times from a spout tuple's emit to its ack."};

inline constexpr Metric slotsUsed{"slots_used", "supervisor", MetricKind::Gauge, "slots", "Slots with a worker."};
inline constexpr Metric slots{"slots", "supervisor", MetricKind::Gauge, "slots", "Slots that it offers."};

inline constexpr Metric topologies{"topologies", "nimbus", MetricKind::Gauge, "topologies",
                                   "Topologies that it knows."};
inline constexpr Metric supervisors{"supervisors", "nimbus", MetricKind::Gauge, "supervisors",
                                    "Supervisors that it knows."};

/// All of them, in the order in which they are listed.
inline constexpr std::array all{
    &emitted, &transferred,          &executed,  &acked, &failed,     &replayed,   &busyMilliseconds, &pending,
    &sent,    &completeMilliseconds, &slotsUsed, &slots, &topologies, &supervisors};

}  // namespace millrace::storm::metric
