#include "engine/scenario/sections/kafka/partition_standstill.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/kafka/server/broker.h"

namespace millrace::scenario {

namespace {

std::string namesText(const std::vector<std::string>& names) {
    constexpr std::size_t most = 6;
    if (names.size() <= most) {
        return fmt::format("{}", fmt::join(names, ", "));
    }
    return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + most, ", "), names.size() - most);
}

}  // namespace

void PartitionStandstill::look(const sim::World& world) {
    const bool isFirst = m_topics.empty();
    for (std::size_t i = 0; isFirst && i < m_plan.topics.size(); ++i) {
        const TopicPlan& topic = m_plan.topics[i];
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
void PartitionStandstill::look(const sim::World& world, const kafka::TopicPartition& partition) {
    const auto topic = m_topics.find(partition.topic);
    const auto index = static_cast<std::size_t>(partition.partition.value);
    if (topic != m_topics.end() && index < topic->second.size()) {
        topic->second[index].look(isLed(world, partition), world.now());
    }
}

bool PartitionStandstill::isLed(const sim::World& world, const kafka::TopicPartition& partition) const {
    const std::optional<kafka::PartitionLook> look = m_looks.find(partition);
    return look && std::any_of(look->replicas.begin(), look->replicas.end(), [&](const kafka::ReplicaLook& each) {
               return each.replica->isLeader() && world.process(each.process).state == sim::ProcessState::Running;
           });
}

std::vector<bool> PartitionStandstill::runningBrokers(const sim::World& world) const {
    std::vector<bool> running;
    for (const BrokerPlan& plan : m_plan.cluster.brokers) {
        const kafka::BrokerId id{plan.id};
        running.push_back(
            runningActor<kafka::Broker>(world, kafka::brokerProcessName(id), kafka::brokerActorName(id)) != nullptr);
    }
    return running;
}

std::vector<std::string> PartitionStandstill::sentences(const sim::World& world) const {
    const SimTime end = world.now();
    std::vector<std::string> sentences;
    std::map<std::pair<SimTime, SimTime>, std::vector<std::string>> partitions;
    for (const auto& [topic, gaps] : m_topics) {
        for (std::size_t index = 0; index < gaps.size(); ++index) {
            if (const auto longest = gaps[index].longestUpTo(end); isLasting(longest)) {
                partitions[longest].push_back(fmt::format("{}-{}", topic.text(), index));
            }
        }
    }
    for (const auto& [gap, names] : partitions) {
        sentences.push_back(fmt::format("{} {} led by nobody {}", namesText(names), names.size() == 1 ? "was" : "were",
                                        timeText(gap, end)));
    }
    return sentences;
}

}  // namespace millrace::scenario
