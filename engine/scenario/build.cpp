#include "engine/scenario/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/ingest/sink_process.h"
#include "engine/kafka/client/group_member_process.h"
#include "engine/kafka/client/producer_process.h"
#include "engine/kafka/client/topic_setup.h"
#include "engine/kafka/server/broker.h"
#include "engine/scenario/build/lag_survey.h"
#include "engine/scenario/build/ports.h"
#include "engine/scenario/build/sinks_and_sources.h"
#include "engine/scenario/build/systems_config.h"
#include "engine/scenario/build/targets.h"
#include "engine/scenario/build/topology_spec.h"
#include "engine/storm/cluster/nimbus.h"
#include "engine/storm/cluster/submitter.h"
#include "engine/storm/cluster/supervisor.h"

namespace millrace::scenario {

namespace {

class WorldBuilder {
public:
    explicit WorldBuilder(const Scenario& plan)
        : m_plan(plan),
          m_ports(assignPorts(plan)),
          m_world({plan.run.seed, plan.run.startMillis, std::chrono::milliseconds(100), plan.defaultLatency}) {}

    Result<BuiltScenario> build() {
        m_world.setResolver(makeTargetResolver());
        m_world.setSurvey(makeLagSurvey(m_plan));
        addHosts();
        addCluster();
        addTopics();
        addSinks();
        addGroups();
        Result<void> done = addProducers();
        if (done) {
            done = addStorm();
        }
        if (!done) {
            return tl::unexpected(done.error());
        }
        for (const FaultPlan& fault : m_plan.faults) {
            m_world.scheduleFault(SimTime{fault.at}, fault.spec);
        }
        return BuiltScenario{std::move(m_world), std::move(m_sinks)};
    }

private:
    void addHosts() {
        for (const sim::HostSpec& host : m_plan.hosts) {
            m_world.addHost(host);
        }
        for (const LinkPlan& link : m_plan.links) {
            m_world.setLink(m_world.findHost(link.a), m_world.findHost(link.b), link.spec);
        }
    }

    /// Clients that name no host have one each, as programs on somebody's own machine.
    std::string hostOr(const std::string& host, const std::string& owner) {
        if (!host.empty()) {
            return host;
        }
        sim::HostSpec spec;
        spec.name = owner;
        for (int i = 2; m_world.findHost(spec.name) != sim::noHost; ++i) {
            spec.name = fmt::format("{}-{}", owner, i);
        }
        m_world.addHost(spec);
        return spec.name;
    }

    sim::ProcessId add(const std::string& host, Ref<const sim::Blueprint> blueprint, SimDuration at = {},
                       std::optional<sim::RestartPolicy> restart = std::nullopt) {
        return m_world.addProcess(m_world.findHost(host), std::move(blueprint), SimTime{at}, restart);
    }
    sim::ProcessId add(const std::string& host, Ref<const sim::Blueprint> blueprint, sim::RestartPolicy restart) {
        return add(host, std::move(blueprint), SimDuration{0}, restart);
    }

    void addCluster() {
        zookeeper::EnsembleConfig ensemble = ensembleConfig(m_plan.cluster, m_ports, m_world);
        for (std::size_t i = 0; i < ensemble.members.size(); ++i) {
            const ServerPlan& plan = m_plan.cluster.servers[i];
            applyOwnSettings(ensemble, plan.config);
            add(plan.host, zookeeper::makeServerBlueprint(ensemble, ensemble.members[i].id), plan.restart);
        }
        m_servers = ensemble.clientAddresses();
        for (std::size_t i = 0; i < m_plan.cluster.brokers.size(); ++i) {
            const BrokerPlan& plan = m_plan.cluster.brokers[i];
            const sim::HostSpec& host = m_world.host(m_world.findHost(plan.host)).spec;
            const kafka::BrokerConfig config =
                brokerConfig(plan, m_plan.run, host.rack, m_ports.brokers[i], m_servers, m_plan.cluster.brokers.size());
            m_brokers.push_back({config.id, plan.host, config.port.value, config.rack});
            add(plan.host, kafka::makeBrokerBlueprint(makeRef<kafka::BrokerConfig>(config)), plan.restart);
        }
    }

    void addTopics() {
        if (m_plan.topics.empty()) {
            return;
        }
        kafka::TopicSetupConfig setup;
        setup.client.bootstrap = m_brokers;
        setup.client.links.clientId = kafka::ClientId(kafka::topicSetupClient);
        setup.client.allowAutoCreate = false;
        setup.brokersWanted = m_brokers.size();
        for (const TopicPlan& plan : m_plan.topics) {
            kafka::CreateTopicsRequest::Topic topic;
            topic.name = kafka::TopicName(plan.name);
            topic.partitions = plan.partitions;
            topic.replicationFactor = static_cast<std::int16_t>(plan.replicas);
            topic.config = topicConfig(plan);
            setup.topics.push_back(std::move(topic));
        }
        add(m_plan.cluster.brokers.front().host, kafka::makeTopicSetupBlueprint(std::move(setup)));
    }

    void addSinks() {
        for (const SinkPlan& plan : m_plan.sinks) {
            const std::string host = hostOr(plan.host, plan.name);
            const auto placed = m_ports.sinks.find(plan.name);
            const sim::Port port = placed != m_ports.sinks.end() ? placed->second : ingest::sinkPort;
            const Ref<const ingest::SinkSpec> spec = sinkSpec(plan);
            m_sinks.push_back(spec);
            m_surroundings.sinks[plan.name] = {spec, host, port};
            add(host, ingest::makeSinkBlueprint(spec, port));
        }
    }

    void addGroups() {
        for (const GroupPlan& plan : m_plan.groups) {
            for (std::int32_t i = 1; i <= plan.members; ++i) {
                const std::string member = std::to_string(i);
                add(hostOr(plan.host, fmt::format("{}-{}", plan.name, i)),
                    kafka::makeGroupMemberBlueprint(groupMemberConfig(plan, member, m_brokers)), plan.restart);
            }
        }
    }

    Result<void> addProducers() {
        std::map<std::string, Ref<const ingest::SourceSpec>> sources;
        for (const SourcePlan& plan : m_plan.sources) {
            auto spec = sourceSpec(plan);
            if (!spec) {
                return tl::unexpected(spec.error());
            }
            sources[plan.name] = *spec;
            m_surroundings.sourceFiles[plan.name] = plan.path;
        }
        for (const ProducerPlan& plan : m_plan.producers) {
            kafka::ProducerProcessConfig config;
            config.id = plan.id;
            config.topic = kafka::TopicName(plan.topic);
            config.source = sources.at(plan.source);
            config.producer = producerConfig(plan, m_brokers);
            add(hostOr(plan.host, plan.id), kafka::makeProducerBlueprint(std::move(config)), plan.restart);
        }
        return {};
    }

    Result<void> addStorm() {
        if (!m_plan.storm) {
            return {};
        }
        storm::ClusterConfig cluster = stormConfig(*m_plan.storm, m_plan.storm->config, m_servers);
        cluster.nimbusPort = m_ports.nimbus;
        add(m_plan.storm->nimbusHost, storm::makeNimbusBlueprint(cluster), m_plan.storm->nimbusRestart);
        for (std::size_t i = 0; i < m_plan.storm->supervisors.size(); ++i) {
            const SupervisorPlan& plan = m_plan.storm->supervisors[i];
            storm::SupervisorConfig config;
            config.cluster = stormConfig(*m_plan.storm, plan.config, m_servers);
            config.cluster.nimbusPort = m_ports.nimbus;
            config.cluster.supervisorPort = m_ports.supervisors[i];
            config.id = plan.name;
            config.ports = m_ports.slots[i];
            add(plan.host, storm::makeSupervisorBlueprint(std::move(config)), plan.restart);
        }
        m_surroundings.bootstrap = m_brokers;
        for (const TopologyPlan& plan : m_plan.topologies) {
            auto topology = compiledTopology(plan, m_surroundings);
            if (!topology) {
                return tl::unexpected(topology.error().front());
            }
            add(m_plan.storm->nimbusHost, storm::makeSubmitterBlueprint(cluster, std::move(*topology)), plan.submitAt);
        }
        return {};
    }

    const Scenario& m_plan;
    Ports m_ports;
    sim::World m_world;
    std::vector<zookeeper::ServerAddress> m_servers;
    std::vector<kafka::BrokerEndpoint> m_brokers;
    std::vector<Ref<const ingest::SinkSpec>> m_sinks;
    TopologySurroundings m_surroundings;
};

}  // namespace

Result<BuiltScenario> buildWorld(const Scenario& scenario) {
    return WorldBuilder(scenario).build();
}

}  // namespace millrace::scenario
