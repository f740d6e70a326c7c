#include "engine/kafka/broker/config.h"

#include <algorithm>
#include <charconv>

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
        } else if (key == "max.message.bytes") {
            topic.maxMessageBytes = smallNumberOf(value);
        }
    }
    return topic;
}

}  // namespace millrace::kafka
