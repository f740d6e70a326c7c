#include "engine/kafka/broker/replica_fetcher.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/kafka/cost.h"
#include "engine/kafka/journal_kinds.h"

namespace millrace::kafka {

namespace {

constexpr SimDuration fetchTimeout = std::chrono::seconds{30};  // replica.socket.timeout.ms

auto watchOver(BrokerId leader) {
    return [leader](std::uint64_t round) { return makeRef<FetcherAlarm>(leader, true, round); };
}

}  // namespace

ReplicaFetchers::Fetcher* ReplicaFetchers::fetcherOf(BrokerId leader) {
    const std::size_t place =
        m_lastFetcher.find(m_fetchers, leader, [](const Fetcher& fetcher) { return fetcher.leader.id; });
    return place < m_fetchers.size() ? &m_fetchers[place] : nullptr;
}

/// Null when the slot is not followed there.
ReplicaFetchers::Followed* ReplicaFetchers::find(Fetcher& fetcher, ReplicaManager::Slot slot) {
    const bool isHere = slot < m_whereabouts.size() && m_whereabouts[slot].place != nowhere &&
                        m_whereabouts[slot].leader == fetcher.leader.id;
    return isHere ? &fetcher.followed[m_whereabouts[slot].place] : nullptr;
}

/// The next fetch looks at it.
void ReplicaFetchers::note(Fetcher& fetcher, std::uint32_t place) {
    if (!std::exchange(fetcher.followed[place].isPending, true)) {
        fetcher.pending.push_back(place);
    }
}

void ReplicaFetchers::note(Fetcher& fetcher, const Followed& followed) {
    note(fetcher, static_cast<std::uint32_t>(&followed - fetcher.followed.data()));
}

void ReplicaFetchers::noteAll(Fetcher& fetcher) {
    for (std::uint32_t place = 0; place < fetcher.followed.size(); ++place) {
        fetcher.followed[place].isInSession = false;
        note(fetcher, place);
    }
}

void ReplicaFetchers::takeChanges(const ReplicaManager& replicas) {
    const ChangeList& changes = replicas.changes();
    changes.forEachSince(std::exchange(m_seen, changes.stamp()), [&](ReplicaManager::Slot slot) {
        if (slot < m_whereabouts.size() && m_whereabouts[slot].place != nowhere) {
            note(*fetcherOf(m_whereabouts[slot].leader), m_whereabouts[slot].place);
        }
    });
}

/// Those that are looked at, in their order. What has to be looked at again is noted anew.
PooledVector<ReplicaFetchers::Followed*> ReplicaFetchers::takePending(Fetcher& fetcher) {
    PooledVector<Followed*> pending;
    pending.reserve(fetcher.pending.size());
    for (const std::uint32_t place : fetcher.pending) {
        fetcher.followed[place].isPending = false;
        pending.push_back(&fetcher.followed[place]);
    }
    fetcher.pending.clear();
    std::sort(pending.begin(), pending.end(), [](const Followed* a, const Followed* b) { return a->turn < b->turn; });
    return pending;
}

void ReplicaFetchers::follow(ReplicaManager::Slot slot, const TopicPartition& partition, LeaderEpoch epoch,
                             const BrokerEndpoint& leader) {
    if (m_clientId.empty()) {
        m_clientId = ClientId(fmt::format("broker-{}-fetcher-0", m_config->id.value));
    }
    auto at = std::find_if(m_fetchers.begin(), m_fetchers.end(),
                           [&](const Fetcher& fetcher) { return fetcher.leader.id >= leader.id; });
    if (at == m_fetchers.end() || at->leader.id != leader.id) {
        at = m_fetchers.insert(at, Fetcher{});
    }
    at->leader = leader;
    const auto place = static_cast<std::uint32_t>(at->followed.size());
    Followed& followed = at->followed.emplace_back();
    followed.slot = slot;
    followed.partition = partition;
    followed.epoch = epoch;
    followed.turn = at->nextTurn++;
    at->pending.push_back(place);
    if (slot >= m_whereabouts.size()) {
        m_whereabouts.resize(slot + std::size_t{1});
    }
    MILLRACE_CHECK(m_whereabouts[slot].place == nowhere, slot);
    m_whereabouts[slot] = {leader.id, place};
    lookAt(*at);
}

void ReplicaFetchers::drop(ReplicaManager::Slot slot) {
    if (slot >= m_whereabouts.size() || m_whereabouts[slot].place == nowhere) {
        return;
    }
    Fetcher& fetcher = *fetcherOf(m_whereabouts[slot].leader);
    const std::uint32_t place = m_whereabouts[slot].place;
    if (fetcher.followed[place].isInSession) {
        fetcher.forgotten.push_back(fetcher.followed[place].partition);
    }
    remove(fetcher, place);
    lookAt(fetcher);
}

void ReplicaFetchers::remove(Fetcher& fetcher, std::uint32_t place) {
    const auto last = static_cast<std::uint32_t>(fetcher.followed.size() - 1);
    Followed& gone = fetcher.followed[place];
    m_whereabouts[gone.slot] = {};
    fetcher.failed -= gone.isFailed ? 1 : 0;
    fetcher.wanting -= gone.wantsOffsets ? 1 : 0;
    if (gone.isPending) {
        std::erase(fetcher.pending, place);
    }
    if (place != last) {
        gone = std::move(fetcher.followed[last]);
        m_whereabouts[gone.slot].place = place;
        if (gone.isPending) {
            std::replace(fetcher.pending.begin(), fetcher.pending.end(), last, place);
        }
    }
    fetcher.followed.pop_back();
}

/// The next pump does: of all others a response, the end of a rest or a partition tells when it may send again.
void ReplicaFetchers::lookAt(const Fetcher& fetcher) {
    const auto at = std::lower_bound(m_due.begin(), m_due.end(), fetcher.leader.id);
    if (at == m_due.end() || *at != fetcher.leader.id) {
        m_due.insert(at, fetcher.leader.id);
    }
}

void ReplicaFetchers::connect(sim::Context& context, Fetcher& fetcher) {
    fetcher.sessionId = 0;
    fetcher.sessionEpoch = 0;
    fetcher.forgotten.clear();
    noteAll(fetcher);
    const sim::HostId host = context.findHost(fetcher.leader.host);
    MILLRACE_CHECK(host != sim::noHost, fetcher.leader.host);
    fetcher.link.open(context, host, sim::Port{fetcher.leader.port}, fetchTimeout);
    m_byConnection.note(fetcher.link.connection(), fetcher.leader.id);
}

void ReplicaFetchers::backOff(sim::Context& context, Fetcher& fetcher) {
    m_byConnection.forget(fetcher.link.lastConnection());
    fetcher.link.backOff(context, sim::Backoff::constant(m_config->replicaFetchBackoff),
                         [&](std::uint64_t round) { return makeRef<FetcherAlarm>(fetcher.leader.id, false, round); });
}

void ReplicaFetchers::pump(sim::Context& context, ReplicaManager& replicas) {
    takeChanges(replicas);
    std::erase_if(m_due, [&](BrokerId leader) {
        Fetcher& fetcher = *fetcherOf(leader);
        if (fetcher.link.isClosed() && !fetcher.followed.empty()) {
            connect(context, fetcher);
        } else if (fetcher.link.isIdle()) {
            send(context, fetcher, replicas);
        }
        return !fetcher.link.isIdle();  // an idle one that had nothing to ask for is looked at until it has
    });
}

/// A partition outside of the leader's range needs the leader's end, and if that lies further the leader's start,
/// before it can go on (Kafka's AbstractFetcherThread.fetchOffsetAndTruncate).
sim::MessageRef ReplicaFetchers::offsetsRequest(const sim::Context& context, Fetcher& fetcher) const {
    std::vector<const Followed*> wanting;
    for (std::size_t i = 0; fetcher.wanting > 0 && i < fetcher.followed.size(); ++i) {
        const Followed& followed = fetcher.followed[i];
        if (followed.wantsOffsets && followed.readyAt <= context.now()) {
            wanting.push_back(&followed);
        }
    }
    if (wanting.empty()) {
        return nullptr;
    }
    std::sort(wanting.begin(), wanting.end(), [](const Followed* a, const Followed* b) { return a->turn < b->turn; });
    auto request = makeRef<ListOffsetsRequest>();
    for (const Followed* const followed : wanting) {
        // One question each: a leader refuses a request that names a partition twice.
        request->partitions.push_back(
            {followed->partition, followed->epoch,
             followed->asksStart ? ListOffsetsRequest::earliest : ListOffsetsRequest::latest});
    }
    request->correlationId = CorrelationId{++fetcher.correlation};
    request->clientId = m_clientId;
    request->replica = m_config->id;
    return request;
}

void ReplicaFetchers::send(sim::Context& context, Fetcher& fetcher, ReplicaManager& replicas) {
    if (fetcher.followed.empty() && fetcher.forgotten.empty()) {
        return;
    }
    sim::MessageRef request = offsetsRequest(context, fetcher);
    if (!request) {
        request = fetchRequest(context, fetcher, replicas);
    }
    if (request) {
        fetcher.link.request(context, std::move(request), 0, fetchTimeout, watchOver(fetcher.leader.id));
    }
}

/// Null when there is nothing to ask for.
sim::MessageRef ReplicaFetchers::fetchRequest(const sim::Context& context, Fetcher& fetcher,
                                              const ReplicaManager& replicas) const {
    auto request = makeRef<FetchRequest>();
    const bool checksEpoch = !m_config->broken.truncateToHighWatermark && !m_config->broken.neverTruncate;
    std::size_t backingOff = 0;
    for (Followed* const followed : takePending(fetcher)) {
        const bool isReady = !followed->isFailed && followed->readyAt <= context.now();
        const PartitionLog& log = replicas.at(followed->slot).log;
        const LeaderEpoch lastEpoch = log.epochs().latest();
        const bool isNews =
            !followed->isInSession || followed->sentOffset != log.end() || followed->sentLastEpoch != lastEpoch;
        if (isReady && isNews) {
            request->partitions.push_back({followed->partition, followed->epoch, log.end(),
                                           checksEpoch ? lastEpoch : noEpoch, log.start(),
                                           m_config->replicaFetchMaxBytes});
            followed->isInSession = true;
            followed->sentOffset = log.end();
            followed->sentLastEpoch = lastEpoch;
        } else if (!isReady && followed->isInSession) {
            fetcher.forgotten.push_back(followed->partition);
            followed->isInSession = false;
        }
        if (!isReady && !followed->isFailed) {
            ++backingOff;
            note(fetcher, *followed);
        }
    }
    const bool isAnyReady = fetcher.followed.size() > fetcher.failed + backingOff;
    if (!isAnyReady && fetcher.forgotten.empty()) {
        return nullptr;  // an alarm is set for the first that becomes ready
    }
    if (fetcher.sessionEpoch > 0 || fetcher.sessionId != 0) {
        request->forgotten = std::exchange(fetcher.forgotten, {});
    }
    fetcher.forgotten.clear();
    request->correlationId = CorrelationId{++fetcher.correlation};
    request->clientId = m_clientId;
    request->replica = m_config->id;
    request->maxWait = m_config->replicaFetchWaitMax;
    request->minBytes = m_config->replicaFetchMinBytes;
    request->maxBytes = m_config->replicaFetchResponseMaxBytes;
    request->sessionId = fetcher.sessionId;
    request->sessionEpoch = fetcher.sessionEpoch;
    return request;
}

void ReplicaFetchers::onAlarm(sim::Context& context, const FetcherAlarm& alarm) {
    const auto at = std::find_if(m_fetchers.begin(), m_fetchers.end(),
                                 [&](const Fetcher& fetcher) { return fetcher.leader.id == alarm.leader; });
    if (at == m_fetchers.end() || at->link.round() != alarm.round) {
        return;
    }
    lookAt(*at);
    if (!alarm.isWatch) {
        at->link.endRest();  // or a partition's: the pump looks at the times
    } else if (at->link.isOverdue(context, watchOver(alarm.leader))) {
        backOff(context, *at);
    }
}

void ReplicaFetchers::handle(sim::Context& context, sim::ConnectionId connection, const sim::Message& message,
                             ReplicaManager& replicas) {
    const BrokerId* leader = m_byConnection.find(connection);
    if (leader == nullptr) {
        return;
    }
    Fetcher& fetcher = *fetcherOf(*leader);
    lookAt(fetcher);
    const sim::Link::News news = fetcher.link.read(context, message);
    if (news == sim::Link::News::Lost) {
        backOff(context, fetcher);
        return;
    }
    if (news != sim::Link::News::Message) {
        return;
    }
    fetcher.link.answered();
    if (const auto* fetched = message.as<FetchResponse>()) {
        onFetched(context, fetcher, *fetched, replicas);
    } else if (const auto* offsets = message.as<ListOffsetsResponse>()) {
        onOffsets(context, fetcher, *offsets, replicas);
    }
}

void ReplicaFetchers::onFetched(sim::Context& context, Fetcher& fetcher, const FetchResponse& response,
                                ReplicaManager& replicas) {
    if (response.error != ErrorCode::None) {
        // The leader lost the session: the next fetch names everything anew.
        fetcher.sessionId = fetcher.sessionEpoch = 0;
        noteAll(fetcher);
        return;
    }
    fetcher.sessionId = response.sessionId;
    ++fetcher.sessionEpoch;
    for (const FetchResponse::Partition& fetched : response.partitions) {
        Followed* followed = find(fetcher, replicas.find(fetched.partition));
        const bool isCurrent = followed != nullptr && followed->isInSession &&
                               followed->sentOffset == replicas.at(followed->slot).log.end();
        if (isCurrent) {
            onPartition(context, fetcher, *followed, fetched, replicas);
        }
    }
}

void ReplicaFetchers::onPartition(sim::Context& context, Fetcher& fetcher, Followed& followed,
                                  const FetchResponse::Partition& fetched, ReplicaManager& replicas) {
    switch (fetched.error) {
        case ErrorCode::None:
            break;
        case ErrorCode::OffsetOutOfRange:
            fetcher.wanting += std::exchange(followed.wantsOffsets, true) ? 0 : 1;
            return;
        case ErrorCode::FencedLeaderEpoch:
            // The controller's next word will make it go on.
            fetcher.failed += std::exchange(followed.isFailed, true) ? 0 : 1;
            note(fetcher, followed);
            return;
        default:
            delay(context, fetcher, followed);
            return;
    }
    if (fetched.divergingEpoch) {
        const EpochEnd theirs = *fetched.divergingEpoch;
        const PartitionLog& log = replicas.at(followed.slot).log;
        const EpochEnd ours = log.endOfEpoch(theirs.epoch);
        Offset to = std::min(theirs.endOffset, log.end());
        if (ours.endOffset != noOffset) {
            // An epoch that this log does not know: cut to the end of the next lower one and ask again (KIP-279).
            to = ours.epoch == theirs.epoch ? std::min(to, ours.endOffset) : std::min(ours.endOffset, log.end());
        }
        truncate(context, fetcher, followed, to, replicas);
        return;
    }
    Partition& partition = replicas.edit(followed.slot);
    for (const BatchRef& batch : fetched.batches) {
        if (batch->baseOffset() < partition.log.end()) {
            continue;
        }
        context.spend(cost::appendBatch + cost::bytes(batch->size(), cost::appendByte));
        if (!partition.log.appendAsFollower(context, batch)) {
            replicas.fail();
            return;
        }
        replicas.counters.replicationBytesIn += static_cast<std::uint64_t>(batch->size());
    }
    partition.log.setHighWatermark(std::min(fetched.highWatermark, partition.log.end()));
}

void ReplicaFetchers::onOffsets(sim::Context& context, Fetcher& fetcher, const ListOffsetsResponse& response,
                                ReplicaManager& replicas) {
    for (const ListOffsetsResponse::Partition& said : response.partitions) {
        Followed* at = find(fetcher, replicas.find(said.partition));
        if (at == nullptr || !at->wantsOffsets) {
            continue;
        }
        if (said.error != ErrorCode::None) {
            at->asksStart = false;
            delay(context, fetcher, *at);
            continue;
        }
        PartitionLog& log = replicas.edit(at->slot).log;
        if (!at->asksStart && said.offset >= log.end()) {
            at->asksStart = true;  // the leader has gone on: where its log begins now is asked next
            continue;
        }
        const bool isStart = std::exchange(at->asksStart, false);
        at->wantsOffsets = false;
        --fetcher.wanting;
        if (!isStart) {
            truncate(context, fetcher, *at, said.offset, replicas);
        } else if (said.offset > log.end()) {
            log.truncateFullyTo(context, said.offset);
        }
    }
}

void ReplicaFetchers::delay(sim::Context& context, Fetcher& fetcher, Followed& followed) {
    followed.readyAt = context.now() + m_config->replicaFetchBackoff;
    note(fetcher, followed);
    context.arm(m_config->replicaFetchBackoff, makeRef<FetcherAlarm>(fetcher.leader.id, false, fetcher.link.round()));
}

void ReplicaFetchers::truncate(sim::Context& context, const Fetcher& fetcher, const Followed& followed, Offset to,
                               ReplicaManager& replicas) {
    Partition& partition = replicas.edit(followed.slot);
    const Offset before = partition.log.end();
    const Offset after = partition.log.truncateTo(context, to);
    if (after == before) {
        return;
    }
    partition.truncatedFrom = before;
    partition.truncatedTo = after;
    const std::string name = toText(followed.partition);
    context.journal({happened::logTruncated,
                     sim::Severity::Warning,
                     fmt::format("Broker {} cuts {} from {} to {}: leader {} does not have what stood there",
                                 m_config->id.value, name, before.value, after.value, fetcher.leader.id.value),
                     {field::topic(followed.partition.topic.text()),
                      field::partition(followed.partition.partition),
                      {"broker", toText(m_config->id)},
                      {"from", toText(before)},
                      {"to", toText(after)},
                      field::leader(fetcher.leader.id),
                      field::epoch(followed.epoch)}});
}

}  // namespace millrace::kafka
