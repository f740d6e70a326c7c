#include "engine/kafka/partition_looks.h"

#include <algorithm>
#include <utility>

namespace millrace::kafka {

const ReplicaLook* PartitionLook::leader() const {
    const ReplicaLook* newest = nullptr;
    for (const ReplicaLook& look : replicas) {
        if (look.replica->isLeader() &&
            (newest == nullptr || look.replica->leaderEpoch() > newest->replica->leaderEpoch())) {
            newest = &look;
        }
    }
    return newest;
}

bool PartitionLook::allowsUnclean() const {
    return std::any_of(replicas.begin(), replicas.end(), [](const ReplicaLook& look) {
        const TopicConfig* topic = look.actor->replicas().topicConfig(look.replica->id().topic);
        const bool byDefault = look.actor->config().uncleanLeaderElection;
        return topic == nullptr ? byDefault : topic->uncleanLeaderElection.value_or(byDefault);
    });
}

// --- where replicas lie

void PartitionLooks::findBrokers(const sim::World& world) {
    for (; m_processes < world.processCount(); ++m_processes) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{m_processes});
        if (process.name().starts_with("broker/")) {
            BrokerLook& broker = m_brokers.emplace_back();
            broker.process = process.id;
            broker.actorName = process.name() + "/server";
        }
    }
}

void PartitionLooks::update(const sim::World& world) {
    if (m_hasLooked && m_events == world.eventsProcessed() && m_time == world.now()) {
        return;
    }
    m_hasLooked = true;
    m_events = world.eventsProcessed();
    m_time = world.now();
    m_changed.clear();
    findBrokers(world);
    for (std::uint32_t i = 0; i < m_brokers.size(); ++i) {
        BrokerLook& broker = m_brokers[i];
        const std::uint32_t incarnation = world.process(broker.process).incarnation;
        broker.actor = world.findActor<Broker>(broker.actorName);
        const bool isAnother = incarnation != broker.incarnation ||
                               (broker.actor != nullptr && broker.actor->replicas().changes().stamp() < broker.seen);
        if (broker.actor == nullptr || isAnother) {
            leave(i);
        }
        broker.incarnation = incarnation;
        if (broker.actor != nullptr) {
            const ChangeList& changes = broker.actor->replicas().changes();
            changes.forEachSince(std::exchange(broker.seen, changes.stamp()), [&](Slot slot) { take(i, slot); });
        }
    }
    std::sort(m_changed.begin(), m_changed.end());
    m_changed.erase(std::unique(m_changed.begin(), m_changed.end()), m_changed.end());
}

/// Its replicas are no longer there: it has ended, or has started again.
void PartitionLooks::leave(std::uint32_t index) {
    BrokerLook& broker = m_brokers[index];
    broker.seen = 0;
    for (const auto& name : std::exchange(broker.names, {})) {
        if (name) {
            std::erase_if(m_places[*name], [&](const Place& place) { return place.broker == index; });
            m_changed.push_back(*name);
        }
    }
}

void PartitionLooks::take(std::uint32_t index, Slot slot) {
    BrokerLook& broker = m_brokers[index];
    const Partition& replica = broker.actor->replicas().at(slot);
    if (slot >= broker.names.size()) {
        broker.names.resize(broker.actor->replicas().count());
    }
    const bool isThere = replica.role() != Partition::Role::None;
    if (isThere != broker.names[slot].has_value()) {
        std::vector<Place>& places = m_places[replica.id()];
        const auto at = std::find_if(places.begin(), places.end(), [&](const Place& p) { return p.broker >= index; });
        if (isThere) {
            places.insert(at, {index, slot});
            broker.names[slot] = replica.id();
        } else {
            places.erase(at);
            broker.names[slot].reset();
        }
        m_changed.push_back(replica.id());
    } else if (isThere) {
        m_changed.push_back(replica.id());
    }
}

std::vector<TopicPartition> PartitionLooks::all() const {
    std::vector<TopicPartition> names;
    for (const auto& [name, places] : m_places) {
        if (!places.empty()) {
            names.push_back(name);
        }
    }
    return names;
}

std::optional<PartitionLook> PartitionLooks::find(const TopicPartition& partition) const {
    const auto at = m_places.find(partition);
    if (at == m_places.end() || at->second.empty()) {
        return std::nullopt;
    }
    PartitionLook look;
    look.replicas.reserve(at->second.size());
    for (const Place& place : at->second) {
        const BrokerLook& broker = m_brokers[place.broker];
        look.replicas.push_back({broker.actor->config().id, broker.incarnation, broker.process, broker.actor,
                                 &broker.actor->replicas().at(place.slot)});
    }
    return look;
}

PartitionLooks lookAtPartitions(const sim::World& world) {
    PartitionLooks looks;
    looks.update(world);
    return looks;
}

}  // namespace millrace::kafka
