#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/scenario/scenario.h"
#include "engine/sim/ids.h"

namespace millrace::scenario {

/// Where everything that listens is reached. The first of its kind on a host has the port that its documentation
/// names (2181, 9092, 6627 ...), the next ones those behind it, and nobody has a port that another one on that host
/// has: as an administrator would set them up. Sinks without a host of their own are not in it.
struct Ports {
    struct Server {
        sim::Port client;
        sim::Port quorum;
        sim::Port election;
    };
    std::vector<Server> servers;                ///< by their order in the plan
    std::vector<sim::Port> brokers;             ///< by their order in the plan
    std::map<std::string, sim::Port> sinks;     ///< by name; sinks that name a host
    sim::Port nimbus{6627};                     ///< nimbus.thrift.port
    std::vector<sim::Port> supervisors;         ///< supervisor.thrift.port, by their order in the plan
    std::vector<std::vector<sim::Port>> slots;  ///< supervisor.slots.ports, by supervisor
};

/// The same plan gives the same ports.
[[nodiscard]] Ports assignPorts(const Scenario& plan);

/// How many listeners one host may carry; more is refused before a plan is made.
inline constexpr std::int64_t listenersOfHostMax = 50'000;

}  // namespace millrace::scenario
