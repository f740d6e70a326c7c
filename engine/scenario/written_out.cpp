#include "engine/scenario/written_out.h"

#include "engine/scenario/sections.h"

namespace millrace::scenario {

namespace {

bool isAtOrBelow(std::string_view path, std::string_view whole) {
    return path.starts_with(whole) &&
           (path.size() == whole.size() || path[whole.size()] == '.' || path[whole.size()] == '[');
}

}  // namespace

std::string WrittenOut::ownPath(std::string_view path) const {
    const Standing* longest = nullptr;
    for (const Standing& each : standings) {
        if (isAtOrBelow(path, each.made) && (longest == nullptr || each.made.size() > longest->made.size())) {
            longest = &each;
        }
    }
    return longest == nullptr ? std::string(path) : longest->by + std::string(path.substr(longest->made.size()));
}

WrittenOut writtenOut(const Value& document) {
    WrittenOut result{document, {}, {}};
    for (const Section* section : sections()) {
        section->writeOut(result);
    }
    return result;
}

}  // namespace millrace::scenario
