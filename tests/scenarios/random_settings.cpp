#include "tests/scenarios/random_settings.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace millrace::swarm {

namespace {

std::optional<std::int64_t> numberIn(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isNumber = trouble == std::errc() && end == text.data() + text.size() && !text.empty();
    return isNumber ? std::optional(number) : std::nullopt;
}

/// For a setting without a default.
std::int64_t usualOf(ConfigUnit unit) {
    switch (unit) {
        case ConfigUnit::Milliseconds:
            return 10'000;
        case ConfigUnit::Seconds:
            return 20;
        case ConfigUnit::Bytes:
            return 200'000;
        default:
            return 4;
    }
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::int64_t scaled(Dice& dice, std::int64_t usual, Boldness boldness) {
    const double factor = boldness == Boldness::Wild ? dice.pick({0.0, 0.01, 0.1, 0.5, 2.0, 10.0, 100.0})
                                                     : dice.pick({0.5, 0.75, 1.0, 1.5, 2.0});
    return static_cast<std::int64_t>(static_cast<double>(usual) * factor);
}

Json randomInteger(Dice& dice, const ConfigKey& key, Boldness boldness) {
    std::int64_t usual = numberIn(key.defaultText).value_or(usualOf(key.unit));
    if (usual < 0 || usual > 1'000'000'000'000) {
        usual = usualOf(key.unit);
    }
    std::int64_t value = scaled(dice, usual, boldness);
    // Half of one is none, which often means that somebody asks again without a pause.
    // A client that never rests tries to connect as often as its machine lets it, 15,000 times a second beside a broker
    // that stays down, as Kafka's does: what may be hours of that is no freeze.
    const bool isRest = key.name.starts_with("reconnect.backoff");
    const std::int64_t least = boldness == Boldness::Moderate || isRest ? std::min<std::int64_t>(usual, 1) : 0;
    value = std::max({value, least, numberIn(key.least).value_or(1)});
    value = std::min(value, numberIn(key.most).value_or(2'147'483'647));
    return value;
}

/// Settings that the generator decides by itself, because they must fit others, or because they end a run's purpose.
bool isDecidedElsewhere(std::string_view key) {
    static const std::set<std::string_view> keys{"broker.rack",
                                                 "offsets.topic.replication.factor",
                                                 "default.replication.factor",
                                                 "min.insync.replicas",
                                                 "auto.offset.reset",
                                                 "offsets.topic.num.partitions",
                                                 "acks",
                                                 "num.partitions",
                                                 "reserved.broker.max.id",
                                                 "enable.auto.commit",
                                                 "topology.enable.message.timeouts",
                                                 "topology.workers",
                                                 "topology.tasks",
                                                 "yarn.app.mapreduce.am.resource.mb",
                                                 "yarn.nodemanager.resource.memory-mb",
                                                 "yarn.scheduler.maximum-allocation-mb",
                                                 "yarn.scheduler.minimum-allocation-mb",
                                                 "mapreduce.map.memory.mb",
                                                 "mapreduce.reduce.memory.mb"};
    return keys.contains(key);
}

}  // namespace

std::optional<Json> randomValue(Dice& dice, const ConfigKey& key, Boldness boldness) {
    switch (key.type) {
        case ConfigType::Flag:
            return Json(dice.chance(0.5));
        case ConfigType::Integer:
            return randomInteger(dice, key, boldness);
        case ConfigType::Text:
            return key.choices.empty() ? std::nullopt : std::optional<Json>(dice.oneOf(split(key.choices, '|')));
        case ConfigType::List:
            return key.name == "partition.assignment.strategy"
                       ? std::optional<Json>("org.apache.kafka.clients.consumer." +
                                             dice.pick<std::string>({"RangeAssignor", "RoundRobinAssignor",
                                                                     "StickyAssignor", "CooperativeStickyAssignor"}))
                       : std::nullopt;
        default:
            return std::nullopt;
    }
}

void addRandomSettings(Dice& dice, Json& config, scenario::ConfigScope scope, int most, Boldness boldness) {
    std::vector<const ConfigKey*> keys;
    for (const ConfigKey& key : scenario::configKeys(scope)) {
        if (key.modelling == Modelling::Modelled && !isDecidedElsewhere(key.name)) {
            keys.push_back(&key);
        }
    }
    const int count = keys.empty() ? 0 : dice.between(0, most);
    for (int i = 0; i < count; ++i) {
        const ConfigKey& key = *dice.oneOf(keys);
        const std::string name(key.name);
        if (const auto value = randomValue(dice, key, boldness); value && !config.contains(name)) {
            config[name] = *value;
        }
    }
}

}  // namespace millrace::swarm
