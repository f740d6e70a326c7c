#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace millrace::scenario {

/// Quantities as people write them in a scenario. The error is a message for them, with an example of what is expected.
template <typename T>
using Parsed = Result<T, std::string>;

/// "250ms", "1.5s", "2m", "1h", "40us", "10ns", "7d"; not negative.
[[nodiscard]] Parsed<std::chrono::nanoseconds> parseDuration(std::string_view text);
/// "100B", "64KiB", "1.5GiB", "10MB" (powers of 1000), to whole bytes.
[[nodiscard]] Parsed<std::int64_t> parseSize(std::string_view text);
/// "400/s", "2.5/ms", "30/m": events a second; greater than 0.
[[nodiscard]] Parsed<double> parseRate(std::string_view text);
/// "125MiB/s", "1Gbit/s": bytes a second; greater than 0.
[[nodiscard]] Parsed<std::int64_t> parseByteRate(std::string_view text);
/// "2026-01-01T00:00:00Z", to milliseconds since 1970.
[[nodiscard]] Parsed<std::int64_t> parseInstant(std::string_view text);

/// The shortest text that reads back as the same duration.
[[nodiscard]] std::string durationText(std::chrono::nanoseconds duration);

}  // namespace millrace::scenario
