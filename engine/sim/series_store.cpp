#include "engine/sim/series_store.h"

#include <algorithm>
#include <utility>

namespace millrace::sim {

namespace {

std::string seriesKey(std::string_view owner, std::string_view name, std::string_view label) {
    std::string key;
    key.reserve(owner.size() + name.size() + label.size() + 2);
    key.append(owner).append(1, '\n').append(name).append(1, '\n').append(label);
    return key;
}

}  // namespace

ReporterId SeriesStore::addReporter() {
    if (!m_freeReporters.empty()) {
        const ReporterId free = m_freeReporters.back();
        m_freeReporters.pop_back();
        return free;
    }
    m_reporters.append(nullptr);
    return ReporterId{static_cast<std::uint32_t>(m_reporters.size() - 1)};
}

void SeriesStore::removeReporter(ReporterId reporter) {
    if (const Ref<Given> given = std::exchange(m_reporters.update(reporter.value), nullptr)) {
        for (const Indices& indices : given->all) {
            for (const std::uint32_t index : indices) {
                end(index, newest(m_all[index]->name().interval));
            }
        }
    }
    m_freeReporters.push_back(reporter);
}

void SeriesStore::begin(SampleInstant at) {
    const auto known = std::find_if(m_newest.begin(), m_newest.end(),
                                    [&](const SampleInstant& each) { return each.interval == at.interval; });
    if (known != m_newest.end()) {
        known->time = at.time;
    } else {
        m_newest.push_back(at);
    }
}

SimTime SeriesStore::newest(SimDuration interval) const {
    for (const SampleInstant& each : m_newest) {
        if (each.interval == interval) {
            return each.time;
        }
    }
    return SimTime::min();
}

std::uint32_t SeriesStore::indexOf(std::string_view owner, const Metric& metric, std::string_view label,
                                   SampleInstant at) {
    const std::string key = seriesKey(owner, metric.id, label);
    if (const std::uint32_t* known = m_indices.find(key)) {
        return *known;
    }
    const auto name = makeRef<SampleLog::Name>();
    name->owner = owner;
    name->name = metric.id;
    name->label = label;
    name->metric = &metric;
    name->interval = at.interval;
    const auto index = static_cast<std::uint32_t>(m_all.size());
    m_all.append(makeRef<SampleLog>(name, at.time));
    if (metric.place == MetricPlace::Everywhere) {
        m_shown.append(index);
    }
    m_indices.set(key, index);
    return index;
}

void SeriesStore::end(std::uint32_t index, SimTime last) {
    if (m_all[index]->isLive()) {
        writable(m_all.update(index)).end(last);
    }
}

std::optional<Series> SeriesStore::find(std::string_view owner, std::string_view name, std::string_view label) const {
    const std::uint32_t* index = m_indices.find(seriesKey(owner, name, label));
    return index == nullptr ? std::nullopt : std::optional(series(*index));
}

SeriesStore::Report::Report(SeriesStore& store, ReporterId reporter, Pace pace, SampleInstant at)
    : m_store(store), m_reporter(reporter), m_pace(pace == Pace::Often ? 0 : 1), m_at(at) {}

void SeriesStore::Report::add(std::string_view owner, const Metric& metric, std::string_view label, double value) {
    const Ref<Given>& given = m_store.m_reporters[m_reporter.value];
    std::uint32_t index = 0;
    if (const Indices* last = given && !m_isOther ? &given->all[m_pace] : nullptr;
        last != nullptr && m_given < last->size()) {
        index = (*last)[m_given];
        const SampleLog::Name& name = m_store.m_all[index]->name();
        if (name.metric == &metric && name.label == label && name.owner == owner) {
            ++m_given;
        } else {
            giveOtherwise(index = m_store.indexOf(owner, metric, label, m_at));
        }
    } else {
        giveOtherwise(index = m_store.indexOf(owner, metric, label, m_at));
    }
    const SampleLog& log = *m_store.m_all[index];
    if (!log.isLive() || log.last() != value) {
        writable(m_store.m_all.update(index)).add(m_at.time, value);
    }
}

void SeriesStore::Report::giveOtherwise(std::uint32_t index) {
    if (!m_isOther) {
        m_isOther = true;
        if (const Ref<Given>& given = m_store.m_reporters[m_reporter.value]) {
            const Indices& last = given->all[m_pace];
            m_other.assign(last.begin(), last.begin() + static_cast<std::ptrdiff_t>(m_given));
        }
    }
    m_other.push_back(index);
}

SeriesStore::Report::~Report() {
    const Ref<Given>& given = m_store.m_reporters[m_reporter.value];
    const std::size_t before = given ? given->all[m_pace].size() : 0;
    if (!m_isOther && m_given == before) {
        return;
    }
    Indices now(m_other.begin(), m_other.end());
    if (!m_isOther) {
        const Indices& last = given->all[m_pace];
        now.assign(last.begin(), last.begin() + static_cast<std::ptrdiff_t>(m_given));
    }
    if (before > 0) {
        Indices sorted = now;
        std::sort(sorted.begin(), sorted.end());
        for (const std::uint32_t index : given->all[m_pace]) {
            if (!std::binary_search(sorted.begin(), sorted.end(), index)) {
                m_store.end(index, m_at.time - m_at.interval);
            }
        }
    }
    Ref<Given>& place = m_store.m_reporters.update(m_reporter.value);
    if (!place) {
        place = makeRef<Given>();
    }
    writable(place).all[m_pace] = std::move(now);
}

}  // namespace millrace::sim
