#include "engine/lab/compare/figures.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <vector>

#include "engine/lab/compare/statistics.h"
#include "engine/scenario/section.h"
#include "engine/scenario/sections.h"

namespace millrace::lab {

namespace {

using Better = Figure::Better;

// One line a figure: this is a table.
// clang-format off
constexpr std::array figureRows{
    Figure{"results_at_once", "results", "processing model", Better::Neither, "How many results come within a tenth of a second, in the median over those in which some come: few where each record is worked on by itself, those of a batch, or all."},
    Figure{"time_between_results", "s", "processing model", Better::Less, "From one tenth of a second in which results come to the next, in the median."},
    Figure{"throughput", "records/s", "throughput and latency", Better::More, "Records of all sources over the time from the first one that is made to the last result; of a source that is slower than the engine, the source's rate at most."},
    Figure{"first_result", "s", "throughput and latency", Better::Less, "From the first record that is made to the first result."},
    Figure{"latency_p50", "s", "throughput and latency", Better::Less, "From the making of a record to its results in the sink, in the median; where results sum up many records, as if they came in the order of the records."},
    Figure{"latency_p99", "s", "throughput and latency", Better::Less, "The same of the slowest hundredth."},
    Figure{"busiest_machine", "%", "scalability", Better::Less, "Of the processor time that the busiest machine's cores have in the run, how much they worked: at 100 it can bear no more, and more machines help only where its work can be shared."},
    Figure{"evenness", "%", "scalability", Better::More, "The work of the machines that do a hundredth of the busiest one's or more, in the mean, against the busiest one's: how evenly more machines would share it."},
    Figure{"lost", "results", "fault tolerance", Better::Less, "Rows and counts that a single pass over the records gives and the tables lack."},
    Figure{"doubled", "results", "fault tolerance", Better::Less, "Rows and counts that the tables have beyond a single pass."},
    Figure{"rows_that_differ", "rows", "fault tolerance", Better::Less, "Rows of all tables that are not as a single pass gives them."},
    Figure{"time_to_recover", "s", "fault tolerance", Better::Less, "From the first fault until no more records wait for their results than before it; 0 where no more ever did, or the faults held up no result."},
    Figure{"delay_by_faults", "s", "fault tolerance", Better::Less, "How much later the last result stands than in the same run without faults."},
    Figure{"kept_on_disks", "B", "state", Better::Less, "What stands on all disks at the end: logs, blocks, checkpoints, shuffle files, results."},
    Figure{"overtaken", "%", "ordering", Better::Less, "Of the rows that know their record, those that came behind one of a later record."},
    Figure{"processor_time", "core seconds", "cost", Better::Less, "That all cores of all machines have worked."},
    Figure{"memory", "B", "cost", Better::Less, "The heaps of all JVMs of servers, workers and tasks that run at once, at most: what the machines must have for them. Seen at the instants that the run is looked at."},
    Figure{"network", "B", "cost", Better::Less, "Sent by all network cards."},
    Figure{"disk_time", "s", "cost", Better::Less, "That all disks have worked."},
    Figure{"run", "s", "cost", Better::Less, "Simulated time until everything was done."},
};
// clang-format on

double secondsBetween(SimTime from, SimTime to) {
    return seconds(to - from);
}

/// The instant at which so many results stood; nothing when they never did.
std::optional<SimTime> timeOf(const std::vector<ResultWatch::Point>& points, std::int64_t results) {
    const auto at =
        std::lower_bound(points.begin(), points.end(), results,
                         [](const ResultWatch::Point& each, std::int64_t wanted) { return each.results < wanted; });
    return at != points.end() ? std::optional(at->at) : std::nullopt;
}

void measureModel(const std::vector<ResultWatch::Point>& points, Measures& measures) {
    constexpr SimDuration together = std::chrono::milliseconds{100};
    std::vector<double> gaps;
    std::vector<double> amounts;
    std::optional<SimTime> begin;  // of the tenth of a second that results come in
    std::int64_t before = 0;
    for (const ResultWatch::Point& each : points) {
        if (!begin || each.at - *begin >= together) {
            if (begin) {
                gaps.push_back(secondsBetween(*begin, each.at));
            }
            begin = each.at;
            amounts.push_back(0);
        }
        amounts.back() += static_cast<double>(each.results - before);
        before = each.results;
    }
    constexpr double half = 0.5;
    if (const auto median = quantileOf(std::move(amounts), half)) {
        measures["results_at_once"] = *median;
    }
    if (const auto median = quantileOf(std::move(gaps), half)) {
        measures["time_between_results"] = *median;
    }
}

void putLatencies(std::vector<double> latencies, Measures& measures) {
    if (latencies.empty()) {
        return;
    }
    measures["latency_p50"] = *quantileOf(latencies, 0.5);
    measures["latency_p99"] = *quantileOf(std::move(latencies), 0.99);
}

/// Backlog: results that are due and do not stand yet.
void measureRecovery(const std::vector<ResultWatch::Point>& points, const Expected& expected, SimTime fault,
                     Measures& measures) {
    std::int64_t before = 0;
    std::optional<SimTime> last;  // at which more waited than before the fault
    std::size_t point = 0;
    std::size_t record = 0;
    std::int64_t made = 0;
    std::int64_t stored = 0;
    while (record < expected.records.size() || point < points.size()) {
        const bool isRecord = record < expected.records.size() &&
                              (point == points.size() || expected.records[record].at <= points[point].at);
        const SimTime at = isRecord ? expected.records[record].at : points[point].at;
        if (at >= fault && made - stored > before) {
            last = at;
        }
        (isRecord ? made : stored) = isRecord ? expected.records[record].results : points[point].results;
        ++(isRecord ? record : point);
        if (at < fault) {
            before = std::max(before, made - stored);
        }
    }
    measures["time_to_recover"] = last ? secondsBetween(fault, *last) : 0;
}

}  // namespace

std::span<const Figure> comparedFigures() {
    return figureRows;
}

void measureMachines(const sim::World& world, Measures& measures) {
    double processor = 0;
    double network = 0;
    double disk = 0;
    double kept = 0;
    std::vector<double> work;
    double busiestShare = 0;
    const double time = secondsBetween(SimTime{}, world.now());
    for (std::uint32_t i = 0; i < world.hostCount(); ++i) {
        const sim::Host& host = world.host(sim::HostId{i});
        work.push_back(seconds(host.cpuTime));
        busiestShare = std::max(busiestShare, work.back() / std::max(1.0, time * host.spec.cores));
        processor += work.back();
        network += static_cast<double>(world.network().card(host.id).bytesSent);
        disk += seconds(host.disk.busyTime());
        kept += static_cast<double>(host.disk.used());
    }
    measures["processor_time"] = processor;
    measures["network"] = network;
    measures["disk_time"] = disk;
    measures["kept_on_disks"] = kept;
    measures["run"] = time;
    constexpr double percent = 100;
    measures["busiest_machine"] = percent * busiestShare;
    const double most = work.empty() ? 0 : *std::max_element(work.begin(), work.end());
    std::erase_if(work, [&](double each) { return each * percent < most; });
    if (most > 0) {
        const double mean = std::accumulate(work.begin(), work.end(), 0.0) / static_cast<double>(work.size());
        measures["evenness"] = percent * mean / most;
    }
}

ByteCount heapsOf(const sim::World& world) {
    static const auto kinds = [] {
        std::map<std::string_view, const scenario::ProcessKind*> rows;
        for (const scenario::Section* section : scenario::sections()) {
            for (const scenario::ProcessKind& each : section->processes()) {
                rows[each.kind] = &each;
            }
        }
        return rows;
    }();
    ByteCount all = 0;
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        const std::string_view name = process.name();
        const auto kind = process.isAlive() ? kinds.find(name.substr(0, name.find('/'))) : kinds.end();
        if (kind != kinds.end()) {
            const scenario::ProcessKind& row = *kind->second;
            all += row.heapOf != nullptr ? row.heapOf(world, process) : row.heap;
        }
    }
    return all;
}

void measureResults(const ResultWatch& watch, const Expected& expected, const scenario::Scenario& scenario,
                    Measures& measures) {
    const std::vector<ResultWatch::Point>& points = watch.points();
    const std::int64_t known = watch.rowsInOrder() + watch.rowsOvertaken();
    if (known > 0) {
        constexpr double percent = 100;
        measures["overtaken"] = percent * static_cast<double>(watch.rowsOvertaken()) / static_cast<double>(known);
    }
    if (points.empty()) {
        return;
    }
    measureModel(points, measures);
    std::vector<double> latencies;
    std::optional<SimTime> first;
    std::int64_t records = 0;
    for (const auto& [source, times] : timesOfSources(scenario)) {
        const auto stood = watch.firstOf().find(source);
        records += static_cast<std::int64_t>(times.size());
        for (std::size_t i = 0; i < times.size(); ++i) {
            first = first ? std::min(*first, times[i]) : times[i];
            if (expected.isWhole || stood == watch.firstOf().end()) {
                continue;
            }
            if (const auto at = stood->second.find(static_cast<std::int64_t>(i)); at != stood->second.end()) {
                latencies.push_back(std::max(0.0, secondsBetween(times[i], at->second)));
            }
        }
    }
    if (expected.isWhole) {
        for (const Expected::Made& each : expected.records) {
            if (const auto at = timeOf(points, each.results)) {
                latencies.push_back(std::max(0.0, secondsBetween(each.at, *at)));
            }
        }
    }
    putLatencies(std::move(latencies), measures);
    if (first && points.back().at > *first) {
        measures["throughput"] = static_cast<double>(records) / secondsBetween(*first, points.back().at);
        measures["first_result"] = secondsBetween(*first, points.front().at);
    }
    if (expected.isWhole && !scenario.faults.empty()) {
        const auto fault = std::min_element(scenario.faults.begin(), scenario.faults.end(),
                                            [](const auto& a, const auto& b) { return a.at < b.at; });
        measureRecovery(points, expected, SimTime{fault->at}, measures);
    }
}

std::vector<bool> bestOf(Figure::Better better, const std::vector<Estimate>& values) {
    std::vector<bool> best(values.size(), false);
    const Estimate* first = nullptr;
    for (const Estimate& each : values) {
        const bool isBetter =
            first == nullptr || (better == Figure::Better::More ? each.mean > first->mean : each.mean < first->mean);
        first = each.n > 0 && isBetter ? &each : first;
    }
    if (better == Figure::Better::Neither || first == nullptr) {
        return best;
    }
    bool differs = false;
    for (std::size_t i = 0; i < values.size(); ++i) {
        best[i] = values[i].n > 0 && values[i].low <= first->high && values[i].high >= first->low;
        differs = differs || (values[i].n > 0 && !best[i]);
    }
    return differs ? best : std::vector<bool>(values.size(), false);
}

TableDifference differenceOf(const TableContent& expected, const TableContent& found) {
    TableDifference difference;
    const auto tell = [&](const std::vector<std::string>& values, std::int64_t wanted, std::int64_t is) {
        constexpr std::size_t most = 10;
        difference.missing += std::max<std::int64_t>(wanted - is, 0);
        difference.surplus += std::max<std::int64_t>(is - wanted, 0);
        if (difference.first.size() < most) {
            std::string text;
            for (const std::string& each : values) {
                text += (text.empty() ? "" : " | ") + each;
            }
            difference.first.push_back({std::move(text), wanted, is});
        }
    };
    for (const auto& [values, count] : expected) {
        const auto other = found.find(values);
        const std::int64_t is = other != found.end() ? other->second : 0;
        ++difference.rows;
        if (is == count) {
            ++difference.equal;
        } else {
            tell(values, count, is);
        }
    }
    for (const auto& [values, count] : found) {
        if (!expected.contains(values) && count != 0) {
            tell(values, 0, count);
        }
    }
    return difference;
}

}  // namespace millrace::lab
