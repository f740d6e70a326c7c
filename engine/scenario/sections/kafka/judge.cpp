#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "engine/scenario/catalog/config_catalog.h"
#include "engine/scenario/references/judge.h"
#include "engine/scenario/sections.h"
#include "engine/scenario/sections/kafka/collections.h"
#include "engine/scenario/sections/kafka/kafka_section.h"
#include "engine/scenario/sections/kafka/unpaused_fetches.h"

namespace millrace::scenario {

namespace {

// What a laptop can still hold.
constexpr std::int64_t partitionsMax = 200'000;
constexpr std::int64_t replicasMax = 1'000'000;

/// Brokers and topics.
class ClusterJudge final : private ReferenceJudge {
public:
    using ReferenceJudge::ReferenceJudge;

    void judge() {
        checkPartitions();
        checkCluster();
        checkTopics();
    }

private:
    void checkCluster() {
        const Value* cluster = at(root(), {"cluster"});
        if (cluster == nullptr || !cluster->isObject()) {
            return;
        }
        if (names(brokerNames).empty()) {
            error(cluster->place(), "cluster.brokers", "a cluster needs at least one broker");
        }
        for (const Member& broker : membersAt(root(), {"cluster", "brokers"})) {
            checkBrokerId(broker);
            referIfSet(broker.value, "host", hostNames, "cluster.brokers." + broker.key);
            warnOfUnpausedFetches(*this, broker.value, "replica.fetch.min.bytes", "replica.fetch.wait.max.ms",
                                  "cluster.brokers." + broker.key);
        }
        warnOfUnpausedFetches(*this, *cluster, "replica.fetch.min.bytes", "replica.fetch.wait.max.ms", "cluster");
        checkRacks(*cluster);
        checkOffsetsTopic(*cluster);
    }

    /// A broker's rack is its own setting, that of all brokers, or its host's.
    [[nodiscard]] bool hasRack(const Value& cluster, const Member& broker) const {
        const Value* host = at(root(), {"hosts", textOf(broker.value, "host")});
        return at(broker.value, {"config", "broker.rack"}) != nullptr ||
               at(cluster, {"config", "broker.rack"}) != nullptr || (host != nullptr && host->find("rack") != nullptr);
    }

    void checkRacks(const Value& cluster) {
        const auto brokers = membersAt(root(), {"cluster", "brokers"});
        const auto first = std::find_if(brokers.begin(), brokers.end(),
                                        [&](const Member& broker) { return !hasRack(cluster, broker); });
        const bool someHave =
            std::any_of(brokers.begin(), brokers.end(), [&](const Member& broker) { return hasRack(cluster, broker); });
        if (first != brokers.end() && someHave) {
            warning(first->keyPlace, "cluster.brokers." + first->key,
                    "this broker has no rack, and others have one: Kafka then creates no topic "
                    "(INVALID_REPLICA_ASSIGNMENT); give all brokers a rack, or none");
        }
    }

    /// Whether anybody of the scenario needs a group coordinator.
    [[nodiscard]] bool hasGroups() const {
        return std::any_of(sections().begin(), sections().end(),
                           [&](const Section* each) { return each->hasGroups(root()); });
    }

    void checkOffsetsTopic(const Value& cluster) {
        constexpr std::int64_t usual = 3;
        const auto brokers = static_cast<std::int64_t>(names(brokerNames).size());
        const Value* set = at(root(), {"cluster", "config", "offsets.topic.replication.factor"});
        if (const auto wanted = wholeNumberIn(set); wanted && *wanted > brokers) {
            warning(
                set->place(), "cluster.config.offsets.topic.replication.factor",
                fmt::format("__consumer_offsets needs {} brokers alive, and the cluster has {}: no group and no spout "
                            "ever gets a coordinator (error 15, COORDINATOR_NOT_AVAILABLE)",
                            *wanted, brokers));
        } else if (set == nullptr && brokers > 0 && brokers < usual && hasGroups()) {
            warning(
                cluster.find("brokers")->place(), "cluster.config.offsets.topic.replication.factor",
                fmt::format("offsets.topic.replication.factor is not set, and the cluster has {} of the 3 brokers that "
                            "Kafka's default asks for: it counts as {}, as in the server.properties that Kafka ships; "
                            "with 3 no group would ever get a coordinator",
                            brokers, brokers));
        }
    }

    void checkBrokerId(const Member& broker) {
        std::int32_t id = -1;
        const char* end = broker.key.data() + broker.key.size();
        const auto [stop, trouble] = std::from_chars(broker.key.data(), end, id);
        const bool isPlain = trouble == std::errc() && stop == end && std::to_string(id) == broker.key;
        if (!isPlain || id < 0) {
            error(broker.keyPlace, "cluster.brokers." + broker.key, "a broker is named by its number, as in \"1\"");
            return;
        }
        const auto settingOf = [&](std::string_view key) {
            const Value* own = at(broker.value, {"config", key});
            return own != nullptr ? own : at(root(), {"cluster", "config", key});
        };
        const Settings usual(brokerScope, Profile::Current);
        const std::int64_t most =
            wholeNumberIn(settingOf("reserved.broker.max.id")).value_or(usual.integer("reserved.broker.max.id"));
        const bool generates =
            flagIn(settingOf("broker.id.generation.enable")).value_or(usual.flag("broker.id.generation.enable"));
        if (generates && id > most) {
            error(
                broker.keyPlace, "cluster.brokers." + broker.key,
                fmt::format("a broker whose number is above reserved.broker.max.id, {}, does not start: numbers above "
                            "it are given out by Kafka itself",
                            most));
        }
    }

    void checkPartitions() {
        std::int64_t partitions = 0;
        std::int64_t replicas = 0;
        for (const Member& topic : membersAt(root(), {"topics"})) {
            const std::int64_t count = countIn(topic.value, "partitions", 1);
            partitions += count;
            replicas += count * countIn(topic.value, "replicas", 1);
        }
        bound(partitions, partitionsMax, "partitions", "topics");
        bound(replicas, replicasMax, "replicas of partitions", "topics");
    }

    void checkTopics() {
        for (const Member& topic : membersAt(root(), {"topics"})) {
            const std::string path = "topics." + topic.key;
            checkTopicName(topic, path);
            checkCollision(topic, path);
            const Value* replicas = topic.value.find("replicas");
            const auto brokers = static_cast<std::int64_t>(names(brokerNames).size());
            if (replicas != nullptr && replicas->isInteger() && replicas->asInteger() > brokers) {
                error(replicas->place(), path + ".replicas",
                      fmt::format("{} replicas need {} brokers, and the cluster has {}", replicas->asInteger(),
                                  replicas->asInteger(), brokers));
            }
            checkMinInSync(topic.value, path);
        }
        if (!names(topicNames).empty() && names(brokerNames).empty()) {
            error(at(root(), {"topics"})->place(), "topics", "topics need a cluster with brokers");
        }
    }

    void checkTopicName(const Member& topic, const std::string& path) {
        constexpr std::size_t nameLengthMax = 249;
        constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
        const bool isLegal = topic.key.size() <= nameLengthMax && topic.key != "." && topic.key != ".." &&
                             topic.key.find_first_not_of(allowed) == std::string::npos;
        if (!isLegal) {
            error(topic.keyPlace, path,
                  "Kafka takes names of up to 249 letters, digits, dots, underscores and hyphens");
        }
    }

    /// Kafka's metrics write a dot as an underscore, so of two names that are then the same the second is refused.
    void checkCollision(const Member& topic, const std::string& path) {
        std::string asMetric = topic.key;
        std::replace(asMetric.begin(), asMetric.end(), '.', '_');
        const auto [first, isFirst] = m_topicsAsMetrics.try_emplace(std::move(asMetric), topic.key);
        if (!isFirst) {
            error(topic.keyPlace, path,
                  fmt::format("Kafka refuses this name beside \"{}\": its metrics take a dot for an underscore",
                              first->second));
        }
    }

    void checkMinInSync(const Value& topic, const std::string& path) {
        const Value* least = at(topic, {"config", "min.insync.replicas"});
        const std::optional<std::int64_t> asked = wholeNumberIn(least);
        const std::int64_t count = countIn(topic, "replicas", 1);
        if (asked && count > 0 && *asked > count) {
            warning(least->place(), path + ".config.min.insync.replicas",
                    fmt::format(
                        "min.insync.replicas asks for {} in-sync replicas, and the topic has {}: the smaller of the "
                        "two counts, so acks=all waits for {} (older versions refuse everything)",
                        *asked, count, count));
        }
    }

    std::map<std::string, std::string, std::less<>> m_topicsAsMetrics;
};

}  // namespace

void KafkaSection::judge(const Value& root, const KnownNames& known, Complaints& complaints) const {
    ClusterJudge(root, known, complaints).judge();
}

void KafkaSection::addLoad(const Value& root, HostLoad& load) const {
    for (const Member& broker : membersAt(root, {"cluster", "brokers"})) {
        load.listeners[textOf(broker.value, "host")] += 1;
    }
}

}  // namespace millrace::scenario
