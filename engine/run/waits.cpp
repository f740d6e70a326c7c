#include "engine/run/waits.h"

#include <set>
#include <string>
#include <utility>

#include "engine/kafka/waits.h"
#include "engine/observe/object_id.h"
#include "engine/storm/describe.h"
#include "engine/storm/runtime/spout_executor.h"
#include "engine/storm/waits.h"
#include "engine/zookeeper/describe.h"

namespace millrace::run {

namespace {

using observe::WaitView;

/// What each live spout reads.
std::set<std::pair<observe::ObjectId, std::string>> readers(const sim::World& world) {
    std::set<std::pair<observe::ObjectId, std::string>> all;
    for (const storm::LiveExecutor& live : storm::liveExecutors(world)) {
        if (const auto* spouts = dynamic_cast<const storm::SpoutExecutor*>(live.executor)) {
            for (const storm::SpoutPosition& position : spouts->positions()) {
                all.emplace(observe::spoutId(spouts->topology().name, spouts->component().id), position.topic);
            }
        }
    }
    return all;
}

}  // namespace

std::vector<WaitView> describeWaits(const sim::World& world, const SystemViews& views) {
    std::vector<WaitView> waits;
    const auto add = [&](std::vector<WaitView> more) {
        waits.insert(waits.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    };
    kafka::Waits kafkaWaits(world, views.cluster);
    for (const WaitView& wait : kafkaWaits.producers()) {
        for (const observe::SourceView& source : views.sources) {
            if (source.producer == wait.object) {
                waits.push_back(wait);
                waits.back().object = source.id;
            }
        }
        waits.push_back(wait);
    }
    for (const auto& [spout, topic] : readers(world)) {
        add(kafkaWaits.reader(spout, topic));
    }
    add(storm::describeWaits(world, views.storm));
    add(kafkaWaits.topics());
    add(kafkaWaits.brokers());
    add(zookeeper::describeWaits(world, views.cluster));
    return waits;
}

}  // namespace millrace::run
