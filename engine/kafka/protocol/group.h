#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/sim_time.h"
#include "engine/kafka/protocol/message.h"
#include "engine/kafka/protocol/metadata.h"

namespace millrace::kafka {

/// FindCoordinator, versions 0 to 2. COORDINATOR_NOT_AVAILABLE while `__consumer_offsets` is being created. Nobody
/// coordinates transactions here.
struct FindCoordinatorRequest final : Request<FindCoordinatorRequest> {
    static constexpr std::string_view Name = "kafka.FindCoordinatorRequest";
    static constexpr std::int16_t newestVersion = 2;
    static constexpr std::int8_t ofGroup = 0;
    static constexpr std::int8_t ofTransaction = 1;
    std::string group;  ///< or a transactional id
    std::int8_t keyType = ofGroup;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

struct FindCoordinatorResponse final : Response<FindCoordinatorResponse> {
    static constexpr std::string_view Name = "kafka.FindCoordinatorResponse";
    static constexpr std::int16_t newestVersion = 2;
    ErrorCode error = ErrorCode::None;
    std::string message;
    BrokerEndpoint coordinator;  ///< without an error

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

/// JoinGroup, versions 0 to 5. Parked by the coordinator until the group's members have joined. Subscriptions and
/// assignments are bytes that only clients understand (ConsumerProtocolSubscription and -Assignment).
struct JoinGroupRequest final : Request<JoinGroupRequest> {
    static constexpr std::string_view Name = "kafka.JoinGroupRequest";
    static constexpr std::int16_t newestVersion = 5;
    struct Protocol {
        std::string name;  ///< an assignor: "range", "roundrobin"
        BytesRef metadata;
    };
    std::string group;
    SimDuration sessionTimeout = std::chrono::seconds{45};
    SimDuration rebalanceTimeout = std::chrono::seconds{300};
    std::string memberId;
    std::optional<std::string> groupInstanceId;
    std::string protocolType = "consumer";
    std::vector<Protocol> protocols;

    /// KIP-394: from version 4 on a newcomer is told its id first and joins with it. Older clients do not know the
    /// error that says so, and a static member has a name already.
    [[nodiscard]] bool isToldItsIdFirst() const { return version >= 4 && !groupInstanceId; }
    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

struct JoinGroupResponse final : Response<JoinGroupResponse> {
    static constexpr std::string_view Name = "kafka.JoinGroupResponse";
    static constexpr std::int16_t newestVersion = 5;
    struct Member {
        std::string memberId;
        std::optional<std::string> groupInstanceId;
        BytesRef metadata;
    };
    ErrorCode error = ErrorCode::None;
    std::int32_t generation = -1;
    std::string protocol;
    std::string leader;
    std::string memberId;
    std::vector<Member> members;  ///< only for the leader

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

/// SyncGroup, versions 0 to 3: the leader brings the assignments, the others wait for theirs.
struct SyncGroupRequest final : Request<SyncGroupRequest> {
    static constexpr std::string_view Name = "kafka.SyncGroupRequest";
    static constexpr std::int16_t newestVersion = 3;
    struct Assignment {
        std::string memberId;
        BytesRef assignment;
    };
    std::string group;
    std::int32_t generation = -1;
    std::string memberId;
    std::optional<std::string> groupInstanceId;
    std::vector<Assignment> assignments;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

struct SyncGroupResponse final : Response<SyncGroupResponse> {
    static constexpr std::string_view Name = "kafka.SyncGroupResponse";
    static constexpr std::int16_t newestVersion = 3;
    ErrorCode error = ErrorCode::None;
    BytesRef assignment;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

/// Heartbeat, versions 0 to 3.
struct HeartbeatRequest final : Request<HeartbeatRequest> {
    static constexpr std::string_view Name = "kafka.HeartbeatRequest";
    static constexpr std::int16_t newestVersion = 3;
    std::string group;
    std::int32_t generation = -1;
    std::string memberId;
    std::optional<std::string> groupInstanceId;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

struct HeartbeatResponse final : Response<HeartbeatResponse> {
    static constexpr std::string_view Name = "kafka.HeartbeatResponse";
    static constexpr std::int16_t newestVersion = 3;
    ErrorCode error = ErrorCode::None;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

/// LeaveGroup, versions 0 to 2: one member.
struct LeaveGroupRequest final : Request<LeaveGroupRequest> {
    static constexpr std::string_view Name = "kafka.LeaveGroupRequest";
    static constexpr std::int16_t newestVersion = 2;
    std::string group;
    std::string memberId;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

struct LeaveGroupResponse final : Response<LeaveGroupResponse> {
    static constexpr std::string_view Name = "kafka.LeaveGroupResponse";
    static constexpr std::int16_t newestVersion = 2;
    ErrorCode error = ErrorCode::None;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

/// OffsetCommit, versions 1 to 7. Generation -1 with an empty member id is a commit from outside the group's protocol.
struct OffsetCommitRequest final : Request<OffsetCommitRequest> {
    static constexpr std::string_view Name = "kafka.OffsetCommitRequest";
    static constexpr std::int16_t newestVersion = 7;
    struct Partition {
        TopicPartition partition;
        Offset offset;
        LeaderEpoch leaderEpoch = noEpoch;
        std::string metadata;
    };
    std::string group;
    std::int32_t generation = -1;
    std::string memberId;
    std::optional<std::string> groupInstanceId;
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

struct OffsetCommitResponse final : Response<OffsetCommitResponse> {
    static constexpr std::string_view Name = "kafka.OffsetCommitResponse";
    static constexpr std::int16_t newestVersion = 7;
    struct Partition {
        TopicPartition partition;
        ErrorCode error = ErrorCode::None;
    };
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

/// OffsetFetch, versions 1 to 5. No `partitions` asks for all of the group. Nothing committed: offset -1, no error.
struct OffsetFetchRequest final : Request<OffsetFetchRequest> {
    static constexpr std::string_view Name = "kafka.OffsetFetchRequest";
    static constexpr std::int16_t newestVersion = 5;
    std::string group;
    std::optional<std::vector<TopicPartition>> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

struct OffsetFetchResponse final : Response<OffsetFetchResponse> {
    static constexpr std::string_view Name = "kafka.OffsetFetchResponse";
    static constexpr std::int16_t newestVersion = 5;
    struct Partition {
        TopicPartition partition;
        Offset offset = noOffset;
        LeaderEpoch leaderEpoch = noEpoch;
        std::string metadata;
        ErrorCode error = ErrorCode::None;
    };
    ErrorCode error = ErrorCode::None;
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

}  // namespace millrace::kafka
