#include "app/studio/object_path.h"

#include "engine/scenario/document/edit.h"

namespace millrace::studio {

std::vector<std::string> pathOf(const scenario::Value& root, std::string_view id) {
    auto other = observe::otherPlaceOf(id);
    const bool isThere = !other.empty() && scenario::valueAt(root, scenario::Path(other)) != nullptr;
    return isThere ? other : observe::placeOf(id);
}

}  // namespace millrace::studio
