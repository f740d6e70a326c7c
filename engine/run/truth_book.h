#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"
#include "engine/base/sim_time.h"
#include "engine/ingest/facts.h"
#include "engine/observe/data_page.h"
#include "engine/observe/origin_view.h"
#include "engine/run/position_set.h"
#include "engine/sim/fact.h"

namespace millrace::run {

/// How durations are spread: four classes to each doubling, so that a quantile is right to a fifth.
class Spread {
public:
    void add(SimDuration duration);
    [[nodiscard]] observe::SpreadView view() const;
    /// From the first class that has one to the last, those between that have none included.
    [[nodiscard]] std::vector<observe::SpreadClass> classes() const;

private:
    [[nodiscard]] SimDuration quantile(double share) const;
    std::array<std::int64_t, 192> m_counts{};
    std::int64_t m_count = 0;
    SimDuration m_longest{0};
    double m_sum = 0;
};

/// What the records of feeds truly are, beside what has become of them: a part of the ledger that is kept with each
/// checkpoint; copies share. What is measured and which reading it is, is kept of the newest million records of a
/// source; who writes an older one gets no freshness.
class TruthBook {
public:
    /// True when the fact was about records of feeds.
    bool take(const sim::ToldFact& told);
    /// A sink has committed something that comes from a record.
    void onWritten(std::string_view sink, const ingest::Origin& origin, bool isNew, SimTime time);
    /// `stored` gives the positions of a source that stand in a log, or null.
    [[nodiscard]] std::vector<observe::ScoreView> scores(
        const std::function<const PositionSet*(const std::string& source)>& stored) const;

    /// How late and how old what comes of a source is, besides its scores.
    void describe(std::string_view source, observe::DataPage& page) const;

private:
    static constexpr std::uint64_t knownMost = 1U << 20U;
    static constexpr std::uint64_t mergedMost = 1U << 19U;
    /// Records that went on as one.
    struct Merged final : Counted {
        std::vector<std::pair<std::string, std::int64_t>> parents;
    };
    struct Known {
        std::int64_t reading = 0;
        SimTime measured;
        std::uint32_t flaws = 0;
    };
    struct Sink {
        std::string name;
        PositionSet records;
        PositionSet readings;
        std::int64_t damaged = 0;
        std::int64_t anomalies = 0;
        std::int64_t duplicates = 0;
        Spread freshness;
        /// How many parents of a merged record have arrived with it already, where they are many.
        SharedMap<std::int64_t, std::uint64_t> followed;
    };
    struct Source final : Counted {
        std::string name;
        bool keepsAll = true;
        std::int64_t readings = 0, missing = 0;
        PositionSet damaged, late, copied, anomalies, gone;
        SharedLog<Known, 64> known;  ///< by position
        std::uint64_t mergedParents = 0;
        SharedMap<std::int64_t, Ref<const Merged>> merged;  ///< by the position that goes on
        Spread lateness;
        std::vector<Sink> sinks;
    };
    [[nodiscard]] Ref<Source>* find(std::string_view source);
    void onRead(const ingest::RecordsRead& fact);
    void onMerged(const ingest::RecordsMerged& fact);
    static Sink& sinkOf(Source& source, std::string_view name);
    void arrived(std::string_view sink, std::string_view source, std::int64_t position, SimTime time);

    std::vector<Ref<Source>> m_sources;
};

}  // namespace millrace::run
