#pragma once

#include <cstdint>

#include "engine/zookeeper/client.h"

namespace millrace::kafka {

/// What the broker asks ZooKeeper for; the reply's path says about what.
enum class ZkPurpose : std::uint32_t {
    // The broker's own registration
    EnsureNode,
    Register,
    LookAtRegistration,
    RemoveRegistration,
    // Topics
    ReadTopicConfig,
    CreateTopic,
    // The controller's election
    ReadController,
    ReadControllerEpoch,
    CreateControllerEpoch,
    ClaimController,
    // The controller's work
    ListBrokers,
    ListTopics,
    ReadBroker,
    ReadTopic,
    ReadTopicOptions,
    ReadPartitionState,
    WriteStates
};

[[nodiscard]] inline zookeeper::Tag tagOf(ZkPurpose purpose, std::uint64_t token = 0) {
    return {token, static_cast<std::uint32_t>(purpose)};
}
[[nodiscard]] inline ZkPurpose purposeOf(const zookeeper::Reply& reply) {
    return static_cast<ZkPurpose>(reply.tag.kind);
}

}  // namespace millrace::kafka
