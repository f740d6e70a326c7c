#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "engine/kafka/journal_kinds.h"
#include "engine/kafka/metrics.h"
#include "engine/kafka/waits.h"
#include "engine/observe/object_id.h"
#include "engine/observe/wording.h"
#include "engine/scenario/sections/kafka/kafka_section.h"
#include "engine/scenario/sections/kafka/partition_standstill.h"
#include "engine/scenario/sections/kafka/views.h"

namespace millrace::scenario {

namespace {

bool runs(const observe::ClusterView& cluster, std::int32_t broker) {
    return std::any_of(cluster.brokers.begin(), cluster.brokers.end(), [&](const observe::BrokerView& each) {
        return each.id == observe::brokerId(broker) && !observe::isDown(each.state) &&
               each.state != observe::LifeState::Paused;
    });
}

/// What is left to do between the ends: partitions without leaders, topics without replicas, readers behind.
class WorkFinder {
public:
    WorkFinder(const Scenario& plan, const sim::World& world, OpenWork& work)
        : m_plan(plan), m_world(world), m_work(work) {}

    void find() {
        describeCluster(m_plan, m_world, m_cluster);
        findOffline();
        if (m_work.isForPeople()) {
            findRefusedTopics();
            findMissingCoordinators();
        }
        findLag();
        findReplicas();
    }

private:
    [[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> groups() const {
        std::vector<std::pair<std::string, std::vector<std::string>>> all;
        for (const GroupPlan& group : m_plan.groups) {
            all.emplace_back(group.name, group.topics);
        }
        for (const auto& [group, topic] : subscriptionsOf(m_plan).subscriptions) {
            all.emplace_back(group, std::vector{topic.text()});
        }
        return all;
    }

    void findOffline() {
        std::set<std::string, std::less<>> read;
        for (const auto& [group, topics] : groups()) {
            read.insert(topics.begin(), topics.end());
        }
        findUnreadable(m_plan, m_cluster, read, m_work);
    }

    void findRefusedTopics() {
        const sim::Journal& journal = m_world.journal();
        std::map<std::string, std::string> refusals;
        for (std::uint32_t id = journal.firstId().value; id <= journal.lastId().value; ++id) {
            const sim::JournalEntry* entry = journal.find(sim::JournalId{id});
            if (entry != nullptr && entry->kind == kafka::happened::topicRefused) {
                refusals.insert_or_assign(std::string{kafka::field::topic.of(*entry).value_or("")}, entry->text);
            }
        }
        for (const TopicPlan& plan : m_plan.topics) {
            const auto refusal = refusals.find(plan.name);
            const bool exists = std::any_of(m_cluster.topics.begin(), m_cluster.topics.end(),
                                            [&](const observe::TopicView& topic) { return topic.name == plan.name; });
            if (!exists && refusal != refusals.end()) {
                m_work.because("topic {}, which does not exist: {}", plan.name, refusal->second);
            }
        }
    }

    void findMissingCoordinators() {
        if (const std::optional<std::string> why = kafka::whyNoCoordinator(m_world); why && !groups().empty()) {
            m_work.because("a coordinator for groups and spouts: {}", *why);
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
            m_work.because("group {}, of which consumer{} {} {} ended: {}", group.name, members.size() == 1 ? "" : "s",
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
            m_work.because(
                "group {}, whose members worked longer than max.poll.interval.ms {} times and lost what they had read",
                group.name, group.pollTimeouts);
        }
        if (lag > 0) {
            m_work.because("group {}, which lags {} records behind in topic {}", group.name, lag, topic);
        } else if (commitsToCome > 0) {
            m_work.because("group {}, which is still to commit {} records of topic {}", group.name, commitsToCome,
                           topic);
        }
    }

    /// A broker that was repaired is not back before its replicas are in sync again.
    void findReplicas() {
        for (const observe::TopicView& topic : m_cluster.topics) {
            for (const observe::PartitionView& partition : topic.partitions) {
                for (const std::int32_t replica : partition.replicas) {
                    const bool isInSync =
                        std::find(partition.inSync.begin(), partition.inSync.end(), replica) != partition.inSync.end();
                    if (!isInSync && runs(m_cluster, replica)) {
                        m_work.because("the replica of {}-{} on broker {}, which is not in sync", topic.name,
                                       partition.partition, replica);
                    }
                }
            }
        }
    }

    const Scenario& m_plan;
    const sim::World& m_world;
    OpenWork& m_work;
    observe::ClusterView m_cluster;
};

}  // namespace

void findUnreadable(const Scenario& plan, const observe::ClusterView& cluster,
                    const std::set<std::string, std::less<>>& topics, OpenWork& work) {
    for (const TopicPlan& each : plan.topics) {
        if (!topics.contains(each.name)) {
            continue;
        }
        const auto topic = std::find_if(cluster.topics.begin(), cluster.topics.end(),
                                        [&](const observe::TopicView& view) { return view.name == each.name; });
        for (std::int32_t index = 0; index < each.partitions; ++index) {
            const auto isIt = [&](const observe::PartitionView& view) { return view.partition == index; };
            const observe::PartitionView* partition = nullptr;
            if (topic != cluster.topics.end()) {
                const auto at = std::find_if(topic->partitions.begin(), topic->partitions.end(), isIt);
                partition = at == topic->partitions.end() ? nullptr : &*at;
            }
            if (partition == nullptr || partition->leader < 0 || !runs(cluster, partition->leader)) {
                work.because("partition {}-{}, which has no leader", each.name, index);
            } else if (partition->logEndOffset > partition->highWatermark) {
                work.because("partition {}-{}, of which {} records are not in all in-sync replicas", each.name, index,
                             partition->logEndOffset - partition->highWatermark);
            }
        }
    }
}

void KafkaSection::findWorkInside(const Scenario& plan, const sim::World& world, OpenWork& work) const {
    WorkFinder(plan, world, work).find();
}

SimDuration KafkaSection::longestSilence(const Scenario& plan) const {
    SimDuration longest{0};
    for (const BrokerPlan& broker : plan.cluster.brokers) {
        longest =
            std::max(longest, longestOf(broker.config, {"zookeeper.session.timeout.ms", "replica.lag.time.max.ms"}));
    }
    return longest;
}

void KafkaSection::markInside(const Scenario& plan, const sim::World& world, const ProgressMark& mark) const {
    observe::ClusterView cluster;
    describeCluster(plan, world, cluster);
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

std::unique_ptr<Standstill> KafkaSection::watchLeaders(const Scenario& plan) const {
    return std::make_unique<PartitionStandstill>(plan);
}

void KafkaSection::addWaits(WaitStage stage, const sim::World& world, const observe::SystemViews& views,
                            std::vector<observe::WaitView>& waits) const {
    if (stage != WaitStage::Servers) {
        return;
    }
    kafka::Waits all(world, views.cluster);
    for (auto& more : {all.topics(), all.groups(), all.brokers()}) {
        waits.insert(waits.end(), more.begin(), more.end());
    }
}

std::span<const Metric* const> KafkaSection::metrics() const {
    return kafka::metric::all;
}

}  // namespace millrace::scenario
