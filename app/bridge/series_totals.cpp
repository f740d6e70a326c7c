#include "app/bridge/series_totals.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

namespace millrace::bridge {

namespace {

using Points = std::vector<observe::SeriesPoint>;
using PagePtr = std::shared_ptr<const observe::SeriesPage>;

struct Total {
    std::string_view name;   ///< of the sum
    std::string_view part;   ///< of the series that are added
    observe::ObjectKind of;  ///< whose series
    std::string_view unit;
};

/// Whose series those of topics and partitions are while they come from the engine, and those of components.
constexpr observe::ObjectKind counter = observe::ObjectKind::Broker;
constexpr observe::ObjectKind runner = observe::ObjectKind::Worker;

constexpr std::array<Total, 7> totals{{
    {"throughput", "topic records in", observe::ObjectKind::Broker, "/s"},
    {"lag", "lag", observe::ObjectKind::Group, "records"},
    {"records acknowledged", "records acked", observe::ObjectKind::Producer, "/s"},
    {"rows written", "written", observe::ObjectKind::Sink, "/s"},
    {"tuples pending", "pending", observe::ObjectKind::Worker, "tuples"},
    {"under-replicated partitions", "topic under replicated", observe::ObjectKind::Broker, "partitions"},
    {"records retried", "records retried", observe::ObjectKind::Producer, "/s"},
}};

/// What brokers count for a topic or a partition, which is a series of each broker: "topic records in access".
struct Shared {
    std::string_view part;
    observe::ObjectKind of;
    std::string_view name;
};

constexpr std::array<Shared, 13> shared{{
    {"topic records in ", observe::ObjectKind::Topic, "records in"},
    {"topic bytes in ", observe::ObjectKind::Topic, "bytes in"},
    {"topic bytes out ", observe::ObjectKind::Topic, "bytes out"},
    {"topic log bytes ", observe::ObjectKind::Topic, "size of all replicas"},
    {"topic under replicated ", observe::ObjectKind::Topic, "under-replicated partitions"},
    {"topic isr shrinks ", observe::ObjectKind::Topic, "in-sync sets shrunk"},
    {"topic isr expands ", observe::ObjectKind::Topic, "in-sync sets grown"},
    {"partition records in ", observe::ObjectKind::Partition, "records in"},
    {"partition bytes in ", observe::ObjectKind::Partition, "bytes in"},
    {"partition bytes out ", observe::ObjectKind::Partition, "bytes out"},
    {"partition log bytes ", observe::ObjectKind::Partition, "size of its log"},
    {"partition isr shrinks ", observe::ObjectKind::Partition, "in-sync set shrunk"},
    {"partition isr expands ", observe::ObjectKind::Partition, "in-sync set grown"},
}};

/// The points brought to the times of a coarser page: each is the mean of those since the one before.
Points atTimesOf(const Points& coarse, const Points& fine) {
    Points result;
    auto next = fine.begin();
    SimTime before{};
    for (const observe::SeriesPoint& grid : coarse) {
        observe::SeriesPoint point{grid.at, 0, 0, 0};
        int count = 0;
        for (; next != fine.end() && next->at <= grid.at; ++next) {
            if (next->at > before) {
                point.min = count == 0 ? next->min : std::min(point.min, next->min);
                point.max = count == 0 ? next->max : std::max(point.max, next->max);
                point.mean += next->mean;
                ++count;
            }
        }
        if (count > 0) {
            point.mean /= count;
            result.push_back(point);
        }
        before = grid.at;
    }
    return result;
}

void add(Points& into, const Points& points) {
    Points sum;
    sum.reserve(std::max(into.size(), points.size()));
    auto a = into.begin();
    auto b = points.begin();
    while (a != into.end() || b != points.end()) {
        if (b == points.end() || (a != into.end() && a->at < b->at)) {
            sum.push_back(*a++);
        } else if (a == into.end() || b->at < a->at) {
            sum.push_back(*b++);
        } else {
            sum.push_back({a->at, a->min + b->min, a->max + b->max, a->mean + b->mean});
            ++a;
            ++b;
        }
    }
    into = std::move(sum);
}

/// Points of different parts stand at the same multiples of the sample period, unless one was thinned more than the
/// other: then the finer ones are brought to the coarser ones' times.
PagePtr sum(const std::vector<const observe::SeriesPage*>& parts, observe::SeriesPage page) {
    const auto coarsest = std::max_element(parts.begin(), parts.end(), [](const auto* a, const auto* b) {
        return std::pair(a->resolution, a->points.size()) < std::pair(b->resolution, b->points.size());
    });
    page.resolution = (*coarsest)->resolution;
    for (const auto* part : parts) {
        if (part->resolution == page.resolution) {
            add(page.points, part->points);
        }
    }
    for (const auto* part : parts) {
        if (part->resolution != page.resolution) {
            add(page.points, atTimesOf(page.points, part->points));
        }
    }
    return std::make_shared<observe::SeriesPage>(std::move(page));
}

bool isNamed(std::string_view page, std::string_view part) {
    return page.starts_with(part) && (page.size() == part.size() || page[part.size()] == ' ');
}

PagePtr total(const SeriesPages& pages, const Total& wanted) {
    std::vector<const observe::SeriesPage*> parts;
    for (const auto& page : pages) {
        const bool isInternal = page->name.find(" __") != std::string::npos;  // commits of offsets are nobody's stream
        if (observe::kindOf(page->object) == wanted.of && isNamed(page->name, wanted.part) && !isInternal &&
            !page->points.empty()) {
            parts.push_back(page.get());
        }
    }
    observe::SeriesPage page;
    page.name = wanted.name;
    page.unit = wanted.unit;
    return parts.empty() ? nullptr : sum(parts, std::move(page));
}

const Shared* sharedOf(const observe::SeriesPage& page) {
    const auto found = std::find_if(shared.begin(), shared.end(),
                                    [&](const Shared& each) { return page.name.starts_with(each.part); });
    return observe::kindOf(page.object) == counter && found != shared.end() ? found : nullptr;
}

/// Moves what brokers counted for topics and partitions from them to those whose figures they are.
void gatherShared(SeriesPages& pages) {
    std::map<std::pair<observe::ObjectId, std::string_view>, std::vector<const observe::SeriesPage*>> parts;
    SeriesPages rest;
    for (const auto& page : pages) {
        if (const Shared* of = sharedOf(*page)) {
            observe::ObjectId object(observe::toText(of->of));
            object += ':' + page->name.substr(of->part.size());
            parts[{object, of->name}].push_back(page.get());
        } else {
            rest.push_back(page);
        }
    }
    for (const auto& [of, each] : parts) {
        observe::SeriesPage page;
        page.object = of.first;
        page.name = of.second;
        page.unit = each.front()->unit;
        rest.push_back(sum(each, std::move(page)));
    }
    pages = std::move(rest);
}

/// What executors count, by which a component is known; each is a series of its worker: "executed count-3".
constexpr std::array<std::string_view, 7> ofComponents{"emitted",  "executed", "acked",  "failed",
                                                       "replayed", "pending",  "busy ms"};

}  // namespace

SeriesPages withComponents(SeriesPages pages, const observe::StormView& storm) {
    std::map<std::pair<std::string, std::string>, observe::ObjectId> known;
    for (const observe::TopologyView& topology : storm.topologies) {
        for (const observe::ComponentView& component : topology.components) {
            known[{topology.name, component.name}] = component.id;
        }
    }
    std::map<std::pair<observe::ObjectId, std::string>, std::vector<const observe::SeriesPage*>> parts;
    for (const auto& page : pages) {
        const std::size_t space = page->name.rfind(' ');
        const std::size_t dash = page->name.rfind('-');
        if (observe::kindOf(page->object) != runner || space == std::string::npos || dash == std::string::npos ||
            dash < space || page->points.empty()) {
            continue;
        }
        const std::string metric = page->name.substr(0, space);
        const std::string_view worker = observe::nameOf(page->object);
        const auto component = known.find(
            {std::string{worker.substr(0, worker.rfind('/'))}, page->name.substr(space + 1, dash - space - 1)});
        if (component != known.end() &&
            std::find(ofComponents.begin(), ofComponents.end(), metric) != ofComponents.end()) {
            parts[{component->second, metric}].push_back(page.get());
        }
    }
    SeriesPages sums;
    for (const auto& [of, each] : parts) {
        observe::SeriesPage page;
        page.object = of.first;
        page.name = of.second;
        page.unit = each.front()->unit;
        sums.push_back(sum(each, std::move(page)));
    }
    pages.insert(pages.end(), sums.begin(), sums.end());
    return pages;
}

SeriesPages withTotals(SeriesPages pages) {
    SeriesPages all;
    for (const Total& wanted : totals) {
        if (auto page = total(pages, wanted)) {
            all.push_back(std::move(page));
        }
    }
    gatherShared(pages);
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
