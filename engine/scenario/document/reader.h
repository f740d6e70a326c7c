#pragma once

#include <string_view>

#include "engine/scenario/document/complaint.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// How deep lists and objects may stand in one another. No scenario needs a third of it; without a limit a hostile file
/// could exhaust the stack of everything that walks the tree.
inline constexpr int documentDepthMax = 64;

struct DocumentReading {
    Value root;
    Complaints complaints;  ///< duplicate keys, and at most one error of syntax: what follows it cannot be trusted
};

/// Reads JSON (strict: no comments, no trailing commas, valid UTF-8) and keeps the place of every key and value.
/// After an error of syntax the root is what had been read so far.
[[nodiscard]] DocumentReading readDocument(std::string_view text);

/// Reads what stands after the = of `--set`: JSON if it parses, else the text itself.
[[nodiscard]] Value readSetting(std::string_view text);

}  // namespace millrace::scenario
