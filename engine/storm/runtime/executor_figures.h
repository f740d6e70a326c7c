#pragma once

#include <array>
#include <cstdint>

#include "engine/base/sim_time.h"

namespace millrace::storm {

/// What an executor has done since it started, exact where Storm's own pages sample.
struct ExecutorFigures {
    std::uint64_t executed = 0;
    std::uint64_t acked = 0;      ///< bolts: tuples acked; spouts: trees complete
    std::uint64_t failed = 0;     ///< bolts: tuples failed; spouts: trees failed or timed out
    std::uint64_t timedOut = 0;   ///< of `failed`
    std::uint64_t replayed = 0;   ///< spouts: emitted again after a failure
    SimDuration executeTime{0};   ///< processor time in `execute` and around it, summed
    SimDuration completeTime{0};  ///< spouts: from emit to the tree's end by the acker's clock, summed over `acked`
    SimDuration completeMax{0};

    [[nodiscard]] double executeLatencyMs() const {
        return executed == 0 ? 0 : seconds(executeTime) * 1e3 / static_cast<double>(executed);
    }
    [[nodiscard]] double completeLatencyMs() const {
        return acked == 0 ? 0 : seconds(completeTime) * 1e3 / static_cast<double>(acked);
    }
};

/// Storm's "capacity": the share of the last ten minutes (or of the time since the start) in which the executor was
/// busy. Kept in 20 buckets of 30 s, as Storm does, so the window is that exact.
class CapacityWindow {
public:
    void start(SimTime now) { m_start = now; }
    void add(SimTime now, SimDuration busy) {
        turnTo(now);
        m_buckets[static_cast<std::size_t>(m_turn % buckets)] += busy;
    }
    [[nodiscard]] double value(SimTime now) const {
        const SimDuration up = now - m_start;
        if (up.count() <= 0) {
            return 0;
        }
        CapacityWindow turned = *this;
        turned.turnTo(now);
        SimDuration busy{0};
        for (const SimDuration bucket : turned.m_buckets) {
            busy += bucket;
        }
        const SimDuration window = bucketLength * static_cast<std::int64_t>(buckets);
        return seconds(busy) / seconds(up < window ? up : window);
    }

private:
    static constexpr std::size_t buckets = 20;
    static constexpr SimDuration bucketLength = std::chrono::seconds{30};

    void turnTo(SimTime now) {
        const auto turn = static_cast<std::uint64_t>((now - m_start) / bucketLength);
        for (; m_turn < turn; ++m_turn) {
            if (turn - m_turn > buckets) {
                m_turn = turn - buckets;
            }
            m_buckets[static_cast<std::size_t>((m_turn + 1) % buckets)] = SimDuration{0};
        }
    }

    SimTime m_start;
    std::uint64_t m_turn = 0;
    std::array<SimDuration, buckets> m_buckets{};
};

}  // namespace millrace::storm
