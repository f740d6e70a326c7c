#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "engine/observe/run_view.h"

namespace millrace::bridge {

using SeriesPages = std::vector<std::shared_ptr<const observe::SeriesPage>>;

/// The pages with figures of the run as a whole before them: sums over brokers, producers, executors and sinks. They
/// are what somebody looks at who has not chosen anything yet.
[[nodiscard]] SeriesPages withTotals(SeriesPages pages);

/// A rate over the second before the instant; 0 when nothing was measured.
[[nodiscard]] double newestRate(const SeriesPages& pages, const observe::ObjectId& object, std::string_view name,
                                SimTime now);

}  // namespace millrace::bridge
