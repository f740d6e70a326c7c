#include "engine/scenario/sections/kafka/source_trace.h"

#include <algorithm>

#include "engine/kafka/client/producer_process.h"

namespace millrace::scenario {

ingest::SourceCursor traceOf(const Ref<const ingest::SourceSpec>& source, const Scenario& scenario) {
    const bool hasProducer =
        std::any_of(scenario.producers.begin(), scenario.producers.end(),
                    [&](const ProducerPlan& each) { return each.id == source->id && each.source == source->id; });
    const RandomStream random = hasProducer ? kafka::producerStream(scenario.run.seed, source->id)
                                            : RandomStream(scenario.run.seed, "source/" + source->id);
    return {source, random, SimTime{}};
}

}  // namespace millrace::scenario
