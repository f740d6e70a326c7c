#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/studio/graph_edits.h"

/// Reading and writing places of the document, for the edits of the drawn graph.
namespace millrace::studio::values {

[[nodiscard]] scenario::Value textValue(std::string_view value);
[[nodiscard]] const scenario::Value* at(const scenario::Value& root, std::vector<std::string> steps);
[[nodiscard]] std::optional<scenario::Value> with(const scenario::Value& root, std::vector<std::string> steps,
                                                  scenario::Value value);
[[nodiscard]] std::string textAt(const scenario::Value& object, std::string_view key);
[[nodiscard]] std::vector<std::string> keysAt(const scenario::Value& root, std::vector<std::string> steps);
[[nodiscard]] std::string freeName(const std::vector<std::string>& taken, std::string_view stem);
[[nodiscard]] std::string nextNumbered(const std::vector<std::string>& taken, std::string_view stem);
/// The topology that drawn components join when nothing says which: the first of the document.
[[nodiscard]] std::string topologyOf(const scenario::Value& root);
[[nodiscard]] std::vector<std::string> componentNames(const scenario::Value& root, const std::string& topology);
[[nodiscard]] scenario::Value positionValue(Position position);
[[nodiscard]] scenario::Value withPosition(const scenario::Value& root, const std::string& id, Position position);
/// A bolt that does not take tuples from that component, or not those of one of its streams.
[[nodiscard]] scenario::Value withoutInput(const scenario::Value& bolt, const std::string& from,
                                           std::string_view stream = {});

}  // namespace millrace::studio::values
