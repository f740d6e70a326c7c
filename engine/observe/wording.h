#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/observe/state.h"

namespace millrace::observe {

/// "1 record", "41 records".
[[nodiscard]] std::string counted(std::int64_t count, std::string_view noun);

/// "a, b, c and 4 more".
[[nodiscard]] std::string listed(const std::vector<std::string>& names);

/// An instant as it stands in a sentence: "50.0 s".
[[nodiscard]] std::string instant(SimTime time);

/// In what condition something is that does not answer: "is down".
[[nodiscard]] std::string_view conditionOf(LifeState state);

}  // namespace millrace::observe
