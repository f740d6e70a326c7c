#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/hadoop/yarn/protocol.h"

namespace millrace::hadoop {

/// Which application gets the next place on a node: a value that knows the memory of nodes and what applications wish
/// for. One queue, applications in the order in which they came (higher priorities do not exist in Hadoop 2.4), one
/// container at a heartbeat. A node that has the data comes first; another one of its rack after as many nodes as
/// `yarn.scheduler.capacity.node-locality-delay` have been passed over, any other after a share of those that are
/// wanted. Only memory counts, as with the DefaultResourceCalculator. So many applications are active as a tenth of the
/// memory has containers of the least size (`maximum-am-resource-percent`), at least one: else ApplicationMasters could
/// leave no room for their tasks. Source: Hadoop 2.4, CapacityScheduler, LeafQueue. Left out: several queues and users,
/// reservations, pre-emption.
class CapacityScheduler {
public:
    struct Node {
        bool isThere = false;
        std::uint32_t memory = 0;  ///< MB
        std::uint32_t used = 0;
    };
    struct Grant {
        JobId app = 0;
        ContainerUse use = ContainerUse::Map;
        std::uint32_t memory = 0;
    };

    CapacityScheduler() = default;
    explicit CapacityScheduler(ClusterRef cluster)
        : m_cluster(std::move(cluster)), m_nodes(m_cluster->trackers.size()) {}

    void addNode(NodeIndex node);
    void removeNode(NodeIndex node);
    void release(NodeIndex node, std::uint32_t memory);

    /// The wishes replace those of before.
    void setWishes(JobId app, std::vector<ContainerWish> wishes, std::vector<NodeIndex> banned = {});
    void removeApp(JobId app) { m_apps.erase(app); }
    /// Memory that is taken on the node, and a wish less.
    [[nodiscard]] std::optional<Grant> assign(NodeIndex node);

    [[nodiscard]] const std::vector<Node>& nodes() const { return m_nodes; }
    [[nodiscard]] std::uint32_t usedMemory() const;
    [[nodiscard]] std::uint32_t pending() const;

private:
    struct Wish {
        ContainerWish wish;
        std::uint32_t passedOver = 0;  ///< places that were not near enough, since the last grant
    };
    struct App {
        std::map<ContainerUse, Wish> wishes;
        std::vector<NodeIndex> banned;
    };
    [[nodiscard]] bool suits(const Wish& wish, NodeIndex node) const;
    [[nodiscard]] std::size_t activeMost() const;
    static void take(ContainerWish& wish, const DaemonAddress& node);

    ClusterRef m_cluster;
    std::vector<Node> m_nodes;
    std::map<JobId, App> m_apps;
};

}  // namespace millrace::hadoop
