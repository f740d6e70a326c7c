#include "engine/kafka/client/topic_setup.h"
#include "engine/kafka/server/broker.h"
#include "engine/scenario/sections/kafka/kafka_config.h"
#include "engine/scenario/sections/kafka/kafka_section.h"
#include "engine/scenario/sections/kafka/lag_survey.h"
#include "engine/scenario/world_builder.h"

namespace millrace::scenario {

namespace {

void addBrokers(WorldBuilder& builder) {
    const Scenario& plan = builder.plan();
    Surroundings& around = builder.surroundings();
    for (const BrokerPlan& broker : plan.cluster.brokers) {
        const sim::HostSpec& host = builder.world().host(builder.world().findHost(broker.host)).spec;
        const sim::Port port = builder.ports().portOn(broker.host, kafka::defaultBrokerPort);
        const kafka::BrokerConfig config =
            brokerConfig(broker, plan.run, host.rack, port, around.servers, plan.cluster.brokers.size());
        around.brokers.push_back({config.id, broker.host, config.port.value, config.rack});
        builder.add(broker.host, kafka::makeBrokerBlueprint(makeRef<kafka::BrokerConfig>(config)), broker.restart);
    }
}

void addTopics(WorldBuilder& builder) {
    const Scenario& plan = builder.plan();
    if (plan.topics.empty()) {
        return;
    }
    kafka::TopicSetupConfig setup;
    setup.client.bootstrap = builder.surroundings().brokers;
    setup.client.links.clientId = kafka::ClientId(kafka::topicSetupClient);
    setup.client.allowAutoCreate = false;
    setup.brokersWanted = setup.client.bootstrap.size();
    for (const TopicPlan& each : plan.topics) {
        kafka::CreateTopicsRequest::Topic topic;
        topic.name = kafka::TopicName(each.name);
        topic.partitions = each.partitions;
        topic.replicationFactor = static_cast<std::int16_t>(each.replicas);
        topic.config = topicConfig(each);
        setup.topics.push_back(std::move(topic));
    }
    builder.add(plan.cluster.brokers.front().host, kafka::makeTopicSetupBlueprint(std::move(setup)));
}

}  // namespace

Result<void> KafkaSection::build(WorldBuilder& builder) const {
    builder.world().setSurvey(makeLagSurvey(builder.plan()));
    addBrokers(builder);
    addTopics(builder);
    return {};
}

}  // namespace millrace::scenario
