#include "engine/ingest/zipf.h"

#include <cmath>

#include "engine/base/check.h"

namespace millrace::ingest {
namespace {

double weightOf(std::uint32_t rank, double exponent) {
    const double position = static_cast<double>(rank) + 1.0;
    // The usual exponents do without the mathematics library, whose last bit may differ from one version to the next.
    if (exponent == 0.0) {
        return 1.0;
    }
    return exponent == 1.0 ? 1.0 / position : std::pow(position, -exponent);
}

constexpr double shareUnit = 4294967296.0;  // 2^32

std::uint32_t toShare(double probability) {
    const double scaled = probability * shareUnit;
    return scaled >= shareUnit ? 0xFFFFFFFFU : static_cast<std::uint32_t>(scaled);
}

}  // namespace

ZipfTable::ZipfTable(std::uint32_t size, double exponent) : m_slots(size) {
    MILLRACE_CHECK(size > 0);
    std::vector<double> share(size);
    double sum = 0;
    for (std::uint32_t rank = 0; rank < size; ++rank) {
        share[rank] = weightOf(rank, exponent);
        sum += share[rank];
    }
    std::vector<std::uint32_t> small;
    std::vector<std::uint32_t> large;
    for (std::uint32_t rank = 0; rank < size; ++rank) {
        share[rank] *= static_cast<double>(size) / sum;
        (share[rank] < 1.0 ? small : large).push_back(rank);
    }
    while (!small.empty() && !large.empty()) {
        const std::uint32_t poor = small.back();
        const std::uint32_t rich = large.back();
        small.pop_back();
        m_slots[poor] = {toShare(share[poor]), rich};
        share[rich] -= 1.0 - share[poor];
        if (share[rich] < 1.0) {
            large.pop_back();
            small.push_back(rich);
        }
    }
    for (const auto* rest : {&small, &large}) {
        for (const std::uint32_t rank : *rest) {
            m_slots[rank] = {0xFFFFFFFFU, rank};
        }
    }
}

std::uint32_t ZipfTable::draw(RandomStream& random) const {
    const std::uint64_t bits = random.next();
    // The high half picks the slot (multiply and shift), the low half decides within it.
    const auto at = static_cast<std::uint32_t>(((bits >> 32U) * m_slots.size()) >> 32U);
    const Slot slot = m_slots[at];
    return static_cast<std::uint32_t>(bits) <= slot.threshold ? at : slot.alias;
}

std::string wordOfRank(std::uint32_t rank) {
    static constexpr std::string_view consonants = "bdfghjklmnprstvwyzcx";
    static constexpr std::string_view vowels = "aeiou";
    constexpr std::uint32_t syllables = 100;
    std::string word;
    const auto addSyllable = [&word](std::uint32_t number) {
        word.push_back(consonants[(number / 5) % 20]);
        word.push_back(vowels[number % 5]);
    };
    // The first two syllables tell 10,000 ranks apart (3,737 and 10,000 share no factor); the rest varies the length.
    const std::uint32_t low = (rank % 10'000) * 3'737 % 10'000;
    addSyllable(low / syllables);
    addSyllable(low % syllables);
    for (std::uint32_t round = rank % 3; round > 0; --round) {
        addSyllable(rank / 7 + round * 31);
    }
    for (std::uint32_t rest = rank / 10'000; rest > 0; rest /= 26) {
        word.push_back(static_cast<char>('a' + rest % 26));
    }
    return word;
}

}  // namespace millrace::ingest
