#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/kafka/log/record_batch.h"
#include "engine/kafka/protocol/message.h"

namespace millrace::kafka {

enum class IsolationLevel : std::int8_t { ReadUncommitted = 0, ReadCommitted = 1 };

/// A leader epoch and the offset at which it ends in the answerer's log.
struct EpochEnd {
    LeaderEpoch epoch = noEpoch;
    Offset endOffset = noOffset;
    friend bool operator==(const EpochEnd&, const EpochEnd&) = default;
};

/// Fetch, versions 4 to 11 and 12: by consumers (replica -1) and by followers. Waits up to `maxWait` for `minBytes`.
/// Sessions (KIP-227): session 0 with epoch -1 is a full fetch without a session; session 0 with epoch 0 asks for a new
/// session; later fetches of a session name only partitions that changed, and so do their answers.
struct FetchRequest final : Request<FetchRequest> {
    static constexpr std::string_view Name = "kafka.FetchRequest";
    static constexpr std::int16_t newestVersion = 12;
    static constexpr std::int32_t sessionless = -1;
    struct Partition {
        TopicPartition partition;
        LeaderEpoch currentLeaderEpoch = noEpoch;
        Offset fetchOffset;
        LeaderEpoch lastFetchedEpoch = noEpoch;  ///< of followers: asks for the truncation check of KIP-595
        Offset logStartOffset = noOffset;        ///< of followers
        std::int32_t maxBytes = 1 << 20;
    };
    BrokerId replica = consumerReplica;
    SimDuration maxWait = std::chrono::milliseconds{500};
    std::int32_t minBytes = 1;
    std::int32_t maxBytes = 50 << 20;
    IsolationLevel isolation = IsolationLevel::ReadUncommitted;
    std::int32_t sessionId = 0;
    std::int32_t sessionEpoch = sessionless;
    std::vector<Partition> partitions;
    std::vector<TopicPartition> forgotten;
    std::string rack;  ///< of the consumer

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

/// Batches are those of the leader's log, shared. The first may start before the fetch offset: the client skips.
struct FetchResponse final : Response<FetchResponse> {
    static constexpr std::string_view Name = "kafka.FetchResponse";
    static constexpr std::int16_t newestVersion = 12;
    struct Partition {
        TopicPartition partition;
        ErrorCode error = ErrorCode::None;
        Offset highWatermark = noOffset;
        Offset lastStableOffset = noOffset;
        Offset logStartOffset = noOffset;
        std::optional<EpochEnd> divergingEpoch;  ///< the follower must truncate
        std::vector<BatchRef> batches;
    };
    ErrorCode error = ErrorCode::None;  ///< of the session
    std::int32_t sessionId = 0;
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount recordBytes() const;
    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

}  // namespace millrace::kafka
