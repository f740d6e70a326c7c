#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/kafka/server/broker.h"
#include "engine/sim/world.h"

namespace millrace::kafka {

/// One replica of a live broker, as a look finds it.
struct ReplicaLook {
    BrokerId broker;
    std::uint32_t incarnation = 0;
    sim::ProcessId process;
    const Broker* actor = nullptr;
    const Partition* replica = nullptr;
};

struct PartitionLook {
    std::vector<ReplicaLook> replicas;  ///< by broker
    /// The one that says it leads, in the newest epoch; null when none does.
    [[nodiscard]] const ReplicaLook* leader() const;
    /// Whether an election may take a leader from outside the in-sync set.
    [[nodiscard]] bool allowsUnclean() const;
};

/// All replicas of all live brokers, and which partitions have changed since the look before: one of its replicas did,
/// came or went. What has not changed holds as it held, so whoever checks partitions goes through those that have.
/// It remembers where replicas lie and no state of the world.
class PartitionLooks {
public:
    /// Takes the world in; the same look again changes nothing.
    void update(const sim::World& world);
    void forget() { *this = {}; }

    /// In order, each once.
    [[nodiscard]] const std::vector<TopicPartition>& changed() const { return m_changed; }
    [[nodiscard]] std::vector<TopicPartition> all() const;
    /// Nothing when no live broker has a replica. Holds until the world goes on.
    [[nodiscard]] std::optional<PartitionLook> find(const TopicPartition& partition) const;
    /// The live ones.
    template <class F>
    void forEachBroker(const F& f) const {
        for (const BrokerLook& broker : m_brokers) {
            if (broker.actor != nullptr) {
                f(*broker.actor);
            }
        }
    }

private:
    struct BrokerLook {
        sim::ProcessId process;
        std::string actorName;
        std::uint32_t incarnation = 0;
        const Broker* actor = nullptr;  ///< in the world that was looked at last; null when it does not run
        ChangeList::Stamp seen = 0;
        std::vector<std::optional<TopicPartition>> names;  ///< by slot, of its replicas
    };
    struct Place {
        std::uint32_t broker = 0;  ///< in m_brokers
        Slot slot = 0;
    };

    void findBrokers(const sim::World& world);
    void leave(std::uint32_t broker);
    void take(std::uint32_t broker, Slot slot);

    std::vector<BrokerLook> m_brokers;                      ///< in the order of processes
    std::uint32_t m_processes = 0;                          ///< how many have been looked at
    std::map<TopicPartition, std::vector<Place>> m_places;  ///< by broker
    std::vector<TopicPartition> m_changed;
    bool m_hasLooked = false;
    std::uint64_t m_events = 0;
    SimTime m_time;
};
using PartitionLooksRef = std::shared_ptr<PartitionLooks>;

/// A first look, for which all have changed.
[[nodiscard]] PartitionLooks lookAtPartitions(const sim::World& world);

}  // namespace millrace::kafka
