#include <QtTest/QTest>
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "engine/ingest/sink_process.h"
#include "engine/spark/core/block_store.h"
#include "engine/spark/core/dag_scheduler.h"
#include "engine/spark/core/executor.h"
#include "engine/spark/core/standalone.h"
#include "engine/spark/core/task_scheduler.h"
#include "engine/spark/operators/keyed.h"
#include "engine/spark/operators/narrow.h"
#include "engine/spark/streaming/driver.h"
#include "engine/spark/streaming/source_server.h"

using namespace millrace;
using namespace millrace::spark;
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

/// Word count from a source by a receiver, on a master and workers of two cores each.
struct WordCountWorld {
    sim::World world;
    Ref<ingest::SourceSpec> source = makeRef<ingest::SourceSpec>();
    Ref<ingest::SinkSpec> sink = makeRef<ingest::SinkSpec>();
    ApplicationRef application;
    std::set<std::tuple<std::string, std::int64_t, std::uint32_t>> seen;

    struct Options {
        std::int32_t workers = 3;
        std::int32_t cores = 3;
        SimDuration batch = 1s;
        double rate = 200;
        std::int64_t records = 2'000;
        bool keepsUntilAcknowledged = false;
        bool log = false;
        bool state = false;
        StorageLevel level = memoryAndDiskTwice;
        CpuTime slow{0};
        bool forgetsLostTasks = false;
        std::int32_t words = 4;
        bool writes = false;  ///< to a sink, instead of printing
        bool backpressure = false;
        bool speculation = false;
        SimDuration window{0};  ///< counts of a window, by an inverse or anew
        bool inverse = false;
    };

    explicit WordCountWorld(const Options& options)
        : world([] {
              sim::WorldSpec spec;
              spec.seed = 5;
              return spec;
          }()) {
        source->id = "writer";
        source->pace.recordsPerSecond = options.rate;
        ingest::GeneratorSource generator;
        generator.values.words = static_cast<std::uint32_t>(options.words);
        generator.values.vocabulary = 50;
        generator.values.bytes = 20;
        generator.recordsMax = options.records;
        source->origin = generator;

        const sim::HostId master = host("master", 4);
        const sim::HostId office = host("office", 4);
        std::vector<sim::HostId> nodes;
        for (std::int32_t i = 0; i < options.workers; ++i) {
            nodes.push_back(host("n" + std::to_string(i + 1), static_cast<std::uint32_t>(options.cores)));
        }
        auto program = makeRef<Program>();
        program->name = "words";
        program->batch = options.batch;
        program->checkpoints = true;
        InputSpec input;
        input.name = "lines";
        input.source = "writer";
        input.sourceHost = "office";
        input.kind = options.keepsUntilAcknowledged ? InputSpec::Kind::Reliable : InputSpec::Kind::Socket;
        input.level = options.level;
        program->inputs = {input};
        using Kind = StreamSpec::Kind;
        StreamSpec lines;
        lines.kind = Kind::Receiver;
        lines.name = "lines";
        lines.label = "socketTextStream";
        lines.fields = {"value"};
        lines.input = 0;
        StreamSpec split;
        split.kind = Kind::Narrow;
        split.name = "split";
        split.label = "flatMap";
        split.parents = {StreamId{0}};
        split.fields = {"word"};
        split.transformation = makeFlatMap(0, "");
        StreamSpec count;
        count.kind = options.state ? Kind::State : Kind::Shuffled;
        count.name = "count";
        count.label = options.state ? "updateStateByKey" : "reduceByKey";
        count.parents = {StreamId{1}};
        count.fields = {"word", "count"};
        count.combiner = makeReducer(Reduction::Sum, {0, -1});
        count.transformation = makeReduction(Reduction::Sum);
        count.partitions = 4;
        program->streams = {lines, split, count};
        if (options.window > SimDuration{0}) {
            StreamSpec window;
            window.kind = options.inverse ? Kind::InverseWindow : Kind::Window;
            window.name = "window";
            window.label = "window";
            window.parents = {StreamId{2}};
            window.fields = count.fields;
            window.window = options.window;
            window.partitions = 4;
            program->streams.push_back(window);
            StreamSpec again = count;
            again.name = "again";
            again.parents = {StreamId{3}};
            again.valueField = 1;
            again.combiner = makeReducer(Reduction::Sum, {});
            if (!options.inverse) {
                program->streams.push_back(again);
            }
        }
        OutputSpec output;
        output.name = "show";
        output.from = StreamId{static_cast<std::int32_t>(program->streams.size()) - 1};
        output.fields = count.fields;
        if (options.writes) {
            sink->id = "table";
            sink->tables = {{"words", ingest::SinkTable::Kind::Counts, {{"word", ingest::SinkColumn::Type::Text}}}};
            output.kind = OutputSpec::Kind::Sink;
            output.sink = sink;
            output.sinkHost = "office";
            world.addProcess(office, ingest::makeSinkBlueprint(sink), SimTime{}, sim::RestartPolicy{});
        }
        program->outputs = {output};
        const auto trouble = settle(*program, SimDuration{0}, 4);
        if (trouble) {
            qFatal("%s", trouble->message.c_str());
        }
        auto config = makeRef<ApplicationConfig>();
        config->name = "words";
        config->program = program;
        config->consumers.resize(1);
        config->master = {master, sim::Port{7077}};
        config->receiverLog = options.log;
        config->broken.forgetsLostTasks = options.forgetsLostTasks;
        config->backpressure = options.backpressure;
        config->pid.batchSeconds = seconds(options.batch);
        config->scheduling.speculation = options.speculation;
        config->scheduling.waitProcess = config->scheduling.waitNode = config->scheduling.waitRack = 100ms;
        application = config;

        MasterSpec masterSpec;
        world.addProcess(master, makeMasterBlueprint(masterSpec));
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            WorkerSpec worker;
            worker.name = "w" + std::to_string(i + 1);
            worker.cores = options.cores;
            worker.master = config->master;
            worker.applications["words"] = application;
            world.addProcess(nodes[i], makeWorkerBlueprint(worker), SimTime{}, sim::RestartPolicy{});
        }
        SourceServerConfig server;
        server.source = source;
        server.keepsUntilAcknowledged = options.keepsUntilAcknowledged;
        world.addProcess(office, makeSourceServerBlueprint(server), SimTime{}, sim::RestartPolicy{});
        world.addProcess(master, makeDriverBlueprint(application), SimTime{}, sim::RestartPolicy{});
    }

    sim::HostId host(const std::string& name, std::uint32_t cores) {
        sim::HostSpec spec;
        spec.name = name;
        spec.cores = cores;
        return world.addHost(spec);
    }
    [[nodiscard]] const DriverActor* driver() const { return world.findActor<DriverActor>("driver/words/driver"); }
    [[nodiscard]] std::int64_t records() const { return driver() != nullptr ? driver()->totals().records : -1; }
    /// The process of an executor that lives, by its number; empty: none.
    [[nodiscard]] std::string executor(std::int32_t number) const {
        const std::string prefix = "executor/words/" + std::to_string(number) + "@";
        for (std::uint32_t i = 0; i < world.processCount(); ++i) {
            const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
            if (process.name().starts_with(prefix) && process.isAlive()) {
                return process.name();
            }
        }
        return {};
    }
    void crash(const std::string& process, SimDuration lasts = SimDuration{0}) {
        sim::FaultSpec fault;
        if (lasts > SimDuration{0}) {
            fault.duration = lasts;
        }
        fault.kind = FaultKind::Crash;
        fault.target = "process:" + process;
        world.injectFault(fault);
    }
    /// What the sink has been told so far, by word; what has been written before is left out where `once`.
    std::map<std::string, std::int64_t> written(bool once) {
        std::map<std::string, std::int64_t> table;
        seen.clear();
        for (const sim::NumberedEffect& each : world.takeEffects()) {
            const auto& effect = static_cast<const ingest::SinkEffect&>(*each.effect);
            for (const auto& request : effect.requests()) {
                for (const ingest::SinkWrite& write : request->writes) {
                    const bool isNew =
                        seen.insert({write.origin.source, write.origin.position, write.origin.part}).second;
                    if (isNew || !once) {
                        table[std::get<std::string>(write.values.front())] += write.increment;
                    }
                }
            }
        }
        return table;
    }
    void slow(const std::string& host, double times) {
        sim::FaultSpec fault;
        fault.kind = FaultKind::SlowCpu;
        fault.target = "host:" + host;
        fault.value = times;
        world.injectFault(fault);
    }
    void tell() const {
        for (std::uint32_t id = world.journal().firstId().value; id <= world.journal().lastId().value; ++id) {
            if (const sim::JournalEntry* entry = world.journal().find(sim::JournalId{id})) {
                qWarning("%s %s: %s", millrace::toText(entry->time).c_str(), entry->place.c_str(), entry->text.c_str());
            }
        }
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
            words.tell();
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
            words.tell();
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
            words.tell();
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
            words.tell();
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
