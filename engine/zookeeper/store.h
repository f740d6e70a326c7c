#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/shared_log.h"
#include "engine/sim/context.h"
#include "engine/zookeeper/transaction.h"
#include "engine/zookeeper/tree.h"

namespace millrace::zookeeper {

/// What one server keeps on its disk: a log of transactions, the newest snapshot, and the two epochs of Zab (the newest
/// that a leader proposed to it, and the one whose history it has). Three files, "<process>/log", "/snapshot",
/// "/epochs". Invariants: zxids rise along the log; the log starts at or before the transaction after the snapshot, so
/// snapshot and log together give the whole tree. Nothing written counts until the caller has flushed it. Left out:
/// preallocation, snapshots taken while transactions go on (here a tree is a value), several old snapshots.
class Store {
public:
    explicit Store(const std::string& folder = {});

    /// Reads what is on the disk; gives the tree that it leads to, uncommitted tail included, as ZooKeeper does.
    Tree load(sim::Context& context);
    /// The tree of snapshot and log.
    [[nodiscard]] Tree rebuild() const;

    [[nodiscard]] Zxid lastLogged() const;
    [[nodiscard]] Zxid snapshotZxid() const { return m_snapshot.lastZxid(); }
    [[nodiscard]] std::uint32_t acceptedEpoch() const { return m_acceptedEpoch; }
    [[nodiscard]] std::uint32_t currentEpoch() const { return m_currentEpoch; }
    [[nodiscard]] const SharedLog<TransactionRef>& log() const { return m_log; }
    /// Index of the first transaction after `zxid`.
    [[nodiscard]] std::uint64_t indexAfter(Zxid zxid) const;
    [[nodiscard]] bool contains(Zxid zxid) const;
    [[nodiscard]] std::vector<TransactionRef> tailAfter(Zxid zxid) const;

    /// False: the disk is full, and the transaction is not in the log.
    [[nodiscard]] bool append(sim::Context& context, TransactionRef transaction);
    /// Forgets what is after `zxid`, which must not be before the snapshot.
    void truncate(sim::Context& context, Zxid zxid);
    [[nodiscard]] bool setEpochs(sim::Context& context, std::uint32_t accepted, std::uint32_t current);
    /// Writes the snapshot; the log stays until `dropCovered`, after the snapshot has been flushed.
    [[nodiscard]] bool writeSnapshot(sim::Context& context, Tree tree);
    /// Cuts the log's front: all but the newest `keep` transactions that the snapshot covers.
    void dropCovered(sim::Context& context, std::uint64_t keep);

    void flushLog(sim::Context& context, sim::MessageRef done);
    void flushSnapshot(sim::Context& context, sim::MessageRef done);
    void flushEpochs(sim::Context& context, sim::MessageRef done);

private:
    std::string m_logFile;
    std::string m_snapshotFile;
    std::string m_epochFile;
    SharedLog<TransactionRef> m_log;  ///< what is in the log file
    std::uint64_t m_fileBase = 0;     ///< chunk of the file that `m_log`'s index 0 stands for
    Tree m_snapshot;
    std::uint32_t m_acceptedEpoch = 0;
    std::uint32_t m_currentEpoch = 0;
};

}  // namespace millrace::zookeeper
