#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace millrace::spark {

/// The PID controller of Spark's back-pressure (PIDRateEstimator): from how fast the last batch was worked off and how
/// long it had to wait, the rate at which its source may give. With the defaults it comes to
/// max(processing rate * (1 - 0.2 * scheduling delay / batch interval), 100).
class RateEstimator {
public:
    struct Settings {
        double batchSeconds = 1;
        double proportional = 1.0;  ///< spark.streaming.backpressure.pid.proportional
        double integral = 0.2;      ///< ... .integral
        double derived = 0.0;       ///< ... .derived
        double minRate = 100;       ///< ... .minRate
        bool isReversed = false;    ///< a planted fault: see BrokenRules
    };

    RateEstimator() = default;
    explicit RateEstimator(Settings settings) : m_settings(settings) {}

    /// Of a batch that is done, in seconds; nothing where it tells nothing new, and for the first.
    [[nodiscard]] std::optional<double> compute(double time, std::int64_t records, double processing,
                                                double scheduling) {
        if (time <= m_latestTime || records <= 0 || processing <= 0) {
            return std::nullopt;
        }
        const double sinceUpdate = time - m_latestTime;
        const double rate = static_cast<double>(records) / processing;
        const double error = m_settings.isReversed ? rate - m_latestRate : m_latestRate - rate;
        const double historical = scheduling * rate / m_settings.batchSeconds;
        const double change = (error - m_latestError) / sinceUpdate;
        const double wanted = m_latestRate - m_settings.proportional * error - m_settings.integral * historical -
                              m_settings.derived * change;
        const double next = std::max(wanted, m_settings.minRate);
        const bool isFirst = m_isFirst;
        m_latestTime = time;
        m_isFirst = false;
        m_latestRate = isFirst ? rate : next;
        m_latestError = isFirst ? 0 : error;
        return isFirst ? std::nullopt : std::optional(next);
    }

private:
    Settings m_settings;
    bool m_isFirst = true;
    double m_latestTime = -1;
    double m_latestRate = -1;
    double m_latestError = -1;
};

}  // namespace millrace::spark
