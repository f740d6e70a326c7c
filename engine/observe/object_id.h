#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/observe/kinds.h"

namespace millrace::observe {

/// The stable name of anything a person can point at: `broker:2`, `host:h4`, `worker:audit/1`, `topic:access`.
/// Views, fault targets, journal places and the window's selection all use these same texts, so that an id that was
/// clicked can be handed to the engine as it is.
using ObjectId = std::string;

[[nodiscard]] ObjectId hostId(std::string_view name);
[[nodiscard]] ObjectId brokerId(std::int32_t id);
[[nodiscard]] ObjectId serverId(std::string_view name);
[[nodiscard]] ObjectId nimbusId();
[[nodiscard]] ObjectId supervisorId(std::string_view name);
[[nodiscard]] ObjectId workerId(std::string_view topology, std::int32_t number);
[[nodiscard]] ObjectId topicId(std::string_view name);
[[nodiscard]] ObjectId partitionId(std::string_view topic, std::int32_t partition);
[[nodiscard]] ObjectId producerId(std::string_view name);
[[nodiscard]] ObjectId groupId(std::string_view name);
[[nodiscard]] ObjectId sourceId(std::string_view name);
[[nodiscard]] ObjectId sinkId(std::string_view name);
[[nodiscard]] ObjectId spoutId(std::string_view topology, std::string_view component);
[[nodiscard]] ObjectId boltId(std::string_view topology, std::string_view component);

[[nodiscard]] ObjectKind kindOf(std::string_view id);

/// What stands behind the colon: `2` for `broker:2`, `audit/count` for `bolt:audit/count`.
[[nodiscard]] std::string_view nameOf(std::string_view id);

/// What a person calls the object: `broker 2`, `count`, `topic access`.
[[nodiscard]] std::string titleOf(std::string_view id);

/// The prefix of ids of this kind, such as `broker`; empty for Unknown.
[[nodiscard]] std::string_view toText(ObjectKind kind);

}  // namespace millrace::observe
