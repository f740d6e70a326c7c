#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/kafka/broker/coordinator.h"
#include "engine/kafka/protocol/group.h"
#include "engine/sim/ids.h"

namespace millrace::kafka {

enum class GroupState : std::uint8_t { Empty, PreparingRebalance, CompletingRebalance, Stable, Dead };
/// Kafka's own word: "PreparingRebalance".
[[nodiscard]] std::string_view toText(GroupState state);

struct GroupMember {
    std::string id;
    std::string clientId;
    sim::ConnectionId sessionConnection =
        sim::noConnection;  ///< of its last request: whom its session's timer waits for
    SimDuration sessionTimeout{};
    SimDuration rebalanceTimeout{};
    std::vector<JoinGroupRequest::Protocol> protocols;  ///< in the member's order of preference
    BytesRef assignment;
    std::optional<RequestOrigin> join;  ///< parked request
    std::optional<RequestOrigin> sync;  ///< parked request
    SimTime sessionEnd;
    bool sessionTimerArmed = false;
    bool isNew = false;  ///< has not been in a finished rebalance yet

    [[nodiscard]] const JoinGroupRequest::Protocol* findProtocol(std::string_view name) const;
};

struct CommittedOffset {
    Offset offset = noOffset;
    LeaderEpoch leaderEpoch = noEpoch;
    std::string metadata;
    SimTime at;
};

/// One consumer group as its coordinator knows it.
struct Group {
    std::string name;
    PartitionIndex partition;  ///< of `__consumer_offsets` that holds it
    GroupState state = GroupState::Empty;
    std::int32_t generation = 0;
    std::string protocolType;
    std::string protocol;
    std::string leader;                          ///< member id
    std::vector<std::string> joinOrder;          ///< member ids, first come first
    std::map<std::string, GroupMember> members;  ///< by id
    std::vector<std::string> pendingMembers;     ///< were given an id and are expected to join with it
    SharedMap<TopicPartition, CommittedOffset> offsets;

    std::uint64_t joinRound = 0;   ///< tells stale timers of earlier rebalances
    SimDuration joinDelayLeft{0};  ///< by which the initial delay may still be extended
    bool isFirstJoin = false;      ///< waits for the initial delay
    bool memberCameDuringDelay = false;
    std::int64_t rebalances = 0;

    [[nodiscard]] GroupMember* find(const std::string& id);
    [[nodiscard]] bool everybodyJoined() const;
    [[nodiscard]] SimDuration rebalanceTimeout() const;
    /// True when every member supports one of these protocols.
    [[nodiscard]] bool supports(std::string_view type, const std::vector<JoinGroupRequest::Protocol>& protocols) const;
    /// The protocol that every member supports and that has most votes, each member voting for its first such.
    [[nodiscard]] std::string selectProtocol() const;
};

}  // namespace millrace::kafka
