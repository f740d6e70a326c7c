#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/sim_time.h"
#include "engine/kafka/protocol/message.h"
#include "engine/kafka/protocol/metadata.h"

namespace millrace::kafka {

/// FindCoordinator, version 2, of a group. COORDINATOR_NOT_AVAILABLE while `__consumer_offsets` is being created.
struct FindCoordinatorRequest final : Request<FindCoordinatorRequest> {
    static constexpr std::string_view Name = "kafka.FindCoordinatorRequest";
    std::string group;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

struct FindCoordinatorResponse final : Response<FindCoordinatorResponse> {
    static constexpr std::string_view Name = "kafka.FindCoordinatorResponse";
    ErrorCode error = ErrorCode::None;
    BrokerEndpoint coordinator;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

/// JoinGroup, version 5. Parked by the coordinator until the group's members have joined. Subscriptions and assignments
/// are bytes that only clients understand (ConsumerProtocolSubscription and -Assignment).
struct JoinGroupRequest final : Request<JoinGroupRequest> {
    static constexpr std::string_view Name = "kafka.JoinGroupRequest";
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

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

struct JoinGroupResponse final : Response<JoinGroupResponse> {
    static constexpr std::string_view Name = "kafka.JoinGroupResponse";
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

/// SyncGroup, version 3: the leader brings the assignments, the others wait for theirs.
struct SyncGroupRequest final : Request<SyncGroupRequest> {
    static constexpr std::string_view Name = "kafka.SyncGroupRequest";
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
    ErrorCode error = ErrorCode::None;
    BytesRef assignment;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

/// Heartbeat, version 3.
struct HeartbeatRequest final : Request<HeartbeatRequest> {
    static constexpr std::string_view Name = "kafka.HeartbeatRequest";
    std::string group;
    std::int32_t generation = -1;
    std::string memberId;
    std::optional<std::string> groupInstanceId;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

struct HeartbeatResponse final : Response<HeartbeatResponse> {
    static constexpr std::string_view Name = "kafka.HeartbeatResponse";
    ErrorCode error = ErrorCode::None;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

/// LeaveGroup, version 2: one member.
struct LeaveGroupRequest final : Request<LeaveGroupRequest> {
    static constexpr std::string_view Name = "kafka.LeaveGroupRequest";
    std::string group;
    std::string memberId;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

struct LeaveGroupResponse final : Response<LeaveGroupResponse> {
    static constexpr std::string_view Name = "kafka.LeaveGroupResponse";
    ErrorCode error = ErrorCode::None;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

/// OffsetCommit, version 7. Generation -1 with an empty member id is a commit from outside the group's protocol.
struct OffsetCommitRequest final : Request<OffsetCommitRequest> {
    static constexpr std::string_view Name = "kafka.OffsetCommitRequest";
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
    struct Partition {
        TopicPartition partition;
        ErrorCode error = ErrorCode::None;
    };
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

/// OffsetFetch, version 5. No `partitions` asks for all of the group. Nothing committed: offset -1, no error.
struct OffsetFetchRequest final : Request<OffsetFetchRequest> {
    static constexpr std::string_view Name = "kafka.OffsetFetchRequest";
    std::string group;
    std::optional<std::vector<TopicPartition>> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

struct OffsetFetchResponse final : Response<OffsetFetchResponse> {
    static constexpr std::string_view Name = "kafka.OffsetFetchResponse";
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
