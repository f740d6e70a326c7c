#include "engine/hadoop/hdfs/data_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/hadoop/cost.h"
#include "engine/hadoop/hdfs/data_node_messages.h"
#include "engine/hadoop/metrics.h"

namespace millrace::hadoop {

namespace {

constexpr std::string_view blockPrefix = "current/blk_";
constexpr std::string_view metaEnding = ".meta";
constexpr const char* versionFile = "current/VERSION";

std::string blockFile(std::uint64_t block) {
    return fmt::format("{}{}", blockPrefix, block);
}

CpuTime costOf(ByteCount bytes) {
    return cost::packet + cost::packetKibibyte * (bytes / 1024);
}

}  // namespace

DataNode::DataNode(ClusterRef cluster, NodeIndex self) : m_cluster(std::move(cluster)), m_self(self) {}

// --- life -----------------------------------------------------------------------------------------------------------

void DataNode::start(sim::Context& context) {
    if (context.disk().find(versionFile) == nullptr) {
        format(context);
    } else {
        load(context);
    }
    context.spend(cost::reportedBlock * static_cast<std::int64_t>(m_replicas.size()));
    context.listen(m_cluster->dataNodes[m_self].port);
    connect(context);
    context.arm(m_cluster->hdfs.heartbeatInterval, makeRef<DataNodeTimer>(DataNodeTimer::Purpose::Heartbeat));
}

/// A new disk, but for the blocks of files that stand in HDFS from the beginning.
void DataNode::format(sim::Context& context) {
    (void)context.replace(versionFile, makeRef<sim::TextChunk>("layoutVersion=-41"));
    for (const StoredBlock& block : m_cluster->blocks) {
        if (std::find(block.nodes.begin(), block.nodes.end(), m_self) == block.nodes.end()) {
            continue;
        }
        Replica replica;
        replica.file = context.file(blockFile(block.id));
        replica.generation = 1;
        replica.length = block.length;
        replica.isFinal = true;
        for (const BlockChunkRef& chunk : block.chunks) {
            if (!context.append(replica.file, chunk)) {
                context.kill(context.process(), sim::ProcessExited::Reason::Crashed);
                return;
            }
        }
        context.flush(replica.file, makeRef<BlockFlushed>(block.id, 0, 0));
        m_used += replica.length;
        writeMeta(context, block.id, replica);
        m_replicas.set(block.id, replica);
    }
}

void DataNode::load(sim::Context& context) {
    const sim::ProcessDisk disk = context.disk();
    for (const std::string& name : disk.list(blockPrefix)) {
        if (name.ends_with(metaEnding)) {
            continue;
        }
        std::uint64_t id = 0;
        const char* first = name.data() + blockPrefix.size();
        std::from_chars(first, name.data() + name.size(), id);
        const sim::File* meta = disk.find(name + std::string{metaEnding});
        if (meta == nullptr || meta->last() == nullptr) {
            context.remove(name);
            continue;
        }
        const auto& said = static_cast<const MetaChunk&>(*meta->last());
        const Replica replica{context.file(name), said.generation(), disk.find(name)->length(), said.isFinal()};
        m_used += replica.length;
        m_replicas.set(id, replica);
    }
}

void DataNode::connect(sim::Context& context) {
    m_nameNode.open(context, m_cluster->nameNode.host, m_cluster->nameNode.port, m_cluster->hdfs.socketTimeout);
}

void DataNode::registerSelf(sim::Context& context) {
    m_nameNode.transmit(context, makeRef<Registration>(m_self));
    report(context);
    beat(context);
}

void DataNode::report(sim::Context& context) {
    auto report = makeRef<BlockReport>();
    report->node = m_self;
    for (const auto& [id, replica] : m_replicas) {
        (replica.isFinal ? report->blocks : report->unfinished).push_back({id, replica.generation, replica.length});
    }
    context.spend(cost::reportedBlock * static_cast<std::int64_t>(m_replicas.size()));
    m_nameNode.transmit(context, std::move(report));
    m_nextReport = context.now() + m_cluster->hdfs.blockReportInterval;
}

void DataNode::beat(sim::Context& context) {
    auto heartbeat = makeRef<DataHeartbeat>();
    const ByteCount free = context.disk().free() - m_cluster->hdfs.reserved;
    heartbeat->node = m_self;
    heartbeat->used = m_used;
    heartbeat->remaining = std::max<ByteCount>(free, 0);
    heartbeat->capacity = m_used + heartbeat->remaining;
    heartbeat->transfers = transfers();
    heartbeat->copies = static_cast<std::uint32_t>(m_copies.size());
    m_nameNode.request(
        context, std::move(heartbeat), ++m_beats, m_cluster->hdfs.socketTimeout,
        [](std::uint64_t round) { return makeRef<DataNodeTimer>(DataNodeTimer::Purpose::NameNodeSilent, round); });
}

void DataNode::tellReceived(sim::Context& context, const Block& block) {
    if (m_nameNode.isOpen()) {  // else the report says it that comes with the next connection
        m_nameNode.transmit(context, makeRef<BlockReceived>(m_self, block));
    }
}

bool DataNode::onOwnLink(sim::Context& context, const sim::Message& message) {
    if (!m_nameNode.owns(context.connection())) {
        return false;
    }
    switch (m_nameNode.read(context, message)) {
        case sim::Link::News::Opened:
            registerSelf(context);
            break;
        case sim::Link::News::Lost:
            m_nameNode.backOff(context, sim::Backoff::constant(std::chrono::seconds{1}), [](std::uint64_t round) {
                return makeRef<DataNodeTimer>(DataNodeTimer::Purpose::Reconnect, round);
            });
            break;
        case sim::Link::News::Message:
            if (const auto* commands = message.as<DataCommands>()) {
                m_nameNode.answered();
                obey(context, *commands);
            }
            break;
        case sim::Link::News::None:
            break;
    }
    return true;
}

void DataNode::obey(sim::Context& context, const DataCommands& commands) {
    if (commands.registersAgain) {
        registerSelf(context);
        return;
    }
    for (const Block& block : commands.removals) {
        removeReplica(context, block);
    }
    for (const Block& block : commands.closures) {
        if (const Replica* replica = m_replicas.find(block.id);
            replica != nullptr && replica->generation == block.generation) {
            for (auto inflow = m_inflows.begin(); inflow != m_inflows.end(); ++inflow) {
                if (inflow->second.block.id == block.id) {
                    const sim::ConnectionId upstream = inflow->first;
                    dropInflow(context, upstream);
                    context.close(upstream);
                    break;
                }
            }
            finalise(context, block.id);
        }
    }
    for (const DataCommands::Copy& copy : commands.copies) {
        beginCopy(context, copy);
    }
}

void DataNode::handle(sim::Context& context, const sim::Message& message) {
    if (onOwnLink(context, message)) {
        return;
    }
    const sim::ConnectionId connection = context.connection();
    if (connection != sim::noConnection) {
        for (auto& [upstream, inflow] : m_inflows) {
            if (inflow.passesOn && inflow.onward.owns(connection)) {
                onOnward(context, upstream, inflow.onward.read(context, message));
                return;
            }
        }
        for (auto& [id, copying] : m_copies) {
            if (copying.writer.owns(connection)) {
                pumpCopy(context, copying, copying.writer.read(context, message));
                return;
            }
        }
    }
    if (const auto* packet = message.as<Packet>()) {
        onPacket(context, *packet);
    } else if (message.as<KeepAlive>() != nullptr) {
        if (const auto inflow = m_inflows.find(connection); inflow != m_inflows.end()) {
            inflow->second.heard = context.now();
            inflow->second.onward.keepAlive(context);
        }
    } else if (const auto* write = message.as<WriteBlock>()) {
        beginInflow(context, *write);
    } else if (const auto* read = message.as<ReadBlock>()) {
        beginOutflow(context, *read);
    } else if (message.as<sim::ConnectionWritable>() != nullptr) {
        if (const auto outflow = m_outflows.find(connection); outflow != m_outflows.end()) {
            pump(context, connection, outflow->second);
        }
    } else if (message.as<sim::ConnectionClosed>() != nullptr) {
        m_outflows.erase(connection);
        dropInflow(context, connection);
    } else if (const auto* flushed = message.as<BlockFlushed>()) {
        if (flushed->upstream != 0 && m_replicas.contains(flushed->block)) {
            finalise(context, flushed->block);
            context.transmit(sim::ConnectionId{flushed->upstream}, makeRef<PacketAck>(flushed->number, noNode));
        }
    } else if (const auto* alarm = message.as<WriterAlarm>()) {
        for (auto& [upstream, inflow] : m_inflows) {
            if (inflow.passesOn && inflow.onward.id() == alarm->writer) {
                onOnward(context, upstream, inflow.onward.due(context, *alarm));
                return;
            }
        }
        if (const auto copying = m_copies.find(alarm->writer); copying != m_copies.end()) {
            pumpCopy(context, copying->second, copying->second.writer.due(context, *alarm));
        }
    } else if (const auto* damaged = message.as<DamageReplica>()) {
        damage(context, damaged->block);
    } else if (const auto* timer = message.as<DataNodeTimer>()) {
        switch (timer->purpose) {
            case DataNodeTimer::Purpose::Heartbeat:
                dropSilent(context);
                if (m_nameNode.isOpen() && m_nameNode.inFlight() == 0) {
                    if (context.now() >= m_nextReport) {
                        report(context);
                    }
                    beat(context);
                }
                context.arm(m_cluster->hdfs.heartbeatInterval,
                            makeRef<DataNodeTimer>(DataNodeTimer::Purpose::Heartbeat));
                break;
            case DataNodeTimer::Purpose::Reconnect:
                if (m_nameNode.due(timer->argument) == sim::Link::Due::Reconnect) {
                    connect(context);
                }
                break;
            case DataNodeTimer::Purpose::NameNodeSilent:
                if (m_nameNode.isConnected() && m_nameNode.isOverdue(context, [](std::uint64_t round) {
                        return makeRef<DataNodeTimer>(DataNodeTimer::Purpose::NameNodeSilent, round);
                    })) {
                    m_nameNode.close(context);
                    connect(context);
                }
                break;
            case DataNodeTimer::Purpose::DiskRead:
                onDiskRead(context, sim::ConnectionId{timer->argument});
                break;
        }
    }
}

// --- blocks that come in --------------------------------------------------------------------------------------------

void DataNode::refuse(sim::Context& context, sim::ConnectionId upstream, std::uint64_t number, NodeIndex bad) {
    context.transmit(upstream, makeRef<PacketAck>(number, bad));
    dropInflow(context, upstream);
    context.close(upstream);
}

void DataNode::dropInflow(sim::Context& context, sim::ConnectionId upstream) {
    const auto inflow = m_inflows.find(upstream);
    if (inflow == m_inflows.end()) {
        return;
    }
    if (inflow->second.passesOn) {
        inflow->second.onward.close(context);
    }
    m_inflows.erase(inflow);
}

/// Writers and readers whose machines are off or cut away close nothing. A writer says something every half minute
/// at least; a reader that takes nothing is waited for as long as `dfs.datanode.socket.write.timeout` says.
void DataNode::dropSilent(sim::Context& context) {
    constexpr SimDuration readerPatience = std::chrono::minutes{8};
    std::vector<sim::ConnectionId> silent;
    for (const auto& [upstream, inflow] : m_inflows) {
        if (context.now() - inflow.heard >= m_cluster->hdfs.writerPatience()) {
            silent.push_back(upstream);
        }
    }
    for (const auto& [reader, outflow] : m_outflows) {
        if (!outflow.isReading && context.now() - outflow.moved >= readerPatience) {
            silent.push_back(reader);
        }
    }
    for (const sim::ConnectionId each : silent) {
        m_outflows.erase(each);
        dropInflow(context, each);
        context.close(each);
    }
}

void DataNode::beginInflow(sim::Context& context, const WriteBlock& begin) {
    context.spend(cost::transfer);
    const sim::ConnectionId upstream = context.connection();
    const std::uint64_t id = begin.block.id;
    if (context.disk().free() <= m_cluster->hdfs.reserved) {
        refuse(context, upstream, 0, m_self);
        return;
    }
    for (auto other = m_inflows.begin(); other != m_inflows.end(); ++other) {
        if (other->second.block.id == id) {  // the pipeline that broke
            const sim::ConnectionId gone = other->first;
            dropInflow(context, gone);
            context.close(gone);
            break;
        }
    }
    Replica replica;
    if (const Replica* known = m_replicas.find(id)) {
        replica = *known;
    }
    replica.file = context.file(blockFile(id));
    if (begin.isRecovery) {
        const sim::File* file = fileOf(context, id);
        ByteCount kept = 0;
        std::uint64_t chunk = file != nullptr ? file->chunks().firstIndex() : 0;
        while (file != nullptr && chunk < file->chunks().endIndex() &&
               kept + file->chunks()[chunk]->size() <= begin.kept) {
            kept += file->chunks()[chunk++]->size();
        }
        if (kept != begin.kept) {  // it lacks what all had
            refuse(context, upstream, 0, m_self);
            return;
        }
        if (file != nullptr) {
            context.truncate(replica.file, chunk);
        }
        m_used -= replica.length - kept;
        replica.length = kept;
    } else {
        if (replica.isFinal && replica.generation >= begin.block.generation) {  // has it already
            refuse(context, upstream, 0, m_self);
            return;
        }
        context.remove(replica.file);
        m_used -= replica.length;
        replica.length = 0;
    }
    replica.generation = begin.block.generation;
    replica.isFinal = false;
    writeMeta(context, id, replica);
    m_replicas.set(id, replica);
    Inflow& inflow = m_inflows[upstream];
    inflow.block = begin.block;
    inflow.heard = context.now();
    inflow.passesOn = !begin.targets.empty();
    if (inflow.passesOn) {
        inflow.onward = BlockWriter(m_nextWriter++);
        inflow.onward.open(context, *m_cluster, begin.block, begin.targets, begin.isRecovery, begin.kept);
    } else {
        context.transmit(upstream, makeRef<PacketAck>(0, noNode));
    }
}

void DataNode::onPacket(sim::Context& context, const Packet& packet) {
    const sim::ConnectionId upstream = context.connection();
    const auto at = m_inflows.find(upstream);
    if (at == m_inflows.end()) {
        return;
    }
    Inflow& inflow = at->second;
    inflow.heard = context.now();
    inflow.received = packet.number;
    inflow.hasEnded = !packet.chunk;
    const ByteCount bytes = packet.chunk ? packet.chunk->size() : 0;
    context.spend(costOf(bytes));
    Replica* replica = m_replicas.update(inflow.block.id);
    if (replica == nullptr) {
        refuse(context, upstream, packet.number, m_self);
        return;
    }
    if (packet.chunk) {
        // The last one of a pipeline checks the sums.
        if ((!inflow.passesOn && !packet.chunk->isIntact()) || !context.append(replica->file, packet.chunk)) {
            refuse(context, upstream, packet.number, m_self);
            return;
        }
        replica->length += bytes;
        m_used += bytes;
        m_bytesWritten += bytes;
    }
    if (inflow.passesOn) {
        inflow.onward.send(context, packet.chunk);
    } else if (inflow.hasEnded) {
        endBlock(context, upstream, inflow);
    } else {
        context.transmit(upstream, makeRef<PacketAck>(packet.number, noNode));
    }
}

void DataNode::onOnward(sim::Context& context, sim::ConnectionId upstream, BlockWriter::News news) {
    Inflow& inflow = m_inflows.at(upstream);
    switch (news) {
        case BlockWriter::News::None:
            break;
        case BlockWriter::News::Ready:
            context.transmit(upstream, makeRef<PacketAck>(0, noNode));
            break;
        case BlockWriter::News::Acked:
            context.transmit(upstream, makeRef<PacketAck>(inflow.onward.ackedPackets(), noNode));
            break;
        case BlockWriter::News::Done:
            endBlock(context, upstream, inflow);
            break;
        case BlockWriter::News::Failed:
            refuse(context, upstream, inflow.onward.ackedPackets(), inflow.onward.bad());
            break;
    }
}

void DataNode::endBlock(sim::Context& context, sim::ConnectionId upstream, Inflow& inflow) {
    const std::uint64_t block = inflow.block.id;
    const std::uint64_t number = inflow.received;
    m_inflows.erase(upstream);
    if (m_cluster->hdfs.syncOnClose) {
        context.flush(m_replicas.at(block).file, makeRef<BlockFlushed>(block, upstream.value, number));
    } else {
        finalise(context, block);
        context.transmit(upstream, makeRef<PacketAck>(number, noNode));
    }
}

void DataNode::finalise(sim::Context& context, std::uint64_t block) {
    Replica& replica = *m_replicas.update(block);
    replica.isFinal = true;
    writeMeta(context, block, replica);
    tellReceived(context, {block, replica.generation, replica.length});
}

void DataNode::writeMeta(sim::Context& context, std::uint64_t block, const Replica& replica) {
    (void)context.replace(blockFile(block) + std::string{metaEnding},
                          makeRef<MetaChunk>(replica.generation, replica.isFinal));
}

// --- blocks that go out ---------------------------------------------------------------------------------------------

const sim::File* DataNode::fileOf(sim::Context& context, std::uint64_t block) const {
    return context.disk().find(blockFile(block));
}

SimTime DataNode::diskTime(const sim::Context& context, ByteCount bytes) {
    const double seconds = static_cast<double>(bytes) / static_cast<double>(m_cluster->dataNodes[m_self].readRate);
    m_diskFreeAt = std::max(context.now(), m_diskFreeAt) + fromSeconds(seconds * context.disk().slowness());
    return m_diskFreeAt;
}

void DataNode::beginOutflow(sim::Context& context, const ReadBlock& read) {
    context.spend(cost::transfer);
    const Replica* replica = m_replicas.find(read.block.id);
    const sim::File* file = replica != nullptr ? fileOf(context, read.block.id) : nullptr;
    if (file == nullptr || replica->generation < read.block.generation || read.from >= replica->length) {
        auto answer = makeRef<ReadPacket>();
        answer->isMissing = file == nullptr || replica->generation < read.block.generation;
        answer->isLast = true;
        context.transmit(context.connection(), std::move(answer));
        return;
    }
    Outflow outflow;
    outflow.block = read.block.id;
    outflow.chunk = file->chunks().firstIndex();
    while (outflow.at + file->chunks()[outflow.chunk]->size() <= read.from) {
        outflow.at += file->chunks()[outflow.chunk++]->size();
    }
    outflow.from = read.from;
    outflow.to = std::min(read.to, replica->length);
    outflow.moved = context.now();
    Outflow& kept = m_outflows[context.connection()];
    kept = outflow;
    pump(context, context.connection(), kept);
}

void DataNode::pump(sim::Context& context, sim::ConnectionId reader, Outflow& outflow) {
    if (outflow.isReading || context.unsent(reader) >= sim::Context::connectionWindow) {
        return;  // ConnectionWritable will come
    }
    const sim::File* file = fileOf(context, outflow.block);
    if (file == nullptr || outflow.chunk >= file->chunks().endIndex()) {
        auto answer = makeRef<ReadPacket>();
        answer->isLast = answer->isMissing = true;
        context.transmit(reader, std::move(answer));
        m_outflows.erase(reader);
        return;
    }
    const ByteCount size = file->chunks()[outflow.chunk]->size();
    const ByteCount bytes = std::min(outflow.at + size, outflow.to) - std::max(outflow.at, outflow.from);
    outflow.isReading = true;
    context.arm(diskTime(context, bytes) - context.now(),
                makeRef<DataNodeTimer>(DataNodeTimer::Purpose::DiskRead, reader.value));
}

void DataNode::onDiskRead(sim::Context& context, sim::ConnectionId reader) {
    const auto at = m_outflows.find(reader);
    if (at == m_outflows.end()) {
        return;
    }
    Outflow& outflow = at->second;
    outflow.isReading = false;
    outflow.moved = context.now();
    auto packet = makeRef<ReadPacket>();
    const sim::File* file = fileOf(context, outflow.block);
    if (file == nullptr || outflow.chunk >= file->chunks().endIndex()) {
        packet->isLast = packet->isMissing = true;
        context.transmit(reader, std::move(packet));
        m_outflows.erase(at);
        return;
    }
    const BlockChunkRef chunk(static_cast<const BlockChunk*>(file->chunks()[outflow.chunk].get()));
    const ByteCount end = outflow.at + chunk->size();
    packet->chunk = chunk;
    packet->from = static_cast<std::uint32_t>(std::max(outflow.from, outflow.at) - outflow.at);
    packet->to = static_cast<std::uint32_t>(std::min(outflow.to, end) - outflow.at);
    packet->isLast = end >= outflow.to;
    context.spend(costOf(packet->to - packet->from));
    m_bytesRead += packet->to - packet->from;
    ++outflow.chunk;
    outflow.at = end;
    const bool isLast = packet->isLast;
    context.transmit(reader, std::move(packet));
    if (isLast) {
        m_outflows.erase(at);
    } else {
        pump(context, reader, outflow);
    }
}

void DataNode::beginCopy(sim::Context& context, const DataCommands::Copy& copy) {
    const Replica* replica = m_replicas.find(copy.block.id);
    if (replica == nullptr || !replica->isFinal || copy.targets.empty()) {
        return;
    }
    context.spend(cost::transfer);
    const std::uint64_t id = m_nextWriter++;
    Copying& copying = m_copies[id];
    copying.block = {copy.block.id, replica->generation, replica->length};
    copying.writer = BlockWriter(id);
    copying.writer.open(context, *m_cluster, copying.block, copy.targets, false, 0);
}

void DataNode::pumpCopy(sim::Context& context, Copying& copying, BlockWriter::News news) {
    const std::uint64_t id = copying.writer.id();
    if (news == BlockWriter::News::Done || news == BlockWriter::News::Failed) {
        context.journal(
            {news == BlockWriter::News::Done ? "hadoop.block-copied" : "hadoop.block-not-copied",
             sim::Severity::Detail,
             fmt::format("DataNode {} {} block {}", m_cluster->dataNodes[m_self].name,
                         news == BlockWriter::News::Done ? "has copied" : "could not copy", copying.block.id),
             {{"block", std::to_string(copying.block.id)}}});
        copying.writer.close(context);
        m_copies.erase(id);
        return;
    }
    const sim::File* file = fileOf(context, copying.block.id);
    while (copying.writer.hasRoom() && !copying.hasEnded && file != nullptr) {
        const std::uint64_t at = file->chunks().firstIndex() + copying.chunk;
        if (at >= file->chunks().endIndex()) {
            copying.hasEnded = true;
            copying.writer.send(context, nullptr);
            return;
        }
        const BlockChunkRef chunk(static_cast<const BlockChunk*>(file->chunks()[at].get()));
        if (!chunk->isIntact()) {
            reportOwn(context, copying.block);
            copying.writer.close(context);
            m_copies.erase(id);
            return;
        }
        context.spend(costOf(chunk->size()));
        (void)diskTime(context, chunk->size());
        m_bytesRead += chunk->size();
        ++copying.chunk;
        copying.writer.send(context, chunk);
    }
    if (file == nullptr) {
        copying.writer.close(context);
        m_copies.erase(id);
    }
}

/// Its own replica is damaged: somebody else has to be copied from.
void DataNode::reportOwn(sim::Context& context, const Block& block) {
    auto report = makeRef<NameNodeCall>();
    report->op = NameOp::ReportBadBlock;
    report->block = block;
    report->nodes = {m_self};
    m_nameNode.transmit(context, std::move(report));
}

void DataNode::removeReplica(sim::Context& context, const Block& removed) {
    const std::uint64_t block = removed.id;
    const Replica* replica = m_replicas.find(block);
    if (replica == nullptr || replica->generation > removed.generation) {
        return;
    }
    m_used -= replica->length;
    context.remove(replica->file);
    context.remove(blockFile(block) + std::string{metaEnding});
    m_replicas.erase(block);
}

/// The medium gives other bytes back than were written: the first chunk's.
void DataNode::damage(sim::Context& context, std::uint64_t block) {
    const sim::File* file = fileOf(context, block);
    if (file == nullptr || file->chunks().empty()) {
        return;
    }
    std::vector<sim::ChunkRef> chunks(file->chunks().begin(), file->chunks().end());
    const auto& first = static_cast<const BlockChunk&>(*chunks.front());
    std::string bytes(first.data().text());
    bytes.front() = static_cast<char>(bytes.front() ^ 0x40);
    chunks.front() = makeRef<BlockChunk>(Slice(makeRef<Bytes>(std::move(bytes))), first.sum());
    const sim::FileId id = m_replicas.at(block).file;
    context.truncate(id, file->chunks().firstIndex());
    for (const sim::ChunkRef& chunk : chunks) {
        (void)context.append(id, chunk);
    }
}

void DataNode::sample(sim::MetricSink& sink) const {
    sink.add(metric::replicas, static_cast<double>(m_replicas.size()));
    sink.add(metric::usedBytes, static_cast<double>(m_used));
    sink.add(metric::blockBytesRead, static_cast<double>(m_bytesRead));
    sink.add(metric::blockBytesWritten, static_cast<double>(m_bytesWritten));
    sink.add(metric::transfers, transfers());
}

}  // namespace millrace::hadoop
