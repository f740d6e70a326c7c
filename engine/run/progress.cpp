#include "engine/run/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/ingest/sink_process.h"
#include "engine/kafka/client/producer_process.h"
#include "engine/observe/object_id.h"
#include "engine/scenario/describe_ends.h"

namespace millrace::run {

namespace {

constexpr SimDuration patienceMin = std::chrono::minutes{15};
constexpr SimDuration timeoutMax = std::chrono::hours{1};
constexpr int silencesOfPatience = 3;
constexpr SimDuration clusterLookInterval = std::chrono::seconds{10};

/// The longest that a run may be silent by its own settings.
class LongestSilence {
public:
    explicit LongestSilence(const scenario::Scenario& plan) {
        for (const scenario::BrokerPlan& broker : plan.cluster.brokers) {
            add(broker.config, {"zookeeper.session.timeout.ms", "replica.lag.time.max.ms"});
        }
        for (const scenario::ProducerPlan& producer : plan.producers) {
            add(producer.config, {"delivery.timeout.ms", "request.timeout.ms", "retry.backoff.max.ms"});
        }
        for (const scenario::GroupPlan& group : plan.groups) {
            add(group.config, {"session.timeout.ms", "max.poll.interval.ms", "auto.commit.interval.ms"});
            const double poll = seconds(group.work) * static_cast<double>(group.config.integer("max.poll.records"));
            m_longest = std::max(m_longest, fromSeconds(std::min(poll, seconds(timeoutMax))));
        }
        if (plan.storm) {
            add(plan.storm->config,
                {"nimbus.task.timeout.secs", "nimbus.task.launch.secs", "supervisor.worker.heartbeats.max.timeout.secs",
                 "supervisor.worker.timeout.secs", "storm.zookeeper.session.timeout"});
        }
        for (const scenario::TopologyPlan& topology : plan.topologies) {
            add(topology.config, {"topology.message.timeout.secs", "topology.worker.timeout.secs"});
        }
        for (const scenario::SourcePlan& source : plan.sources) {
            if (source.rate) {
                m_longest = std::max(m_longest, fromSeconds(std::min(1.0 / *source.rate, 1e9)));
            }
        }
    }

    [[nodiscard]] SimDuration get() const { return m_longest; }

private:
    void add(const scenario::Settings& settings, std::initializer_list<std::string_view> keys) {
        for (const std::string_view key : keys) {
            if (settings.optionalInteger(key)) {
                m_longest = std::max(m_longest, std::min(settings.duration(key), timeoutMax));
            }
        }
    }

    SimDuration m_longest{0};
};

/// What is announced for later is no silence.
SimTime lastAnnouncedStart(const scenario::Scenario& plan) {
    SimDuration last{0};
    for (const scenario::SourcePlan& source : plan.sources) {
        last = std::max(last, source.startAt);
    }
    for (const scenario::TopologyPlan& topology : plan.topologies) {
        last = std::max(last, topology.submitAt);
    }
    return SimTime{last};
}

bool hasFaultsOrRepairsToCome(const sim::World& world) {
    if (!world.faultsToCome().empty()) {
        return true;
    }
    return std::any_of(world.faults().begin(), world.faults().end(), [](const Ref<const sim::FaultRecord>& record) {
        return record->spec.duration && !record->ended && !record->resolved.empty();
    });
}

}  // namespace

ProgressWatch::ProgressWatch(const scenario::Scenario& scenario)
    : m_scenario(scenario),
      m_patience(std::max(patienceMin, silencesOfPatience * LongestSilence(scenario).get())),
      m_lastProgress(lastAnnouncedStart(scenario)) {}

void ProgressWatch::look(const sim::World& world) {
    m_hasAdvanced = hasFaultsOrRepairsToCome(world);
    lookAtEnds(world);
    if (!m_hasAdvanced && world.now() >= m_nextClusterLook) {
        m_nextClusterLook = world.now() + clusterLookInterval;
        lookAtCluster(world);
    }
    if (m_hasAdvanced) {
        m_lastProgress = std::max(m_lastProgress, world.now());
    }
}

void ProgressWatch::mark(std::string name, std::int64_t value) {
    const auto [at, isNew] = m_best.emplace(std::move(name), value);
    if (isNew || value > at->second) {
        at->second = value;
        m_hasAdvanced = true;
    }
}

void ProgressWatch::lookAtEnds(const sim::World& world) {
    for (const scenario::ProducerPlan& plan : m_scenario.producers) {
        const kafka::ProducerProcessFigures figures = kafka::producerFigures(world, plan.id);
        // To give a record up is no progress: it takes nothing but a timer.
        mark("read/" + plan.id, figures.nextPosition - figures.records.failed);
        mark("settled/" + plan.id, figures.nextPosition - figures.records.failed - figures.records.pending);
    }
    for (const scenario::SinkPlan& plan : m_scenario.sinks) {
        const ingest::SinkFigures figures = ingest::sinkFigures(world, plan.name);
        const std::uint64_t repeated = plan.writesOnce ? 0 : figures.repeated;
        mark("sink/" + plan.name, static_cast<std::int64_t>(figures.written - repeated));
    }
}

void ProgressWatch::lookAtCluster(const sim::World& world) {
    observe::ClusterView cluster;
    scenario::describeCluster(m_scenario, world, cluster);
    for (const observe::GroupView& group : cluster.groups) {
        for (const observe::GroupOffsetView& offset : group.offsets) {
            const std::string name = fmt::format("{}/{}-{}", group.name, offset.topic, offset.partition);
            mark("group/" + name, offset.committed);
            mark("reader/" + name, offset.position);
        }
    }
    std::map<std::pair<std::string, std::int32_t>, std::int64_t> ends;
    for (const observe::TopicView& topic : cluster.topics) {
        for (const observe::PartitionView& partition : topic.partitions) {
            ends[{topic.name, partition.partition}] = partition.logEndOffset;
        }
    }
    for (const observe::BrokerView& broker : cluster.brokers) {
        for (const observe::ReplicaView& replica : broker.replicas) {
            const std::string name =
                fmt::format("replica/{}/{}-{}", observe::nameOf(broker.id), replica.topic, replica.partition);
            // Falling behind again is no progress, however often: only coming nearer than ever is.
            mark(name, replica.isInSync ? 0 : replica.logEndOffset - ends[{replica.topic, replica.partition}]);
        }
    }
}

}  // namespace millrace::run
