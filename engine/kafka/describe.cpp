#include "engine/kafka/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "engine/describe/life.h"
#include "engine/kafka/client/assignor.h"
#include "engine/kafka/client/describe_producers.h"
#include "engine/kafka/client/group_member_process.h"
#include "engine/kafka/group/group_coordinator.h"
#include "engine/kafka/metrics.h"
#include "engine/kafka/partitioner.h"
#include "engine/kafka/zk/znodes.h"
#include "engine/zookeeper/describe.h"
#include "engine/zookeeper/tree.h"

namespace millrace::kafka {

namespace {

constexpr std::string_view processPrefix = "broker/";

struct BrokerProcess {
    BrokerId id;
    const sim::ProcessSlot* process = nullptr;
    const Broker* actor = nullptr;  ///< null when it does not live
};

std::optional<std::int32_t> numberFrom(std::string_view text) {
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::vector<BrokerProcess> brokerProcesses(const sim::World& world) {
    std::vector<BrokerProcess> brokers;
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        if (!process.name().starts_with(processPrefix)) {
            continue;
        }
        if (const auto id = numberFrom(std::string_view{process.name()}.substr(processPrefix.size()))) {
            brokers.push_back(
                {BrokerId{*id}, &process, process.isAlive() ? findBroker(world, BrokerId{*id}) : nullptr});
        }
    }
    std::sort(brokers.begin(), brokers.end(),
              [](const BrokerProcess& a, const BrokerProcess& b) { return a.id < b.id; });
    return brokers;
}

/// One that runs and is not registered is of no use to anybody yet.
observe::LifeState lifeOf(const BrokerProcess& broker) {
    const bool isIn = broker.actor != nullptr && broker.actor->registration().isRegistered();
    return broker.process->state == sim::ProcessState::Running && !isIn ? observe::LifeState::Starting
                                                                        : describe::lifeOf(broker.process->state);
}

ByteCount unflushedBytes(const sim::World& world, const BrokerProcess& broker) {
    const sim::ProcessDisk disk = world.diskOf(broker.process->id);
    ByteCount bytes = 0;
    for (const std::string& name : disk.list("")) {
        bytes += disk.find(name)->unflushedBytes();
    }
    return bytes;
}

using States = std::map<TopicPartition, PartitionState>;

/// The newest that any live broker knows of each partition.
States newestStates(const std::vector<BrokerProcess>& brokers) {
    States states;
    for (const BrokerProcess& broker : brokers) {
        if (broker.actor == nullptr) {
            continue;
        }
        const MetadataCache& cache = broker.actor->metadata();
        for (const TopicName& topic : cache.topics()) {
            for (std::int32_t i = 0; i < cache.partitionCount(topic); ++i) {
                const PartitionState* state = cache.partition({topic, PartitionIndex{i}});
                PartitionState& known = states[{topic, PartitionIndex{i}}];
                const auto ageOf = [](const PartitionState& each) {
                    return std::tuple(each.leaderEpoch, each.partitionEpoch);
                };
                if (known.replicas.empty() || ageOf(*state) > ageOf(known)) {
                    known = *state;
                }
            }
        }
    }
    return states;
}

/// What ZooKeeper holds of the partitions, for when no broker lives who could tell: then nobody leads, whatever the
/// last controller wrote.
States statesInZooKeeper(const sim::World& world) {
    States states;
    const zookeeper::Tree* tree = zookeeper::furthestTree(world);
    for (const std::string& name : tree != nullptr ? tree->childrenOf(znodes::topics) : std::vector<std::string>()) {
        const TopicName topic(name);
        const zookeeper::Node* node = tree->find(znodes::topic(topic));
        const znodes::Assignment assignment = node != nullptr ? znodes::readTopic(node->data) : znodes::Assignment();
        for (std::size_t i = 0; i < assignment.size(); ++i) {
            const TopicPartition partition{topic, PartitionIndex{static_cast<std::int32_t>(i)}};
            const zookeeper::Node* kept = tree->find(znodes::partitionState(partition));
            PartitionState state =
                (kept != nullptr ? znodes::readPartitionState(kept->data) : std::nullopt).value_or(PartitionState{});
            state.partition = partition;
            state.leader = noBroker;
            state.replicas = assignment[i];
            states[partition] = std::move(state);
        }
    }
    return states;
}

using Topics = std::set<std::string, std::less<>>;

enum class Which : std::uint8_t { All, Led };

/// Of some topics only, when they are named.
std::vector<observe::ReplicaView> replicasOf(const Broker& broker, const Topics* of = nullptr,
                                             Which which = Which::All) {
    std::vector<const Partition*> partitions;
    for (ReplicaManager::Slot slot = 0; slot < broker.replicas().count(); ++slot) {
        const Partition& partition = broker.replicas().at(slot);
        if ((which == Which::All || partition.isLeader()) &&
            (of == nullptr || of->contains(partition.id().topic.text()))) {
            partitions.push_back(&partition);
        }
    }
    std::sort(partitions.begin(), partitions.end(),
              [](const Partition* a, const Partition* b) { return a->id() < b->id(); });
    std::vector<observe::ReplicaView> views;
    for (const Partition* partition : partitions) {
        const PartitionState* told = broker.metadata().partition(partition->id());
        const std::vector<BrokerId>& inSync =
            partition->isLeader() || told == nullptr ? partition->inSyncSet() : told->isr;
        observe::ReplicaView view;
        view.topic = partition->id().topic.text();
        view.partition = partition->id().partition.value;
        view.isLeader = partition->isLeader();
        view.isInSync = holds(inSync, broker.config().id);
        view.leaderEpoch = partition->leaderEpoch().value;
        view.logStartOffset = partition->log.start().value;
        view.logEndOffset = partition->log.end().value;
        view.highWatermark = partition->log.highWatermark().value;
        view.truncatedTo = partition->truncatedTo.value;
        view.truncatedFrom = partition->truncatedFrom.value;
        view.sizeBytes = partition->log.size();
        views.push_back(std::move(view));
    }
    return views;
}

/// A dead broker tells nothing, and its log lies on its disk all the same. Leader and in sync it is as long as the
/// others have not been told of another state.
std::vector<observe::ReplicaView> replicasOnDisk(const sim::World& world, const BrokerProcess& broker,
                                                 const States& states, const Topics* of = nullptr) {
    std::vector<observe::ReplicaView> views;
    for (const StoredReplica& stored : storedReplicas(world.diskOf(broker.process->id))) {
        if (of != nullptr && !of->contains(stored.log.partition.topic.text())) {
            continue;
        }
        observe::ReplicaView view;
        view.topic = stored.log.partition.topic.text();
        view.partition = stored.log.partition.partition.value;
        const auto state = states.find(stored.log.partition);
        view.isLeader = state != states.end() && state->second.leader == broker.id;
        view.isInSync = state != states.end() && holds(state->second.isr, broker.id);
        view.leaderEpoch = std::max(0, stored.log.epoch.value);
        view.logStartOffset = stored.log.start.value;
        view.logEndOffset = stored.log.end.value;
        view.highWatermark = stored.highWatermark.value;
        view.sizeBytes = stored.log.bytes;
        views.push_back(std::move(view));
    }
    return views;
}

observe::BrokerView viewOf(const sim::World& world, const BrokerProcess& broker, const States& states) {
    const std::string owner = brokerActorName(broker.id);
    observe::BrokerView view;
    view.id = observe::brokerId(broker.id.value);
    view.host = observe::hostId(world.host(broker.process->host).spec.name);
    view.state = lifeOf(broker);
    view.incarnation = static_cast<std::int32_t>(broker.process->incarnation);
    view.unflushedBytes = unflushedBytes(world, broker);
    if (broker.actor == nullptr) {
        view.replicas = replicasOnDisk(world, broker, states);
        if (const auto kept = zookeeper::ownerOf(world, znodes::broker(broker.id))) {
            view.session = fmt::format("{}, kept by ZooKeeper until {:.1f} s", zookeeper::toText(kept->session),
                                       seconds(kept->expires));
        }
        return view;
    }
    const Broker& actor = *broker.actor;
    view.isController = actor.controller().isActive();
    view.isRegistered = actor.registration().isRegistered();
    view.session = fmt::format("{}, {:g} s{}", zookeeper::toText(actor.zookeeperClient().session()),
                               seconds(actor.zookeeperClient().sessionTimeout()),
                               actor.zookeeperClient().isConnected() ? "" : ", not connected");
    view.bytesInPerSecond =
        world.ratePerSecond(owner, metric::bytesIn) + world.ratePerSecond(owner, metric::replicationBytesIn);
    view.bytesOutPerSecond =
        world.ratePerSecond(owner, metric::bytesOut) + world.ratePerSecond(owner, metric::replicationBytesOut);
    view.requestUtilisation = std::min(1.0, world.ratePerSecond(owner, metric::requestNanoseconds) / 1e9);
    view.replicas = replicasOf(actor);
    return view;
}

const Partition* replicaOn(const std::vector<BrokerProcess>& brokers, BrokerId id, const TopicPartition& partition) {
    for (const BrokerProcess& broker : brokers) {
        if (broker.id == id && broker.actor != nullptr) {
            const ReplicaManager::Slot slot = broker.actor->replicas().find(partition);
            return slot == ReplicaManager::noSlot ? nullptr : &broker.actor->replicas().at(slot);
        }
    }
    return nullptr;
}

/// The leader's log, or, without a live leader, the longest of the live replicas'.
const PartitionLog* logOf(const std::vector<BrokerProcess>& brokers, const PartitionState& state) {
    if (const Partition* leader = replicaOn(brokers, state.leader, state.partition)) {
        return &leader->log;
    }
    const PartitionLog* longest = nullptr;
    for (const BrokerId replica : state.replicas) {
        const Partition* partition = replicaOn(brokers, replica, state.partition);
        if (partition != nullptr && (longest == nullptr || partition->log.end() > longest->end())) {
            longest = &partition->log;
        }
    }
    return longest;
}

observe::PartitionView viewOf(const std::vector<BrokerProcess>& brokers, const PartitionState& state) {
    observe::PartitionView view;
    view.partition = state.partition.partition.value;
    view.leader = state.leader.value;
    view.leaderEpoch = state.leaderEpoch.value;
    for (const BrokerId replica : state.replicas) {
        view.replicas.push_back(replica.value);
    }
    for (const BrokerId replica : state.isr) {
        view.inSync.push_back(replica.value);
    }
    if (const PartitionLog* log = logOf(brokers, state)) {
        view.logStartOffset = log->start().value;
        view.highWatermark = log->highWatermark().value;
        view.logEndOffset = log->end().value;
    }
    return view;
}

std::vector<observe::TopicView> topicsOf(const sim::World& world, const std::vector<BrokerProcess>& brokers,
                                         const States& states) {
    std::vector<observe::TopicView> topics;
    for (const auto& [partition, state] : states) {
        if (topics.empty() || topics.back().name != partition.topic.text()) {
            observe::TopicView topic;
            topic.id = observe::topicId(partition.topic.text());
            topic.name = partition.topic.text();
            topic.replicationFactor = static_cast<std::int32_t>(state.replicas.size());
            for (const BrokerProcess& broker : brokers) {
                const std::string owner = brokerActorName(broker.id);
                topic.recordsInPerSecond += world.ratePerSecond(owner, metric::topicRecordsIn, topic.name);
                topic.bytesInPerSecond += world.ratePerSecond(owner, metric::topicBytesIn, topic.name);
            }
            topics.push_back(std::move(topic));
        }
        if (const Partition* leader = replicaOn(brokers, state.leader, partition)) {
            topics.back().minInSync = leader->minInSync();
        }
        topics.back().partitions.push_back(viewOf(brokers, state));
    }
    return topics;
}

/// Of partitions that no live broker knows: as far as the longest log on the disks reaches.
void takeExtentsFromDisks(observe::ClusterView& view) {
    std::map<std::pair<std::string_view, std::int32_t>, observe::PartitionView*> known;
    for (observe::TopicView& topic : view.topics) {
        for (observe::PartitionView& partition : topic.partitions) {
            known[{topic.name, partition.partition}] = &partition;
        }
    }
    for (const observe::BrokerView& broker : view.brokers) {
        for (const observe::ReplicaView& replica : broker.replicas) {
            const auto at = known.find({replica.topic, replica.partition});
            if (at != known.end()) {
                observe::PartitionView& partition = *at->second;
                partition.logStartOffset = std::max(partition.logStartOffset, replica.logStartOffset);
                partition.highWatermark = std::max(partition.highWatermark, replica.highWatermark);
                partition.logEndOffset = std::max(partition.logEndOffset, replica.logEndOffset);
            }
        }
    }
}

// --- groups

bool isBefore(const observe::GroupOffsetView& a, const observe::GroupOffsetView& b) {
    return std::tie(a.topic, a.partition) < std::tie(b.topic, b.partition);
}

const GroupCoordinator* coordinatorOf(const BrokerProcess& broker) {
    return broker.actor == nullptr ? nullptr : dynamic_cast<const GroupCoordinator*>(broker.actor->coordinator());
}

void addOffsets(const Group& group, observe::GroupView& view) {
    for (const auto& [partition, committed] : group.offsets) {
        observe::GroupOffsetView& offset = view.offsets.emplace_back();
        offset.topic = partition.topic.text();
        offset.partition = partition.partition.value;
        offset.committed = committed.offset.value;
    }
    std::sort(view.offsets.begin(), view.offsets.end(), isBefore);
}

observe::GroupView viewOf(const Group& group, BrokerId coordinator) {
    observe::GroupView view;
    view.id = observe::groupId(group.name);
    view.name = group.name;
    view.state = toText(group.state);
    view.generation = group.generation;
    view.coordinator = coordinator.value;
    for (const auto& [id, member] : group.members) {
        observe::GroupMemberView memberView{id, member.clientId, {}};
        if (member.assignment) {
            for (const TopicPartition& partition : decodeAssignment(member.assignment->text())) {
                memberView.assigned.push_back(toText(partition));
            }
        }
        view.members.push_back(std::move(memberView));
    }
    addOffsets(group, view);
    return view;
}

/// Where the groups' members of this room are, and what they are to read.
void findMembers(const sim::World& world, Readers& readers) {
    for (const GroupMemberProcess& member : groupMemberProcesses(world)) {
        for (const TopicName& topic : member.topics) {
            readers.subscriptions.emplace_back(member.group, topic);
        }
        const GroupMemberFigures figures = groupMemberFigures(world, member.group, member.member);
        for (std::size_t each = 0; each < figures.assignment.size(); ++each) {
            const Offset position = figures.positions[each];
            if (position != noOffset) {
                const Offset safe = figures.autoCommit ? noOffset : position;
                readers.positions.push_back({member.group, figures.assignment[each], position, safe});
            }
        }
    }
}

/// What is known of a partition's records, whoever still knows it.
struct Extent {
    std::int64_t start = 0;
    std::int64_t highWatermark = 0;
};

/// Every partition's, from a view whose brokers and topics are filled. Replicas stand there by topic and partition.
class Extents {
public:
    explicit Extents(const observe::ClusterView& view) {
        for (const observe::BrokerView& broker : view.brokers) {
            std::vector<Known>* of = nullptr;
            const std::string* topic = nullptr;
            for (const observe::ReplicaView& replica : broker.replicas) {
                if (topic == nullptr || *topic != replica.topic) {
                    topic = &replica.topic;
                    of = &m_known[replica.topic];
                }
                const auto index = static_cast<std::size_t>(replica.partition);
                if (index >= of->size()) {
                    of->resize(index + 1);
                }
                note((*of)[index], replica, observe::isDown(broker.state));
            }
        }
    }

    [[nodiscard]] const Extent* find(const std::string& topic, std::int32_t partition) const {
        const auto at = m_known.find(topic);
        const auto index = static_cast<std::size_t>(partition);
        const bool isKnown = at != m_known.end() && index < at->second.size() && at->second[index].isSet;
        return isKnown ? &at->second[index].extent : nullptr;
    }
    [[nodiscard]] std::vector<std::int32_t> partitionsOf(const std::string& topic) const {
        std::vector<std::int32_t> all;
        if (const auto at = m_known.find(topic); at != m_known.end()) {
            for (std::size_t i = 0; i < at->second.size(); ++i) {
                if (at->second[i].isSet) {
                    all.push_back(static_cast<std::int32_t>(i));
                }
            }
        }
        return all;
    }

private:
    struct Known {
        Extent extent;
        std::int32_t liveLeader = -1;  ///< the epoch of the one that told it; -1: none has
        bool isSet = false;
    };

    /// A live leader knows the high watermark, the newest if there are two who think so. Without one it is at least
    /// what a replica has heard, and will be at the end of one in sync when that one leads.
    static void note(Known& known, const observe::ReplicaView& replica, bool isDown) {
        const std::int32_t liveLeader = replica.isLeader && !isDown ? replica.leaderEpoch : -1;
        const bool toEnd = liveLeader < 0 && (replica.isLeader || replica.isInSync);
        const Extent extent{replica.logStartOffset, toEnd ? replica.logEndOffset : replica.highWatermark};
        const auto worth = [](std::int32_t epoch, const Extent& of) { return std::pair(epoch, of.highWatermark); };
        if (!known.isSet || worth(liveLeader, extent) > worth(known.liveLeader, known.extent)) {
            known = {extent, liveLeader, true};
        }
    }

    std::map<std::string, std::vector<Known>, std::less<>> m_known;
};

observe::GroupView& groupNamed(std::vector<observe::GroupView>& groups, const std::string& name) {
    const auto found = std::find_if(groups.begin(), groups.end(), [&](const auto& each) { return each.name == name; });
    if (found != groups.end()) {
        return *found;
    }
    observe::GroupView& group = groups.emplace_back();
    group.id = observe::groupId(name);
    group.name = name;
    return group;
}

observe::GroupOffsetView& offsetOf(observe::GroupView& group, const std::string& topic, std::int32_t partition) {
    observe::GroupOffsetView wanted;
    wanted.topic = topic;
    wanted.partition = partition;
    auto offset = std::lower_bound(group.offsets.begin(), group.offsets.end(), wanted, isBefore);
    if (offset == group.offsets.end() || isBefore(wanted, *offset)) {
        offset = group.offsets.insert(offset, std::move(wanted));
    }
    return *offset;
}

/// How far groups are behind in each partition that they read: the one place that says what a lag is.
void measureLag(const Extents& extents, const Readers& readers, std::vector<observe::GroupView>& groups) {
    for (const auto& [group, topic] : readers.subscriptions) {
        (void)groupNamed(groups, group);
        for (const std::int32_t partition : extents.partitionsOf(topic.text())) {
            (void)offsetOf(groupNamed(groups, group), topic.text(), partition);
        }
    }
    std::map<std::tuple<std::string, std::string, std::int32_t>, Offset> safe;
    for (const ReadPosition& reader : readers.positions) {
        const std::string& topic = reader.partition.topic.text();
        const std::int32_t partition = reader.partition.partition.value;
        offsetOf(groupNamed(groups, reader.group), topic, partition).position = reader.next.value;
        safe[{reader.group, topic, partition}] = reader.safe;
    }
    for (observe::GroupView& group : groups) {
        for (observe::GroupOffsetView& offset : group.offsets) {
            const Extent* extent = extents.find(offset.topic, offset.partition);
            const Extent known = extent == nullptr ? Extent{} : *extent;
            const auto behind = [&](std::int64_t from) {
                return std::max<std::int64_t>(0, known.highWatermark - std::max(from, known.start));
            };
            offset.uncommitted = offset.committed < 0 ? 0 : behind(offset.committed);
            offset.lag = behind(offset.position >= 0 ? offset.position : offset.committed);
            if (offset.position >= 0) {
                const std::int64_t covered =
                    std::max({offset.committed, known.start, safe[{group.name, offset.topic, offset.partition}].value});
                offset.commitsToCome = std::max<std::int64_t>(0, offset.position - covered);
            }
            group.lag += offset.lag;
            group.uncommitted += offset.uncommitted;
        }
    }
}

/// How long the first record that is not consumed has been there.
SimDuration ageOf(const sim::World& world, const PartitionLog& log, Offset from) {
    Batches batches;
    log.read(from, log.highWatermark(), 1, true, batches);
    if (batches.empty()) {
        return SimDuration{0};
    }
    const std::int64_t now = world.spec().startMillis + nanoseconds(world.now()) / 1'000'000;
    return std::chrono::milliseconds{std::max<std::int64_t>(0, now - batches.front()->baseTimestamp())};
}

/// How long the oldest record that the group has not read has been there.
void measureAge(const sim::World& world, const std::vector<BrokerProcess>& brokers, const States& states,
                observe::GroupView& group) {
    for (const observe::GroupOffsetView& offset : group.offsets) {
        const auto state = states.find({TopicName{offset.topic}, PartitionIndex{offset.partition}});
        const PartitionLog* log = state == states.end() ? nullptr : logOf(brokers, state->second);
        if (log != nullptr && offset.lag > 0) {
            const Offset from{std::max(log->start().value, log->highWatermark().value - offset.lag)};
            group.unreadTime = std::max(group.unreadTime, ageOf(world, *log, from));
        }
    }
}

/// Whether the groups of a part of `__consumer_offsets` are this broker's: one that is paused or cut off may not know
/// yet that another has taken them over.
bool isCoordinator(const BrokerProcess& broker, const States& states, PartitionIndex partition) {
    const GroupCoordinator* coordinator = coordinatorOf(broker);
    if (coordinator == nullptr || !coordinator->coordinates(partition)) {
        return false;
    }
    const auto state = states.find({TopicName{consumerOffsetsTopic}, partition});
    return state == states.end() || state->second.leader == noBroker || state->second.leader == broker.id;
}

/// The groups that a log holds. It is asked about again and again while nobody coordinates them, and does not change:
/// what was read last is kept, outside of any world, by the batches themselves.
const std::map<std::string, Group, std::less<>>& loadedFrom(const Batches& batches, PartitionIndex partition) {
    struct Kept {
        BatchRef first;
        BatchRef last;
        std::size_t count = 0;
        std::map<std::string, Group, std::less<>> groups;
    };
    constexpr std::size_t keptMost = 64;
    static thread_local std::map<PartitionIndex, Kept> all;
    if (all.size() >= keptMost && !all.contains(partition)) {
        all.clear();
    }
    Kept& kept = all[partition];
    const bool isSame = kept.count == batches.size() &&
                        (batches.empty() || (kept.first == batches.front() && kept.last == batches.back()));
    if (!isSame) {
        kept = {batches.empty() ? BatchRef{} : batches.front(),
                batches.empty() ? BatchRef{} : batches.back(),
                batches.size(),
                {}};
        for (const BatchRef& batch : batches) {
            loadGroups(*batch, partition, kept.groups);
        }
    }
    return kept.groups;
}

/// Groups whose part of `__consumer_offsets` no live broker coordinates, from the longest of its replicas.
void findOrphans(const sim::World& world, const std::vector<BrokerProcess>& brokers, const States& states,
                 const observe::ClusterView& view, std::vector<observe::GroupView>& groups) {
    const auto isCoordinated = [&](PartitionIndex partition) {
        return std::any_of(brokers.begin(), brokers.end(),
                           [&](const BrokerProcess& broker) { return isCoordinator(broker, states, partition); });
    };
    std::map<std::int32_t, std::pair<std::int64_t, const BrokerProcess*>> longest;
    for (const observe::BrokerView& broker : view.brokers) {
        for (const observe::ReplicaView& replica : broker.replicas) {
            if (replica.topic != consumerOffsetsTopic || replica.logEndOffset == 0 ||
                isCoordinated(PartitionIndex{replica.partition})) {
                continue;
            }
            auto& [end, holder] = longest[replica.partition];
            if (replica.logEndOffset > end) {
                end = replica.logEndOffset;
                holder = &*std::find_if(brokers.begin(), brokers.end(), [&](const BrokerProcess& each) {
                    return observe::brokerId(each.id.value) == broker.id;
                });
            }
        }
    }
    for (const auto& [index, replica] : longest) {
        const TopicPartition partition{TopicName{consumerOffsetsTopic}, PartitionIndex{index}};
        const Partition* live = replicaOn(brokers, replica.second->id, partition);
        const Batches batches = live != nullptr ? Batches(live->log.batches().begin(), live->log.batches().end())
                                                : storedBatches(world.diskOf(replica.second->process->id), partition);
        for (const auto& [name, group] : loadedFrom(batches, partition.partition)) {
            groups.push_back(viewOf(group, noBroker));
            groups.back().state = "Unknown";
        }
    }
}

/// Whether every partition of the topics has a live leader and every group one live coordinator: then those know all
/// that is to be known of offsets.
bool isCalm(const std::vector<BrokerProcess>& brokers, const Topics& topics) {
    const bool isAnyDown = std::any_of(brokers.begin(), brokers.end(),
                                       [](const BrokerProcess& broker) { return broker.actor == nullptr; });
    const auto countOf = [&](const TopicName& topic) {
        std::int32_t count = 0;
        for (const BrokerProcess& broker : brokers) {
            count = std::max(count, broker.actor == nullptr ? 0 : broker.actor->metadata().partitionCount(topic));
        }
        return count;
    };
    const auto everyPartition = [&](const TopicName& topic, const auto& isServed) {
        const std::int32_t count = countOf(topic);
        std::int32_t served = 0;
        for (std::int32_t i = 0; i < count; ++i) {
            served += isServed(PartitionIndex{i}) ? 1 : 0;
        }
        return count == 0 ? !isAnyDown : served == count;
    };
    const auto onAny = [&](const auto& serves) { return std::any_of(brokers.begin(), brokers.end(), serves); };
    const auto isLed = [&](const TopicPartition& partition) {
        return onAny([&](const BrokerProcess& broker) {
            return broker.actor != nullptr && broker.actor->replicas().isLeader(partition);
        });
    };
    std::vector<const GroupCoordinator*> coordinators;
    for (const BrokerProcess& broker : brokers) {
        if (const GroupCoordinator* coordinator = coordinatorOf(broker)) {
            coordinators.push_back(coordinator);
        }
    }
    const auto isCoordinated = [&](PartitionIndex partition) {
        return std::count_if(coordinators.begin(), coordinators.end(),
                             [&](const GroupCoordinator* each) { return each->coordinates(partition); }) == 1;
    };
    return everyPartition(TopicName{consumerOffsetsTopic}, isCoordinated) &&
           std::all_of(topics.begin(), topics.end(), [&](const std::string& topic) {
               return everyPartition(TopicName{topic}, [&](PartitionIndex partition) {
                   return isLed({TopicName{topic}, partition});
               });
           });
}

Topics topicsRead(const Readers& readers, const std::vector<observe::GroupView>& groups) {
    Topics topics;
    for (const auto& [group, topic] : readers.subscriptions) {
        topics.insert(topic.text());
    }
    for (const ReadPosition& reader : readers.positions) {
        topics.insert(reader.partition.topic.text());
    }
    for (const observe::GroupView& group : groups) {
        for (const observe::GroupOffsetView& offset : group.offsets) {
            topics.insert(offset.topic);
        }
    }
    return topics;
}

/// A group that has readers and stands in no log that is left, while nobody coordinates it: its coordinator's host has
/// lost its power, or the offsets' topic cannot be made. With a coordinator, a group that it does not know is one that
/// has not begun.
void nameTheUnknown(const std::vector<BrokerProcess>& brokers, const States& states,
                    std::vector<observe::GroupView>& groups) {
    const auto count = std::count_if(states.begin(), states.end(),
                                     [](const auto& each) { return each.first.topic.text() == consumerOffsetsTopic; });
    const bool areAllDown = std::all_of(brokers.begin(), brokers.end(),
                                        [](const BrokerProcess& broker) { return broker.actor == nullptr; });
    for (observe::GroupView& group : groups) {
        const auto isIts = [&](const BrokerProcess& broker) {
            return isCoordinator(broker, states, offsetsPartitionOf(group.name, static_cast<std::int32_t>(count)));
        };
        const bool isOrphaned =
            areAllDown || (count == 0 ? group.lag > 0 : std::none_of(brokers.begin(), brokers.end(), isIts));
        if (group.state.empty() && isOrphaned) {
            group.state = "Unknown";
        }
    }
}

std::vector<observe::GroupView> groupsOf(const sim::World& world, const std::vector<BrokerProcess>& brokers,
                                         const States& states, const observe::ClusterView& view, Readers readers) {
    std::vector<observe::GroupView> groups;
    for (const BrokerProcess& broker : brokers) {
        if (const GroupCoordinator* coordinator = coordinatorOf(broker)) {
            for (const auto& [name, group] : coordinator->groups()) {
                if (isCoordinator(broker, states, group.partition)) {
                    groups.push_back(viewOf(group, broker.id));
                }
            }
        }
    }
    findOrphans(world, brokers, states, view, groups);
    findMembers(world, readers);
    measureLag(Extents(view), readers, groups);
    nameTheUnknown(brokers, states, groups);
    for (observe::GroupView& group : groups) {
        measureAge(world, brokers, states, group);
    }
    for (const GroupMemberProcess& member : groupMemberProcesses(world)) {
        if (const auto figures = groupMemberFigures(world, member.group, member.member); figures.pollTimeouts > 0) {
            groupNamed(groups, member.group).pollTimeouts += figures.pollTimeouts;
        }
        if (!member.ended.empty()) {
            groupNamed(groups, member.group).endedMembers.push_back(fmt::format("{}: {}", member.member, member.ended));
        }
    }
    std::sort(groups.begin(), groups.end(),
              [](const observe::GroupView& a, const observe::GroupView& b) { return a.name < b.name; });
    return groups;
}

}  // namespace

const Broker* findBroker(const sim::World& world, BrokerId id) {
    return world.findActor<Broker>(brokerActorName(id));
}

void describe(const sim::World& world, observe::ClusterView& view, const Readers& readers) {
    const std::vector<BrokerProcess> brokers = brokerProcesses(world);
    const bool isAnyAlive =
        std::any_of(brokers.begin(), brokers.end(), [](const BrokerProcess& each) { return each.actor != nullptr; });
    const States states = isAnyAlive ? newestStates(brokers) : statesInZooKeeper(world);
    ControllerEpoch newest{-1};
    for (const BrokerProcess& broker : brokers) {
        view.brokers.push_back(viewOf(world, broker, states));
        // A controller that is cut off may not know yet that it has been replaced.
        if (broker.actor != nullptr && broker.actor->controller().isActive() &&
            broker.actor->controller().epoch() > newest) {
            newest = broker.actor->controller().epoch();
            view.controller = broker.id.value;
        }
    }
    view.topics = topicsOf(world, brokers, states);
    if (!isAnyAlive) {
        takeExtentsFromDisks(view);
    }
    view.groups = groupsOf(world, brokers, states, view, readers);
    view.producers = describeProducers(world);
}

std::vector<observe::GroupView> describeLags(const sim::World& world, Readers readers) {
    const std::vector<BrokerProcess> brokers = brokerProcesses(world);
    // With the states, only of those who still coordinate them.
    const auto groupsKnown = [&](const States* states) {
        std::vector<observe::GroupView> known;
        for (const BrokerProcess& broker : brokers) {
            const GroupCoordinator* coordinator = coordinatorOf(broker);
            if (coordinator == nullptr) {
                continue;
            }
            for (const auto& [name, group] : coordinator->groups()) {
                if (states == nullptr || isCoordinator(broker, *states, group.partition)) {
                    known.emplace_back().name = name;
                    addOffsets(group, known.back());
                }
            }
        }
        return known;
    };
    std::vector<observe::GroupView> groups = groupsKnown(nullptr);
    findMembers(world, readers);
    Topics topics = topicsRead(readers, groups);
    if (groups.empty() && topics.empty()) {
        return groups;
    }
    const bool allIsLed = isCalm(brokers, topics);
    if (!allIsLed) {
        topics.emplace(consumerOffsetsTopic);
    }
    const States states = allIsLed ? States{} : newestStates(brokers);
    observe::ClusterView view;
    for (const BrokerProcess& broker : brokers) {
        observe::BrokerView& each = view.brokers.emplace_back();
        each.id = observe::brokerId(broker.id.value);
        each.state = lifeOf(broker);
        if (broker.actor != nullptr) {
            each.replicas = replicasOf(*broker.actor, &topics, allIsLed ? Which::Led : Which::All);
        } else if (!allIsLed) {
            each.replicas = replicasOnDisk(world, broker, states, &topics);
        }
    }
    if (!allIsLed) {
        groups = groupsKnown(&states);
        findOrphans(world, brokers, states, view, groups);
    }
    measureLag(Extents(view), readers, groups);
    std::sort(groups.begin(), groups.end(),
              [](const observe::GroupView& a, const observe::GroupView& b) { return a.name < b.name; });
    return groups;
}

std::optional<PartitionState> partitionState(const sim::World& world, const TopicPartition& partition) {
    const States states = newestStates(brokerProcesses(world));
    const auto at = states.find(partition);
    return at == states.end() ? std::nullopt : std::optional(at->second);
}

std::vector<const PartitionLog*> shownLogs(const sim::World& world, const TopicName& topic) {
    const std::vector<BrokerProcess> brokers = brokerProcesses(world);
    std::vector<const PartitionLog*> logs;
    for (const auto& [partition, state] : newestStates(brokers)) {
        if (partition.topic == topic) {
            const auto index = static_cast<std::size_t>(partition.partition.value);
            logs.resize(std::max(logs.size(), index + 1));
            logs[index] = logOf(brokers, state);
        }
    }
    return logs;
}

std::optional<sim::FaultTarget> resolveTarget(const sim::World& world, std::string_view target) {
    const std::size_t colon = target.find(':');
    const std::string_view noun = target.substr(0, colon);
    const std::string_view name = colon == std::string_view::npos ? std::string_view{} : target.substr(colon + 1);
    BrokerId id = noBroker;
    if (noun == "broker") {
        id = BrokerId{numberFrom(name).value_or(-1)};
    } else if (noun == "controller") {
        observe::ClusterView view;
        describe(world, view);
        id = BrokerId{view.controller};
    } else if (const std::size_t dash = name.rfind('-'); noun == "leader" && dash != std::string_view::npos) {
        if (const auto index = numberFrom(name.substr(dash + 1))) {
            const auto state = partitionState(world, {TopicName{name.substr(0, dash)}, PartitionIndex{*index}});
            id = state ? state->leader : noBroker;
        }
    }
    const sim::ProcessId process = id == noBroker ? sim::noProcess : world.findProcess(brokerProcessName(id));
    return process == sim::noProcess ? std::nullopt : std::optional<sim::FaultTarget>(process);
}

}  // namespace millrace::kafka
