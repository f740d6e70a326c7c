#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <vector>

#include "engine/kafka/client/producer_process.h"
#include "engine/lab/invariant.h"
#include "engine/lab/kafka_looks.h"

namespace millrace::lab {

namespace {

/// Batches that producers with acks = all were told are safe, sampled as the newest of each producer and partition at
/// each look, where min.insync.replicas is at least 2. When it is acknowledged at least two replicas must have it, and
/// every later leader must have it, unless two replicas were without the power they had when they took it: that is more
/// than one failure, and Kafka does not flush before it answers.
class AcknowledgedRecordsSurvive final : public Invariant {
public:
    [[nodiscard]] std::string_view name() const override { return "acknowledged-records-survive"; }
    [[nodiscard]] std::string_view statement() const override {
        return "A record acknowledged with acks=all survives any single crash when min.insync.replicas is 2";
    }
    void forget() override {
        m_partitions.clear();
        m_newest.clear();
        m_lostPower.clear();
    }

    void observe(const sim::World& world) override {
        const PartitionLooks looks = lookAtPartitions(world);
        notePower(world, looks);
        for (std::uint32_t i = 0; i < world.processCount(); ++i) {
            const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
            constexpr std::string_view prefix = "producer/";
            if (process.isAlive() && process.name().starts_with(prefix)) {
                take(world, looks, process);
            }
        }
        for (auto& [name, expected] : m_partitions) {
            if (const auto look = looks.find(name); look != looks.end()) {
                checkLeader(world, name, look->second, expected);
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

    void take(const sim::World& world, const PartitionLooks& looks, const sim::ProcessSlot& process) {
        const std::string_view id = std::string_view{process.name()}.substr(std::string_view{"producer/"}.size());
        for (const kafka::ProducerAck& ack : kafka::producerAcks(world, id)) {
            const auto look = looks.find(ack.partition);
            const ReplicaLook* leader = look == looks.end() ? nullptr : look->second.leader();
            if (ack.acks != kafka::Acks::All || leader == nullptr || look->second.allowsUnclean()) {
                continue;
            }
            const auto last = m_newest.try_emplace({process.id, ack.partition}, kafka::noOffset).first;
            if (ack.newest.base <= last->second || leader->replica->minInSync() < 2) {
                continue;
            }
            last->second = ack.newest.base;
            checkCopies(world, ack, look->second);
            std::vector<kafka::AckedBatch>& batches = m_partitions[ack.partition].batches;
            const auto place = std::upper_bound(batches.begin(), batches.end(), ack.newest,
                                                [](const auto& a, const auto& b) { return a.base < b.base; });
            batches.insert(place, ack.newest);
            if (batches.size() > kept) {
                batches.erase(batches.begin());
            }
        }
    }

    /// A broker that is down may well have it: only those that live can be asked.
    void checkCopies(const sim::World& world, const kafka::ProducerAck& ack, const PartitionLook& look) {
        const ReplicaLook* leader = look.leader();
        std::size_t holders = leader->replica->replicas().size() - look.replicas.size();
        for (const ReplicaLook& replica : look.replicas) {
            holders += replica.replica->log.end() >= ack.newest.base + ack.newest.records ? 1U : 0U;
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
            expect(world, own != nullptr && own->crc() == batch.crc, [&] {
                return fmt::format(
                    "records {} to {} of {} were acknowledged, and its leader, broker {}, does not have "
                    "them",
                    batch.base.value, batch.base.value + batch.records - 1, toText(name), leader->broker.value);
            });
        }
    }

    /// "broker/2"
    static kafka::BrokerId brokerOf(const sim::ProcessSlot& process) {
        return kafka::BrokerId{std::atoi(process.name().c_str() + std::string_view{"broker/"}.size())};
    }

    void notePower(const sim::World& world, const PartitionLooks& looks) {
        std::map<kafka::BrokerId, bool> isUp;
        forEachBroker(world, [&](const sim::ProcessSlot& process, const kafka::Broker* broker) {
            const kafka::BrokerId id = brokerOf(process);
            isUp[id] = broker != nullptr;
            if (process.state == sim::ProcessState::HostOff) {
                m_lostPower.insert(id);
            }
        });
        for (const auto& [name, look] : looks) {
            const ReplicaLook* leader = look.leader();
            if (leader == nullptr) {
                continue;
            }
            const auto weak = std::count_if(leader->replica->replicas().begin(), leader->replica->replicas().end(),
                                            [&](kafka::BrokerId id) { return m_lostPower.contains(id); });
            if (weak >= 2) {
                m_partitions.erase(name);
            }
        }
        // Whoever is back in every in-sync set it belongs to has everything again.
        std::erase_if(m_lostPower, [&](kafka::BrokerId id) {
            return isUp[id] && std::all_of(looks.begin(), looks.end(), [&](const auto& entry) {
                       const ReplicaLook* leader = entry.second.leader();
                       if (leader == nullptr) {
                           return false;
                       }
                       const auto& all = leader->replica->replicas();
                       const auto& inSync = leader->replica->inSyncSet();
                       return std::find(all.begin(), all.end(), id) == all.end() ||
                              std::find(inSync.begin(), inSync.end(), id) != inSync.end();
                   });
        });
    }

    std::map<kafka::TopicPartition, Expected> m_partitions;
    std::map<std::pair<sim::ProcessId, kafka::TopicPartition>, kafka::Offset> m_newest;
    std::set<kafka::BrokerId> m_lostPower;
};

}  // namespace

std::unique_ptr<Invariant> makeAcknowledgedRecordsSurvive() {
    return std::make_unique<AcknowledgedRecordsSurvive>();
}

}  // namespace millrace::lab
