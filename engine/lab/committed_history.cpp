#include "engine/lab/committed_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace millrace::lab {

using kafka::Offset;

const CommittedHistory::Findings& CommittedHistory::update(const sim::World& world) {
    if (m_hasLooked && m_events == world.eventsProcessed() && m_time == world.now()) {
        return m_findings;
    }
    m_hasLooked = true;
    m_events = world.eventsProcessed();
    m_time = world.now();
    m_findings = {};
    m_looks->update(world);
    for (const kafka::TopicPartition& name : namesToLookAt(m_worn.update(world, *m_looks))) {
        const std::optional<PartitionLook> look = m_looks->find(name);
        if (!look) {
            continue;
        }
        Partition& partition = m_partitions[name];
        follow(name, *look, partition);
        const bool isLed = look->leader() != nullptr;
        for (const ReplicaLook& replica : look->replicas) {
            compare(name, replica, partition);
            if (isLed && partition.hasBegun && replica.replica->log.end() >= partition.end) {
                m_worn.becomesWhole(name, replica.broker);
            }
        }
        while (partition.batches.size() > kept) {
            partition.batches.pop_front();
        }
    }
    return m_findings;
}

/// In order, each once.
std::vector<kafka::TopicPartition> CommittedHistory::namesToLookAt(WornReplicas::News news) const {
    if (news.isOfAll) {
        return m_looks->all();
    }
    std::vector<kafka::TopicPartition>& names = news.partitions;
    names.insert(names.end(), m_looks->changed().begin(), m_looks->changed().end());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return std::move(names);
}

void CommittedHistory::forget() {
    m_looks->forget();
    m_partitions.clear();
    m_worn.forget();
    m_hasLooked = false;
}

void CommittedHistory::note(std::string& place, std::string text) {
    if (place.empty()) {
        place = std::move(text);
    }
}

void CommittedHistory::follow(const kafka::TopicPartition& name, const PartitionLook& look, Partition& partition) {
    const ReplicaLook* leader = look.leader();
    if (leader == nullptr || leader->replica->leaderEpoch() < partition.epoch) {
        return;  // Nobody, or somebody who has not heard yet that it was replaced.
    }
    const kafka::PartitionLog& log = leader->replica->log;
    const bool isSame = leader->broker == partition.leader && leader->incarnation == partition.incarnation &&
                        leader->replica->leaderEpoch() == partition.epoch;
    if (isSame) {
        ++m_findings.watched;
        if (log.highWatermark() < partition.leaderHighWatermark) {
            note(m_findings.lost,
                 fmt::format("the high watermark of {} went back from {} to {} on its leader, broker {}", toText(name),
                             partition.leaderHighWatermark.value, log.highWatermark().value, leader->broker.value));
        }
    } else {
        const auto why =
            m_worn.excuses(name, leader->broker, partition.epoch, leader->replica->leaderEpoch(), look.allowsUnclean());
        if (partition.hasBegun && why) {
            excuse(name, *leader, *why, partition);
        }
        partition.leader = leader->broker;
        partition.incarnation = leader->incarnation;
        partition.epoch = leader->replica->leaderEpoch();
        partition.compared.erase(leader->broker);  // A new leader must have all of it.
    }
    partition.leaderHighWatermark = log.highWatermark();
    if (!partition.hasBegun) {
        partition.hasBegun = true;
        partition.end = log.start();
    }
    ++m_findings.watched;
    if (log.end() < partition.end) {
        note(m_findings.lost,
             fmt::format("broker {} leads {} in epoch {} with a log that ends at {}: records up to {} had been below a "
                         "high watermark",
                         leader->broker.value, toText(name), partition.epoch.value, log.end().value,
                         partition.end.value));
        cut(partition, log.end());
    }
    extend(name, log, partition);
}

void CommittedHistory::extend(const kafka::TopicPartition& name, const kafka::PartitionLog& log, Partition& partition) {
    const Offset to = log.highWatermark();
    if (partition.end < log.start()) {
        partition.batches.clear();
        partition.end = log.start();
    }
    if (to <= partition.end) {
        return;
    }
    const auto& batches = log.batches();
    std::uint64_t at = batches.endIndex();
    while (at > batches.firstIndex() && batches[at - 1]->nextOffset() > partition.end) {
        --at;
    }
    if (at < batches.endIndex() && batches[at]->baseOffset() != partition.end) {
        note(m_findings.diverged,
             fmt::format("{} has no batch at {}, where the history goes on", toText(name), partition.end.value));
    }
    for (; at < batches.endIndex() && batches[at]->nextOffset() <= to; ++at) {
        if (!isAmbiguous(name, *batches[at])) {
            partition.batches.push_back({batches[at]->baseOffset(), batches[at]->nextOffset(), batches[at]->digest()});
        }
        partition.end = batches[at]->nextOffset();
    }
}

void CommittedHistory::cut(Partition& partition, Offset end) {
    while (!partition.batches.empty() && partition.batches.back().next > end) {
        partition.batches.pop_back();
    }
    partition.end = end;
    for (auto& [broker, compared] : partition.compared) {
        compared = std::min(compared, end);
    }
}

bool CommittedHistory::isAmbiguous(const kafka::TopicPartition& name, const kafka::RecordBatch& batch) const {
    if (!m_isAnyAmbiguous) {
        return false;
    }
    const auto at = m_partitions.find(name);
    return at != m_partitions.end() && batch.baseOffset() >= at->second.ambiguousFrom &&
           batch.leaderEpoch() < at->second.ambiguousBefore;
}

void CommittedHistory::excuse(const kafka::TopicPartition& name, const ReplicaLook& leader,
                              const WornReplicas::Excuse& why, Partition& partition) {
    const kafka::PartitionLog& log = leader.replica->log;
    Offset end = std::min(partition.end, log.end());
    for (const Committed& batch : partition.batches) {
        if (batch.base < log.start() || batch.next > end) {
            continue;
        }
        const kafka::RecordBatch* own = batchAt(log, batch.base);
        if (own == nullptr || own->digest() != batch.digest) {
            end = batch.base;
            break;
        }
    }
    // What has been forgotten may be lost too, and the log filled anew: then no batch need begin where the history
    // does.
    end = borderAt(log, end);
    m_findings.excused.push_back(name);
    if (why.isOfPower && end < partition.end) {
        m_isAnyAmbiguous = true;
        partition.ambiguousFrom = end;
        partition.ambiguousBefore = why.from;
    }
    cut(partition, end);
    std::erase_if(partition.losses, [&](const Loss& loss) { return loss.end >= end; });  // This one says more.
    Loss& loss = partition.losses.emplace_back(Loss{end, why.from, {}});
    loss.uncut = {leader.replica->replicas().begin(), leader.replica->replicas().end()};
    loss.uncut.erase(leader.broker);
}

/// Up to where a replica cannot but agree, whatever excused leaders have lost.
Offset CommittedHistory::comparableEnd(const ReplicaLook& look, Partition& partition) {
    const kafka::PartitionLog& log = look.replica->log;
    Offset end = log.end();
    for (Loss& loss : partition.losses) {
        if (log.end() <= loss.end || log.epochs().latest() >= loss.epoch) {
            loss.uncut.erase(look.broker);
        } else if (loss.uncut.contains(look.broker)) {
            end = std::min(end, loss.end);
        }
    }
    std::erase_if(partition.losses, [](const Loss& loss) { return loss.uncut.empty(); });
    return end;
}

void CommittedHistory::compare(const kafka::TopicPartition& name, const ReplicaLook& look, Partition& partition) {
    if (partition.batches.empty()) {
        return;
    }
    const kafka::PartitionLog& log = look.replica->log;
    const bool isLeader = look.broker == partition.leader && look.replica->leaderEpoch() == partition.epoch;
    const Offset limit =
        std::min({partition.end, comparableEnd(look, partition), isLeader ? log.end() : log.highWatermark()});
    Offset& compared = partition.compared.try_emplace(look.broker, partition.batches.front().base).first->second;
    compared = std::min(compared, log.end());  // A follower may have been cut; what it gets again is compared again.
    auto at = std::lower_bound(partition.batches.begin(), partition.batches.end(), compared,
                               [](const Committed& batch, Offset offset) { return batch.next < offset; });
    BatchWalk walk(log);
    for (; at != partition.batches.end() && at->next <= limit; ++at) {
        if (at->base >= log.start()) {
            ++m_findings.compared;
            const kafka::RecordBatch* own = walk.at(at->base);
            if (own == nullptr || own->digest() != at->digest) {
                const std::string text = fmt::format(
                    "broker {} has other records of {} at {} to {} than those that were below the high "
                    "watermark",
                    look.broker.value, toText(name), at->base.value, at->next.value - 1);
                note(isLeader ? m_findings.lost : m_findings.diverged, text);
            }
        }
        compared = std::max(compared, at->next);
    }
}

}  // namespace millrace::lab
