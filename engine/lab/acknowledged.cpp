#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/kafka/client/producer_process.h"
#include "engine/lab/committed_history.h"
#include "engine/lab/invariant.h"
#include "engine/lab/kafka_looks.h"

namespace millrace::lab {

namespace {

/// Batches that producers with acks = all were told are safe, sampled as the newest of each producer and partition at
/// each look, where min.insync.replicas is at least 2. When it is acknowledged at least two replicas must have it, and
/// every later leader must have it, unless that leader is excused: it lost what it had not flushed with its host's
/// power, and nobody else could be elected in its place or noticed (WornReplicas has the exact rule). An excused leader
/// excuses only the batches that it does not have.
class AcknowledgedRecordsSurvive final : public Invariant {
public:
    explicit AcknowledgedRecordsSurvive(HistoryRef history) : m_history(std::move(history)) {}
    [[nodiscard]] std::string_view name() const override { return "acknowledged-records-survive"; }
    [[nodiscard]] std::string_view statement() const override {
        return "A record acknowledged with acks=all survives any single crash when min.insync.replicas is 2";
    }
    void forget() override {
        m_partitions.clear();
        m_newest.clear();
        m_seen.clear();
        m_history->forget();
    }

    void observe(const sim::World& world) override {
        const CommittedHistory::Findings& found = m_history->update(world);
        const PartitionLooks& looks = m_history->looks();
        const std::vector<kafka::RunningProducer> producers = kafka::runningProducers(world);
        for (const kafka::TopicPartition& name : found.excused) {
            excuse(producers, name, *looks.find(name));
        }
        std::set<kafka::TopicPartition> asked(looks.changed().begin(), looks.changed().end());
        for (const kafka::RunningProducer& producer : producers) {
            Seen& seen = m_seen[producer.process];
            if (seen.incarnation != producer.incarnation) {
                seen = {producer.incarnation, 0};
            }
            seen.acks = producer.forEachAckSince(seen.acks,
                                                 [&](const kafka::ProducerAck& ack) { asked.insert(ack.partition); });
        }
        for (const kafka::TopicPartition& name : asked) {
            if (const auto look = looks.find(name)) {
                ask(world, producers, name, *look);
            }
        }
    }

private:
    static constexpr std::size_t kept = 256;
    struct Expected {
        kafka::LeaderEpoch epoch = kafka::noEpoch;  ///< of the leader that was asked last
        kafka::BrokerId leader = kafka::noBroker;
        std::vector<kafka::AckedBatch> batches;  ///< by base offset
    };
    /// Of a producer: up to where its acknowledgements have been seen.
    struct Seen {
        std::uint32_t incarnation = 0;
        kafka::ChangeList::Stamp acks = 0;
    };

    /// What is acknowledged of the partition, and whether its leader has it.
    void ask(const sim::World& world, const std::vector<kafka::RunningProducer>& producers,
             const kafka::TopicPartition& name, const PartitionLook& look) {
        for (const kafka::RunningProducer& producer : producers) {
            if (const auto ack = producer.newestAck(name)) {
                take(world, look, producer.process, *ack);
            }
        }
        if (const auto expected = m_partitions.find(name); expected != m_partitions.end()) {
            checkLeader(world, name, look, expected->second);
        }
    }

    void take(const sim::World& world, const PartitionLook& look, sim::ProcessId process,
              const kafka::ProducerAck& ack) {
        const ReplicaLook* leader = look.leader();
        if (ack.acks != kafka::Acks::All || leader == nullptr || look.allowsUnclean()) {
            return;
        }
        const auto last = m_newest.try_emplace({process, ack.partition}, kafka::noOffset).first;
        if (ack.newest.base <= last->second || leader->replica->minInSync() < 2) {
            return;
        }
        last->second = ack.newest.base;
        const kafka::RecordBatch* own = batchAt(leader->replica->log, ack.newest.base);
        if (own != nullptr && m_history->isAmbiguous(ack.partition, *own)) {
            return;
        }
        Expected& expected = m_partitions[ack.partition];
        // What an earlier leader has acknowledged may be gone by now from those that had it: it can only be expected.
        const bool isFirst = expected.leader == kafka::noBroker && leader->replica->leaderEpoch().value == 0;
        if (isFirst || (expected.leader == leader->broker && expected.epoch == leader->replica->leaderEpoch())) {
            checkCopies(world, ack, look);
        }
        std::vector<kafka::AckedBatch>& batches = expected.batches;
        const auto place = std::upper_bound(batches.begin(), batches.end(), ack.newest,
                                            [](const auto& a, const auto& b) { return a.base < b.base; });
        batches.insert(place, ack.newest);
        if (batches.size() > kept) {
            batches.erase(batches.begin());
        }
    }

    /// A broker that is down may well have it, one that is worn may have had it: only the others can be asked.
    void checkCopies(const sim::World& world, const kafka::ProducerAck& ack, const PartitionLook& look) {
        const ReplicaLook* leader = look.leader();
        std::size_t holders = leader->replica->replicas().size() - look.replicas.size();
        for (const ReplicaLook& replica : look.replicas) {
            const bool hasIt = replica.replica->log.end() >= ack.newest.base + ack.newest.records;
            holders += hasIt || m_history->worn().isWorn(ack.partition, replica.broker) ? 1U : 0U;
        }
        expect(world, holders >= 2, [&] {
            return fmt::format("records {} to {} of {} were acknowledged while only {} replica had them",
                               ack.newest.base.value, ack.newest.base.value + ack.newest.records - 1,
                               toText(ack.partition), holders);
        });
    }

    void checkLeader(const sim::World& world, const kafka::TopicPartition& name, const PartitionLook& look,
                     Expected& expected) {
        const ReplicaLook* leader = look.leader();
        if (leader == nullptr || leader->replica->leaderEpoch() < expected.epoch || expected.batches.empty()) {
            return;
        }
        const bool isSame = leader->broker == expected.leader && leader->replica->leaderEpoch() == expected.epoch;
        expected.leader = leader->broker;
        expected.epoch = leader->replica->leaderEpoch();
        // A leader that has been asked before is asked for the newest only; a new one for all.
        for (std::size_t i = isSame ? expected.batches.size() - 1 : 0; i < expected.batches.size(); ++i) {
            const kafka::AckedBatch& batch = expected.batches[i];
            if (batch.base < leader->replica->log.start()) {
                continue;
            }
            const kafka::RecordBatch* own = batchAt(leader->replica->log, batch.base);
            expect(world, stillHas(own, batch), [&] {
                return fmt::format(
                    "records {} to {} of {} were acknowledged, and its leader, broker {}, does not have "
                    "them",
                    batch.base.value, batch.base.value + batch.records - 1, toText(name), leader->broker.value);
            });
        }
    }

    /// What the excused leader does not have is no longer expected, and what was told before is told by then.
    void excuse(const std::vector<kafka::RunningProducer>& producers, const kafka::TopicPartition& name,
                const PartitionLook& look) {
        const ReplicaLook* leader = look.leader();
        std::erase_if(m_partitions[name].batches, [&](const kafka::AckedBatch& batch) {
            const kafka::RecordBatch* own = batchAt(leader->replica->log, batch.base);
            return batch.base >= leader->replica->log.start() && !stillHas(own, batch);
        });
        for (const kafka::RunningProducer& producer : producers) {
            if (const auto ack = producer.newestAck(name)) {
                m_newest[{producer.process, name}] = ack->newest.base;
            }
        }
    }

    /// The broker's clock in a batch changes its CRC (LogAppendTime), which the producer is not told.
    static bool stillHas(const kafka::RecordBatch* own, const kafka::AckedBatch& batch) {
        return own != nullptr &&
               (own->crc() == batch.crc || (own->isLogAppendTime() && own->recordCount() == batch.records));
    }

    HistoryRef m_history;
    std::map<kafka::TopicPartition, Expected> m_partitions;
    std::map<std::pair<sim::ProcessId, kafka::TopicPartition>, kafka::Offset> m_newest;
    std::map<sim::ProcessId, Seen> m_seen;
};

}  // namespace

std::unique_ptr<Invariant> makeAcknowledgedRecordsSurvive(HistoryRef history) {
    return std::make_unique<AcknowledgedRecordsSurvive>(std::move(history));
}

}  // namespace millrace::lab
