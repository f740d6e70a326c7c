#pragma once

#include <memory>
#include <vector>

#include "engine/observe/pages.h"
#include "engine/observe/run_view.h"
#include "engine/observe/system_views.h"

namespace millrace::observe {

/// All that a person can see of a run at one instant. Nothing in it points into a world, so it may cross threads.
/// Journal and series are shared between snapshots as long as they did not change.
struct Snapshot : SystemViews {
    RunView run;
    std::vector<WaitView> waits;  ///< what stands still and why, what matters most first
    FlightView flights;
    std::shared_ptr<const JournalPage> journal = std::make_shared<JournalPage>();
    std::vector<std::shared_ptr<const SeriesPage>> series;
    Pages pages;  ///< what was asked for
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace millrace::observe
