#include "engine/scenario/describe_ends.h"

#include <algorithm>
#include <utility>

#include "engine/ingest/sink.h"
#include "engine/ingest/sink_process.h"
#include "engine/kafka/client/producer_process.h"
#include "engine/kafka/describe.h"
#include "engine/observe/object_id.h"
#include "engine/storm/describe.h"
#include "engine/storm/runtime/operator.h"

namespace millrace::scenario {

namespace {

observe::LifeState lifeOf(sim::ProcessState state) {
    switch (state) {
        case sim::ProcessState::NotStarted:
            return observe::LifeState::Starting;
        case sim::ProcessState::Running:
            return observe::LifeState::Running;
        case sim::ProcessState::Paused:
            return observe::LifeState::Paused;
        case sim::ProcessState::Crashed:
            return observe::LifeState::Crashed;
        case sim::ProcessState::Stopped:
            return observe::LifeState::Stopped;
        case sim::ProcessState::HostOff:
            return observe::LifeState::PoweredOff;
    }
    return observe::LifeState::Crashed;
}

std::string_view kindText(SourcePlan::Kind kind) {
    return kind == SourcePlan::Kind::File ? "file" : "generator";
}

}  // namespace

std::vector<observe::SourceView> describeSources(const Scenario& scenario, const sim::World& world) {
    std::vector<observe::SourceView> views;
    for (const ProducerPlan& producer : scenario.producers) {
        const auto source = std::find_if(scenario.sources.begin(), scenario.sources.end(),
                                         [&](const SourcePlan& each) { return each.name == producer.source; });
        const kafka::ProducerProcessFigures figures = kafka::producerFigures(world, producer.id);
        observe::SourceView view;
        view.id = observe::sourceId(source->name);
        view.producer = observe::producerId(producer.id);
        view.name = source->name;
        view.kind = kindText(source->kind);
        view.topic = producer.topic;
        view.produced = figures.nextPosition;
        view.total = source->generator.count.value_or(-1);
        view.unacknowledged = figures.records.pending;
        view.isExhausted = figures.exhausted;
        const sim::ProcessId process = world.findProcess(kafka::producerProcessName(producer.id));
        if (process != sim::noProcess) {
            view.state = lifeOf(world.process(process).state);
        }
        views.push_back(std::move(view));
    }
    return views;
}

std::vector<observe::SinkView> describeSinks(const Scenario& scenario, const sim::World& world) {
    std::vector<observe::SinkView> views;
    for (const SinkPlan& plan : scenario.sinks) {
        const ingest::SinkFigures figures = ingest::sinkFigures(world, plan.name);
        observe::SinkView view;
        view.id = observe::sinkId(plan.name);
        view.name = plan.name;
        view.kind = plan.kind;
        view.written = static_cast<std::int64_t>(figures.written);
        view.repeated = static_cast<std::int64_t>(figures.repeated);
        view.writesOnce = plan.writesOnce;
        view.unflushed = static_cast<std::int64_t>(figures.waiting);
        for (const TablePlan& table : plan.tables) {
            view.tables.push_back(table.name);
        }
        if (plan.kind == "sqlite" && plan.tables.empty()) {
            for (const ingest::SinkTable& table : ingest::webLogAuditTables()) {
                view.tables.push_back(table.name);
            }
        }
        views.push_back(std::move(view));
    }
    return views;
}

std::vector<std::pair<std::string, kafka::TopicName>> spoutSubscriptions(const Scenario& scenario) {
    std::vector<std::pair<std::string, kafka::TopicName>> subscriptions;
    for (const TopologyPlan& topology : scenario.topologies) {
        for (const SpoutPlan& spout : topology.spouts) {
            subscriptions.emplace_back(spout.group, kafka::TopicName{spout.topic});
        }
    }
    return subscriptions;
}

kafka::Readers spoutReaders(const sim::World& world, std::vector<std::pair<std::string, kafka::TopicName>> spouts) {
    kafka::Readers readers;
    for (const storm::SpoutPosition& position : storm::spoutPositions(world)) {
        if (position.next >= 0) {
            readers.positions.push_back({position.group,
                                         {kafka::TopicName{position.topic}, kafka::PartitionIndex{position.partition}},
                                         kafka::Offset{position.next},
                                         kafka::Offset{position.begun}});
        }
    }
    readers.subscriptions = std::move(spouts);
    return readers;
}

void describeCluster(const Scenario& scenario, const sim::World& world, observe::ClusterView& view) {
    kafka::describe(world, view, spoutReaders(world, spoutSubscriptions(scenario)));
}

}  // namespace millrace::scenario
