#include "engine/hadoop/hdfs/placement.h"

#include <algorithm>
#include <set>

namespace millrace::hadoop {

class Placement::Choice {
public:
    Choice(const ClusterConfig& cluster, const std::vector<Node>& nodes, const Wish& wish, RandomStream& random)
        : m_cluster(cluster), m_nodes(nodes), m_wish(wish), m_random(random) {
        std::set<std::string> racks;
        for (NodeIndex i = 0; i < nodes.size(); ++i) {
            if (nodes[i].isAlive) {
                racks.insert(cluster.dataNodes[i].rack);
                m_load += nodes[i].load;
                ++m_alive;
            }
        }
        const auto total = static_cast<std::uint32_t>(wish.replicas + wish.present.size());
        m_perRack = racks.empty() || total == 0 ? 2 : (total - 1) / static_cast<std::uint32_t>(racks.size()) + 2;
        m_hasRacks = racks.size() > 1;
    }

    std::vector<NodeIndex> take() {
        while (m_chosen.size() < m_wish.replicas) {
            const NodeIndex next = chooseNext();
            if (next == noNode) {
                break;
            }
            m_chosen.push_back(next);
        }
        return inPipelineOrder();
    }

private:
    [[nodiscard]] std::vector<NodeIndex> placed() const {
        std::vector<NodeIndex> all = m_wish.present;
        all.insert(all.end(), m_chosen.begin(), m_chosen.end());
        return all;
    }
    [[nodiscard]] const std::string& rackOf(NodeIndex node) const { return m_cluster.dataNodes[node].rack; }

    NodeIndex chooseNext() {
        const std::vector<NodeIndex> all = placed();
        NodeIndex found = noNode;
        if (all.empty()) {
            found = chooseLocal();
        } else if (all.size() == 1 && m_hasRacks) {
            found = chooseWhere([&](NodeIndex node) { return rackOf(node) != rackOf(all[0]); });
        } else if (all.size() == 2 && m_hasRacks) {
            const bool isOneRack = rackOf(all[0]) == rackOf(all[1]);
            const std::string& rack = rackOf(all[1]);
            found = chooseWhere([&](NodeIndex node) { return (rackOf(node) != rack) == isOneRack; });
        }
        return found != noNode ? found : chooseWhere([](NodeIndex) { return true; });
    }

    NodeIndex chooseLocal() {
        for (NodeIndex i = 0; i < m_nodes.size(); ++i) {
            if (m_cluster.dataNodes[i].host == m_wish.writer && isGood(i)) {
                return i;
            }
        }
        if (m_wish.writerRack.empty()) {
            return noNode;
        }
        return chooseWhere([&](NodeIndex node) { return rackOf(node) == m_wish.writerRack; });
    }

    template <class Where>
    NodeIndex chooseWhere(const Where& where) {
        std::vector<NodeIndex> good;
        for (NodeIndex i = 0; i < m_nodes.size(); ++i) {
            if (where(i) && isGood(i)) {
                good.push_back(i);
            }
        }
        return good.empty() ? noNode : good[m_random.below(good.size())];
    }

    [[nodiscard]] bool isGood(NodeIndex node) const {
        const auto isIn = [node](const std::vector<NodeIndex>& list) {
            return std::find(list.begin(), list.end(), node) != list.end();
        };
        const Node& state = m_nodes[node];
        if (!state.isAlive || isIn(m_wish.present) || isIn(m_chosen) || isIn(m_wish.excluded) ||
            state.remaining < blocksOfRoom * m_wish.blockSize) {
            return false;
        }
        if (m_cluster.hdfs.considersLoad && m_alive > 0 && state.load * m_alive > 2 * m_load && state.load > 2) {
            return false;
        }
        std::uint32_t inRack = 1;
        for (const NodeIndex each : placed()) {
            inRack += rackOf(each) == rackOf(node) ? 1U : 0U;
        }
        return !m_hasRacks || inRack <= m_perRack;
    }

    [[nodiscard]] std::vector<NodeIndex> inPipelineOrder() const {
        std::vector<NodeIndex> rest = m_chosen;
        std::vector<NodeIndex> ordered;
        sim::HostId host = m_wish.writer;
        std::string rack = m_wish.writerRack;
        while (!rest.empty()) {
            const auto nearest = std::min_element(rest.begin(), rest.end(), [&](NodeIndex a, NodeIndex b) {
                return ClusterConfig::distance(m_cluster.dataNodes[a], host, rack) <
                       ClusterConfig::distance(m_cluster.dataNodes[b], host, rack);
            });
            ordered.push_back(*nearest);
            host = m_cluster.dataNodes[*nearest].host;
            rack = m_cluster.dataNodes[*nearest].rack;
            rest.erase(nearest);
        }
        return ordered;
    }

    const ClusterConfig& m_cluster;
    const std::vector<Node>& m_nodes;
    const Wish& m_wish;
    RandomStream& m_random;
    std::vector<NodeIndex> m_chosen;
    std::uint32_t m_perRack = 2;
    std::uint32_t m_alive = 0;
    std::uint32_t m_load = 0;
    bool m_hasRacks = false;
};

std::vector<NodeIndex> Placement::choose(const Wish& wish, RandomStream& random) const {
    return Choice(m_cluster, m_nodes, wish, random).take();
}

std::vector<StoredBlock> placeStored(const ClusterConfig& cluster, std::uint64_t seed) {
    std::vector<StoredBlock> blocks;
    std::vector<Placement::Node> nodes(cluster.dataNodes.size());
    for (Placement::Node& node : nodes) {
        node = {true, ByteCount{1} << 60U, 0};
    }
    RandomStream random(seed, "hadoop.stored-files");
    for (std::uint32_t file = 0; file < cluster.files.size(); ++file) {
        const StoredFile& stored = cluster.files[file];
        const auto length = static_cast<ByteCount>(stored.content->size());
        for (ByteCount at = 0; at < length; at += stored.blockSize) {
            Placement::Wish wish;
            wish.replicas = stored.replication;
            StoredBlock block;
            block.id = blocks.size() + 1;
            block.file = file;
            block.offset = at;
            block.length = std::min(stored.blockSize, length - at);
            block.nodes = Placement(cluster, nodes).choose(wish, random);
            const Slice all =
                Slice(stored.content).part(static_cast<std::size_t>(at), static_cast<std::size_t>(block.length));
            const auto packet = static_cast<std::size_t>(cluster.hdfs.packetSize);
            for (std::size_t from = 0; from < all.size(); from += packet) {
                block.chunks.push_back(makeRef<BlockChunk>(all.part(from, packet)));
            }
            blocks.push_back(std::move(block));
        }
    }
    return blocks;
}

}  // namespace millrace::hadoop
