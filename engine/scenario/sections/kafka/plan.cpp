#include <algorithm>

#include <cstdlib>

#include "engine/scenario/plan_reader.h"
#include "engine/scenario/sections/kafka/collections.h"
#include "engine/scenario/sections/kafka/kafka_section.h"

namespace millrace::scenario {

void KafkaSection::read(const PlanReader& root, const std::map<std::string, std::string>& /*paths*/,
                        Scenario& scenario) const {
    const PlanReader cluster = root.object("cluster");
    const Profile profile = scenario.cluster.profile;
    const Settings shared = cluster.settings(brokerScope, profile);
    for (const Member& member : cluster.members("brokers")) {
        const PlanReader broker(&member.value);
        BrokerPlan plan{std::atoi(member.key.c_str()), broker.text("host"), shared, broker.restart()};
        plan.config.overlay(broker.settings(brokerScope, profile));
        scenario.cluster.brokers.push_back(std::move(plan));
    }
    std::sort(scenario.cluster.brokers.begin(), scenario.cluster.brokers.end(),
              [](const BrokerPlan& a, const BrokerPlan& b) { return a.id < b.id; });
    for (const Member& member : root.members("topics")) {
        const PlanReader topic(&member.value);
        scenario.topics.push_back({member.key, topic.count("partitions", 1), topic.count("replicas", 1),
                                   topic.settings(topicScope, scenario.cluster.profile)});
    }
}

}  // namespace millrace::scenario
