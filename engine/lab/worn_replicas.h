#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/lab/kafka_looks.h"

namespace millrace::lab {

/// Which replicas may lack committed records without Kafka being at fault: through a power loss, or as leaders that
/// were elected from outside the in-sync set.
///
/// Kafka answers before it flushes: a replica whose host loses power loses what the disk did not have yet, and nobody
/// asks it whether it did. The rule here is exact, and nothing else is excused:
/// 1. A replica is *worn* from a power loss of its host that meets it in the in-sync set, until it is seen outside that
///    set or has all of the committed history again.
/// 2. A worn replica that takes over as leader may lack records, and what it lacks is no longer committed, if either
///    all members of the in-sync set it leads with are worn (the last replica standing, KIP-966: those that left the
///    set before it, alive or down, do not count, whatever they have), or the controller has changed since the power
///    was lost (a broker that comes back before the new controller looks was never away for it). In the second case it
///    may even go on in the leader epoch that it had, and then the later records of that epoch are not those that
///    others have under the same number; they are not compared.
/// 3. A leader of an unclean election lacks what it lacks, and that is no longer committed. What it has in common with
///    others under an older epoch is the same as theirs.
/// A single power loss thus excuses nobody while another member of the in-sync set is whole and a controller works.
/// It learns of elections, in-sync sets and power losses from the journal, so none is missed between looks.
class WornReplicas {
public:
    /// What the journal has told since the last time.
    struct News {
        std::vector<kafka::TopicPartition> partitions;
        bool isOfAll = false;
    };
    News update(const sim::World& world, const PartitionLooks& looks);
    void forget();

    [[nodiscard]] bool isWorn(const kafka::TopicPartition& partition, kafka::BrokerId broker) const;
    struct Excuse {
        kafka::LeaderEpoch from;  ///< records from this epoch on follow what the excused leader had
        bool isOfPower = false;   ///< older ones may have a number and epoch that others have given to other records
    };
    /// Why a leader that has taken over in `epoch`, or come back in it, may lack records that were committed in
    /// `lastEpoch` or before; nothing when it may not. Unclean elections count where they are allowed.
    [[nodiscard]] std::optional<Excuse> excuses(const kafka::TopicPartition& partition, kafka::BrokerId leader,
                                                kafka::LeaderEpoch lastEpoch, kafka::LeaderEpoch epoch,
                                                bool allowsUnclean) const;
    void becomesWhole(const kafka::TopicPartition& partition, kafka::BrokerId broker);

private:
    struct Partition {
        std::vector<kafka::BrokerId> inSync;           ///< as last heard of
        kafka::LeaderEpoch epoch = kafka::noEpoch;     ///< of the controller's last word
        std::map<kafka::LeaderEpoch, Excuse> excused;  ///< the newest epochs that were given to excused leaders
        std::map<kafka::BrokerId, bool> worn;          ///< and whether the controller has changed since
    };

    void take(const sim::World& world, const sim::JournalEntry& entry, News& news);
    void takeMembers(const kafka::TopicPartition& name, const PartitionLooks& looks);
    void losePower(const sim::World& world, std::string_view hit);
    static bool mayLack(const Partition& partition, kafka::BrokerId leader);
    static void keepMembers(Partition& partition, const std::vector<kafka::BrokerId>& inSync);

    std::map<kafka::TopicPartition, Partition> m_partitions;
    bool m_isAnyWorn = false;  ///< any of any partition, ever: replicas are asked for far more often than power is lost
    sim::JournalId m_seen = sim::noEntry;
};

}  // namespace millrace::lab
