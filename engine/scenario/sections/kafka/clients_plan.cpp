#include "engine/scenario/plan_reader.h"
#include "engine/scenario/sections/kafka/clients_section.h"
#include "engine/scenario/sections/kafka/collections.h"

namespace millrace::scenario {

void ClientsSection::read(const PlanReader& root, const std::map<std::string, std::string>& /*paths*/,
                          Scenario& scenario) const {
    for (const Member& member : root.members("sources")) {
        const PlanReader source(&member.value);
        if (source.has("topic")) {
            scenario.producers.push_back({member.key, member.key, source.text("topic"), source.text("host"),
                                          source.settings(producerScope, scenario.cluster.profile), source.restart()});
        }
    }
    for (const Member& member : root.members("sinks")) {
        const PlanReader sink(&member.value);
        if (sink.has("topic")) {
            scenario.topicSinks.push_back({member.key,
                                           {},
                                           sink.text("topic"),
                                           sink.text("host"),
                                           sink.settings(producerScope, scenario.cluster.profile),
                                           sink.restart()});
        }
    }
    const PlanReader clients = root.object("clients");
    for (const Member& member : clients.members("producers")) {
        const PlanReader producer(&member.value);
        scenario.producers.push_back({member.key, producer.text("source"), producer.text("topic"),
                                      producer.text("host"), producer.settings(producerScope, scenario.cluster.profile),
                                      producer.restart()});
    }
    for (const Member& member : clients.members("groups")) {
        const PlanReader group(&member.value);
        scenario.groups.push_back({member.key, group.texts("topics"), group.count("members", 1), group.text("host"),
                                   group.settings(consumerScope, scenario.cluster.profile),
                                   group.duration("work", std::chrono::microseconds{2}), group.restart()});
    }
}

std::vector<std::string> ClientsSection::standIns(const Scenario& plan) const {
    if (plan.producers.empty() && plan.topicSinks.empty()) {
        return {};
    }
    return {"enable.idempotence is false for every producer here (Kafka 3.9: true)",
            "records without a key go to the partitions in turn (Kafka 3.9: one partition's batch after the other)"};
}

}  // namespace millrace::scenario
