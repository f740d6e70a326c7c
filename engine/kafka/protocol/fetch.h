#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/kafka/log/record_batch.h"
#include "engine/kafka/protocol/message.h"

namespace millrace::kafka {

enum class IsolationLevel : std::int8_t { ReadUncommitted = 0, ReadCommitted = 1 };

inline constexpr Api fetchApi{.key = 1, .name = "Fetch", .last = 17, .oldest = 4, .served = 12, .flexible = 12};

inline constexpr TopicsBy topicsByIdSince13{until(12), since(13)};

struct FetchResponse;

/// By consumers (replica -1) and by followers. Waits up to `maxWait` for `minBytes`.
/// Sessions (KIP-227): session 0 with epoch -1 is a full fetch without a session; session 0 with epoch 0 asks for a new
/// session; later fetches of a session name only partitions that changed, and so do their answers.
/// Described and not served: versions before 4, which bring older formats of records, and from 13 on, where topics are
/// called by ids. Left out: directories of replicas, and where new leaders are (KIP-951).
struct FetchRequest final : Request<FetchRequest, FetchResponse, fetchApi> {
    static constexpr std::int32_t sessionless = -1;
    struct Partition {
        TopicPartition partition;
        LeaderEpoch currentLeaderEpoch = noEpoch;
        Offset fetchOffset;
        LeaderEpoch lastFetchedEpoch = noEpoch;  ///< of followers: asks for the truncation check of KIP-595
        Offset logStartOffset = noOffset;        ///< of followers
        std::int32_t maxBytes = 1 << 20;
        static void fields(auto& v, auto& p) {
            v.field(p.partition.partition);
            v.field(p.currentLeaderEpoch, since(9).orDropped());
            v.field(p.fetchOffset);
            v.field(p.lastFetchedEpoch, since(12), noEpoch);
            v.field(p.logStartOffset, since(5).orDropped());
            v.field(p.maxBytes);
        }
    };
    struct Follower {
        BrokerId replica;
        BrokerEpoch epoch;
        static void fields(auto& v, auto& follower) {
            v.field(follower.replica);
            v.field(follower.epoch);
        }
    };
    BrokerId replica = consumerReplica;
    std::optional<Follower> follower;  ///< in its place from version 15 on
    SimDuration maxWait = std::chrono::milliseconds{500};
    std::int32_t minBytes = 1;
    std::int32_t maxBytes = 50 << 20;
    IsolationLevel isolation = IsolationLevel::ReadUncommitted;
    std::int32_t sessionId = 0;
    std::int32_t sessionEpoch = sessionless;
    PooledVector<Partition> partitions;
    std::vector<TopicPartition> forgotten;
    std::string rack;  ///< of the consumer

    static void fields(auto& v, auto& m) {
        v.field(m.replica, until(14), consumerReplica);
        v.field(m.maxWait);
        v.field(m.minBytes);
        v.field(m.maxBytes, since(3).orDropped());
        v.field(m.isolation, since(4).orDropped());
        v.field(m.sessionId, since(7));
        v.field(m.sessionEpoch, since(7), FetchRequest::sessionless);
        v.byTopic(m.partitions, always, PartitionFields{}, topicsByIdSince13);
        v.byTopic(m.forgotten, since(7), PartitionFields{}, topicsByIdSince13);
        v.field(m.rack, since(11).orDropped());
        v.tagged(1, m.follower, since(15));
    }
    [[nodiscard]] std::string summary() const override;
};

/// Batches are those of the leader's log, shared. The first may start before the fetch offset: the client skips.
struct FetchResponse final : Response<FetchResponse, fetchApi> {
    struct Partition {
        TopicPartition partition;
        ErrorCode error = ErrorCode::None;
        Offset highWatermark = noOffset;
        Offset lastStableOffset = noOffset;
        Offset logStartOffset = noOffset;
        std::optional<EpochEnd> divergingEpoch;  ///< the follower must truncate
        Batches batches;
        static void fields(auto& v, auto& p) {
            v.field(p.partition.partition);
            v.field(p.error);
            v.field(p.highWatermark);
            v.field(p.lastStableOffset, since(4).orDropped());
            v.field(p.logStartOffset, since(5).orDropped());
            v.nothing(since(4));           // aborted transactions
            v.fixed(noBroker, since(11));  // a replica that is better to read from
            v.field(p.batches);
            v.tagged(0, p.divergingEpoch, since(12));
        }
    };
    ErrorCode error = ErrorCode::None;  ///< of the session
    std::int32_t sessionId = 0;
    PooledVector<Partition> partitions;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle, since(1));
        v.field(m.error, since(7).orDropped());
        v.field(m.sessionId, since(7).orDropped());
        v.byTopic(m.partitions, always, PartitionFields{}, topicsByIdSince13);
    }
    [[nodiscard]] ByteCount recordBytes() const;
    [[nodiscard]] std::string summary() const override;
};
void serve(BrokerCall& call, const FetchRequest& request);

}  // namespace millrace::kafka
