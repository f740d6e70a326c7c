#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "engine/observe/run_view.h"
#include "engine/observe/topology_view.h"

namespace millrace::bridge {

using SeriesPages = std::vector<std::shared_ptr<const observe::SeriesPage>>;

/// The pages with figures of the run as a whole before them: sums over brokers, groups, producers, executors and sinks,
/// which somebody looks at who has not chosen anything yet. What brokers counted for topics and partitions is theirs.
[[nodiscard]] SeriesPages withTotals(SeriesPages pages);

/// And with figures of spouts and bolts: sums over their executors, which their workers have.
[[nodiscard]] SeriesPages withComponents(SeriesPages pages, const observe::StormView& storm);

/// A rate over the second before the instant; 0 when nothing was measured.
[[nodiscard]] double newestRate(const SeriesPages& pages, const observe::ObjectId& object, std::string_view name,
                                SimTime now);

}  // namespace millrace::bridge
