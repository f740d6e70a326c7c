#include "engine/storm/cluster/submitter.h"

#include <fmt/format.h>

#include <utility>

#include "engine/sim/context.h"
#include "engine/storm/cluster/messages.h"

namespace millrace::storm {

namespace {

/// Connects, submits, waits for the answer; begins again after a second when anything goes wrong.
class Submitter final : public sim::ActorBase<Submitter> {
public:
    Submitter(ClusterConfig config, TopologyRef topology)
        : m_config(std::move(config)), m_topology(std::move(topology)) {}

    void start(sim::Context& context) override { connect(context); }

    void handle(sim::Context& context, const sim::Message& message) override {
        if (message.as<sim::ConnectionOpened>() != nullptr) {
            context.transmit(m_connection, makeRef<SubmitTopology>(m_topology));
        } else if (const auto* answer = message.as<SubmitAnswer>()) {
            if (answer->outcome == SubmitAnswer::Outcome::NotLeader) {
                context.close(m_connection);
                retry(context);
                return;
            }
            if (answer->outcome == SubmitAnswer::Outcome::Refused) {
                context.journal({"storm.submission-refused",
                                 sim::Severity::Error,
                                 fmt::format("Nimbus cannot store {}: its disk is full", m_topology->name),
                                 {{"topology", m_topology->name}}});
            }
            context.kill(context.process(), sim::ProcessExited::Reason::Finished);
        } else if (message.as<DaemonTimer>() != nullptr) {
            connect(context);
        } else if ((message.as<sim::ConnectionFailed>() != nullptr || message.as<sim::ConnectionClosed>() != nullptr) &&
                   context.connection() == m_connection) {
            retry(context);
        }
    }

private:
    void connect(sim::Context& context) {
        m_connection = context.connect(context.findHost(m_config.nimbusHost), m_config.nimbusPort);
    }
    void retry(sim::Context& context) {
        m_connection = sim::noConnection;
        context.arm(std::chrono::seconds{1}, makeRef<DaemonTimer>(0U));
    }

    ClusterConfig m_config;
    TopologyRef m_topology;
    sim::ConnectionId m_connection = sim::noConnection;
};

class SubmitterBlueprint final : public sim::Blueprint {
public:
    SubmitterBlueprint(ClusterConfig config, TopologyRef topology)
        : m_config(std::move(config)), m_topology(std::move(topology)), m_name("submit/" + m_topology->name) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override {
        context.addActor("client", makeRef<Submitter>(m_config, m_topology));
    }
    [[nodiscard]] const TopologyRef& topology() const { return m_topology; }

private:
    ClusterConfig m_config;
    TopologyRef m_topology;
    std::string m_name;
};

}  // namespace

Ref<const sim::Blueprint> makeSubmitterBlueprint(ClusterConfig config, TopologyRef topology) {
    return makeRef<SubmitterBlueprint>(std::move(config), std::move(topology));
}

TopologyRef submittedTopology(const sim::Blueprint& blueprint) {
    const auto* submitter = dynamic_cast<const SubmitterBlueprint*>(&blueprint);
    return submitter != nullptr ? submitter->topology() : TopologyRef{};
}

}  // namespace millrace::storm
