#include "engine/kafka/broker/config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

namespace millrace::kafka {

namespace {

std::optional<std::int64_t> numberOf(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// Long.MAX_VALUE means "for ever"; ten years are that to a run, and can still be added to.
std::optional<SimDuration> millisOf(const std::string& text) {
    constexpr std::int64_t forEver = std::chrono::milliseconds{std::chrono::hours{24 * 3650}}.count();
    const auto number = numberOf(text);
    return number ? std::optional<SimDuration>(std::chrono::milliseconds{std::clamp(*number, -forEver, forEver)})
                  : std::nullopt;
}

std::optional<std::int32_t> smallNumberOf(const std::string& text) {
    const auto number = numberOf(text);
    return number ? std::optional(static_cast<std::int32_t>(*number)) : std::nullopt;
}

}  // namespace

TopicConfig topicConfigFrom(const std::vector<std::pair<std::string, std::string>>& config) {
    TopicConfig topic;
    topic.told = config;
    for (const auto& [key, value] : config) {
        if (key == "min.insync.replicas") {
            topic.minInsyncReplicas = smallNumberOf(value);
        } else if (key == "unclean.leader.election.enable") {
            topic.uncleanLeaderElection = value == "true";
        } else if (key == "segment.bytes") {
            topic.segmentBytes = numberOf(value);
        } else if (key == "segment.ms") {
            topic.segmentAge = millisOf(value);
        } else if (key == "retention.bytes") {
            topic.retentionBytes = numberOf(value);
        } else if (key == "retention.ms") {
            topic.retentionAge = millisOf(value);
        } else if (key == "message.timestamp.type") {
            topic.logAppendTime = value == "LogAppendTime";
        } else if (key == "max.message.bytes") {
            topic.maxMessageBytes = smallNumberOf(value);
        }
    }
    return topic;
}

namespace {

/// The names that 3.9's LogConfig knows.
constexpr std::array topicKeys{std::string_view{"cleanup.policy"},
                               std::string_view{"compression.gzip.level"},
                               std::string_view{"compression.lz4.level"},
                               std::string_view{"compression.type"},
                               std::string_view{"compression.zstd.level"},
                               std::string_view{"delete.retention.ms"},
                               std::string_view{"file.delete.delay.ms"},
                               std::string_view{"flush.messages"},
                               std::string_view{"flush.ms"},
                               std::string_view{"follower.replication.throttled.replicas"},
                               std::string_view{"index.interval.bytes"},
                               std::string_view{"leader.replication.throttled.replicas"},
                               std::string_view{"local.retention.bytes"},
                               std::string_view{"local.retention.ms"},
                               std::string_view{"max.compaction.lag.ms"},
                               std::string_view{"max.message.bytes"},
                               std::string_view{"message.downconversion.enable"},
                               std::string_view{"message.format.version"},
                               std::string_view{"message.timestamp.after.max.ms"},
                               std::string_view{"message.timestamp.before.max.ms"},
                               std::string_view{"message.timestamp.difference.max.ms"},
                               std::string_view{"message.timestamp.type"},
                               std::string_view{"min.cleanable.dirty.ratio"},
                               std::string_view{"min.compaction.lag.ms"},
                               std::string_view{"min.insync.replicas"},
                               std::string_view{"preallocate"},
                               std::string_view{"remote.log.copy.disable"},
                               std::string_view{"remote.log.delete.on.disable"},
                               std::string_view{"remote.storage.enable"},
                               std::string_view{"retention.bytes"},
                               std::string_view{"retention.ms"},
                               std::string_view{"segment.bytes"},
                               std::string_view{"segment.index.bytes"},
                               std::string_view{"segment.jitter.ms"},
                               std::string_view{"segment.ms"},
                               std::string_view{"unclean.leader.election.enable"}};

/// Whether an enumerated key may have the value, each of a list's; of other keys everything is.
bool isAmong(std::string_view key, std::string_view value) {
    static constexpr std::array choices{
        std::pair{std::string_view{"cleanup.policy"}, std::string_view{"|compact|delete|"}},
        std::pair{std::string_view{"compression.type"},
                  std::string_view{"|uncompressed|zstd|lz4|snappy|gzip|producer|"}},
        std::pair{std::string_view{"message.timestamp.type"}, std::string_view{"|CreateTime|LogAppendTime|"}}};
    const auto* known =
        std::find_if(choices.begin(), choices.end(), [&](const auto& choice) { return choice.first == key; });
    if (known == choices.end()) {
        return true;
    }
    while (true) {
        const std::size_t comma = key == "cleanup.policy" ? value.find(',') : std::string_view::npos;
        const std::string_view item = value.substr(0, comma);
        if (item.empty() || item.find('|') != std::string_view::npos ||
            known->second.find("|" + std::string{item} + "|") == std::string_view::npos) {
            return false;
        }
        if (comma == std::string_view::npos) {
            return true;
        }
        value.remove_prefix(comma + 1);
    }
}

}  // namespace

std::optional<std::string> troubleWithTopicConfig(const std::vector<std::pair<std::string, std::string>>& config) {
    struct Bound {
        std::string_view key;
        std::int64_t least;
        std::int64_t most;
    };
    constexpr std::int64_t small = std::numeric_limits<std::int32_t>::max();
    constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();
    // The bounds of Kafka's LogConfig.
    static constexpr std::array bounds{Bound{"min.insync.replicas", 1, small},
                                       Bound{"segment.bytes", 14, small},
                                       Bound{"segment.ms", 1, any},
                                       Bound{"retention.bytes", std::numeric_limits<std::int64_t>::min(), any},
                                       Bound{"retention.ms", -1, any},
                                       Bound{"max.message.bytes", 0, small}};
    for (const auto& [key, value] : config) {
        if (std::find(topicKeys.begin(), topicKeys.end(), key) == topicKeys.end()) {
            return "unknown topic config name: " + key.substr(0, 100);
        }
        if (!isAmong(key, value)) {
            return key + " cannot be \"" + value.substr(0, 100) + '"';
        }
        if (key == "unclean.leader.election.enable" && value != "true" && value != "false") {
            return key + " is true or false, not \"" + value.substr(0, 100) + '"';
        }
        const auto* bound =
            std::find_if(bounds.begin(), bounds.end(), [&](const Bound& each) { return each.key == key; });
        if (bound == bounds.end()) {
            continue;
        }
        const auto number = numberOf(value);
        if (!number || *number < bound->least || *number > bound->most) {
            return key + " is a number from " + std::to_string(bound->least) + " to " + std::to_string(bound->most) +
                   ", not \"" + value.substr(0, 100) + '"';
        }
    }
    return std::nullopt;
}

}  // namespace millrace::kafka
