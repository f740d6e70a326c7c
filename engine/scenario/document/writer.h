#pragma once

#include <optional>
#include <string>

#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// The document as JSON, members in their order, two spaces a level, short lists and objects on one line.
/// Reading it back gives an equal value.
[[nodiscard]] std::string writeDocument(const Value& root);

/// Replaces a file as a whole or not at all: written beside it, flushed to the disk, renamed over it.
/// Gives what went wrong, in words, or nothing.
[[nodiscard]] std::optional<std::string> saveFile(const std::string& path, const std::string& content);

/// A setting's value as the text under which `Settings` keeps it; lists are joined by commas.
[[nodiscard]] std::string settingText(const Value& value);

}  // namespace millrace::scenario
