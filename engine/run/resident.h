#pragma once

#include "engine/base/strong.h"

namespace millrace::run {

/// Resident set of this program in bytes; 0 where the system does not tell. Only for budgets, never for worlds.
[[nodiscard]] ByteCount residentBytes();

}  // namespace millrace::run
