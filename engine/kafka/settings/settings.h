#pragma once

#include <span>

#include "engine/base/config_key.h"

namespace millrace::kafka {

// Kafka's settings by their own names, in alphabetical order: what each means, and what of it is modelled. One table
// for each program that reads them.
[[nodiscard]] std::span<const ConfigKey> brokerSettings();
[[nodiscard]] std::span<const ConfigKey> topicSettings();
[[nodiscard]] std::span<const ConfigKey> producerSettings();
[[nodiscard]] std::span<const ConfigKey> consumerSettings();

}  // namespace millrace::kafka
