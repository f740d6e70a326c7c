#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/metric.h"
#include "engine/base/pool_allocator.h"
#include "engine/base/ref.h"
#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"
#include "engine/base/strong.h"
#include "engine/sim/series.h"

namespace millrace::sim {

/// One who gives figures: an actor, a host, the survey. Known to the store as long as it lives.
using ReporterId = Strong<struct ReporterIdTag, std::uint32_t>;
inline constexpr ReporterId noReporter{0xFFFFFFFFU};

/// All series of a world, by owner, name and label ("broker/1/requests bytes_in access-0").
///
/// A reporter gives the same figures in the same order again and again, so the store remembers what each gave the last
/// time and looks a series up only where that differs. What a reporter leaves out, or one that has ended gave, is
/// measured no longer. One that is not asked stands as it did: its series go on and nothing is written.
class SeriesStore {
public:
    /// How often a reporter gives figures: at each sample, and of some once in several.
    enum class Pace : std::uint8_t { Often, Seldom };

    [[nodiscard]] ReporterId addReporter();
    /// It gives no figures any more: its series end with the newest sample.
    void removeReporter(ReporterId reporter);

    /// From now on this sample is the newest of those with its interval.
    void begin(SampleInstant at);
    /// Where the newest of them ended; SimTime::min() before the first.
    [[nodiscard]] SimTime newest(SimDuration interval) const;

    /// What one reporter gives for one sample that has begun, all of it.
    class Report {
    public:
        Report(SeriesStore& store, ReporterId reporter, Pace pace, SampleInstant at);
        ~Report();
        Report(const Report&) = delete;
        Report& operator=(const Report&) = delete;

        void add(std::string_view owner, const Metric& metric, std::string_view label, double value);

    private:
        void giveOtherwise(std::uint32_t index);

        SeriesStore& m_store;
        ReporterId m_reporter;
        std::size_t m_pace;
        SampleInstant m_at;
        std::size_t m_given = 0;             ///< of those of the last time, in their order
        std::vector<std::uint32_t> m_other;  ///< all, once it differs from the last time
        bool m_isOther = false;
    };

    [[nodiscard]] std::optional<Series> find(std::string_view owner, std::string_view name,
                                             std::string_view label = {}) const;
    [[nodiscard]] std::uint64_t size() const { return m_all.size(); }
    /// In the order of owners, names and labels.
    template <class Look>
    void forEach(const Look& look) const {
        for (const auto& [key, index] : m_indices) {
            look(series(index));
        }
    }
    /// Those whose metric is shown everywhere, in the order in which they came.
    template <class Look>
    void forEachShown(const Look& look) const {
        for (const std::uint32_t index : m_shown) {
            look(series(index));
        }
    }

private:
    using Indices = PooledVector<std::uint32_t>;
    /// What a reporter gave the last time, in its order, by pace.
    struct Given final : Counted {
        std::array<Indices, 2> all;
    };

    [[nodiscard]] Series series(std::uint32_t index) const {
        const SampleLog& log = *m_all[index];
        return {log, newest(log.name().interval)};
    }
    std::uint32_t indexOf(std::string_view owner, const Metric& metric, std::string_view label, SampleInstant at);
    void end(std::uint32_t index, SimTime last);

    SharedMap<std::string, std::uint32_t> m_indices;
    SharedLog<Ref<SampleLog>, 64> m_all;
    SharedLog<std::uint32_t, 16> m_shown;   ///< indices
    SharedLog<Ref<Given>, 64> m_reporters;  ///< null: free, or has given nothing
    std::vector<ReporterId> m_freeReporters;
    std::vector<SampleInstant> m_newest;  ///< one to an interval
};

class World;

/// Measures what no single actor knows, such as how far a reader is behind a log that lies elsewhere. The systems
/// supply it; the world asks it once a second, after the actors. It sees the world as it stands and must not depend on
/// anything else.
class Survey : public Counted {
public:
    virtual void sample(const World& world, SeriesStore::Report& into) const = 0;
};

}  // namespace millrace::sim
