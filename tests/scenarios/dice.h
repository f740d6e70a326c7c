#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"

namespace millrace::swarm {

/// What a generator of random scenarios asks of chance.
class Dice {
public:
    Dice(std::uint64_t seed, std::string_view name) : m_random(seed, name) {}

    [[nodiscard]] bool chance(double probability) { return m_random.chance(probability); }
    /// Both ends are possible.
    [[nodiscard]] int between(int least, int most) {
        return least + static_cast<int>(m_random.below(static_cast<std::uint64_t>(most - least + 1)));
    }
    template <class T>
    [[nodiscard]] T pick(std::initializer_list<T> choices) {
        return choices.begin()[m_random.below(choices.size())];
    }
    template <class T>
    [[nodiscard]] const T& oneOf(const std::vector<T>& choices) {
        return choices[m_random.below(choices.size())];
    }
    [[nodiscard]] double uniform() { return m_random.uniform(); }

private:
    RandomStream m_random;
};

}  // namespace millrace::swarm
