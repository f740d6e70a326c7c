#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/sim_time.h"
#include "engine/kafka/broker/config.h"
#include "engine/kafka/log/partition_log.h"
#include "engine/kafka/protocol/controller.h"
#include "engine/kafka/types.h"

namespace millrace::kafka {

/// What the leader knows of a follower from its fetches.
struct FollowerProgress {
    BrokerId id;
    Offset logEnd = noOffset;            ///< its fetch offset
    Offset leaderEndAtFetch = noOffset;  ///< the leader's log end at its last fetch
    SimTime lastFetch;
    SimTime caughtUp;  ///< the last time by which it is known to have had all there was
};

/// A time before any run: "never caught up".
inline constexpr SimTime longAgo{std::chrono::hours{-24 * 365 * 50}};

/// One replica on this broker: its log and its part in the partition, leader or follower.
///
/// Rules (Kafka 3.9, kafka.cluster.Partition): the high watermark is the least log end over the maximal in-sync set
/// (the confirmed one together with one that is being proposed) and over followers that are caught up but not yet in
/// it; it never moves back on a leader and stands still while the in-sync set is smaller than min.insync.replicas
/// (KIP-966). A follower joins when its log end has reached the high watermark and the start of the leader's epoch; it
/// is out of sync when it has not been caught up for replica.lag.time.max.ms. One change of the in-sync set is under
/// way at a time and counts when the controller has confirmed it (KIP-497). Owned by ReplicaManager; copied on write.
class Partition final : public Counted {
public:
    enum class Role : std::uint8_t { None, Leader, Follower };
    enum class Accepted : std::uint8_t { Stale, Same, Changed };

    Partition(TopicPartition partition, PartitionLog stored)
        : m_partition(std::move(partition)), log(std::move(stored)) {}

    /// Takes the controller's word. Stale when the leader epoch is lower than the known one. The role follows.
    Accepted accept(sim::Context& context, const PartitionState& state, BrokerId self);
    /// No longer a replica of anything: the controller said so.
    void stop();

    [[nodiscard]] const TopicPartition& id() const { return m_partition; }
    [[nodiscard]] Role role() const { return m_role; }
    [[nodiscard]] bool isLeader() const { return m_role == Role::Leader; }
    [[nodiscard]] BrokerId leader() const { return m_state.leader; }
    [[nodiscard]] LeaderEpoch leaderEpoch() const { return m_state.leaderEpoch; }
    [[nodiscard]] std::int32_t partitionEpoch() const { return m_state.partitionEpoch; }
    [[nodiscard]] const std::vector<BrokerId>& replicas() const { return m_state.replicas; }
    [[nodiscard]] const std::vector<BrokerId>& inSyncSet() const { return m_state.isr; }
    [[nodiscard]] const std::optional<std::vector<BrokerId>>& proposedInSyncSet() const { return m_proposed; }
    /// Log end when this broker became leader of the current epoch.
    [[nodiscard]] Offset epochStart() const { return m_epochStart; }
    [[nodiscard]] const std::vector<FollowerProgress>& followers() const { return m_followers; }

    void setMinInSync(std::int32_t count) { m_minInSync = count; }
    [[nodiscard]] std::int32_t minInSync() const;
    [[nodiscard]] bool isUnderMinInSync() const { return static_cast<std::int32_t>(m_state.isr.size()) < minInSync(); }

    // --- of a leader
    /// What a replica's fetch tells. False when this broker does not know it as a replica.
    bool noteFetch(BrokerId replica, Offset fetchOffset, SimTime now);
    /// True when it moved.
    bool advanceHighWatermark(SimTime now, SimDuration lagMax);
    /// The in-sync set with this follower in it, when it may join now.
    [[nodiscard]] std::optional<std::vector<BrokerId>> expandedBy(BrokerId replica) const;
    /// The in-sync set without those that fell behind; nothing when all keep up or a change is under way.
    [[nodiscard]] std::optional<std::vector<BrokerId>> shrunk(SimTime now, SimDuration lagMax) const;
    void propose(std::vector<BrokerId> inSyncSet) { m_proposed = std::move(inSyncSet); }
    /// The controller has written it.
    void confirm(const std::vector<BrokerId>& inSyncSet, std::int32_t partitionEpoch);
    void withdrawProposal() { m_proposed.reset(); }
    /// For acks = all: nothing while the high watermark is below; else whether enough replicas are in sync.
    [[nodiscard]] std::optional<ErrorCode> reached(Offset end) const;

private:
    [[nodiscard]] bool isInMaximalSet(BrokerId replica) const;
    [[nodiscard]] bool isCaughtUp(const FollowerProgress& follower, SimTime now, SimDuration lagMax) const;
    void becomeLeader(sim::Context& context, bool isNewLeader, BrokerId self);

    TopicPartition m_partition;
    Role m_role = Role::None;
    PartitionState m_state;
    std::optional<std::vector<BrokerId>> m_proposed;
    Offset m_epochStart;
    std::int32_t m_minInSync = 1;
    std::vector<FollowerProgress> m_followers;

public:
    PartitionLog log;
    /// Appended here as the leader.
    std::uint64_t recordsIn = 0;
    std::uint64_t bytesIn = 0;
    /// How often the controller agreed to another in-sync set of the leader's here.
    std::uint64_t inSyncShrinks = 0;
    std::uint64_t inSyncExpands = 0;
    /// Of the last truncation, for whoever draws the log: log end before it, and after. -1: never truncated.
    Offset truncatedFrom = noOffset;
    Offset truncatedTo = noOffset;
};

}  // namespace millrace::kafka
