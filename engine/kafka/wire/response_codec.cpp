#include <algorithm>

#include "engine/base/check.h"
#include "engine/kafka/protocol/fetch.h"
#include "engine/kafka/protocol/group.h"
#include "engine/kafka/protocol/metadata.h"
#include "engine/kafka/protocol/offsets.h"
#include "engine/kafka/wire/codec.h"
#include "engine/kafka/wire/wire_buffer.h"

namespace millrace::kafka::codec {
namespace {

constexpr std::int32_t noAuthorizedOperations = std::numeric_limits<std::int32_t>::min();

void putError(WireWriter& out, ErrorCode error) {
    out.int16(number(error));
}

void putThrottle(WireWriter& out, bool has) {
    if (has) {
        out.int32(0);
    }
}

void putBrokers(WireWriter& out, const std::vector<BrokerId>& brokers) {
    out.array(brokers.size());
    for (const BrokerId broker : brokers) {
        out.int32(broker.value);
    }
}

/// Topics hold their partitions on the wire: groups neighbours of one topic and calls `put(item)` for what follows the
/// index.
template <class Items, class Put>
void putPartitions(WireWriter& out, const Items& items, Put put) {
    std::vector<std::pair<std::size_t, std::size_t>> topics;  // first and one past the last
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (topics.empty() || !(items[i].partition.topic == items[topics.back().first].partition.topic)) {
            topics.emplace_back(i, i);
        }
        topics.back().second = i + 1;
    }
    out.array(topics.size());
    for (const auto& [begin, end] : topics) {
        out.string(items[begin].partition.topic.text());
        out.array(end - begin);
        for (std::size_t i = begin; i < end; ++i) {
            out.int32(items[i].partition.partition.value);
            put(items[i]);
        }
    }
}

void putMetadata(WireWriter& out, std::int16_t version, const MetadataResponse& response) {
    putThrottle(out, version >= 3);
    out.array(response.brokers.size());
    for (const BrokerEndpoint& broker : response.brokers) {
        out.int32(broker.id.value).string(broker.host).int32(broker.port);
        if (version >= 1) {
            out.nullableString(broker.rack.empty() ? std::nullopt : std::optional<std::string_view>{broker.rack});
        }
    }
    if (version >= 2) {
        out.string(clusterId);
    }
    if (version >= 1) {
        out.int32(response.controller.value);
    }
    out.array(response.topics.size());
    for (const TopicMetadata& topic : response.topics) {
        putError(out, topic.error);
        out.string(topic.name.text());
        if (version >= 1) {
            out.boolean(topic.isInternal);
        }
        out.array(topic.partitions.size());
        for (const PartitionMetadata& partition : topic.partitions) {
            putError(out, partition.error);
            out.int32(partition.partition.value).int32(partition.leader.value);
            if (version >= 7) {
                out.int32(partition.leaderEpoch.value);
            }
            putBrokers(out, partition.replicas);
            putBrokers(out, partition.isr);
            if (version >= 5) {
                putBrokers(out, partition.offlineReplicas);
            }
        }
        if (version >= 8) {
            out.int32(noAuthorizedOperations);
        }
    }
    if (version >= 8) {
        out.int32(noAuthorizedOperations);
    }
}

void putProduce(WireWriter& out, std::int16_t version, const std::vector<ProduceResponse::Partition>& partitions) {
    putPartitions(out, partitions, [&](const ProduceResponse::Partition& partition) {
        putError(out, partition.error);
        out.int64(partition.baseOffset.value);
        if (version >= 2) {
            out.int64(partition.logAppendTime);
        }
        if (version >= 5) {
            out.int64(partition.logStartOffset.value);
        }
        if (version >= 8) {
            out.array(0);                      // errors of single records
            out.nullableString(std::nullopt);  // error message
        }
    });
    putThrottle(out, version >= 1);
}

void putFetch(WireWriter& out, std::int16_t version, const FetchResponse& response) {
    putThrottle(out, true);
    if (version >= 7) {
        putError(out, response.error);
        out.int32(response.sessionId);
    }
    putPartitions(out, response.partitions, [&](const FetchResponse::Partition& partition) {
        putError(out, partition.error);
        out.int64(partition.highWatermark.value).int64(partition.lastStableOffset.value);
        if (version >= 5) {
            out.int64(partition.logStartOffset.value);
        }
        out.array(0);  // aborted transactions
        if (version >= 11) {
            out.int32(-1);  // preferred read replica
        }
        ByteCount size = 0;
        for (const BatchRef& batch : partition.batches) {
            size += batch->size();
        }
        out.int32(static_cast<std::int32_t>(size));
        for (const BatchRef& batch : partition.batches) {
            batch->appendTo(out.buffer());
        }
    });
}

void putListOffsets(WireWriter& out, std::int16_t version, const ListOffsetsResponse& response) {
    putThrottle(out, version >= 2);
    putPartitions(out, response.partitions, [&](const ListOffsetsResponse::Partition& partition) {
        putError(out, partition.error);
        out.int64(partition.timestamp).int64(partition.offset.value);
        if (version >= 4) {
            out.int32(partition.leaderEpoch.value);
        }
    });
}

void putOffsetFetch(WireWriter& out, std::int16_t version, const OffsetFetchResponse& response) {
    putThrottle(out, version >= 3);
    putPartitions(out, response.partitions, [&](const OffsetFetchResponse::Partition& partition) {
        out.int64(partition.offset.value);
        if (version >= 5) {
            out.int32(partition.leaderEpoch.value);
        }
        out.string(partition.metadata);
        putError(out, partition.error);
    });
    if (version >= 2) {
        putError(out, response.error);
    }
}

void putFindCoordinator(WireWriter& out, std::int16_t version, const FindCoordinatorResponse& response) {
    putThrottle(out, version >= 1);
    putError(out, response.error);
    if (version >= 1) {
        out.nullableString(response.message.empty() ? std::nullopt : std::optional<std::string_view>{response.message});
    }
    const bool found = response.error == ErrorCode::None;
    out.int32(found ? response.coordinator.id.value : -1)
        .string(found ? response.coordinator.host : "")
        .int32(found ? response.coordinator.port : -1);
}

void putJoinGroup(WireWriter& out, std::int16_t version, const JoinGroupResponse& response) {
    putThrottle(out, version >= 2);
    putError(out, response.error);
    out.int32(response.generation).string(response.protocol).string(response.leader).string(response.memberId);
    out.array(response.members.size());
    for (const JoinGroupResponse::Member& member : response.members) {
        out.string(member.memberId);
        if (version >= 5) {
            out.nullableString(member.groupInstanceId ? std::optional<std::string_view>{*member.groupInstanceId}
                                                      : std::nullopt);
        }
        out.bytes(member.metadata ? member.metadata->text() : std::string_view{});
    }
}

void putCreateTopics(WireWriter& out, std::int16_t version, const CreateTopicsResponse& response) {
    putThrottle(out, version >= 2);
    out.array(response.topics.size());
    for (const CreateTopicsResponse::Topic& topic : response.topics) {
        out.string(topic.name.text());
        putError(out, topic.error);
        if (version >= 1) {
            out.nullableString(topic.message.empty() ? std::nullopt : std::optional<std::string_view>{topic.message});
        }
    }
}

std::string framed(const RequestHead& head, std::string body) {
    WireWriter out;
    out.int32(static_cast<std::int32_t>(body.size() + 4)).int32(head.correlationId.value);
    out.buffer() += body;
    return out.take();
}

template <class R>
const R& expect(const sim::Message& response) {
    const R* typed = response.as<R>();
    MILLRACE_CHECK(typed != nullptr, response.summary());
    return *typed;
}

}  // namespace

std::string encodeResponse(const DecodedRequest& request, const sim::Message& response) {
    const std::int16_t version = request.head.version;
    WireWriter out;
    switch (request.head.key) {
        case ApiKey::Produce: {
            auto partitions = expect<ProduceResponse>(response).partitions;
            if (!request.refused.empty()) {
                partitions.insert(partitions.end(), request.refused.begin(), request.refused.end());
                std::stable_sort(partitions.begin(), partitions.end(),
                                 [](const auto& a, const auto& b) { return a.partition.topic < b.partition.topic; });
            }
            putProduce(out, version, partitions);
            break;
        }
        case ApiKey::Fetch:
            putFetch(out, version, expect<FetchResponse>(response));
            break;
        case ApiKey::ListOffsets:
            putListOffsets(out, version, expect<ListOffsetsResponse>(response));
            break;
        case ApiKey::Metadata:
            putMetadata(out, version, expect<MetadataResponse>(response));
            break;
        case ApiKey::OffsetCommit:
            putThrottle(out, version >= 3);
            putPartitions(out, expect<OffsetCommitResponse>(response).partitions,
                          [&](const auto& partition) { putError(out, partition.error); });
            break;
        case ApiKey::OffsetFetch:
            putOffsetFetch(out, version, expect<OffsetFetchResponse>(response));
            break;
        case ApiKey::FindCoordinator:
            putFindCoordinator(out, version, expect<FindCoordinatorResponse>(response));
            break;
        case ApiKey::JoinGroup:
            putJoinGroup(out, version, expect<JoinGroupResponse>(response));
            break;
        case ApiKey::Heartbeat:
            putThrottle(out, version >= 1);
            putError(out, expect<HeartbeatResponse>(response).error);
            break;
        case ApiKey::LeaveGroup:
            putThrottle(out, version >= 1);
            putError(out, expect<LeaveGroupResponse>(response).error);
            break;
        case ApiKey::SyncGroup: {
            const auto& synced = expect<SyncGroupResponse>(response);
            putThrottle(out, version >= 1);
            putError(out, synced.error);
            out.bytes(synced.assignment ? synced.assignment->text() : std::string_view{});
            break;
        }
        case ApiKey::CreateTopics:
            putCreateTopics(out, version, expect<CreateTopicsResponse>(response));
            break;
        case ApiKey::ApiVersions:
            MILLRACE_CHECK(false, "answered by encodeApiVersions");
    }
    return framed(request.head, out.take());
}

std::string encodeRefusedProduce(const DecodedRequest& request) {
    WireWriter out;
    putProduce(out, request.head.version, request.refused);
    return framed(request.head, out.take());
}

// The header of this response has no tagged fields in any version, so that a client can read it before anything is
// agreed.
std::string encodeApiVersions(const DecodedRequest& request) {
    WireWriter out;
    if (request.unsupportedVersion) {
        putError(out, ErrorCode::UnsupportedVersion);
        out.array(1).int16(static_cast<std::int16_t>(ApiKey::ApiVersions)).int16(0).int16(3);
        return framed(request.head, out.take());
    }
    const bool isFlexible = request.head.version >= 3;
    const auto& apis = supportedApis();
    putError(out, ErrorCode::None);
    if (isFlexible) {
        out.unsignedVarint(static_cast<std::uint32_t>(apis.size() + 1));
    } else {
        out.array(apis.size());
    }
    for (const ApiRange& api : apis) {
        out.int16(static_cast<std::int16_t>(api.key)).int16(api.min).int16(api.max);
        if (isFlexible) {
            out.noTags();
        }
    }
    putThrottle(out, request.head.version >= 1);
    if (isFlexible) {
        out.noTags();
    }
    return framed(request.head, out.take());
}

}  // namespace millrace::kafka::codec
