#include "engine/lab/kafka_looks.h"

#include <algorithm>

namespace millrace::lab {

const ReplicaLook* PartitionLook::leader() const {
    const ReplicaLook* newest = nullptr;
    for (const ReplicaLook& look : replicas) {
        if (look.replica->isLeader() &&
            (newest == nullptr || look.replica->leaderEpoch() > newest->replica->leaderEpoch())) {
            newest = &look;
        }
    }
    return newest;
}

bool PartitionLook::allowsUnclean() const {
    return std::any_of(replicas.begin(), replicas.end(), [](const ReplicaLook& look) {
        const kafka::TopicConfig* topic = look.actor->replicas().topicConfig(look.replica->id().topic);
        const bool byDefault = look.actor->config().uncleanLeaderElection;
        return topic == nullptr ? byDefault : topic->uncleanLeaderElection.value_or(byDefault);
    });
}

PartitionLooks lookAtPartitions(const sim::World& world) {
    PartitionLooks looks;
    forEachBroker(world, [&](const sim::ProcessSlot& process, const kafka::Broker* broker) {
        if (broker == nullptr) {
            return;
        }
        const kafka::ReplicaManager& replicas = broker->replicas();
        for (kafka::ReplicaManager::Slot slot = 0; slot < replicas.count(); ++slot) {
            const kafka::Partition& replica = replicas.at(slot);
            if (replica.role() != kafka::Partition::Role::None) {
                looks[replica.id()].replicas.push_back(
                    {broker->config().id, process.incarnation, process.id, broker, &replica});
            }
        }
    });
    return looks;
}

namespace {

/// Index of the first batch that does not begin before the offset.
std::uint64_t firstFrom(const kafka::PartitionLog& log, kafka::Offset offset) {
    const auto& batches = log.batches();
    std::uint64_t low = batches.firstIndex();
    std::uint64_t high = batches.endIndex();
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (batches[middle]->baseOffset() < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

}  // namespace

const kafka::RecordBatch* batchAt(const kafka::PartitionLog& log, kafka::Offset base) {
    const auto& batches = log.batches();
    const std::uint64_t at = firstFrom(log, base);
    return at < batches.endIndex() && batches[at]->baseOffset() == base ? batches[at].get() : nullptr;
}

kafka::Offset borderAt(const kafka::PartitionLog& log, kafka::Offset offset) {
    const auto& batches = log.batches();
    const std::uint64_t at = firstFrom(log, offset);
    if (offset >= log.end() || batches.firstIndex() == batches.endIndex()) {
        return std::min(offset, log.end());
    }
    const bool begins = at < batches.endIndex() && batches[at]->baseOffset() == offset;
    return begins || at == batches.firstIndex() ? offset : batches[at - 1]->baseOffset();
}

}  // namespace millrace::lab
