#include <fmt/format.h>

#include "engine/kafka/protocol/fetch.h"
#include "engine/kafka/protocol/offsets.h"
#include "engine/kafka/protocol/produce.h"
#include "engine/observe/wording.h"

namespace millrace::kafka {

namespace {

ByteCount count(std::size_t items) {
    return static_cast<ByteCount>(items);
}

/// Topics with compact names and counts, and their tagged fields: one byte each while names are under 127 bytes.
template <class Items>
ByteCount compactTopics(const Items& items) {
    ByteCount size = 1;
    const TopicName* last = nullptr;
    for (const auto& item : items) {
        if (last == nullptr || !(*last == item.partition.topic)) {
            size += 1 + count(item.partition.topic.size()) + 1 + 1;
            last = &item.partition.topic;
        }
    }
    return size;
}

void addTo(Digest& digest, const RecordBatch& batch) {
    digest.add(batch.digest());
}

}  // namespace

// --- Produce

ByteCount ProduceRequest::wireSize() const {
    ByteCount size = headerSize() + wire::since(3, version, wire::nullableString(transactionalId)) + wire::int16 +
                     wire::int32 + wire::topics(partitions);
    for (const Partition& each : partitions) {
        size += wire::int32 + wire::bytes + each.batch->size();
    }
    return size;
}

void ProduceRequest::digest(Digest& digest) const {
    digestHeader(digest);
    digest.add(transactionalId.has_value());
    digest.add(transactionalId ? std::string_view{*transactionalId} : std::string_view{});
    digest.add(static_cast<std::int32_t>(acks));
    digest.add(timeout.count());
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        addTo(digest, *each.batch);
    }
}

std::string ProduceRequest::summary() const {
    std::int32_t records = 0;
    for (const Partition& each : partitions) {
        records += each.batch->recordCount();
    }
    return partitions.size() == 1
               ? fmt::format("Produce {} ({})", toText(partitions.front().partition),
                             observe::counted(records, "record"))
               : fmt::format("Produce to {} ({})", observe::counted(count(partitions.size()), "partition"),
                             observe::counted(records, "record"));
}

ByteCount ProduceResponse::wireSize() const {
    // From version 8 on: no errors of single records, and no message.
    const ByteCount each = wire::int32 + wire::int16 + wire::int64 + wire::since(2, version, wire::int64) +
                           wire::since(5, version, wire::int64) + wire::since(8, version, wire::array + wire::int16);
    return headerSize() + wire::topics(partitions) + count(partitions.size()) * each +
           wire::since(1, version, wire::int32);
}

void ProduceResponse::digest(Digest& digest) const {
    digestHeader(digest);
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        kafka::addTo(digest, each.error);
        digest.add(each.baseOffset.value);
        digest.add(each.logAppendTime);
        digest.add(each.logStartOffset.value);
    }
}

std::string ProduceResponse::summary() const {
    for (const Partition& each : partitions) {
        if (each.error != ErrorCode::None) {
            return fmt::format("Produce refused: {} {}", toText(each.partition), toText(each.error));
        }
    }
    return "Produce acknowledged";
}

// --- Fetch

ByteCount FetchRequest::wireSize() const {
    if (version < 12) {
        const ByteCount each = wire::int32 + wire::since(9, version, wire::int32) + wire::int64 +
                               wire::since(5, version, wire::int64) + wire::int32;
        return headerSize() + 4 * wire::int32 + wire::int8 + wire::since(7, version, 2 * wire::int32) +
               wire::topics(partitions) + count(partitions.size()) * each +
               wire::since(7, version, wire::partitions(forgotten)) + wire::since(11, version, wire::string(rack));
    }
    constexpr ByteCount each = 4 + 4 + 8 + 4 + 8 + 4 + 1;
    ByteCount size = headerSize() + 1 + 4 + 4 + 4 + 4 + 1 + 4 + 4 + 1 + 1 + count(rack.size()) + 1;
    size += compactTopics(partitions) + count(partitions.size()) * each;
    for (const TopicPartition& gone : forgotten) {
        size += 1 + count(gone.topic.size()) + 1 + 4 + 1;
    }
    return size;
}

void FetchRequest::digest(Digest& digest) const {
    digestHeader(digest);
    digest.add(replica.value);
    digest.add(maxWait.count());
    digest.add(minBytes);
    digest.add(maxBytes);
    digest.add(static_cast<std::int32_t>(isolation));
    digest.add(sessionId);
    digest.add(sessionEpoch);
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        digest.add(each.currentLeaderEpoch.value);
        digest.add(each.fetchOffset.value);
        digest.add(each.lastFetchedEpoch.value);
        digest.add(each.logStartOffset.value);
        digest.add(each.maxBytes);
    }
    digest.add(static_cast<std::uint64_t>(forgotten.size()));
    for (const TopicPartition& gone : forgotten) {
        kafka::addTo(digest, gone);
    }
    digest.add(rack);
}

std::string FetchRequest::summary() const {
    const std::string who = replica == consumerReplica ? std::string{"consumer"} : "replica " + toText(replica);
    return partitions.size() == 1
               ? fmt::format("Fetch by {}: {} from {}", who, toText(partitions.front().partition),
                             toText(partitions.front().fetchOffset))
               : fmt::format("Fetch by {}: {}", who, observe::counted(count(partitions.size()), "partition"));
}

ByteCount FetchResponse::recordBytes() const {
    ByteCount size = 0;
    for (const Partition& each : partitions) {
        for (const BatchRef& batch : each.batches) {
            size += batch->size();
        }
    }
    return size;
}

ByteCount FetchResponse::wireSize() const {
    if (version < 12) {
        const ByteCount each = wire::int32 + wire::int16 + 2 * wire::int64 + wire::since(5, version, wire::int64) +
                               wire::array + wire::since(11, version, wire::int32) + wire::bytes;
        return headerSize() + wire::int32 + wire::since(7, version, wire::int16 + wire::int32) +
               wire::topics(partitions) + count(partitions.size()) * each + recordBytes();
    }
    constexpr ByteCount each = 4 + 2 + 8 + 8 + 8 + 1 + 4 + 4 + 1;
    constexpr ByteCount diverging = 1 + 1 + 4 + 8 + 1;
    ByteCount size = headerSize() + 1 + 4 + 2 + 4 + 1 + compactTopics(partitions) + recordBytes();
    for (const Partition& partition : partitions) {
        size += each + (partition.divergingEpoch ? diverging : 0);
    }
    return size;
}

void FetchResponse::digest(Digest& digest) const {
    digestHeader(digest);
    kafka::addTo(digest, error);
    digest.add(sessionId);
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        kafka::addTo(digest, each.error);
        digest.add(each.highWatermark.value);
        digest.add(each.lastStableOffset.value);
        digest.add(each.logStartOffset.value);
        digest.add(each.divergingEpoch.has_value());
        if (each.divergingEpoch) {
            digest.add(each.divergingEpoch->epoch.value);
            digest.add(each.divergingEpoch->endOffset.value);
        }
        for (const BatchRef& batch : each.batches) {
            addTo(digest, *batch);
        }
    }
}

std::string FetchResponse::summary() const {
    std::int32_t records = 0;
    for (const Partition& each : partitions) {
        if (each.error != ErrorCode::None) {
            return fmt::format("Fetched {}: {}", toText(each.partition), toText(each.error));
        }
        for (const BatchRef& batch : each.batches) {
            records += batch->recordCount();
        }
    }
    return records == 0 ? std::string{"Fetched nothing"}
                        : fmt::format("Fetched {}, {}", observe::counted(records, "record"),
                                      observe::counted(recordBytes(), "byte"));
}

// --- ListOffsets

ByteCount ListOffsetsRequest::wireSize() const {
    const ByteCount each = wire::int32 + wire::since(4, version, wire::int32) + wire::int64;
    return headerSize() + wire::int32 + wire::since(2, version, wire::int8) + wire::topics(partitions) +
           count(partitions.size()) * each;
}

void ListOffsetsRequest::digest(Digest& digest) const {
    digestHeader(digest);
    digest.add(replica.value);
    digest.add(static_cast<std::int32_t>(isolation));
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        digest.add(each.currentLeaderEpoch.value);
        digest.add(each.timestamp);
    }
}

ByteCount ListOffsetsResponse::wireSize() const {
    const ByteCount each = wire::int32 + wire::int16 + 2 * wire::int64 + wire::since(4, version, wire::int32);
    return headerSize() + wire::since(2, version, wire::int32) + wire::topics(partitions) +
           count(partitions.size()) * each;
}

void ListOffsetsResponse::digest(Digest& digest) const {
    digestHeader(digest);
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        kafka::addTo(digest, each.error);
        digest.add(each.timestamp);
        digest.add(each.offset.value);
        digest.add(each.leaderEpoch.value);
    }
}

// --- OffsetForLeaderEpoch

ByteCount OffsetForLeaderEpochRequest::wireSize() const {
    return headerSize() + wire::int32 + wire::topics(partitions) + count(partitions.size()) * (4 + 4 + 4);
}

void OffsetForLeaderEpochRequest::digest(Digest& digest) const {
    digestHeader(digest);
    digest.add(replica.value);
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        digest.add(each.currentLeaderEpoch.value);
        digest.add(each.leaderEpoch.value);
    }
}

ByteCount OffsetForLeaderEpochResponse::wireSize() const {
    return headerSize() + wire::int32 + wire::topics(partitions) + count(partitions.size()) * (2 + 4 + 4 + 8);
}

void OffsetForLeaderEpochResponse::digest(Digest& digest) const {
    digestHeader(digest);
    for (const Partition& each : partitions) {
        kafka::addTo(digest, each.partition);
        kafka::addTo(digest, each.error);
        digest.add(each.end.epoch.value);
        digest.add(each.end.endOffset.value);
    }
}

}  // namespace millrace::kafka
