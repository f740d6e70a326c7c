#pragma once

#include <vector>

#include "engine/kafka/log/partition_log.h"
#include "engine/observe/topic_page.h"

namespace millrace::kafka {

/// The newest records of a topic's logs, which stand by partition; null: of that one nothing is known. For who has the
/// page open: reads the ends of the logs.
[[nodiscard]] observe::TopicPage describeRecords(const observe::ObjectId& topic,
                                                 const std::vector<const PartitionLog*>& logs);

}  // namespace millrace::kafka
