#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// The two hosts that a link joins.
struct LinkEnds {
    std::string one;
    std::string other;
    char mark = '-';  ///< '>' from one to the other alone
};

/// In how many ways the name of a link, as in "h1-h2" or "h1>h2", can be read: several where names of hosts have
/// hyphens of their own. The same two hosts the other way round are the same link.
template <class IsHost>
[[nodiscard]] std::vector<LinkEnds> linkEndsIn(std::string_view name, const IsHost& isHost) {
    std::vector<LinkEnds> ends;
    for (std::size_t at = name.find_first_of("->"); at != std::string_view::npos;
         at = name.find_first_of("->", at + 1)) {
        const std::string_view one = name.substr(0, at);
        const std::string_view other = name.substr(at + 1);
        const bool isKnown = std::any_of(ends.begin(), ends.end(), [&](const LinkEnds& each) {
            return each.mark == '-' && name[at] == '-' && each.one == other && each.other == one;
        });
        if (isHost(one) && isHost(other) && !isKnown) {
            ends.push_back({std::string(one), std::string(other), name[at]});
        }
    }
    return ends;
}

}  // namespace millrace
