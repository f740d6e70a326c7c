#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/kafka/partition_looks.h"
#include "engine/scenario/scenario.h"
#include "engine/sim/world.h"

namespace millrace::run {

/// Notices what a run without an end would pass over: a partition that nobody leads for long, an ensemble without a
/// leader. Looks once a simulated second from outside, so what lasts shorter than `lasting` is not told.
class StandstillWatch {
public:
    /// Longer than a session's time-out and an election take.
    static constexpr SimDuration lasting = std::chrono::seconds{30};

    explicit StandstillWatch(const scenario::Scenario& scenario) : m_scenario(scenario) {}

    void look(const sim::World& world);
    /// One sentence for all that stood still for the same time, in the order in which it began.
    [[nodiscard]] std::vector<std::string> sentences(const sim::World& world) const;

private:
    /// Since when something has no leader, and the longest time that it had none before. Looked at when that may have
    /// changed.
    struct Gap {
        std::optional<SimTime> since = SimTime{};
        std::pair<SimTime, SimTime> longest{};
        void look(bool isLed, SimTime now);
        [[nodiscard]] std::pair<SimTime, SimTime> longestUpTo(SimTime now) const;
    };
    void lookAtPartitions(const sim::World& world);
    void look(const sim::World& world, const kafka::TopicPartition& partition);
    void lookAtEnsemble(const sim::World& world);
    [[nodiscard]] bool isLed(const sim::World& world, const kafka::TopicPartition& partition) const;
    [[nodiscard]] std::vector<bool> runningBrokers(const sim::World& world) const;

    const scenario::Scenario& m_scenario;
    SimTime m_nextLook;
    Gap m_ensemble;
    kafka::PartitionLooks m_looks;
    std::vector<bool> m_running;                            ///< brokers, as at the last look
    std::map<kafka::TopicName, std::vector<Gap>> m_topics;  ///< by partition
};

}  // namespace millrace::run
