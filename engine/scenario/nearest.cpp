#include "engine/scenario/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace millrace::scenario {

namespace {

char lower(char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

/// Optimal string alignment distance, without regard to case.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> beforeLast(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        last[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
            const bool swapped =
                i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) {
                row[j] = std::min(row[j], beforeLast[j - 2] + 1);
            }
        }
        std::swap(beforeLast, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

}  // namespace

std::optional<std::string_view> nearestName(std::string_view name, std::span<const std::string_view> known) {
    constexpr std::size_t comparedLengthMax = 200;
    if (name.size() > comparedLengthMax) {
        return std::nullopt;
    }
    std::size_t best = std::max<std::size_t>(2, name.size() / 3) + 1;
    std::optional<std::string_view> nearest;
    for (const std::string_view each : known) {
        const std::size_t cost = distance(name, each);
        if (cost < best && cost < each.size()) {
            best = cost;
            nearest = each;
        }
    }
    return nearest;
}

std::string suggestion(std::string_view name, std::span<const std::string_view> known) {
    const std::optional<std::string_view> nearest = nearestName(name, known);
    return nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : std::string();
}

}  // namespace millrace::scenario
