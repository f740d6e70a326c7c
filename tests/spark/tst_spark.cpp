#include <QtTest/QTest>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "engine/base/random.h"
#include "engine/ingest/sink_process.h"
#include "engine/spark/core/block_store.h"
#include "engine/spark/core/dag_scheduler.h"
#include "engine/spark/core/executor.h"
#include "engine/spark/core/standalone.h"
#include "engine/spark/core/task_scheduler.h"
#include "engine/spark/operators/keyed.h"
#include "engine/spark/operators/narrow.h"
#include "engine/spark/streaming/driver.h"
#include "engine/spark/streaming/output.h"
#include "engine/spark/streaming/recovery_time.h"
#include "engine/spark/streaming/source_server.h"
#include "tests/spark/word_count_world.h"

using namespace millrace;
using namespace millrace::spark;
using millrace::spark::test::WordCountWorld;
using namespace std::chrono_literals;

namespace {

RowsRef textRows(const std::vector<std::string>& texts) {
    auto rows = makeRef<Rows>(1);
    auto arena = makeRef<TextArena>();
    for (const std::string& text : texts) {
        rows->cells.push_back(Cell::ofText(arena->keep(text)));
    }
    rows->owners.push_back(arena);
    return rows;
}

std::map<std::string, std::int64_t> asMap(const Rows& rows) {
    std::map<std::string, std::int64_t> all;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        all[rows.at(i, 0).toText()] += rows.at(i, 1).asLong();
    }
    return all;
}

/// input -> map -> shuffle -> reduce, as a graph without a cluster.
struct SmallGraph {
    Lineage lineage;
    RddId input;
    RddId mapped;
    RddId reduced;
    ShuffleId shuffle;

    explicit SmallGraph(std::int32_t maps = 4, std::int32_t reduces = 2) {
        auto in = makeRef<Rdd>();
        in->name = "socketTextStream";
        in->partitions = maps;
        for (std::int32_t i = 0; i < maps; ++i) {
            in->blocks.push_back({inputBlock(StreamId{0}, i), 10, 100, {}, -1});
        }
        input = lineage.add(std::move(in));
        auto map = makeRef<Rdd>();
        map->name = "map";
        map->partitions = maps;
        map->dependencies = {NarrowDependency{input}};
        mapped = lineage.add(std::move(map));
        auto file = makeRef<Shuffle>();
        file->parent = mapped;
        file->maps = maps;
        file->reduces = reduces;
        shuffle = lineage.addShuffle(std::move(file));
        auto reduce = makeRef<Rdd>();
        reduce->name = "reduceByKey";
        reduce->partitions = reduces;
        reduce->dependencies = {ShuffleDependency{shuffle, mapped}};
        reduced = lineage.add(std::move(reduce));
    }
    [[nodiscard]] JobRequest request(std::int32_t number) const {
        JobRequest job;
        job.id = JobId{number};
        job.rdd = reduced;
        job.output = 0;
        return job;
    }
};

/// Whether an executor holds a receiver.
struct ReceiverIsThere {
    bool is = false;
    ReceiverIsThere(const DriverActor* driver, ExecutorId id) {
        for (const auto& [stream, place] : driver->receivers()) {
            is = is || place.executor == id;
        }
    }
    explicit operator bool() const { return is; }
};

}  // namespace

class TestSpark : public QObject {
    Q_OBJECT

private slots:
    void whatNoRootNeedsIsForgottenAndNothingElse() {
        RandomStream random(20'261, "lineage");
        const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random.below(limit)); };
        Lineage lineage;
        std::map<RddId, std::set<RddId>> parents;  // of what must be there
        std::map<RddId, std::set<ShuffleId>> shuffles;
        std::vector<RddId> roots;
        for (int step = 0; step < 2000; ++step) {
            std::vector<RddId> known;
            for (const auto& [id, needed] : parents) {
                known.push_back(id);
            }
            for (std::size_t i = below(3); i > 0; --i) {
                auto rdd = makeRef<Rdd>();
                rdd->partitions = 1;
                std::set<RddId> needed;
                std::set<ShuffleId> files;
                for (std::size_t j = known.empty() ? 0 : below(3); j > 0; --j) {
                    const RddId parent = known[known.size() - 1 - below(std::min<std::size_t>(known.size(), 6))];
                    if (below(2) == 0) {
                        rdd->dependencies.emplace_back(NarrowDependency{parent});
                    } else {
                        auto file = makeRef<Shuffle>();
                        file->parent = parent;
                        file->maps = 1;
                        files.insert(lineage.addShuffle(std::move(file)));
                        rdd->dependencies.emplace_back(ShuffleDependency{*files.rbegin(), parent});
                    }
                    needed.insert(parent);
                }
                const RddId id = lineage.add(std::move(rdd));
                parents[id] = needed;
                shuffles[id] = files;
                known.push_back(id);
                roots.push_back(id);
            }
            if (!known.empty() && below(8) == 0) {
                const RddId cut = known[below(known.size())];
                lineage.cut(cut);
                parents[cut].clear();
                shuffles[cut].clear();
            }
            while (roots.size() > 8 || (!roots.empty() && below(3) == 0)) {
                roots.erase(roots.begin() + static_cast<std::ptrdiff_t>(below(roots.size())));
            }
            lineage.keepOnly(roots);
            std::set<RddId> reached;
            std::set<ShuffleId> kept;
            std::vector<RddId> open = roots;
            while (!open.empty()) {
                const RddId next = open.back();
                open.pop_back();
                if (reached.insert(next).second) {
                    open.insert(open.end(), parents[next].begin(), parents[next].end());
                    kept.insert(shuffles[next].begin(), shuffles[next].end());
                }
            }
            QCOMPARE(lineage.size(), std::uint64_t{reached.size()});
            for (const auto& [id, files] : std::map(shuffles)) {
                QCOMPARE(lineage.hasRdd(id), reached.contains(id));
                for (const ShuffleId file : files) {
                    QCOMPARE(lineage.hasShuffle(file), kept.contains(file));
                }
                if (!reached.contains(id)) {
                    parents.erase(id);
                    shuffles.erase(id);
                }
            }
        }
    }

    void theRateEstimatorGivesItsClosedForm_data() {
        QTest::addColumn<double>("processing");
        QTest::addColumn<double>("scheduling");
        QTest::addColumn<double>("rate");
        QTest::newRow("no delay") << 2.0 << 0.0 << 5000.0;
        QTest::newRow("one interval late") << 2.0 << 1.0 << 4000.0;
        QTest::newRow("six intervals late: the floor") << 2.0 << 6.0 << 100.0;
    }
    void theRateEstimatorGivesItsClosedForm() {
        QFETCH(double, processing);
        QFETCH(double, scheduling);
        QFETCH(double, rate);
        RateEstimator estimator({.batchSeconds = 1});
        QVERIFY(!estimator.compute(1, 10'000, processing, 0));  // the first only seeds
        QVERIFY(!estimator.compute(2, 0, processing, 0));       // nothing came
        QVERIFY(!estimator.compute(1, 10'000, processing, 0));  // no newer
        const auto got = estimator.compute(3, 10'000, processing, scheduling);
        QVERIFY(got.has_value());
        QCOMPARE(*got, rate);
    }

    /// The table of minutes that a checkpoint of one minute's age costs (reference 2.1): exact, to the last digit
    /// shown.
    void theTimeToRecoverHasItsClosedForm_data() {
        QTest::addColumn<double>("load");
        QTest::addColumn<QString>("times");  // upstream backup; parallel on 5, 10, 20 machines
        QTest::newRow("0.5") << 0.5 << "1.000 0.267 0.113 0.053";
        QTest::newRow("0.6") << 0.6 << "1.500 0.480 0.180 0.081";
        QTest::newRow("0.7") << 0.7 << "2.333 1.120 0.315 0.133";
        QTest::newRow("0.8") << 0.8 << "4.000 inf 0.720 0.253";
        QTest::newRow("0.9") << 0.9 << "9.000 inf inf 0.855";
        QTest::newRow("full") << 1.0 << "inf inf inf inf";
        QTest::newRow("nothing to do") << 0.0 << "0.000 0.000 0.000 0.000";
    }
    void theTimeToRecoverHasItsClosedForm() {
        QFETCH(double, load);
        QFETCH(QString, times);
        QStringList got{QString::number(upstreamBackupTime(load), 'f', 3)};
        for (const int machines : {5, 10, 20}) {
            got.append(QString::number(parallelRecoveryTime(load, machines), 'f', 3));
        }
        QCOMPARE(got.join(QLatin1Char(' ')), times);
        QVERIFY(std::isinf(parallelRecoveryTime(load, 1)));
    }

    void keysGoWhereJavasHashCodeSendsThem() {
        QCOMPARE(Cell::ofText("spark").hashCode(), 109638365);
        QCOMPARE(Cell::ofText("").hashCode(), 0);
        QCOMPARE(Cell::ofText("polygenelubricants").hashCode(), std::numeric_limits<std::int32_t>::min());
        QCOMPARE(partitionOf(Cell::ofText("polygenelubricants"), 7), 5);  // -2147483648 mod 7, made positive
        QCOMPARE(Cell::ofLong(1LL << 32U).hashCode(), 1);
    }

    void aReductionIsTheSameWithAndWithoutCombiner() {
        Work work;
        const std::vector<RowsRef> words{textRows({"a", "b", "a"}), textRows({"b", "c", "a"})};
        const auto reducer = makeReducer(Reduction::Sum, {0, -1});
        std::vector<RowsRef> combined;
        for (const RowsRef& each : words) {
            combined.push_back(reducer->combine({each}, work));
        }
        const RowsRef direct = makeReduction(Reduction::Sum, {0, -1})->apply({words}, {}, work);
        const RowsRef behind = makeReduction(Reduction::Sum)->apply({combined}, {}, work);
        const std::map<std::string, std::int64_t> wanted{{"a", 3}, {"b", 2}, {"c", 1}};
        QCOMPARE(asMap(*direct), wanted);
        QCOMPARE(asMap(*behind), wanted);
    }

    void everyRowGoesToExactlyOneReducer() {
        Work work;
        Shuffle shuffle;
        shuffle.reduces = 3;
        std::vector<std::string> texts;
        for (int i = 0; i < 200; ++i) {
            texts.push_back("k" + std::to_string(i % 40));
        }
        const std::vector<RowsRef> parts = splitForShuffle(shuffle, textRows(texts), work);
        std::size_t rows = 0;
        std::map<std::string, std::size_t> reducerOf;
        for (std::size_t r = 0; r < parts.size(); ++r) {
            for (std::size_t i = 0; parts[r] && i < parts[r]->size(); ++i) {
                ++rows;
                const auto [at, isNew] = reducerOf.try_emplace(parts[r]->at(i, 0).toText(), r);
                QVERIFY(isNew || at->second == r);
            }
        }
        QCOMPARE(rows, texts.size());
    }

    void anInverseWindowEqualsTheWindowComputedAnew() {
        Work work;
        const auto count = [&](const std::vector<std::string>& words) {
            return makeReduction(Reduction::Sum, {0, -1})->apply({{textRows(words)}}, {}, work);
        };
        const std::vector<RowsRef> batches{count({"a", "b"}), count({"a"}), count({"c", "a"}), count({"b"})};
        const RowsRef first =
            makeInverseWindow(false, 0, false)->apply({{batches[0]}, {batches[1]}, {batches[2]}}, {}, work);
        const RowsRef second =
            makeInverseWindow(true, 1, false)->apply({{first}, {batches[0]}, {batches[3]}}, {}, work);
        const RowsRef anew = makeReduction(Reduction::Sum)->apply({{batches[1], batches[2], batches[3]}}, {}, work);
        QCOMPARE(asMap(*second), asMap(*anew));
        const RowsRef third =
            makeInverseWindow(true, 2, false)->apply({{second}, {batches[1]}, {batches[2]}}, {}, work);
        QCOMPARE(third->size(), std::size_t{3});  // keys at zero stay,
        const RowsRef filtered =
            makeInverseWindow(true, 2, true)->apply({{second}, {batches[1]}, {batches[2]}}, {}, work);
        QCOMPARE(asMap(*filtered), (std::map<std::string, std::int64_t>{{"b", 1}}));  // unless a filter drops them
    }

    void stateGrowsOverBatchesAndSilentKeysTimeOut() {
        Work work;
        const auto count = [&](const std::vector<std::string>& words) {
            return makeReduction(Reduction::Sum, {0, -1})->apply({{textRows(words)}}, {}, work);
        };
        const RowsRef one = makeStateUpdate(Reduction::Sum, false, false)->apply({{count({"a", "b"})}}, {}, work);
        const RowsRef two = makeStateUpdate(Reduction::Sum, true, false)->apply({{one}, {count({"a", "c"})}}, {}, work);
        QCOMPARE(asMap(*two), (std::map<std::string, std::int64_t>{{"a", 2}, {"b", 1}, {"c", 1}}));
        const RowsRef m1 =
            makeMapWithState(Reduction::Sum, false, 0)->apply({{count({"a", "b"})}}, {0, 1, 1'000}, work);
        const RowsRef m2 =
            makeMapWithState(Reduction::Sum, true, 0)->apply({{m1}, {count({"a"})}}, {0, 1, 2'000}, work);
        QCOMPARE(asMap(*m2), (std::map<std::string, std::int64_t>{{"a", 2}}));  // only keys of the batch are given
        QCOMPARE(m2->state->size(), std::uint64_t{2});
        const RowsRef m3 = makeMapWithState(Reduction::Sum, true, 1'500)->apply({{m2}, {}}, {0, 1, 3'000}, work);
        QCOMPARE(m3->state->size(), std::uint64_t{1});  // b has been silent for 2 s
        QCOMPARE(m2->state->size(), std::uint64_t{2});  // what was before stays as it was
    }

    void theLeastRecentlyUsedBlockOfAnotherRddGoesFirst() {
        const RowsRef rows = textRows({"0123456789"});
        const ByteCount size = rows->bytes();
        BlockStore store(size * 3);
        const auto block = [](std::int32_t rdd, std::int32_t partition) { return rddBlock(RddId{rdd}, partition); };
        QVERIFY(store.put(block(1, 0), rows, memoryOnly).isKept);
        QVERIFY(store.put(block(1, 1), rows, memoryAndDisk).isKept);
        QVERIFY(store.put(block(2, 0), rows, memoryOnly).isKept);
        bool fromDisk = true;
        QVERIFY(store.get(block(1, 0), fromDisk));
        QVERIFY(!fromDisk);
        const BlockStore::Change change = store.put(block(3, 0), rows, memoryOnly);
        QVERIFY(change.isKept);
        QCOMPARE(change.toDisk, std::vector<BlockId>{block(1, 1)});  // used longest ago, and may go to disk
        QVERIFY(store.get(block(1, 1), fromDisk));
        QVERIFY(fromDisk);
        QCOMPARE(store.put(block(3, 1), rows, memoryOnly).dropped, std::vector<BlockId>{block(2, 0)});
        QCOMPARE(store.put(block(3, 2), rows, memoryOnly).dropped, std::vector<BlockId>{block(1, 0)});
        QVERIFY(!store.put(block(3, 3), rows, memoryOnly).isKept);  // never at the cost of its own RDD
    }

    void aStageIsSkippedWhenItsFilesAreThere() {
        SmallGraph graph;
        DagScheduler dag;
        DagScheduler::Outcome outcome;
        dag.submit(graph.lineage, graph.request(1), outcome);
        QCOMPARE(outcome.submitted.size(), std::size_t{1});
        QCOMPARE(outcome.submitted.front()->partitions.size(), std::size_t{4});
        const TaskSetRef maps = outcome.submitted.front();
        outcome = {};
        for (const Partition p : maps->partitions) {
            dag.taskSucceeded(graph.lineage, maps->stage, maps->attempt, p, ExecutorId{p % 2}, outcome);
        }
        QCOMPARE(outcome.submitted.size(), std::size_t{1});
        const TaskSetRef reduces = outcome.submitted.front();
        QVERIFY(!reduces->shuffle);
        outcome = {};
        for (const Partition p : reduces->partitions) {
            dag.taskSucceeded(graph.lineage, reduces->stage, reduces->attempt, p, ExecutorId{0}, outcome);
        }
        QCOMPARE(outcome.ended.size(), std::size_t{1});
        outcome = {};
        dag.submit(graph.lineage, graph.request(2), outcome);
        QCOMPARE(outcome.submitted.size(), std::size_t{1});
        QVERIFY(!outcome.submitted.front()->shuffle);
        const std::vector<StageInfo> stages = dag.stagesOf(JobId{2});
        QCOMPARE(stages.size(), std::size_t{2});
        QVERIFY(stages.front().isSkipped);
    }

    void exactlyWhatWasLostIsComputedAgain() {
        SmallGraph graph;
        DagScheduler dag;
        DagScheduler::Outcome outcome;
        dag.submit(graph.lineage, graph.request(1), outcome);
        const TaskSetRef maps = outcome.submitted.front();
        outcome = {};
        for (const Partition p : maps->partitions) {
            dag.taskSucceeded(graph.lineage, maps->stage, maps->attempt, p, ExecutorId{p == 2 ? 7 : 0}, outcome);
        }
        const TaskSetRef reduces = outcome.submitted.front();
        outcome = {};
        dag.fetchFailed(graph.lineage, reduces->stage, reduces->attempt, graph.shuffle, ExecutorId{7}, outcome);
        QVERIFY(outcome.resubmitSoon);
        QCOMPARE(outcome.cancelled, std::vector<StageId>{reduces->stage});
        outcome = {};
        dag.resubmit(graph.lineage, outcome);
        QCOMPARE(outcome.submitted.size(), std::size_t{1});
        QCOMPARE(outcome.submitted.front()->partitions, std::vector<Partition>{2});
        QCOMPARE(outcome.submitted.front()->again, std::vector<Partition>{2});
        const TaskSetRef again = outcome.submitted.front();
        outcome = {};
        dag.taskSucceeded(graph.lineage, again->stage, again->attempt, 2, ExecutorId{0}, outcome);
        QCOMPARE(outcome.submitted.size(), std::size_t{1});
        QCOMPARE(outcome.submitted.front()->partitions.size(), std::size_t{2});
    }

    void aStageThatCannotFetchFourTimesInARowEndsItsJob() {
        SmallGraph graph(1, 1);
        DagScheduler dag;
        DagScheduler::Outcome outcome;
        dag.submit(graph.lineage, graph.request(1), outcome);
        for (int i = 0; i < 4; ++i) {
            const TaskSetRef map = outcome.submitted.front();
            QVERIFY(map->shuffle);
            outcome = {};
            dag.taskSucceeded(graph.lineage, map->stage, map->attempt, 0, ExecutorId{i}, outcome);
            const TaskSetRef reduce = outcome.submitted.front();
            outcome = {};
            dag.fetchFailed(graph.lineage, reduce->stage, reduce->attempt, graph.shuffle, ExecutorId{i}, outcome);
            if (i < 3) {
                outcome = {};
                dag.resubmit(graph.lineage, outcome);
            }
        }
        QCOMPARE(outcome.ended.size(), std::size_t{1});
        QVERIFY(!outcome.ended.front().succeeded);
    }

    void tasksWaitForThePlaceOfTheirDataAndThenGoElsewhere() {
        SmallGraph graph(2, 1);
        for (int i = 0; i < 2; ++i) {
            graph.lineage.notePut(inputBlock(StreamId{0}, i), ExecutorId{0});
        }
        DagScheduler dag;
        DagScheduler::Outcome outcome;
        dag.submit(graph.lineage, graph.request(1), outcome);
        TaskScheduler tasks;
        tasks.submit(outcome.submitted.front(), graph.lineage, SimTime{});
        std::vector<ExecutorPlace> places{{ExecutorId{0}, "a", {}, 1}, {ExecutorId{1}, "b", {}, 4}};
        const auto first = tasks.offer(places, SimTime{});
        QCOMPARE(first.size(), std::size_t{1});
        QCOMPARE(first.front().locality, Locality::ProcessLocal);
        places = {{ExecutorId{0}, "a", {}, 0}, {ExecutorId{1}, "b", {}, 4}};
        QVERIFY(tasks.offer(places, SimTime{2900ms}).empty());
        const auto second = tasks.offer(places, SimTime{6100ms});
        QCOMPARE(second.size(), std::size_t{1});
        QCOMPARE(second.front().locality, Locality::Any);
        QCOMPARE(second.front().executor, ExecutorId{1});
    }

    void aTaskThatFailsFourTimesEndsItsSet() {
        SmallGraph graph(1, 1);
        DagScheduler dag;
        DagScheduler::Outcome outcome;
        dag.submit(graph.lineage, graph.request(1), outcome);
        TaskScheduler tasks;
        tasks.submit(outcome.submitted.front(), graph.lineage, SimTime{});
        for (int i = 0; i < 4; ++i) {
            std::vector<ExecutorPlace> places{{ExecutorId{0}, "a", {}, 1}};
            const auto launched = tasks.offer(places, SimTime{});
            QCOMPARE(launched.size(), std::size_t{1});
            const auto ended = tasks.failed(launched.front().task, true, "broken");
            QVERIFY(ended.has_value());
            QCOMPARE(ended->aborts.has_value(), i == 3);
        }
    }

    void theSlowestTaskIsRunASecondTimeAndTheFirstToFinishWins() {
        SmallGraph graph(4, 1);
        DagScheduler dag;
        DagScheduler::Outcome outcome;
        dag.submit(graph.lineage, graph.request(1), outcome);
        SchedulingSettings settings;
        settings.speculation = true;
        TaskScheduler tasks(settings);
        tasks.submit(outcome.submitted.front(), graph.lineage, SimTime{});
        std::vector<ExecutorPlace> places{{ExecutorId{0}, "a", {}, 2}, {ExecutorId{1}, "b", {}, 3}};
        const auto launched = tasks.offer(places, SimTime{});
        QCOMPARE(launched.size(), std::size_t{4});
        for (std::size_t i = 1; i < 4; ++i) {
            QVERIFY(tasks.succeeded(launched[i].task, SimTime{1s}));
        }
        tasks.speculate(SimTime{1400ms});
        places = {{ExecutorId{0}, "a", {}, 2}, {ExecutorId{1}, "b", {}, 2}};
        QVERIFY(tasks.offer(places, SimTime{1400ms}).empty());
        tasks.speculate(SimTime{1600ms});
        const auto copy = tasks.offer(places, SimTime{1600ms});
        QCOMPARE(copy.size(), std::size_t{1});
        QVERIFY(copy.front().isSpeculative);
        QVERIFY(copy.front().executor != launched.front().executor);
        const auto ended = tasks.succeeded(copy.front().task, SimTime{2s});
        QVERIFY(ended && ended->isNews);
        QCOMPARE(ended->superfluous.size(), std::size_t{1});
        QCOMPARE(ended->superfluous.front().first, launched.front().task);
        QCOMPARE(tasks.running(), 0);
    }

    void aSpeculativeCopyGoesToAnotherHost() {
        SmallGraph graph(4, 1);
        DagScheduler dag;
        DagScheduler::Outcome outcome;
        dag.submit(graph.lineage, graph.request(1), outcome);
        SchedulingSettings settings;
        settings.speculation = true;
        TaskScheduler tasks(settings);
        tasks.submit(outcome.submitted.front(), graph.lineage, SimTime{});
        std::vector<ExecutorPlace> places{{ExecutorId{0}, "a", {}, 4}};
        const auto launched = tasks.offer(places, SimTime{});
        QCOMPARE(launched.size(), std::size_t{4});
        for (std::size_t i = 1; i < 4; ++i) {
            QVERIFY(tasks.succeeded(launched[i].task, SimTime{100ms}).has_value());
        }
        tasks.speculate(SimTime{1s});
        places = {{ExecutorId{0}, "a", {}, 0}, {ExecutorId{1}, "a", {}, 4}, {ExecutorId{2}, "b", {}, 1}};
        const auto copies = tasks.offer(places, SimTime{1s});
        QCOMPARE(copies.size(), std::size_t{1});
        QCOMPARE(copies.front().executor, ExecutorId{2});
        QVERIFY(copies.front().isSpeculative);
    }

    void executorsComeWithTheBacklogAndGoWhenTheyAreIdle() {
        BacklogAllocation::Settings settings;
        settings.isEnabled = true;
        settings.least = 1;
        BacklogAllocation allocation(settings);
        std::vector<std::int32_t> targets;
        for (int tenths = 0; tenths <= 50; ++tenths) {
            const SimTime now{tenths * 100ms};
            if (allocation.look(now, 100, 4, 4)) {
                targets.push_back(allocation.target());
            }
        }
        // One more after a second, then twice as many each second, up to what the tasks need.
        QCOMPARE(targets, (std::vector<std::int32_t>{2, 4, 8, 16, 26}));
        QVERIFY(allocation.look(SimTime{6s}, 0, 4, 4));
        QCOMPARE(allocation.target(), 1);
        const std::map<ExecutorId, bool> isBusy{{ExecutorId{0}, true}, {ExecutorId{1}, false}, {ExecutorId{2}, false}};
        QVERIFY(allocation.idle(SimTime{6s}, isBusy).empty());
        QVERIFY(allocation.idle(SimTime{65s}, isBusy).empty());
        QCOMPARE(allocation.idle(SimTime{66s}, isBusy), (std::vector<ExecutorId>{ExecutorId{1}, ExecutorId{2}}));
    }

    void executorsFollowTheRatioOfProcessingTimeToInterval() {
        RatioAllocation allocation(RatioAllocation::Settings{true});
        QVERIFY(!allocation.decide(1s, 2, 1).has_value());
        allocation.batchDone(1900ms);
        allocation.batchDone(1500ms);
        QCOMPARE(allocation.decide(1s, 2, 1)->total, 4);
        allocation.batchDone(500ms);
        QCOMPARE(allocation.decide(1s, 4, 1)->total, 4);
        allocation.batchDone(300ms);
        QVERIFY(allocation.decide(1s, 4, 1)->givesOneBack);
        allocation.batchDone(100ms);
        QVERIFY(!allocation.decide(1s, 1, 1)->givesOneBack);
    }

    void anApplicationWithLittleToDoGivesExecutorsBack() {
        WordCountWorld::Options options;
        options.records = 1'000'000;
        options.keepsUntilAcknowledged = true;
        options.ratio.isEnabled = true;
        options.ratio.interval = 10s;
        WordCountWorld words(options);
        words.world.run(SimTime{9s});
        QCOMPARE(words.driver()->executors().size(), std::size_t{3});
        words.world.run(SimTime{60s});
        QCOMPARE(words.driver()->executors().size(), std::size_t{1});
        QCOMPARE(words.driver()->totals().late, 0);
    }

    void executorsAreAskedForAsTasksWait() {
        WordCountWorld::Options options;
        options.records = 1'000'000;
        options.rate = 500;
        options.blockInterval = 50ms;
        options.costs.computation = 1'500;
        options.backlog.isEnabled = true;
        options.backlog.least = 1;
        WordCountWorld words(options);
        words.world.run(SimTime{4s});
        QCOMPARE(words.driver()->executors().size(), std::size_t{1});
        words.world.run(SimTime{40s});
        QCOMPARE(words.driver()->executors().size(), std::size_t{3});
    }

    void bothSidesOfAKeyStandBesideOneAnother() {
        auto left = makeRef<Rows>(2);
        left->cells = {Cell::ofLong(1),  Cell::ofLong(10), Cell::ofLong(2),
                       Cell::ofLong(20), Cell::ofLong(1),  Cell::ofLong(11)};
        auto right = makeRef<Rows>(2);
        right->cells = {Cell::ofLong(3), Cell::ofLong(30), Cell::ofLong(1), Cell::ofLong(12)};
        Work work;
        const RowsRef both = makeCogroup()->apply({{left}, {right}}, {}, work);
        QCOMPARE(both->size(), std::size_t{3});
        QCOMPARE(rowText(*both, 0), std::string("(1,10,11,12)"));
        QCOMPARE(rowText(*both, 1), std::string("(2,20,)"));
        QCOMPARE(rowText(*both, 2), std::string("(3,,30)"));
    }

    void theHighestComeFirstAndADistinctRowOnce() {
        auto rows = makeRef<Rows>(2);
        rows->cells = {Cell::ofLong(1), Cell::ofLong(5), Cell::ofLong(2), Cell::ofLong(9),
                       Cell::ofLong(1), Cell::ofLong(7), Cell::ofLong(3), Cell::ofLong(9)};
        Work work;
        const RowsRef highest = makeTop(1, 3, true)->apply({{rows}}, {}, work);
        QCOMPARE(highest->size(), std::size_t{3});
        QCOMPARE(rowText(*highest, 0), std::string("(2,9)"));
        QCOMPARE(rowText(*highest, 1), std::string("(3,9)"));
        QCOMPARE(rowText(*highest, 2), std::string("(1,7)"));
        const RowsRef distinct = makeDistinct(0)->apply({{rows}}, {}, work);
        QCOMPARE(distinct->size(), std::size_t{3});
        QCOMPARE(rowText(*distinct, 0), std::string("(1,5)"));
    }

    /// File names and logs are as many as there are blocks at one time, however long a run is.
    void whatIsForgottenLeavesNoNameBehind() {
        WordCountWorld::Options options;
        options.records = 1'000'000;
        options.keepsUntilAcknowledged = true;
        options.log = true;
        WordCountWorld words(options);
        const auto look = [&] {
            std::uint64_t names = 0;
            for (const auto& [id, executor] : words.driver()->executors()) {
                names += words.world.findActor<ExecutorActor>(words.executor(id.value) + "/executor")->files().made();
            }
            const sim::ProcessId driver = words.world.findProcess("driver/words");
            const sim::File* log = words.world.diskOf(driver).find("receivedBlockMetadata");
            return std::pair{names, log->chunks().size()};
        };
        words.world.run(SimTime{30s});
        const auto early = look();
        words.world.run(SimTime{150s});
        QVERIFY(early.first > 0 && early.second > 0);
        QVERIFY(look().first <= early.first + 4);
        QVERIFY(look().second <= early.second + 10);
    }

    /// Without a checkpoint, too: what has happened has happened.
    void figuresOfADriverThatBeginsAgainSurvive() {
        WordCountWorld::Options options;
        options.keepsUntilAcknowledged = true;
        options.records = 1'000'000;
        WordCountWorld words(options);
        words.world.run(SimTime{20300ms});
        const BatchTotals before = batchTotals(words.world, "words");
        words.crash("driver/words", 3s);
        words.world.run(SimTime{21s});
        QCOMPARE(batchTotals(words.world, "words").records, before.records);
        words.world.run(SimTime{60s});
        const BatchTotals after = batchTotals(words.world, "words");
        QVERIFY(before.records > 1'000);
        QVERIFY(after.records > before.records + 2'000 && after.batches > before.batches + 20);
        QVERIFY(after.tasks > before.tasks && after.processing > before.processing);
        QVERIFY(after.records < 60 * 200 + 2'000);  // nothing counts twice
    }

    void aBatchSaysWhyItIsLate() {
        Batch batch;
        batch.submitted = SimTime{10s};
        batch.started = SimTime{10s};
        batch.ended = SimTime{10500ms};
        QVERIFY(whyLate(batch, 1s, nullptr).empty());
        batch.ended = SimTime{13s};
        batch.records = 500;
        QVERIFY(whyLate(batch, 1s, nullptr).find("500 records take 3.00 s") != std::string::npos);
        batch.tasks = 10;
        batch.taskTime = 5s;
        batch.slowestTask = 3s;
        batch.slowestHost = "n2";
        QVERIFY(whyLate(batch, 1s, nullptr).find("one task on n2") != std::string::npos);
        batch.recomputed = 4;
        QVERIFY(whyLate(batch, 1s, nullptr).find("lost executor") != std::string::npos);
    }

    void wordsAreCountedBatchByBatch() {
        WordCountWorld words({});
        words.world.run(SimTime{30s});
        QVERIFY(words.driver() != nullptr);
        if (words.records() != 2'000) {
            qWarning("%s", words.story().c_str());
        }
        QCOMPARE(words.driver()->executors().size(), std::size_t{3});
        QCOMPARE(words.records(), 2'000);
        QCOMPARE(words.driver()->totals().late, 0);
        QCOMPARE(words.driver()->waitingBatches(), 0);
        // What nobody needs any more is forgotten.
        QVERIFY(words.driver()->lineage().size() < 20);
    }

    void theSameRunTwiceHasTheSameFingerprintAndACopyGoesOnAlike() {
        WordCountWorld one({});
        WordCountWorld two({});
        one.world.run(SimTime{8s});
        sim::World copy = one.world;
        one.world.run(SimTime{12s});
        two.world.run(SimTime{12s});
        copy.run(SimTime{12s});
        QCOMPARE(one.world.fingerprint(), two.world.fingerprint());
        QCOMPARE(copy.fingerprint(), one.world.fingerprint());
    }

    void anExecutorThatIsLostCostsNoRecordThatHadACopy() {
        WordCountWorld::Options options;
        options.keepsUntilAcknowledged = true;
        WordCountWorld words(options);
        words.world.run(SimTime{9300ms});
        const std::string victim = words.executor(0);
        QVERIFY(!victim.empty());
        words.crash(victim);
        words.world.run(SimTime{40s});
        QVERIFY(words.driver() != nullptr);
        // Reliable receiver: at least once.
        if (words.records() < 2'000) {
            qWarning("%s", words.story().c_str());
        }
        QVERIFY(words.records() >= 2'000);
        QVERIFY(words.executor(0).empty());
        QCOMPARE(words.driver()->executors().size(), std::size_t{3});  // the master has started another
    }

    void aDriverThatStartsAgainLosesNothingWithAWriteAheadLog() {
        WordCountWorld::Options options;
        options.keepsUntilAcknowledged = true;
        options.log = true;
        WordCountWorld words(options);
        words.world.run(SimTime{9300ms});
        const std::int64_t before = words.records();
        QVERIFY(before > 0);
        words.crash("driver/words", 5s);
        words.world.run(SimTime{60s});
        QVERIFY(words.driver() != nullptr);
        if (words.records() < 2'000) {
            qWarning("%s", words.story().c_str());
        }
        QVERIFY(words.records() >= 2'000);
        QVERIFY(words.driver()->totals().recovered > 0);
    }

    void aSinkThatWritesOnceHasEachWordOnceWhateverIsLost_data() {
        QTest::addColumn<QString>("victim");
        QTest::newRow("nothing") << "";
        QTest::newRow("an executor without the receiver") << "executor";
        QTest::newRow("the master") << "spark-master";
    }
    void aSinkThatWritesOnceHasEachWordOnceWhateverIsLost() {
        QFETCH(QString, victim);
        WordCountWorld::Options options;
        options.keepsUntilAcknowledged = true;
        options.writes = true;
        options.batch = 500ms;
        WordCountWorld words(options);
        // In the middle of a batch, several times.
        for (int round = 0; round < 3 && !victim.isEmpty(); ++round) {
            words.world.run(words.world.now() + (round == 0 ? SimDuration{5520ms} : SimDuration{511ms + round * 3ms}));
            if (victim == QLatin1String("executor")) {
                for (const auto& [id, executor] : words.driver()->executors()) {
                    const ReceiverIsThere isThere{words.driver(), id};
                    if (!isThere) {
                        words.crash(words.executor(id.value));
                        break;
                    }
                }
            } else {
                words.crash(victim.toStdString(), 1s);
            }
        }
        words.world.run(SimTime{40s});
        std::int64_t sum = 0;
        for (const auto& [word, count] : words.written(true)) {
            sum += count;
        }
        if (sum != 8'000) {
            qWarning("%s", words.story().c_str());
        }
        QCOMPARE(sum, 8'000);
        QCOMPARE(words.records(), 2'000);
    }

    void aWindowByItsInverseEqualsTheWindowAddedUpAnew() {
        WordCountWorld::Options options;
        options.writes = true;
        options.window = 5s;
        WordCountWorld anew(options);
        options.inverse = true;
        WordCountWorld inverse(options);
        for (WordCountWorld* each : {&anew, &inverse}) {
            each->world.run(SimTime{8400ms});
            each->crash(each->executor(2));
            each->world.run(SimTime{30s});
        }
        const auto wanted = anew.written(true);
        QVERIFY(wanted.size() > 10);
        QCOMPARE(inverse.written(true), wanted);
    }

    void speculationOutrunsASlowMachine() {
        const auto processingWith = [](bool speculation) {
            WordCountWorld::Options options;
            options.speculation = speculation;
            options.rate = 2'000;
            options.records = 1'000'000;
            WordCountWorld words(options);
            words.world.run(SimTime{5s});
            words.slow("n3", 100);
            words.world.run(SimTime{30s});
            const BatchTotals& totals = words.driver()->totals();
            return seconds(totals.processing) / static_cast<double>(totals.batches);
        };
        const double without = processingWith(false);
        const double with = processingWith(true);
        QVERIFY2(with < without * 0.75, qPrintable(QStringLiteral("%1 against %2 s").arg(with).arg(without)));
    }

    void batchesGoOnWhenAMachineFallsSilentInTheMiddleOfAShuffle() {
        WordCountWorld::Options options;
        options.records = 1'000'000;
        WordCountWorld words(options);
        words.world.run(SimTime{9060ms});
        sim::FaultSpec power;
        power.kind = FaultKind::Power;
        power.target = "host:n2";
        words.world.injectFault(power);
        words.world.run(SimTime{400s});
        QVERIFY(words.driver()->waitingBatches() <= 2);
        QVERIFY(words.driver()->totals().batches > 380);
    }

    void stateSurvivesAnExecutorAndIsCheckpointed() {
        WordCountWorld::Options options;
        options.state = true;
        options.records = 3'000;
        WordCountWorld words(options);
        words.world.run(SimTime{16500ms});
        words.crash(words.executor(1));
        words.world.run(SimTime{40s});
        QVERIFY(words.driver() != nullptr);
        QVERIFY(words.driver()->totals().batches > 25);
        QVERIFY(words.driver()->lineage().size() < 150);  // a checkpoint has cut the lineage
        bool hasFile = false;
        const sim::ProcessId driver = words.world.findProcess("driver/words");
        for (const std::string& name : words.world.diskOf(driver).list("storage/rdd-")) {
            hasFile = hasFile || !name.empty();
        }
        QVERIFY(hasFile);
    }
};

QTEST_APPLESS_MAIN(TestSpark)
#include "tst_spark.moc"
