#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/hadoop/cluster.h"

namespace millrace::hadoop {

/// A DataNode is given a block only where so many would fit (FSConstants.MIN_BLOCKS_FOR_WRITE).
inline constexpr ByteCount blocksOfRoom = 5;

/// Where the replicas of a block go: the first on the writer's machine (else anywhere), the second in another rack, the
/// third in the second's rack, further ones anywhere, and never more than (replication - 1) / racks + 2 in one rack.
/// Nodes without room for five blocks and those with twice the mean load are passed over. Source: Hadoop 1.2,
/// ReplicationTargetChooser.
class Placement {
public:
    /// What the NameNode knows of a DataNode.
    struct Node {
        bool isAlive = false;
        ByteCount remaining = 0;
        std::uint32_t load = 0;
    };
    struct Wish {
        sim::HostId writer = sim::noHost;
        std::string writerRack;
        std::uint32_t replicas = 1;      ///< to be found now
        std::vector<NodeIndex> present;  ///< have it already
        std::vector<NodeIndex> excluded;
        ByteCount blockSize = 0;
    };

    Placement(const ClusterConfig& cluster, const std::vector<Node>& nodes) : m_cluster(cluster), m_nodes(nodes) {}

    /// As many as there are, in the order of a pipeline that goes from each to the nearest of the rest.
    [[nodiscard]] std::vector<NodeIndex> choose(const Wish& wish, RandomStream& random) const;

private:
    class Choice;
    const ClusterConfig& m_cluster;
    const std::vector<Node>& m_nodes;
};

/// Blocks of files that stand in HDFS from the beginning, placed as if they had been written from outside.
[[nodiscard]] std::vector<StoredBlock> placeStored(const ClusterConfig& cluster, std::uint64_t seed);

}  // namespace millrace::hadoop
