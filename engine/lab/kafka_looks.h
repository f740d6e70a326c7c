#pragma once

#include <map>
#include <vector>

#include "engine/kafka/broker/broker.h"
#include "engine/sim/world.h"

namespace millrace::lab {

/// One replica of a live broker, as a look finds it.
struct ReplicaLook {
    kafka::BrokerId broker;
    std::uint32_t incarnation = 0;
    sim::ProcessId process;
    const kafka::Broker* actor = nullptr;
    const kafka::Partition* replica = nullptr;
};

struct PartitionLook {
    std::vector<ReplicaLook> replicas;  ///< by broker
    /// The one that says it leads, in the newest epoch; null when none does.
    [[nodiscard]] const ReplicaLook* leader() const;
    /// Whether an election may take a leader from outside the in-sync set.
    [[nodiscard]] bool allowsUnclean() const;
};

using PartitionLooks = std::map<kafka::TopicPartition, PartitionLook>;

/// All replicas of all live brokers.
[[nodiscard]] PartitionLooks lookAtPartitions(const sim::World& world);

template <class F>
void forEachBroker(const sim::World& world, F&& f) {
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (process.name().starts_with("broker/")) {
            f(process, world.findActor<kafka::Broker>(process.name() + "/server"));
        }
    }
}

/// The batch that starts at the offset, or null.
[[nodiscard]] const kafka::RecordBatch* batchAt(const kafka::PartitionLog& log, kafka::Offset base);
/// The last offset up to this one at which a batch of the log begins, or at which the log ends.
[[nodiscard]] kafka::Offset borderAt(const kafka::PartitionLog& log, kafka::Offset offset);

}  // namespace millrace::lab
