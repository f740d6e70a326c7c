#pragma once

#include <string>
#include <string_view>

#include "engine/scenario/document/value.h"

namespace millrace::studio {

/// Whatever refers to an object by its name, once it is called otherwise: fields that the document's shape knows as
/// references, lists of such names, and targets of faults. With an empty name it goes, and so do those fields.
[[nodiscard]] scenario::Value withReferences(const scenario::Value& root, std::string_view id, const std::string& name);

}  // namespace millrace::studio
