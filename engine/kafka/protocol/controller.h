#pragma once

#include <string>
#include <vector>

#include "engine/kafka/protocol/message.h"
#include "engine/kafka/protocol/metadata.h"

/// What the controller and the brokers tell each other. They speak the newest version in which topics need no ids.
namespace millrace::kafka {

/// Who sends and for which life of the receiver: an older controller, or orders for an earlier registration, are
/// refused.
struct ControllerStamp {
    BrokerId controller = noBroker;
    ControllerEpoch controllerEpoch;
    BrokerEpoch brokerEpoch;  ///< of the receiver
    static void fields(auto& v, auto& stamp, Versions kraft, Versions epoch) {
        v.field(stamp.controller);
        v.fixed(false, kraft);  // whether it is one of KRaft
        v.field(stamp.controllerEpoch);
        v.field(stamp.brokerEpoch, epoch.orDropped());
    }
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
    static void fields(auto& v, auto& state) {
        v.field(state.partition.partition);
        v.field(state.controllerEpoch);
        v.field(state.leader);
        v.field(state.leaderEpoch);
        v.field(state.isr);
        v.field(state.partitionEpoch);
        v.field(state.replicas);
    }
};

struct PartitionError {
    TopicPartition partition;
    ErrorCode error = ErrorCode::None;
    static void fields(auto& v, auto& p) {
        v.field(p.partition.topic);
        inTopic(v, p);
    }
    static void inTopic(auto& v, auto& p) {
        v.field(p.partition.partition);
        v.field(p.error);
    }
};

/// Before topics held their partitions each named its own.
inline constexpr auto withTopic = [](auto layout) {
    return [layout](auto& v, auto& item) {
        v.field(item.partition.topic);
        layout(v, item);
    };
};

inline constexpr Api leaderAndIsrApi{
    .key = 4, .name = "LeaderAndIsr", .last = 7, .served = 4, .flexible = 4, .isForClients = false};

struct LeaderAndIsrResponse;

/// Become leader or follower of these partitions. A full request names all that the broker has.
struct LeaderAndIsrRequest final : Request<LeaderAndIsrRequest, LeaderAndIsrResponse, leaderAndIsrApi> {
    ControllerStamp stamp;
    std::vector<PartitionState> partitions;
    std::vector<BrokerEndpoint> liveLeaders;

    static void fields(auto& v, auto& m) {
        constexpr auto partition = [](auto& in, auto& state) {
            PartitionState::fields(in, state);
            in.nothing(since(3));  // replicas that a reassignment adds, and removes
            in.nothing(since(3));
            in.field(state.isNew, since(1).orDropped());
            in.fixed(std::int8_t{0}, since(6));  // how far it has recovered from an unclean election
        };
        ControllerStamp::fields(v, m.stamp, since(7), since(2));
        v.fixed(std::int8_t{0}, since(5));  // whether it names all partitions
        v.list(m.partitions, until(1).orElsewhere(), withTopic(partition));
        v.byTopic(m.partitions, since(2).orDropped(), partition, {always, since(5)});
        v.list(m.liveLeaders, always, [](auto& in, auto& broker) {
            in.field(broker.id);
            in.field(broker.host);
            in.field(broker.port);
        });
    }
};

struct LeaderAndIsrResponse final : Response<LeaderAndIsrResponse, leaderAndIsrApi> {
    ErrorCode error = ErrorCode::None;
    std::vector<PartitionError> partitions;

    static void fields(auto& v, auto& m) {
        constexpr auto partition = [](auto& in, auto& each) { PartitionError::inTopic(in, each); };
        v.field(m.error);
        v.field(m.partitions, until(4).orElsewhere());
        v.byTopic(m.partitions, since(5).orDropped(), partition, {until(4), since(5)});
    }
};
void serve(BrokerCall& call, const LeaderAndIsrRequest& request);

inline constexpr Api updateMetadataApi{
    .key = 6, .name = "UpdateMetadata", .last = 8, .served = 6, .flexible = 6, .isForClients = false};

struct UpdateMetadataResponse;

/// What brokers tell clients about the cluster.
struct UpdateMetadataRequest final : Request<UpdateMetadataRequest, UpdateMetadataResponse, updateMetadataApi> {
    ControllerStamp stamp;
    std::vector<PartitionState> partitions;
    std::vector<BrokerEndpoint> liveBrokers;

    static void fields(auto& v, auto& m) {
        constexpr auto partition = [](auto& in, auto& state) {
            PartitionState::fields(in, state);
            in.nothing(since(4));  // replicas whose disk has failed
        };
        ControllerStamp::fields(v, m.stamp, since(8), since(5));
        v.list(m.partitions, until(4).orElsewhere(), withTopic(partition));
        v.byTopic(m.partitions, since(5).orDropped(), partition, {always, since(7)});
        v.list(m.liveBrokers, always, [](auto& in, auto& broker) {
            in.field(broker.id);
            in.field(broker.host, until(0).orElsewhere());
            in.field(broker.port, until(0).orElsewhere());
            in.one(broker, since(1), [](auto& endpoint, auto& listener) {
                endpoint.field(listener.port);
                endpoint.field(listener.host);
                endpoint.fixed(std::string{"PLAINTEXT"}, since(3));
                endpoint.fixed(std::int16_t{0});
            });
            in.nullable(broker.rack, since(2).orDropped());
        });
    }
};

struct UpdateMetadataResponse final : Response<UpdateMetadataResponse, updateMetadataApi> {
    ErrorCode error = ErrorCode::None;

    static void fields(auto& v, auto& m) { v.field(m.error); }
};
void serve(BrokerCall& call, const UpdateMetadataRequest& request);

inline constexpr Api stopReplicaApi{
    .key = 5, .name = "StopReplica", .last = 4, .served = 3, .flexible = 2, .isForClients = false};

struct StopReplicaResponse;

/// Stop fetching, and forget the log when `deletePartition`.
struct StopReplicaRequest final : Request<StopReplicaRequest, StopReplicaResponse, stopReplicaApi> {
    struct Partition {
        TopicPartition partition;
        LeaderEpoch leaderEpoch;
        bool deletePartition = false;
        static void fields(auto& v, auto& p) {
            v.field(p.partition.partition);
            v.field(p.leaderEpoch, since(3).orDropped());
            v.field(p.deletePartition, since(3).orDropped());
        }
    };
    ControllerStamp stamp;
    bool deletesAll = false;  ///< before version 3
    std::vector<Partition> partitions;

    static void fields(auto& v, auto& m) {
        ControllerStamp::fields(v, m.stamp, since(4), since(1));
        v.field(m.deletesAll, until(2));
        v.list(m.partitions, until(0).orElsewhere(), withTopic(IndexFields{}));
        v.byTopic(m.partitions, between(1, 2).orElsewhere(), IndexFields{});
        v.byTopic(m.partitions, since(3).orDropped());
    }
};

struct StopReplicaResponse final : Response<StopReplicaResponse, stopReplicaApi> {
    ErrorCode error = ErrorCode::None;
    std::vector<PartitionError> partitions;

    static void fields(auto& v, auto& m) {
        v.field(m.error);
        v.field(m.partitions);
    }
};
void serve(BrokerCall& call, const StopReplicaRequest& request);

inline constexpr Api alterPartitionApi{
    .key = 56, .name = "AlterPartition", .last = 3, .served = 0, .flexible = 0, .isForClients = false};

struct AlterPartitionResponse;

/// A leader asks the controller to write a new in-sync set (KIP-497).
struct AlterPartitionRequest final : Request<AlterPartitionRequest, AlterPartitionResponse, alterPartitionApi> {
    struct Partition {
        TopicPartition partition;
        LeaderEpoch leaderEpoch;
        std::vector<BrokerId> newIsr;
        std::int32_t partitionEpoch = 0;
        static void fields(auto& v, auto& p) {
            v.field(p.partition.partition);
            v.field(p.leaderEpoch);
            v.field(p.newIsr, until(2).orElsewhere());
            v.list(p.newIsr, since(3).orDropped(), [](auto& in, auto& broker) {
                in.field(broker);
                in.fixed(std::int64_t{-1});  // its epoch
            });
            v.fixed(std::int8_t{0}, since(1));  // how far it has recovered from an unclean election
            v.field(p.partitionEpoch);
        }
    };
    BrokerId broker;
    BrokerEpoch brokerEpoch;
    std::vector<Partition> partitions;

    static void fields(auto& v, auto& m) {
        v.field(m.broker);
        v.field(m.brokerEpoch);
        v.byTopic(m.partitions, always, PartitionFields{}, {until(1), since(2)});
    }
    [[nodiscard]] std::string summary() const override;
};

struct AlterPartitionResponse final : Response<AlterPartitionResponse, alterPartitionApi> {
    struct Partition {
        TopicPartition partition;
        ErrorCode error = ErrorCode::None;
        BrokerId leader = noBroker;
        LeaderEpoch leaderEpoch;
        std::vector<BrokerId> isr;
        std::int32_t partitionEpoch = 0;
        static void fields(auto& v, auto& p) {
            v.field(p.partition.partition);
            v.field(p.error);
            v.field(p.leader);
            v.field(p.leaderEpoch);
            v.field(p.isr);
            v.fixed(std::int8_t{0}, since(1));
            v.field(p.partitionEpoch);
        }
    };
    ErrorCode error = ErrorCode::None;
    std::vector<Partition> partitions;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle);
        v.field(m.error);
        v.byTopic(m.partitions, always, PartitionFields{}, {until(1), since(2)});
    }
};
void serve(BrokerCall& call, const AlterPartitionRequest& request);

}  // namespace millrace::kafka
