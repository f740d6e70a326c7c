#include <algorithm>

#include "engine/scenario/planned_views.h"
#include "engine/scenario/sections/kafka/kafka_section.h"

namespace millrace::scenario {

void KafkaSection::describePlan(const PlannedProcesses& planned) const {
    observe::ClusterView& cluster = planned.views.cluster;
    planned.forEach("cluster.brokers", [&](const std::string& name, const Value& object) {
        observe::BrokerView& broker = cluster.brokers.emplace_back();
        broker.id = "broker:" + name;
        broker.host = PlannedProcesses::hostOf(object);
        broker.state = observe::LifeState::Planned;
    });
    // Their partitions are rows before anybody holds them, so that nothing moves when the run begins. A drawing shows
    // no more of them than could be told apart, whatever its text claims.
    std::int64_t left = 20'000;
    planned.forEach("topics", [&](const std::string& name, const Value& object) {
        observe::TopicView& topic = cluster.topics.emplace_back();
        topic.id = observe::topicId(name);
        topic.name = name;
        const std::int64_t count =
            std::clamp<std::int64_t>(PlannedProcesses::integerOf(object, "partitions", 1), 0, left);
        left -= count;
        topic.partitions.resize(static_cast<std::size_t>(count));
        for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
            topic.partitions[i].partition = static_cast<std::int32_t>(i);
        }
    });
}

Value KafkaSection::startOf(observe::ObjectKind kind, const Value& document) const {
    if (kind != observe::ObjectKind::Topic) {
        return Value::object({});
    }
    const Value* cluster = document.find("cluster");
    const Value* brokers = cluster != nullptr ? cluster->find("brokers") : nullptr;
    const auto count = brokers != nullptr ? static_cast<std::int64_t>(brokers->members().size()) : 0;
    return Value::object(
        {{"partitions", Value::integer(3)}, {"replicas", Value::integer(std::clamp<std::int64_t>(count, 1, 3))}});
}

}  // namespace millrace::scenario
