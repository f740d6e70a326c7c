#include <fmt/format.h>

#include <algorithm>

#include "engine/kafka/client/consumer.h"
#include "engine/kafka/client/cost.h"
#include "engine/kafka/journal_kinds.h"

namespace millrace::kafka {
namespace {

using Known = std::vector<std::pair<TopicPartition, Offset>>;

const Offset* findIn(const Known& known, const TopicPartition& partition) {
    const auto at = std::find_if(known.begin(), known.end(), [&](const auto& item) { return item.first == partition; });
    return at != known.end() ? &at->second : nullptr;
}

}  // namespace

Consumer::Session& Consumer::sessionOf(BrokerId broker) {
    const auto at = std::lower_bound(m_sessions.begin(), m_sessions.end(), broker,
                                     [](const Session& session, BrokerId id) { return session.broker < id; });
    if (at != m_sessions.end() && at->broker == broker) {
        return *at;
    }
    Session session;
    session.broker = broker;
    return *m_sessions.insert(at, std::move(session));
}

bool Consumer::isFetchable(const Partition& partition, SimTime now) {
    return partition.stage == Stage::Ready && !partition.paused && partition.buffered.empty() &&
           partition.holdUntil <= now;
}

void Consumer::sendFetches(sim::Context& context) {
    bool someWithoutLeader = false;
    for (const Partition& partition : m_partitions) {
        if (!isFetchable(partition, context.now())) {
            continue;
        }
        const BrokerId leader = m_client.leaderOf(partition.name);
        if (leader == noBroker) {
            someWithoutLeader = true;
        } else if (!m_client.links().isOpen(leader)) {
            m_client.links().connect(context, leader);
        } else if (!sessionOf(leader).inFlight) {
            sendFetch(context, leader);
        }
    }
    if (someWithoutLeader) {
        m_client.requestUpdate(context);
    }
}

void Consumer::sendFetch(sim::Context& context, BrokerId broker) {
    Session& session = sessionOf(broker);
    session.asked.clear();
    FetchRequest request;
    for (const Partition& partition : m_partitions) {
        if (!isFetchable(partition, context.now()) || m_client.leaderOf(partition.name) != broker) {
            continue;
        }
        session.asked.emplace_back(partition.name, partition.fetchedTo);
        const Offset* told = findIn(session.known, partition.name);
        if (told != nullptr && *told == partition.fetchedTo) {
            continue;
        }
        FetchRequest::Partition item;
        item.partition = partition.name;
        item.currentLeaderEpoch = m_client.findPartition(partition.name)->leaderEpoch;
        item.fetchOffset = partition.fetchedTo;
        item.maxBytes = m_config.partitionFetchMaxBytes;
        request.partitions.push_back(std::move(item));
    }
    for (const auto& [name, offset] : session.known) {
        if (findIn(session.asked, name) == nullptr) {
            request.forgotten.push_back(name);
        }
    }
    request.maxWait = m_config.fetchMaxWait;
    request.minBytes = m_config.fetchMinBytes;
    request.maxBytes = m_config.fetchMaxBytes;
    request.isolation = m_config.isolation;
    request.sessionId = session.id;
    request.sessionEpoch = session.epoch;
    context.spend(cost::clientRequest);
    m_client.links().send(context, broker, std::move(request), ++m_nextTag);
    session.known = session.asked;
    session.inFlight = true;
}

void Consumer::takeFetched(sim::Context& context, Session& session, const FetchResponse& response, Outcome& outcome) {
    session.inFlight = false;
    const BrokerId broker = session.broker;
    if (response.error != ErrorCode::None) {
        session = Session{};
        session.broker = broker;
        return;
    }
    session.id = response.sessionId;
    session.epoch = response.sessionId == 0 ? 0 : session.epoch + 1;
    if (response.sessionId == 0) {
        session.known.clear();
    }
    for (const FetchResponse::Partition& result : response.partitions) {
        const Offset* asked = findIn(session.asked, result.partition);
        const Partition* partition = find(result.partition);
        // Whoever has sought elsewhere meanwhile does not want this answer.
        if (asked != nullptr && partition != nullptr && partition->stage == Stage::Ready &&
            partition->fetchedTo == *asked && partition->buffered.empty()) {
            takePartition(context, result, outcome);
        }
        if (result.error != ErrorCode::None) {
            std::erase_if(session.known, [&](const auto& item) { return item.first == result.partition; });
        }
    }
}

void Consumer::takePartition(sim::Context& context, const FetchResponse::Partition& result, Outcome& outcome) {
    Partition& partition = *find(result.partition);
    switch (result.error) {
        case ErrorCode::None:
            break;
        case ErrorCode::OffsetOutOfRange:
            resetOutOfRange(context, partition);
            return;
        case ErrorCode::OffsetNotAvailable:
            retryFetch(context, partition);
            return;
        default:
            m_client.requestUpdate(context);
            retryFetch(context, partition);
            return;
    }
    tellDelivered(context, partition);
    partition.highWatermark = result.highWatermark;
    for (const BatchRef& batch : result.batches) {
        if (batch->nextOffset() > partition.fetchedTo) {
            partition.fetchedTo = batch->nextOffset();
            partition.buffered.push_back(batch);
        }
    }
    if (!partition.buffered.empty()) {
        outcome.fetched = true;
        if (!partition.isQueued) {
            partition.isQueued = true;
            m_completed.push_back(partition.name);
        }
    }
}

void Consumer::resetOutOfRange(sim::Context& context, Partition& partition) {
    if (m_config.offsetReset == OffsetReset::None) {
        failPartition(context, partition,
                      fmt::format("OffsetOutOfRange: {} holds no offset {}, and auto.offset.reset is none",
                                  toText(partition.name), partition.fetchedTo.value));
        return;
    }
    sim::JournalDraft draft;
    draft.kind = happened::consumerOutOfRange;
    draft.severity = sim::Severity::Warning;
    draft.text = fmt::format("{} holds no offset {}: it is read on as auto.offset.reset says", toText(partition.name),
                             partition.fetchedTo.value);
    draft.fields = {field::topic(partition.name.topic.text()),
                    field::partition(partition.name.partition),
                    {"offset", toText(partition.fetchedTo)},
                    {"group", m_config.group}};
    context.journal(std::move(draft));
    startLookUp(partition, m_config.offsetReset == OffsetReset::Earliest ? ListOffsetsRequest::earliest
                                                                         : ListOffsetsRequest::latest);
}

void Consumer::retryFetch(sim::Context& context, Partition& partition) {
    partition.holdUntil = context.now() + m_config.retryBackoff;
    retryLater(context);
}

}  // namespace millrace::kafka
