#include "engine/scenario/catalog/quantity_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <string>

namespace millrace::scenario {

namespace {

struct Suffix {
    std::string_view text;
    std::int64_t size;  ///< in microseconds, or in bytes
};

constexpr std::int64_t microsecond = 1;
constexpr std::int64_t millisecond = 1'000 * microsecond;
constexpr std::int64_t second = 1'000 * millisecond;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;

constexpr std::array timeSuffixes{Suffix{"us", microsecond}, Suffix{"ms", millisecond}, Suffix{"s", second},
                                  Suffix{"m", minute},       Suffix{"min", minute},     Suffix{"h", hour},
                                  Suffix{"d", 24 * hour}};

constexpr std::int64_t kibibyte = std::int64_t{1} << 10U;
constexpr std::int64_t mebibyte = std::int64_t{1} << 20U;
constexpr std::int64_t gibibyte = std::int64_t{1} << 30U;
constexpr std::int64_t tebibyte = std::int64_t{1} << 40U;
constexpr std::int64_t pebibyte = std::int64_t{1} << 50U;

constexpr std::array sizeSuffixes{Suffix{"b", 1},         Suffix{"k", kibibyte},  Suffix{"kb", kibibyte},
                                  Suffix{"m", mebibyte},  Suffix{"mb", mebibyte}, Suffix{"g", gibibyte},
                                  Suffix{"gb", gibibyte}, Suffix{"t", tebibyte},  Suffix{"tb", tebibyte},
                                  Suffix{"p", pebibyte},  Suffix{"pb", pebibyte}};

/// Of a unit, in microseconds or in bytes; 0: it is neither of time nor of size.
std::int64_t sizeOf(ConfigUnit unit) {
    switch (unit) {
        case ConfigUnit::Milliseconds:
            return millisecond;
        case ConfigUnit::Seconds:
            return second;
        case ConfigUnit::Minutes:
            return minute;
        case ConfigUnit::Hours:
            return hour;
        case ConfigUnit::Bytes:
            return 1;
        case ConfigUnit::Megabytes:
            return mebibyte;
        case ConfigUnit::None:
        case ConfigUnit::Percent:
            break;
    }
    return 0;
}

template <std::size_t Count>
std::int64_t sizeOf(const std::array<Suffix, Count>& suffixes, std::string_view text) {
    const auto at =
        std::find_if(suffixes.begin(), suffixes.end(), [&](const Suffix& each) { return each.text == text; });
    return at != suffixes.end() ? at->size : 0;
}

}  // namespace

bool isQuantity(const ConfigKey& key) {
    return key.type == ConfigType::Text && sizeOf(key.unit) > 0;
}

std::optional<std::int64_t> quantityIn(std::string_view text, ConfigUnit unit) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) {
        return std::nullopt;
    }
    std::string suffix(end, text.data() + text.size());
    std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    if (suffix.empty()) {
        return number;
    }
    const bool isOfSize = unit == ConfigUnit::Bytes || unit == ConfigUnit::Megabytes;
    const std::int64_t size = isOfSize ? sizeOf(sizeSuffixes, suffix) : sizeOf(timeSuffixes, suffix);
    const std::int64_t most = size > 0 ? std::numeric_limits<std::int64_t>::max() / size : 0;
    if (size == 0 || number > most || number < -most) {
        return std::nullopt;
    }
    return number * size / sizeOf(unit);
}

}  // namespace millrace::scenario
