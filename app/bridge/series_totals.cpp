#include "app/bridge/series_totals.h"

#include <algorithm>
#include <array>
#include <map>

namespace millrace::bridge {

namespace {

struct Total {
    std::string_view name;   ///< of the sum
    std::string_view part;   ///< of the series that are added
    observe::ObjectKind of;  ///< whose series
    std::string_view unit;
};

constexpr std::array<Total, 6> totals{{
    {"throughput", "records in", observe::ObjectKind::Broker, "/s"},
    {"records acknowledged", "records acked", observe::ObjectKind::Producer, "/s"},
    {"rows written", "written", observe::ObjectKind::Sink, "/s"},
    {"tuples pending", "pending", observe::ObjectKind::Worker, "tuples"},
    {"under-replicated partitions", "under replicated partitions", observe::ObjectKind::Broker, "partitions"},
    {"records retried", "records retried", observe::ObjectKind::Producer, "/s"},
}};

/// Points of different parts stand at the same multiples of the sample period, unless one was thinned more than the
/// other; then the finer ones are added at the coarser one's times as far as they agree.
std::shared_ptr<observe::SeriesPage> sum(const SeriesPages& pages, const Total& total) {
    std::map<SimTime, observe::SeriesPoint> points;
    SimDuration resolution{};
    for (const auto& page : pages) {
        if (page->name != total.part || observe::kindOf(page->object) != total.of) {
            continue;
        }
        resolution = std::max(resolution, page->resolution);
        for (const observe::SeriesPoint& point : page->points) {
            observe::SeriesPoint& into = points[point.at];
            into.at = point.at;
            into.min += point.min;
            into.max += point.max;
            into.mean += point.mean;
        }
    }
    if (points.empty()) {
        return nullptr;
    }
    auto page = std::make_shared<observe::SeriesPage>();
    page->name = total.name;
    page->unit = total.unit;
    page->resolution = resolution;
    for (const auto& [at, point] : points) {
        page->points.push_back(point);
    }
    return page;
}

}  // namespace

SeriesPages withTotals(SeriesPages pages) {
    SeriesPages all;
    for (const Total& total : totals) {
        if (auto page = sum(pages, total)) {
            all.push_back(std::move(page));
        }
    }
    all.insert(all.end(), pages.begin(), pages.end());
    return all;
}

double newestRate(const SeriesPages& pages, const observe::ObjectId& object, std::string_view name, SimTime now) {
    const auto page = std::find_if(pages.begin(), pages.end(),
                                   [&](const auto& each) { return each->object == object && each->name == name; });
    if (page == pages.end()) {
        return 0;
    }
    const auto& points = (*page)->points;
    // A sample that ends right now may or may not have been closed yet; a revisited instant must show what it showed.
    const auto end = std::lower_bound(points.begin(), points.end(), now,
                                      [](const observe::SeriesPoint& point, SimTime at) { return point.at < at; });
    double sum = 0;
    int count = 0;
    for (auto point = end; point != points.begin();) {
        --point;
        if (now - point->at > std::max<SimDuration>(std::chrono::seconds(2), (*page)->resolution)) {
            break;  // what somebody can read is a mean over two seconds; what is older is no rate of now
        }
        sum += point->mean;
        ++count;
    }
    return count == 0 ? 0 : sum / count;
}

}  // namespace millrace::bridge
