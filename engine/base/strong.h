#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace millrace {

/// A value that never converts silently into another kind of value. Ids compare and hash; they do not compute.
template <class Tag, class Rep>
struct Strong {
    using Representation = Rep;

    Rep value{};

    constexpr Strong() = default;
    constexpr explicit Strong(Rep v) : value(v) {}

    friend constexpr auto operator<=>(const Strong&, const Strong&) = default;
};

template <class Tag, class Rep>
[[nodiscard]] std::string toText(const Strong<Tag, Rep>& id) {
    return std::to_string(id.value);
}

using ByteCount = std::int64_t;

}  // namespace millrace

template <class Tag, class Rep>
struct std::hash<millrace::Strong<Tag, Rep>> {
    std::size_t operator()(const millrace::Strong<Tag, Rep>& id) const noexcept { return std::hash<Rep>{}(id.value); }
};
