#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace millrace::kafka {

/// The versions in which a field of a message stands.
struct Versions {
    static constexpr std::int16_t newest = std::numeric_limits<std::int16_t>::max();
    std::int16_t first = 0;
    std::int16_t last = newest;
    /// Elsewhere the field is left out whatever it says; without this an encoder refuses what it cannot say.
    bool isDropped = false;
    /// In other versions the same stands at another place of the list, which is the one that counts.
    bool isElsewhere = false;

    [[nodiscard]] constexpr bool hold(std::int16_t version) const { return version >= first && version <= last; }
    [[nodiscard]] constexpr Versions orDropped() const { return {first, last, true, false}; }
    [[nodiscard]] constexpr Versions orElsewhere() const { return {first, last, true, true}; }
};

inline constexpr Versions always{};
[[nodiscard]] constexpr Versions since(std::int16_t first) {
    return {first, Versions::newest};
}
[[nodiscard]] constexpr Versions until(std::int16_t last) {
    return {0, last};
}
[[nodiscard]] constexpr Versions between(std::int16_t first, std::int16_t last) {
    return {first, last};
}

/// A row of the table of APIs. It stands beside the API's messages; `apis.h` gathers the rows.
struct Api {
    std::int16_t key;
    std::string_view name;
    std::int16_t last = 0;                     ///< versions are described from 0 to here, which is Kafka 3.9's newest
    std::int16_t oldest = 0;                   ///< what the broker does the meaning of: from here
    std::int16_t served = 0;                   ///< to here; clients and brokers of a simulation speak this one
    std::int16_t flexible = Versions::newest;  ///< the first in the compact encodings of KIP-482
    bool isForClients = true;                  ///< others are for brokers among themselves
    bool hasPlainAnswer = false;  ///< its answer's header has no tags: it is read before anything is agreed upon

    [[nodiscard]] constexpr bool isFlexible(std::int16_t version) const { return version >= flexible; }
    [[nodiscard]] constexpr bool serves(std::int16_t version) const { return version >= oldest && version <= served; }
};

}  // namespace millrace::kafka
