#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/base/check.h"
#include "engine/ingest/sink_process.h"
#include "engine/sim/world.h"
#include "engine/spark/core/executor.h"
#include "engine/spark/core/standalone.h"
#include "engine/spark/describe.h"
#include "engine/spark/operators/keyed.h"
#include "engine/spark/operators/narrow.h"
#include "engine/spark/streaming/driver.h"
#include "engine/spark/streaming/source_server.h"

namespace millrace::spark::test {

using namespace std::chrono_literals;

/// A master, a worker on each of the nodes, and the application's driver beside the master.
inline void addCluster(sim::World& world, const ApplicationRef& application, sim::HostId master,
                       const std::vector<sim::HostId>& nodes, std::int32_t cores) {
    world.addProcess(master, makeMasterBlueprint(MasterSpec{}));
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        WorkerSpec worker;
        worker.name = "w" + std::to_string(i + 1);
        worker.cores = cores;
        worker.master = application->master;
        worker.applications[application->name] = application;
        world.addProcess(nodes[i], makeWorkerBlueprint(worker), SimTime{}, sim::RestartPolicy{});
    }
    world.addProcess(master, makeDriverBlueprint(application), SimTime{}, sim::RestartPolicy{});
}

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
        SimDuration blockInterval = 200ms;
        double rate = 200;
        std::int64_t records = 2'000;
        bool keepsUntilAcknowledged = false;
        bool log = false;
        bool state = false;
        StorageLevel level = memoryAndDiskTwice;
        CpuTime slow{0};
        BrokenRules broken{};
        Costs costs{};
        RatioAllocation::Settings ratio{};
        BacklogAllocation::Settings backlog{};
        std::int32_t partitions = 4;
        std::int32_t vocabulary = 50;
        double exponent = 1;  ///< of Zipf's law, by which words come
        SimDuration checkpointInterval{0};
        double speculationMultiplier = 1.5;
        std::int32_t retained = 100'000;
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
        generator.values.vocabulary = static_cast<std::uint32_t>(options.vocabulary);
        generator.values.exponent = options.exponent;
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
        count.partitions = options.partitions;
        program->streams = {lines, split, count};
        if (options.window > SimDuration{0}) {
            StreamSpec window;
            window.kind = options.inverse ? Kind::InverseWindow : Kind::Window;
            window.name = "window";
            window.label = "window";
            window.parents = {StreamId{2}};
            window.fields = count.fields;
            window.window = options.window;
            window.partitions = options.partitions;
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
        const auto trouble = settle(*program, options.checkpointInterval, 4);
        if (trouble) {
            MILLRACE_CHECK(false, trouble->message);
        }
        auto config = makeRef<ApplicationConfig>();
        config->name = "words";
        config->program = program;
        config->consumers.resize(1);
        config->master = {master, sim::Port{7077}};
        config->receiverLog = options.log;
        config->broken = options.broken;
        config->costs = options.costs;
        config->ratioAllocation = options.ratio;
        config->backlogAllocation = options.backlog;
        config->retainedBatches = options.retained;
        config->scheduling.speculationMultiplier = options.speculationMultiplier;
        config->backpressure = options.backpressure;
        config->pid.batchSeconds = seconds(options.batch);
        config->blockInterval = options.blockInterval;
        config->scheduling.speculation = options.speculation;
        config->scheduling.waitProcess = config->scheduling.waitNode = config->scheduling.waitRack = 100ms;
        application = config;

        addCluster(world, application, master, nodes, options.cores);
        SourceServerConfig server;
        server.source = source;
        server.keepsUntilAcknowledged = options.keepsUntilAcknowledged;
        world.addProcess(office, makeSourceServerBlueprint(server), SimTime{}, sim::RestartPolicy{});
    }

    sim::HostId host(const std::string& name, std::uint32_t cores) {
        sim::HostSpec spec;
        spec.name = name;
        spec.cores = cores;
        return world.addHost(spec);
    }
    [[nodiscard]] const DriverActor* driver() const { return world.findActor<DriverActor>("driver/words/driver"); }
    [[nodiscard]] std::int64_t records() const { return batchTotals(world, "words").records; }
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
    /// The journal, a line an entry.
    [[nodiscard]] std::string story() const {
        std::string text;
        for (std::uint32_t id = world.journal().firstId().value; id <= world.journal().lastId().value; ++id) {
            if (const sim::JournalEntry* entry = world.journal().find(sim::JournalId{id})) {
                text += millrace::toText(entry->time) + " " + entry->place + ": " + entry->text + "\n";
            }
        }
        return text;
    }
};

}  // namespace millrace::spark::test
