#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/kafka/types.h"

namespace millrace::kafka {

struct PlacementBroker {
    BrokerId id;
    std::string rack;
};

/// Where Kafka's ZooKeeper mode puts the replicas of a new topic (AdminUtils.assignReplicasToBrokers): leaders go round
/// from `start`, followers stand `shift` further on, and the shift grows by one with each round. With racks the brokers
/// are dealt rack by rack first, and a rack gets a second replica only when every rack has one.
/// Errors: INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR; INVALID_REPLICA_ASSIGNMENT when only some brokers have a
/// rack.
[[nodiscard]] Result<std::vector<std::vector<BrokerId>>, ErrorCode> placeReplicas(std::vector<PlacementBroker> brokers,
                                                                                  std::int32_t partitions,
                                                                                  std::int32_t replicationFactor,
                                                                                  std::uint32_t start,
                                                                                  std::uint32_t shift);

}  // namespace millrace::kafka
