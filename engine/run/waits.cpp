#include "engine/run/waits.h"

#include <fmt/format.h>

#include <algorithm>
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

const WaitView* find(const std::vector<WaitView>& waits, std::string_view object) {
    const auto at =
        std::find_if(waits.begin(), waits.end(), [&](const WaitView& each) { return each.object == object; });
    return at == waits.end() ? nullptr : &*at;
}

/// What stands still because what feeds it does.
WaitView starved(const observe::ObjectId& object, std::string brief, const WaitView& feeder) {
    WaitView wait = feeder;
    wait.object = object;
    wait.brief = std::move(brief);
    wait.text =
        fmt::format("nothing comes in: {} {}, as {}", observe::titleOf(feeder.object), feeder.brief, feeder.text);
    return wait;
}

/// Spouts that have read everything while the producers of their topic wait, and bolts without work behind what waits.
void findStarved(const SystemViews& views, const std::set<std::pair<observe::ObjectId, std::string>>& readers,
                 std::vector<WaitView>& waits) {
    std::set<std::string> unread;
    for (const observe::GroupView& group : views.cluster.groups) {
        for (const observe::GroupOffsetView& offset : group.offsets) {
            if (offset.lag > 0) {
                unread.insert(offset.topic);
            }
        }
    }
    for (const auto& [spout, topic] : readers) {
        for (const observe::SourceView& source : views.sources) {
            const WaitView* feeder = source.topic == topic ? find(waits, source.id) : nullptr;
            if (feeder != nullptr && !unread.contains(topic) && find(waits, spout) == nullptr) {
                waits.push_back(starved(spout, "nothing to read", WaitView(*feeder)));
            }
        }
    }
    for (const observe::TopologyView& topology : views.storm.topologies) {
        // Streams are in the order of their consumers, not of the flow: as many passes as the longest path has steps.
        for (std::size_t pass = 0; pass < topology.components.size(); ++pass) {
            const std::size_t before = waits.size();
            for (const observe::StreamView& stream : topology.streams) {
                const auto to = std::find_if(topology.components.begin(), topology.components.end(),
                                             [&](const auto& each) { return each.id == stream.to; });
                const WaitView* feeder = find(waits, stream.from);
                const bool isIdle = to != topology.components.end() && to->executedPerSecond == 0 &&
                                    to->queueDepth == 0 && to->kind == observe::ComponentKind::Bolt;
                if (feeder != nullptr && isIdle && find(waits, stream.to) == nullptr) {
                    waits.push_back(starved(stream.to, "gets nothing", WaitView(*feeder)));
                }
            }
            if (waits.size() == before) {
                break;
            }
        }
    }
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
    const auto readBy = readers(world);
    for (const auto& [spout, topic] : readBy) {
        add(kafkaWaits.reader(spout, topic));
    }
    add(storm::describeWaits(world, views.storm));
    add(kafkaWaits.topics());
    add(kafkaWaits.brokers());
    add(zookeeper::describeWaits(world, views.cluster));
    findStarved(views, readBy, waits);
    return waits;
}

}  // namespace millrace::run
