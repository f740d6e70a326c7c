#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/observe/object_id.h"

namespace millrace::observe {

/// Where an object stands in a document by its kind's row: the steps from the root. Empty when it stands nowhere.
[[nodiscard]] std::vector<std::string> placeOf(std::string_view id);
/// Where it stands when another brings it along: the producer of a source. Empty for kinds that none brings.
[[nodiscard]] std::vector<std::string> otherPlaceOf(std::string_view id);
/// The collection in which objects of a kind stand, in a job when they are parts of one. Empty where none has a name.
[[nodiscard]] std::vector<std::string> collectionOf(ObjectKind kind, std::string_view job);
/// The id of one that stands there under that name.
[[nodiscard]] ObjectId idOf(ObjectKind kind, std::string_view job, std::string_view name);

/// Which object a field such as `topics.access.replicas` belongs to; empty when it belongs to the scenario as a whole.
[[nodiscard]] ObjectId objectAt(const std::vector<std::string>& steps);

}  // namespace millrace::observe
