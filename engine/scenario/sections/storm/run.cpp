#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "engine/kafka/describe.h"
#include "engine/kafka/waits.h"
#include "engine/observe/object_id.h"
#include "engine/scenario/sections/storm/storm_section.h"
#include "engine/storm/cluster/submitter.h"
#include "engine/storm/describe.h"
#include "engine/storm/metrics.h"
#include "engine/storm/runtime/operator.h"
#include "engine/storm/runtime/spout_executor.h"
#include "engine/storm/waits.h"

namespace millrace::scenario {

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
void findStarved(const observe::SystemViews& views, const std::set<std::pair<observe::ObjectId, std::string>>& readers,
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
            const WaitView* feeder = source.topic == topic ? findWait(waits, source.id) : nullptr;
            if (feeder != nullptr && !unread.contains(topic) && findWait(waits, spout) == nullptr) {
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
                const WaitView* feeder = findWait(waits, stream.from);
                const bool isIdle = to != topology.components.end() && to->executedPerSecond == 0 &&
                                    to->queueDepth == 0 && to->kind == observe::ComponentKind::Bolt;
                if (feeder != nullptr && isIdle && findWait(waits, stream.to) == nullptr) {
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

void StormSection::describe(const Scenario& /*plan*/, const sim::World& world, observe::SystemViews& views) const {
    storm::describe(world, views.storm);
}

void StormSection::addSubscriptions(const Scenario& plan, kafka::Readers& readers) const {
    for (const TopologyPlan& topology : plan.topologies) {
        for (const SpoutPlan& spout : topology.spouts) {
            readers.subscriptions.emplace_back(spout.group, kafka::TopicName{spout.topic});
        }
    }
}

void StormSection::addPositions(const sim::World& world, kafka::Readers& readers) const {
    for (const storm::SpoutPosition& position : storm::spoutPositions(world)) {
        if (position.next >= 0) {
            readers.positions.push_back({position.group,
                                         {kafka::TopicName{position.topic}, kafka::PartitionIndex{position.partition}},
                                         kafka::Offset{position.next},
                                         kafka::Offset{position.begun}});
        }
    }
}

void StormSection::findWorkInside(const Scenario& plan, const sim::World& world, OpenWork& work) const {
    for (const TopologyPlan& topology : plan.topologies) {
        const storm::Unfinished left = storm::unfinished(world, topology.name);
        const bool neverFails = !topology.config.flag("topology.enable.message.timeouts");
        if (neverFails && left.lost > 0) {
            work.because(
                "topology {}, {} of whose tuples are lost on their way and never fail, so they are never emitted "
                "again: topology.enable.message.timeouts is false",
                topology.name, left.lost);
        } else if (left.tuples > 0) {
            work.because("topology {}, which has {} tuples to deal with", topology.name, left.tuples);
        }
        if (!left.isRunning && storm::submissionState(world, topology.name) == storm::SubmissionState::Refused) {
            work.because("topology {}, which Nimbus refuses: it cannot store it, for its disk is full", topology.name);
        } else if (!left.isRunning) {
            work.because("topology {}, of which not every executor runs", topology.name);
        }
    }
}

void StormSection::markInside(const Scenario& plan, const sim::World& world, const ProgressMark& mark) const {
    for (const TopologyPlan& topology : plan.topologies) {
        mark("tuples/" + topology.name, -static_cast<std::int64_t>(storm::unfinished(world, topology.name).tuples));
    }
}

SimDuration StormSection::longestSilence(const Scenario& plan) const {
    SimDuration longest{0};
    if (plan.storm) {
        longest = longestOf(plan.storm->config, {"nimbus.task.timeout.secs", "nimbus.task.launch.secs",
                                                 "supervisor.worker.heartbeats.max.timeout.secs",
                                                 "supervisor.worker.timeout.secs", "storm.zookeeper.session.timeout"});
    }
    for (const TopologyPlan& topology : plan.topologies) {
        longest = std::max(
            longest, longestOf(topology.config, {"topology.message.timeout.secs", "topology.worker.timeout.secs"}));
    }
    return longest;
}

SimDuration StormSection::lastStart(const Scenario& plan) const {
    SimDuration last{0};
    for (const TopologyPlan& topology : plan.topologies) {
        last = std::max(last, topology.submitAt);
    }
    return last;
}

void StormSection::addWaits(WaitStage stage, const sim::World& world, const observe::SystemViews& views,
                            std::vector<WaitView>& waits) const {
    const auto add = [&](std::vector<WaitView> more) {
        waits.insert(waits.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    };
    if (stage == WaitStage::Clients) {
        kafka::Waits ofKafka(world, views.cluster);
        for (const auto& [spout, topic] : readers(world)) {
            add(ofKafka.reader(spout, topic));
        }
        add(storm::describeWaits(world, views.storm));
    } else if (stage == WaitStage::Consequences) {
        findStarved(views, readers(world), waits);
    }
}

std::span<const Metric* const> StormSection::metrics() const {
    return storm::metric::all;
}

void StormSection::addObjectNames(const sim::World& world,
                                  std::map<std::string, observe::ObjectId, std::less<>>& names) const {
    names.merge(storm::workerIds(world));
}

}  // namespace millrace::scenario
