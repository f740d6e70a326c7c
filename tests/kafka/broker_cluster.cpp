#include "tests/kafka/broker_cluster.h"

#include <fmt/format.h>

namespace millrace::kafka::test {

namespace {

class WriterBlueprint final : public sim::Blueprint {
public:
    explicit WriterBlueprint(Writer::Plan plan) : m_plan(std::move(plan)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("writer", makeRef<Writer>(m_plan)); }

private:
    Writer::Plan m_plan;
    std::string m_name = "writer";
};

sim::HostId addHost(sim::World& world, const std::string& name) {
    sim::HostSpec spec;
    spec.name = name;
    return world.addHost(spec);
}

}  // namespace

BrokerCluster::BrokerCluster(const Stage& stage)
    : world(sim::WorldSpec{.seed = stage.seed}), brokerCount(stage.brokers), partitionCount(stage.partitions) {
    zookeeper::EnsembleConfig ensemble;
    zookeeper::EnsembleMember member;
    member.id = zookeeper::ServerId{1};
    member.name = "zk1";
    member.host = addHost(world, "z1");
    ensemble.members.push_back(member);
    world.addProcess(member.host, zookeeper::makeServerBlueprint(ensemble, member.id));

    Writer::Plan plan;
    for (int id = 1; id <= stage.brokers; ++id) {
        BrokerConfig config;
        config.id = BrokerId{id};
        config.host = "b" + std::to_string(id);
        config.rack = stage.racks.empty() ? "" : stage.racks[static_cast<std::size_t>(id - 1)];
        config.zookeeperConnect = ensemble.clientAddresses();
        config.zookeeperSessionTimeout = stage.sessionTimeout;
        config.replicaLagTimeMax = stage.lagMax;
        config.placementSeed = stage.seed;
        config.broken = stage.broken;
        if (stage.adjust) {
            stage.adjust(config);
        }
        world.addProcess(addHost(world, config.host), makeBrokerBlueprint(config), SimTime{100ms}, stage.restart);
        plan.brokers.push_back({config.id, config.host, config.port.value, {}});
    }
    plan.topic.name = TopicName("t");
    plan.topic.partitions = stage.partitions;
    plan.topic.replicationFactor = static_cast<std::int16_t>(stage.replicas);
    plan.topic.config = stage.topicConfig;
    plan.topic.config.emplace_back("min.insync.replicas", std::to_string(stage.minInSync));
    plan.acks = stage.acks;
    plan.interval = stage.interval;
    plan.until = stage.writes ? stage.writeUntil : SimTime{};
    world.addProcess(addHost(world, "w"), makeRef<WriterBlueprint>(plan), SimTime{2s});
}

bool BrokerCluster::runUntil(const std::function<bool()>& holds, SimDuration limit) {
    const SimTime end = world.now() + limit;
    while (!holds()) {
        if (world.now() >= end) {
            return false;
        }
        run(10ms);
    }
    return true;
}

bool BrokerCluster::runUntilHealthy(SimDuration limit) {
    return runUntil(
        [&] {
            for (int id = 1; id <= brokerCount; ++id) {
                const Broker* actor = broker(BrokerId{id});
                if (actor == nullptr || !actor->registration().isRegistered()) {
                    return false;
                }
            }
            for (int p = 0; p < partitionCount; ++p) {
                const PartitionState known = state(p);
                const bool isFull = known.leader != noBroker && known.isr.size() == known.replicas.size();
                const Partition* led = isFull ? replica(known.leader, p) : nullptr;
                if (led == nullptr || !led->isLeader()) {
                    return false;
                }
            }
            return true;
        },
        limit);
}

void BrokerCluster::fault(sim::FaultKind kind, const std::string& target, double value) {
    sim::FaultSpec spec;
    spec.kind = kind;
    spec.target = target;
    spec.value = value;
    world.injectFault(spec);
}

PartitionState BrokerCluster::state(int partition) const {
    return partitionState(world, topicPartition(partition)).value_or(PartitionState{});
}

BrokerId BrokerCluster::controller() const {
    observe::ClusterView view;
    describe(world, view);
    return BrokerId{view.controller};
}

const Partition* BrokerCluster::replica(BrokerId id, int partition) const {
    const Broker* actor = broker(id);
    if (actor == nullptr) {
        return nullptr;
    }
    const ReplicaManager::Slot slot = actor->replicas().find(topicPartition(partition));
    return slot == ReplicaManager::noSlot ? nullptr : &actor->replicas().at(slot);
}

std::vector<BrokerId> BrokerCluster::followers(int partition) const {
    std::vector<BrokerId> brokers = state(partition).replicas;
    std::erase(brokers, leader(partition));
    return brokers;
}

std::vector<const sim::JournalEntry*> BrokerCluster::entries(std::string_view kind) const {
    std::vector<const sim::JournalEntry*> found;
    for (std::uint32_t id = 1; id <= world.journal().lastId().value; ++id) {
        const sim::JournalEntry* entry = world.journal().find(sim::JournalId{id});
        if (entry != nullptr && entry->kind == kind) {
            found.push_back(entry);
        }
    }
    return found;
}

bool BrokerCluster::isCausedBy(const sim::JournalEntry& entry, std::string_view kind) const {
    for (const sim::JournalEntry* at = &entry; at != nullptr; at = world.journal().find(at->cause)) {
        if (at->kind == kind) {
            return true;
        }
    }
    return false;
}

std::string BrokerCluster::lostRecords() const {
    for (const Acknowledged& record : writer().acknowledged) {
        const int index = record.partition.value;
        const Partition* led = replica(leader(index), index);
        if (led == nullptr) {
            return fmt::format("t-{} has no leader", index);
        }
        Batches batches;
        led->log.read(record.offset, led->log.end(), 1, true, batches);
        bool isThere = false;
        for (const BatchRef& batch : batches) {
            for (const RecordView& view : batch->records()) {
                isThere |= view.offset == record.offset && view.value == record.value;
            }
        }
        if (!isThere) {
            return fmt::format("t-{} offset {}: \"{}\" was acknowledged and is not there; the log ends at {}", index,
                               record.offset.value, record.value, led->log.end().value);
        }
    }
    return {};
}

std::string BrokerCluster::disagreements() const {
    for (int p = 0; p < partitionCount; ++p) {
        const Partition* first = nullptr;
        for (int id = 1; id <= brokerCount; ++id) {
            const Partition* other = replica(BrokerId{id}, p);
            if (other == nullptr) {
                continue;
            }
            if (first == nullptr) {
                first = other;
                continue;
            }
            const Offset common = std::min(first->log.highWatermark(), other->log.highWatermark());
            Batches mine;
            Batches theirs;
            const Offset from = std::max(first->log.start(), other->log.start());
            first->log.read(from, common, 1 << 30, true, mine);
            other->log.read(from, common, 1 << 30, true, theirs);
            if (mine.size() != theirs.size()) {
                return fmt::format("t-{}: {} and {} batches below {}", p, mine.size(), theirs.size(), common.value);
            }
            for (std::size_t i = 0; i < mine.size(); ++i) {
                if (mine[i]->digest() != theirs[i]->digest()) {
                    return fmt::format("t-{} differs at offset {}", p, mine[i]->baseOffset().value);
                }
            }
        }
    }
    return {};
}

}  // namespace millrace::kafka::test
