#pragma once

#include "engine/observe/pages.h"
#include "engine/observe/topic_page.h"
#include "engine/sim/world.h"

namespace millrace::kafka {

/// The newest records of each partition of a topic, as its leader has them, or, without a live leader, the longest of
/// the live replicas. For who has the page open: reads the ends of the logs.
[[nodiscard]] observe::TopicPage describeRecords(const sim::World& world, const observe::PageRequest& request);

}  // namespace millrace::kafka
