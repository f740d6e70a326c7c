#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/hadoop/cluster.h"
#include "engine/ingest/sink.h"
#include "engine/ingest/source.h"
#include "engine/kafka/client/cluster_client.h"
#include "engine/scenario/port_book.h"
#include "engine/scenario/scenario.h"
#include "engine/sim/world.h"
#include "engine/zookeeper/server.h"

namespace millrace::scenario {

/// A sink and where its process listens.
struct PlacedSink {
    Ref<const ingest::SinkSpec> spec;
    std::string host;
    sim::Port port;
};

/// What sections have put into a world for those that come after them.
struct Surroundings {
    std::vector<zookeeper::ServerAddress> servers;
    std::vector<kafka::BrokerEndpoint> brokers;
    std::map<std::string, Ref<const ingest::SourceSpec>> sources;  ///< by name
    std::map<std::string, std::string> sourceFiles;                ///< path by name
    std::map<std::string, PlacedSink> sinks;                       ///< by name
    hadoop::ClusterRef hadoop;                                     ///< null: there is none
};

/// A world in the making: its hosts and links are there, each section adds its processes.
class WorldBuilder {
public:
    explicit WorldBuilder(const Scenario& plan);

    [[nodiscard]] const Scenario& plan() const { return m_plan; }
    [[nodiscard]] sim::World& world() { return m_world; }
    [[nodiscard]] Surroundings& surroundings() { return m_surroundings; }
    [[nodiscard]] PortBook& ports() { return m_ports; }

    /// Clients that name no host have one each, as programs on somebody's own machine.
    [[nodiscard]] std::string hostOr(const std::string& host, const std::string& owner);
    sim::ProcessId add(const std::string& host, Ref<const sim::Blueprint> blueprint, SimDuration at = {},
                       std::optional<sim::RestartPolicy> restart = std::nullopt);
    sim::ProcessId add(const std::string& host, Ref<const sim::Blueprint> blueprint, sim::RestartPolicy restart) {
        return add(host, std::move(blueprint), SimDuration{0}, restart);
    }

private:
    const Scenario& m_plan;
    PortBook m_ports;
    sim::World m_world;
    Surroundings m_surroundings;
};

}  // namespace millrace::scenario
