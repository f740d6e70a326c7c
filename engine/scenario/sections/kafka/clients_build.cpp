#include <fmt/format.h>

#include "engine/kafka/client/group_member_process.h"
#include "engine/kafka/client/producer_process.h"
#include "engine/kafka/client/topic_sink.h"
#include "engine/scenario/sections/kafka/clients_section.h"
#include "engine/scenario/sections/kafka/kafka_config.h"
#include "engine/scenario/world_builder.h"

namespace millrace::scenario {

Result<void> ClientsSection::build(WorldBuilder& builder) const {
    const Surroundings& around = builder.surroundings();
    for (const GroupPlan& plan : builder.plan().groups) {
        for (std::int32_t i = 1; i <= plan.members; ++i) {
            builder.add(builder.hostOr(plan.host, fmt::format("{}-{}", plan.name, i)),
                        kafka::makeGroupMemberBlueprint(groupMemberConfig(plan, std::to_string(i), around.brokers)),
                        plan.restart);
        }
    }
    for (const ProducerPlan& plan : builder.plan().producers) {
        kafka::ProducerProcessConfig config;
        config.id = plan.id;
        config.topic = kafka::TopicName(plan.topic);
        config.source = around.sources.at(plan.source);
        config.producer = producerConfig(plan, around.brokers);
        builder.add(builder.hostOr(plan.host, plan.id), kafka::makeProducerBlueprint(std::move(config)), plan.restart);
    }
    for (const ProducerPlan& plan : builder.plan().topicSinks) {
        const PlacedSink& placed = around.sinks.at(plan.id);
        builder.add(placed.host,
                    kafka::makeTopicSinkBlueprint(
                        {placed.spec, placed.port, kafka::TopicName(plan.topic), producerConfig(plan, around.brokers)}),
                    plan.restart);
    }
    return {};
}

}  // namespace millrace::scenario
