#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/hadoop/cluster.h"
#include "engine/hadoop/hdfs/block_writer.h"
#include "engine/hadoop/hdfs/protocol.h"
#include "engine/sim/link.h"
#include "engine/sim/metrics.h"
#include "engine/sim/process.h"

namespace millrace::hadoop {

/// Keeps replicas of blocks as files on its machine's disk: takes them through pipelines, gives them to readers, copies
/// them when the NameNode says so, and tells the NameNode by heartbeats and reports. What it was sent is in the page
/// cache, as in Hadoop: a power loss takes what the system had not written back, a crash takes nothing.
/// Source: Hadoop 1.2, DataNode, DataXceiver, BlockReceiver, BlockSender.
/// Left out: the block scanner, several volumes, upgrade, decommissioning; what lies in the page cache is read from the
/// disk all the same.
class DataNode final : public sim::ActorBase<DataNode> {
public:
    struct Replica {
        sim::FileId file;
        std::uint64_t generation = 0;
        ByteCount length = 0;
        bool isFinal = false;
    };

    DataNode(ClusterRef cluster, NodeIndex self);

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;

    // --- looking
    [[nodiscard]] NodeIndex self() const { return m_self; }
    [[nodiscard]] const SharedMap<std::uint64_t, Replica>& replicas() const { return m_replicas; }
    [[nodiscard]] ByteCount used() const { return m_used; }
    [[nodiscard]] std::uint32_t transfers() const {
        return static_cast<std::uint32_t>(m_inflows.size() + m_outflows.size() + m_copies.size());
    }
    [[nodiscard]] ByteCount bytesRead() const { return m_bytesRead; }
    [[nodiscard]] ByteCount bytesWritten() const { return m_bytesWritten; }

private:
    /// A block that comes in: from a client, or from the DataNode before in the pipeline.
    struct Inflow {
        Block block;
        std::uint64_t received = 0;  ///< packets
        bool hasEnded = false;
        bool passesOn = false;
        SimTime heard;  ///< of the writer
        BlockWriter onward;
    };
    /// A reader.
    struct Outflow {
        std::uint64_t block = 0;
        std::uint64_t chunk = 0;  ///< index in the file
        ByteCount at = 0;         ///< begin of that chunk in the block
        ByteCount from = 0;
        ByteCount to = 0;
        bool isReading = false;
        SimTime moved;  ///< when it last took something
    };
    /// A block that is copied to others.
    struct Copying {
        Block block;
        BlockWriter writer;
        std::uint64_t chunk = 0;
        bool hasEnded = false;
    };

    void format(sim::Context& context);
    void load(sim::Context& context);
    void connect(sim::Context& context);
    void registerSelf(sim::Context& context);
    void report(sim::Context& context);
    void beat(sim::Context& context);
    void obey(sim::Context& context, const DataCommands& commands);
    void tellReceived(sim::Context& context, const Block& block);
    bool onOwnLink(sim::Context& context, const sim::Message& message);

    void beginInflow(sim::Context& context, const WriteBlock& begin);
    void onPacket(sim::Context& context, const Packet& packet);
    void onOnward(sim::Context& context, sim::ConnectionId upstream, BlockWriter::News news);
    void endBlock(sim::Context& context, sim::ConnectionId upstream, Inflow& inflow);
    void refuse(sim::Context& context, sim::ConnectionId upstream, std::uint64_t number, NodeIndex bad);
    void dropInflow(sim::Context& context, sim::ConnectionId upstream);
    void finalise(sim::Context& context, std::uint64_t block);
    void dropSilent(sim::Context& context);
    void writeMeta(sim::Context& context, std::uint64_t block, const Replica& replica);

    void beginOutflow(sim::Context& context, const ReadBlock& read);
    void pump(sim::Context& context, sim::ConnectionId reader, Outflow& outflow);
    void onDiskRead(sim::Context& context, sim::ConnectionId reader);
    void beginCopy(sim::Context& context, const DataCommands::Copy& copy);
    void pumpCopy(sim::Context& context, Copying& copying, BlockWriter::News news);
    void removeReplica(sim::Context& context, const Block& removed);
    void reportOwn(sim::Context& context, const Block& block);
    void damage(sim::Context& context, std::uint64_t block);
    /// When so much is read, behind what is read already; on a disk that a fault slows as much later.
    [[nodiscard]] SimTime diskTime(const sim::Context& context, ByteCount bytes);
    [[nodiscard]] const sim::File* fileOf(sim::Context& context, std::uint64_t block) const;

    ClusterRef m_cluster;
    NodeIndex m_self;
    SharedMap<std::uint64_t, Replica> m_replicas;
    ByteCount m_used = 0;
    sim::Link m_nameNode{sim::LinkWatch::FirstOfConnection};
    std::uint64_t m_beats = 0;
    SimTime m_nextReport;
    std::map<sim::ConnectionId, Inflow> m_inflows;
    std::map<sim::ConnectionId, Outflow> m_outflows;
    std::map<std::uint64_t, Copying> m_copies;  ///< by writer
    std::uint64_t m_nextWriter = 1;
    SimTime m_diskFreeAt;
    ByteCount m_bytesRead = 0;
    ByteCount m_bytesWritten = 0;
};

}  // namespace millrace::hadoop
