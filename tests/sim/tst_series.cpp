#include <QtTest/QTest>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/sim/series_store.h"

using namespace millrace;
using namespace millrace::sim;
using namespace std::chrono_literals;

namespace {

constexpr Metric levelMetric{"level", "o"};
constexpr Metric countMetric{"count", "o", MetricKind::Counter};
constexpr SimDuration interval = 100ms;

SampleInstant sample(std::int64_t number) {
    return {SimTime{interval * number}, interval};
}

/// A series of which each sample is written, and all points are joined by twos as soon as there are too many.
struct Written {
    bool isCounter = false;
    double last = 0;
    std::uint32_t perPoint = 1;
    std::vector<Series::Point> points;

    void add(SimTime time, double value) {
        const double grown = isCounter && value >= last ? value - last : value;
        last = value;
        const auto narrow = static_cast<float>(grown);
        join(points, {time, narrow, narrow, grown, 1});
        if (points.size() > Series::pointsMax) {
            perPoint *= 2;
            std::vector<Series::Point> joined;
            for (const Series::Point& point : points) {
                join(joined, point);
            }
            points = std::move(joined);
        }
    }
    void join(std::vector<Series::Point>& into, const Series::Point& point) const {
        if (into.empty() || into.back().count == perPoint) {
            into.push_back(point);
            return;
        }
        Series::Point& back = into.back();
        back = {point.time, std::min(back.min, point.min), std::max(back.max, point.max), back.sum + point.sum,
                back.count + point.count};
    }
};

QString difference(const Series& series, const Written& wanted) {
    if (series.points().size() != wanted.points.size()) {
        return QStringLiteral("%1 points, not %2").arg(series.points().size()).arg(wanted.points.size());
    }
    std::uint64_t index = 0;
    const auto isOther = [](const Series::Point& a, const Series::Point& b) {
        return a.time != b.time || a.min != b.min || a.max != b.max || a.count != b.count ||
               std::abs(a.sum - b.sum) > 1e-9 * std::abs(b.sum);
    };
    for (const Series::Point& point : series.points()) {
        const Series::Point& other = wanted.points[index];
        const bool isFoundOtherwise = index % 97 == 0 && isOther(series.points()[index], other);
        if (isOther(point, other) || isFoundOtherwise) {
            return QStringLiteral("point %1 at %2 ns: %3 to %4, sum %5 of %6, not at %7 ns: %8 to %9, sum %10 of %11")
                .arg(index)
                .arg(nanoseconds(point.time))
                .arg(static_cast<double>(point.min))
                .arg(static_cast<double>(point.max))
                .arg(point.sum)
                .arg(point.count)
                .arg(nanoseconds(other.time))
                .arg(static_cast<double>(other.min))
                .arg(static_cast<double>(other.max))
                .arg(other.sum)
                .arg(other.count);
        }
        ++index;
    }
    return {};
}

}  // namespace

class TestSeries : public QObject {
    Q_OBJECT

private slots:
    /// Whatever is left out because nothing has changed is there for who reads, gaps are where they were.
    void readersSeeEverySampleThoughOnlyChangesAreWritten_data() {
        QTest::addColumn<bool>("isCounter");
        QTest::addColumn<double>("changes");  // share of samples
        QTest::addColumn<double>("ends");
        for (const bool isCounter : {false, true}) {
            for (const auto& [changes, ends] :
                 {std::pair{0.0, 0.0}, {0.001, 0.001}, {0.02, 0.0}, {0.3, 0.01}, {1.0, 0.0}}) {
                QTest::addRow("%s that changes at %g of its samples, ends %g", isCounter ? "counter" : "gauge", changes,
                              ends)
                    << isCounter << changes << ends;
            }
        }
    }
    void readersSeeEverySampleThoughOnlyChangesAreWritten() {
        QFETCH(bool, isCounter);
        QFETCH(double, changes);
        QFETCH(double, ends);
        const Metric& metric = isCounter ? countMetric : levelMetric;
        RandomStream random(7, "series");
        SeriesStore store;
        std::optional<ReporterId> reporter;
        Written wanted{.isCounter = isCounter};
        double value = 0;
        for (std::int64_t i = 1; i <= 45'000; ++i) {
            if (reporter && random.uniform() < ends) {
                store.removeReporter(*std::exchange(reporter, std::nullopt));
            }
            store.begin(sample(i));
            const bool isNew = !reporter && random.uniform() < 0.5;
            if (isNew) {
                reporter = store.addReporter();
                value = isCounter ? 0 : value;
            }
            const bool isOther = random.uniform() < changes;
            if (reporter && isOther) {
                value = isCounter ? value + static_cast<double>(random.below(9)) : random.uniform() * 100 - 50;
            }
            if (reporter && (isNew || isOther || i % 1'000 == 0)) {
                SeriesStore::Report(store, *reporter, SeriesStore::Pace::Often, sample(i)).add("o", metric, {}, value);
            }
            if (reporter) {
                wanted.add(sample(i).time, value);
            }
            if ((i == 100 || i == 10'000 || i == 20'001 || i == 31'007 || i == 45'000) && !wanted.points.empty()) {
                const auto series = store.find("o", metric.id);
                QVERIFY(series);
                QCOMPARE(difference(*series, wanted), QString());
                QCOMPARE(series->samplesPerPoint(), wanted.perPoint);
                QCOMPARE(series->last(), wanted.last);
                QCOMPARE(nanoseconds(series->lastTime()), nanoseconds(wanted.points.back().time));
            }
        }
    }

    /// Reporters give this and that, one after the other in any order, and a copy keeps what it has.
    void aStoreKeepsItsSeriesApartInWhateverOrderTheyCome() {
        static constexpr std::array<Metric, 3> kinds{Metric{"n0", "o"}, Metric{"n1", "o"}, Metric{"n2", "o"}};
        SeriesStore store;
        RandomStream random(1, "series");
        std::map<std::string, Written> wanted;
        std::vector<ReporterId> reporters(5);
        std::vector<std::pair<SeriesStore, std::map<std::string, Written>>> copies;
        for (ReporterId& reporter : reporters) {
            reporter = store.addReporter();
        }
        for (std::int64_t i = 1; i <= 600; ++i) {
            store.begin(sample(i));
            for (std::size_t who = 0; who < reporters.size(); ++who) {
                const std::string owner = "o" + std::to_string(who);
                SeriesStore::Report report(store, reporters[who], SeriesStore::Pace::Often, sample(i));
                const std::uint64_t first = random.below(20) == 0 ? random.below(6) : 0;
                const std::uint64_t given = random.below(20) == 0 ? random.below(7) : 6;
                for (std::uint64_t k = 0; k < given; ++k) {
                    const std::uint64_t which = (first + k) % 6;
                    const std::string label = which % 2 == 0 ? "" : "l";
                    const auto value = static_cast<double>(random.below(3));
                    report.add(owner, kinds[which / 2], label, value);
                    wanted[owner + std::string(kinds[which / 2].id) + label].add(sample(i).time, value);
                }
            }
            if (i % 100 == 0) {
                copies.emplace_back(store, wanted);
            }
        }
        copies.emplace_back(store, wanted);
        for (const auto& each : copies) {
            QCOMPARE(each.first.size(), each.second.size());
            each.first.forEach([&](const Series& series) {
                const std::string name = series.id().owner + series.id().name + series.id().label;
                QCOMPARE(difference(series, each.second.at(name)), QString());
            });
        }
    }

    /// Checkpoints share what nobody changes.
    void whatDoesNotChangeIsNotClonedHoweverOftenItIsSampled() {
        SeriesStore store;
        const ReporterId reporter = store.addReporter();
        const auto give = [&](std::int64_t number) {
            store.begin(sample(number));
            SeriesStore::Report report(store, reporter, SeriesStore::Pace::Often, sample(number));
            for (int i = 0; i < 200; ++i) {
                report.add("o", levelMetric, std::to_string(i), i);
            }
        };
        give(1);
        const std::size_t before = bytesCloned();
        for (std::int64_t i = 2; i < 100; ++i) {
            const std::vector<SeriesStore> checkpoint{store};
            give(i);
            const auto then = checkpoint.front().find("o", "level", "7");
            QCOMPARE(then->points().size(), static_cast<std::uint64_t>(i - 1));
        }
        QCOMPARE(bytesCloned() - before, std::size_t{0});
    }
};

QTEST_APPLESS_MAIN(TestSeries)
#include "tst_series.moc"
