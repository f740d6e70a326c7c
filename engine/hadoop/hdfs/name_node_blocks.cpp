#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "engine/hadoop/cost.h"
#include "engine/hadoop/hdfs/name_node.h"
#include "engine/hadoop/hdfs/name_node_messages.h"

namespace millrace::hadoop {

std::uint32_t NameNode::liveNodes() const {
    return static_cast<std::uint32_t>(
        std::count_if(m_nodes.begin(), m_nodes.end(), [](const Node& node) { return node.isRegistered; }));
}

std::uint64_t NameNode::safeBlocks() const {
    std::uint64_t safe = 0;
    for (const auto& [id, info] : m_blocks) {
        safe += !info.isOpen && info.replicas.size() >= m_cluster->hdfs.replicationMin ? 1U : 0U;
    }
    return safe;
}

std::uint64_t NameNode::neededBlocks() const {
    return static_cast<std::uint64_t>(static_cast<double>(m_blocksAtStart) * m_cluster->hdfs.safeModeThreshold);
}

NameNode::SafeMode NameNode::safeMode() const {
    SafeMode found;
    for (const auto& [id, info] : m_blocks) {
        found.closed += info.isOpen ? 0U : 1U;
        found.corrupt += !info.isOpen && info.replicas.empty() && !info.corrupt.empty() ? 1U : 0U;
    }
    found.reported = safeBlocks();
    found.needed = neededBlocks();
    found.isExtending = m_isExtending;
    return found;
}

std::vector<Placement::Node> NameNode::placementNodes() const {
    std::vector<Placement::Node> nodes(m_nodes.size());
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        nodes[i] = {m_nodes[i].isRegistered, m_nodes[i].remaining, m_nodes[i].transfers};
    }
    return nodes;
}

// --- DataNodes ------------------------------------------------------------------------------------------------------

void NameNode::onRegistration(sim::Context& context, NodeIndex node) {
    context.spend(cost::heartbeat);
    Node& state = m_nodes[node];
    const bool isNew = !state.isRegistered;
    state.isRegistered = true;
    state.connection = context.connection();
    m_nodeConnections[context.connection()] = node;
    state.heard = context.now();
    if (isNew) {
        context.journal({"hadoop.datanode-registered",
                         sim::Severity::Detail,
                         fmt::format("DataNode {} is registered", m_cluster->dataNodes[node].name),
                         {{"datanode", m_cluster->dataNodes[node].name}}});
        if (!m_isInSafeMode) {
            lookAtAll();
        }
    }
    watchNode(context, node);
}

void NameNode::onHeartbeat(sim::Context& context, const DataHeartbeat& heartbeat) {
    context.spend(cost::heartbeat);
    Node& node = m_nodes[heartbeat.node];
    auto commands = makeRef<DataCommands>();
    if (!node.isRegistered || node.connection != context.connection()) {
        commands->registersAgain = true;
        context.transmit(context.connection(), std::move(commands));
        return;
    }
    node.heard = context.now();
    node.capacity = heartbeat.capacity;
    node.used = heartbeat.used;
    node.remaining = heartbeat.remaining;
    node.transfers = heartbeat.transfers;
    constexpr std::size_t removalsMost = 100;  // dfs.block.invalidate.limit
    const std::size_t copies =
        std::min<std::size_t>(node.copies.size(), m_cluster->hdfs.replicationStreams -
                                                      std::min(heartbeat.copies, m_cluster->hdfs.replicationStreams));
    const std::size_t removals = std::min(node.removals.size(), removalsMost);
    commands->copies.assign(node.copies.begin(), node.copies.begin() + static_cast<std::ptrdiff_t>(copies));
    commands->removals.assign(node.removals.begin(), node.removals.begin() + static_cast<std::ptrdiff_t>(removals));
    node.copies.erase(node.copies.begin(), node.copies.begin() + static_cast<std::ptrdiff_t>(copies));
    node.removals.erase(node.removals.begin(), node.removals.begin() + static_cast<std::ptrdiff_t>(removals));
    commands->closures = std::exchange(node.closures, {});
    context.transmit(context.connection(), std::move(commands));
}

/// Its silence is looked at when it may have become too long, once at a time.
void NameNode::watchNode(sim::Context& context, NodeIndex node) {
    Node& state = m_nodes[node];
    const SimDuration rest = state.heard + m_cluster->hdfs.deadAfter() - context.now();
    auto timer = makeRef<NameNodeTimer>(NameNodeTimer::Purpose::NodeSilent, node, ++state.watch);
    context.waitFor(m_cluster->dataNodes[node].host, std::max(rest, SimDuration{1}), std::move(timer));
}

void NameNode::onNodeWatch(sim::Context& context, NodeIndex node, std::uint64_t watch) {
    Node& state = m_nodes[node];
    if (!state.isRegistered || watch != state.watch) {
        return;
    }
    if (context.now() - state.heard >= m_cluster->hdfs.deadAfter()) {
        loseNode(context, node);
    } else {
        watchNode(context, node);
    }
}

void NameNode::loseNode(sim::Context& context, NodeIndex node) {
    Node& state = m_nodes[node];
    state.isRegistered = false;
    state.copies.clear();
    state.removals.clear();
    state.closures.clear();
    std::vector<std::uint64_t> had;
    for (const auto& [id, info] : m_blocks) {
        if (info.has(node)) {
            had.push_back(id);
        }
    }
    context.spend(cost::reportedBlock * static_cast<std::int64_t>(had.size()));
    for (const std::uint64_t id : had) {
        dropReplica(id, *m_blocks.update(id), node);
    }
    context.journal(
        {"hadoop.datanode-dead",
         sim::Severity::Warning,
         fmt::format("DataNode {} has been silent for {} and counts as dead: {} of its blocks lack a replica",
                     m_cluster->dataNodes[node].name, millrace::toText(m_cluster->hdfs.deadAfter()), had.size()),
         {{"datanode", m_cluster->dataNodes[node].name}, {"blocks", std::to_string(had.size())}}});
}

// --- blocks that are reported ---------------------------------------------------------------------------------------

void NameNode::onReport(sim::Context& context, const BlockReport& report) {
    if (!m_nodes[report.node].isRegistered) {
        return;
    }
    context.spend(cost::reportedBlock * static_cast<std::int64_t>(report.blocks.size() + 1));
    std::vector<std::uint64_t> reported;
    reported.reserve(report.blocks.size());
    for (const Block& block : report.blocks) {
        reported.push_back(block.id);
        storeReplica(context, report.node, block, Told::InReport);
    }
    std::sort(reported.begin(), reported.end());
    std::vector<std::uint64_t> gone;
    for (const auto& [id, info] : m_blocks) {
        if (info.has(report.node) && !std::binary_search(reported.begin(), reported.end(), id)) {
            gone.push_back(id);
        }
    }
    for (const std::uint64_t id : gone) {
        dropReplica(id, *m_blocks.update(id), report.node);
    }
    for (const Block& block : report.unfinished) {
        BlockInfo* info = m_blocks.update(block.id);
        if (info == nullptr || !info->isOpen) {
            m_nodes[report.node].removals.push_back(block);
        } else if (info->isOpen && info->block.generation == block.generation &&
                   std::find(info->expected.begin(), info->expected.end(), report.node) == info->expected.end()) {
            info->expected.push_back(report.node);
        }
    }
    checkSafeMode(context);
}

void NameNode::onReceived(sim::Context& context, NodeIndex node, const Block& block) {
    context.spend(cost::reportedBlock);
    if (!m_nodes[node].isRegistered) {
        return;
    }
    storeReplica(context, node, block, Told::Received);
    finishTakenFile(context, block.id);
    checkSafeMode(context);
}

void NameNode::storeReplica(sim::Context& context, NodeIndex node, const Block& block, Told told) {
    BlockInfo* info = m_blocks.update(block.id);
    if (info == nullptr || block.generation < info->block.generation) {
        m_nodes[node].removals.push_back(block);
        return;
    }
    if (told == Told::InReport &&
        (std::binary_search(info->corrupt.begin(), info->corrupt.end(), node) || isGoing(node, block.id))) {
        return;  // a report does not know what a reader found
    }
    if (told == Told::Received) {
        std::erase_if(m_nodes[node].removals, [&](const Block& each) { return each.id == block.id; });
    }
    if (info->isOpen && info->replicas.empty()) {
        info->block.length = block.length;
    }
    if (block.length != info->block.length) {
        context.journal({"hadoop.replica-corrupt",
                         sim::Severity::Warning,
                         fmt::format("The replica of block {} at DataNode {} has {} bytes instead of {}", block.id,
                                     m_cluster->dataNodes[node].name, block.length, info->block.length),
                         {{"datanode", m_cluster->dataNodes[node].name}, {"block", std::to_string(block.id)}}});
        if (info->has(node)) {
            dropReplica(block.id, *info, node);
        }
        BlockInfo::add(info->corrupt, node);
        removeExcess(block.id, *info);
        return;
    }
    if (info->has(node)) {
        return;
    }
    if (!info->isOpen && info->replicas.empty() && !m_isInSafeMode && m_missing > 0) {
        --m_missing;
    }
    BlockInfo::add(info->replicas, node);
    BlockInfo::remove(info->corrupt, node);
    ++m_nodes[node].blocks;
    if (Pending* pending = m_pending.update(block.id)) {
        std::erase(pending->targets, node);
        if (pending->targets.empty()) {
            m_pending.erase(block.id);
        }
    }
    updateNeeded(block.id, *info);
    removeExcess(block.id, *info);
}

bool NameNode::isGoing(NodeIndex node, std::uint64_t block) const {
    const std::vector<Block>& going = m_nodes[node].removals;
    return std::any_of(going.begin(), going.end(), [block](const Block& each) { return each.id == block; });
}

/// A file whose writer is gone is closed when its last block has ended.
void NameNode::finishTakenFile(sim::Context& context, std::uint64_t block) {
    const std::string* path = m_taken.find(block);
    if (path == nullptr || m_blocks.find(block) == nullptr || m_blocks.at(block).replicas.empty()) {
        return;
    }
    if (m_space.find(*path) != nullptr) {
        closeFile(context, *path);
        flushEdits(context);
    }
    m_taken.erase(block);
}

void NameNode::reportBad(sim::Context& context, std::uint64_t block, NodeIndex node) {
    BlockInfo* info = m_blocks.update(block);
    if (info == nullptr || !info->has(node)) {
        return;
    }
    context.journal({"hadoop.replica-corrupt",
                     sim::Severity::Warning,
                     fmt::format("A reader found the replica of block {} at DataNode {} damaged", block,
                                 m_cluster->dataNodes[node].name),
                     {{"datanode", m_cluster->dataNodes[node].name}, {"block", std::to_string(block)}}});
    if (info->replicas.size() > 1) {
        dropReplica(block, *info, node);
        BlockInfo::add(info->corrupt, node);
        removeExcess(block, *info);
    }
}

void NameNode::dropReplica(std::uint64_t block, BlockInfo& info, NodeIndex node) {
    if (!BlockInfo::remove(info.replicas, node)) {
        return;
    }
    --m_nodes[node].blocks;
    if (!info.isOpen && info.replicas.empty() && !m_isInSafeMode) {
        ++m_missing;
    }
    updateNeeded(block, info);
}

void NameNode::forgetBlock(std::uint64_t block) {
    const BlockInfo* info = m_blocks.find(block);
    if (info == nullptr) {
        return;
    }
    for (const NodeIndex node : info->replicas) {
        --m_nodes[node].blocks;
        m_nodes[node].removals.push_back(info->block);
    }
    for (const NodeIndex node : info->corrupt) {
        m_nodes[node].removals.push_back(info->block);
    }
    if (!info->isOpen && info->replicas.empty() && !m_isInSafeMode && m_missing > 0) {
        --m_missing;
    }
    m_needed.remove(block);
    m_pending.erase(block);
    m_blocks.erase(block);
}

// --- replication ----------------------------------------------------------------------------------------------------

void NameNode::updateNeeded(std::uint64_t block, const BlockInfo& info) {
    if (info.isOpen || m_isInSafeMode) {
        return;
    }
    const Pending* pending = m_pending.find(block);
    const std::size_t coming = pending != nullptr ? pending->targets.size() : 0;
    const std::size_t wanted = std::min<std::size_t>(info.replication, std::max<std::uint32_t>(liveNodes(), 1));
    if (!info.replicas.empty() && info.replicas.size() + coming < wanted) {
        m_needed.add(block, static_cast<std::uint32_t>(info.replicas.size()), info.replication);
    } else {
        m_needed.remove(block);
    }
}

/// Replicas beyond what is wanted go, those first whose rack has another, then those on the fullest nodes; damaged ones
/// go when there are enough good ones.
void NameNode::removeExcess(std::uint64_t block, BlockInfo& info) {
    if (info.isOpen || m_isInSafeMode) {
        return;
    }
    while (info.replicas.size() > info.replication) {
        std::map<std::string, int> inRack;
        for (const NodeIndex node : info.replicas) {
            ++inRack[m_cluster->dataNodes[node].rack];
        }
        const auto rank = [&](NodeIndex node) {
            return std::pair{inRack[m_cluster->dataNodes[node].rack] > 1 ? 0 : 1, m_nodes[node].remaining};
        };
        const NodeIndex excess = *std::min_element(info.replicas.begin(), info.replicas.end(),
                                                   [&](NodeIndex a, NodeIndex b) { return rank(a) < rank(b); });
        dropReplica(block, info, excess);
        m_nodes[excess].removals.push_back(info.block);
    }
    const std::size_t wanted = std::min<std::size_t>(info.replication, liveNodes());
    if (!info.corrupt.empty() &&
        (info.replicas.size() >= wanted || info.replicas.size() + info.corrupt.size() >= liveNodes())) {
        if (!info.replicas.empty()) {
            for (const NodeIndex node : std::exchange(info.corrupt, {})) {
                m_nodes[node].removals.push_back(info.block);
            }
        }
    }
}

void NameNode::replicate(sim::Context& context) {
    if (m_isInSafeMode) {
        return;
    }
    std::vector<std::uint64_t> late;
    for (const auto& [block, pending] : m_pending) {
        if (context.now() - pending.since > m_cluster->hdfs.pendingTimeout) {
            late.push_back(block);
        }
    }
    for (const std::uint64_t block : late) {
        m_pending.erase(block);
        if (const BlockInfo* info = m_blocks.find(block)) {
            updateNeeded(block, *info);
        }
    }
    std::uint64_t scheduled = 0;
    for (const NeededReplications::Place& place : m_needed.roundFrom(m_nextNeeded)) {
        m_nextNeeded = place;
        if (scheduled >= 2ULL * liveNodes()) {
            break;
        }
        scheduled += scheduleCopy(context, place.second) ? 1U : 0U;
    }
    if (scheduled > 0) {
        context.journal({"hadoop.replication-scheduled",
                         sim::Severity::Detail,
                         fmt::format("The NameNode has {} blocks copied that lack a replica", scheduled),
                         {{"blocks", std::to_string(scheduled)}}});
    }
}

bool NameNode::scheduleCopy(sim::Context& context, std::uint64_t block) {
    const BlockInfo& info = m_blocks.at(block);
    NodeIndex source = noNode;
    for (const NodeIndex node : info.replicas) {
        if (m_nodes[node].copies.size() < m_cluster->hdfs.replicationStreams &&
            (source == noNode || m_nodes[node].copies.size() + m_nodes[node].transfers <
                                     m_nodes[source].copies.size() + m_nodes[source].transfers)) {
            source = node;
        }
    }
    if (source == noNode) {
        return false;
    }
    Placement::Wish wish;
    wish.present = info.replicas;
    wish.excluded = info.corrupt;
    for (NodeIndex node = 0; node < m_nodes.size(); ++node) {
        if (isGoing(node, block)) {  // what is there has to go first
            wish.excluded.push_back(node);
        }
    }
    if (const Pending* pending = m_pending.find(block)) {
        wish.present.insert(wish.present.end(), pending->targets.begin(), pending->targets.end());
    }
    wish.writer = m_cluster->dataNodes[source].host;
    wish.writerRack = m_cluster->dataNodes[source].rack;
    wish.replicas =
        static_cast<std::uint32_t>(info.replication - std::min<std::size_t>(wish.present.size(), info.replication));
    wish.blockSize = info.block.length;
    const std::vector<Placement::Node> nodes = placementNodes();
    const std::vector<NodeIndex> targets = Placement(*m_cluster, nodes).choose(wish, context.random());
    if (targets.empty()) {
        return false;
    }
    m_nodes[source].copies.push_back({info.block, targets});
    Pending& pending = m_pending[block];
    pending.targets.insert(pending.targets.end(), targets.begin(), targets.end());
    pending.since = context.now();
    updateNeeded(block, info);
    return true;
}

// --- safe mode ------------------------------------------------------------------------------------------------------

/// Blocks that are reported before the share of the threshold count; then more may come for the time of the extension.
void NameNode::checkSafeMode(sim::Context& context) {
    if (!m_isInSafeMode || m_isExtending) {
        return;
    }
    if (m_blocksAtStart > 0 && safeBlocks() < neededBlocks()) {
        return;
    }
    m_isExtending = true;
    if (m_blocksAtStart == 0 || m_cluster->hdfs.safeModeExtension == SimDuration{0}) {
        leaveSafeMode(context);
        return;
    }
    context.arm(m_cluster->hdfs.safeModeExtension, makeRef<NameNodeTimer>(NameNodeTimer::Purpose::SafeModeEnds));
}

void NameNode::leaveSafeMode(sim::Context& context) {
    m_isInSafeMode = false;
    lookAtAll();
    if (m_blocksAtStart > 0) {
        context.journal({"hadoop.safe-mode-left",
                         sim::Severity::Notice,
                         fmt::format("The NameNode leaves safe mode with {} DataNodes", liveNodes()),
                         {{"datanodes", std::to_string(liveNodes())}, {"missing", std::to_string(m_missing)}}});
    }
}

/// What is wanted depends on how many DataNodes live.
void NameNode::lookAtAll() {
    m_missing = 0;
    std::vector<std::uint64_t> all;
    for (const auto& [id, info] : m_blocks) {
        all.push_back(id);
        m_missing += !info.isOpen && info.replicas.empty() ? 1U : 0U;
    }
    for (const std::uint64_t id : all) {
        BlockInfo& info = *m_blocks.update(id);
        updateNeeded(id, info);
        removeExcess(id, info);
    }
}

}  // namespace millrace::hadoop
