#pragma once

#include <span>

#include "engine/base/config_key.h"

namespace millrace::spark {

/// Spark's settings by their own names, in alphabetical order: what each means, and what of it is modelled.
[[nodiscard]] std::span<const ConfigKey> settings();

}  // namespace millrace::spark
