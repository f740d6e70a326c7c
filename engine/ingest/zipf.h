#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/ref.h"

namespace millrace::ingest {

/// Draws ranks from 0 with probability proportional to 1 / (rank + 1)^exponent, in constant time (Vose's alias method).
/// Exponent 0 is uniform. Immutable and shared.
class ZipfTable final : public Counted {
public:
    ZipfTable(std::uint32_t size, double exponent);

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(m_slots.size()); }
    [[nodiscard]] std::uint32_t draw(RandomStream& random) const;

private:
    struct Slot {
        std::uint32_t threshold = 0;  ///< share of the slot, of 2^32, that stays with its own rank
        std::uint32_t alias = 0;
    };
    std::vector<Slot> m_slots;
};

/// The word of a rank: made of syllables, different for different ranks, the same in every run; at most 8 letters up to
/// rank 9,999.
[[nodiscard]] std::string wordOfRank(std::uint32_t rank);

}  // namespace millrace::ingest
