#include "engine/sim/metrics.h"

#include <algorithm>
#include <tuple>

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
        sample = value >= lastCounter ? value - lastCounter : value;
        lastCounter = value;
    }
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

void SeriesStore::add(SimTime time, std::string_view owner, std::string_view name, std::string_view label,
                      MetricKind kind, double value) {
    Ref<Series>& series = m_series[seriesKey(owner, name, label)];
    if (!series) {
        const auto id = makeRef<Series::Name>();
        id->owner = owner;
        id->name = name;
        id->label = label;
        series = makeRef<Series>();
        series->id = id;
        series->kind = kind;
    }
    writable(series).add(time, value);
}

const Series* SeriesStore::find(std::string_view owner, std::string_view name, std::string_view label) const {
    const Ref<Series>* series = m_series.find(seriesKey(owner, name, label));
    return series == nullptr ? nullptr : series->get();
}

}  // namespace millrace::sim
