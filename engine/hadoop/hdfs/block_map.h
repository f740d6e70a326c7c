#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/hadoop/hdfs/types.h"

namespace millrace::hadoop {

/// What the NameNode knows of a block besides the namespace: who has it. Built from what DataNodes report, kept in
/// memory alone.
struct BlockInfo {
    Block block;
    std::uint32_t replication = 0;
    bool isOpen = false;              ///< its writer has not ended it
    std::vector<NodeIndex> expected;  ///< the pipeline that writes it
    std::vector<NodeIndex> replicas;  ///< in order
    std::vector<NodeIndex> corrupt;   ///< in order; not among the replicas

    static void add(std::vector<NodeIndex>& list, NodeIndex node) {
        const auto at = std::lower_bound(list.begin(), list.end(), node);
        if (at == list.end() || *at != node) {
            list.insert(at, node);
        }
    }
    static bool remove(std::vector<NodeIndex>& list, NodeIndex node) {
        const auto at = std::lower_bound(list.begin(), list.end(), node);
        const bool isIn = at != list.end() && *at == node;
        if (isIn) {
            list.erase(at);
        }
        return isIn;
    }
    [[nodiscard]] bool has(NodeIndex node) const { return std::binary_search(replicas.begin(), replicas.end(), node); }
};

/// Blocks that want more replicas, the most endangered first: one replica left, less than a third of what is wanted,
/// the rest. Source: Hadoop 1.2, UnderReplicatedBlocks.
class NeededReplications {
public:
    [[nodiscard]] static int priorityOf(std::uint32_t live, std::uint32_t wanted) {
        return live == 1 ? 0 : live * 3 < wanted ? 1 : 2;
    }
    void add(std::uint64_t block, std::uint32_t live, std::uint32_t wanted) {
        remove(block);
        const int priority = priorityOf(live, wanted);
        m_priorities.set(block, priority);
        m_queue.set({priority, block}, true);
    }
    void remove(std::uint64_t block) {
        if (const int* known = m_priorities.find(block)) {
            m_queue.erase(std::pair<int, std::uint64_t>{*known, block});
            m_priorities.erase(block);
        }
    }
    [[nodiscard]] std::uint64_t size() const { return m_priorities.size(); }
    using Place = std::pair<int, std::uint64_t>;
    /// All, from that place on and round to it.
    [[nodiscard]] std::vector<Place> roundFrom(Place place) const {
        std::vector<Place> all;
        for (auto at = m_queue.lowerBound(place); at != m_queue.end(); ++at) {
            all.push_back(at->first);
        }
        for (auto at = m_queue.begin(); at != m_queue.end() && at->first < place; ++at) {
            all.push_back(at->first);
        }
        return all;
    }

private:
    SharedMap<std::pair<int, std::uint64_t>, bool> m_queue;
    SharedMap<std::uint64_t, int> m_priorities;
};

}  // namespace millrace::hadoop
