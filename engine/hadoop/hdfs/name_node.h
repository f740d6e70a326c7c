#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/hadoop/cluster.h"
#include "engine/hadoop/hdfs/block_map.h"
#include "engine/hadoop/hdfs/namespace.h"
#include "engine/hadoop/hdfs/placement.h"
#include "engine/hadoop/hdfs/protocol.h"
#include "engine/sim/context.h"
#include "engine/sim/metrics.h"
#include "engine/sim/process.h"

namespace millrace::hadoop {

/// The master of HDFS: the namespace with its image and edit log on disk, and in memory who has which block. A change
/// is answered when its edit is on the medium; one flush takes all that waits. After a start it is in safe mode until
/// DataNodes have reported enough blocks. Source: Hadoop 1.2, FSNamesystem, LeaseManager, UnderReplicatedBlocks.
/// Left out: the secondary NameNode (the image is written at a start), quotas, permissions, decommissioning, balancer.
///
/// Files: name_node.cpp (life, calls of clients), name_node_blocks.cpp (DataNodes, replication, safe mode).
class NameNode final : public sim::ActorBase<NameNode> {
public:
    /// What it knows of a DataNode.
    struct Node {
        bool isRegistered = false;  ///< and not dead
        SimTime heard;
        ByteCount capacity = 0;
        ByteCount used = 0;
        ByteCount remaining = 0;
        std::uint32_t transfers = 0;
        std::uint64_t blocks = 0;
        sim::ConnectionId connection = sim::noConnection;
        std::uint64_t watch = 0;  ///< number of the newest look at its silence
        std::vector<DataCommands::Copy> copies;
        std::vector<Block> removals;
        std::vector<Block> closures;
    };

    explicit NameNode(ClusterRef cluster) : m_cluster(std::move(cluster)) {}

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;

    // --- looking
    [[nodiscard]] const ClusterConfig& cluster() const { return *m_cluster; }
    [[nodiscard]] const Namespace& space() const { return m_space; }
    [[nodiscard]] const SharedMap<std::uint64_t, BlockInfo>& blocks() const { return m_blocks; }
    [[nodiscard]] const std::vector<Node>& nodes() const { return m_nodes; }
    [[nodiscard]] bool isInSafeMode() const { return m_isInSafeMode; }
    [[nodiscard]] std::uint64_t underReplicated() const { return m_needed.size() + m_pending.size(); }
    [[nodiscard]] std::uint64_t missing() const { return m_missing; }
    [[nodiscard]] std::uint32_t liveNodes() const;
    [[nodiscard]] std::uint64_t safeBlocks() const;
    /// Of the blocks that were closed when it started or since.
    struct SafeMode {
        std::uint64_t closed = 0;
        std::uint64_t reported = 0;  ///< with enough whole replicas
        std::uint64_t needed = 0;
        std::uint64_t corrupt = 0;  ///< with corrupt replicas only, so far
        bool isExtending = false;   ///< enough are reported
    };
    [[nodiscard]] SafeMode safeMode() const;

private:
    struct Pending {
        std::vector<NodeIndex> targets;
        SimTime since;
    };
    struct Unanswered {
        sim::ConnectionId connection;
        Ref<const NameNodeReply> reply;
        std::uint64_t edits = 0;
    };

    // --- life and calls (name_node.cpp)
    void load(sim::Context& context);
    void format();
    void onCall(sim::Context& context, const NameNodeCall& call);
    void perform(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply);
    void create(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply);
    void addBlock(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply);
    void abandonBlock(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply);
    void recoverBlock(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply);
    void complete(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply);
    void locate(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply);
    void rename(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply);
    void remove(sim::Context& context, const std::string& path);
    void takeLease(sim::Context& context, const std::string& path, NameNodeReply& reply);
    void closeFile(sim::Context& context, const std::string& path);
    void dropLastBlock(sim::Context& context, const std::string& path);
    void settleLastBlock(sim::Context& context, const std::string& path);
    void log(sim::Context& context, Edit edit);
    void flushEdits(sim::Context& context);
    void onEditsFlushed(sim::Context& context, std::uint64_t upTo);
    void checkLeases(sim::Context& context);
    [[nodiscard]] const FileNode* writable(const NameNodeCall& call, NameNodeReply& reply) const;
    [[nodiscard]] sim::HostId clientHost(sim::Context& context) const;
    [[nodiscard]] LocatedBlock located(const BlockInfo& info, ByteCount offset, sim::HostId host,
                                       sim::Context& context) const;

    // --- DataNodes and blocks (name_node_blocks.cpp)
    void onRegistration(sim::Context& context, NodeIndex node);
    void onHeartbeat(sim::Context& context, const DataHeartbeat& heartbeat);
    void onReport(sim::Context& context, const BlockReport& report);
    void onReceived(sim::Context& context, NodeIndex node, const Block& block);
    enum class Told : std::uint8_t { InReport, Received };
    void storeReplica(sim::Context& context, NodeIndex node, const Block& block, Told told);
    [[nodiscard]] bool isGoing(NodeIndex node, std::uint64_t block) const;
    void finishTakenFile(sim::Context& context, std::uint64_t block);
    void reportBad(sim::Context& context, std::uint64_t block, NodeIndex node);
    void loseNode(sim::Context& context, NodeIndex node);
    void dropReplica(std::uint64_t block, BlockInfo& info, NodeIndex node);
    void forgetBlock(std::uint64_t block);
    void updateNeeded(std::uint64_t block, const BlockInfo& info);
    void removeExcess(std::uint64_t block, BlockInfo& info);
    void lookAtAll();
    void replicate(sim::Context& context);
    bool scheduleCopy(sim::Context& context, std::uint64_t block);
    void checkSafeMode(sim::Context& context);
    void leaveSafeMode(sim::Context& context);
    void watchNode(sim::Context& context, NodeIndex node);
    void onNodeWatch(sim::Context& context, NodeIndex node, std::uint64_t watch);
    [[nodiscard]] std::vector<Placement::Node> placementNodes() const;

    ClusterRef m_cluster;
    Namespace m_space;
    SharedMap<std::uint64_t, BlockInfo> m_blocks;
    std::vector<Node> m_nodes;
    NeededReplications m_needed;
    std::pair<int, std::uint64_t> m_nextNeeded{0, 0};  ///< where the next round begins
    SharedMap<std::uint64_t, Pending> m_pending;
    SharedMap<std::uint64_t, std::string> m_taken;  ///< last blocks of files that are taken from their writers
    std::uint64_t m_missing = 0;
    std::map<sim::ConnectionId, sim::HostId> m_peers;
    std::map<sim::ConnectionId, NodeIndex> m_nodeConnections;
    std::map<std::string, SimTime> m_leases;  ///< by client: when it was renewed
    [[nodiscard]] std::uint64_t neededBlocks() const;
    bool m_isInSafeMode = true;
    bool m_isExtending = false;
    std::uint64_t m_blocksAtStart = 0;
    sim::FileId m_edits;
    std::uint64_t m_logged = 0;
    std::uint64_t m_flushed = 0;
    bool m_isFlushing = false;
    std::vector<Unanswered> m_unanswered;
    std::uint64_t m_calls = 0;
};

}  // namespace millrace::hadoop
