#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kafka/protocol/produce.h"
#include "engine/kafka/types.h"
#include "engine/observe/cluster_view.h"
#include "engine/observe/run_view.h"
#include "engine/sim/world.h"
#include "engine/zookeeper/describe.h"

namespace millrace::kafka {

/// Why no group can have a coordinator, where that is so: __consumer_offsets does not exist, and fewer brokers live
/// than offsets.topic.replication.factor asks for.
[[nodiscard]] std::optional<std::string> whyNoCoordinator(const sim::World& world);

/// What of the brokers and their clients stands still at one instant, and why: partitions whose leader is gone while
/// ZooKeeper still believes in it, in-sync sets that are too small or hold a dead replica, producers without an
/// acknowledgement for longer than any healthy one takes. A journal tells what happened; this tells what does not.
class Waits {
public:
    /// Both must outlive it; the view is the world's.
    Waits(const sim::World& world, const observe::ClusterView& cluster) : m_world(world), m_cluster(cluster) {}

    /// Producers whose records wait for their acknowledgement.
    [[nodiscard]] std::vector<observe::WaitView> producers();
    /// Topics with partitions that can be neither written nor read, one wait for each reason.
    [[nodiscard]] std::vector<observe::WaitView> topics();
    /// Brokers that are gone and still registered, or back: not registered again, or not leading again; and those that
    /// are to stop and cannot hand over what they lead.
    [[nodiscard]] std::vector<observe::WaitView> brokers();
    /// Groups that cannot have a coordinator.
    [[nodiscard]] std::vector<observe::WaitView> groups();
    /// What keeps a reader from partitions of a topic, one wait for each reason.
    [[nodiscard]] std::vector<observe::WaitView> reader(const observe::ObjectId& who, std::string_view topic);

private:
    /// What stopped a broker, and how long the rest will go on as if it had not.
    struct Absence {
        const observe::BrokerView* broker = nullptr;
        std::optional<zookeeper::NodeOwner> owner;  ///< of its registration, while ZooKeeper believes in it
    };
    /// Partitions that wait for the same.
    struct Together {
        observe::WaitView wait;
        std::vector<std::string> partitions;
        std::int64_t records = 0;
        SimTime oldest = SimTime::max();
        SimTime givenUpAt = SimTime::max();
    };

    [[nodiscard]] const Absence* absenceOf(std::int32_t broker);
    [[nodiscard]] std::optional<observe::WaitView> handingOver(const observe::BrokerView& broker) const;
    [[nodiscard]] std::optional<observe::WaitView> leadership(const observe::BrokerView& broker) const;
    [[nodiscard]] observe::WaitView waitFor(const Absence& absence, std::string text) const;
    [[nodiscard]] std::string whyStillLeader(const Absence& absence) const;
    /// Why a partition cannot be read, or written with acks=all; without a text when it can.
    [[nodiscard]] observe::WaitView readObstacle(const observe::PartitionView& partition);
    [[nodiscard]] observe::WaitView writeObstacle(const observe::TopicView& topic,
                                                  const observe::PartitionView& partition);
    [[nodiscard]] std::map<std::string, Together> unreadable(const observe::TopicView& topic);
    [[nodiscard]] observe::WaitView writeObstacle(const TopicPartition& partition, Acks acks);
    [[nodiscard]] observe::WaitView tellProducer(const observe::ProducerView& producer,
                                                 const std::map<std::string, Together>& byReason,
                                                 std::int64_t held) const;

    const sim::World& m_world;
    const observe::ClusterView& m_cluster;
    std::map<std::int32_t, std::optional<Absence>> m_absences;
};

}  // namespace millrace::kafka
