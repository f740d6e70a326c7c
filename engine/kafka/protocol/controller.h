#pragma once

#include <string>
#include <vector>

#include "engine/kafka/protocol/message.h"
#include "engine/kafka/protocol/metadata.h"

namespace millrace::kafka {

/// Who sends and for which life of the receiver: an older controller, or orders for an earlier registration, are
/// refused.
struct ControllerStamp {
    BrokerId controller = noBroker;
    ControllerEpoch controllerEpoch;
    BrokerEpoch brokerEpoch;  ///< of the receiver
};

/// What a partition's state znode says, with the znode's version ("partition epoch") for conditional writes.
struct PartitionState {
    TopicPartition partition;
    BrokerId leader = noBroker;
    LeaderEpoch leaderEpoch;
    std::vector<BrokerId> isr;
    ControllerEpoch controllerEpoch;
    std::int32_t partitionEpoch = 0;
    std::vector<BrokerId> replicas;
    bool isNew = false;
};

/// LeaderAndIsr, version 4: become leader or follower of these partitions. A full request names all that the broker
/// has.
struct LeaderAndIsrRequest final : Request<LeaderAndIsrRequest> {
    static constexpr std::string_view Name = "kafka.LeaderAndIsrRequest";
    static constexpr std::int16_t newestVersion = 4;
    ControllerStamp stamp;
    std::vector<PartitionState> partitions;
    std::vector<BrokerEndpoint> liveLeaders;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

struct LeaderAndIsrResponse final : Response<LeaderAndIsrResponse> {
    static constexpr std::string_view Name = "kafka.LeaderAndIsrResponse";
    static constexpr std::int16_t newestVersion = 4;
    struct Partition {
        TopicPartition partition;
        ErrorCode error = ErrorCode::None;
    };
    ErrorCode error = ErrorCode::None;
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

/// UpdateMetadata, version 6: what brokers tell clients about the cluster.
struct UpdateMetadataRequest final : Request<UpdateMetadataRequest> {
    static constexpr std::string_view Name = "kafka.UpdateMetadataRequest";
    static constexpr std::int16_t newestVersion = 6;
    ControllerStamp stamp;
    std::vector<PartitionState> partitions;
    std::vector<BrokerEndpoint> liveBrokers;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

struct UpdateMetadataResponse final : Response<UpdateMetadataResponse> {
    static constexpr std::string_view Name = "kafka.UpdateMetadataResponse";
    static constexpr std::int16_t newestVersion = 6;
    ErrorCode error = ErrorCode::None;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

/// StopReplica, version 3: stop fetching, and forget the log when `deletePartition`.
struct StopReplicaRequest final : Request<StopReplicaRequest> {
    static constexpr std::string_view Name = "kafka.StopReplicaRequest";
    static constexpr std::int16_t newestVersion = 3;
    struct Partition {
        TopicPartition partition;
        LeaderEpoch leaderEpoch;
        bool deletePartition = false;
    };
    ControllerStamp stamp;
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

struct StopReplicaResponse final : Response<StopReplicaResponse> {
    static constexpr std::string_view Name = "kafka.StopReplicaResponse";
    static constexpr std::int16_t newestVersion = 3;
    ErrorCode error = ErrorCode::None;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

/// AlterPartition, version 0: a leader asks the controller to write a new in-sync set (KIP-497).
struct AlterPartitionRequest final : Request<AlterPartitionRequest> {
    static constexpr std::string_view Name = "kafka.AlterPartitionRequest";
    static constexpr std::int16_t newestVersion = 0;
    struct Partition {
        TopicPartition partition;
        LeaderEpoch leaderEpoch;
        std::vector<BrokerId> newIsr;
        std::int32_t partitionEpoch = 0;
    };
    BrokerId broker;
    BrokerEpoch brokerEpoch;
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
    [[nodiscard]] std::string summary() const override;
};

struct AlterPartitionResponse final : Response<AlterPartitionResponse> {
    static constexpr std::string_view Name = "kafka.AlterPartitionResponse";
    static constexpr std::int16_t newestVersion = 0;
    struct Partition {
        TopicPartition partition;
        ErrorCode error = ErrorCode::None;
        BrokerId leader = noBroker;
        LeaderEpoch leaderEpoch;
        std::vector<BrokerId> isr;
        std::int32_t partitionEpoch = 0;
    };
    ErrorCode error = ErrorCode::None;
    std::vector<Partition> partitions;

    [[nodiscard]] ByteCount wireSize() const override;
    void digest(Digest& digest) const override;
};

}  // namespace millrace::kafka
