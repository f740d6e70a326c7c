#include "engine/run/waits.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "engine/kafka/waits.h"
#include "engine/observe/object_id.h"
#include "engine/observe/wording.h"
#include "engine/run/story.h"
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

/// Processes that failed by themselves, whether somebody starts them again or not, with the reason.
std::vector<WaitView> endedByThemselves(const sim::World& world, const std::vector<WaitView>& told) {
    std::vector<WaitView> waits;
    const ObjectNames names(world);
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        const observe::ObjectId object = names.of(process.name());
        if (!process.endedByItself || process.isChild || find(told, object) != nullptr) {
            continue;
        }
        WaitView& wait = waits.emplace_back();
        wait.object = object;
        wait.since = process.since;
        wait.entry = process.silencedBy.value;
        const sim::JournalEntry* end = world.journal().find(process.silencedBy);
        if (end != nullptr && end->kind == "sim.process-ended") {
            end = world.journal().find(end->cause);
        }
        const std::string why = end == nullptr ? std::string{} : ": " + names.readable(end->text);
        if (process.willStartAgain()) {
            const std::string again = observe::instant(process.startsAgainAt);
            wait.until = process.startsAgainAt;
            wait.brief = "ended by itself, starts again at " + again;
            wait.text = fmt::format("it ended by itself and starts again at {}{}", again, why);
        } else {
            wait.brief = "ended by itself and stays down";
            wait.text = fmt::format("it ended by itself, and nothing starts it again{}", why);
        }
    }
    return waits;
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
    add(kafkaWaits.groups());
    add(kafkaWaits.brokers());
    add(endedByThemselves(world, waits));
    add(zookeeper::describeWaits(world, views.cluster));
    findStarved(views, readBy, waits);
    return waits;
}

}  // namespace millrace::run
