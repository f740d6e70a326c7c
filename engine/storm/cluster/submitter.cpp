#include "engine/storm/cluster/submitter.h"

#include <fmt/format.h>

#include <utility>

#include "engine/sim/link.h"
#include "engine/sim/world.h"
#include "engine/storm/journal_kinds.h"
#include "engine/storm/messages.h"

namespace millrace::storm {

namespace {

constexpr SimDuration retryAfter = std::chrono::seconds{1};
constexpr SimDuration retryAfterRefusal = std::chrono::seconds{10};

/// Connects, submits, waits for the answer; begins again after a second when anything goes wrong, and after ten when
/// Nimbus could not store the topology.
class Submitter final : public sim::ActorBase<Submitter> {
public:
    Submitter(ClusterConfig config, TopologyRef topology)
        : m_config(std::move(config)), m_topology(std::move(topology)) {}

    void start(sim::Context& context) override { connect(context); }

    void handle(sim::Context& context, const sim::Message& message) override {
        const sim::Link::News news =
            m_link.owns(context.connection()) ? m_link.read(context, message) : sim::Link::News::None;
        if (news == sim::Link::News::Opened) {
            m_link.transmit(context, makeRef<SubmitTopology>(m_topology));
        } else if (news == sim::Link::News::Lost) {
            retry(context, retryAfter);
        } else if (const auto* answer = message.as<SubmitAnswer>()) {
            if (answer->outcome == SubmitAnswer::Outcome::NotLeader) {
                retry(context, retryAfter);
                return;
            }
            if (answer->outcome == SubmitAnswer::Outcome::Refused) {
                if (!std::exchange(m_isRefused, true)) {
                    context.journal({happened::submissionRefused,
                                     sim::Severity::Error,
                                     fmt::format("Nimbus cannot store {}: its disk is full", m_topology->name),
                                     {field::topology(m_topology->name)}});
                }
                retry(context, retryAfterRefusal);
                return;
            }
            context.kill(context.process(), sim::ProcessExited::Reason::Finished);
        } else if (message.as<DaemonTimer>() != nullptr) {
            connect(context);
        }
    }
    [[nodiscard]] bool isRefused() const { return m_isRefused; }

private:
    void connect(sim::Context& context) {
        m_link.open(context, context.findHost(m_config.nimbusHost), m_config.nimbusPort);
    }
    void retry(sim::Context& context, SimDuration delay) {
        m_link.backOff(context, sim::Backoff::constant(delay), [](std::uint64_t) { return makeRef<DaemonTimer>(0U); });
    }

    ClusterConfig m_config;
    TopologyRef m_topology;
    sim::Link m_link;
    bool m_isRefused = false;
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

SubmissionState submissionState(const sim::World& world, std::string_view topology) {
    const std::string name = "submit/" + std::string{topology};
    const sim::ProcessId id = world.findProcess(name);
    if (id == sim::noProcess) {
        return SubmissionState::Waiting;
    }
    if (const auto* submitter = world.findActor<Submitter>(name + "/client")) {
        return submitter->isRefused() ? SubmissionState::Refused : SubmissionState::Waiting;
    }
    return world.process(id).state == sim::ProcessState::Stopped ? SubmissionState::Done : SubmissionState::Waiting;
}

}  // namespace millrace::storm
