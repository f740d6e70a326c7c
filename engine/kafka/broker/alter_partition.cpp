#include "engine/kafka/broker/alter_partition.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/kafka/broker_set.h"
#include "engine/kafka/journal_kinds.h"

namespace millrace::kafka {

namespace {

constexpr SimDuration retryBackoff = std::chrono::milliseconds{50};
constexpr SimDuration alterTimeout = std::chrono::seconds{30};

bool isStanding(const InSyncProposal& proposal, const ReplicaManager& replicas) {
    const ReplicaManager::Slot slot = replicas.find(proposal.partition);
    if (slot == ReplicaManager::noSlot) {
        return false;
    }
    const Partition& partition = replicas.at(slot);
    return partition.isLeader() && partition.leaderEpoch() == proposal.leaderEpoch &&
           partition.proposedInSyncSet() == proposal.inSyncSet;
}

}  // namespace

sim::JournalDraft inSyncSetChanged(const TopicPartition& partition, BrokerId leader,
                                   const std::vector<BrokerId>& before, const std::vector<BrokerId>& after) {
    const bool hasShrunk = after.size() < before.size();
    std::vector<BrokerId> moved;
    for (const BrokerId id : hasShrunk ? before : after) {
        const std::vector<BrokerId>& others = hasShrunk ? after : before;
        if (std::find(others.begin(), others.end(), id) == others.end()) {
            moved.push_back(id);
        }
    }
    return {hasShrunk ? happened::isrShrunk : happened::isrExpanded,
            hasShrunk ? sim::Severity::Warning : sim::Severity::Notice,
            fmt::format("broker/{} {} the in-sync set of {}: now {}", toText(moved), hasShrunk ? "leaves" : "joins",
                        toText(partition), setText(after)),
            {field::topic(partition.topic.text()),
             field::partition(partition.partition),
             field::leader(leader),
             field::inSync(after),
             {"before", toText(before)}}};
}

void AlterPartitionSender::pump(sim::Context& context, const MetadataCache& metadata, const ReplicaManager& replicas,
                                BrokerEpoch epoch) {
    if (m_waiting.empty() || (!m_link.isClosed() && !m_link.isIdle())) {
        return;
    }
    std::erase_if(m_waiting, [&](const InSyncProposal& proposal) { return !isStanding(proposal, replicas); });
    const BrokerEndpoint* controller = metadata.broker(metadata.controller());
    if (m_waiting.empty()) {
        return;
    }
    if (controller == nullptr) {
        backOff(context);
        return;
    }
    if (m_link.isIdle() && controller->id != m_controller) {
        m_link.close(context);
    }
    if (m_link.isClosed()) {
        m_controller = controller->id;
        m_link.open(context, context.findHost(controller->host), sim::Port{controller->port}, alterTimeout);
        return;
    }
    auto request = makeRef<AlterPartitionRequest>();
    request->correlationId = CorrelationId{++m_correlation};
    request->broker = m_config->id;
    request->brokerEpoch = epoch;
    for (const InSyncProposal& proposal : m_waiting) {
        request->partitions.push_back(
            {proposal.partition, proposal.leaderEpoch, proposal.inSyncSet, proposal.partitionEpoch});
    }
    m_sent = std::exchange(m_waiting, {});
    m_link.request(context, std::move(request), 0, alterTimeout,
                   [](std::uint64_t round) { return makeRef<AlterPartitionAlarm>(round); });
}

void AlterPartitionSender::backOff(sim::Context& context) {
    m_waiting.insert(m_waiting.begin(), m_sent.begin(), m_sent.end());
    m_sent.clear();
    m_link.backOff(context, sim::Backoff::constant(retryBackoff),
                   [](std::uint64_t round) { return makeRef<AlterPartitionAlarm>(round); });
}

void AlterPartitionSender::onAlarm(sim::Context& context, const AlterPartitionAlarm& alarm) {
    if (m_link.due(alarm.round) == sim::Link::Due::Answer) {
        backOff(context);
    }
}

void AlterPartitionSender::handle(sim::Context& context, const sim::Message& message, ReplicaManager& replicas) {
    if (m_link.read(context, message) == sim::Link::News::Lost) {
        backOff(context);
    } else if (const auto* response = message.as<AlterPartitionResponse>(); response != nullptr && !m_sent.empty()) {
        onAnswered(context, *response, replicas);
    }
}

void AlterPartitionSender::onAnswered(sim::Context& context, const AlterPartitionResponse& response,
                                      ReplicaManager& replicas) {
    if (response.error != ErrorCode::None) {
        // Not the controller any more, or it does not know this registration yet: ask again, by then maybe another one.
        backOff(context);
        return;
    }
    m_link.answered();
    const std::vector<InSyncProposal> sent = std::exchange(m_sent, {});
    for (const AlterPartitionResponse::Partition& answer : response.partitions) {
        const auto proposal = std::find_if(
            sent.begin(), sent.end(), [&](const InSyncProposal& each) { return each.partition == answer.partition; });
        if (proposal != sent.end() && isStanding(*proposal, replicas)) {
            onPartition(context, answer, *proposal, replicas);
        }
    }
}

void AlterPartitionSender::onPartition(sim::Context& context, const AlterPartitionResponse::Partition& answer,
                                       const InSyncProposal& proposal, ReplicaManager& replicas) {
    const ReplicaManager::Slot slot = replicas.find(proposal.partition);
    const bool isAnswer = answer.error == ErrorCode::None;
    // A lost answer of an earlier controller shows as a version that has moved on: take what stands there.
    const bool hasMovedOn = answer.error == ErrorCode::InvalidUpdateVersion &&
                            answer.leaderEpoch == proposal.leaderEpoch && answer.leader == m_config->id;
    if (isAnswer || hasMovedOn) {
        const std::vector<BrokerId> before = replicas.at(slot).inSyncSet();
        replicas.confirmInSyncSet(context, slot, answer.isr, answer.partitionEpoch);
        if (before.size() != answer.isr.size()) {
            context.journal(inSyncSetChanged(proposal.partition, m_config->id, before, answer.isr));
        }
    } else if (answer.error == ErrorCode::IneligibleReplica) {
        replicas.edit(slot).withdrawProposal();
    }
    // Otherwise there is a new leader epoch, and LeaderAndIsr is on its way.
}

}  // namespace millrace::kafka
