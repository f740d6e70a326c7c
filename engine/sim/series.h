#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

#include "engine/base/metric.h"
#include "engine/base/ref.h"
#include "engine/base/shared_log.h"
#include "engine/base/sim_time.h"

namespace millrace::sim {

/// When a sample is closed, and what stretch of time it closes.
struct SampleInstant {
    SimTime time;
    SimDuration interval = std::chrono::milliseconds{100};
};

/// What is kept of one sampled metric. A sample is written when the value is another than at the sample before; what is
/// not written follows from that: a gauge stands, a counter has not grown. So a series that nobody changes costs
/// nothing, however often it is sampled, and a checkpoint shares it.
///
/// Samples are numbered through; within a stretch they follow each other at the interval, and between two stretches
/// lies a gap, in which nothing was measured. What is written beyond `entriesMax` is joined by twos, fours and so on.
class SampleLog final : public Counted {
public:
    static constexpr std::uint64_t entriesMax = 10'000;

    struct Name final : Counted {
        std::string owner;  ///< stable name of the actor, or of the host
        std::string name;
        std::string label;
        const Metric* metric = nullptr;
        SimDuration interval{};  ///< between two samples
    };

    /// Its first sample ends at `first`.
    SampleLog(Ref<const Name> name, SimTime first) : m_name(std::move(name)), m_since(first) {}

    [[nodiscard]] const Name& name() const { return *m_name; }
    /// The newest value, of a counter as it stood.
    [[nodiscard]] double last() const { return m_last; }
    /// Whether its stretch goes on.
    [[nodiscard]] bool isLive() const { return m_end == notEnded; }
    /// Of the sample that ends then: begins a stretch unless one goes on.
    void add(SimTime time, double value);
    /// The last sample of the stretch ends then.
    void end(SimTime last);
    /// How many there are once the sample that ends at `newest` is closed.
    [[nodiscard]] std::uint64_t samplesAt(SimTime newest) const;

private:
    friend class Series;
    static constexpr std::uint64_t notEnded = ~std::uint64_t{0};
    static constexpr std::size_t newestMax = 6;

    /// Samples as far as they are written, joined: those numbered group * perEntry and the following.
    struct Entry {
        std::uint32_t group = 0;
        float min = 0;
        float max = 0;
        double sum = 0;
    };
    struct Stretch {
        SimTime first;             ///< where its first sample ends
        std::uint64_t before = 0;  ///< samples of the stretches before it
    };
    struct Entries final : Counted {
        SharedLog<Entry, 32> all;
    };
    struct Stretches final : Counted {
        SharedLog<Stretch, 16> all;
    };

    [[nodiscard]] bool isCounter() const { return m_name->metric->kind == MetricKind::Counter; }
    [[nodiscard]] std::uint64_t olderCount() const { return m_older ? m_older->all.size() : 0; }
    [[nodiscard]] std::uint64_t entryCount() const { return olderCount() + m_newestCount; }
    [[nodiscard]] const Entry& entry(std::uint64_t index) const {
        const std::uint64_t older = olderCount();
        return index < older ? m_older->all[index] : m_newest[static_cast<std::size_t>(index - older)];
    }
    [[nodiscard]] double impliedBefore(std::uint64_t index) const;
    [[nodiscard]] std::uint64_t numberAt(SimTime time) const;
    [[nodiscard]] SimTime timeOf(std::uint64_t number) const;
    void append(const Entry& entry);
    void thin();

    Ref<const Name> m_name;          ///< shared by all copies
    Ref<Entries> m_older;            ///< entries, before the newest; null: none
    Ref<Stretches> m_past;           ///< stretches that have ended, without the last; null: none
    double m_last = 0;               ///< of a counter as it stood
    SimTime m_since;                 ///< where the first sample of the last stretch ends
    std::uint64_t m_before = 0;      ///< samples of the stretches before it
    std::uint64_t m_end = notEnded;  ///< samples of all, once the last stretch has ended
    std::uint64_t m_written = 0;     ///< number of the sample that was written last
    std::uint32_t m_perEntry = 1;    ///< samples that are joined
    std::uint32_t m_newestCount = 0;
    std::array<Entry, newestMax> m_newest{};
};

/// One sampled metric on simulation time, for readers: each of its samples, written or not, in at most `pointsMax`
/// points. A value that must not outlive the next sample of the store from which it comes.
class Series {
public:
    static constexpr std::uint64_t pointsMax = 10'000;
    struct Point {
        SimTime time;  ///< end of the last of its samples
        float min = 0;
        float max = 0;
        double sum = 0;
        std::uint32_t count = 0;  ///< samples in it
    };
    class Iterator;
    class Points {
    public:
        [[nodiscard]] std::uint64_t size() const { return m_size; }
        [[nodiscard]] bool empty() const { return m_size == 0; }
        /// O(log of what is written), as `from`.
        [[nodiscard]] Point operator[](std::uint64_t index) const;
        [[nodiscard]] Point back() const { return (*this)[m_size - 1]; }
        [[nodiscard]] Iterator from(std::uint64_t index) const;
        [[nodiscard]] Iterator begin() const;
        [[nodiscard]] Iterator end() const;

    private:
        friend class Series;
        Points(const SampleLog& log, std::uint64_t samples);

        const SampleLog* m_log;
        std::uint64_t m_samples;
        std::uint64_t m_size = 0;
        std::uint32_t m_perPoint = 1;
    };

    class Iterator {
    public:
        using value_type = Point;
        using difference_type = std::ptrdiff_t;
        using reference = const Point&;
        using pointer = const Point*;
        using iterator_category = std::input_iterator_tag;

        const Point& operator*() const { return m_point; }
        const Point* operator->() const { return &m_point; }
        Iterator& operator++() {
            ++m_index;
            look();
            return *this;
        }
        friend bool operator==(const Iterator& a, const Iterator& b) { return a.m_index == b.m_index; }

    private:
        friend class Points;
        Iterator(const Points& points, std::uint64_t index);
        void look();

        Points m_points;
        std::uint64_t m_index;
        std::uint64_t m_entry = 0;  ///< the first that is not before the point
        double m_implied = 0;       ///< what a sample before that entry is
        Point m_point;
    };

    /// As it is when the sample that ends at `newest` is closed.
    Series(const SampleLog& log, SimTime newest) : m_points(log, log.samplesAt(newest)) {}

    [[nodiscard]] const SampleLog::Name& id() const { return m_points.m_log->name(); }
    [[nodiscard]] const Metric& metric() const { return *id().metric; }
    [[nodiscard]] MetricKind kind() const { return metric().kind; }
    [[nodiscard]] SimDuration interval() const { return id().interval; }
    [[nodiscard]] std::uint32_t samplesPerPoint() const { return m_points.m_perPoint; }
    /// The newest value, of a counter as it stood.
    [[nodiscard]] double last() const { return m_points.m_log->last(); }
    /// Where its last sample ends.
    [[nodiscard]] SimTime lastTime() const { return m_points.m_log->timeOf(m_points.m_samples - 1); }
    [[nodiscard]] const Points& points() const { return m_points; }

private:
    Points m_points;
};

inline Series::Iterator Series::Points::from(std::uint64_t index) const {
    return {*this, index};
}
inline Series::Iterator Series::Points::begin() const {
    return from(0);
}
inline Series::Iterator Series::Points::end() const {
    return from(m_size);
}
inline Series::Point Series::Points::operator[](std::uint64_t index) const {
    return *from(index);
}

}  // namespace millrace::sim
