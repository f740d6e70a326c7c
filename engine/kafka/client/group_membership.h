#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/kafka/client/cluster_client.h"
#include "engine/kafka/client/coordinator_client.h"
#include "engine/kafka/types.h"
#include "engine/sim/context.h"

namespace millrace::kafka {

/// Names in brackets are Kafka's keys, defaults those of 3.9's Java client.
struct GroupMembershipConfig {
    SimDuration sessionTimeout = std::chrono::seconds{45};     ///< session.timeout.ms
    SimDuration heartbeatInterval = std::chrono::seconds{3};   ///< heartbeat.interval.ms
    SimDuration rebalanceTimeout = std::chrono::seconds{300};  ///< max.poll.interval.ms
    std::string assignor = "range";                            ///< partition.assignment.strategy: the protocol's name
    /// A deliberate fault, planted by a test: as leader, gives one partition to two members.
    bool assignsTwice = false;
    bool leavesOneOut = false;  ///< likewise, gives one partition to nobody
};

/// One member's side of Kafka's classic group protocol with the range assignor, eager: at a rebalance all is given back
/// before joining again. Joins, syncs (as leader with everybody's assignment), heartbeats, comes again when the group
/// rebalances or the coordinator moves. A component of a consumer, which gives it the coordinator's events. Source:
/// Kafka 3.9, AbstractCoordinator and ConsumerCoordinator.
class GroupMembership {
public:
    enum class State : std::uint8_t { Out, Joining, Syncing, Stable };

    /// Tags of its requests in the coordinator client's space; those below are the consumer's.
    static constexpr BrokerLinks::Tag tagsBegin = BrokerLinks::Tag{1} << 62U;

    /// What the consumer has to know.
    struct Change {
        bool revoked = false;
        bool assigned = false;
        std::string failed;  ///< why poll() throws an exception: the coordinator will not have it
    };

    GroupMembership() = default;
    GroupMembership(std::string group, GroupMembershipConfig config, std::uint32_t instance)
        : m_group(std::move(group)), m_config(config), m_instance(instance) {}

    void subscribe(std::vector<TopicName> topics);
    [[nodiscard]] bool isSubscribed() const { return !m_topics.empty(); }
    void leave(sim::Context& context, CoordinatorClient& coordinator);
    /// Since KIP-62 heartbeats come from a thread of their own while the application works on what it has polled; to
    /// join again takes its next poll. Idle again gives what was put off.
    void setBusy(bool busy, Change& change);
    /// The application has not polled for max.poll.interval.ms: the heartbeat thread leaves for it.
    void leaveLate(sim::Context& context, CoordinatorClient& coordinator, Change& change);

    /// Sends what its state asks for, when the coordinator is ready.
    void advance(sim::Context& context, CoordinatorClient& coordinator);
    void onResponse(sim::Context& context, const BrokerLinks::Event& event, CoordinatorClient& coordinator,
                    const ClusterClient& cluster, Change& change);
    /// The coordinator's connection is gone, with the requests under way.
    void onLost();
    /// True when the message was one of its timers.
    bool handleTimer(sim::Context& context, const sim::Message& message, CoordinatorClient& coordinator,
                     Change& change);
    /// As leader: when a subscribed topic has more partitions than were assigned, the group has to come together again.
    void onMetadata(const ClusterClient& cluster, Change& change);
    /// An answer to the consumer's commit says that it no longer belongs to this generation.
    void onCommitRefused(ErrorCode error, Change& change);

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] std::int32_t generation() const { return m_state == State::Out ? -1 : m_generation; }
    [[nodiscard]] const std::string& memberId() const { return m_memberId; }
    [[nodiscard]] const std::vector<TopicPartition>& assignment() const { return m_assignment; }

private:
    [[nodiscard]] std::vector<std::pair<TopicName, std::int32_t>> countPartitions(const ClusterClient& cluster,
                                                                                  std::vector<TopicName> topics) const;
    void rejoin(Change& change);
    void rejoinAtNextPoll(Change& change);
    void reset(Change& change);
    void sendJoin(sim::Context& context, CoordinatorClient& coordinator);
    void sendSync(sim::Context& context, CoordinatorClient& coordinator);
    void sendHeartbeat(sim::Context& context, CoordinatorClient& coordinator);
    void onJoined(sim::Context& context, const sim::Message& message, CoordinatorClient& coordinator,
                  const ClusterClient& cluster, Change& change);
    void onSynced(sim::Context& context, const sim::Message& message, CoordinatorClient& coordinator, Change& change);
    void onHeartbeat(sim::Context& context, const sim::Message& message, CoordinatorClient& coordinator,
                     Change& change);
    bool coordinatorMoved(sim::Context& context, ErrorCode error, CoordinatorClient& coordinator);
    void armHeartbeat(sim::Context& context);
    void armRetry(sim::Context& context);

    std::string m_group;
    GroupMembershipConfig m_config;
    std::uint32_t m_instance = 0;
    std::vector<TopicName> m_topics;
    State m_state = State::Out;
    bool m_underWay = false;  ///< a request is
    bool m_isLeader = false;
    bool m_heartbeatArmed = false;
    bool m_retryArmed = false;
    bool m_isBusy = false;  ///< the application works on what it has polled
    bool m_rejoinPutOff = false;
    std::int32_t m_generation = -1;
    std::string m_memberId;
    std::vector<std::pair<std::string, BytesRef>> m_toAssign;  ///< as leader, for SyncGroup
    std::vector<TopicPartition> m_assignment;
    std::vector<std::pair<TopicName, std::int32_t>> m_counted;  ///< as leader: partitions when it assigned
};

}  // namespace millrace::kafka
