#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kafka/broker/config.h"
#include "engine/kafka/broker/coordinator_runtime.h"
#include "engine/kafka/group/group.h"

namespace millrace::kafka {

/// Kafka's classic group protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup, OffsetCommit, OffsetFetch) for the
/// groups whose partition of `__consumer_offsets` this broker leads: a state machine on CoordinatorRuntime. Invariants:
/// a group's generation only grows; an assignment belongs to one generation; a commit is answered when its record is
/// replicated. A broker that comes to lead a partition reads it first, in a thread of its own, which takes time in
/// proportion to what stands there; meanwhile clients are told COORDINATOR_LOAD_IN_PROGRESS. A request may be parked:
/// JoinGroup until the members have come, SyncGroup until the leader has assigned, OffsetCommit until it is replicated.
/// Source: Kafka 3.9, GroupCoordinator and GroupMetadataManager. Leaves out: static members (an instance id is
/// ignored), expiry of offsets and of empty groups, transactional commits, the time limit between join and sync,
/// KIP-848.
class GroupCoordinator final : public Coordinator {
public:
    explicit GroupCoordinator(const BrokerConfig& config);

    [[nodiscard]] const TopicName& topic() const override { return m_runtime.shards().topic(); }
    void onLead(CoordinatorServices& services, PartitionIndex partition, LeaderEpoch epoch) override;
    void onResign(CoordinatorServices& services, PartitionIndex partition) override;
    void onRequest(CoordinatorServices& services, const RequestOrigin& origin, const sim::Message& request) override;
    void onMessage(CoordinatorServices& services, const sim::Message& message) override;
    void onAppended(CoordinatorServices& services, PartitionIndex partition, std::uint64_t token,
                    ErrorCode error) override;
    void onConnectionClosed(CoordinatorServices& services, sim::ConnectionId connection) override;
    void sample(sim::MetricSink& sink) const override;
    [[nodiscard]] Ref<Coordinator> clone() const override { return makeRef<GroupCoordinator>(*this); }

    [[nodiscard]] const std::map<std::string, Group, std::less<>>& groups() const { return m_groups; }
    /// Whether the groups of this partition of `__consumer_offsets` are this broker's.
    [[nodiscard]] bool coordinates(PartitionIndex partition) const { return m_runtime.shards().isActive(partition); }
    /// None when the group is this broker's; otherwise what whoever asks for it is told.
    [[nodiscard]] ErrorCode checkCoordinates(CoordinatorServices& services, std::string_view group) const;
    [[nodiscard]] bool isLoading() const { return m_runtime.shards().isLoading(); }

private:
    using Services = CoordinatorServices;

    /// What waits for its record to be replicated.
    struct PendingAppend {
        enum class What : std::uint8_t { Offsets, Assignment, Marker };
        What what = What::Marker;
        PartitionIndex partition;
        std::string group;
        std::int32_t generation = 0;
        std::int32_t acceptedIn = -1;  ///< the group's generation when a commit was taken
        RequestOrigin origin;
        std::vector<OffsetCommitRequest::Partition> offsets;
        OffsetCommitResponse refused;  ///< partitions that were not even tried
    };

    // Requests (group_coordinator.cpp)
    void join(Services& services, const RequestOrigin& origin, const JoinGroupRequest& request);
    void joinKnown(Services& services, Group& group, const RequestOrigin& origin, const JoinGroupRequest& request);
    void sync(Services& services, const RequestOrigin& origin, const SyncGroupRequest& request);
    void heartbeat(Services& services, const RequestOrigin& origin, const HeartbeatRequest& request);
    void leave(Services& services, const RequestOrigin& origin, const LeaveGroupRequest& request);
    [[nodiscard]] ErrorCode leave(Services& services, Group* group, const std::string& member);
    void commit(Services& services, const RequestOrigin& origin, const OffsetCommitRequest& request);
    void fetchOffsets(Services& services, const RequestOrigin& origin, const OffsetFetchRequest& request);
    [[nodiscard]] OffsetFetchResponse::Group offsetsOf(Services& services, const OffsetFetchRequest::Group& asked);
    [[nodiscard]] ErrorCode checkCommit(const OffsetCommitRequest& request);
    void tellCommit(Services& services, const PendingAppend& append, bool isStored);
    void finishCommit(Services& services, const PendingAppend& append, ErrorCode error);

    // The course of a rebalance (group_rebalance.cpp)
    void addMember(Services& services, Group& group, const std::string& id, const RequestOrigin& origin,
                   const JoinGroupRequest& request);
    void park(Services& services, Group& group, GroupMember& member, const RequestOrigin& origin,
              const JoinGroupRequest& request);
    void prepareRebalance(Services& services, Group& group, std::string_view reason);
    void completeJoinIfAllCame(Services& services, Group& group);
    void completeJoin(Services& services, Group& group);
    void joinDelayOver(Services& services, Group& group);
    void removeMember(Services& services, Group& group, const std::string& id, std::string_view reason);
    void sessionTimerFired(Services& services, Group& group, const std::string& id);
    void renewSession(Services& services, const Group& group, GroupMember& member, sim::ConnectionId connection);
    void armSession(Services& services, const Group& group, GroupMember& member);
    void finishAssignment(Services& services, Group& group, ErrorCode error);
    void storeGroup(Services& services, const Group& group, PendingAppend::What what);
    [[nodiscard]] static JoinGroupResponse joinAnswer(const Group& group, const GroupMember& member);
    [[nodiscard]] static SyncGroupResponse syncAnswer(const Group& group, const GroupMember& member);

    void append(Services& services, PendingAppend pending, BatchRef batch);
    void finish(Services& services, const PendingAppend& append, ErrorCode error);
    [[nodiscard]] Group* find(std::string_view group);
    Group& findOrCreate(Services& services, const std::string& group);
    template <class Answer>
    static void reply(Services& services, const RequestOrigin& to, Answer answer);

    void load(Services& services, PartitionIndex partition);

    BrokerConfig m_config;
    CoordinatorRuntime<PendingAppend> m_runtime;
    std::map<std::string, Group, std::less<>> m_groups;
    std::uint64_t m_membersNamed = 0;
    std::uint64_t m_commits = 0;
};

/// Enters what a batch of this partition of `__consumer_offsets` says about groups.
void loadGroups(const RecordBatch& batch, PartitionIndex partition, std::map<std::string, Group, std::less<>>& groups);

}  // namespace millrace::kafka
