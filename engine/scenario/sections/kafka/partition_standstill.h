#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/kafka/partition_looks.h"
#include "engine/scenario/run_judgement.h"
#include "engine/scenario/scenario.h"

namespace millrace::scenario {

/// Partitions that nobody leads, each looked at when that may have changed.
class PartitionStandstill final : public Standstill {
public:
    explicit PartitionStandstill(const Scenario& plan) : m_plan(plan) {}

    void look(const sim::World& world) override;
    [[nodiscard]] std::vector<std::string> sentences(const sim::World& world) const override;

private:
    void look(const sim::World& world, const kafka::TopicPartition& partition);
    [[nodiscard]] bool isLed(const sim::World& world, const kafka::TopicPartition& partition) const;
    [[nodiscard]] std::vector<bool> runningBrokers(const sim::World& world) const;

    const Scenario& m_plan;
    kafka::PartitionLooks m_looks;
    std::vector<bool> m_running;                                      ///< brokers, as at the last look
    std::map<kafka::TopicName, std::vector<LeaderlessGap>> m_topics;  ///< by partition
};

}  // namespace millrace::scenario
