#include "engine/scenario/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>
#include <span>

#include "engine/scenario/document/complaint.h"

namespace millrace::scenario {

namespace {

struct Unit {
    std::string_view name;
    double factor;
};

constexpr std::array durationUnits = {Unit{"ns", 1.0}, Unit{"us", 1e3},   Unit{"ms", 1e6},   Unit{"s", 1e9},
                                      Unit{"m", 60e9}, Unit{"min", 60e9}, Unit{"h", 3600e9}, Unit{"d", 86400e9}};
constexpr std::array sizeUnits = {Unit{"B", 1.0},         Unit{"KB", 1e3},           Unit{"MB", 1e6},
                                  Unit{"GB", 1e9},        Unit{"TB", 1e12},          Unit{"KiB", 1024.0},
                                  Unit{"MiB", 1048576.0}, Unit{"GiB", 1073741824.0}, Unit{"TiB", 1099511627776.0}};
constexpr std::array bitUnits = {Unit{"bit", 0.125}, Unit{"kbit", 125.0}, Unit{"Kbit", 125.0}, Unit{"Mbit", 125e3},
                                 Unit{"Gbit", 125e6}};
constexpr std::array perUnits = {Unit{"s", 1.0}, Unit{"ms", 1e3}, Unit{"m", 1.0 / 60.0}, Unit{"min", 1.0 / 60.0},
                                 Unit{"h", 1.0 / 3600.0}};

/// Above this a double no longer holds every whole number, and 2^53 of anything is more than any scenario needs.
constexpr double wholeMax = 9007199254740992.0;

std::optional<double> numberAtStart(std::string_view& text) {
    // As in the schema: digits, and behind a point at least one more; no sign.
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    const std::size_t whole =
        static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), isDigit) - text.begin());
    const bool hasPoint = whole < text.size() && text[whole] == '.';
    if (whole == 0 || (hasPoint && (whole + 1 == text.size() || !isDigit(text[whole + 1])))) {
        return std::nullopt;
    }
    double number = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc() || !std::isfinite(number) || number < 0.0) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    text.remove_prefix(text.starts_with(' ') ? 1 : 0);
    return number;
}

std::optional<double> factorOf(std::string_view unit, std::span<const Unit> units) {
    for (const Unit& each : units) {
        if (each.name == unit) {
            return each.factor;
        }
    }
    return std::nullopt;
}

template <typename T>
Parsed<T> refused(std::string_view text, std::string_view what) {
    return tl::make_unexpected(fmt::format("\"{}\" is not {}", shown(text), what));
}

Parsed<std::int64_t> whole(double quantity, std::string_view text) {
    if (quantity > wholeMax) {
        return tl::make_unexpected(fmt::format("\"{}\" is too large", shown(text)));
    }
    return static_cast<std::int64_t>(std::llround(quantity));
}

}  // namespace

Parsed<std::chrono::nanoseconds> parseDuration(std::string_view text) {
    std::string_view rest = text;
    const std::optional<double> number = numberAtStart(rest);
    const std::optional<double> factor = number ? factorOf(rest, durationUnits) : std::nullopt;
    if (!factor) {
        return refused<std::chrono::nanoseconds>(
            text, "a duration; write a number and ns, us, ms, s, m, h or d, as in \"250ms\"");
    }
    return whole(*number * *factor, text).map([](std::int64_t ns) { return std::chrono::nanoseconds(ns); });
}

Parsed<std::int64_t> parseSize(std::string_view text) {
    std::string_view rest = text;
    const std::optional<double> number = numberAtStart(rest);
    const std::optional<double> factor = number ? factorOf(rest, sizeUnits) : std::nullopt;
    if (!factor) {
        return refused<std::int64_t>(text,
                                     "a size; write a number and B, KiB, MiB, GiB, KB, MB or GB, as in \"64MiB\"");
    }
    return whole(*number * *factor, text);
}

Parsed<double> parseRate(std::string_view text) {
    constexpr std::string_view wanted = "a rate; write a number and /s, as in \"5000/s\"";
    std::string_view rest = text;
    std::optional<double> number = numberAtStart(rest);
    if (number && (rest.starts_with("k/") || rest.starts_with("M/"))) {
        *number *= rest.front() == 'k' ? 1e3 : 1e6;
        rest.remove_prefix(1);
    }
    if (!number || *number <= 0.0 || !rest.starts_with('/')) {
        return refused<double>(text, wanted);
    }
    const std::optional<double> factor = factorOf(rest.substr(1), perUnits);
    if (!factor) {
        return refused<double>(text, wanted);
    }
    return *number * *factor;
}

Parsed<std::int64_t> parseByteRate(std::string_view text) {
    constexpr std::string_view wanted = "a rate of bytes; write as in \"125MiB/s\" or \"1Gbit/s\"";
    std::string_view rest = text;
    const std::optional<double> number = numberAtStart(rest);
    if (!number || *number <= 0.0 || !rest.ends_with("/s")) {
        return refused<std::int64_t>(text, wanted);
    }
    rest.remove_suffix(2);
    std::optional<double> factor = factorOf(rest, sizeUnits);
    if (!factor) {
        factor = factorOf(rest, bitUnits);
    }
    if (!factor) {
        return refused<std::int64_t>(text, wanted);
    }
    return whole(std::max(1.0, *number * *factor), text);
}

Parsed<std::int64_t> parseInstant(std::string_view text) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int used = 0;
    const std::string copy(text.substr(0, 40));
    const int read =
        std::sscanf(copy.c_str(), "%4d-%2u-%2uT%2d:%2d:%2dZ%n", &year, &month, &day, &hour, &minute, &second, &used);
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    const bool isTime = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
    if (read != 6 || static_cast<std::size_t>(used) != text.size() || !date.ok() || !isTime || year < 1970) {
        return refused<std::int64_t>(text, "a date and time since 1970; write as in \"2026-01-01T00:00:00Z\"");
    }
    const auto days = std::chrono::sys_days(date).time_since_epoch();
    const auto time = days + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

std::string durationText(std::chrono::nanoseconds duration) {
    constexpr std::array shortest = {Unit{"h", 3600e9}, Unit{"m", 60e9}, Unit{"s", 1e9},
                                     Unit{"ms", 1e6},   Unit{"us", 1e3}, Unit{"ns", 1.0}};
    const std::int64_t count = duration.count();
    for (const Unit& unit : shortest) {
        const auto factor = static_cast<std::int64_t>(unit.factor);
        if (count != 0 && count % factor == 0) {
            return fmt::format("{}{}", count / factor, unit.name);
        }
    }
    return "0s";
}

}  // namespace millrace::scenario
