#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

namespace millrace {

/// A named stream of random numbers (xoshiro256++). Derived from (seed, stable name), so that adding a component shifts
/// nobody else's draws. A value: copying a world copies where each stream stands. Meets UniformRandomBitGenerator.
class RandomStream {
public:
    using result_type = std::uint64_t;

    RandomStream() : RandomStream(0, "") {}
    RandomStream(std::uint64_t seed, std::string_view name);

    static constexpr std::uint64_t min() { return 0; }
    static constexpr std::uint64_t max() { return std::numeric_limits<std::uint64_t>::max(); }

    std::uint64_t operator()() { return next(); }
    std::uint64_t next();
    /// Uniform in [0, bound); bound > 0. Unbiased (Lemire).
    std::uint64_t below(std::uint64_t bound);
    /// Uniform in [0, 1).
    double uniform();
    /// Exponential with the given mean, > 0.
    double exponential(double mean);
    bool chance(double probability) { return uniform() < probability; }

private:
    std::array<std::uint64_t, 4> m_state{};
};

}  // namespace millrace
