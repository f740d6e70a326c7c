#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/kafka/broker_set.h"
#include "engine/kafka/controller/controller.h"
#include "engine/kafka/facts.h"
#include "engine/kafka/journal_kinds.h"

namespace millrace::kafka {

const Controller::LiveBroker* Controller::live(BrokerId broker) const {
    const auto at = std::find_if(m_brokers.begin(), m_brokers.end(),
                                 [&](const LiveBroker& each) { return each.endpoint.id == broker; });
    return at == m_brokers.end() ? nullptr : &*at;
}

bool Controller::isLive(BrokerId broker) const {
    return live(broker) != nullptr && !holds(m_shuttingDown, broker);
}

bool Controller::allowsUnclean(const TopicName& topic) const {
    const bool* own = m_topics.find(topic);
    return own == nullptr ? m_config->uncleanLeaderElection : *own;
}

/// The first replica, in the order of the assignment, that is alive and in sync; -1 when there is none.
BrokerId Controller::chooseLeader(const Known& partition) const {
    for (const BrokerId replica : partition.state.replicas) {
        const bool isEligible = m_config->broken.electOutsideInSyncSet || holds(partition.state.isr, replica);
        if (isLive(replica) && isEligible) {
            return replica;
        }
    }
    if (allowsUnclean(partition.state.partition.topic)) {
        for (const BrokerId replica : partition.state.replicas) {
            if (isLive(replica)) {
                return replica;
            }
        }
    }
    return noBroker;
}

/// What must be written for this partition, seeing who lives.
std::optional<Controller::Change> Controller::changeFor(const Known& partition) const {
    Change change{partition.state, false, {}};
    PartitionState& next = change.state;
    next.controllerEpoch = m_epoch;
    if (!partition.hasState) {
        next.isr.clear();
        for (const BrokerId replica : next.replicas) {
            if (isLive(replica)) {
                next.isr.push_back(replica);
            }
        }
        if (next.isr.empty()) {
            return std::nullopt;  // stays new until somebody lives
        }
        next.leader = next.isr.front();
        next.leaderEpoch = LeaderEpoch{0};
        next.partitionEpoch = 0;
        next.isNew = true;
        change.isCreation = true;
        change.why = "new partition";
        return change;
    }
    next.isNew = false;
    if (!isLive(partition.state.leader)) {
        const BrokerId leader = chooseLeader(partition);
        const bool isStopping = live(partition.state.leader) != nullptr;
        if (isStopping && !holds(next.isr, leader)) {
            return std::nullopt;  // It leads on until it is gone.
        }
        if (leader == noBroker && partition.state.leader == noBroker) {
            return std::nullopt;
        }
        next.leader = leader;
        if (m_config->broken.keepLeaderEpoch && leader != noBroker) {
            change.why = "leader gone";
            return change;
        }
        next.leaderEpoch = LeaderEpoch{next.leaderEpoch.value + 1};
        if (leader != noBroker && !holds(next.isr, leader)) {
            next.isr = {leader};
            change.why = "unclean";
            return change;
        }
        change.why = isStopping ? "controlled shutdown" : "leader gone";
        if (leader == noBroker) {
            // Those that are gone leave the set one by one, in the order of their numbers, and the last one never does:
            // of several that went together one stays, and it alone may lead again.
            // Source: ReplicaStateMachine.removeReplicasFromIsr.
            next.isr = {*std::max_element(next.isr.begin(), next.isr.end())};
            return change;
        }
    }
    std::vector<BrokerId> left;
    for (const BrokerId member : next.isr) {
        if (isLive(member)) {
            left.push_back(member);
        }
    }
    if (!left.empty() && left.size() < next.isr.size()) {
        // A member that is gone leaves the set at once; the leader epoch grows with it.
        if (next.leaderEpoch == partition.state.leaderEpoch) {
            next.leaderEpoch = LeaderEpoch{next.leaderEpoch.value + 1};
            const bool isStopping = std::any_of(next.isr.begin(), next.isr.end(), [&](BrokerId member) {
                return live(member) != nullptr && !isLive(member);
            });
            change.why = isStopping ? "controlled shutdown" : "replica gone";
        }
        next.isr = std::move(left);
    }
    return next.leaderEpoch == partition.state.leaderEpoch ? std::nullopt : std::optional(change);
}

/// Leaders go back to the first replica of their assignment where more than the allowed share of a broker's stand
/// elsewhere.
std::vector<Controller::Change> Controller::changesForBalance() const {
    std::vector<Change> changes;
    const double allowed = static_cast<double>(m_config->leaderImbalancePercentage) / 100.0;
    for (const LiveBroker& broker : m_brokers) {
        std::vector<const Known*> away;
        std::size_t preferred = 0;
        for (const auto& [partition, known] : m_partitions) {
            if (!known.hasState || known.state.replicas.front() != broker.endpoint.id) {
                continue;
            }
            ++preferred;
            if (known.state.leader != broker.endpoint.id) {
                away.push_back(&known);
            }
        }
        if (static_cast<double>(away.size()) <= allowed * static_cast<double>(preferred)) {
            continue;
        }
        for (const Known* known : away) {
            if (isLive(known->state.leader) && holds(known->state.isr, broker.endpoint.id)) {
                Change change{known->state, false, "preferred"};
                change.state.leader = broker.endpoint.id;
                change.state.leaderEpoch = LeaderEpoch{known->state.leaderEpoch.value + 1};
                change.state.controllerEpoch = m_epoch;
                change.state.isNew = false;
                changes.push_back(std::move(change));
            }
        }
    }
    return changes;
}

void Controller::tellBrokers(const std::vector<TopicPartition>& changed, const std::vector<BrokerId>& newBrokers,
                             bool isEveryone) {
    std::vector<BrokerEndpoint> endpoints;
    for (const LiveBroker& broker : m_brokers) {
        endpoints.push_back(broker.endpoint);
    }
    std::vector<PartitionState> all;
    std::vector<PartitionState> some;
    for (const auto& [partition, known] : m_partitions) {
        if (known.hasState) {
            all.push_back(known.state);
        }
    }
    for (const TopicPartition& partition : changed) {
        if (const Known* known = m_partitions.find(partition); known != nullptr && known->hasState) {
            some.push_back(known->state);
        }
    }
    for (const LiveBroker& broker : m_brokers) {
        const bool getsAll = isEveryone || holds(newBrokers, broker.endpoint.id);
        const ControllerStamp stamp{m_config->id, m_epoch, broker.epoch};
        const std::vector<PartitionState>& states = getsAll ? all : some;
        auto metadata = makeRef<UpdateMetadataRequest>();
        metadata->stamp = stamp;
        metadata->partitions = states;
        metadata->liveBrokers = endpoints;
        auto roles = makeRef<LeaderAndIsrRequest>();
        roles->stamp = stamp;
        roles->liveLeaders = endpoints;
        for (const PartitionState& state : states) {
            if (holds(state.replicas, broker.endpoint.id)) {
                roles->partitions.push_back(state);
            }
        }
        const bool hasRoles = !roles->partitions.empty();
        // Roles come before the metadata that sends clients there; a broker that is new hears of the others first.
        if (hasRoles && !getsAll) {
            m_channels.enqueue(broker.endpoint.id, roles);
        }
        m_channels.enqueue(broker.endpoint.id, std::move(metadata));
        if (hasRoles && getsAll) {
            m_channels.enqueue(broker.endpoint.id, roles);
        }
    }
}

void Controller::journalChange(sim::Context& context, const PartitionState& before, const Change& change) const {
    const PartitionState& after = change.state;
    const std::string name = toText(after.partition);
    const auto fields = [&]() -> std::vector<std::pair<std::string_view, std::string>> {
        return {field::topic(after.partition.topic.text()),
                field::partition(after.partition.partition),
                field::leader(after.leader),
                field::epoch(after.leaderEpoch),
                field::inSync(after.isr),
                {"before", toText(before.isr)},
                field::why(change.why)};
    };
    if (after.leader == noBroker) {
        context.journal(
            {happened::partitionOffline, sim::Severity::Error,
             fmt::format("{} has no leader: no live broker is in its in-sync set {}", name, toText(after.isr)),
             fields()});
        return;
    }
    if (change.isCreation || after.leader != before.leader) {
        const bool isUnclean = change.why == "unclean";
        if (isUnclean) {
            context.tell(makeRef<UncleanlyElected>(after.partition, after.leaderEpoch));
        }
        context.journal(
            {happened::leaderElected,
             change.isCreation ? sim::Severity::Detail : (isUnclean ? sim::Severity::Error : sim::Severity::Notice),
             fmt::format("Broker {} leads {} from epoch {} on ({})", after.leader.value, name, after.leaderEpoch.value,
                         change.why),
             fields()});
    }
    if (!change.isCreation && after.isr.size() < before.isr.size()) {
        const bool isInOrder = change.why == "controlled shutdown";
        std::vector<BrokerId> left;
        std::copy_if(before.isr.begin(), before.isr.end(), std::back_inserter(left),
                     [&](BrokerId member) { return !holds(after.isr, member); });
        const bool isOne = left.size() == 1;
        context.journal({happened::isrShrunk, isInOrder ? sim::Severity::Notice : sim::Severity::Warning,
                         fmt::format("The in-sync set of {} is now {}: {} {} {} {}", name, setText(after.isr),
                                     isOne ? "broker" : "brokers", toText(left), isOne ? "is" : "are",
                                     isInOrder ? "about to stop" : "gone"),
                         fields()});
    }
}

}  // namespace millrace::kafka
