#include "engine/hadoop/hdfs/name_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/hadoop/cost.h"
#include "engine/hadoop/hdfs/name_node_messages.h"
#include "engine/hadoop/metrics.h"

namespace millrace::hadoop {

namespace {

constexpr const char* imageFile = "current/fsimage";
constexpr const char* editsFile = "current/edits";
constexpr const char* ownLease = "HDFS_NameNode";
constexpr SimDuration leaseCheck = std::chrono::seconds{30};

bool changes(NameOp op) {
    return op != NameOp::Locations && op != NameOp::Status && op != NameOp::List && op != NameOp::RenewLease &&
           op != NameOp::ReportBadBlock;
}

}  // namespace

// --- life -----------------------------------------------------------------------------------------------------------

void NameNode::start(sim::Context& context) {
    context.listen(m_cluster->nameNode.port);
    m_edits = context.file(editsFile);
    m_nodes.resize(m_cluster->dataNodes.size());
    load(context);
    for (const auto& [path, node] : m_space.nodes()) {
        if (node->isOpen()) {
            m_leases[node->writer] = context.now();
        }
        for (std::uint64_t i = node->blocks.firstIndex(); i < node->blocks.endIndex(); ++i) {
            BlockInfo info;
            info.block = node->blocks[i];
            info.replication = node->replication;
            info.isOpen = node->isOpen() && i + 1 == node->blocks.endIndex();
            m_blocksAtStart += info.isOpen ? 0U : 1U;
            m_blocks.set(info.block.id, std::move(info));
        }
    }
    context.spend(cost::imageEntry * static_cast<std::int64_t>(m_space.nodes().size() + m_blocks.size()));
    context.arm(leaseCheck, makeRef<NameNodeTimer>(NameNodeTimer::Purpose::Leases));
    context.arm(m_cluster->hdfs.replicationInterval, makeRef<NameNodeTimer>(NameNodeTimer::Purpose::Replicate));
    if (m_blocksAtStart > 0) {
        context.journal({"hadoop.safe-mode-entered",
                         sim::Severity::Notice,
                         fmt::format("The NameNode is in safe mode until {} of its {} blocks are reported",
                                     fmt::format("{:.1f} %", m_cluster->hdfs.safeModeThreshold * 100), m_blocksAtStart),
                         {{"blocks", std::to_string(m_blocksAtStart)}}});
    }
    checkSafeMode(context);
}

void NameNode::load(sim::Context& context) {
    const sim::ProcessDisk disk = context.disk();
    const sim::File* image = disk.find(imageFile);
    if (image == nullptr) {
        format();
        (void)context.replace(imageFile, makeRef<ImageChunk>(m_space));
        return;
    }
    m_space = static_cast<const ImageChunk&>(*image->last()).space();
    if (const sim::File* edits = disk.find(editsFile)) {
        std::uint64_t count = 0;
        for (const sim::ChunkRef& chunk : edits->chunks()) {
            m_space.apply(static_cast<const EditChunk&>(*chunk).edit());
            ++count;
        }
        context.spend(cost::replayedEdit * static_cast<std::int64_t>(count));
        if (count > 0 && context.replace(imageFile, makeRef<ImageChunk>(m_space))) {
            context.truncate(m_edits, edits->chunks().firstIndex());
        }
    }
}

/// An empty namespace, but for what stands there from the beginning.
void NameNode::format() {
    for (const StoredFile& file : m_cluster->files) {
        Edit edit;
        edit.kind = Edit::Kind::Create;
        edit.path = file.path;
        edit.replication = file.replication;
        edit.blockSize = file.blockSize;
        m_space.apply(edit);
    }
    for (const StoredBlock& block : m_cluster->blocks) {
        Edit edit;
        edit.kind = Edit::Kind::AddBlock;
        edit.path = m_cluster->files[block.file].path;
        edit.block = {block.id, 1, block.length};
        m_space.apply(edit);
    }
}

void NameNode::handle(sim::Context& context, const sim::Message& message) {
    if (const auto* call = message.as<NameNodeCall>()) {
        onCall(context, *call);
    } else if (const auto* heartbeat = message.as<DataHeartbeat>()) {
        onHeartbeat(context, *heartbeat);
    } else if (const auto* received = message.as<BlockReceived>()) {
        onReceived(context, received->node, received->block);
    } else if (const auto* report = message.as<BlockReport>()) {
        onReport(context, *report);
    } else if (const auto* registration = message.as<Registration>()) {
        onRegistration(context, registration->node);
    } else if (const auto* flushed = message.as<EditsFlushed>()) {
        onEditsFlushed(context, flushed->upTo);
    } else if (const auto* accepted = message.as<sim::ConnectionAccepted>()) {
        m_peers[context.connection()] = accepted->peerHost;
    } else if (message.as<sim::ConnectionClosed>() != nullptr) {
        m_peers.erase(context.connection());
        if (const auto node = m_nodeConnections.find(context.connection()); node != m_nodeConnections.end()) {
            if (m_nodes[node->second].connection == context.connection()) {
                m_nodes[node->second].connection = sim::noConnection;
            }
            m_nodeConnections.erase(node);
        }
    } else if (const auto* timer = message.as<NameNodeTimer>()) {
        switch (timer->purpose) {
            case NameNodeTimer::Purpose::Replicate:
                if (!m_cluster->broken.forgetsReplicas) {
                    replicate(context);
                }
                context.arm(m_cluster->hdfs.replicationInterval,
                            makeRef<NameNodeTimer>(NameNodeTimer::Purpose::Replicate));
                break;
            case NameNodeTimer::Purpose::NodeSilent:
                onNodeWatch(context, timer->node, timer->watch);
                break;
            case NameNodeTimer::Purpose::SafeModeEnds:
                leaveSafeMode(context);
                break;
            case NameNodeTimer::Purpose::Leases:
                checkLeases(context);
                context.arm(leaseCheck, makeRef<NameNodeTimer>(NameNodeTimer::Purpose::Leases));
                break;
        }
    }
}

// --- edits ----------------------------------------------------------------------------------------------------------

void NameNode::log(sim::Context& context, Edit edit) {
    context.spend(cost::edit);
    m_space.apply(edit);
    if (!context.append(m_edits, makeRef<EditChunk>(std::move(edit)))) {
        context.journal(
            {"hadoop.disk-full", sim::Severity::Error, "The NameNode cannot write its edit log and stops", {}});
        context.kill(context.process(), sim::ProcessExited::Reason::Crashed);
        return;
    }
    ++m_logged;
}

void NameNode::flushEdits(sim::Context& context) {
    if (!m_isFlushing && m_flushed < m_logged) {
        m_isFlushing = true;
        context.flush(m_edits, makeRef<EditsFlushed>(m_logged));
    }
}

void NameNode::onEditsFlushed(sim::Context& context, std::uint64_t upTo) {
    m_isFlushing = false;
    m_flushed = upTo;
    std::size_t answered = 0;
    for (; answered < m_unanswered.size() && m_unanswered[answered].edits <= upTo; ++answered) {
        context.transmit(m_unanswered[answered].connection, m_unanswered[answered].reply);
    }
    m_unanswered.erase(m_unanswered.begin(), m_unanswered.begin() + static_cast<std::ptrdiff_t>(answered));
    flushEdits(context);
}

// --- calls ----------------------------------------------------------------------------------------------------------

void NameNode::onCall(sim::Context& context, const NameNodeCall& call) {
    context.spend(cost::call);
    ++m_calls;
    auto reply = makeRef<NameNodeReply>();
    reply->tag = call.tag;
    if (!call.client.empty()) {
        if (const auto lease = m_leases.find(call.client); lease != m_leases.end()) {
            lease->second = context.now();
        }
    }
    if (m_isInSafeMode && changes(call.op)) {
        reply->error = DfsError::SafeMode;
    } else {
        perform(context, call, *reply);
    }
    if (m_flushed < m_logged && changes(call.op)) {
        m_unanswered.push_back({context.connection(), std::move(reply), m_logged});
        flushEdits(context);
    } else {
        context.transmit(context.connection(), std::move(reply));
    }
}

void NameNode::perform(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply) {
    const FileNode* node = m_space.find(call.path);
    switch (call.op) {
        case NameOp::Create:
            create(context, call, reply);
            break;
        case NameOp::AddBlock:
            addBlock(context, call, reply);
            break;
        case NameOp::AbandonBlock:
            abandonBlock(context, call, reply);
            break;
        case NameOp::RecoverBlock:
            recoverBlock(context, call, reply);
            break;
        case NameOp::Complete:
            complete(context, call, reply);
            break;
        case NameOp::RenewLease:
            break;
        case NameOp::RecoverLease:
            if (node == nullptr) {
                reply.error = DfsError::NotFound;
            } else if (node->isOpen()) {
                takeLease(context, call.path, reply);
            }
            break;
        case NameOp::Locations:
            locate(context, call, reply);
            break;
        case NameOp::Status:
            if (node == nullptr) {
                reply.error = DfsError::NotFound;
            } else {
                reply.files.push_back(m_space.statusOf(call.path, *node));
            }
            break;
        case NameOp::List:
            if (node == nullptr) {
                reply.error = DfsError::NotFound;
            } else if (!node->isDirectory) {
                reply.files.push_back(m_space.statusOf(call.path, *node));
            } else {
                for (const std::string& child : m_space.childrenOf(call.path)) {
                    reply.files.push_back(m_space.statusOf(child, *m_space.find(child)));
                }
            }
            break;
        case NameOp::Mkdirs:
            if (node == nullptr) {
                log(context, {.kind = Edit::Kind::Mkdirs, .path = call.path});
            } else if (!node->isDirectory) {
                reply.error = DfsError::AlreadyExists;
            }
            break;
        case NameOp::Rename:
            rename(context, call, reply);
            break;
        case NameOp::Remove:
            if (node != nullptr) {
                remove(context, call.path);
            }
            break;
        case NameOp::ReportBadBlock:
            if (!call.nodes.empty()) {
                reportBad(context, call.block.id, call.nodes.front());
            }
            break;
    }
}

void NameNode::create(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply) {
    if (const FileNode* node = m_space.find(call.path)) {
        if (node->isDirectory) {
            reply.error = DfsError::AlreadyExists;
            return;
        }
        if (node->writer == call.client && node->blocks.empty()) {
            return;  // asked again
        }
        if (node->isOpen() && node->writer != call.client && !call.overwrites) {
            const auto lease = m_leases.find(node->writer);
            if (lease == m_leases.end() || context.now() - lease->second > HdfsConfig::leaseSoftLimit) {
                takeLease(context, call.path, reply);
            }
            reply.error = DfsError::AlreadyBeingCreated;
            return;
        }
        if (!call.overwrites) {
            reply.error = DfsError::AlreadyExists;
            return;
        }
        remove(context, call.path);
    }
    Edit edit;
    edit.kind = Edit::Kind::Create;
    edit.path = call.path;
    edit.client = call.client;
    edit.replication =
        std::max(m_cluster->hdfs.replicationMin, std::min(call.replication, m_cluster->hdfs.replicationMax));
    edit.blockSize = call.blockSize;
    m_leases[call.client] = context.now();
    log(context, std::move(edit));
}

const FileNode* NameNode::writable(const NameNodeCall& call, NameNodeReply& reply) const {
    const FileNode* node = m_space.find(call.path);
    if (node == nullptr || node->isDirectory) {
        reply.error = DfsError::NotFound;
        return nullptr;
    }
    if (node->writer != call.client) {
        reply.error = DfsError::LeaseExpired;
        return nullptr;
    }
    return node;
}

sim::HostId NameNode::clientHost(sim::Context& context) const {
    const auto peer = m_peers.find(context.connection());
    return peer != m_peers.end() ? peer->second : sim::noHost;
}

void NameNode::addBlock(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply) {
    const FileNode* file = writable(call, reply);
    if (file == nullptr) {
        return;
    }
    const sim::HostId host = clientHost(context);
    if (call.index < file->blocks.size()) {  // asked again
        const BlockInfo& info = m_blocks.at(file->blocks.back().id);
        if (!info.expected.empty()) {
            reply.blocks.push_back({info.block, 0, true, info.expected});
            return;
        }
        dropLastBlock(context, call.path);  // of a NameNode that died before it answered: nobody writes it
        file = m_space.find(call.path);
    }
    if (!file->blocks.empty() && m_blocks.at(file->blocks.back().id).replicas.size() < m_cluster->hdfs.replicationMin) {
        reply.error = DfsError::NotReplicatedYet;
        return;
    }
    const std::vector<Placement::Node> nodes = placementNodes();
    Placement::Wish wish;
    wish.writer = host;
    wish.writerRack = m_cluster->rackOf(host);
    wish.replicas = file->replication;
    wish.excluded = call.nodes;
    wish.blockSize = file->blockSize;
    const std::vector<NodeIndex> targets = Placement(*m_cluster, nodes).choose(wish, context.random());
    if (targets.size() < m_cluster->hdfs.replicationMin) {
        reply.error = DfsError::NoTargets;
        return;
    }
    settleLastBlock(context, call.path);
    BlockInfo info;
    info.block = {m_space.nextBlock(), m_space.nextGeneration(), 0};
    info.replication = file->replication;
    info.isOpen = true;
    info.expected = targets;
    log(context, {.kind = Edit::Kind::AddBlock, .path = call.path, .block = info.block});
    reply.blocks.push_back({info.block, 0, true, targets});
    m_blocks.set(info.block.id, std::move(info));
}

/// The block before the next one, and the last one of a file, is as long as its DataNodes say, and its replication is
/// looked after from then on.
void NameNode::settleLastBlock(sim::Context& context, const std::string& path) {
    const FileNode* file = m_space.find(path);
    if (file == nullptr || file->blocks.empty()) {
        return;
    }
    const std::uint64_t id = file->blocks.back().id;
    BlockInfo& info = *m_blocks.update(id);
    if (!info.isOpen) {
        return;
    }
    info.isOpen = false;
    info.expected.clear();
    log(context, {.kind = Edit::Kind::SetBlock, .path = path, .block = info.block});
    updateNeeded(id, info);
}

void NameNode::abandonBlock(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply) {
    const FileNode* file = writable(call, reply);
    if (file != nullptr && !file->blocks.empty() && file->blocks.back().id == call.block.id) {
        dropLastBlock(context, call.path);
    }
}

void NameNode::dropLastBlock(sim::Context& context, const std::string& path) {
    forgetBlock(m_space.find(path)->blocks.back().id);
    log(context, {.kind = Edit::Kind::AbandonBlock, .path = path});
}

void NameNode::recoverBlock(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply) {
    const FileNode* file = writable(call, reply);
    if (file == nullptr) {
        return;
    }
    if (file->blocks.empty() || file->blocks.back().id != call.block.id) {
        reply.error = DfsError::NotFound;
        return;
    }
    BlockInfo& info = *m_blocks.update(call.block.id);
    if (info.block.generation == call.block.generation) {
        info.block = {call.block.id, m_space.nextGeneration(), 0};
        info.expected = call.nodes;
        for (const NodeIndex node : std::exchange(info.replicas, {})) {
            --m_nodes[node].blocks;
        }
        log(context, {.kind = Edit::Kind::SetBlock, .path = call.path, .block = info.block});
    }
    if (info.expected.empty()) {  // the NameNode has started again meanwhile
        info.expected = call.nodes;
    }
    reply.blocks.push_back({info.block, 0, true, info.expected});
}

void NameNode::complete(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply) {
    const FileNode* node = m_space.find(call.path);
    if (node != nullptr && !node->isOpen()) {
        return;  // asked again
    }
    const FileNode* file = writable(call, reply);
    if (file == nullptr) {
        return;
    }
    if (!file->blocks.empty() && m_blocks.at(file->blocks.back().id).replicas.size() < m_cluster->hdfs.replicationMin) {
        reply.error = DfsError::NotReplicatedYet;
        return;
    }
    closeFile(context, call.path);
}

void NameNode::closeFile(sim::Context& context, const std::string& path) {
    settleLastBlock(context, path);
    log(context, {.kind = Edit::Kind::Close, .path = path});
}

LocatedBlock NameNode::located(const BlockInfo& info, ByteCount offset, sim::HostId host, sim::Context& context) const {
    LocatedBlock block{info.block, offset, info.isOpen, {}};
    if (info.isOpen) {
        for (const NodeIndex node : info.expected) {
            if (m_nodes[node].isRegistered) {
                block.nodes.push_back(node);
            }
        }
    } else {
        block.nodes = info.replicas;
    }
    if (block.nodes.size() > 1) {
        std::rotate(block.nodes.begin(),
                    block.nodes.begin() + static_cast<std::ptrdiff_t>(context.random().below(block.nodes.size())),
                    block.nodes.end());
    }
    const std::string rack = m_cluster->rackOf(host);
    std::stable_sort(block.nodes.begin(), block.nodes.end(), [&](NodeIndex a, NodeIndex b) {
        return ClusterConfig::distance(m_cluster->dataNodes[a], host, rack) <
               ClusterConfig::distance(m_cluster->dataNodes[b], host, rack);
    });
    return block;
}

/// While it is in safe mode it may not have been told yet where a block is: then it says so, instead of that the block
/// is nowhere (FSNamesystem.getBlockLocations of Hadoop 2: "Zero blocklocations").
void NameNode::locate(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply) {
    const FileNode* file = m_space.find(call.path);
    if (file == nullptr || file->isDirectory) {
        reply.error = DfsError::NotFound;
        return;
    }
    const sim::HostId host = clientHost(context);
    ByteCount at = 0;
    for (const Block& block : file->blocks) {
        const BlockInfo& info = m_blocks.at(block.id);
        const ByteCount end = at + info.block.length;
        const bool overlaps = end > call.offset && at < call.offset + call.length;
        if (overlaps || (info.isOpen && call.offset + call.length > at)) {
            reply.blocks.push_back(located(info, at, host, context));
            if (m_isInSafeMode && !info.isOpen && info.replicas.empty()) {
                reply.blocks.clear();
                reply.error = DfsError::SafeMode;
                return;
            }
        }
        at = end;
    }
    reply.length = at;
    reply.files.push_back(m_space.statusOf(call.path, *file));
}

void NameNode::rename(sim::Context& context, const NameNodeCall& call, NameNodeReply& reply) {
    const bool isThere = m_space.find(call.path) != nullptr;
    const bool isTaken = m_space.find(call.target) != nullptr;
    if (!isThere) {
        reply.error = isTaken ? DfsError::None : DfsError::NotFound;  // asked again, or never there
    } else if (isTaken) {
        reply.error = DfsError::AlreadyExists;
    } else {
        log(context, {.kind = Edit::Kind::Rename, .path = call.path, .target = call.target});
    }
}

void NameNode::remove(sim::Context& context, const std::string& path) {
    for (const std::string& each : m_space.allBelow(path)) {
        for (const Block& block : m_space.find(each)->blocks) {
            forgetBlock(block.id);
        }
    }
    log(context, {.kind = Edit::Kind::Remove, .path = path});
}

// --- leases ---------------------------------------------------------------------------------------------------------

/// The file is taken from its writer: its last block ends where its DataNodes are, then the file is closed.
void NameNode::takeLease(sim::Context& context, const std::string& path, NameNodeReply& reply) {
    const FileNode* file = m_space.find(path);
    if (file->blocks.empty() || !m_blocks.at(file->blocks.back().id).isOpen) {
        closeFile(context, path);
        return;
    }
    const std::uint64_t id = file->blocks.back().id;
    const BlockInfo& info = m_blocks.at(id);
    if (!info.replicas.empty()) {
        closeFile(context, path);
        return;
    }
    std::uint32_t asked = 0;
    for (const NodeIndex node : info.expected) {
        if (m_nodes[node].isRegistered) {
            m_nodes[node].closures.push_back(info.block);
            ++asked;
        }
    }
    if (asked == 0) {
        context.journal({"hadoop.block-lost",
                         sim::Severity::Error,
                         fmt::format("The last block of {} is gone with its DataNodes: nobody had ended it", path),
                         {{"path", path}}});
        dropLastBlock(context, path);
        closeFile(context, path);
        return;
    }
    if (file->writer != ownLease) {
        log(context, {.kind = Edit::Kind::Lease, .path = path, .client = ownLease});
    }
    m_leases[ownLease] = context.now();
    m_taken.set(id, path);
    reply.error = DfsError::AlreadyBeingCreated;
}

void NameNode::checkLeases(sim::Context& context) {
    std::vector<std::string> expired;
    for (const auto& [client, renewed] : m_leases) {
        const SimDuration limit = client == ownLease ? HdfsConfig::leaseSoftLimit : HdfsConfig::leaseHardLimit;
        if (context.now() - renewed > limit) {
            expired.push_back(client);
        }
    }
    if (expired.empty() || m_isInSafeMode) {
        return;
    }
    std::vector<std::string> paths;
    for (const auto& [path, node] : m_space.nodes()) {
        if (node->isOpen() && std::find(expired.begin(), expired.end(), node->writer) != expired.end()) {
            paths.push_back(path);
        }
    }
    for (const std::string& client : expired) {
        m_leases.erase(client);
    }
    for (const std::string& path : paths) {
        NameNodeReply unused;
        takeLease(context, path, unused);
    }
    flushEdits(context);
}

// --- figures --------------------------------------------------------------------------------------------------------

void NameNode::sample(sim::MetricSink& sink) const {
    sink.add(metric::calls, static_cast<double>(m_calls));
    sink.add(metric::files, static_cast<double>(m_space.fileCount()));
    sink.add(metric::blocks, static_cast<double>(m_blocks.size()));
    sink.add(metric::liveDataNodes, liveNodes());
    sink.add(metric::underReplicated, static_cast<double>(underReplicated()));
    sink.add(metric::missingBlocks, static_cast<double>(m_missing));
    sink.add(metric::safeMode, m_isInSafeMode ? 1 : 0);
}

}  // namespace millrace::hadoop
