#include "engine/kafka/client/consumer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/kafka/client/consumer_internal.h"
#include "engine/kafka/client/cost.h"
#include "engine/kafka/journal_kinds.h"

namespace millrace::kafka {

Consumer::Consumer(ConsumerConfig config)
    : m_config(std::move(config)),
      m_client(m_config.client),
      m_coordinator(m_config.group, m_config.client.links, m_config.retryBackoff),
      m_membership(m_config.group, m_config.membership, m_config.client.links.instance) {
    identify();
}

void Consumer::identify() {
    const auto reader = makeRef<ReaderIdentity>();
    reader->group = m_config.group;
    reader->instance = m_config.client.links.instance;
    reader->generation = m_assignedIn.generation;
    reader->memberId = m_assignedIn.memberId;
    m_reader = reader;
}

void Consumer::start(sim::Context& context) {
    m_client.start(context);
}

// --- What is consumed -----------------------------------------------------------------------------------------------

const Consumer::Partition* Consumer::find(const TopicPartition& partition) const {
    const auto at = std::lower_bound(m_partitions.begin(), m_partitions.end(), partition,
                                     [](const Partition& p, const TopicPartition& name) { return p.name < name; });
    return at != m_partitions.end() && at->name == partition ? &*at : nullptr;
}

Consumer::Partition* Consumer::find(const TopicPartition& partition) {
    return const_cast<Partition*>(std::as_const(*this).find(partition));
}

void Consumer::assign(sim::Context& context, const std::vector<TopicPartition>& partitions) {
    std::vector<Partition> assigned;
    for (const TopicPartition& name : partitions) {
        if (Partition* known = find(name)) {
            assigned.push_back(std::move(*known));
            continue;
        }
        Partition partition;
        partition.name = name;
        partition.stage = m_config.group.empty() ? Stage::NeedsLookUp : Stage::NeedsCommitted;
        partition.lookUpTimestamp =
            m_config.offsetReset == OffsetReset::Earliest ? ListOffsetsRequest::earliest : ListOffsetsRequest::latest;
        assigned.push_back(std::move(partition));
    }
    std::sort(assigned.begin(), assigned.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    m_partitions = std::move(assigned);
    for (const TopicPartition& name : partitions) {
        m_client.addTopic(context, name.topic);
    }
    poll(context);
}

void Consumer::subscribe(sim::Context& context, const std::vector<TopicName>& topics) {
    MILLRACE_CHECK(!m_config.group.empty());
    for (const TopicName& topic : topics) {
        m_client.addTopic(context, topic);
    }
    m_membership.subscribe(topics);
    poll(context);
}

void Consumer::setBusy(sim::Context& context, bool busy, Outcome& outcome) {
    GroupMembership::Change change;
    m_membership.setBusy(busy, change);
    takeChange(context, change, outcome);
}

void Consumer::leaveLate(sim::Context& context, Outcome& outcome) {
    GroupMembership::Change change;
    m_membership.leaveLate(context, m_coordinator, change);
    takeChange(context, change, outcome);
}

void Consumer::unsubscribe(sim::Context& context) {
    m_membership.leave(context, m_coordinator);
    tellAll(context);
    m_partitions.clear();
    m_completed.clear();
    m_assignedIn = {};
}

std::vector<TopicPartition> Consumer::assignment() const {
    std::vector<TopicPartition> names;
    for (const Partition& partition : m_partitions) {
        names.push_back(partition.name);
    }
    return names;
}

void Consumer::setPosition(sim::Context& context, Partition& partition, Offset offset, PositionSet::Why why) {
    tellDelivered(context, partition);
    if (context.isListenedTo()) {
        context.tell(makeRef<PositionSet>(m_reader, partition.name, offset, why));
    }
    partition.position = offset;
    partition.begun = partition.begun == noOffset ? offset : partition.begun;
    partition.fetchedTo = offset;
    partition.buffered.clear();
    partition.stage = Stage::Ready;
    partition.asked = false;
    // A fetch under way answers for the old position; its answer will not match and is dropped.
}

void Consumer::startLookUp(Partition& partition, std::int64_t timestamp) {
    partition.stage = Stage::NeedsLookUp;
    partition.asked = false;
    partition.lookUpTimestamp = timestamp;
    partition.position = noOffset;
    partition.positionEpoch = noEpoch;
    partition.buffered.clear();
}

void Consumer::seek(sim::Context& context, const TopicPartition& partition, Offset offset) {
    Partition* known = find(partition);
    MILLRACE_CHECK(known != nullptr, toText(partition));
    setPosition(context, *known, offset, PositionSet::Why::Sought);
    known->positionEpoch = noEpoch;
    poll(context);
}

void Consumer::seekTo(sim::Context& context, const TopicPartition& partition, std::int64_t timestamp) {
    Partition* known = find(partition);
    MILLRACE_CHECK(known != nullptr, toText(partition));
    startLookUp(*known, timestamp);
    poll(context);
}

void Consumer::pause(const TopicPartition& partition, bool paused) {
    if (Partition* known = find(partition)) {
        known->paused = paused;
    }
}

Offset Consumer::position(const TopicPartition& partition) const {
    const Partition* known = find(partition);
    return known != nullptr && known->stage == Stage::Ready ? known->position : noOffset;
}

Offset Consumer::highWatermark(const TopicPartition& partition) const {
    const Partition* known = find(partition);
    return known != nullptr ? known->highWatermark : noOffset;
}

/// Planted faults: what is next to be taken is not what it should be.
void Consumer::takeWrongly(Partition& partition) {
    auto& buffered = partition.buffered;
    if (m_config.broken.skips && ++m_taken % 16 == 0) {
        partition.position = buffered.front()->nextOffset();
        buffered.pop_front();
    } else if (m_config.broken.swaps && buffered.size() > 1) {
        std::swap(buffered[0], buffered[1]);
        partition.position = buffered[0]->baseOffset();
    } else if (m_config.broken.swaps && buffered.front()->nextOffset() <= partition.position) {
        partition.position = buffered.front()->baseOffset();
    } else if (m_config.broken.deliversTwice && buffered.front()->nextOffset() <= partition.position) {
        partition.position = buffered.front()->baseOffset();
    } else if (m_config.broken.deliversTwice && ++m_taken % 16 == 0) {
        buffered.push_front(buffered.front());
    }
}

void Consumer::tellDelivered(sim::Context& context, Partition& partition) const {
    if (partition.untold == noOffset) {
        return;
    }
    if (context.isListenedTo() && partition.position > partition.untold) {
        context.tell(makeRef<RecordsDelivered>(m_reader, partition.name, partition.untold, partition.position,
                                               partition.highWatermark));
    }
    partition.untold = noOffset;
}

void Consumer::tellAll(sim::Context& context) {
    for (Partition& partition : m_partitions) {
        tellDelivered(context, partition);
    }
}

Offset Consumer::begun(const TopicPartition& partition) const {
    const Partition* known = find(partition);
    return known != nullptr ? known->begun : noOffset;
}

std::vector<Consumer::Commit> Consumer::consumed() const {
    std::vector<Commit> all;
    for (const Partition& partition : m_partitions) {
        if (partition.stage == Stage::Ready && partition.position != noOffset) {
            all.push_back({partition.name, partition.position, partition.positionEpoch});
        }
    }
    return all;
}

/// Mostly the partition that the last batch came from: there are as many batches as records when they are small.
Consumer::Partition* Consumer::findCompleted(const TopicPartition& name) {
    if (m_takenFrom >= m_partitions.size() || !(m_partitions[m_takenFrom].name == name)) {
        Partition* found = find(name);
        m_takenFrom = found == nullptr ? 0 : static_cast<std::size_t>(found - m_partitions.data());
        return found;
    }
    return &m_partitions[m_takenFrom];
}

std::optional<Consumer::Fetched> Consumer::take(sim::Context& context, std::int64_t recordsMax) {
    for (std::size_t i = 0; i < m_completed.size();) {
        Partition* partition = findCompleted(m_completed[i]);
        if (partition == nullptr || partition->buffered.empty()) {
            if (partition != nullptr) {
                partition->isQueued = false;
            }
            m_completed.erase(m_completed.begin() + static_cast<std::ptrdiff_t>(i));
            continue;
        }
        if (partition->paused || partition->stage != Stage::Ready) {
            ++i;
            continue;
        }
        if (m_config.broken.breaksTaking()) {
            tellDelivered(context, *partition);
            takeWrongly(*partition);
            if (partition->buffered.empty()) {
                continue;
            }
        }
        Fetched fetched{partition->name, {}, partition->position, {}};
        if (partition->untold == noOffset) {
            partition->untold = fetched.from;
        }
        BatchRef& next = partition->buffered.front();
        const Offset first = std::max(fetched.from, next->baseOffset());
        const bool isWhole = next->isControl() || next->nextOffset() - first <= recordsMax;
        fetched.to = isWhole ? next->nextOffset() : first + recordsMax;
        fetched.batch = isWhole ? std::move(next) : next;
        partition->position = fetched.to;
        partition->positionEpoch = fetched.batch->leaderEpoch();
        if (isWhole) {
            partition->buffered.pop_front();
        }
        if (!fetched.batch->isControl()) {
            return fetched;
        }
    }
    return std::nullopt;
}

void Consumer::failPartition(sim::Context& context, Partition& partition, std::string error) {
    tellDelivered(context, partition);
    partition.stage = Stage::Failed;
    partition.asked = false;
    partition.buffered.clear();
    const std::string name = toText(partition.name);
    fail(context, partition.name, std::move(error), fmt::format("Group {} reads {} no further", m_config.group, name));
}

void Consumer::fail(sim::Context& context, const TopicPartition& partition, std::string error,
                    const std::string& what) {
    sim::JournalDraft draft;
    draft.kind = happened::consumerFailed;
    draft.severity = sim::Severity::Error;
    draft.text = fmt::format("{}: {}", what, error);
    draft.fields = {{"group", m_config.group}, field::error(error)};
    if (!partition.topic.text().empty()) {
        draft.fields.push_back(field::topic(partition.topic.text()));
        draft.fields.push_back(field::partition(partition.partition));
    }
    context.journal(std::move(draft));
    m_failures.push_back({partition, std::move(error)});
}

// --- Sending and receiving ------------------------------------------------------------------------------------------

void Consumer::poll(sim::Context& context) {
    tellAll(context);
    const bool needsCoordinator = m_membership.isSubscribed() || !m_commits.empty() ||
                                  std::any_of(m_partitions.begin(), m_partitions.end(), [](const Partition& partition) {
                                      return partition.stage == Stage::NeedsCommitted;
                                  });
    if (needsCoordinator) {
        m_coordinator.ensure(context, m_client);
        m_membership.advance(context, m_coordinator);
        sendCommits(context);
        askCommitted(context);
    }
    askLeaders(context);
    sendFetches(context);
}

void Consumer::retryLater(sim::Context& context) {
    if (!m_retryArmed) {
        m_retryArmed = true;
        context.arm(m_config.retryBackoff, makeRef<ConsumerTimer>(m_config.client.links.instance));
    }
}

bool Consumer::handle(sim::Context& context, const sim::Message& message, Outcome& outcome) {
    if (const auto* timer = message.as<ConsumerTimer>()) {
        if (timer->instance != m_config.client.links.instance) {
            return false;
        }
        m_retryArmed = false;
        for (Partition& partition : m_partitions) {
            partition.asked = partition.asked && partition.stage == Stage::Ready;
        }
        for (PendingCommit& commit : m_commits) {
            commit.waits = false;
        }
        poll(context);
        return true;
    }
    GroupMembership::Change change;
    if (m_membership.handleTimer(context, message, m_coordinator, change) ||
        handleCoordinator(context, message, outcome) || handleCluster(context, message, outcome)) {
        outcome.failures = std::exchange(m_failures, {});
        // After a revocation the application has the first word: it may commit before the group is joined again.
        if (!outcome.revoked) {
            poll(context);
        }
        return true;
    }
    return false;
}

bool Consumer::handleCluster(sim::Context& context, const sim::Message& message, Outcome& outcome) {
    ClusterClient::Outcome result;
    if (!m_client.handle(context, message, result)) {
        return false;
    }
    const auto& event = result.event;
    if (result.updated) {
        outcome.metadataUpdated = true;
        checkLeaders();
        GroupMembership::Change change;
        m_membership.onMetadata(m_client, change);
        takeChange(context, change, outcome);
    } else if (event.kind == BrokerLinks::Event::Kind::Response) {
        context.spend(cost::clientResponse);
        if (event.tag == CoordinatorClient::findTag) {
            m_coordinator.onFound(context, event.response->as<FindCoordinatorResponse>(), m_client);
        } else if (const auto* fetched = event.response->as<FetchResponse>()) {
            takeFetched(context, sessionOf(event.broker), *fetched, outcome);
        } else if (const auto* offsets = event.response->as<ListOffsetsResponse>()) {
            takeOffsets(context, *offsets);
        } else if (const auto* epochs = event.response->as<OffsetForLeaderEpochResponse>()) {
            takeEpochs(context, *epochs);
        }
    } else if (event.kind == BrokerLinks::Event::Kind::Lost) {
        Session& session = sessionOf(event.broker);
        const BrokerId broker = session.broker;
        session = Session{};
        session.broker = broker;
        if (std::find(event.lost.begin(), event.lost.end(), CoordinatorClient::findTag) != event.lost.end()) {
            m_coordinator.onFound(context, nullptr, m_client);
        }
        if (!event.lost.empty()) {
            retryLater(context);
        }
    }
    return true;
}

bool Consumer::handleCoordinator(sim::Context& context, const sim::Message& message, Outcome& outcome) {
    BrokerLinks::Event event;
    if (!m_coordinator.handle(context, message, m_client, event)) {
        return false;
    }
    GroupMembership::Change change;
    if (event.kind == BrokerLinks::Event::Kind::Response) {
        if (event.tag >= GroupMembership::tagsBegin) {
            m_membership.onResponse(context, event, m_coordinator, m_client, change);
        } else if (const auto* offsets = event.response->as<OffsetFetchResponse>()) {
            takeCommitted(context, *offsets);
        } else {
            settleCommit(context, event.tag, event.response->as<OffsetCommitResponse>(), outcome, change);
        }
    }
    // A coordinator that has just been given up answers nothing more of what was under way on its connection.
    const bool isForgotten = event.kind == BrokerLinks::Event::Kind::Response && !m_coordinator.isReady();
    if (event.kind == BrokerLinks::Event::Kind::Lost || isForgotten) {
        m_membership.onLost();
        for (PendingCommit& commit : m_commits) {
            commit.tag = 0;  // committing an offset twice does no harm
        }
        for (Partition& partition : m_partitions) {
            partition.asked = partition.asked && partition.stage != Stage::NeedsCommitted;
        }
    }
    takeChange(context, change, outcome);
    return true;
}

void Consumer::takeChange(sim::Context& context, const GroupMembership::Change& change, Outcome& outcome) {
    if (change.revoked) {
        outcome.revoked = true;
        outcome.held = consumed();
        tellAll(context);
        if (context.isListenedTo()) {
            context.tell(makeRef<ReaderRevoked>(m_reader));
        }
        m_completed.clear();
        if (!m_config.broken.readsOnRevoked) {
            m_partitions.clear();
        }
        for (Partition& partition : m_partitions) {
            partition.buffered.clear();
            partition.isQueued = false;
            partition.fetchedTo = partition.position;
        }
    }
    if (change.assigned) {
        outcome.assigned = true;
        m_assignedIn = {m_membership.generation(), m_membership.memberId()};
        if (!m_config.broken.readsOnRevoked) {
            identify();
        }
        assign(context, m_membership.assignment());
    }
    if (!change.failed.empty()) {
        fail(context, {}, change.failed, fmt::format("A consumer of group {} ends", m_config.group));
    }
}

}  // namespace millrace::kafka
