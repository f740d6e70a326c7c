#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/ingest/source.h"
#include "engine/kafka/client/group_member_process.h"
#include "engine/kafka/client/producer_process.h"
#include "engine/kafka/server/broker.h"
#include "engine/sim/world.h"
#include "engine/zookeeper/server.h"

namespace millrace::kafka::test {

/// Three coordination servers and three brokers, each on a host of its own, and a host for clients. Topics come into
/// being with six partitions and three replicas when a client first names them.
class ClientCluster {
public:
    using Adjust = std::function<void(BrokerConfig&)>;

    explicit ClientCluster(std::uint64_t seed, std::int32_t minInSync = 2, const Adjust& adjust = {})
        : world(specOf(seed)) {
        zookeeper::EnsembleConfig ensemble;
        for (int i = 1; i <= 3; ++i) {
            zookeeper::EnsembleMember member;
            member.id = zookeeper::ServerId{i};
            member.name = "zk" + std::to_string(i);
            member.host = host(member.name);
            ensemble.members.push_back(member);
        }
        for (const auto& member : ensemble.members) {
            world.addProcess(member.host, zookeeper::makeServerBlueprint(ensemble, member.id));
        }
        for (int i = 1; i <= 3; ++i) {
            BrokerConfig config;
            config.id = BrokerId{i};
            config.host = "b" + std::to_string(i);
            config.zookeeperConnect = ensemble.clientAddresses();
            config.zookeeperSessionTimeout = std::chrono::seconds{6};
            config.numPartitions = 6;
            config.defaultReplicationFactor = 3;
            config.minInsyncReplicas = minInSync;
            config.placementSeed = seed;
            if (adjust) {
                adjust(config);
            }
            bootstrap.push_back({BrokerId{i}, config.host, config.port.value, {}});
            world.addProcess(host(config.host), makeBrokerBlueprint(makeRef<BrokerConfig>(config)),
                             SimTime{std::chrono::seconds{1}}, sim::RestartPolicy{true, std::chrono::seconds{1}, {}});
        }
        host("app");
    }

    /// A producer of the lines "line 0", "line 1" ... to the topic "access".
    void addProducer(int lines, double rate, ProducerConfig config = {}, SimDuration start = std::chrono::seconds{5}) {
        std::string text;
        for (int i = 0; i < lines; ++i) {
            text += "line " + std::to_string(i) + "\n";
        }
        auto source = makeRef<ingest::SourceSpec>();
        source->id = "log";
        source->pace.recordsPerSecond = rate;
        source->pace.start = start;
        source->origin = ingest::FileSource{makeRef<ingest::FileContent>("access.log", text)};
        config.client.bootstrap = bootstrap;
        config.client.links.clientId = ClientId("producer");
        world.addProcess(world.findHost("app"),
                         makeProducerBlueprint({"log", TopicName("access"), std::move(source), std::move(config)}));
    }

    void addMember(const std::string& name, SimDuration start = std::chrono::seconds{4},
                   GroupMemberConfig config = {}) {
        config.group = "readers";
        config.member = name;
        config.topics = {TopicName("access")};
        config.consumer.client.bootstrap = bootstrap;
        config.consumer.client.links.clientId = ClientId(name);
        config.consumer.offsetReset = OffsetReset::Earliest;
        config.consumer.membership.sessionTimeout = std::chrono::seconds{10};
        world.addProcess(host("h-" + name), makeGroupMemberBlueprint(config), SimTime{start});
        members.push_back(name);
    }

    void crash(const std::string& target, double atSeconds, double forSeconds) {
        sim::FaultSpec fault;
        fault.kind = sim::FaultKind::Crash;
        fault.target = target;
        fault.duration = fromSeconds(forSeconds);
        world.scheduleFault(SimTime{fromSeconds(atSeconds)}, fault);
    }

    void runTo(double atSeconds) { world.run(SimTime{fromSeconds(atSeconds)}); }

    sim::HostId host(const std::string& name) {
        sim::HostSpec spec;
        spec.name = name;
        return world.addHost(spec);
    }

    [[nodiscard]] const Broker* broker(int id) const { return world.findActor<Broker>(brokerActorName(BrokerId{id})); }
    /// The leader's replica of a partition, or null.
    [[nodiscard]] const Partition* leaderOf(const std::string& topic, int partition) const {
        const TopicPartition name{TopicName(topic), PartitionIndex{partition}};
        for (int id = 1; id <= 3; ++id) {
            const Broker* candidate = broker(id);
            if (candidate != nullptr && candidate->replicas().isLeader(name)) {
                return &candidate->replicas().at(candidate->replicas().find(name));
            }
        }
        return nullptr;
    }
    /// How often each position stands in the topic, below the high watermarks.
    [[nodiscard]] std::map<int, int> positions(const std::string& topic = "access") const {
        std::map<int, int> counts;
        for (int p = 0; p < 6; ++p) {
            const Partition* leader = leaderOf(topic, p);
            if (leader == nullptr) {
                continue;
            }
            const auto& batches = leader->log.batches();
            for (std::uint64_t i = batches.firstIndex(); i < batches.endIndex(); ++i) {
                for (const RecordView& record : batches[i]->records()) {
                    if (record.offset < leader->log.highWatermark()) {
                        ++counts[std::stoi(std::string{record.header("mr.position").value()})];
                    }
                }
            }
        }
        return counts;
    }
    /// Journal entries of a kind.
    [[nodiscard]] std::vector<const sim::JournalEntry*> journal(std::string_view kind) const {
        std::vector<const sim::JournalEntry*> entries;
        for (std::uint32_t id = 1; id <= world.journal().lastId().value; ++id) {
            const auto* entry = world.journal().find(sim::JournalId{id});
            if (entry != nullptr && entry->kind == kind) {
                entries.push_back(entry);
            }
        }
        return entries;
    }

    sim::World world;
    std::vector<BrokerEndpoint> bootstrap;
    std::vector<std::string> members;

private:
    static sim::WorldSpec specOf(std::uint64_t seed) {
        sim::WorldSpec spec;
        spec.seed = seed;
        return spec;
    }
};

}  // namespace millrace::kafka::test
