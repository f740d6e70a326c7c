#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/sim_time.h"
#include "engine/kafka/protocol/message.h"

namespace millrace::kafka {

inline constexpr Api findCoordinatorApi{.key = 10, .name = "FindCoordinator", .last = 6, .served = 6, .flexible = 3};

struct FindCoordinatorResponse;

/// COORDINATOR_NOT_AVAILABLE while `__consumer_offsets` is being created. Nobody coordinates transactions or share
/// groups here. Before version 4 a request has one key.
struct FindCoordinatorRequest final : Request<FindCoordinatorRequest, FindCoordinatorResponse, findCoordinatorApi> {
    static constexpr std::int8_t ofGroup = 0;
    static constexpr std::int8_t ofTransaction = 1;
    std::int8_t keyType = ofGroup;
    std::vector<std::string> keys;  ///< names of groups, or transactional ids

    static void fields(auto& v, auto& m) {
        v.single(m.keys, until(3));
        v.field(m.keyType, since(1));
        v.field(m.keys, since(4).orDropped());
    }
};

struct FindCoordinatorResponse final : Response<FindCoordinatorResponse, findCoordinatorApi> {
    struct Coordinator {
        std::string key;
        BrokerId id = noBroker;
        std::string host;
        std::int32_t port = -1;
        ErrorCode error = ErrorCode::None;
        std::string message;
        static void fields(auto& v, auto& c) {
            v.field(c.error, until(3).orElsewhere());
            v.nullable(c.message, between(1, 3).orElsewhere());
            v.field(c.key, since(4).orDropped());
            v.field(c.id);
            v.field(c.host);
            v.field(c.port);
            v.field(c.error, since(4).orDropped());
            v.nullable(c.message, since(4).orDropped());
        }
    };
    std::vector<Coordinator> coordinators;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle, since(1));
        v.single(m.coordinators, until(3));
        v.field(m.coordinators, since(4).orDropped());
    }
};
void serve(BrokerCall& call, const FindCoordinatorRequest& request);

inline constexpr Api joinGroupApi{.key = 11, .name = "JoinGroup", .last = 9, .served = 9, .flexible = 6};

struct JoinGroupResponse;

/// Parked by the coordinator until the group's members have joined. Subscriptions and assignments are bytes that only
/// clients understand (ConsumerProtocolSubscription and -Assignment).
struct JoinGroupRequest final : Request<JoinGroupRequest, JoinGroupResponse, joinGroupApi> {
    struct Protocol {
        static constexpr std::size_t itemsMax = 1'000;  ///< clients have a handful, and each is compared with each
        std::string name;                               ///< an assignor: "range", "roundrobin"
        BytesRef metadata;
        static void fields(auto& v, auto& p) {
            v.field(p.name);
            v.field(p.metadata);
        }
    };
    std::string group;
    SimDuration sessionTimeout = std::chrono::seconds{45};
    SimDuration rebalanceTimeout = std::chrono::seconds{300};
    std::string memberId;
    std::optional<std::string> groupInstanceId;
    std::string protocolType = "consumer";
    std::vector<Protocol> protocols;
    std::string reason;  ///< why it joins: for people (KIP-800)

    static void fields(auto& v, auto& m) {
        v.field(m.group);
        v.field(m.sessionTimeout);
        v.field(m.rebalanceTimeout, since(1).orDropped());
        v.field(m.memberId);
        v.field(m.groupInstanceId, since(5).orDropped());
        v.field(m.protocolType);
        v.field(m.protocols);
        v.nullable(m.reason, since(8).orDropped());
    }
    void decoded() { rebalanceTimeout = version == 0 ? sessionTimeout : rebalanceTimeout; }
    /// KIP-394: from version 4 on a newcomer is told its id first and joins with it. Older clients do not know the
    /// error that says so, and a static member has a name already.
    [[nodiscard]] bool isToldItsIdFirst() const { return version >= 4 && !groupInstanceId; }
};

struct JoinGroupResponse final : Response<JoinGroupResponse, joinGroupApi> {
    struct Member {
        std::string memberId;
        std::optional<std::string> groupInstanceId;
        BytesRef metadata;
        static void fields(auto& v, auto& member) {
            v.field(member.memberId);
            v.field(member.groupInstanceId, since(5).orDropped());
            v.field(member.metadata);
        }
    };
    ErrorCode error = ErrorCode::None;
    std::int32_t generation = -1;
    std::string protocolType;
    std::string protocol;
    std::string leader;
    std::string memberId;
    std::vector<Member> members;  ///< only for the leader

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle, since(2));
        v.field(m.error);
        v.field(m.generation);
        v.nullable(m.protocolType, since(7).orDropped());
        v.nullable(m.protocol, always, since(7));
        v.field(m.leader);
        v.fixed(false, since(9));  // whether a static leader comes back and need not assign
        v.field(m.memberId);
        v.field(m.members);
    }
    [[nodiscard]] std::string summary() const override;
};
void serve(BrokerCall& call, const JoinGroupRequest& request);

inline constexpr Api syncGroupApi{.key = 14, .name = "SyncGroup", .last = 5, .served = 5, .flexible = 4};

struct SyncGroupResponse;

/// The leader brings the assignments, the others wait for theirs.
struct SyncGroupRequest final : Request<SyncGroupRequest, SyncGroupResponse, syncGroupApi> {
    struct Assignment {
        std::string memberId;
        BytesRef assignment;
        static void fields(auto& v, auto& a) {
            v.field(a.memberId);
            v.field(a.assignment);
        }
    };
    std::string group;
    std::int32_t generation = -1;
    std::string memberId;
    std::optional<std::string> groupInstanceId;
    std::optional<std::string> protocolType;  ///< when told, they must be those of the group (KIP-559)
    std::optional<std::string> protocol;
    std::vector<Assignment> assignments;

    static void fields(auto& v, auto& m) {
        v.field(m.group);
        v.field(m.generation);
        v.field(m.memberId);
        v.field(m.groupInstanceId, since(3).orDropped());
        v.field(m.protocolType, since(5).orDropped());
        v.field(m.protocol, since(5).orDropped());
        v.field(m.assignments);
    }
};

struct SyncGroupResponse final : Response<SyncGroupResponse, syncGroupApi> {
    ErrorCode error = ErrorCode::None;
    std::string protocolType;
    std::string protocol;
    BytesRef assignment;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle, since(1));
        v.field(m.error);
        v.nullable(m.protocolType, since(5).orDropped());
        v.nullable(m.protocol, since(5).orDropped());
        v.field(m.assignment);
    }
};
void serve(BrokerCall& call, const SyncGroupRequest& request);

inline constexpr Api heartbeatApi{.key = 12, .name = "Heartbeat", .last = 4, .served = 4, .flexible = 4};

struct HeartbeatResponse;

struct HeartbeatRequest final : Request<HeartbeatRequest, HeartbeatResponse, heartbeatApi> {
    std::string group;
    std::int32_t generation = -1;
    std::string memberId;
    std::optional<std::string> groupInstanceId;

    static void fields(auto& v, auto& m) {
        v.field(m.group);
        v.field(m.generation);
        v.field(m.memberId);
        v.field(m.groupInstanceId, since(3).orDropped());
    }
};

struct HeartbeatResponse final : Response<HeartbeatResponse, heartbeatApi> {
    ErrorCode error = ErrorCode::None;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle, since(1));
        v.field(m.error);
    }
};
void serve(BrokerCall& call, const HeartbeatRequest& request);

inline constexpr Api leaveGroupApi{.key = 13, .name = "LeaveGroup", .last = 5, .served = 5, .flexible = 4};

struct LeaveGroupResponse;

/// Before version 3 one member leaves, later as many as are named.
struct LeaveGroupRequest final : Request<LeaveGroupRequest, LeaveGroupResponse, leaveGroupApi> {
    struct Member {
        std::string memberId;
        std::optional<std::string> groupInstanceId;
        std::string reason;  ///< for people (KIP-800)
        static void fields(auto& v, auto& member) {
            v.field(member.memberId);
            v.field(member.groupInstanceId, since(3).orDropped());
            v.nullable(member.reason, since(5).orDropped());
        }
    };
    std::string group;
    std::vector<Member> members;

    static void fields(auto& v, auto& m) {
        v.field(m.group);
        v.single(m.members, until(2));
        v.field(m.members, since(3).orDropped());
    }
};

struct LeaveGroupResponse final : Response<LeaveGroupResponse, leaveGroupApi> {
    struct Member {
        std::string memberId;
        std::optional<std::string> groupInstanceId;
        ErrorCode error = ErrorCode::None;
        static void fields(auto& v, auto& member) {
            v.field(member.memberId);
            v.field(member.groupInstanceId);
            v.field(member.error);
        }
    };
    ErrorCode error = ErrorCode::None;  ///< of the request; before version 3 of its member
    std::vector<Member> members;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle, since(1));
        v.field(m.error);
        v.field(m.members, since(3).orDropped());
    }
};
void serve(BrokerCall& call, const LeaveGroupRequest& request);

inline constexpr Api offsetCommitApi{
    .key = 8, .name = "OffsetCommit", .last = 9, .oldest = 1, .served = 9, .flexible = 8};

struct OffsetCommitResponse;

/// Generation -1 with an empty member id is a commit from outside the group's protocol. Version 0 wrote to ZooKeeper.
struct OffsetCommitRequest final : Request<OffsetCommitRequest, OffsetCommitResponse, offsetCommitApi> {
    struct Partition {
        TopicPartition partition;
        Offset offset;
        LeaderEpoch leaderEpoch = noEpoch;
        std::string metadata;
        static void fields(auto& v, auto& p) {
            v.field(p.partition.partition);
            v.field(p.offset);
            v.field(p.leaderEpoch, since(6).orDropped());
            v.fixed(noTimestamp, between(1, 1));
            v.field(p.metadata);
        }
    };
    std::string group;
    std::int32_t generation = -1;
    std::string memberId;
    std::optional<std::string> groupInstanceId;
    std::vector<Partition> partitions;

    static void fields(auto& v, auto& m) {
        v.field(m.group);
        v.field(m.generation, since(1).orDropped());
        v.field(m.memberId, since(1).orDropped());
        v.field(m.groupInstanceId, since(7).orDropped());
        v.fixed(std::int64_t{-1}, between(2, 4));  // how long to keep it
        v.byTopic(m.partitions);
    }
};

struct OffsetCommitResponse final : Response<OffsetCommitResponse, offsetCommitApi> {
    struct Partition {
        TopicPartition partition;
        ErrorCode error = ErrorCode::None;
        static void fields(auto& v, auto& p) {
            v.field(p.partition.partition);
            v.field(p.error);
        }
    };
    std::vector<Partition> partitions;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle, since(3));
        v.byTopic(m.partitions);
    }
};
void serve(BrokerCall& call, const OffsetCommitRequest& request);

inline constexpr Api offsetFetchApi{
    .key = 9, .name = "OffsetFetch", .last = 9, .oldest = 1, .served = 9, .flexible = 6};

struct OffsetFetchResponse;

/// No `partitions` asks for all of the group. Nothing committed: offset -1, no error. Before version 8 a request asks
/// for one group. Version 0 read from ZooKeeper.
struct OffsetFetchRequest final : Request<OffsetFetchRequest, OffsetFetchResponse, offsetFetchApi> {
    struct Group {
        std::string group;
        std::optional<std::vector<TopicPartition>> partitions;
        static void fields(auto& v, auto& g) {
            v.field(g.group);
            v.fixed(std::optional<std::string>{}, since(9));  // the member and its epoch, of KIP-848
            v.fixed(std::int32_t{-1}, since(9));
            v.nullableByTopic(g.partitions, since(2));
        }
    };
    std::vector<Group> groups;
    bool requireStable = false;  ///< offsets that a transaction may still change are an error; there are none here

    static void fields(auto& v, auto& m) {
        v.single(m.groups, until(7));
        v.field(m.groups, since(8).orDropped());
        v.field(m.requireStable, since(7));
    }
};

struct OffsetFetchResponse final : Response<OffsetFetchResponse, offsetFetchApi> {
    struct Partition {
        TopicPartition partition;
        Offset offset = noOffset;
        LeaderEpoch leaderEpoch = noEpoch;
        std::string metadata;
        ErrorCode error = ErrorCode::None;
        static void fields(auto& v, auto& p) {
            v.field(p.partition.partition);
            v.field(p.offset);
            v.field(p.leaderEpoch, since(5).orDropped());
            v.field(p.metadata);
            v.field(p.error);
        }
    };
    struct Group {
        std::string group;
        std::vector<Partition> partitions;
        ErrorCode error = ErrorCode::None;
        static void fields(auto& v, auto& g) {
            v.field(g.group, since(8).orDropped());
            v.byTopic(g.partitions);
            v.field(g.error, since(2).orDropped());
        }
    };
    std::vector<Group> groups;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle, since(3));
        v.single(m.groups, until(7));
        v.field(m.groups, since(8).orDropped());
    }
};
void serve(BrokerCall& call, const OffsetFetchRequest& request);

}  // namespace millrace::kafka
