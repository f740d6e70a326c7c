#include <fmt/format.h>

#include "engine/kafka/protocol/apis.h"
#include "engine/observe/wording.h"

/// The sentences of messages that have more to say than their names.
namespace millrace::kafka {

namespace {

template <class Items>
std::string countedOf(const Items& items, std::string_view noun) {
    return observe::counted(static_cast<std::int64_t>(items.size()), noun);
}

}  // namespace

std::string ProduceRequest::summary() const {
    std::int32_t records = 0;
    for (const Partition& each : partitions) {
        records += each.batch ? each.batch->recordCount() : 0;
    }
    const std::string where =
        partitions.size() == 1 ? toText(partitions.front().partition) : "to " + countedOf(partitions, "partition");
    return fmt::format("Produce {} ({})", where, observe::counted(records, "record"));
}

std::string ProduceResponse::summary() const {
    for (const Partition& each : partitions) {
        if (each.error != ErrorCode::None) {
            return fmt::format("Produce refused: {} {}", toText(each.partition), toText(each.error));
        }
    }
    return "Produce acknowledged";
}

std::string FetchRequest::summary() const {
    const std::string who = replica == consumerReplica ? std::string{"consumer"} : "replica " + toText(replica);
    return partitions.size() == 1 ? fmt::format("Fetch by {}: {} from {}", who, toText(partitions.front().partition),
                                                toText(partitions.front().fetchOffset))
                                  : fmt::format("Fetch by {}: {}", who, countedOf(partitions, "partition"));
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

std::string MetadataRequest::summary() const {
    return topics ? "Metadata of " + countedOf(*topics, "topic") : "Metadata of all topics";
}

std::string MetadataResponse::summary() const {
    return fmt::format("Metadata: {}, {}", countedOf(brokers, "broker"), countedOf(topics, "topic"));
}

std::string CreateTopicsRequest::summary() const {
    return topics.size() == 1 ? "CreateTopics " + topics.front().name.text()
                              : fmt::format("CreateTopics ({})", topics.size());
}

std::string JoinGroupResponse::summary() const {
    return error == ErrorCode::None ? fmt::format("Joined generation {}", generation)
                                    : fmt::format("JoinGroup refused: {}", toText(error));
}

std::string AlterPartitionRequest::summary() const {
    return partitions.size() == 1 ? fmt::format("AlterPartition {} isr {}", toText(partitions.front().partition),
                                                toText(partitions.front().newIsr))
                                  : fmt::format("AlterPartition ({})", countedOf(partitions, "partition"));
}

}  // namespace millrace::kafka
