#pragma once

#include <string>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/sim_time.h"
#include "engine/sim/process.h"
#include "engine/zookeeper/broken_rules.h"
#include "engine/zookeeper/types.h"

namespace millrace::zookeeper {

/// One member of the ensemble and where it is reached.
struct EnsembleMember {
    ServerId id;       ///< its `myid`, from 1
    std::string name;  ///< "zk1": the process is "zookeeper/zk1"
    sim::HostId host;
    sim::Port clientPort{2181};
    sim::Port quorumPort{2888};
    sim::Port electionPort{3888};
};

/// Settings under the names of ZooKeeper 3.8 (zoo.cfg), with the values of its shipped configuration.
struct EnsembleConfig {
    std::vector<EnsembleMember> members;  ///< 1, 3 or 5
    SimDuration tickTime = std::chrono::milliseconds{2000};
    std::uint32_t initLimit = 10;        ///< ticks a follower may take to connect and synchronise
    std::uint32_t syncLimit = 5;         ///< ticks of silence between leader and follower
    SimDuration minSessionTimeout{0};    ///< 0: 2 ticks
    SimDuration maxSessionTimeout{0};    ///< 0: 20 ticks
    std::uint32_t snapCount = 100'000;   ///< transactions between snapshots
    std::uint32_t commitLogCount = 500;  ///< of them, kept for followers that were away
    BrokenRules broken;

    [[nodiscard]] std::vector<ServerAddress> clientAddresses() const;
    [[nodiscard]] std::size_t quorum() const { return members.size() / 2 + 1; }
};

/// The process "zookeeper/<name>" of one member; its actor is "zookeeper/<name>/server".
[[nodiscard]] Ref<const sim::Blueprint> makeServerBlueprint(const EnsembleConfig& ensemble, ServerId self);

}  // namespace millrace::zookeeper
