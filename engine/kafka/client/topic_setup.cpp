#include "engine/kafka/client/topic_setup.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/kafka/client/cost.h"
#include "engine/kafka/error_code.h"
#include "engine/kafka/journal_kinds.h"
#include "engine/sim/context.h"

namespace millrace::kafka {
namespace {

struct TryAgain final : sim::MessageBase<TryAgain> {
    static constexpr std::string_view Name = "kafka.TopicSetupRetry";
    void digest(Digest&) const override {}
};

class TopicSetupActor final : public sim::ActorBase<TopicSetupActor> {
public:
    explicit TopicSetupActor(TopicSetupConfig config) : m_config(std::move(config)), m_client(m_config.client) {}

    void start(sim::Context& context) override {
        m_startedAt = context.now();
        m_client.start(context);
    }

    void handle(sim::Context& context, const sim::Message& message) override {
        ClusterClient::Outcome outcome;
        if (message.as<TryAgain>() != nullptr) {
            m_retryArmed = m_backsOff = false;
            m_client.requestUpdate(context);
        } else if (!m_client.handle(context, message, outcome)) {
            return;
        }
        if (outcome.event.kind == ClusterClient::Event::Kind::Response && outcome.event.tag == createTag) {
            takeAnswer(context, *message.as<CreateTopicsResponse>());
        }
        const auto& lost = outcome.event.lost;
        m_asked = m_asked && std::find(lost.begin(), lost.end(), createTag) == lost.end();
        ask(context);
    }

private:
    static constexpr BrokerLinks::Tag createTag = 1;

    [[nodiscard]] bool maybeTooEarly(sim::Context& context) const {
        return m_client.brokers().size() < m_config.brokersWanted && context.now() - m_startedAt < m_config.patience;
    }

    void ask(sim::Context& context) {
        if (m_asked || m_backsOff || m_config.topics.empty()) {
            return;
        }
        const BrokerId controller = m_client.controller();
        if (controller == noBroker || maybeTooEarly(context) || !m_client.links().isOpen(controller)) {
            if (controller != noBroker && !m_client.links().isBackingOff(controller)) {
                m_client.links().connect(context, controller);
            }
            retryLater(context);
            return;
        }
        CreateTopicsRequest request;
        request.topics = nextTopics();
        context.spend(cost::clientRequest);
        m_client.links().send(context, controller, std::move(request), createTag);
        m_asked = true;
    }

    /// As many of the topics as one request may create.
    [[nodiscard]] std::vector<CreateTopicsRequest::Topic> nextTopics() const {
        std::vector<CreateTopicsRequest::Topic> topics;
        std::int64_t partitions = 0;
        for (const CreateTopicsRequest::Topic& topic : m_config.topics) {
            partitions += topic.assignment.empty() ? std::max(topic.partitions, 1)
                                                   : static_cast<std::int64_t>(topic.assignment.size());
            if (!topics.empty() && partitions > partitionsPerRequestMax) {
                break;
            }
            topics.push_back(topic);
        }
        return topics;
    }

    void takeAnswer(sim::Context& context, const CreateTopicsResponse& response) {
        context.spend(cost::clientResponse);
        m_asked = false;
        bool isAnyRefused = false;
        for (const CreateTopicsResponse::Topic& answer : response.topics) {
            isAnyRefused = isAnyRefused || isRetriable(answer.error);
            if (answer.error == ErrorCode::None || answer.error == ErrorCode::TopicAlreadyExists) {
                std::erase_if(m_config.topics, [&](const auto& each) { return each.name == answer.name; });
            } else if (!isRetriable(answer.error)) {
                refuse(context, answer);
                std::erase_if(m_config.topics, [&](const auto& each) { return each.name == answer.name; });
            }
        }
        if (!m_config.topics.empty()) {
            m_backsOff = isAnyRefused;
            retryLater(context);
        }
    }

    /// What an operator would ask for once more: a controller that lost its session in the middle of it answers
    /// UNKNOWN_SERVER_ERROR, and the next one may have the topic or not.
    static bool isRetriable(ErrorCode error) {
        return error == ErrorCode::NotController || error == ErrorCode::RequestTimedOut ||
               error == ErrorCode::InvalidReplicationFactor || error == ErrorCode::UnknownServerError;
    }

    static void refuse(sim::Context& context, const CreateTopicsResponse::Topic& answer) {
        sim::JournalDraft draft;
        draft.kind = happened::topicRefused;
        draft.severity = sim::Severity::Error;
        draft.text =
            fmt::format("Topic {} was refused: {} {}", answer.name.text(), toText(answer.error), answer.message);
        draft.fields = {field::topic(answer.name.text()), field::error(toText(answer.error))};
        context.journal(std::move(draft));
    }

    void retryLater(sim::Context& context) {
        if (!m_retryArmed) {
            m_retryArmed = true;
            context.arm(m_config.retryBackoff, makeRef<TryAgain>());
        }
    }

    TopicSetupConfig m_config;
    ClusterClient m_client;
    SimTime m_startedAt;
    bool m_asked = false;
    bool m_retryArmed = false;
    bool m_backsOff = false;  // it was refused for now: nothing is asked before the next try
};

class TopicSetupBlueprint final : public sim::Blueprint {
public:
    explicit TopicSetupBlueprint(TopicSetupConfig config) : m_config(std::move(config)) {}
    [[nodiscard]] const std::string& name() const override {
        static const std::string name = "admin/topics";
        return name;
    }
    void boot(sim::Context& context) const override { context.addActor("client", makeRef<TopicSetupActor>(m_config)); }

private:
    TopicSetupConfig m_config;
};

}  // namespace

Ref<const sim::Blueprint> makeTopicSetupBlueprint(TopicSetupConfig config) {
    return makeRef<TopicSetupBlueprint>(std::move(config));
}

}  // namespace millrace::kafka
