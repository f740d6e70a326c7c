#include "engine/run/waiting_for.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "engine/ingest/sink_process.h"
#include "engine/kafka/client/producer_process.h"
#include "engine/kafka/waits.h"
#include "engine/observe/object_id.h"
#include "engine/observe/wording.h"
#include "engine/scenario/describe_ends.h"
#include "engine/storm/cluster/submitter.h"
#include "engine/storm/describe.h"

namespace millrace::run {

namespace {

class WorkFinder {
public:
    WorkFinder(const scenario::Scenario& plan, const sim::World& world) : m_plan(plan), m_world(world) {}

    std::vector<std::string> find(Thoroughness thoroughness) {
        findFaults();
        findRestarts();
        findProducers();
        findSinks();
        // The views cost more, so they are made only for a run that looks finished from its ends.
        if (m_reasons.empty() || thoroughness == Thoroughness::Everything) {
            scenario::describeCluster(m_plan, m_world, m_cluster);
            findTuples();
            findOffline();
            if (thoroughness == Thoroughness::Everything) {
                findRefusedTopics();
                findMissingCoordinators();
            }
            findLag();
            findReplicas();
            if (thoroughness == Thoroughness::Everything) {
                findDown();
            }
        }
        return std::move(m_reasons);
    }

private:
    template <typename... Arguments>
    void because(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
        m_reasons.push_back(fmt::format(format, std::forward<Arguments>(arguments)...));
    }

    void findFaults() {
        for (const auto& [at, fault] : m_world.faultsToCome()) {
            because("the fault {} of {} at {}", sim::toText(fault.kind), fault.target, millrace::toText(at));
        }
        for (const Ref<const sim::FaultRecord>& record : m_world.faults()) {
            if (record->spec.duration && !record->ended && !record->resolved.empty()) {
                because("the end of the fault {} of {} at {}", sim::toText(record->spec.kind), record->spec.target,
                        millrace::toText(record->time + *record->spec.duration));
            }
        }
    }

    /// What has been started again and again for a while is as good as down: nobody waits for it any longer.
    void findRestarts() {
        constexpr SimDuration hopeMin = std::chrono::minutes{5};
        for (std::uint32_t i = 0; i < m_world.processCount(); ++i) {
            const sim::ProcessSlot& process = m_world.process(sim::ProcessId{i});
            if (!process.willStartAgain()) {
                continue;
            }
            if (m_world.now() - process.failingSince < std::max(hopeMin, 2 * process.restart->delay)) {
                because("{}, which ended by itself and starts again at {}", process.name(),
                        millrace::toText(process.startsAgainAt));
            }
        }
    }

    void findRefusedTopics() {
        const sim::Journal& journal = m_world.journal();
        std::map<std::string, std::string> refusals;
        for (std::uint32_t id = journal.firstId().value; id <= journal.lastId().value; ++id) {
            const sim::JournalEntry* entry = journal.find(sim::JournalId{id});
            if (entry != nullptr && entry->kind == "kafka.topic-refused") {
                refusals.insert_or_assign(std::string{entry->field("topic")}, entry->text);
            }
        }
        for (const scenario::TopicPlan& plan : m_plan.topics) {
            const auto refusal = refusals.find(plan.name);
            const bool exists = std::any_of(m_cluster.topics.begin(), m_cluster.topics.end(),
                                            [&](const observe::TopicView& topic) { return topic.name == plan.name; });
            if (!exists && refusal != refusals.end()) {
                because("topic {}, which does not exist: {}", plan.name, refusal->second);
            }
        }
    }

    void findMissingCoordinators() {
        if (const std::optional<std::string> why = kafka::whyNoCoordinator(m_world); why && !groups().empty()) {
            because("a coordinator for groups and spouts: {}", *why);
        }
    }

    void findProducers() {
        for (const scenario::ProducerPlan& plan : m_plan.producers) {
            const kafka::ProducerProcessFigures figures = kafka::producerFigures(m_world, plan.id);
            if (!figures.exhausted) {
                because("source {}, which has been read up to position {}", plan.source, figures.nextPosition);
            }
            if (figures.records.pending > 0) {
                because("producer {}, which has {} records without an acknowledgement", plan.id,
                        figures.records.pending);
            }
        }
    }

    void findSinks() {
        for (const scenario::SinkPlan& plan : m_plan.sinks) {
            const ingest::SinkFigures figures = ingest::sinkFigures(m_world, plan.name);
            if (figures.waiting > 0) {
                because("sink {}, which has {} requests to commit", plan.name, figures.waiting);
            }
        }
    }

    void findLag() {
        for (const auto& [group, topics] : groups()) {
            const auto view = std::find_if(m_cluster.groups.begin(), m_cluster.groups.end(),
                                           [&](const observe::GroupView& each) { return each.name == group; });
            if (view == m_cluster.groups.end()) {
                continue;  // its topics have no partitions yet
            }
            for (const std::string& topic : topics) {
                findLag(*view, topic);
            }
            if (view->lag > 0) {
                findEnded(*view);
            }
        }
    }

    /// Members that have ended for the same reason are told together.
    void findEnded(const observe::GroupView& group) {
        std::map<std::string, std::vector<std::string>> byReason;
        for (const std::string& member : group.endedMembers) {
            const std::size_t colon = member.find(": ");  // "1: NoOffsetForPartition: nothing is ..."
            byReason[member.substr(colon + 2)].push_back(member.substr(0, colon));
        }
        for (const auto& [reason, members] : byReason) {
            because("group {}, of which consumer{} {} {} ended: {}", group.name, members.size() == 1 ? "" : "s",
                    observe::listed(members), members.size() == 1 ? "has" : "have", reason);
        }
    }

    void findLag(const observe::GroupView& group, const std::string& topic) {
        std::int64_t lag = 0;
        std::int64_t commitsToCome = 0;
        for (const observe::GroupOffsetView& offset : group.offsets) {
            lag += offset.topic == topic ? offset.lag : 0;
            commitsToCome += offset.topic == topic ? offset.commitsToCome : 0;
        }
        if (lag > 0 && group.pollTimeouts > 0) {
            because(
                "group {}, whose members worked longer than max.poll.interval.ms {} times and lost what they had read",
                group.name, group.pollTimeouts);
        }
        if (lag > 0) {
            because("group {}, which lags {} records behind in topic {}", group.name, lag, topic);
        } else if (commitsToCome > 0) {
            because("group {}, which is still to commit {} records of topic {}", group.name, commitsToCome, topic);
        }
    }

    /// What stands in a partition that nobody leads can be read by nobody; its high watermark is not known either.
    void findOffline() {
        const auto read = groups();
        for (const scenario::TopicPlan& plan : m_plan.topics) {
            const bool isRead = std::any_of(read.begin(), read.end(), [&](const auto& each) {
                return std::find(each.second.begin(), each.second.end(), plan.name) != each.second.end();
            });
            const auto topic = std::find_if(m_cluster.topics.begin(), m_cluster.topics.end(),
                                            [&](const observe::TopicView& each) { return each.name == plan.name; });
            for (std::int32_t index = 0; index < plan.partitions; ++index) {
                const bool hasLeader =
                    topic != m_cluster.topics.end() && std::any_of(topic->partitions.begin(), topic->partitions.end(),
                                                                   [&](const observe::PartitionView& each) {
                                                                       return each.partition == index &&
                                                                              each.leader >= 0 && runs(each.leader);
                                                                   });
                if (isRead && !hasLeader) {
                    because("partition {}-{}, which has no leader", plan.name, index);
                }
            }
        }
    }

    [[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> groups() const {
        std::vector<std::pair<std::string, std::vector<std::string>>> all;
        for (const scenario::GroupPlan& group : m_plan.groups) {
            all.emplace_back(group.name, group.topics);
        }
        for (const scenario::TopologyPlan& topology : m_plan.topologies) {
            for (const scenario::SpoutPlan& spout : topology.spouts) {
                all.emplace_back(spout.group, std::vector<std::string>{spout.topic});
            }
        }
        return all;
    }

    /// A broker that was repaired is not back before its replicas are in sync again.
    void findReplicas() {
        for (const observe::TopicView& topic : m_cluster.topics) {
            for (const observe::PartitionView& partition : topic.partitions) {
                for (const std::int32_t replica : partition.replicas) {
                    const bool isInSync =
                        std::find(partition.inSync.begin(), partition.inSync.end(), replica) != partition.inSync.end();
                    if (!isInSync && runs(replica)) {
                        because("the replica of {}-{} on broker {}, which is not in sync", topic.name,
                                partition.partition, replica);
                    }
                }
            }
        }
    }

    [[nodiscard]] bool runs(std::int32_t broker) const {
        return std::any_of(m_cluster.brokers.begin(), m_cluster.brokers.end(), [&](const observe::BrokerView& each) {
            return each.id == observe::brokerId(broker) && !observe::isDown(each.state) &&
                   each.state != observe::LifeState::Paused;
        });
    }

    /// Whoever is down for good keeps nobody waiting by itself, but is why others wait.
    void findDown() {
        for (std::uint32_t i = 0; i < m_world.processCount(); ++i) {
            const sim::ProcessSlot& process = m_world.process(sim::ProcessId{i});
            const bool isWorker = process.name().starts_with("worker/");  // a supervisor starts others in its place
            if (!isWorker && process.state == sim::ProcessState::HostOff) {
                because("{}, whose host {} is without power", process.name(), m_world.host(process.host).spec.name);
            } else if (!isWorker && process.endedByItself) {
                because("{}, which ended by itself{}", process.name(), endOf(process));
            } else if (!isWorker && process.state == sim::ProcessState::Crashed) {
                because("{}, which has crashed", process.name());
            } else if (!isWorker && process.isToStop && !process.isAlive()) {
                because("{}, which was stopped", process.name());
            } else if (process.state == sim::ProcessState::Paused) {
                because("{}, which is paused", process.name());
            }
        }
    }

    /// " at 12.000 s: The disk takes no more ..."
    [[nodiscard]] std::string endOf(const sim::ProcessSlot& process) const {
        const sim::JournalEntry* end = m_world.journal().find(process.silencedBy);
        if (end != nullptr && end->kind == "sim.process-ended") {
            end = m_world.journal().find(end->cause);
        }
        return end == nullptr ? std::string{} : fmt::format(" at {}: {}", millrace::toText(process.since), end->text);
    }

    void findTuples() {
        for (const scenario::TopologyPlan& plan : m_plan.topologies) {
            const storm::Unfinished work = storm::unfinished(m_world, plan.name);
            const bool neverFails = !plan.config.flag("topology.enable.message.timeouts");
            if (neverFails && work.lost > 0) {
                because(
                    "topology {}, {} of whose tuples are lost on their way and never fail, so they are never emitted "
                    "again: topology.enable.message.timeouts is false",
                    plan.name, work.lost);
            } else if (work.tuples > 0) {
                because("topology {}, which has {} tuples to deal with", plan.name, work.tuples);
            }
            if (!work.isRunning && storm::submissionState(m_world, plan.name) == storm::SubmissionState::Refused) {
                because("topology {}, which Nimbus refuses: it cannot store it, for its disk is full", plan.name);
            } else if (!work.isRunning) {
                because("topology {}, of which not every executor runs", plan.name);
            }
        }
    }

    const scenario::Scenario& m_plan;
    const sim::World& m_world;
    observe::ClusterView m_cluster;
    std::vector<std::string> m_reasons;
};

}  // namespace

std::vector<std::string> waitingFor(const scenario::Scenario& scenario, const sim::World& world,
                                    Thoroughness thoroughness) {
    return WorkFinder(scenario, world).find(thoroughness);
}

}  // namespace millrace::run
