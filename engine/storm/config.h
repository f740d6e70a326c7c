#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/sim/ids.h"
#include "engine/zookeeper/client.h"

namespace millrace::storm {

/// Settings of the daemons, named after Storm's keys; defaults of Storm 2.8 (defaults.yaml).
struct ClusterConfig {
    std::string nimbusHost;                           ///< nimbus.seeds: this model has one Nimbus
    sim::Port nimbusPort{6627};                       ///< nimbus.thrift.port
    sim::Port supervisorPort{6628};                   ///< supervisor.thrift.port
    std::vector<zookeeper::ServerAddress> zookeeper;  ///< storm.zookeeper.servers
    SimDuration zookeeperSessionTimeout = std::chrono::milliseconds{20'000};  ///< storm.zookeeper.session.timeout
    SimDuration monitorFrequency = std::chrono::seconds{10};                  ///< nimbus.monitor.freq.secs
    SimDuration taskTimeout = std::chrono::seconds{30};                       ///< nimbus.task.timeout.secs
    SimDuration taskLaunch = std::chrono::seconds{120};                       ///< nimbus.task.launch.secs
    SimDuration heartbeatsMaxTimeout = std::chrono::seconds{600};  ///< supervisor.worker.heartbeats.max.timeout.secs
    SimDuration supervisorHeartbeat = std::chrono::seconds{5};     ///< supervisor.heartbeat.frequency.secs
    SimDuration supervisorMonitor = std::chrono::seconds{3};       ///< supervisor.monitor.frequency.secs
    SimDuration workerTimeout = std::chrono::seconds{30};          ///< supervisor.worker.timeout.secs
    SimDuration workerStartTimeout = std::chrono::seconds{120};    ///< supervisor.worker.start.timeout.secs
    SimDuration workerHeartbeat = std::chrono::seconds{1};         ///< worker.heartbeat.frequency.secs
    SimDuration workerMaxTimeout = std::chrono::seconds{600};      ///< worker.max.timeout.secs
    SimDuration taskRefresh = std::chrono::seconds{10};            ///< task.refresh.poll.secs
};

/// Deliberate faults in Storm's own rules: a test plants one to prove that an invariant notices it. All off is Storm.
struct BrokenRules {
    bool dropEdge = false;      ///< one edge in 64 is left out of what the acker is told
    bool missTask = false;      ///< fields grouping sends one tuple in 16 to the task beside its own
    bool leaveTaskOut = false;  ///< all grouping leaves the last task out
};

/// Settings of one topology.
struct TopologyConfig {
    std::int32_t workers = 1;                               ///< topology.workers
    std::optional<std::int32_t> ackerExecutors;             ///< topology.acker.executors; unset: one a worker
    SimDuration messageTimeout = std::chrono::seconds{30};  ///< topology.message.timeout.secs
    bool enableMessageTimeouts = true;                      ///< topology.enable.message.timeouts
    std::optional<std::int32_t> maxSpoutPending;            ///< topology.max.spout.pending, per task
    std::optional<std::int32_t> maxTaskParallelism;         ///< topology.max.task.parallelism
    std::uint32_t receiveBufferSize = 32'768;               ///< topology.executor.receive.buffer.size
    std::optional<SimDuration> workerTimeout;               ///< topology.worker.timeout.secs
    SimDuration spoutWait = std::chrono::milliseconds{1};   ///< topology.spout.wait.progressive.level3.sleep.millis
    SimDuration backpressureCheck = std::chrono::milliseconds{50};  ///< topology.backpressure.check.millis
    bool disableLoadAware = false;                                  ///< topology.disable.loadaware.messaging
    double localityHigherBound = 0.8;                               ///< topology.localityaware.higher.bound
    double localityLowerBound = 0.2;                                ///< topology.localityaware.lower.bound
    BrokenRules broken;
};

/// How long a worker of the topology may be silent: its own `topology.worker.timeout.secs`, at most
/// `worker.max.timeout.secs`, can make a daemon more patient than it is, never less (Storm's Slot and Nimbus).
[[nodiscard]] inline SimDuration timeoutOf(const TopologyConfig& topology, const ClusterConfig& cluster,
                                           SimDuration daemon) {
    return topology.workerTimeout ? std::max(std::min(*topology.workerTimeout, cluster.workerMaxTimeout), daemon)
                                  : daemon;
}

}  // namespace millrace::storm
