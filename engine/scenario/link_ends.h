#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::scenario {

using LinkEnds = std::pair<std::string, std::string>;

/// The two hosts that a link's name joins, as in "h1-h2": several pairs where names of hosts have hyphens of their own
/// and the name can be read in several ways.
template <class IsHost>
[[nodiscard]] std::vector<LinkEnds> endsInName(std::string_view name, const IsHost& isHost, std::string_view marks) {
    std::vector<LinkEnds> ends;
    for (std::size_t mark = name.find_first_of(marks); mark != std::string_view::npos;
         mark = name.find_first_of(marks, mark + 1)) {
        if (isHost(name.substr(0, mark)) && isHost(name.substr(mark + 1))) {
            ends.emplace_back(name.substr(0, mark), name.substr(mark + 1));
        }
    }
    return ends;
}

/// What is wrong with a name that can be read in several ways.
[[nodiscard]] inline std::string severalLinks(const std::vector<LinkEnds>& ends) {
    return fmt::format("this can be {} and {}, or {} and {}", ends[0].first, ends[0].second, ends[1].first,
                       ends[1].second);
}

}  // namespace millrace::scenario
