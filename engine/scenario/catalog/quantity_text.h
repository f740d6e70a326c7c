#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/config_key.h"

namespace millrace::scenario {

/// Whether the values of a key are numbers with or without a unit behind them, as Spark has them: "200ms", "3s", "2m",
/// "512m", "1g", and plain numbers in the key's own unit.
[[nodiscard]] bool isQuantity(const ConfigKey& key);

/// Such a value in whole units of the key; what is left over of a smaller unit is cut off, as Spark does. Nothing when
/// it is none: a fraction, an unknown unit, or a number that does not fit. Units after JavaUtils of Spark 3.5: us, ms,
/// s, m or min, h, d of time; b, k, kb, m, mb, g, gb, t, tb, p, pb of bytes, by powers of 1024.
[[nodiscard]] std::optional<std::int64_t> quantityIn(std::string_view text, ConfigUnit unit);

}  // namespace millrace::scenario
