#include "engine/run/truth_book.h"

#include <algorithm>
#include <bit>
#include <iterator>

namespace millrace::run {

namespace {

/// The class of a duration: its highest bit in microseconds and the two below.
std::size_t classOfDuration(SimDuration duration) {
    const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count() / 1'000, 0));
    const auto bits = static_cast<unsigned>(std::bit_width(micros));
    if (bits <= 2) {
        return micros;
    }
    return bits * 4 - 8 + ((micros >> (bits - 3)) & 3U);
}

/// The largest duration of a class.
SimDuration endOfClass(std::size_t place) {
    if (place <= 3) {
        return std::chrono::microseconds{place};
    }
    const std::size_t bits = (place + 8) / 4;
    const std::uint64_t top = 4 + (place + 8) % 4;
    return std::chrono::microseconds{static_cast<std::int64_t>(((top + 1) << (bits - 3)) - 1)};
}

}  // namespace

void Spread::add(SimDuration duration) {
    ++m_counts[std::min(classOfDuration(duration), m_counts.size() - 1)];
    ++m_count;
    m_longest = std::max(m_longest, duration);
    m_sum += seconds(duration);
}

SimDuration Spread::quantile(double share) const {
    const auto wanted = static_cast<std::int64_t>(share * static_cast<double>(m_count));
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        sum += m_counts[i];
        if (sum > wanted) {
            return std::min(endOfClass(i), m_longest);
        }
    }
    return m_longest;
}

observe::SpreadView Spread::view() const {
    observe::SpreadView view;
    view.count = m_count;
    if (m_count > 0) {
        view.mean = fromSeconds(m_sum / static_cast<double>(m_count));
        view.median = quantile(0.5);
        view.high = quantile(0.95);
        view.longest = m_longest;
    }
    return view;
}

std::vector<observe::SpreadClass> Spread::classes() const {
    std::vector<observe::SpreadClass> classes;
    const auto isUsed = [](std::int64_t count) { return count > 0; };
    const auto first = std::find_if(m_counts.begin(), m_counts.end(), isUsed);
    const auto last = std::find_if(m_counts.rbegin(), m_counts.rend(), isUsed).base();
    for (auto at = first; at < last; ++at) {
        const auto place = static_cast<std::size_t>(at - m_counts.begin());
        classes.push_back({endOfClass(place), *at, place > 0 ? endOfClass(place - 1) : SimDuration{0}});
    }
    return classes;
}

Ref<TruthBook::Source>* TruthBook::find(std::string_view source) {
    const auto at =
        std::find_if(m_sources.begin(), m_sources.end(), [&](const Ref<Source>& each) { return each->name == source; });
    return at != m_sources.end() ? &*at : nullptr;
}

bool TruthBook::take(const sim::ToldFact& told) {
    if (const auto* read = told.fact->as<ingest::RecordsRead>()) {
        onRead(*read);
        return true;
    }
    if (const auto* merged = told.fact->as<ingest::RecordsMerged>()) {
        onMerged(*merged);
        return true;
    }
    return false;
}

void TruthBook::onRead(const ingest::RecordsRead& fact) {
    if (find(fact.feed->source) == nullptr) {
        m_sources.push_back(makeRef<Source>());
        m_sources.back()->name = fact.feed->source;
        m_sources.back()->keepsAll = !fact.feed->keeps;
    }
    Source& source = writable(*find(fact.feed->source));
    source.readings = std::max(source.readings, fact.readings);
    source.missing = std::max(source.missing, fact.missing);
    for (const ingest::RecordTruth& truth : fact.records) {
        const auto index = static_cast<std::uint64_t>(truth.position);
        if (truth.isGone) {
            (void)source.gone.mark(truth.position);
        }
        if (index < source.known.endIndex()) {
            continue;  // It is read again after a crash.
        }
        while (source.known.endIndex() < index) {
            source.known.append({});  // nobody told what it was
        }
        source.known.append({truth.reading, truth.measured, truth.flaws});
        const auto note = [&](ingest::Flaw flaw, PositionSet& positions) {
            if ((truth.flaws & flaw) != 0) {
                (void)positions.mark(truth.position);
            }
        };
        note(ingest::Damaged, source.damaged);
        note(ingest::Late, source.late);
        note(ingest::Copied, source.copied);
        note(ingest::Anomaly, source.anomalies);
        if ((truth.flaws & ingest::Copied) == 0) {
            source.lateness.add(truth.due - truth.measured);
        }
    }
    if (source.known.endIndex() - source.known.firstIndex() > 2 * knownMost) {
        source.known.dropFront(source.known.endIndex() - knownMost);
    }
}

void TruthBook::onMerged(const ingest::RecordsMerged& fact) {
    Ref<Source>* found = find(fact.source);
    if (found == nullptr) {
        return;
    }
    auto parents = fact.parents;
    std::sort(parents.begin(), parents.end());
    parents.erase(std::unique(parents.begin(), parents.end()), parents.end());
    auto merged = makeRef<Merged>();
    if (const Ref<const Merged>* known = (*found)->merged.find(fact.position)) {
        const auto& before = (*known)->parents;
        if (std::includes(before.begin(), before.end(), parents.begin(), parents.end())) {
            return;  // once more after a failure
        }
        // Of another window, or one of many rows of a join.
        std::set_union(before.begin(), before.end(), parents.begin(), parents.end(),
                       std::back_inserter(merged->parents));
    } else {
        merged->parents = std::move(parents);
    }
    Source& source = writable(*found);
    source.mergedParents += merged->parents.size();
    if (const Ref<const Merged>* known = source.merged.find(fact.position)) {
        source.mergedParents -= (*known)->parents.size();
    }
    source.merged.set(fact.position, merged);
    while (source.mergedParents > mergedMost && source.merged.size() > 1) {
        const auto oldest = (*source.merged.begin()).first;
        source.mergedParents -= (*source.merged.begin()).second->parents.size();
        source.merged.erase(oldest);
        for (Sink& sink : source.sinks) {
            sink.followed.erase(oldest);
        }
    }
}

TruthBook::Sink& TruthBook::sinkOf(Source& source, std::string_view name) {
    auto at =
        std::find_if(source.sinks.begin(), source.sinks.end(), [&](const Sink& each) { return each.name == name; });
    if (at == source.sinks.end()) {
        at = source.sinks.insert(source.sinks.end(), Sink{std::string{name}, {}, {}, 0, 0, 0, {}, {}});
    }
    return *at;
}

void TruthBook::onWritten(std::string_view sink, const ingest::Origin& origin, bool isNew, SimTime time) {
    Ref<Source>* found = find(origin.source);
    if (found == nullptr) {
        return;
    }
    if (!isNew) {
        ++sinkOf(writable(*found), sink).duplicates;
        return;
    }
    arrived(sink, origin.source, origin.position, time);
    // What was made from several has a lineage; what comes of one record by itself mostly has none.
    const Ref<const Merged>* merged = origin.part != 0 ? (*found)->merged.find(origin.position) : nullptr;
    if (merged != nullptr) {
        const Ref<const Merged> held = *merged;
        constexpr std::size_t many = 16;
        if (held->parents.size() >= many) {
            auto& followed = sinkOf(writable(*found), sink).followed;
            const std::uint64_t* before = followed.find(origin.position);
            if (before != nullptr && *before == held->parents.size()) {
                return;  // They have come with another row of it: parents only become more.
            }
            followed.set(origin.position, held->parents.size());
        }
        for (const auto& [source, position] : held->parents) {
            arrived(sink, source, position, time);
        }
    }
}

void TruthBook::arrived(std::string_view sinkName, std::string_view source, std::int64_t position, SimTime time) {
    Ref<Source>* found = find(source);
    if (found == nullptr || position < 0) {
        return;
    }
    Source& book = writable(*found);
    Sink& sink = sinkOf(book, sinkName);
    const auto index = static_cast<std::uint64_t>(position);
    if (index < book.known.firstIndex() || index >= book.known.endIndex() || !sink.records.mark(position)) {
        return;
    }
    const Known& known = book.known[index];
    sink.duplicates += sink.readings.mark(known.reading) ? 0 : 1;
    sink.damaged += (known.flaws & ingest::Damaged) != 0 ? 1 : 0;
    sink.anomalies += (known.flaws & ingest::Anomaly) != 0 ? 1 : 0;
    sink.freshness.add(time - known.measured);
}

void TruthBook::describe(std::string_view source, observe::DataPage& page) const {
    for (const Ref<Source>& each : m_sources) {
        if (each->name == source) {
            page.isKnown = true;
            page.lateness = each->lateness.classes();
            for (const Sink& sink : each->sinks) {
                page.sinks.push_back({sink.name, sink.freshness.classes()});
            }
        }
    }
}

std::vector<observe::ScoreView> TruthBook::scores(
    const std::function<const PositionSet*(const std::string& source)>& stored) const {
    std::vector<observe::ScoreView> all;
    for (const Ref<Source>& source : m_sources) {
        observe::ScoreView& view = all.emplace_back();
        view.source = source->name;
        view.canSendAgain = source->keepsAll;
        view.readings = source->readings;
        view.missing = source->missing;
        view.records = static_cast<std::int64_t>(source->known.endIndex());
        view.damaged = source->damaged.count();
        view.late = source->late.count();
        view.copied = source->copied.count();
        view.anomalies = source->anomalies.count();
        const PositionSet* inLog = stored(source->name);
        view.gone = source->gone.count() - (inLog != nullptr ? source->gone.countIn(*inLog) : 0);
        view.lateness = source->lateness.view();
        for (const Sink& sink : source->sinks) {
            view.sinks.push_back({sink.name, sink.records.count(), sink.readings.count(), sink.damaged, sink.anomalies,
                                  sink.duplicates, sink.freshness.view()});
        }
    }
    return all;
}

}  // namespace millrace::run
