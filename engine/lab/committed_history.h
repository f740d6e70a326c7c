#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/lab/invariant.h"
#include "engine/lab/kafka_looks.h"
#include "engine/lab/worn_replicas.h"

namespace millrace::lab {

/// What leaders have shown to be committed, partition by partition: the batches below the highest high watermark that a
/// leader has had. Shared by the invariants about replication, updated once a look. It keeps the newest `kept` batches
/// of each partition; replicas are compared batch by batch as their high watermarks pass, and the last one that was
/// compared is compared again at each look, so that a log that was cut and filled anew is seen.
/// When a leader is excused (WornReplicas has the rule: power losses and unclean elections), the history is cut to what
/// that leader has, and a replica with more is compared beyond the cut only when it has been cut too or has records of
/// a newer epoch: one that is paused, or cut off, keeps what it had until it hears of the leader.
/// A look goes through the partitions that have changed since the one before, and those that the journal has news of.
class CommittedHistory {
public:
    explicit CommittedHistory(PartitionLooksRef looks = std::make_shared<PartitionLooks>())
        : m_looks(std::move(looks)) {}
    static constexpr std::size_t kept = 4096;

    struct Findings {
        std::uint64_t compared = 0;  ///< batches of replicas with the history
        std::uint64_t watched = 0;   ///< leaders: log end and high watermark
        std::string diverged;        ///< first text of this look, empty when there is none
        std::string lost;
        /// An excused leader has taken over: their histories are what it has.
        std::vector<kafka::TopicPartition> excused;
    };

    /// Takes the world in; the same look again gives the same findings.
    const Findings& update(const sim::World& world);
    void forget();
    [[nodiscard]] const WornReplicas& worn() const { return m_worn; }
    [[nodiscard]] const PartitionLooks& looks() const { return *m_looks; }
    /// Whether the batch at this place has a number and epoch that others may have given to other records.
    [[nodiscard]] bool isAmbiguous(const kafka::TopicPartition& partition, const kafka::RecordBatch& batch) const;

private:
    struct Committed {
        kafka::Offset base;
        kafka::Offset next;
        std::uint64_t digest = 0;
    };
    /// What an excused leader did not have. Replicas that may hold it still are compared up to `end` until their logs
    /// end there or have an epoch from `epoch` on.
    struct Loss {
        kafka::Offset end;
        kafka::LeaderEpoch epoch = kafka::noEpoch;
        std::set<kafka::BrokerId> uncut;
    };
    struct Partition {
        std::deque<Committed> batches;
        kafka::Offset end;
        bool hasBegun = false;
        kafka::LeaderEpoch epoch = kafka::noEpoch;
        kafka::BrokerId leader = kafka::noBroker;
        std::uint32_t incarnation = 0;
        kafka::Offset leaderHighWatermark;
        std::map<kafka::BrokerId, kafka::Offset> compared;  ///< up to here the replica was like the history
        std::vector<Loss> losses;                           ///< by end and epoch
        /// After a power loss: from this offset on, batches of older epochs are ambiguous.
        kafka::Offset ambiguousFrom;
        kafka::LeaderEpoch ambiguousBefore = kafka::noEpoch;
    };

    void follow(const kafka::TopicPartition& name, const PartitionLook& look, Partition& partition);
    void extend(const kafka::TopicPartition& name, const kafka::PartitionLog& log, Partition& partition);
    void cut(Partition& partition, kafka::Offset end);
    void excuse(const kafka::TopicPartition& name, const ReplicaLook& leader, const WornReplicas::Excuse& why,
                Partition& partition);
    static kafka::Offset comparableEnd(const ReplicaLook& look, Partition& partition);
    void compare(const kafka::TopicPartition& name, const ReplicaLook& look, Partition& partition);
    static void note(std::string& place, std::string text);
    [[nodiscard]] std::vector<kafka::TopicPartition> namesToLookAt(WornReplicas::News news) const;

    PartitionLooksRef m_looks;
    std::map<kafka::TopicPartition, Partition> m_partitions;
    WornReplicas m_worn;
    Findings m_findings;
    bool m_hasLooked = false;
    bool m_isAnyAmbiguous = false;  ///< anything of any partition
    std::uint64_t m_events = 0;
    SimTime m_time;
};

using HistoryRef = std::shared_ptr<CommittedHistory>;

[[nodiscard]] std::unique_ptr<Invariant> makeAcknowledgedRecordsSurvive(HistoryRef history);
[[nodiscard]] std::unique_ptr<Invariant> makeOneOwnerPerGeneration(HistoryRef history);

}  // namespace millrace::lab
