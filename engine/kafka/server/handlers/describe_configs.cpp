#include "engine/kafka/protocol/describe_configs.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "engine/kafka/server/broker_call.h"

namespace millrace::kafka {

namespace {

using Setting = DescribeConfigsResponse::Setting;
using Source = DescribeConfigsResponse::Source;
using Type = DescribeConfigsResponse::Type;

std::string textOf(bool value) {
    return value ? "true" : "false";
}
std::string textOf(SimDuration value) {
    return std::to_string(std::max<std::int64_t>(value / std::chrono::milliseconds{1}, -1));
}
std::string textOf(std::integral auto value) {
    return std::to_string(value);
}
std::string timestampType(bool isLogAppendTime) {
    return isLogAppendTime ? "LogAppendTime" : "CreateTime";
}

/// A topic's setting, what the broker calls its default, and that default: of this broker, or Kafka's where it is not
/// modelled.
struct TopicRow {
    std::string_view key;
    Type type;
    std::string_view brokerKey;
    std::string_view kafkas;
    std::string (*ofBroker)(const BrokerConfig&) = nullptr;
};

constexpr std::string_view largest = "9223372036854775807";

constexpr std::array topicRows{
    TopicRow{"cleanup.policy", Type::List, "log.cleanup.policy", "delete"},
    TopicRow{"compression.gzip.level", Type::Int, "compression.gzip.level", "-1"},
    TopicRow{"compression.lz4.level", Type::Int, "compression.lz4.level", "9"},
    TopicRow{"compression.type", Type::String, "compression.type", "producer"},
    TopicRow{"compression.zstd.level", Type::Int, "compression.zstd.level", "3"},
    TopicRow{"delete.retention.ms", Type::Long, "log.cleaner.delete.retention.ms", "86400000"},
    TopicRow{"file.delete.delay.ms", Type::Long, "log.segment.delete.delay.ms", "60000"},
    TopicRow{"flush.messages", Type::Long, "log.flush.interval.messages", largest},
    TopicRow{"flush.ms", Type::Long, "log.flush.interval.ms", largest,
             [](const BrokerConfig& c) { return c.flushInterval ? textOf(*c.flushInterval) : std::string{largest}; }},
    TopicRow{"follower.replication.throttled.replicas", Type::List, "", ""},
    TopicRow{"index.interval.bytes", Type::Int, "log.index.interval.bytes", "4096"},
    TopicRow{"leader.replication.throttled.replicas", Type::List, "", ""},
    TopicRow{"local.retention.bytes", Type::Long, "log.local.retention.bytes", "-2"},
    TopicRow{"local.retention.ms", Type::Long, "log.local.retention.ms", "-2"},
    TopicRow{"max.compaction.lag.ms", Type::Long, "log.cleaner.max.compaction.lag.ms", largest},
    TopicRow{"max.message.bytes", Type::Int, "message.max.bytes", "1048588",
             [](const BrokerConfig& c) { return textOf(c.messageMaxBytes); }},
    TopicRow{"message.downconversion.enable", Type::Boolean, "log.message.downconversion.enable", "true"},
    TopicRow{"message.format.version", Type::String, "log.message.format.version", "3.0-IV1"},
    TopicRow{"message.timestamp.after.max.ms", Type::Long, "log.message.timestamp.after.max.ms", largest},
    TopicRow{"message.timestamp.before.max.ms", Type::Long, "log.message.timestamp.before.max.ms", largest},
    TopicRow{"message.timestamp.difference.max.ms", Type::Long, "log.message.timestamp.difference.max.ms", largest},
    TopicRow{"message.timestamp.type", Type::String, "log.message.timestamp.type", "CreateTime",
             [](const BrokerConfig& c) { return timestampType(c.logAppendTime); }},
    TopicRow{"min.cleanable.dirty.ratio", Type::Double, "log.cleaner.min.cleanable.ratio", "0.5"},
    TopicRow{"min.compaction.lag.ms", Type::Long, "log.cleaner.min.compaction.lag.ms", "0"},
    TopicRow{"min.insync.replicas", Type::Int, "min.insync.replicas", "1",
             [](const BrokerConfig& c) { return textOf(c.minInsyncReplicas); }},
    TopicRow{"preallocate", Type::Boolean, "log.preallocate", "false"},
    TopicRow{"remote.log.copy.disable", Type::Boolean, "", "false"},
    TopicRow{"remote.log.delete.on.disable", Type::Boolean, "", "false"},
    TopicRow{"remote.storage.enable", Type::Boolean, "", "false"},
    TopicRow{"retention.bytes", Type::Long, "log.retention.bytes", "-1",
             [](const BrokerConfig& c) { return textOf(c.retentionBytes); }},
    TopicRow{"retention.ms", Type::Long, "log.retention.ms", "604800000",
             [](const BrokerConfig& c) { return textOf(c.retentionAge); }},
    TopicRow{"segment.bytes", Type::Int, "log.segment.bytes", "1073741824",
             [](const BrokerConfig& c) { return textOf(c.segmentBytes); }},
    TopicRow{"segment.index.bytes", Type::Int, "log.index.size.max.bytes", "10485760"},
    TopicRow{"segment.jitter.ms", Type::Long, "log.roll.jitter.ms", "0"},
    TopicRow{"segment.ms", Type::Long, "log.roll.ms", "604800000",
             [](const BrokerConfig& c) { return textOf(c.segmentAge); }},
    TopicRow{"unclean.leader.election.enable", Type::Boolean, "unclean.leader.election.enable", "false",
             [](const BrokerConfig& c) { return textOf(c.uncleanLeaderElection); }}};

/// A broker's own settings, as far as they are modelled; those that are defaults of topics stand among the topics'.
struct BrokerRow {
    std::string_view key;
    Type type;
    std::string (*value)(const BrokerConfig&);
};

constexpr std::array brokerRows{
    BrokerRow{"auto.create.topics.enable", Type::Boolean,
              [](const BrokerConfig& c) { return textOf(c.autoCreateTopics); }},
    BrokerRow{"auto.leader.rebalance.enable", Type::Boolean,
              [](const BrokerConfig& c) { return textOf(c.autoLeaderRebalance); }},
    BrokerRow{"default.replication.factor", Type::Int,
              [](const BrokerConfig& c) { return textOf(c.defaultReplicationFactor); }},
    BrokerRow{"fetch.max.bytes", Type::Int, [](const BrokerConfig& c) { return textOf(c.fetchMaxBytes); }},
    BrokerRow{"group.initial.rebalance.delay.ms", Type::Int,
              [](const BrokerConfig& c) { return textOf(c.groupInitialRebalanceDelay); }},
    BrokerRow{"group.max.session.timeout.ms", Type::Int,
              [](const BrokerConfig& c) { return textOf(c.groupMaxSessionTimeout); }},
    BrokerRow{"group.min.session.timeout.ms", Type::Int,
              [](const BrokerConfig& c) { return textOf(c.groupMinSessionTimeout); }},
    BrokerRow{"leader.imbalance.per.broker.percentage", Type::Int,
              [](const BrokerConfig& c) { return textOf(c.leaderImbalancePercentage); }},
    BrokerRow{"num.partitions", Type::Int, [](const BrokerConfig& c) { return textOf(c.numPartitions); }},
    BrokerRow{"offsets.topic.num.partitions", Type::Int,
              [](const BrokerConfig& c) { return textOf(c.offsetsTopicPartitions); }},
    BrokerRow{"offsets.topic.replication.factor", Type::Short,
              [](const BrokerConfig& c) { return textOf(c.offsetsTopicReplicationFactor); }},
    BrokerRow{"replica.fetch.max.bytes", Type::Int,
              [](const BrokerConfig& c) { return textOf(c.replicaFetchMaxBytes); }},
    BrokerRow{"replica.fetch.min.bytes", Type::Int,
              [](const BrokerConfig& c) { return textOf(c.replicaFetchMinBytes); }},
    BrokerRow{"replica.fetch.wait.max.ms", Type::Int,
              [](const BrokerConfig& c) { return textOf(c.replicaFetchWaitMax); }},
    BrokerRow{"replica.lag.time.max.ms", Type::Long, [](const BrokerConfig& c) { return textOf(c.replicaLagTimeMax); }},
    BrokerRow{"zookeeper.session.timeout.ms", Type::Int,
              [](const BrokerConfig& c) { return textOf(c.zookeeperSessionTimeout); }}};

/// The broker's value is its own when it is another than a broker has that nobody has told anything.
Setting brokerSetting(std::string_view key, Type type, std::string value, std::string unset) {
    Setting setting;
    setting.key = key;
    setting.source = value == unset ? Source::Default : Source::StaticBroker;
    setting.isDefault = value == unset;
    if (!setting.isDefault) {
        setting.synonyms.push_back({setting.key, value, Source::StaticBroker});
    }
    setting.synonyms.push_back({setting.key, std::move(unset), Source::Default});
    setting.value = std::move(value);
    setting.isReadOnly = true;  // dynamic settings of brokers are not modelled
    setting.type = type;
    return setting;
}

Setting defaultOf(const TopicRow& row, const BrokerConfig& config) {
    const std::string_view key = row.brokerKey.empty() ? row.key : row.brokerKey;
    std::string kafkas{row.kafkas};
    std::string value = row.ofBroker != nullptr ? row.ofBroker(config) : kafkas;
    return brokerSetting(key, row.type, std::move(value), std::move(kafkas));
}

std::vector<Setting> topicSettings(const BrokerConfig& config, const TopicConfig& topic) {
    std::vector<Setting> settings;
    for (const TopicRow& row : topicRows) {
        Setting& setting = settings.emplace_back(defaultOf(row, config));
        setting.key = row.key;
        setting.isReadOnly = false;
        const auto told =
            std::find_if(topic.told.begin(), topic.told.end(), [&](const auto& each) { return each.first == row.key; });
        if (told != topic.told.end()) {
            setting.value = told->second;
            setting.source = Source::Topic;
            setting.isDefault = false;
            setting.synonyms.insert(setting.synonyms.begin(),
                                    DescribeConfigsResponse::Synonym{setting.key, told->second, Source::Topic});
        }
    }
    return settings;
}

std::vector<Setting> brokerSettings(const BrokerConfig& config) {
    static const BrokerConfig unset{};
    std::vector<Setting> settings;
    for (const TopicRow& row : topicRows) {
        if (!row.brokerKey.empty()) {
            settings.push_back(defaultOf(row, config));
        }
    }
    for (const BrokerRow& row : brokerRows) {
        settings.push_back(brokerSetting(row.key, row.type, row.value(config), row.value(unset)));
    }
    std::sort(settings.begin(), settings.end(), [](const Setting& a, const Setting& b) { return a.key < b.key; });
    return settings;
}

void describeTopic(BrokerCall& call, DescribeConfigsResponse::Result& said) {
    const TopicName topic(said.name);
    if (!isTopicName(said.name)) {
        said.error = ErrorCode::InvalidTopic;
    } else if (!call.metadata().hasTopic(topic)) {
        said.error = ErrorCode::UnknownTopicOrPartition;
    } else {
        const TopicConfig* told = call.replicas().topicConfig(topic);
        said.settings = topicSettings(call.config(), told != nullptr ? *told : TopicConfig{});
    }
}

void describeBroker(BrokerCall& call, DescribeConfigsResponse::Result& said) {
    if (said.name == toText(call.config().id)) {
        said.settings = brokerSettings(call.config());
    } else if (!said.name.empty()) {  // no name asks for what is set for all brokers at run time: nothing here
        said.error = ErrorCode::InvalidRequest;
        said.message = "This is broker " + toText(call.config().id) + ".";
    }
}

DescribeConfigsResponse::Result describe(BrokerCall& call, const DescribeConfigsRequest& request,
                                         const DescribeConfigsRequest::Resource& asked) {
    DescribeConfigsResponse::Result said;
    said.type = asked.type;
    said.name = asked.name;
    switch (asked.type) {
        case DescribeConfigsRequest::Of::Topic:
            describeTopic(call, said);
            break;
        case DescribeConfigsRequest::Of::Broker:
            describeBroker(call, said);
            break;
        default:
            said.error = ErrorCode::InvalidRequest;
            said.message = "Topics and brokers have settings here.";
    }
    std::erase_if(said.settings, [&](const Setting& setting) {
        return asked.keys && std::find(asked.keys->begin(), asked.keys->end(), setting.key) == asked.keys->end();
    });
    if (!request.includeSynonyms) {
        for (Setting& setting : said.settings) {
            setting.synonyms.clear();
        }
    }
    return said;
}

}  // namespace

void serve(BrokerCall& call, const DescribeConfigsRequest& request) {
    for (const DescribeConfigsRequest::Resource& asked : request.resources) {
        const TopicName topic(asked.name);
        const bool isTopic = asked.type == DescribeConfigsRequest::Of::Topic && call.metadata().hasTopic(topic);
        if (isTopic && call.waitsForConfigOf(topic, request)) {
            return;  // it is served again when ZooKeeper has told the topic's settings
        }
    }
    auto response = makeRef<DescribeConfigsResponse>();
    // What is named several times is described once.
    std::set<std::pair<DescribeConfigsRequest::Of, std::string_view>> named;
    for (const DescribeConfigsRequest::Resource& asked : request.resources) {
        if (named.emplace(asked.type, asked.name).second) {
            response->results.push_back(describe(call, request, asked));
        }
    }
    call.answer(std::move(response));
}

}  // namespace millrace::kafka
