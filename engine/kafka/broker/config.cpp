#include "engine/kafka/broker/config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

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
