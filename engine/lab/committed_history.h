#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "engine/lab/kafka_looks.h"

namespace millrace::lab {

/// What leaders have shown to be committed, partition by partition: the batches below the highest high watermark that a
/// leader has had. Shared by the invariants about replication, updated once a look. It keeps the newest `kept` batches
/// of each partition; replicas are compared batch by batch as their high watermarks pass, and the last one that was
/// compared is compared again at each look, so that a log that was cut and filled anew is seen.
class CommittedHistory {
public:
    static constexpr std::size_t kept = 4096;

    struct Findings {
        std::uint64_t compared = 0;  ///< batches of replicas with the history
        std::uint64_t watched = 0;   ///< leaders: log end and high watermark
        std::string diverged;        ///< first text of this look, empty when there is none
        std::string lost;
    };

    /// Takes the world in; the same look again gives the same findings.
    const Findings& update(const sim::World& world);
    void forget();

private:
    struct Committed {
        kafka::Offset base;
        kafka::Offset next;
        std::uint64_t digest = 0;
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
    };

    void follow(const kafka::TopicPartition& name, const PartitionLook& look, Partition& partition);
    void extend(const kafka::TopicPartition& name, const kafka::PartitionLog& log, Partition& partition);
    void cut(Partition& partition, kafka::Offset end);
    void compare(const kafka::TopicPartition& name, const ReplicaLook& look, Partition& partition);
    static void note(std::string& place, std::string text);

    std::map<kafka::TopicPartition, Partition> m_partitions;
    Findings m_findings;
    bool m_hasLooked = false;
    std::uint64_t m_events = 0;
    SimTime m_time;
};

}  // namespace millrace::lab
