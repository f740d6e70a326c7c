#pragma once

#include <span>

#include "engine/scenario/catalog/config_catalog.h"

namespace millrace::scenario {

[[nodiscard]] std::span<const ConfigKey> kafkaBrokerKeys();
[[nodiscard]] std::span<const ConfigKey> kafkaTopicKeys();
[[nodiscard]] std::span<const ConfigKey> kafkaProducerKeys();
[[nodiscard]] std::span<const ConfigKey> kafkaConsumerKeys();
[[nodiscard]] std::span<const ConfigKey> zooKeeperKeys();
[[nodiscard]] std::span<const ConfigKey> stormKeys();

}  // namespace millrace::scenario
