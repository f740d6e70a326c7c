#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/metric.h"
#include "engine/base/ref.h"
#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"
#include "engine/sim/ids.h"

namespace millrace::sim {

/// Where an actor puts its figures when the world closes a sample, each a constant of its room; label tells apart what
/// one actor has several of.
class MetricSink {
public:
    virtual ~MetricSink() = default;
    virtual void add(const Metric& metric, double value, std::string_view label = {}) = 0;
    /// Where figures go of which an actor has so many (those of each partition) that once a second is enough; null when
    /// they are not due.
    virtual MetricSink* everySecond() { return this; }
};

/// What an actor's counters had come to when its process ended: of all incarnations that have ended so far, and of the
/// last of them. A present incarnation is not in it. This is how a figure of a whole run survives a restart, for
/// whatever an actor samples as a counter.
struct PastCounters final : Counted {
    struct Counter {
        std::string actor;  ///< its name within the process
        std::string name;
        std::string label;
        double sum = 0;   ///< over all incarnations
        double last = 0;  ///< at the end of the last incarnation that had it
    };
    std::vector<Counter> all;  ///< by actor, name and label

    [[nodiscard]] const Counter* find(std::string_view actor, std::string_view name, std::string_view label = {}) const;
    /// An incarnation has ended with this value.
    void add(std::string_view actor, std::string_view name, std::string_view label, double value);
};

/// When a sample is closed, and what stretch of time it closes.
struct SampleInstant {
    SimTime time;
    SimDuration interval = std::chrono::milliseconds{100};
};

/// One sampled metric on simulation time. Thins by 2 (min, max, sum kept) when it exceeds 10,000 points.
struct Series final : Counted {
    static constexpr std::uint64_t pointsMax = 10'000;
    struct Point {
        SimTime time;  ///< end of the interval
        float min = 0;
        float max = 0;
        double sum = 0;
        std::uint32_t count = 0;
    };

    struct Name final : Counted {
        std::string owner;  ///< stable name of the actor, or of the host
        std::string name;
        std::string label;
    };
    Ref<const Name> id;  ///< shared by all copies
    const Metric* metric = nullptr;
    MetricKind kind = MetricKind::Gauge;  ///< the metric's
    SimDuration interval{};               ///< between two samples
    SharedLog<Point, 16> points;          // each of hundreds grows by a few between two checkpoints
    std::uint32_t samplesPerPoint = 1;
    double last = 0;                ///< the newest value, of a counter as it stood
    std::uint32_t nextInOrder = 0;  ///< index of the series that was added to after this one

    void add(SimTime time, double value);
    void thin();
};

/// All series of a world, by owner, name and label ("broker/1/requests bytes_in access-0"). Samples come in the same
/// order again and again, so each series knows which one came after it the last time, and is only looked up when
/// another one comes.
class SeriesStore {
public:
    void add(SampleInstant at, std::string_view owner, const Metric& metric, std::string_view label, double value);
    [[nodiscard]] const Series* find(std::string_view owner, std::string_view name, std::string_view label = {}) const;
    [[nodiscard]] std::uint64_t size() const { return m_all.size(); }
    /// In the order of owners, names and labels.
    template <class Look>
    void forEach(const Look& look) const {
        for (const auto& [key, index] : m_indices) {
            look(*m_all[index]);
        }
    }
    /// Those whose metric is shown everywhere, in the order in which they came.
    template <class Look>
    void forEachShown(const Look& look) const {
        for (const std::uint32_t index : m_shown) {
            look(*m_all[index]);
        }
    }

private:
    [[nodiscard]] bool isAt(std::uint32_t index, std::string_view owner, std::string_view name,
                            std::string_view label) const;
    std::uint32_t indexOf(std::string_view owner, const Metric& metric, std::string_view label, SimDuration interval);

    SharedMap<std::string, std::uint32_t> m_indices;
    SharedLog<Ref<Series>, 64> m_all;
    SharedLog<std::uint32_t, 16> m_shown;  ///< indices
    std::uint32_t m_last = 0;              ///< added to last
};

class World;

/// Measures what no single actor knows, such as how far a reader is behind a log that lies elsewhere. The systems
/// supply it; the world asks it once a second, after the actors. It sees the world as it stands and must not depend on
/// anything else.
class Survey : public Counted {
public:
    virtual void sample(const World& world, SampleInstant at, SeriesStore& into) const = 0;
};

}  // namespace millrace::sim
