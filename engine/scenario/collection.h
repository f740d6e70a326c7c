#pragma once

#include <string_view>
#include <vector>

#include "engine/flow/graph.h"
#include "engine/scenario/document/value.h"

namespace millrace::scenario {

/// A part of a document whose members are referred to by name. Each section says its own in its `collections.h`.
struct Collection {
    std::string_view noun;  ///< for one of them
    std::string_view path;  ///< where they stand, as in "cluster.brokers"
};

inline constexpr Collection hostNames{"host", "hosts"};

using Names = std::vector<std::string_view>;
/// Where the nodes of a sort are named that operators may refer to: of all systems (`sections.cpp`).
[[nodiscard]] const Collection& collectionOf(flow::NodeKind node);

/// In the order of the document, which must outlive them.
[[nodiscard]] Names namesOf(const Value* map);
[[nodiscard]] Names namesOf(const Value& root, const Collection& collection);

}  // namespace millrace::scenario
