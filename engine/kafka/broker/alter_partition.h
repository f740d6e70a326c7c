#pragma once

#include <cstdint>
#include <vector>

#include "engine/kafka/broker/metadata_cache.h"
#include "engine/kafka/broker/replica_manager.h"
#include "engine/kafka/protocol/controller.h"
#include "engine/sim/link.h"

namespace millrace::kafka {

/// An alarm of the sender of in-sync sets: the end of a back-off, or the watch over its request.
struct AlterPartitionAlarm final : sim::MessageBase<AlterPartitionAlarm> {
    static constexpr std::string_view Name = "kafka.AlterPartitionAlarm";
    std::uint64_t round = 0;
    explicit AlterPartitionAlarm(std::uint64_t of) : round(of) {}
    void digest(Digest& digest) const override { digest.add(round); }
};

/// Carries the leaders' proposals of in-sync sets to the controller, one request at a time, again and again until the
/// controller has answered or the proposal has been overtaken by a new leader epoch (KIP-497). Owned by the broker's
/// actor.
class AlterPartitionSender {
public:
    explicit AlterPartitionSender(Ref<const BrokerConfig> config) : m_config(std::move(config)) {}

    void add(InSyncProposal proposal) { m_waiting.push_back(std::move(proposal)); }
    /// Sends what is due. Called at each handler's end.
    void pump(sim::Context& context, const MetadataCache& metadata, const ReplicaManager& replicas, BrokerEpoch epoch);
    [[nodiscard]] bool owns(sim::ConnectionId connection) const { return m_link.owns(connection); }
    void handle(sim::Context& context, const sim::Message& message, ReplicaManager& replicas);
    void onAlarm(sim::Context& context, const AlterPartitionAlarm& alarm);

private:
    void backOff(sim::Context& context);
    void onAnswered(sim::Context& context, const AlterPartitionResponse& response, ReplicaManager& replicas);
    void onPartition(sim::Context& context, const AlterPartitionResponse::Partition& answer,
                     const InSyncProposal& proposal, ReplicaManager& replicas);

    Ref<const BrokerConfig> m_config;
    BrokerId m_controller = noBroker;  ///< whom the link leads to
    sim::Link m_link{sim::LinkWatch::Each};
    std::int32_t m_correlation = 0;
    std::vector<InSyncProposal> m_waiting;
    std::vector<InSyncProposal> m_sent;
};

/// The journal's entry about a changed in-sync set.
[[nodiscard]] sim::JournalDraft inSyncSetChanged(const TopicPartition& partition, BrokerId leader,
                                                 const std::vector<BrokerId>& before,
                                                 const std::vector<BrokerId>& after);

}  // namespace millrace::kafka
