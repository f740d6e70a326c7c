#include "engine/kafka/zk/znodes.h"

#include <fmt/format.h>
#include <charconv>
#include <nlohmann/json.hpp>

namespace millrace::kafka::znodes {

namespace {

using Json = nlohmann::ordered_json;

Json parsed(std::string_view text) {
    return Json::parse(text, nullptr, false);
}

/// Names and settings come from outside, and ZooKeeper's nodes hold bytes: whatever they are, they can be written.
std::string dumped(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json numbers(const std::vector<BrokerId>& ids) {
    Json list = Json::array();
    for (const BrokerId id : ids) {
        list.push_back(id.value);
    }
    return list;
}

template <class List>
std::vector<BrokerId> brokersOf(const List& list) {
    std::vector<BrokerId> ids;
    for (const auto& id : list) {
        ids.emplace_back(id.template get<std::int32_t>());
    }
    return ids;
}

}  // namespace

const std::vector<std::string>& persistent() {
    static const std::vector<std::string> paths{"/consumers",
                                                "/brokers",
                                                "/brokers/ids",
                                                "/brokers/topics",
                                                "/brokers/seqid",
                                                "/config",
                                                "/config/changes",
                                                "/config/topics",
                                                "/config/brokers",
                                                "/config/clients",
                                                "/config/users",
                                                "/admin",
                                                "/admin/delete_topics",
                                                "/isr_change_notification",
                                                "/latest_producer_id_block",
                                                "/log_dir_event_notification"};
    return paths;
}

std::string broker(BrokerId id) {
    return fmt::format("{}/{}", brokerIds, id.value);
}
std::string topic(const TopicName& name) {
    return fmt::format("{}/{}", topics, name.text());
}
std::string topicPartitions(const TopicName& name) {
    return topic(name) + "/partitions";
}
std::string partition(const TopicPartition& tp) {
    return fmt::format("{}/{}", topicPartitions(tp.topic), tp.partition.value);
}
std::string partitionState(const TopicPartition& tp) {
    return partition(tp) + "/state";
}
std::string topicConfig(const TopicName& name) {
    return "/config/topics/" + name.text();
}

std::string writeBroker(const BrokerEndpoint& endpoint, std::int64_t clockMillis) {
    Json json{{"listener_security_protocol_map", {{"PLAINTEXT", "PLAINTEXT"}}},
              {"endpoints", {fmt::format("PLAINTEXT://{}:{}", endpoint.host, endpoint.port)}},
              {"jmx_port", -1},
              {"features", Json::object()},
              {"host", endpoint.host},
              {"timestamp", std::to_string(clockMillis)},
              {"port", endpoint.port},
              {"version", 5}};
    if (!endpoint.rack.empty()) {
        json["rack"] = endpoint.rack;
    }
    return dumped(json);
}

std::optional<BrokerEndpoint> readBroker(BrokerId id, std::string_view text) {
    const Json json = parsed(text);
    if (!json.is_object() || !json.contains("host") || !json.contains("port")) {
        return std::nullopt;
    }
    return BrokerEndpoint{id, json["host"].get<std::string>(), json["port"].get<std::uint16_t>(),
                          json.value("rack", std::string{})};
}

std::string writeController(BrokerId id, std::int64_t clockMillis) {
    return dumped(Json{{"version", 2},
                       {"brokerid", id.value},
                       {"timestamp", std::to_string(clockMillis)},
                       {"kraftControllerEpoch", -1}});
}

BrokerId readController(std::string_view text) {
    const Json json = parsed(text);
    return json.is_object() ? BrokerId{json.value("brokerid", -1)} : noBroker;
}

std::string writeTopic(const Assignment& assignment) {
    Json partitions = Json::object();
    // Without a search for each key, which is a linear one where keys stay in their order.
    auto& members = partitions.get_ref<Json::object_t&>();
    members.reserve(assignment.size());
    for (std::size_t i = 0; i < assignment.size(); ++i) {
        members.emplace_back(std::to_string(i), numbers(assignment[i]));
    }
    return dumped(Json{{"removing_replicas", Json::object()},
                       {"partitions", partitions},
                       {"adding_replicas", Json::object()},
                       {"version", 3}});
}

Assignment readTopic(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);  // the order of a hundred thousand keys is theirs
    Assignment assignment;
    if (!json.is_object() || !json.contains("partitions")) {
        return assignment;
    }
    for (const auto& [key, replicas] : json["partitions"].items()) {
        std::size_t index = 0;
        std::from_chars(key.data(), key.data() + key.size(), index);
        if (index >= assignment.size()) {
            assignment.resize(index + 1);
        }
        assignment[index] = brokersOf(replicas);
    }
    return assignment;
}

std::string writePartitionState(const PartitionState& state) {
    return dumped(Json{{"controller_epoch", state.controllerEpoch.value},
                       {"leader", state.leader.value},
                       {"version", 1},
                       {"leader_epoch", state.leaderEpoch.value},
                       {"isr", numbers(state.isr)}});
}

std::optional<PartitionState> readPartitionState(std::string_view text) {
    const Json json = parsed(text);
    if (!json.is_object() || !json.contains("isr")) {
        return std::nullopt;
    }
    PartitionState state;
    state.controllerEpoch = ControllerEpoch{json.value("controller_epoch", 0)};
    state.leader = BrokerId{json.value("leader", -1)};
    state.leaderEpoch = LeaderEpoch{json.value("leader_epoch", 0)};
    state.isr = brokersOf(json["isr"]);
    return state;
}

std::string writeConfig(const ConfigMap& config) {
    Json map = Json::object();
    for (const auto& [key, value] : config) {
        map[key] = value;
    }
    return dumped(Json{{"version", 1}, {"config", map}});
}

ConfigMap readConfig(std::string_view text) {
    const Json json = parsed(text);
    ConfigMap config;
    if (json.is_object() && json.contains("config")) {
        for (const auto& [key, value] : json["config"].items()) {
            config.emplace_back(key, value.get<std::string>());
        }
    }
    return config;
}

}  // namespace millrace::kafka::znodes
