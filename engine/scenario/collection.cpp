#include "engine/scenario/collection.h"

namespace millrace::scenario {

Names namesOf(const Value* map) {
    Names names;
    if (map != nullptr) {
        for (const Member& member : map->members()) {
            names.push_back(member.key);
        }
    }
    return names;
}

Names namesOf(const Value& root, const Collection& collection) {
    const Value* here = &root;
    std::string_view rest = collection.path;
    while (here != nullptr && !rest.empty()) {
        const std::size_t dot = rest.find('.');
        here = here->find(rest.substr(0, dot));
        rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
    }
    return namesOf(here);
}

}  // namespace millrace::scenario
