#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/observe/object_id.h"
#include "engine/scenario/report_values.h"
#include "engine/scenario/sections/kafka/clients_section.h"

namespace millrace::scenario {

namespace {

using Json = nlohmann::ordered_json;

Json groupsJson(const observe::ClusterView& cluster) {
    Json groups = Json::array();
    for (const observe::GroupView& group : cluster.groups) {
        Json offsets = Json::array();
        for (const observe::GroupOffsetView& offset : group.offsets) {
            offsets.push_back({{"topic", offset.topic},
                               {"partition", offset.partition},
                               {"committed", offset.committed},
                               {"lag", offset.lag},
                               {"uncommitted", offset.uncommitted}});
        }
        groups.push_back({{"group", group.name},
                          {"state", group.state},
                          {"generation", group.generation},
                          {"members", group.members.size()},
                          {"lag", group.lag},
                          {"uncommitted", group.uncommitted},
                          {"poll_timeouts", group.pollTimeouts},
                          {"ended", group.endedMembers},
                          {"offsets", offsets}});
    }
    return groups;
}

Json producersJson(const observe::ClusterView& cluster) {
    Json producers = Json::array();
    for (const observe::ProducerView& producer : cluster.producers) {
        producers.push_back({{"id", nameText(producer.id)},
                             {"topic", producer.topic},
                             {"sent", producer.sent},
                             {"acked", producer.isConfirmed ? producer.acked : 0},
                             {"failed", producer.failed},
                             {"retried", producer.retried}});
    }
    return producers;
}

Json sourcesJson(const observe::SystemViews& views) {
    Json sources = Json::array();
    for (const observe::SourceView& source : views.sources) {
        sources.push_back({{"id", source.name},
                           {"kind", source.kind},
                           {"topic", source.topic},
                           {"read", source.produced},
                           {"exhausted", source.isExhausted}});
    }
    return sources;
}

std::string clientsText(const observe::ClusterView& cluster) {
    ReportTable producers({"producer", "sent", "acknowledged", "failed", "sent again"});
    for (const observe::ProducerView& each : cluster.producers) {
        producers.add({nameText(each.id), std::to_string(each.sent),
                       each.isConfirmed ? std::to_string(each.acked) : std::string("\u2013"),
                       std::to_string(each.failed), std::to_string(each.retried)});
    }
    ReportTable groups({"group", "state", "members", "generation", "lag", "uncommitted"});
    for (const observe::GroupView& each : cluster.groups) {
        // From no commit nothing can be counted: kafka-consumer-groups shows a dash as well.
        const bool hasCommitted = std::any_of(each.offsets.begin(), each.offsets.end(),
                                              [](const auto& offset) { return offset.committed >= 0; });
        groups.add({each.name, each.state, std::to_string(each.members.size()), std::to_string(each.generation),
                    std::to_string(each.lag), hasCommitted ? std::to_string(each.uncommitted) : std::string("\u2013")});
    }
    return producers.under("Producers") + groups.under("Consumer groups");
}

}  // namespace

void ClientsSection::addToReport(ReportStage stage, const observe::SystemViews& views,
                                 nlohmann::ordered_json& report) const {
    if (stage != ReportStage::Inside) {
        return;
    }
    report["groups"] = groupsJson(views.cluster);
    report["producers"] = producersJson(views.cluster);
    report["sources"] = sourcesJson(views);
}

std::string ClientsSection::reportText(ReportStage stage, const observe::SystemViews& views) const {
    if (stage != ReportStage::Inside) {
        return {};
    }
    return clientsText(views.cluster);
}

}  // namespace millrace::scenario
