#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "engine/hadoop/cluster.h"
#include "engine/hadoop/hdfs/protocol.h"
#include "engine/sim/link.h"

namespace millrace::hadoop {

/// A packet has had no acknowledgement for too long.
struct WriterAlarm final : sim::MessageBase<WriterAlarm> {
    static constexpr std::string_view Name = "hadoop.WriterAlarm";
    [[nodiscard]] std::string summary() const override { return "time-out of a write pipeline"; }
    std::uint64_t writer;
    std::uint64_t round;
    WriterAlarm(std::uint64_t who, std::uint64_t which) : writer(who), round(which) {}
    void digest(Digest& digest) const override {
        digest.add(writer);
        digest.add(round);
    }
};

/// One block on its way down a pipeline of DataNodes: packets go, acknowledgements come back, at most 80 are under way.
/// A value in whoever writes: a client, or a DataNode that passes a block on or copies one.
class BlockWriter {
public:
    enum class News : std::uint8_t {
        None,
        Ready,  ///< all DataNodes take packets
        Acked,  ///< one more packet is kept by all
        Done,   ///< and it was the end of the block
        Failed  ///< somebody is bad (`bad`); what is not acknowledged is in `takeUnacked`
    };
    static constexpr std::size_t packetsMost = 80;

    explicit BlockWriter(std::uint64_t id = 0) : m_id(id), m_link(sim::LinkWatch::FirstOfConnection) {}

    void open(sim::Context& context, const ClusterConfig& cluster, const Block& block,
              const std::vector<NodeIndex>& targets, bool isRecovery, ByteCount kept);
    /// Null ends the block.
    void send(sim::Context& context, BlockChunkRef chunk);
    /// So that the DataNodes do not take a writer for dead that has nothing to write.
    void keepAlive(sim::Context& context);
    [[nodiscard]] News read(sim::Context& context, const sim::Message& message);
    /// An alarm of this writer: fails when it is due.
    [[nodiscard]] News due(sim::Context& context, const WriterAlarm& alarm);
    void close(sim::Context& context) { m_link.close(context); }

    [[nodiscard]] std::uint64_t id() const { return m_id; }
    [[nodiscard]] bool owns(sim::ConnectionId connection) const { return m_link.owns(connection); }
    [[nodiscard]] bool isReady() const { return m_isReady; }
    [[nodiscard]] bool isOpen() const { return m_link.isConnected(); }
    [[nodiscard]] bool hasRoom() const { return m_isReady && m_unacked.size() < packetsMost; }
    [[nodiscard]] bool isIdle() const { return m_unacked.empty(); }
    [[nodiscard]] NodeIndex bad() const { return m_bad; }
    [[nodiscard]] std::uint64_t ackedPackets() const { return m_acked; }
    [[nodiscard]] ByteCount ackedBytes() const { return m_ackedBytes; }
    [[nodiscard]] std::deque<BlockChunkRef> takeUnacked() { return std::exchange(m_unacked, {}); }

private:
    News fail(sim::Context& context, NodeIndex bad);

    std::uint64_t m_id;
    sim::Link m_link;
    NodeIndex m_first = noNode;
    NodeIndex m_bad = noNode;
    SimDuration m_patience{0};
    bool m_isReady = false;
    std::deque<BlockChunkRef> m_unacked;  ///< null ends the block
    std::uint64_t m_sent = 0;
    std::uint64_t m_acked = 0;
    ByteCount m_ackedBytes = 0;  ///< what a recovery begins with included
};

}  // namespace millrace::hadoop
