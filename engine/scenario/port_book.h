#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "engine/sim/ids.h"

namespace millrace::scenario {

/// How many listeners one host may carry; more is refused before a plan is made.
inline constexpr std::int64_t listenersOfHostMax = 50'000;

/// Hands out the ports of all hosts. The first of its kind on a host has the port that its documentation names (2181,
/// 9092, 6627 ...), the next ones those behind it, and nobody has a port that another one on that host has: as an
/// administrator would set them up.
class PortBook {
public:
    /// The wanted port, or the next one behind it that is free there.
    [[nodiscard]] sim::Port portOn(const std::string& host, sim::Port wanted);

private:
    struct Host {
        std::set<std::uint32_t> ports;
        std::map<sim::Port, std::uint32_t> nextBehind;  ///< where the search goes on, by what was wanted
    };
    std::map<std::string, Host> m_hosts;
};

}  // namespace millrace::scenario
