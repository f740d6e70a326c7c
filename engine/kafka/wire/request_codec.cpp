#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/kafka/log/record_batch.h"
#include "engine/kafka/protocol/fetch.h"
#include "engine/kafka/protocol/group.h"
#include "engine/kafka/protocol/metadata.h"
#include "engine/kafka/protocol/offsets.h"
#include "engine/kafka/wire/codec.h"
#include "engine/kafka/wire/wire_buffer.h"

namespace millrace::kafka::codec {
namespace {

/// A client may ask for any time; more than ten years are ten.
SimDuration milliseconds(std::int64_t count) {
    constexpr std::int64_t longest = std::chrono::milliseconds{std::chrono::hours{24 * 3650}}.count();
    return std::chrono::milliseconds{std::clamp(count, -longest, longest)};
}

BytesRef bytesOrEmpty(std::optional<std::string_view> bytes) {
    return makeRef<Bytes>(std::string{bytes.value_or(std::string_view{})});
}

std::optional<std::string> owned(std::optional<std::string_view> text) {
    return text ? std::optional<std::string>{WireReader::textOf(*text)} : std::nullopt;
}

/// Calls `read(partition)` for each partition of each topic of the usual nested arrays.
template <class Read>
void forEachPartition(WireReader& in, Read read) {
    for (std::int32_t topics = in.array(); topics > 0 && in.ok(); --topics) {
        const TopicName topic(in.string());
        for (std::int32_t count = in.array(); count > 0 && in.ok(); --count) {
            read(TopicPartition{topic, PartitionIndex{in.int32()}});
        }
    }
}

/// The records of one partition must be one batch of format 2.
Result<BatchRef, ErrorCode> parseRecords(std::string_view bytes, std::int16_t version, std::size_t& plainLeft) {
    constexpr std::size_t magicAt = 16;
    if (version < 3 || bytes.size() <= magicAt || bytes[magicAt] != 2) {
        return tl::unexpected(ErrorCode::UnsupportedForMessageFormat);
    }
    std::uint32_t length = 0;
    for (std::size_t i = 8; i < 12; ++i) {
        length = (length << 8U) | static_cast<unsigned char>(bytes[i]);
    }
    if (std::size_t{length} + 12 < bytes.size()) {
        return tl::unexpected(ErrorCode::InvalidRecord);
    }
    return RecordBatch::parse(bytes, &plainLeft);
}

template <class R>
R withHead(const RequestHead& head) {
    R request;
    request.correlationId = head.correlationId;
    request.version = head.version;
    request.clientId = ClientId(head.clientId);
    return request;
}

void refuseAll(ProduceRequest& request, DecodedRequest& decoded, ErrorCode error) {
    for (ProduceResponse::Partition& refused : decoded.refused) {
        refused.error = error;
    }
    for (ProduceRequest::Partition& asked : request.partitions) {
        decoded.refused.push_back({std::move(asked.partition), error, noOffset, noTimestamp, noOffset});
    }
    request.partitions.clear();
}

sim::MessageRef produce(WireReader& in, DecodedRequest& decoded) {
    const std::int16_t version = decoded.head.version;
    auto request = withHead<ProduceRequest>(decoded.head);
    if (version >= 3) {
        request.transactionalId = owned(in.nullableString());
    }
    const std::int16_t acks = in.int16();
    request.acks = static_cast<Acks>(acks);
    request.timeout = milliseconds(in.int32());
    decoded.expectsAnswer = acks != 0;
    bool hasTransactional = false;
    std::size_t plainLeft = std::size_t{256} << 20U;  // of one request, however many batches it has
    forEachPartition(in, [&](TopicPartition partition) {
        const auto records = in.nullableBytes();
        if (!in.ok()) {
            return;
        }
        auto batch = parseRecords(records.value_or(std::string_view{}), version, plainLeft);
        hasTransactional = hasTransactional || (batch && (*batch)->isTransactional());
        if (acks < -1 || acks > 1) {
            decoded.refused.push_back({partition, ErrorCode::InvalidRequiredAcks, noOffset, noTimestamp, noOffset});
        } else if (batch && (*batch)->isTransactional() && request.transactionalId) {
            // Nobody coordinates transactions here, so no coordinator knows the producer's id.
            decoded.refused.push_back(
                {partition, ErrorCode::InvalidProducerIdMapping, noOffset, noTimestamp, noOffset});
        } else if (!batch) {
            decoded.refused.push_back({partition, batch.error(), noOffset, noTimestamp, noOffset});
        } else {
            request.partitions.push_back({partition, std::move(*batch)});
        }
    });
    if (hasTransactional && !request.transactionalId) {
        // Records of a transaction belong to a transactional id; without one the whole request is refused, as
        // KafkaApis.handleProduceRequest does.
        refuseAll(request, decoded, ErrorCode::TransactionalIdAuthorizationFailed);
    }
    return request.partitions.empty() ? sim::MessageRef{} : makeRef<ProduceRequest>(std::move(request));
}

sim::MessageRef fetch(WireReader& in, const RequestHead& head) {
    auto request = withHead<FetchRequest>(head);
    static_cast<void>(in.int32());  // replica id: who comes through the gateway is a consumer
    request.maxWait = milliseconds(in.int32());
    request.minBytes = in.int32();
    request.maxBytes = in.int32();
    request.isolation = in.int8() == 1 ? IsolationLevel::ReadCommitted : IsolationLevel::ReadUncommitted;
    if (head.version >= 7) {
        request.sessionId = in.int32();
        request.sessionEpoch = in.int32();
    }
    forEachPartition(in, [&](TopicPartition partition) {
        FetchRequest::Partition item;
        item.partition = std::move(partition);
        item.currentLeaderEpoch = head.version >= 9 ? LeaderEpoch{in.int32()} : noEpoch;
        item.fetchOffset = Offset{in.int64()};
        if (head.version >= 5) {
            item.logStartOffset = Offset{in.int64()};
        }
        item.maxBytes = in.int32();
        request.partitions.push_back(std::move(item));
    });
    if (head.version >= 7) {
        forEachPartition(in, [&](TopicPartition partition) { request.forgotten.push_back(std::move(partition)); });
    }
    if (head.version >= 11) {
        request.rack = in.string();
    }
    return makeRef<FetchRequest>(std::move(request));
}

sim::MessageRef listOffsets(WireReader& in, const RequestHead& head) {
    auto request = withHead<ListOffsetsRequest>(head);
    static_cast<void>(in.int32());  // replica id
    if (head.version >= 2) {
        request.isolation = in.int8() == 1 ? IsolationLevel::ReadCommitted : IsolationLevel::ReadUncommitted;
    }
    forEachPartition(in, [&](TopicPartition partition) {
        const LeaderEpoch epoch = head.version >= 4 ? LeaderEpoch{in.int32()} : noEpoch;
        request.partitions.push_back({std::move(partition), epoch, in.int64()});
    });
    return makeRef<ListOffsetsRequest>(std::move(request));
}

sim::MessageRef metadata(WireReader& in, const RequestHead& head) {
    auto request = withHead<MetadataRequest>(head);
    const auto count = in.nullableArray();
    // In version 0 an empty array asks for all topics, later null does and an empty one asks for none.
    if (count && (*count > 0 || head.version > 0)) {
        request.topics.emplace();
        for (std::int32_t i = 0; i < *count && in.ok(); ++i) {
            request.topics->emplace_back(in.string());
        }
    }
    request.allowAutoTopicCreation = head.version < 4 || in.boolean();
    if (head.version >= 8) {
        static_cast<void>(in.int16());  // whether to include authorized operations, of cluster and topics
    }
    return makeRef<MetadataRequest>(std::move(request));
}

sim::MessageRef offsetCommit(WireReader& in, const RequestHead& head) {
    auto request = withHead<OffsetCommitRequest>(head);
    request.group = in.string();
    request.generation = in.int32();
    request.memberId = in.string();
    if (head.version >= 7) {
        request.groupInstanceId = owned(in.nullableString());
    }
    if (head.version >= 2 && head.version <= 4) {
        static_cast<void>(in.int64());  // retention time
    }
    forEachPartition(in, [&](TopicPartition partition) {
        OffsetCommitRequest::Partition item;
        item.partition = std::move(partition);
        item.offset = Offset{in.int64()};
        item.leaderEpoch = head.version >= 6 ? LeaderEpoch{in.int32()} : noEpoch;
        if (head.version == 1) {
            static_cast<void>(in.int64());  // time stamp
        }
        item.metadata = in.string();
        request.partitions.push_back(std::move(item));
    });
    return makeRef<OffsetCommitRequest>(std::move(request));
}

sim::MessageRef offsetFetch(WireReader& in, const RequestHead& head) {
    auto request = withHead<OffsetFetchRequest>(head);
    request.group = in.string();
    const auto topics = in.nullableArray();
    if (topics) {
        request.partitions.emplace();
        for (std::int32_t i = 0; i < *topics && in.ok(); ++i) {
            const TopicName topic(in.string());
            for (std::int32_t count = in.array(); count > 0 && in.ok(); --count) {
                request.partitions->push_back({topic, PartitionIndex{in.int32()}});
            }
        }
    }
    return makeRef<OffsetFetchRequest>(std::move(request));
}

sim::MessageRef findCoordinator(WireReader& in, const RequestHead& head) {
    auto request = withHead<FindCoordinatorRequest>(head);
    request.group = in.string();
    request.keyType = head.version >= 1 ? in.int8() : FindCoordinatorRequest::ofGroup;
    return makeRef<FindCoordinatorRequest>(std::move(request));
}

sim::MessageRef joinGroup(WireReader& in, const RequestHead& head) {
    auto request = withHead<JoinGroupRequest>(head);
    request.group = in.string();
    request.sessionTimeout = milliseconds(in.int32());
    request.rebalanceTimeout = head.version >= 1 ? milliseconds(in.int32()) : request.sessionTimeout;
    request.memberId = in.string();
    if (head.version >= 5) {
        request.groupInstanceId = owned(in.nullableString());
    }
    request.protocolType = in.string();
    constexpr std::int32_t protocolsMax = 1'000;  // clients have a handful, and each is compared with each
    const std::int32_t announced = in.array();
    if (announced > protocolsMax) {
        in.fail();
    }
    for (std::int32_t count = announced; count > 0 && in.ok(); --count) {
        std::string name = in.string();
        request.protocols.push_back({std::move(name), bytesOrEmpty(in.nullableBytes())});
    }
    return makeRef<JoinGroupRequest>(std::move(request));
}

sim::MessageRef syncGroup(WireReader& in, const RequestHead& head) {
    auto request = withHead<SyncGroupRequest>(head);
    request.group = in.string();
    request.generation = in.int32();
    request.memberId = in.string();
    if (head.version >= 3) {
        request.groupInstanceId = owned(in.nullableString());
    }
    for (std::int32_t count = in.array(); count > 0 && in.ok(); --count) {
        std::string member = in.string();
        request.assignments.push_back({std::move(member), bytesOrEmpty(in.nullableBytes())});
    }
    return makeRef<SyncGroupRequest>(std::move(request));
}

sim::MessageRef heartbeat(WireReader& in, const RequestHead& head) {
    auto request = withHead<HeartbeatRequest>(head);
    request.group = in.string();
    request.generation = in.int32();
    request.memberId = in.string();
    if (head.version >= 3) {
        request.groupInstanceId = owned(in.nullableString());
    }
    return makeRef<HeartbeatRequest>(std::move(request));
}

sim::MessageRef leaveGroup(WireReader& in, const RequestHead& head) {
    auto request = withHead<LeaveGroupRequest>(head);
    request.group = in.string();
    request.memberId = in.string();
    return makeRef<LeaveGroupRequest>(std::move(request));
}

/// Partitions come in any order. Those that are not 0, 1, 2 and so on are no assignment: it gets a partition without
/// replicas, which the broker refuses.
std::vector<std::vector<BrokerId>> replicasByPartition(WireReader& in) {
    std::map<std::int32_t, std::vector<BrokerId>> byIndex;
    const std::int32_t announced = in.array();
    for (std::int32_t partitions = announced; partitions > 0 && in.ok(); --partitions) {
        std::vector<BrokerId>& brokers = byIndex[in.int32()];
        brokers.clear();
        for (std::int32_t replicas = in.array(); replicas > 0 && in.ok(); --replicas) {
            brokers.emplace_back(in.int32());
        }
    }
    const bool isRow = static_cast<std::int32_t>(byIndex.size()) == announced &&
                       (byIndex.empty() || (byIndex.begin()->first == 0 && byIndex.rbegin()->first == announced - 1));
    std::vector<std::vector<BrokerId>> assignment;
    for (auto& [index, brokers] : byIndex) {
        assignment.push_back(std::move(brokers));
    }
    if (!isRow) {
        assignment.emplace_back();
    }
    return assignment;
}

sim::MessageRef createTopics(WireReader& in, const RequestHead& head) {
    auto request = withHead<CreateTopicsRequest>(head);
    for (std::int32_t count = in.array(); count > 0 && in.ok(); --count) {
        CreateTopicsRequest::Topic topic;
        topic.name = TopicName(in.string());
        topic.partitions = in.int32();
        topic.replicationFactor = in.int16();
        topic.assignment = replicasByPartition(in);
        for (std::int32_t settings = in.array(); settings > 0 && in.ok(); --settings) {
            std::string key = in.string();
            topic.config.emplace_back(std::move(key), in.string());
        }
        request.topics.push_back(std::move(topic));
    }
    request.timeout = milliseconds(in.int32());
    request.validateOnly = head.version >= 1 && in.boolean();
    return makeRef<CreateTopicsRequest>(std::move(request));
}

void apiVersions(WireReader& in, DecodedRequest& decoded) {
    if (decoded.head.version >= 3 && !decoded.unsupportedVersion) {
        decoded.clientSoftware = in.compactString();
        decoded.clientSoftware += " " + in.compactString();
        in.skipTags();
    }
}

sim::MessageRef body(WireReader& in, DecodedRequest& decoded) {
    switch (decoded.head.key) {
        case ApiKey::Produce:
            return produce(in, decoded);
        case ApiKey::Fetch:
            return fetch(in, decoded.head);
        case ApiKey::ListOffsets:
            return listOffsets(in, decoded.head);
        case ApiKey::Metadata:
            return metadata(in, decoded.head);
        case ApiKey::OffsetCommit:
            return offsetCommit(in, decoded.head);
        case ApiKey::OffsetFetch:
            return offsetFetch(in, decoded.head);
        case ApiKey::FindCoordinator:
            return findCoordinator(in, decoded.head);
        case ApiKey::JoinGroup:
            return joinGroup(in, decoded.head);
        case ApiKey::Heartbeat:
            return heartbeat(in, decoded.head);
        case ApiKey::LeaveGroup:
            return leaveGroup(in, decoded.head);
        case ApiKey::SyncGroup:
            return syncGroup(in, decoded.head);
        case ApiKey::ApiVersions:
            apiVersions(in, decoded);
            return {};
        case ApiKey::CreateTopics:
            return createTopics(in, decoded.head);
    }
    return {};
}

}  // namespace

const std::vector<ApiRange>& supportedApis() {
    static const std::vector<ApiRange> apis{
        {ApiKey::Produce, 0, 8},         {ApiKey::Fetch, 4, 11},       {ApiKey::ListOffsets, 1, 5},
        {ApiKey::Metadata, 0, 8},        {ApiKey::OffsetCommit, 1, 7}, {ApiKey::OffsetFetch, 1, 5},
        {ApiKey::FindCoordinator, 0, 2}, {ApiKey::JoinGroup, 0, 5},    {ApiKey::Heartbeat, 0, 3},
        {ApiKey::LeaveGroup, 0, 2},      {ApiKey::SyncGroup, 0, 3},    {ApiKey::ApiVersions, 0, 3},
        {ApiKey::CreateTopics, 0, 4}};
    return apis;
}

Result<DecodedRequest, std::string> decodeRequest(std::string_view frame) {
    WireReader in(frame);
    DecodedRequest decoded;
    const std::int16_t key = in.int16();
    decoded.head.version = in.int16();
    decoded.head.correlationId = CorrelationId{in.int32()};
    const auto& apis = supportedApis();
    const auto api = std::find_if(apis.begin(), apis.end(),
                                  [&](const ApiRange& range) { return static_cast<std::int16_t>(range.key) == key; });
    if (!in.ok() || api == apis.end()) {
        return tl::unexpected(fmt::format("no API has the key {}", key));
    }
    decoded.head.key = api->key;
    const bool inRange = decoded.head.version >= api->min && decoded.head.version <= api->max;
    decoded.unsupportedVersion = !inRange && api->key == ApiKey::ApiVersions;
    if (!inRange && !decoded.unsupportedVersion) {
        return tl::unexpected(fmt::format("API {} has no version {}", key, decoded.head.version));
    }
    if (decoded.unsupportedVersion) {
        return decoded;  // its layout is not known; the answer needs only the correlation id
    }
    // The client's id keeps its 16-bit length in header version 2 as well.
    decoded.head.clientId = in.string();
    if (api->key == ApiKey::ApiVersions && decoded.head.version >= 3) {
        in.skipTags();
    }
    decoded.message = body(in, decoded);
    if (!in.ok()) {
        return tl::unexpected(fmt::format("a request of API {} version {} is cut short", key, decoded.head.version));
    }
    return decoded;
}

}  // namespace millrace::kafka::codec
