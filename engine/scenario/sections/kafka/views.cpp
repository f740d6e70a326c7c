#include "engine/scenario/sections/kafka/views.h"

#include <algorithm>
#include <utility>

#include "engine/describe/life.h"
#include "engine/kafka/client/describe_producers.h"
#include "engine/kafka/client/producer_process.h"
#include "engine/observe/object_id.h"
#include "engine/scenario/sections.h"
#include "engine/scenario/sections/kafka/clients_section.h"
#include "engine/scenario/sections/kafka/kafka_section.h"

namespace millrace::scenario {

kafka::Readers subscriptionsOf(const Scenario& plan) {
    kafka::Readers readers;
    for (const Section* section : sections()) {
        section->addSubscriptions(plan, readers);
    }
    return readers;
}

kafka::Readers withPositions(kafka::Readers readers, const sim::World& world) {
    for (const Section* section : sections()) {
        section->addPositions(world, readers);
    }
    return readers;
}

void describeCluster(const Scenario& plan, const sim::World& world, observe::ClusterView& view) {
    kafka::describe(world, view, withPositions(subscriptionsOf(plan), world));
}

void KafkaSection::describe(const Scenario& plan, const sim::World& world, observe::SystemViews& views) const {
    describeCluster(plan, world, views.cluster);
}

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
        view.kind = source->kindName;
        view.topic = producer.topic;
        view.produced = figures.nextPosition;
        view.total = source->generator.count.value_or(-1);
        view.unacknowledged = figures.records.pending;
        view.isExhausted = figures.exhausted;
        const sim::ProcessId process = world.findProcess(kafka::producerProcessName(producer.id));
        if (process != sim::noProcess) {
            view.state = describe::lifeOf(world.process(process).state);
        }
        views.push_back(std::move(view));
    }
    return views;
}

void ClientsSection::describe(const Scenario& plan, const sim::World& world, observe::SystemViews& views) const {
    views.sources = describeSources(plan, world);
}

}  // namespace millrace::scenario
