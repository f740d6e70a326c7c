#pragma once

#include <string>
#include <string_view>

#include "engine/scenario/references/judge.h"

namespace millrace::scenario {

/// A reader whose broker may not hold a fetch back asks without a pause. `least` and `longest` are its settings for it.
void warnOfUnpausedFetches(ReferenceJudge& judge, const Value& owner, std::string_view least, std::string_view longest,
                           const std::string& path);

}  // namespace millrace::scenario
