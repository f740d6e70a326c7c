#pragma once

#include <string>
#include <vector>

#include "engine/kafka/protocol/fetch.h"
#include "engine/kafka/protocol/message.h"

namespace millrace::kafka {

inline constexpr Api listOffsetsApi{
    .key = 2, .name = "ListOffsets", .last = 9, .oldest = 1, .served = 6, .flexible = 6};

struct ListOffsetsResponse;

/// A timestamp asks for the first offset whose record is not older; -1 asks for the latest that a consumer may read, -2
/// for the earliest. Nothing found: offset -1 and timestamp -1, no error. Described and not served: version 0,
/// which asks for the ends of segments, the newest timestamp (-3, version 7), and tiered storage (-4, -5, 8 and 9).
struct ListOffsetsRequest final : Request<ListOffsetsRequest, ListOffsetsResponse, listOffsetsApi> {
    static constexpr std::int64_t latest = -1;
    static constexpr std::int64_t earliest = -2;
    struct Partition {
        TopicPartition partition;
        LeaderEpoch currentLeaderEpoch = noEpoch;
        std::int64_t timestamp = latest;
        static void fields(auto& v, auto& p) {
            v.field(p.partition.partition);
            v.field(p.currentLeaderEpoch, since(4).orDropped());
            v.field(p.timestamp);
            v.fixed(std::int32_t{1}, until(0));  // how many offsets
        }
    };
    BrokerId replica = consumerReplica;
    IsolationLevel isolation = IsolationLevel::ReadUncommitted;
    std::vector<Partition> partitions;

    static void fields(auto& v, auto& m) {
        v.field(m.replica);
        v.field(m.isolation, since(2).orDropped());
        v.byTopic(m.partitions);
    }
};

struct ListOffsetsResponse final : Response<ListOffsetsResponse, listOffsetsApi> {
    struct Partition {
        TopicPartition partition;
        ErrorCode error = ErrorCode::None;
        std::int64_t timestamp = noTimestamp;
        Offset offset = noOffset;
        LeaderEpoch leaderEpoch = noEpoch;
        static void fields(auto& v, auto& p) {
            v.field(p.partition.partition);
            v.field(p.error);
            v.nothing(until(0));  // offsets of segments
            v.field(p.timestamp, since(1).orDropped());
            v.field(p.offset, since(1).orDropped());
            v.field(p.leaderEpoch, since(4).orDropped());
        }
    };
    std::vector<Partition> partitions;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle, since(2));
        v.byTopic(m.partitions);
    }
};
void serve(BrokerCall& call, const ListOffsetsRequest& request);

inline constexpr Api offsetForLeaderEpochApi{
    .key = 23, .name = "OffsetForLeaderEpoch", .last = 4, .served = 4, .flexible = 4};

struct OffsetForLeaderEpochResponse;

/// Where does this epoch end in your log? (KIP-101, KIP-279)
struct OffsetForLeaderEpochRequest final
    : Request<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, offsetForLeaderEpochApi> {
    struct Partition {
        TopicPartition partition;
        LeaderEpoch currentLeaderEpoch = noEpoch;
        LeaderEpoch leaderEpoch;
        static void fields(auto& v, auto& p) {
            v.field(p.partition.partition);
            v.field(p.currentLeaderEpoch, since(2).orDropped());
            v.field(p.leaderEpoch);
        }
    };
    BrokerId replica = consumerReplica;
    std::vector<Partition> partitions;

    static void fields(auto& v, auto& m) {
        v.field(m.replica, since(3).orDropped());
        v.byTopic(m.partitions);
    }
};

struct OffsetForLeaderEpochResponse final : Response<OffsetForLeaderEpochResponse, offsetForLeaderEpochApi> {
    struct Partition {
        TopicPartition partition;
        ErrorCode error = ErrorCode::None;
        EpochEnd end;  ///< of the largest epoch not above the one asked for
        static void fields(auto& v, auto& p) {
            v.field(p.error);
            v.field(p.partition.partition);
            v.field(p.end.epoch, since(1).orDropped());
            v.field(p.end.endOffset);
        }
    };
    std::vector<Partition> partitions;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle, since(2));
        v.byTopic(m.partitions);
    }
};
void serve(BrokerCall& call, const OffsetForLeaderEpochRequest& request);

}  // namespace millrace::kafka
