#include "engine/scenario/catalog/config_catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "engine/base/check.h"
#include "engine/scenario/catalog/quantity_text.h"
#include "engine/scenario/nearest.h"

namespace millrace::scenario {

namespace {

template <typename Number>
std::optional<Number> numberIn(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isWhole = error == std::errc() && end == text.data() + text.size();
    return isWhole ? std::optional<Number>(number) : std::nullopt;
}

std::vector<std::string_view> split(std::string_view rest, char separator) {
    std::vector<std::string_view> parts;
    while (!rest.empty()) {
        const std::size_t at = rest.find(separator);
        parts.push_back(rest.substr(0, at));
        rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
    }
    return parts;
}

/// Without blanks, and without the word that Java prints before a class.
std::string_view bare(std::string_view item) {
    while (item.starts_with(' ')) {
        item.remove_prefix(1);
    }
    while (item.ends_with(' ')) {
        item.remove_suffix(1);
    }
    constexpr std::string_view word = "class ";
    return item.starts_with(word) ? item.substr(word.size()) : item;
}

bool holds(const std::vector<std::string_view>& all, std::string_view item) {
    return std::find(all.begin(), all.end(), item) != all.end();
}

std::optional<std::string> troubleWithRange(const ConfigKey& key, std::string_view text, double number) {
    const std::optional<double> least = numberIn<double>(key.least);
    const std::optional<double> most = numberIn<double>(key.most);
    if (least && number < *least) {
        return fmt::format("{} is less than {}, the least that {} takes", text, key.least, key.name);
    }
    if (most && number > *most) {
        return fmt::format("{} is more than {}, the most that {} takes", text, key.most, key.name);
    }
    return std::nullopt;
}

std::optional<std::string> troubleWithChoice(const ConfigKey& key, std::string_view text) {
    const std::vector<std::string_view> choices = split(key.choices, '|');
    if (choices.empty() || (text.empty() && key.defaultText.empty())) {
        return std::nullopt;
    }
    std::vector<std::string_view> items{text};
    if (key.type == ConfigType::List) {
        items = split(text, ',');
        std::transform(items.begin(), items.end(), items.begin(), bare);
    }
    for (const std::string_view item : items) {
        if (!holds(choices, item)) {
            return fmt::format("\"{}\" is not one of {}{}", item, fmt::join(choices, ", "), suggestion(item, choices));
        }
    }
    const std::vector<std::string_view> accepted = acceptedChoices(key);
    if (!items.empty() && !holds(accepted, items.front())) {
        return fmt::format("\"{}\" is not modelled yet and would change results; {} here: {}", items.front(),
                           key.type == ConfigType::List ? "the first can be" : "it can be", fmt::join(accepted, ", "));
    }
    return std::nullopt;
}

SimDuration unitOfTime(ConfigUnit unit) {
    switch (unit) {
        case ConfigUnit::Milliseconds:
            return std::chrono::milliseconds(1);
        case ConfigUnit::Seconds:
            return std::chrono::seconds(1);
        case ConfigUnit::Minutes:
            return std::chrono::minutes(1);
        case ConfigUnit::Hours:
            return std::chrono::hours(1);
        default:
            return SimDuration::zero();
    }
}

}  // namespace

std::string_view toText(ConfigScope scope) {
    return catalogueOf(scope).program;
}

std::string_view toText(ConfigUnit unit) {
    switch (unit) {
        case ConfigUnit::None:
            return "";
        case ConfigUnit::Milliseconds:
            return "ms";
        case ConfigUnit::Seconds:
            return "s";
        case ConfigUnit::Minutes:
            return "min";
        case ConfigUnit::Hours:
            return "h";
        case ConfigUnit::Bytes:
            return "B";
        case ConfigUnit::Megabytes:
            return "MB";
        case ConfigUnit::Percent:
            return "%";
    }
    return "";
}

std::span<const ConfigKey> configKeys(ConfigScope scope) {
    return catalogueOf(scope).keys;
}

const ConfigKey* findConfigKey(ConfigScope scope, std::string_view name) {
    const std::span<const ConfigKey> keys = configKeys(scope);
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const ConfigKey& each) { return each.name == name; });
    return found != keys.end() ? &*found : nullptr;
}

std::vector<std::string_view> configKeyNames(ConfigScope scope) {
    std::vector<std::string_view> names;
    for (const ConfigKey& key : configKeys(scope)) {
        names.push_back(key.name);
    }
    return names;
}

std::vector<std::string_view> acceptedChoices(const ConfigKey& key) {
    return split(key.modelledChoices.empty() ? key.choices : key.modelledChoices, '|');
}

std::string_view defaultOf(const ConfigKey& key, Profile profile) {
    return profile == Profile::Course && !key.courseText.empty() ? key.courseText : key.defaultText;
}

std::optional<std::string> troubleWith(const ConfigKey& key, std::string_view valueText) {
    if (key.type == ConfigType::Flag && valueText != "true" && valueText != "false") {
        return fmt::format("\"{}\" is neither true nor false", valueText);
    }
    if (isQuantity(key) && !(valueText.empty() && key.defaultText.empty())) {
        const std::optional<std::int64_t> number = quantityIn(valueText, key.unit);
        if (!number) {
            const bool isOfSize = key.unit == ConfigUnit::Bytes || key.unit == ConfigUnit::Megabytes;
            return fmt::format("\"{}\" is not a whole number with or without a unit, such as {}", valueText,
                               isOfSize ? "512m or 1g" : "200ms, 3s or 2m");
        }
        return troubleWithRange(key, valueText, static_cast<double>(*number));
    }
    if (key.type == ConfigType::Integer) {
        const std::optional<std::int64_t> number = numberIn<std::int64_t>(valueText);
        if (!number) {
            return fmt::format("\"{}\" is not a whole number", valueText);
        }
        return troubleWithRange(key, valueText, static_cast<double>(*number));
    }
    if (key.type == ConfigType::Number) {
        const std::optional<double> number = numberIn<double>(valueText);
        if (!number) {
            return fmt::format("\"{}\" is not a number", valueText);
        }
        return troubleWithRange(key, valueText, *number);
    }
    return troubleWithChoice(key, valueText);
}

void Settings::overlay(const Settings& other) {
    for (const auto& [key, value] : other.m_values) {
        set(key, value);
    }
}

bool Settings::isSet(std::string_view key) const {
    return m_values.find(std::string(key)) != m_values.end();
}

std::string Settings::text(std::string_view key) const {
    const ConfigKey* known = findConfigKey(m_scope, key);
    MILLRACE_CHECK(known != nullptr, key);
    if (m_reads != nullptr) {
        m_reads->emplace(key);
    }
    const auto found = m_values.find(std::string(key));
    return found != m_values.end() ? found->second : std::string(defaultOf(*known, m_profile));
}

bool Settings::flag(std::string_view key) const {
    return text(key) == "true";
}

std::optional<std::int64_t> Settings::optionalInteger(std::string_view key) const {
    const std::string value = text(key);
    const ConfigKey& known = *findConfigKey(m_scope, key);
    return isQuantity(known) ? quantityIn(value, known.unit) : numberIn<std::int64_t>(value);
}

std::int64_t Settings::integer(std::string_view key) const {
    const std::optional<std::int64_t> number = optionalInteger(key);
    MILLRACE_CHECK(number.has_value(), key, text(key));
    return *number;
}

std::int32_t Settings::integer32(std::string_view key) const {
    constexpr std::int64_t least = std::numeric_limits<std::int32_t>::min();
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::clamp(integer(key), least, most));
}

double Settings::number(std::string_view key) const {
    const std::optional<double> number = numberIn<double>(text(key));
    MILLRACE_CHECK(number.has_value(), key, text(key));
    return *number;
}

SimDuration Settings::duration(std::string_view key) const {
    const SimDuration unit = unitOfTime(findConfigKey(m_scope, key)->unit);
    MILLRACE_CHECK(unit > SimDuration::zero(), key);
    const std::int64_t count = integer(key);
    // Long.MAX_VALUE and the like mean "for ever"; ten years are that to a run, and can still be added to and doubled.
    constexpr SimDuration forEver = std::chrono::hours(24 * 3650);
    const std::int64_t countMax = forEver / unit;
    return unit * std::clamp(count, -countMax, countMax);
}

SimDuration Settings::interval(std::string_view key) const {
    return std::max<SimDuration>(duration(key), std::chrono::milliseconds(1));
}

}  // namespace millrace::scenario
