#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/hadoop/mapreduce/shuffle_server.h"
#include "engine/hadoop/yarn/protocol.h"
#include "engine/sim/link.h"
#include "engine/sim/metrics.h"
#include "engine/sim/process.h"

namespace millrace::hadoop {

/// The slave of YARN on a machine: starts what ResourceManager and ApplicationMasters have it start, each in a
/// container, ends it when it is told to, tells the ResourceManager every second what runs, and serves the output of
/// finished maps. It knows no slots: a container is what was given, for a map, a reduce or an ApplicationMaster alike.
/// Source: Hadoop 2.4, NodeManager, ContainerManagerImpl, NodeStatusUpdaterImpl, ShuffleHandler.
/// Left out: its health script, localised files, log aggregation, the watch over memory, its own recovery.
class NodeManager final : public sim::ActorBase<NodeManager> {
public:
    struct Running {
        StartContainerRef start;
        sim::ProcessId process = sim::noProcess;
        std::uint32_t place = 0;  ///< of its process's name
        bool isStopped = false;
        std::string why;
    };

    NodeManager(ClusterRef cluster, NodeIndex self) : m_cluster(std::move(cluster)), m_self(self) {}

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;

    // --- looking
    [[nodiscard]] const std::map<ContainerId, Running>& containers() const { return m_containers; }
    [[nodiscard]] const ShuffleServer& shuffle() const { return m_shuffle; }
    [[nodiscard]] std::uint32_t usedMemory() const;
    [[nodiscard]] std::uint32_t memory() const { return address().memory; }

private:
    void connect(sim::Context& context);
    void onResourceManager(sim::Context& context, const sim::Message& message);
    void beat(sim::Context& context);
    void armBeat(sim::Context& context, SimTime at);
    void onOrders(sim::Context& context, const NodeOrders& orders);
    void begin(sim::Context& context, StartContainerRef start);
    void stop(sim::Context& context, ContainerId container, std::string why);
    void onExited(sim::Context& context, const sim::ProcessExited& exited);
    [[nodiscard]] std::uint32_t freePlace(const sim::Context& context) const;
    [[nodiscard]] const DaemonAddress& address() const { return m_cluster->trackers[m_self]; }

    ClusterRef m_cluster;
    NodeIndex m_self;
    sim::Link m_resourceManager{sim::LinkWatch::FirstOfConnection};
    SimTime m_reachedAt;  ///< when the ResourceManager was there last
    bool m_isFirst = true;
    std::uint64_t m_answered = 0;
    std::uint64_t m_round = 0;
    SimTime m_nextBeat;
    sim::TimerId m_beatTimer{};
    bool m_isWaiting = false;
    std::map<ContainerId, Running> m_containers;
    std::vector<ContainerEnd> m_ended;  ///< not answered yet
    std::size_t m_endsTold = 0;
    ShuffleServer m_shuffle;
};

/// Where the clients and tasks of an ApplicationMaster in that place of a node reach it.
[[nodiscard]] sim::Port appMasterPort(std::uint32_t place);

}  // namespace millrace::hadoop
