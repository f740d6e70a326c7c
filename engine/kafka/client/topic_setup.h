#pragma once

#include <vector>

#include "engine/kafka/client/cluster_client.h"
#include "engine/kafka/protocol/metadata.h"
#include "engine/sim/process.h"

namespace millrace::kafka {

struct TopicSetupConfig {
    ClusterClientConfig client;
    std::vector<CreateTopicsRequest::Topic> topics;
    std::size_t brokersWanted = 1;                              ///< topics are created when so many are registered,
    SimDuration patience = std::chrono::seconds{60};            ///< or when this time has passed
    SimDuration retryBackoff = std::chrono::milliseconds{250};  ///< between attempts
};

/// An operator with kafka-topics.sh at the start of a run (process "admin/topics", one actor "client"): waits until the
/// brokers that the scenario names are registered, so that replicas are placed over all of them, creates the topics at
/// the controller and tries again what fails. A topic that exists already is left as it is. Refusals that no retry can
/// heal are journalled
/// ("kafka.topic-refused").
[[nodiscard]] Ref<const sim::Blueprint> makeTopicSetupBlueprint(TopicSetupConfig config);

}  // namespace millrace::kafka
