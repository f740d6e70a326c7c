#pragma once

#include <string>
#include <vector>

#include "engine/kafka/protocol/fetch.h"
#include "engine/kafka/protocol/message.h"

namespace millrace::kafka {

/// ListOffsets, versions 1 to 5. A timestamp asks for the first offset whose record is not older; -1 asks for the
/// latest that a consumer may read, -2 for the earliest. Nothing found: offset -1 and timestamp -1, no error.
struct ListOffsetsRequest final : Request<ListOffsetsRequest> {
    static constexpr std::string_view Name = "kafka.ListOffsetsRequest";
    static constexpr std::int16_t newestVersion = 5;
    static constexpr std::int64_t latest = -1;
    static constexpr std::int64_t earliest = -2;
    struct Partition {
        TopicPartition partition;
        LeaderEpoch currentLeaderEpoch = noEpoch;
        std::int64_t timestamp = latest;
    };
    BrokerId replica = consumerReplica;
    IsolationLevel isolation = IsolationLevel::ReadUncommitted;
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

struct ListOffsetsResponse final : Response<ListOffsetsResponse> {
    static constexpr std::string_view Name = "kafka.ListOffsetsResponse";
    static constexpr std::int16_t newestVersion = 5;
    struct Partition {
        TopicPartition partition;
        ErrorCode error = ErrorCode::None;
        std::int64_t timestamp = noTimestamp;
        Offset offset = noOffset;
        LeaderEpoch leaderEpoch = noEpoch;
    };
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

/// OffsetForLeaderEpoch, version 3: where does this epoch end in your log? (KIP-101, KIP-279)
struct OffsetForLeaderEpochRequest final : Request<OffsetForLeaderEpochRequest> {
    static constexpr std::string_view Name = "kafka.OffsetForLeaderEpochRequest";
    static constexpr std::int16_t newestVersion = 3;
    struct Partition {
        TopicPartition partition;
        LeaderEpoch currentLeaderEpoch = noEpoch;
        LeaderEpoch leaderEpoch;
    };
    BrokerId replica = consumerReplica;
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

struct OffsetForLeaderEpochResponse final : Response<OffsetForLeaderEpochResponse> {
    static constexpr std::string_view Name = "kafka.OffsetForLeaderEpochResponse";
    static constexpr std::int16_t newestVersion = 3;
    struct Partition {
        TopicPartition partition;
        ErrorCode error = ErrorCode::None;
        EpochEnd end;  ///< of the largest epoch not above the one asked for
    };
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

}  // namespace millrace::kafka
