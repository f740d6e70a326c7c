#include "engine/zookeeper/store.h"

#include <utility>

#include "engine/zookeeper/cost.h"

namespace millrace::zookeeper {

namespace {

struct SnapshotChunk final : sim::Chunk {
    Tree tree;
    ByteCount bytes = 0;
    explicit SnapshotChunk(Tree whole) : tree(std::move(whole)) {
        constexpr ByteCount perNode = 80;
        for (const auto& [path, node] : tree.nodes()) {
            bytes += perNode + static_cast<ByteCount>(path.size() + node->data.size());
        }
    }
    [[nodiscard]] ByteCount size() const override { return bytes; }
    [[nodiscard]] std::uint64_t digest() const override { return tree.digest(); }
};

struct EpochChunk final : sim::Chunk {
    std::uint32_t accepted;
    std::uint32_t current;
    EpochChunk(std::uint32_t a, std::uint32_t c) : accepted(a), current(c) {}
    [[nodiscard]] ByteCount size() const override { return 8; }
    [[nodiscard]] std::uint64_t digest() const override { return (std::uint64_t{accepted} << 32U) | current; }
};

template <class T>
const T* lastChunk(const sim::ProcessDisk& disk, const std::string& name) {
    const sim::File* file = disk.find(name);
    return file == nullptr ? nullptr : static_cast<const T*>(file->last());
}

}  // namespace

Store::Store(const std::string& folder)
    : m_logFile(folder + "/log"), m_snapshotFile(folder + "/snapshot"), m_epochFile(folder + "/epochs") {}

Tree Store::load(sim::Context& context) {
    const sim::ProcessDisk disk = context.disk();
    m_log.clear();
    m_fileBase = 0;
    if (const sim::File* file = disk.find(m_logFile)) {
        m_fileBase = file->chunks().firstIndex();
        for (const sim::ChunkRef& chunk : file->chunks()) {
            m_log.append(TransactionRef(static_cast<const Transaction*>(chunk.get())));
        }
    }
    if (const auto* snapshot = lastChunk<SnapshotChunk>(disk, m_snapshotFile)) {
        m_snapshot = snapshot->tree;
        context.spend(cost::node * static_cast<std::int64_t>(m_snapshot.nodeCount()));
    }
    if (const auto* epochs = lastChunk<EpochChunk>(disk, m_epochFile)) {
        m_acceptedEpoch = epochs->accepted;
        m_currentEpoch = epochs->current;
    }
    context.spend(cost::replayed * static_cast<std::int64_t>(m_log.size()));
    return rebuild();
}

Tree Store::rebuild() const {
    Tree tree = m_snapshot;
    for (std::uint64_t at = indexAfter(tree.lastZxid()); at < m_log.endIndex(); ++at) {
        tree.apply(*m_log[at]);
    }
    return tree;
}

Zxid Store::lastLogged() const {
    return m_log.empty() ? m_snapshot.lastZxid() : std::max(m_log.back()->zxid, m_snapshot.lastZxid());
}

std::uint64_t Store::indexAfter(Zxid zxid) const {
    std::uint64_t low = m_log.firstIndex();
    std::uint64_t high = m_log.endIndex();
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (m_log[middle]->zxid > zxid) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

bool Store::contains(Zxid zxid) const {
    const std::uint64_t after = indexAfter(zxid);
    return after > m_log.firstIndex() && m_log[after - 1]->zxid == zxid;
}

std::vector<TransactionRef> Store::tailAfter(Zxid zxid) const {
    std::vector<TransactionRef> tail;
    for (std::uint64_t at = indexAfter(zxid); at < m_log.endIndex(); ++at) {
        tail.push_back(m_log[at]);
    }
    return tail;
}

bool Store::append(sim::Context& context, TransactionRef transaction) {
    MILLRACE_CHECK(transaction->zxid > lastLogged(), transaction->zxid.value, lastLogged().value);
    if (!context.append(m_logFile, transaction)) {
        return false;
    }
    context.spend(cost::log);
    m_log.append(std::move(transaction));
    return true;
}

void Store::truncate(sim::Context& context, Zxid zxid) {
    MILLRACE_CHECK(zxid >= m_snapshot.lastZxid(), zxid.value, m_snapshot.lastZxid().value);
    const std::uint64_t end = indexAfter(zxid);
    if (end < m_log.endIndex()) {
        context.truncate(m_logFile, m_fileBase + end);
        m_log.truncate(end);
    }
}

bool Store::setEpochs(sim::Context& context, std::uint32_t accepted, std::uint32_t current) {
    MILLRACE_CHECK(accepted >= current, accepted, current);
    if (!context.replace(m_epochFile, makeRef<EpochChunk>(accepted, current))) {
        return false;
    }
    m_acceptedEpoch = accepted;
    m_currentEpoch = current;
    return true;
}

bool Store::writeSnapshot(sim::Context& context, Tree tree) {
    if (!context.replace(m_snapshotFile, makeRef<SnapshotChunk>(tree))) {
        return false;
    }
    context.spend(cost::node * static_cast<std::int64_t>(tree.nodeCount()));
    m_snapshot = std::move(tree);
    return true;
}

void Store::dropCovered(sim::Context& context, std::uint64_t keep) {
    const std::uint64_t covered = indexAfter(m_snapshot.lastZxid());
    if (covered < m_log.firstIndex() + keep + 1) {
        return;
    }
    const std::uint64_t first = covered - keep;
    context.dropFront(m_logFile, m_fileBase + first);
    m_log.dropFront(first);
}

void Store::flushLog(sim::Context& context, sim::MessageRef done) {
    context.flush(m_logFile, std::move(done));
}
void Store::flushSnapshot(sim::Context& context, sim::MessageRef done) {
    context.flush(m_snapshotFile, std::move(done));
}
void Store::flushEpochs(sim::Context& context, sim::MessageRef done) {
    context.flush(m_epochFile, std::move(done));
}

}  // namespace millrace::zookeeper
