#include "tests/spark/topic_count_world.h"  // Before Qt, whose keyword `slots` it uses as a name.

#include <QtTest/QTest>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "engine/spark/presets.h"

using namespace millrace;
using namespace millrace::spark;
using millrace::spark::test::TopicCountWorld;
using millrace::spark::test::WordCountWorld;
using namespace std::chrono_literals;

namespace {

using Options = WordCountWorld::Options;

/// A batch that is done, in seconds.
struct Done {
    double time = 0;
    double ended = 0;
    double scheduling = 0;
    double processing = 0;
    std::int64_t records = 0;
    std::int32_t recomputed = 0;
    [[nodiscard]] double delay() const { return ended - time; }
};

std::vector<Done> doneOf(const DriverActor& driver) {
    std::vector<Done> all;
    for (const auto& [millis, batch] : driver.batches()) {
        if (batch.isDone()) {
            all.push_back({seconds(batch.time), seconds(*batch.ended), seconds(batch.schedulingDelay()),
                           seconds(batch.processingTime()), batch.records, batch.recomputed});
        }
    }
    return all;
}

/// Those that are full, from this time on.
std::vector<Done> fullFrom(const std::vector<Done>& all, double from) {
    std::vector<Done> some;
    std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                 [&](const Done& each) { return each.time >= from && each.records > 0; });
    return some;
}

template <class Each>
std::vector<double> valuesOf(const std::vector<Done>& all, const Each& each) {
    std::vector<double> values;
    std::transform(all.begin(), all.end(), std::back_inserter(values), each);
    return values;
}

double mean(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double quantile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return values[std::min(static_cast<std::size_t>(share * static_cast<double>(values.size())), values.size() - 1)];
}

/// The line of least squares: its slope, and how much of the variance it explains.
std::pair<double, double> lineThrough(const std::vector<double>& x, const std::vector<double>& y) {
    const double meanX = mean(x);
    const double meanY = mean(y);
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xx += (x[i] - meanX) * (x[i] - meanX);
        xy += (x[i] - meanX) * (y[i] - meanY);
        yy += (y[i] - meanY) * (y[i] - meanY);
    }
    return {xy / xx, xy * xy / (xx * yy)};
}

bool isNear(double value, double wanted, double tolerance) {
    return std::abs(value - wanted) <= tolerance * std::abs(wanted);
}

std::string text(std::initializer_list<double> values) {
    std::string all;
    for (const double each : values) {
        all += (all.empty() ? "" : ", ") + QString::number(each, 'g', 5).toStdString();
    }
    return all;
}

/// Few records that cost much: what a law says of time holds of any cost of a record.
Options heavy(double computation) {
    Options options;
    options.rate = 500;
    options.records = 1'000'000'000;
    options.words = 8;
    options.costs.computation = computation;
    return options;
}

double processingOf(const Options& options, double until) {
    WordCountWorld words(options);
    words.world.run(SimTime{fromSeconds(until)});
    return mean(
        valuesOf(fullFrom(doneOf(*words.driver()), until / 2), [](const Done& each) { return each.processing; }));
}

}  // namespace

/// The laws that a faithful model of micro-batches keeps, by their numbers in the reference's table of checks (4.7),
/// with the tolerances given there.
class TestLaws : public QObject {
    Q_OBJECT

private slots:
    /// Law 1. From a record's time to the end of its batch: half the interval and the processing time. The last block
    /// before a batch's time is cut at that very instant and is still the batch's, so that blocks add nothing.
    void theMedianLatencyIsHalfTheIntervalAndTheProcessingTime() {
        Options options;
        options.rate = 1'000;
        options.records = 1'000'000;
        options.batch = 2s;
        WordCountWorld words(options);
        words.world.run(SimTime{60s});
        std::vector<double> latencies;
        std::int64_t next = 0;
        std::vector<double> delays;
        for (const Done& batch : doneOf(*words.driver())) {
            for (std::int64_t i = 0; i < batch.records; ++i, ++next) {
                const double due = static_cast<double>(next) / options.rate;
                if (batch.time > 20) {
                    latencies.push_back(batch.ended - due);
                }
            }
            if (batch.time > 20) {
                delays.push_back(batch.delay());
            }
        }
        const double processing = mean(delays);
        const double interval = seconds(options.batch);
        const double median = quantile(latencies, 0.5);
        const double least = quantile(latencies, 0);
        const double most = quantile(latencies, 1);
        qInfo("median, least, most, P: %s", text({median, least, most, processing}).c_str());
        QVERIFY(isNear(median, interval / 2 + processing, 0.1));
        QVERIFY(least >= processing * 0.9);
        QVERIFY(most <= 1.1 * (interval + processing));
    }

    /// Law 2. Where a batch takes longer than the interval, each waits longer than the one before, along a line.
    void anOverloadedDelayGrowsAlongALine() {
        WordCountWorld words(heavy(2'500));
        words.world.run(SimTime{600s});
        const std::vector<Done> all = fullFrom(doneOf(*words.driver()), 10);
        QVERIFY(all.size() > 20);
        const double processing = mean(valuesOf(all, [](const Done& each) { return each.processing; }));
        const auto times = valuesOf(all, [](const Done& each) { return each.time; });
        const auto delays = valuesOf(all, [](const Done& each) { return each.scheduling; });
        const auto [slope, explained] = lineThrough(times, delays);
        const double longest = delays.back();
        qInfo("P, slope, R2, p50/L, p90/L: %s",
              text({processing, slope, explained, quantile(delays, 0.5) / longest, quantile(delays, 0.9) / longest})
                  .c_str());
        QVERIFY(processing > 1.05);
        QVERIFY(isNear(slope, processing - 1, 0.1));
        QVERIFY(explained > 0.98);
        QVERIFY(isNear(quantile(delays, 0.5) / longest, 0.5, 0.1));
        QVERIFY(isNear(quantile(delays, 0.9) / longest, 0.9, 0.1));
    }

    /// Law 3. From the lag that an overload has after a while follows the same capacity whatever the overload, where
    /// what a batch costs whatever it holds is little: here 2 in a hundred of it, shuffle files and results of a map
    /// task.
    void theCapacityFromTheLagIsTheSameForEachOverload() {
        std::vector<double> capacities;
        for (const double rate : {600.0, 700.0, 800.0}) {
            Options options = heavy(500);
            options.words = 40;
            options.vocabulary = 4;
            options.blockInterval = 1s;
            options.batch = 4s;
            options.rate = rate;
            WordCountWorld words(options);
            words.world.run(SimTime{400s});
            const Done last = doneOf(*words.driver()).back();
            const double span = last.time;
            capacities.push_back(rate * span / (span + last.delay()));
        }
        const auto [least, most] = std::minmax_element(capacities.begin(), capacities.end());
        qInfo("capacities: %s", text({capacities[0], capacities[1], capacities[2]}).c_str());
        QVERIFY(*most / *least < 1.02);
    }

    /// Law 4. A window of 10 s ends at one of several places within a batch: three for batches of 3 s, one for 10 s.
    void aWindowsLatencyHasThePlateausOfItsBatches_data() {
        QTest::addColumn<int>("batch");
        QTest::addColumn<int>("plateaus");
        QTest::newRow("3 s") << 3 << 3;
        QTest::newRow("2 s") << 2 << 1;
        QTest::newRow("10 s") << 10 << 1;
    }
    void aWindowsLatencyHasThePlateausOfItsBatches() {
        QFETCH(int, batch);
        QFETCH(int, plateaus);
        TopicCountWorld::Options options;
        options.batch = std::chrono::seconds{batch};
        options.rate = 50;
        options.lines = 50 * 200;
        options.commits = false;
        TopicCountWorld count(options);
        count.world().run(SimTime{200s});
        const std::vector<Done> all = doneOf(*count.driver());
        constexpr double begins = 5;
        std::map<int, int> modes;  // whole seconds above the processing time, by rounding
        const double processing = mean(valuesOf(fullFrom(all, 20), [](const Done& each) { return each.delay(); }));
        double worst = 0;
        for (int end = 30; end <= 180; end += 10) {
            const auto due = static_cast<std::int64_t>((end - begins) * options.rate);
            std::int64_t seen = 0;
            for (const Done& each : all) {
                seen += each.records;
                if (seen >= due) {
                    const double above = each.ended - end - processing;
                    ++modes[static_cast<int>(std::lround(above))];
                    worst = std::max(worst, std::abs(above - std::round(above)));
                    break;
                }
            }
        }
        std::string shown;
        for (const auto& [mode, windows] : modes) {
            shown += " +" + std::to_string(mode) + " s: " + std::to_string(windows);
        }
        qInfo("P %s s,%s, at most %s s beside", text({processing}).c_str(), shown.c_str(), text({worst}).c_str());
        // A window whose last record slips comes one batch later: a second set of plateaus.
        std::map<int, int> within;
        for (const auto& [mode, windows] : modes) {
            within[(mode % batch + batch) % batch] += windows;
        }
        QCOMPARE(static_cast<int>(within.size()), plateaus);
        for (const auto& [mode, windows] : within) {
            QVERIFY(std::abs(windows - 16 / plateaus) <= 1);
        }
        QVERIFY(worst <= 0.05 * batch);
        for (const auto& [mode, windows] : modes) {
            QVERIFY(mode >= 0 && mode < 2 * batch);
        }
    }

    /// Law 5. Each batch has costs of its own, so that the same load is too much for short intervals and not for long.
    void aLongerIntervalSustainsWhatAShorterDoesNot() {
        Options options = heavy(600);
        options.costs.jobGeneration = 100ms;
        options.batch = 250ms;
        options.blockInterval = 50ms;
        const double small = processingOf(options, 40);
        options.batch = 1s;
        options.blockInterval = 200ms;
        const double large = processingOf(options, 40);
        qInfo("P at 0.25 s and at 1 s: %s", text({small, large}).c_str());
        QVERIFY(small + 0.1 > 0.25);
        QVERIFY(large + 0.1 < 1);
    }

    /// Law 8. What a lost executor takes along is computed again from the last checkpoint on, by all that are left:
    /// twice as old, twice the delay; on twice as many machines with twice the load, half of it.
    void recoveryTakesAsLongAsTheCheckpointIsOld() {
        struct Recovery {
            double delay = 0;  ///< beyond what batches take, in seconds
            double tasks = 0;  ///< that were computed again
        };
        const auto recovery = [](SimDuration interval, std::int32_t workers) {
            constexpr std::int32_t few = 4;
            Options options = heavy(800);
            options.batch = 4s;
            options.rate *= static_cast<double>(workers) / few;
            options.blockInterval = 200ms * few / workers;
            options.partitions = 3 * workers;
            options.state = true;
            options.keepsUntilAcknowledged = true;
            options.checkpointInterval = interval;
            options.workers = workers;
            WordCountWorld words(options);
            const double before = 62.3 + seconds(interval);
            // Right before the next checkpoint.
            words.world.run(SimTime{fromSeconds(before)});
            const auto& place = words.driver()->receivers().begin()->second;
            for (const auto& [id, executor] : words.driver()->executors()) {
                if (id != place.executor) {
                    words.crash(words.executor(id.value));
                    break;
                }
            }
            words.world.run(SimTime{fromSeconds(before + 120)});
            const std::vector<Done> all = doneOf(*words.driver());
            const double usual = mean(valuesOf(
                [&] {
                    std::vector<Done> some;
                    std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                                 [&](const Done& each) { return each.time > 40 && each.time < before - 8; });
                    return some;
                }(),
                [](const Done& each) { return each.processing; }));
            Recovery found;
            for (const Done& each : all) {
                if (each.time >= before - 4 && each.time < before + 40) {
                    found.delay += std::max(0.0, each.processing - usual);
                }
                found.tasks += each.recomputed;
            }
            qInfo("checkpoints every %s s, %d workers: usual %s s, %s s more, %s tasks again",
                  text({seconds(interval)}).c_str(), workers, text({usual}).c_str(), text({found.delay}).c_str(),
                  text({found.tasks}).c_str());
            return found;
        };
        const Recovery young = recovery(16s, 4);
        const Recovery middle = recovery(32s, 4);
        const Recovery old = recovery(64s, 4);
        const Recovery onMore = recovery(64s, 8);
        QVERIFY(isNear(middle.delay / young.delay, 2, 0.2));
        QVERIFY(isNear(old.delay / middle.delay, 2, 0.2));
        QVERIFY(isNear(old.delay / onMore.delay, 2, 0.2));
        QVERIFY(old.tasks > middle.tasks && middle.tasks > young.tasks);
    }

    /// Law 9. A machine whose cores do an eleventh of their work makes a batch take 5.5 times as long; where its tasks
    /// are run a second time elsewhere, with the multiplier of the D-Streams prototype (1.4), 1.8 times. As there, a
    /// batch has about two map tasks for each core and few reduce tasks.
    void speculationLeavesLittleOfAStraggler() {
        const auto processing = [](double slow, bool speculation) {
            Options options = heavy(1'500);
            options.rate = 250;
            options.batch = 2s;
            options.workers = 6;
            options.cores = 4;
            options.blockInterval = 50ms;
            options.partitions = 4;
            options.speculation = speculation;
            options.speculationMultiplier = 1.4;
            WordCountWorld words(options);
            words.world.run(SimTime{10s});
            for (const auto& [id, executor] : words.driver()->executors()) {
                if (id != words.driver()->receivers().begin()->second.executor && slow > 1) {
                    words.slow(executor.host, slow);
                    break;
                }
            }
            words.world.run(SimTime{40s});
            return mean(
                valuesOf(fullFrom(doneOf(*words.driver()), 12), [](const Done& each) { return each.processing; }));
        };
        const double usual = processing(1, false);
        const double straggler = processing(11, false);
        const double with = processing(11, true);
        qInfo("usual, straggler, with speculation: %s; ratios %s", text({usual, straggler, with}).c_str(),
              text({straggler / usual, with / usual}).c_str());
        QVERIFY(isNear(straggler / usual, 5.5, 0.25));
        QVERIFY(isNear(with / usual, 1.8, 0.25));
    }

    /// Law 10. Six in a hundred above the capacity, and after half an hour the latency is ten times what it was.
    void aLittleAboveTheCapacityTheLatencyJumps() {
        Options calibrated = heavy(1'500);
        for (int round = 0; round < 6; ++round) {
            calibrated.rate /= processingOf(calibrated, 60);
        }
        const auto median = [&](double share) {
            Options options = calibrated;
            options.rate *= share;
            WordCountWorld words(options);
            words.world.run(SimTime{1'800s});
            return quantile(valuesOf(doneOf(*words.driver()), [](const Done& each) { return each.delay(); }), 0.5);
        };
        const double below = median(0.97);
        const double above = median(1.06);
        qInfo("capacity %s/s; medians below and above: %s", text({calibrated.rate}).c_str(),
              text({below, above}).c_str());
        QVERIFY(above / below > 10);
    }

    /// Law 11. A driver without a checkpoint begins at its last commit: what it writes twice is what lies behind that,
    /// exactly; where the sink writes once the totals are those of the records.
    void theSurplusIsWhatLiesBehindTheLastCommit() {
        TopicCountWorld::Options options;
        options.checkpoints = false;
        TopicCountWorld count(options);
        sim::World& world = count.world();
        world.run(SimTime{10400ms});
        std::int64_t done = 0;
        for (const DriverActor::Position& each : count.driver()->positions()) {
            done += std::max<std::int64_t>(each.done, 0);
        }
        const std::int64_t committed = done - count.driver()->uncommitted();
        sim::FaultSpec fault;
        fault.kind = FaultKind::Crash;
        fault.target = "process:driver/lines";
        fault.duration = 2s;
        world.injectFault(fault);
        world.run(SimTime{60s});
        std::int64_t written = 0;
        for (const sim::NumberedEffect& each : world.takeEffects()) {
            for (const auto& request : static_cast<const ingest::SinkEffect&>(*each.effect).requests()) {
                written += static_cast<std::int64_t>(request->writes.size());
            }
        }
        constexpr std::int64_t wordsPerLine = 2;
        qInfo("done %lld, committed %lld, written %lld", static_cast<long long>(done),
              static_cast<long long>(committed), static_cast<long long>(written));
        QVERIFY(done > committed);
        QCOMPARE(written, (1'000 + done - committed) * wordsPerLine);
    }

    /// Law 14, of the engine that adds up before it sends: that one word is every third makes no batch longer. (The one
    /// that sends every word to its task: tests/lab/tst_compare.)
    void aSkewedKeyMakesNoBatchLonger() {
        const auto processing = [](double exponent) {
            Options options = heavy(400);
            options.vocabulary = 1'000;
            options.exponent = exponent;
            return processingOf(options, 40);
        };
        const double even = processing(0.01);
        const double skewed = processing(1.3);
        qInfo("P of even words, of skewed ones: %s", text({even, skewed}).c_str());
        QVERIFY(skewed < 1.05 * even);
    }

    /// Law 15. Back-pressure moves the queue from the driver to the topic: delays settle below the interval while the
    /// lag grows. (The controller's closed form: tst_spark.)
    void backpressureMovesTheQueueToTheSource() {
        TopicCountWorld::Options options;
        options.rate = 1'000;
        options.lines = 100'000;
        options.backpressure = true;
        options.costs.computation = 30'000;
        TopicCountWorld count(options);
        count.world().run(SimTime{60s});
        const std::int64_t early = count.driver()->lag();
        count.world().run(SimTime{90s});
        const std::int64_t late = count.driver()->lag();
        const std::vector<Done> all = fullFrom(doneOf(*count.driver()), 60);
        const double longest = quantile(valuesOf(all, [](const Done& each) { return each.scheduling; }), 1);
        qInfo("lag at 60 s and at 90 s: %lld, %lld; longest scheduling delay %s s", static_cast<long long>(early),
              static_cast<long long>(late), text({longest}).c_str());
        QVERIFY(late > early + 5'000);
        QVERIFY(longest < 1);
    }
};

QTEST_APPLESS_MAIN(TestLaws)
#include "tst_laws.moc"
