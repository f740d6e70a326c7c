#include "engine/run/standstill.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/zookeeper/server_actor.h"

namespace millrace::run {

namespace {

constexpr SimDuration leaderLookInterval = std::chrono::seconds{1};

/// The actor of a process that runs; null when it is down or stands still.
template <class Actor>
const Actor* runningActor(const sim::World& world, const std::string& process, const std::string& actor) {
    const sim::ProcessId id = world.findProcess(process);
    const bool runs = id != sim::noProcess && world.process(id).state == sim::ProcessState::Running;
    return runs ? world.findActor<Actor>(actor) : nullptr;
}

std::string timeText(std::pair<SimTime, SimTime> from, SimTime end) {
    const std::string begin = from.first == SimTime{} ? "from the start" : "from " + toText(from.first);
    return from.second >= end ? begin + " on, to the end" : begin + " to " + toText(from.second);
}

std::string listed(const std::vector<std::string>& names) {
    constexpr std::size_t most = 6;
    if (names.size() <= most) {
        return fmt::format("{}", fmt::join(names, ", "));
    }
    return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + most, ", "), names.size() - most);
}

}  // namespace

void StandstillWatch::Gap::look(bool isLed, SimTime now) {
    longest = longestUpTo(now);
    if (isLed) {
        since.reset();
    } else if (!since) {
        since = now;
    }
}

std::pair<SimTime, SimTime> StandstillWatch::Gap::longestUpTo(SimTime now) const {
    const bool isLonger = since && now - *since > longest.second - longest.first;
    return isLonger ? std::pair{*since, now} : longest;
}

void StandstillWatch::look(const sim::World& world) {
    if (world.now() < m_nextLook) {
        return;
    }
    m_nextLook = world.now() + leaderLookInterval;
    lookAtPartitions(world);
    lookAtEnsemble(world);
}

std::vector<bool> StandstillWatch::runningBrokers(const sim::World& world) const {
    std::vector<bool> running;
    for (const scenario::BrokerPlan& plan : m_scenario.cluster.brokers) {
        const kafka::BrokerId id{plan.id};
        running.push_back(
            runningActor<kafka::Broker>(world, kafka::brokerProcessName(id), kafka::brokerActorName(id)) != nullptr);
    }
    return running;
}

void StandstillWatch::lookAtPartitions(const sim::World& world) {
    const bool isFirst = m_topics.empty();
    for (std::size_t i = 0; isFirst && i < m_scenario.topics.size(); ++i) {
        const scenario::TopicPlan& topic = m_scenario.topics[i];
        m_topics[kafka::TopicName{topic.name}].resize(static_cast<std::size_t>(topic.partitions));
    }
    m_looks.update(world);
    std::vector<bool> running = runningBrokers(world);
    if (std::exchange(m_running, std::move(running)) != m_running) {
        // A broker that stands still leads nothing, though none of its replicas changed.
        for (auto& [topic, gaps] : m_topics) {
            for (std::size_t index = 0; index < gaps.size(); ++index) {
                look(world, {topic, kafka::PartitionIndex{static_cast<std::int32_t>(index)}});
            }
        }
        return;
    }
    for (const kafka::TopicPartition& name : m_looks.changed()) {
        look(world, name);
    }
}

/// Topics that are not the scenario's are passed over.
void StandstillWatch::look(const sim::World& world, const kafka::TopicPartition& partition) {
    const auto topic = m_topics.find(partition.topic);
    const auto index = static_cast<std::size_t>(partition.partition.value);
    if (topic != m_topics.end() && index < topic->second.size()) {
        topic->second[index].look(isLed(world, partition), world.now());
    }
}

bool StandstillWatch::isLed(const sim::World& world, const kafka::TopicPartition& partition) const {
    const std::optional<kafka::PartitionLook> look = m_looks.find(partition);
    return look && std::any_of(look->replicas.begin(), look->replicas.end(), [&](const kafka::ReplicaLook& each) {
               return each.replica->isLeader() && world.process(each.process).state == sim::ProcessState::Running;
           });
}

void StandstillWatch::lookAtEnsemble(const sim::World& world) {
    const bool isLed = std::any_of(
        m_scenario.cluster.servers.begin(), m_scenario.cluster.servers.end(), [&](const scenario::ServerPlan& plan) {
            const std::string process = "zookeeper/" + plan.name;
            const auto* server = runningActor<zookeeper::Server>(world, process, process + "/server");
            return server != nullptr && server->isServing() && server->state() == zookeeper::ServerState::Leading;
        });
    m_ensemble.look(isLed || m_scenario.cluster.servers.empty(), world.now());
}

std::vector<std::string> StandstillWatch::sentences(const sim::World& world) const {
    const SimTime end = world.now();
    std::vector<std::string> sentences;
    const auto lasted = [](std::pair<SimTime, SimTime> gap) { return gap.second - gap.first >= lasting; };
    if (const auto gap = m_ensemble.longestUpTo(end); lasted(gap)) {
        sentences.push_back(fmt::format("the ZooKeeper ensemble had no leader {}", timeText(gap, end)));
    }
    std::map<std::pair<SimTime, SimTime>, std::vector<std::string>> partitions;
    for (const auto& [topic, gaps] : m_topics) {
        for (std::size_t index = 0; index < gaps.size(); ++index) {
            if (const auto longest = gaps[index].longestUpTo(end); lasted(longest)) {
                partitions[longest].push_back(fmt::format("{}-{}", topic.text(), index));
            }
        }
    }
    for (const auto& [gap, names] : partitions) {
        sentences.push_back(fmt::format("{} {} led by nobody {}", listed(names), names.size() == 1 ? "was" : "were",
                                        timeText(gap, end)));
    }
    return sentences;
}

}  // namespace millrace::run
