#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/kafka/log/record_batch.h"
#include "engine/kafka/protocol/message.h"

namespace millrace::kafka {

enum class Acks : std::int16_t { All = -1, None = 0, Leader = 1 };

inline constexpr Api produceApi{.key = 0, .name = "Produce", .last = 11, .served = 11, .flexible = 9};

struct ProduceResponse;

/// One batch for each partition. With acks = 0 no response is sent; on an error the broker closes the connection
/// instead. Versions before 3 bring formats of records that are refused; they are advertised because librdkafka up to
/// 2.11 asks "does your range hold version 0?" before it compresses. Left out: new leaders in answers (KIP-951).
struct ProduceRequest final : Request<ProduceRequest, ProduceResponse, produceApi> {
    struct Partition {
        TopicPartition partition;
        BatchRef batch;
        ErrorCode refused = ErrorCode::None;  ///< of bytes from outside that are no batch: there is none then
        static void fields(auto& v, auto& p) {
            v.field(p.partition.partition);
            v.records(p.batch, p.refused);
        }
    };
    std::optional<std::string> transactionalId;
    Acks acks = Acks::All;
    SimDuration timeout = std::chrono::seconds{30};
    PooledVector<Partition> partitions;

    static void fields(auto& v, auto& m) {
        v.field(m.transactionalId, since(3));
        v.field(m.acks);
        v.field(m.timeout);
        v.byTopic(m.partitions);
    }
    [[nodiscard]] bool isAnswered() const { return acks != Acks::None; }
    [[nodiscard]] std::string summary() const override;
};

struct ProduceResponse final : Response<ProduceResponse, produceApi> {
    struct Partition {
        TopicPartition partition;
        ErrorCode error = ErrorCode::None;
        Offset baseOffset = noOffset;
        std::int64_t logAppendTime = noTimestamp;
        Offset logStartOffset = noOffset;
        static void fields(auto& v, auto& p) {
            v.field(p.partition.partition);
            v.field(p.error);
            v.field(p.baseOffset);
            v.field(p.logAppendTime, since(2).orDropped());
            v.field(p.logStartOffset, since(5).orDropped());
            v.nothing(since(8));                              // errors of single records
            v.fixed(std::optional<std::string>{}, since(8));  // a message
        }
    };
    PooledVector<Partition> partitions;

    static void fields(auto& v, auto& m) {
        v.byTopic(m.partitions);
        v.fixed(noThrottle, since(1));
    }
    [[nodiscard]] std::string summary() const override;
};
void serve(BrokerCall& call, const ProduceRequest& request);

}  // namespace millrace::kafka
