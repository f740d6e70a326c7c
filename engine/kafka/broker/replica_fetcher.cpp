#include "engine/kafka/broker/replica_fetcher.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/kafka/cost.h"

namespace millrace::kafka {

namespace {

constexpr SimDuration fetchTimeout = std::chrono::seconds{30};  // replica.socket.timeout.ms

}  // namespace

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
    Followed followed;
    followed.slot = slot;
    followed.partition = partition;
    followed.epoch = epoch;
    at->followed.push_back(followed);
}

void ReplicaFetchers::drop(ReplicaManager::Slot slot) {
    for (Fetcher& fetcher : m_fetchers) {
        const auto at = std::find_if(fetcher.followed.begin(), fetcher.followed.end(),
                                     [&](const Followed& followed) { return followed.slot == slot; });
        if (at != fetcher.followed.end()) {
            if (at->isInSession) {
                fetcher.forgotten.push_back(at->partition);
            }
            fetcher.followed.erase(at);
        }
    }
}

bool ReplicaFetchers::owns(sim::ConnectionId connection) const {
    return std::any_of(m_fetchers.begin(), m_fetchers.end(),
                       [&](const Fetcher& fetcher) { return fetcher.connection == connection; });
}

void ReplicaFetchers::connect(sim::Context& context, Fetcher& fetcher) {
    ++fetcher.round;
    fetcher.sessionId = 0;
    fetcher.sessionEpoch = 0;
    fetcher.forgotten.clear();
    for (Followed& followed : fetcher.followed) {
        followed.isInSession = false;
    }
    const sim::HostId host = context.findHost(fetcher.leader.host);
    MILLRACE_CHECK(host != sim::noHost, fetcher.leader.host);
    fetcher.connection = context.connect(host, sim::Port{fetcher.leader.port}, fetchTimeout);
    fetcher.phase = Phase::Connecting;
}

void ReplicaFetchers::backOff(sim::Context& context, Fetcher& fetcher) {
    fetcher.connection = sim::noConnection;
    fetcher.phase = Phase::BackingOff;
    fetcher.isWatched = false;
    ++fetcher.round;
    context.arm(m_config->replicaFetchBackoff, makeRef<FetcherAlarm>(fetcher.leader.id, false, fetcher.round));
}

void ReplicaFetchers::pump(sim::Context& context, ReplicaManager& replicas) {
    for (Fetcher& fetcher : m_fetchers) {
        if (fetcher.phase == Phase::Idle && !fetcher.followed.empty()) {
            connect(context, fetcher);
        } else if (fetcher.phase == Phase::Ready) {
            send(context, fetcher, replicas);
        }
    }
}

/// A partition outside of the leader's range needs the leader's start and end before it can go on.
bool ReplicaFetchers::askOffsets(sim::Context& context, Fetcher& fetcher) {
    auto request = makeRef<ListOffsetsRequest>();
    for (const Followed& followed : fetcher.followed) {
        if (followed.wantsOffsets && followed.readyAt <= context.now()) {
            request->partitions.push_back({followed.partition, followed.epoch, ListOffsetsRequest::earliest});
            request->partitions.push_back({followed.partition, followed.epoch, ListOffsetsRequest::latest});
        }
    }
    if (request->partitions.empty()) {
        return false;
    }
    request->correlationId = CorrelationId{++fetcher.correlation};
    request->clientId = m_clientId;
    request->replica = m_config->id;
    context.transmit(fetcher.connection, std::move(request));
    return true;
}

void ReplicaFetchers::send(sim::Context& context, Fetcher& fetcher, ReplicaManager& replicas) {
    if (fetcher.followed.empty() && fetcher.forgotten.empty()) {
        return;
    }
    if (!askOffsets(context, fetcher)) {
        auto request = makeRef<FetchRequest>();
        request->partitions.reserve(fetcher.sessionEpoch == 0 ? fetcher.followed.size() : 4);
        bool isAnyReady = false;
        for (Followed& followed : fetcher.followed) {
            const bool isReady = !followed.isFailed && followed.readyAt <= context.now();
            isAnyReady = isAnyReady || isReady;
            const PartitionLog& log = replicas.at(followed.slot).log;
            const LeaderEpoch lastEpoch = log.epochs().latest();
            const bool isNews =
                !followed.isInSession || followed.sentOffset != log.end() || followed.sentLastEpoch != lastEpoch;
            if (isReady && isNews) {
                const bool checksEpoch = !m_config->broken.truncateToHighWatermark && !m_config->broken.neverTruncate;
                request->partitions.push_back({followed.partition, followed.epoch, log.end(),
                                               checksEpoch ? lastEpoch : noEpoch, log.start(),
                                               m_config->replicaFetchMaxBytes});
                followed.isInSession = true;
                followed.sentOffset = log.end();
                followed.sentLastEpoch = lastEpoch;
            } else if (!isReady && followed.isInSession) {
                fetcher.forgotten.push_back(followed.partition);
                followed.isInSession = false;
            }
        }
        if (!isAnyReady && fetcher.forgotten.empty()) {
            return;  // an alarm is set for the first that becomes ready
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
        context.transmit(fetcher.connection, std::move(request));
    }
    fetcher.phase = Phase::Waiting;
    fetcher.sentAt = context.now();
    if (!fetcher.isWatched) {
        watch(context, fetcher, fetchTimeout);
    }
}

/// One alarm at a time looks after the request under way, so that fetches do not each arm and cancel one.
void ReplicaFetchers::watch(sim::Context& context, Fetcher& fetcher, SimDuration delay) {
    fetcher.isWatched = true;
    context.waitFor(fetcher.connection, delay, makeRef<FetcherAlarm>(fetcher.leader.id, true, fetcher.round));
}

void ReplicaFetchers::onAlarm(sim::Context& context, const FetcherAlarm& alarm) {
    const auto at = std::find_if(m_fetchers.begin(), m_fetchers.end(),
                                 [&](const Fetcher& fetcher) { return fetcher.leader.id == alarm.leader; });
    if (at == m_fetchers.end() || at->round != alarm.round) {
        return;
    }
    if (!alarm.isWatch) {
        if (at->phase == Phase::BackingOff) {
            at->phase = Phase::Idle;
        }
        return;  // a partition's back-off ends: the pump looks at the times
    }
    at->isWatched = false;
    const SimDuration waited = context.now() - at->sentAt;
    if (at->phase != Phase::Waiting) {
        return;
    }
    if (waited < fetchTimeout) {
        watch(context, *at, fetchTimeout - waited);
        return;
    }
    context.close(at->connection);
    backOff(context, *at);
}

void ReplicaFetchers::handle(sim::Context& context, sim::ConnectionId connection, const sim::Message& message,
                             ReplicaManager& replicas) {
    const auto at = std::find_if(m_fetchers.begin(), m_fetchers.end(),
                                 [&](const Fetcher& fetcher) { return fetcher.connection == connection; });
    if (at == m_fetchers.end()) {
        return;
    }
    Fetcher& fetcher = *at;
    if (message.as<sim::ConnectionOpened>() != nullptr) {
        fetcher.phase = Phase::Ready;
    } else if (message.as<sim::ConnectionFailed>() != nullptr || message.as<sim::ConnectionClosed>() != nullptr) {
        backOff(context, fetcher);
    } else if (const auto* fetched = message.as<FetchResponse>()) {
        fetcher.phase = Phase::Ready;
        onFetched(context, fetcher, *fetched, replicas);
    } else if (const auto* offsets = message.as<ListOffsetsResponse>()) {
        fetcher.phase = Phase::Ready;
        onOffsets(context, fetcher, *offsets, replicas);
    }
}

void ReplicaFetchers::onFetched(sim::Context& context, Fetcher& fetcher, const FetchResponse& response,
                                ReplicaManager& replicas) {
    if (response.error != ErrorCode::None) {
        // The leader lost the session: the next fetch names everything anew.
        fetcher.sessionId = fetcher.sessionEpoch = 0;
        for (Followed& followed : fetcher.followed) {
            followed.isInSession = false;
        }
        return;
    }
    fetcher.sessionId = response.sessionId;
    ++fetcher.sessionEpoch;
    for (const FetchResponse::Partition& fetched : response.partitions) {
        const auto at = std::find_if(fetcher.followed.begin(), fetcher.followed.end(),
                                     [&](const Followed& followed) { return followed.partition == fetched.partition; });
        const bool isCurrent =
            at != fetcher.followed.end() && at->isInSession && at->sentOffset == replicas.at(at->slot).log.end();
        if (isCurrent) {
            onPartition(context, fetcher, *at, fetched, replicas);
        }
    }
}

void ReplicaFetchers::onPartition(sim::Context& context, Fetcher& fetcher, Followed& followed,
                                  const FetchResponse::Partition& fetched, ReplicaManager& replicas) {
    switch (fetched.error) {
        case ErrorCode::None:
            break;
        case ErrorCode::OffsetOutOfRange:
            followed.wantsOffsets = true;
            return;
        case ErrorCode::FencedLeaderEpoch:
            followed.isFailed = true;  // the controller's next word will make it go on
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
    for (std::size_t i = 0; i + 1 < response.partitions.size(); i += 2) {
        const ListOffsetsResponse::Partition& first = response.partitions[i];
        const ListOffsetsResponse::Partition& last = response.partitions[i + 1];
        const auto at = std::find_if(fetcher.followed.begin(), fetcher.followed.end(),
                                     [&](const Followed& followed) { return followed.partition == first.partition; });
        if (at == fetcher.followed.end() || !at->wantsOffsets) {
            continue;
        }
        if (first.error != ErrorCode::None || last.error != ErrorCode::None) {
            delay(context, fetcher, *at);
            continue;
        }
        at->wantsOffsets = false;
        PartitionLog& log = replicas.edit(at->slot).log;
        if (last.offset < log.end()) {
            truncate(context, fetcher, *at, last.offset, replicas);
        } else if (first.offset > log.end()) {
            log.truncateFullyTo(context, first.offset);
        }
    }
}

void ReplicaFetchers::delay(sim::Context& context, Fetcher& fetcher, Followed& followed) {
    followed.readyAt = context.now() + m_config->replicaFetchBackoff;
    context.arm(m_config->replicaFetchBackoff, makeRef<FetcherAlarm>(fetcher.leader.id, false, fetcher.round));
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
    context.journal({"kafka.log-truncated",
                     sim::Severity::Warning,
                     fmt::format("Broker {} cuts {} from {} to {}: leader {} does not have what stood there",
                                 m_config->id.value, name, before.value, after.value, fetcher.leader.id.value),
                     {{"topic", followed.partition.topic.text()},
                      {"partition", toText(followed.partition.partition)},
                      {"broker", toText(m_config->id)},
                      {"from", toText(before)},
                      {"to", toText(after)},
                      {"leader", toText(fetcher.leader.id)},
                      {"epoch", toText(followed.epoch)}}});
}

}  // namespace millrace::kafka
