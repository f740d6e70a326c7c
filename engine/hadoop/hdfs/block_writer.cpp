#include "engine/hadoop/hdfs/block_writer.h"

#include <utility>

#include "engine/base/check.h"

namespace millrace::hadoop {

void BlockWriter::open(sim::Context& context, const ClusterConfig& cluster, const Block& block,
                       const std::vector<NodeIndex>& targets, bool isRecovery, ByteCount kept) {
    MILLRACE_CHECK(!targets.empty(), block.id);
    constexpr SimDuration patienceForEach = std::chrono::seconds{5};
    m_isReady = false;
    m_unacked.clear();
    m_sent = m_acked = 0;
    m_ackedBytes = kept;
    m_bad = noNode;
    m_first = targets.front();
    m_patience = cluster.hdfs.socketTimeout + patienceForEach * static_cast<std::int64_t>(targets.size());
    const DaemonAddress& node = cluster.dataNodes[m_first];
    m_link.open(context, node.host, node.port, cluster.hdfs.socketTimeout);
    auto begin = makeRef<WriteBlock>();
    begin->block = block;
    begin->targets.assign(targets.begin() + 1, targets.end());
    begin->isRecovery = isRecovery;
    begin->kept = kept;
    m_link.request(context, std::move(begin), 0, m_patience,
                   [&](std::uint64_t round) { return makeRef<WriterAlarm>(m_id, round); });
}

void BlockWriter::send(sim::Context& context, BlockChunkRef chunk) {
    auto packet = makeRef<Packet>();
    packet->number = ++m_sent;
    packet->chunk = chunk;
    m_unacked.push_back(std::move(chunk));
    m_link.request(context, std::move(packet), m_sent, m_patience,
                   [&](std::uint64_t round) { return makeRef<WriterAlarm>(m_id, round); });
}

void BlockWriter::keepAlive(sim::Context& context) {
    if (m_isReady) {
        m_link.transmit(context, makeRef<KeepAlive>());
    }
}

BlockWriter::News BlockWriter::fail(sim::Context& context, NodeIndex bad) {
    m_bad = bad;
    m_isReady = false;
    m_link.close(context);
    return News::Failed;
}

BlockWriter::News BlockWriter::read(sim::Context& context, const sim::Message& message) {
    switch (m_link.read(context, message)) {
        case sim::Link::News::Lost:
            return fail(context, m_first);
        case sim::Link::News::Message:
            break;
        case sim::Link::News::None:
        case sim::Link::News::Opened:
            return News::None;
    }
    const auto* ack = message.as<PacketAck>();
    if (ack == nullptr) {
        return News::None;
    }
    if (ack->bad != noNode) {
        return fail(context, ack->bad);
    }
    m_link.answered();
    if (ack->number == 0) {
        m_isReady = true;
        return News::Ready;
    }
    m_acked = ack->number;
    const BlockChunkRef chunk = std::move(m_unacked.front());
    m_unacked.pop_front();
    if (chunk) {
        m_ackedBytes += chunk->size();
        return News::Acked;
    }
    m_link.close(context);
    m_isReady = false;
    return News::Done;
}

BlockWriter::News BlockWriter::due(sim::Context& context, const WriterAlarm& alarm) {
    if (alarm.writer != m_id || !m_link.isConnected()) {
        return News::None;
    }
    const bool isLate =
        m_link.isOverdue(context, [&](std::uint64_t round) { return makeRef<WriterAlarm>(m_id, round); });
    return isLate ? fail(context, m_first) : News::None;
}

}  // namespace millrace::hadoop
