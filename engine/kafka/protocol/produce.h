#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/kafka/log/record_batch.h"
#include "engine/kafka/protocol/message.h"

namespace millrace::kafka {

enum class Acks : std::int16_t { All = -1, None = 0, Leader = 1 };

/// Produce, versions 3 to 8. One batch for each partition. With acks = 0 no response is sent; on an error the broker
/// closes the connection instead.
struct ProduceRequest final : Request<ProduceRequest> {
    static constexpr std::string_view Name = "kafka.ProduceRequest";
    static constexpr std::int16_t newestVersion = 8;
    struct Partition {
        TopicPartition partition;
        BatchRef batch;
    };
    std::optional<std::string> transactionalId;
    Acks acks = Acks::All;
    SimDuration timeout = std::chrono::seconds{30};
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

struct ProduceResponse final : Response<ProduceResponse> {
    static constexpr std::string_view Name = "kafka.ProduceResponse";
    static constexpr std::int16_t newestVersion = 8;
    struct Partition {
        TopicPartition partition;
        ErrorCode error = ErrorCode::None;
        Offset baseOffset = noOffset;
        std::int64_t logAppendTime = noTimestamp;
        Offset logStartOffset = noOffset;
    };
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

}  // namespace millrace::kafka
