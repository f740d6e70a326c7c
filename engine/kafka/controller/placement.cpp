#include "engine/kafka/controller/placement.h"

#include <algorithm>
#include <map>
#include <set>

namespace millrace::kafka {

namespace {

/// Rack A's first broker, rack B's first, ..., rack A's second: neighbours stand in different racks.
std::vector<PlacementBroker> dealtByRack(const std::vector<PlacementBroker>& byId) {
    std::map<std::string, std::vector<PlacementBroker>> racks;
    for (const PlacementBroker& broker : byId) {
        racks[broker.rack].push_back(broker);
    }
    std::vector<PlacementBroker> dealt;
    for (std::size_t round = 0; dealt.size() < byId.size(); ++round) {
        for (const auto& [rack, brokers] : racks) {
            if (round < brokers.size()) {
                dealt.push_back(brokers[round]);
            }
        }
    }
    return dealt;
}

std::size_t followerIndex(std::size_t leader, std::size_t shift, std::size_t number, std::size_t brokers) {
    return (leader + 1 + (shift + number) % (brokers - 1)) % brokers;
}

}  // namespace

Result<std::vector<std::vector<BrokerId>>, ErrorCode> placeReplicas(std::vector<PlacementBroker> brokers,
                                                                    std::int32_t partitions,
                                                                    std::int32_t replicationFactor, std::uint32_t start,
                                                                    std::uint32_t shift) {
    if (partitions <= 0) {
        return tl::unexpected(ErrorCode::InvalidPartitions);
    }
    if (replicationFactor <= 0 || static_cast<std::size_t>(replicationFactor) > brokers.size()) {
        return tl::unexpected(ErrorCode::InvalidReplicationFactor);
    }
    std::sort(brokers.begin(), brokers.end(),
              [](const PlacementBroker& a, const PlacementBroker& b) { return a.id < b.id; });
    const auto withRack = std::count_if(brokers.begin(), brokers.end(),
                                        [](const PlacementBroker& broker) { return !broker.rack.empty(); });
    const bool areRacksUsed = withRack > 0;
    if (areRacksUsed && static_cast<std::size_t>(withRack) != brokers.size()) {
        return tl::unexpected(ErrorCode::InvalidReplicaAssignment);
    }
    if (areRacksUsed) {
        brokers = dealtByRack(brokers);
    }
    std::set<std::string> racks;
    for (const PlacementBroker& broker : brokers) {
        racks.insert(broker.rack);
    }
    const std::size_t count = brokers.size();
    const std::size_t stride = areRacksUsed ? racks.size() : 1;
    std::size_t moved = shift;
    std::vector<std::vector<BrokerId>> assignment;
    for (std::size_t partition = 0; partition < static_cast<std::size_t>(partitions); ++partition) {
        if (partition > 0 && partition % count == 0) {
            ++moved;
        }
        const std::size_t leader = (partition + start) % count;
        std::vector<BrokerId> replicas{brokers[leader].id};
        std::set<std::string> usedRacks{brokers[leader].rack};
        for (std::size_t number = 0; replicas.size() < static_cast<std::size_t>(replicationFactor); ++number) {
            const PlacementBroker& broker = brokers[followerIndex(leader, moved * stride, number, count)];
            const bool isRackDue =
                !areRacksUsed || !usedRacks.contains(broker.rack) || usedRacks.size() == racks.size();
            const bool isBrokerDue = std::find(replicas.begin(), replicas.end(), broker.id) == replicas.end();
            if (isRackDue && isBrokerDue) {
                replicas.push_back(broker.id);
                usedRacks.insert(broker.rack);
            }
        }
        assignment.push_back(std::move(replicas));
    }
    return assignment;
}

}  // namespace millrace::kafka
