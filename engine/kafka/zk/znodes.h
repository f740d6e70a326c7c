#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/kafka/protocol/controller.h"
#include "engine/kafka/protocol/metadata.h"
#include "engine/kafka/types.h"

/// Kafka's nodes in ZooKeeper: where they stand and what they say (JSON as Kafka 3.9 writes it).
namespace millrace::kafka::znodes {

inline constexpr const char* controller = "/controller";
inline constexpr const char* controllerEpoch = "/controller_epoch";
inline constexpr const char* brokerIds = "/brokers/ids";
inline constexpr const char* topics = "/brokers/topics";

/// The persistent nodes that a broker makes at its start if they are absent, parents first.
[[nodiscard]] const std::vector<std::string>& persistent();

[[nodiscard]] std::string broker(BrokerId id);
[[nodiscard]] std::string topic(const TopicName& topic);
[[nodiscard]] std::string topicPartitions(const TopicName& topic);
[[nodiscard]] std::string partition(const TopicPartition& partition);
[[nodiscard]] std::string partitionState(const TopicPartition& partition);
[[nodiscard]] std::string topicConfig(const TopicName& topic);

[[nodiscard]] std::string writeBroker(const BrokerEndpoint& endpoint, std::int64_t clockMillis);
[[nodiscard]] std::optional<BrokerEndpoint> readBroker(BrokerId id, std::string_view json);

[[nodiscard]] std::string writeController(BrokerId id, std::int64_t clockMillis);
[[nodiscard]] BrokerId readController(std::string_view json);

using Assignment = std::vector<std::vector<BrokerId>>;  ///< replicas by partition
[[nodiscard]] std::string writeTopic(const Assignment& assignment);
[[nodiscard]] Assignment readTopic(std::string_view json);

/// Leader, epochs and in-sync set; the reader fills nothing else.
[[nodiscard]] std::string writePartitionState(const PartitionState& state);
[[nodiscard]] std::optional<PartitionState> readPartitionState(std::string_view json);

using ConfigMap = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] std::string writeConfig(const ConfigMap& config);
[[nodiscard]] ConfigMap readConfig(std::string_view json);

}  // namespace millrace::kafka::znodes
