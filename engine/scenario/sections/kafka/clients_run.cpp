#include <algorithm>

#include "engine/kafka/client/producer_process.h"
#include "engine/kafka/waits.h"
#include "engine/scenario/sections/kafka/clients_section.h"

namespace millrace::scenario {

void ClientsSection::findWorkAtEnds(const Scenario& plan, const sim::World& world, OpenWork& work) const {
    for (const ProducerPlan& producer : plan.producers) {
        const kafka::ProducerProcessFigures figures = kafka::producerFigures(world, producer.id);
        if (!figures.exhausted) {
            work.because("source {}, which has been read up to position {}", producer.source, figures.nextPosition);
        }
        if (figures.records.pending > 0) {
            work.because("producer {}, which has {} records without an acknowledgement", producer.id,
                         figures.records.pending);
        }
    }
}

SimDuration ClientsSection::longestSilence(const Scenario& plan) const {
    SimDuration longest{0};
    for (const ProducerPlan& producer : plan.producers) {
        longest = std::max(
            longest, longestOf(producer.config, {"delivery.timeout.ms", "request.timeout.ms", "retry.backoff.max.ms"}));
    }
    for (const GroupPlan& group : plan.groups) {
        const double poll = seconds(group.work) * static_cast<double>(group.config.integer("max.poll.records"));
        longest = std::max(
            {longest, fromSeconds(std::min(poll, seconds(timeoutMax))),
             longestOf(group.config, {"session.timeout.ms", "max.poll.interval.ms", "auto.commit.interval.ms"})});
    }
    return longest;
}

void ClientsSection::markEnds(const Scenario& plan, const sim::World& world, const ProgressMark& mark) const {
    for (const ProducerPlan& producer : plan.producers) {
        const kafka::ProducerProcessFigures figures = kafka::producerFigures(world, producer.id);
        // To give a record up is no progress: it takes nothing but a timer.
        mark("read/" + producer.id, figures.nextPosition - figures.records.failed);
        mark("settled/" + producer.id, figures.nextPosition - figures.records.failed - figures.records.pending);
    }
}

void ClientsSection::addWaits(WaitStage stage, const sim::World& world, const observe::SystemViews& views,
                              std::vector<observe::WaitView>& waits) const {
    if (stage != WaitStage::Clients) {
        return;
    }
    for (const observe::WaitView& wait : kafka::Waits(world, views.cluster).producers()) {
        for (const observe::SourceView& source : views.sources) {
            if (source.producer == wait.object) {
                waits.push_back(wait);
                waits.back().object = source.id;
            }
        }
        waits.push_back(wait);
    }
}

}  // namespace millrace::scenario
