#pragma once

#include "tests/kafka/client_cluster.h"
#include "tests/spark/word_count_world.h"

namespace millrace::spark::test {

/// Lines of a topic on three brokers, read without receivers and counted batch by batch on two workers.
struct TopicCountWorld {
    struct Options {
        SimDuration batch = 1s;
        double rate = 100;
        int lines = 1'000;
        std::int32_t cores = 2;
        bool checkpoints = true;
        bool commits = true;
        bool backpressure = false;
        Costs costs{};
        BrokenRules broken{};
        kafka::ProducerConfig producer{};
    };
    kafka::test::ClientCluster cluster{7};
    Ref<ingest::SinkSpec> sink = makeRef<ingest::SinkSpec>();

    explicit TopicCountWorld(const Options& options) {
        cluster.addProducer(options.lines, options.rate, options.producer);
        auto program = makeRef<Program>();
        program->name = "lines";
        program->batch = options.batch;
        program->checkpoints = options.checkpoints;
        InputSpec input;
        input.name = "in";
        input.kind = InputSpec::Kind::Direct;
        input.topic = "access";
        input.group = "lines-in";
        input.commitsOffsets = options.commits;
        program->inputs = {input};
        StreamSpec lines;
        lines.kind = StreamSpec::Kind::Direct;
        lines.name = lines.label = "in";
        lines.fields = DirectReader::fields();
        lines.input = 0;
        StreamSpec words;
        words.name = "words";
        words.label = "flatMap";
        words.parents = {StreamId{0}};
        words.fields = {"word"};
        words.transformation = makeFlatMap(4, "");
        program->streams = {lines, words};
        sink->id = "table";
        sink->tables = {{"words", ingest::SinkTable::Kind::Counts, {{"word", ingest::SinkColumn::Type::Text}}}};
        OutputSpec output;
        output.name = "save";
        output.kind = OutputSpec::Kind::Sink;
        output.from = StreamId{1};
        output.fields = words.fields;
        output.sink = sink;
        output.sinkHost = "office";
        program->outputs = {output};
        MILLRACE_CHECK(!settle(*program, SimDuration{0}, 4));
        auto config = makeRef<ApplicationConfig>();
        config->name = "lines";
        config->program = program;
        kafka::ConsumerConfig consumer;
        consumer.group = input.group;
        consumer.client.bootstrap = cluster.bootstrap;
        consumer.client.links.clientId = kafka::ClientId("lines");
        consumer.offsetReset = kafka::OffsetReset::Earliest;
        config->consumers = {consumer};
        const sim::HostId master = cluster.host("master");
        config->master = {master, sim::Port{7077}};
        config->broken = options.broken;
        config->costs = options.costs;
        config->backpressure = options.backpressure;
        config->pid.batchSeconds = seconds(options.batch);
        config->retainedBatches = 100'000;
        const ApplicationRef application = config;
        cluster.world.addProcess(cluster.host("office"), ingest::makeSinkBlueprint(sink), SimTime{},
                                 sim::RestartPolicy{});
        addCluster(cluster.world, application, master, {cluster.host("n1"), cluster.host("n2")}, options.cores);
    }
    [[nodiscard]] sim::World& world() { return cluster.world; }
    [[nodiscard]] const DriverActor* driver() const { return driverOf(cluster.world, "lines"); }
};

}  // namespace millrace::spark::test
