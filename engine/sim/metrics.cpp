#include "engine/sim/metrics.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace millrace::sim {

namespace {

template <class Counters>
auto placeOf(Counters& all, std::string_view actor, std::string_view name, std::string_view label) {
    const auto wanted = std::tuple(actor, name, label);
    return std::lower_bound(all.begin(), all.end(), wanted, [](const PastCounters::Counter& each, const auto& key) {
        return std::tuple<std::string_view, std::string_view, std::string_view>(each.actor, each.name, each.label) <
               key;
    });
}

bool isOf(const PastCounters::Counter& counter, std::string_view actor, std::string_view name, std::string_view label) {
    return counter.actor == actor && counter.name == name && counter.label == label;
}

}  // namespace

const PastCounters::Counter* PastCounters::find(std::string_view actor, std::string_view name,
                                                std::string_view label) const {
    const auto at = placeOf(all, actor, name, label);
    return at != all.end() && isOf(*at, actor, name, label) ? &*at : nullptr;
}

void PastCounters::add(std::string_view actor, std::string_view name, std::string_view label, double value) {
    auto at = placeOf(all, actor, name, label);
    if (at == all.end() || !isOf(*at, actor, name, label)) {
        at = all.insert(at, {std::string{actor}, std::string{name}, std::string{label}, 0, 0});
    }
    at->sum += value;
    at->last = value;
}

void Series::add(SimTime time, double value) {
    double sample = value;
    if (kind == MetricKind::Counter) {
        // A new incarnation starts to count from zero again.
        sample = value >= last ? value - last : value;
    }
    last = value;
    const bool joins = !points.empty() && points.back().count < samplesPerPoint;
    if (!joins) {
        const auto narrow = static_cast<float>(sample);
        points.append(Point{time, narrow, narrow, sample, 1});
        if (points.size() > pointsMax) {
            thin();
        }
        return;
    }
    Point& point = points.update(points.endIndex() - 1);
    point.time = time;
    point.min = std::min(point.min, static_cast<float>(sample));
    point.max = std::max(point.max, static_cast<float>(sample));
    point.sum += sample;
    ++point.count;
}

void Series::thin() {
    decltype(points) thinned;
    for (auto it = points.begin(); it != points.end();) {
        Point point = *it;
        ++it;
        if (it != points.end()) {
            const Point& next = *it;
            point = Point{next.time, std::min(point.min, next.min), std::max(point.max, next.max), point.sum + next.sum,
                          point.count + next.count};
            ++it;
        }
        thinned.append(point);
    }
    points = std::move(thinned);
    samplesPerPoint *= 2;
}

namespace {

std::string seriesKey(std::string_view owner, std::string_view name, std::string_view label) {
    std::string key;
    key.reserve(owner.size() + name.size() + label.size() + 2);
    key.append(owner).append(1, '\n').append(name).append(1, '\n').append(label);
    return key;
}

}  // namespace

bool SeriesStore::isAt(std::uint32_t index, std::string_view owner, std::string_view name,
                       std::string_view label) const {
    if (index >= m_all.size()) {
        return false;
    }
    const Series::Name& id = *m_all[index]->id;
    return id.name == name && id.label == label && id.owner == owner;
}

std::uint32_t SeriesStore::indexOf(std::string_view owner, const Metric& metric, std::string_view label,
                                   SimDuration interval) {
    const std::string key = seriesKey(owner, metric.id, label);
    if (const std::uint32_t* known = m_indices.find(key)) {
        return *known;
    }
    const auto id = makeRef<Series::Name>();
    id->owner = owner;
    id->name = metric.id;
    id->label = label;
    auto series = makeRef<Series>();
    series->id = id;
    series->metric = &metric;
    series->kind = metric.kind;
    series->interval = interval;
    const auto index = static_cast<std::uint32_t>(m_all.size());
    m_all.append(std::move(series));
    if (metric.place == MetricPlace::Everywhere) {
        m_shown.append(index);
    }
    m_indices.set(key, index);
    return index;
}

void SeriesStore::add(SampleInstant at, std::string_view owner, const Metric& metric, std::string_view label,
                      double value) {
    std::uint32_t index = m_all.empty() ? 0 : m_all[m_last]->nextInOrder;
    if (!isAt(index, owner, metric.id, label)) {
        index = indexOf(owner, metric, label, at.interval);
        writable(m_all.update(m_last)).nextInOrder = index;
    }
    m_last = index;
    writable(m_all.update(index)).add(at.time, value);
}

const Series* SeriesStore::find(std::string_view owner, std::string_view name, std::string_view label) const {
    const std::uint32_t* index = m_indices.find(seriesKey(owner, name, label));
    return index == nullptr ? nullptr : m_all[*index].get();
}

}  // namespace millrace::sim
