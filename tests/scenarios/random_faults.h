#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/scenarios/random_settings.h"

namespace millrace::swarm {

/// Names of what a scenario has: what faults can hit.
struct Things {
    std::vector<std::string> hosts;
    std::vector<std::string> brokers;
    std::vector<std::string> servers;
    std::vector<std::string> supervisors;
    std::vector<std::string> producers;
    std::vector<std::string> sinks;
    std::vector<std::string> processes;                   ///< of Spark and Hadoop, as targets of faults
    std::vector<std::string> members;                     ///< of groups, as GROUP/NUMBER
    std::vector<std::pair<std::string, int>> topics;      ///< with their partitions
    std::vector<std::pair<std::string, int>> topologies;  ///< with their workers
};

struct RandomFaults {
    Json list = Json::array();
    bool fillsDisks = false;
    bool allEnd = true;  ///< whatever keeps others from their work is over at some time
};

/// Up to a dozen faults of every kind at every sort of instant of a run of so many seconds: the start, one nanosecond
/// after it, the end, together, the same twice, for a moment, for good.
[[nodiscard]] RandomFaults randomFaults(Dice& dice, const Things& things, int seconds);

}  // namespace millrace::swarm
