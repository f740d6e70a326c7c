#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/observe/object_id.h"
#include "engine/scenario/report_values.h"
#include "engine/scenario/sections/kafka/kafka_section.h"

namespace millrace::scenario {

namespace {

using Json = nlohmann::ordered_json;

/// A partition that no running broker leads: where its log and its high watermark end is known to nobody.
bool isOffline(const observe::ClusterView& cluster, const observe::PartitionView& partition) {
    return std::none_of(cluster.brokers.begin(), cluster.brokers.end(), [&](const observe::BrokerView& broker) {
        return broker.id == observe::brokerId(partition.leader) && !observe::isDown(broker.state);
    });
}

int brokerNumber(const observe::ObjectId& id) {
    return std::atoi(nameText(id).c_str());
}

Json brokersJson(const observe::ClusterView& cluster) {
    Json brokers = Json::array();
    for (const observe::BrokerView& broker : cluster.brokers) {
        brokers.push_back({{"id", brokerNumber(broker.id)},
                           {"host", nameText(broker.host)},
                           {"state", stateText(broker.state)},
                           {"registered", broker.isRegistered}});
    }
    return brokers;
}

Json topicsJson(const observe::ClusterView& cluster) {
    Json topics = Json::array();
    for (const observe::TopicView& topic : cluster.topics) {
        Json partitions = Json::array();
        for (const observe::PartitionView& partition : topic.partitions) {
            const bool isKnown = !isOffline(cluster, partition);
            partitions.push_back({{"partition", partition.partition},
                                  {"leader", partition.leader},
                                  {"leader_epoch", partition.leaderEpoch},
                                  {"replicas", partition.replicas},
                                  {"isr", partition.inSync},
                                  {"log_start_offset", isKnown ? Json(partition.logStartOffset) : Json()},
                                  {"high_watermark", isKnown ? Json(partition.highWatermark) : Json()},
                                  {"log_end_offset", isKnown ? Json(partition.logEndOffset) : Json()}});
        }
        topics.push_back({{"name", topic.name}, {"partitions", partitions}});
    }
    return topics;
}

std::string numbers(const std::vector<std::int32_t>& all) {
    return fmt::format("{}", fmt::join(all, ","));
}

/// An en dash for what nobody knows.
std::string numberOrDash(const std::optional<std::int64_t>& number) {
    return number ? std::to_string(*number) : "\u2013";
}

std::string brokersText(const observe::ClusterView& cluster) {
    ReportTable table({"broker", "host", "state", "controller"});
    for (const observe::BrokerView& broker : cluster.brokers) {
        const std::string number = nameText(broker.id);
        table.add({number, nameText(broker.host), std::string(observe::toText(broker.state)),
                   number == std::to_string(cluster.controller) ? "yes" : ""});
    }
    return table.under("Brokers");
}

std::string topicsText(const observe::ClusterView& cluster) {
    ReportTable table({"partition", "leader", "epoch", "replicas", "in sync", "first", "high watermark", "end"});
    for (const observe::TopicView& topic : cluster.topics) {
        if (topic.name.starts_with("__")) {
            continue;
        }
        for (const observe::PartitionView& each : topic.partitions) {
            const bool isKnown = !isOffline(cluster, each);
            const auto ifKnown = [&](std::int64_t number) {
                return numberOrDash(isKnown ? std::optional(number) : std::nullopt);
            };
            table.add({fmt::format("{}-{}", topic.name, each.partition), std::to_string(each.leader),
                       std::to_string(each.leaderEpoch), numbers(each.replicas), numbers(each.inSync),
                       ifKnown(each.logStartOffset), ifKnown(each.highWatermark), ifKnown(each.logEndOffset)});
        }
    }
    return table.under("Topics");
}

}  // namespace

void KafkaSection::addToReport(ReportStage stage, const observe::SystemViews& views,
                               nlohmann::ordered_json& report) const {
    if (stage != ReportStage::Inside) {
        return;
    }
    report["brokers"] = brokersJson(views.cluster);
    report["controller"] = views.cluster.controller;
    report["topics"] = topicsJson(views.cluster);
}

std::string KafkaSection::reportText(ReportStage stage, const observe::SystemViews& views) const {
    if (stage != ReportStage::Inside) {
        return {};
    }
    return brokersText(views.cluster) + topicsText(views.cluster);
}

}  // namespace millrace::scenario
