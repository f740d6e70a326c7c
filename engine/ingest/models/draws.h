#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/sim_time.h"
#include "engine/flow/operator.h"

namespace millrace::ingest {

/// What models draw, from one stream.
class Draws {
public:
    Draws() = default;
    explicit Draws(RandomStream random) : m_random(random) {}

    [[nodiscard]] RandomStream& stream() { return m_random; }
    double uniform(double from, double to) { return from + (to - from) * m_random.uniform(); }
    double normal(double mean, double deviation);
    /// exp of a normal value: `median` is exp(mu).
    double lognormal(double median, double sigma);
    double exponential(double mean) { return m_random.exponential(mean); }
    bool chance(double probability) { return probability > 0 && m_random.chance(probability); }
    std::uint32_t below(std::size_t bound) { return static_cast<std::uint32_t>(m_random.below(bound)); }

private:
    RandomStream m_random;
};

/// A stretch of readings of one device that are unlike the others: begins by chance at each reading.
struct Episode {
    std::uint32_t kind = 0;
    std::uint32_t left = 0;
    std::uint32_t length = 0;

    /// One reading on. Whether it lies in an episode.
    bool step(Draws& draws, double chance, std::uint32_t kinds, std::uint32_t least, std::uint32_t most) {
        if (left > 0) {
            --left;
        } else if (draws.chance(chance)) {
            kind = draws.below(kinds);
            length = least + draws.below(most - least + 1);
            left = length;
        }
        return left > 0;
    }
    [[nodiscard]] double progress() const { return length == 0 ? 0 : 1.0 - static_cast<double>(left) / length; }
};

/// Hours of the day, 0 to 24, of a run that begins at `dayStart`.
[[nodiscard]] inline double hourOfDay(SimTime time, SimDuration dayStart) {
    return std::fmod(seconds(time.time_since_epoch() + dayStart) / 3600.0, 24.0);
}
[[nodiscard]] inline double wave(double phase) {
    return std::sin(2 * std::numbers::pi * phase);
}
/// Seconds since a device's last reading, which is kept; of its first one `every`.
[[nodiscard]] inline double sinceLast(std::optional<SimTime>& last, SimTime due, double every) {
    const double since = last ? seconds(due - *last) : every;
    last = due;
    return since;
}
/// To the nearest multiple of 1 / steps, as an instrument shows it.
[[nodiscard]] inline double shown(double value, double steps) {
    return std::round(value * steps) / steps;
}
/// "mote-07": numbers have as many digits as the largest.
[[nodiscard]] std::vector<std::string> namesOf(std::string_view stem, std::size_t count);

// Parameters that several models have.
[[nodiscard]] flow::Parameter devicesParameter(std::string_view help, std::string_view usual);
[[nodiscard]] flow::Parameter everyParameter(std::string_view help, std::string_view usual,
                                             flow::Conditions readWhen = {});
[[nodiscard]] flow::Parameter anomaliesParameter(std::string_view help, std::string_view usual = "0");
[[nodiscard]] flow::Parameter dayParameter();
[[nodiscard]] flow::Parameter countedParameter(std::string_view key, std::string_view help, std::string_view usual);
[[nodiscard]] flow::Parameter measureParameter(std::string_view key, std::string_view help, std::string_view usual,
                                               double least, double most);

// Their values.
[[nodiscard]] std::size_t countOf(const flow::ParameterValues& values, std::string_view key);
[[nodiscard]] double numberOf(const flow::ParameterValues& values, std::string_view key);
[[nodiscard]] SimDuration durationOf(const flow::ParameterValues& values, std::string_view key);
/// Devices that each send every so often.
[[nodiscard]] double rateOfDevices(const flow::ParameterValues& values);

}  // namespace millrace::ingest
