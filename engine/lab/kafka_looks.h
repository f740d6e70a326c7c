#pragma once

#include "engine/kafka/partition_looks.h"
#include "engine/sim/world.h"

namespace millrace::lab {

using kafka::lookAtPartitions;
using kafka::PartitionLook;
using kafka::PartitionLooks;
using kafka::PartitionLooksRef;
using kafka::ReplicaLook;

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
/// The same for offsets that are asked for in order: what comes next mostly stands next.
class BatchWalk {
public:
    explicit BatchWalk(const kafka::PartitionLog& log) : m_log(log) {}
    [[nodiscard]] const kafka::RecordBatch* at(kafka::Offset base);

private:
    const kafka::PartitionLog& m_log;
    std::uint64_t m_next = ~std::uint64_t{0};
};
/// The last offset up to this one at which a batch of the log begins, or at which the log ends.
[[nodiscard]] kafka::Offset borderAt(const kafka::PartitionLog& log, kafka::Offset offset);

}  // namespace millrace::lab
