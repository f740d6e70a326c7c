#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/kafka/describe.h"
#include "engine/kafka/server/broker.h"
#include "engine/sim/world.h"
#include "engine/zookeeper/server.h"
#include "tests/kafka/writer.h"

namespace millrace::kafka::test {

using namespace std::chrono_literals;

/// What a play needs before its first act.
struct Stage {
    std::uint64_t seed = 1;
    int brokers = 3;
    int partitions = 1;
    int replicas = 3;
    int minInSync = 2;
    Acks acks = Acks::All;
    SimDuration interval = 20ms;
    SimTime writeUntil = SimTime::max();
    SimDuration sessionTimeout = 6s;
    SimDuration lagMax = 10s;
    bool writes = true;
    std::vector<std::string> racks;
    std::vector<std::pair<std::string, std::string>> topicConfig;
    BrokenRules broken;
    std::optional<sim::RestartPolicy> restart = sim::RestartPolicy{true, std::chrono::seconds{1}, {}};
    std::function<void(BrokerConfig&)> adjust = {};
};

/// One coordination server, brokers "broker/1".. each on a host "b<id>" of its own, and the writer of topic "t".
class BrokerCluster {
public:
    explicit BrokerCluster(const Stage& stage);

    void run(SimDuration duration) { world.run(world.now() + duration); }
    /// Runs until it holds, at most `limit`; false when it does not.
    bool runUntil(const std::function<bool()>& holds, SimDuration limit = 60s);
    /// Runs until all brokers are registered and all partitions have leaders and full in-sync sets.
    bool runUntilHealthy(SimDuration limit = 60s);
    void fault(sim::FaultKind kind, const std::string& target, double value = 0);
    void crash(BrokerId broker) { fault(sim::FaultKind::Crash, process(broker)); }
    void restart(BrokerId broker) { fault(sim::FaultKind::Restart, process(broker)); }
    void losePower(BrokerId broker) { fault(sim::FaultKind::Power, host(broker)); }
    void restorePower(BrokerId broker) { fault(sim::FaultKind::PowerOn, host(broker)); }

    [[nodiscard]] static std::string process(BrokerId broker) { return "process:" + brokerProcessName(broker); }
    [[nodiscard]] static std::string host(BrokerId broker) { return "host:b" + toText(broker); }
    [[nodiscard]] const Broker* broker(BrokerId id) const { return findBroker(world, id); }
    [[nodiscard]] const Writer& writer() const { return *world.findActor<Writer>("writer/writer"); }
    [[nodiscard]] PartitionState state(int partition = 0) const;
    [[nodiscard]] BrokerId leader(int partition = 0) const { return state(partition).leader; }
    [[nodiscard]] BrokerId controller() const;
    /// The replica on that broker; null when the broker does not live or has none.
    [[nodiscard]] const Partition* replica(BrokerId broker, int partition = 0) const;
    [[nodiscard]] std::vector<BrokerId> followers(int partition = 0) const;
    [[nodiscard]] std::vector<const sim::JournalEntry*> entries(std::string_view kind) const;
    /// Whether the entry's causes lead back to an entry of that kind.
    [[nodiscard]] bool isCausedBy(const sim::JournalEntry& entry, std::string_view kind) const;

    /// What is wrong with what was acknowledged: records that are not where they were acknowledged. Empty when nothing
    /// is.
    [[nodiscard]] std::string lostRecords() const;
    /// Where replicas differ below both their high watermarks. Empty when nowhere.
    [[nodiscard]] std::string disagreements() const;

    sim::World world;
    int brokerCount = 0;
    int partitionCount = 0;

    [[nodiscard]] static TopicPartition topicPartition(int partition = 0) {
        return {TopicName("t"), PartitionIndex{partition}};
    }
};

}  // namespace millrace::kafka::test
