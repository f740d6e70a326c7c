#pragma once

#include <cstdint>

#include "engine/kafka/log/record_batch.h"
#include "engine/kafka/protocol/group.h"
#include "engine/kafka/types.h"
#include "engine/sim/context.h"
#include "engine/sim/metrics.h"

namespace millrace::kafka {

class PartitionLog;

/// Where a request came from and its answer goes. A connection's next request is not looked at before the answer.
struct RequestOrigin {
    sim::ConnectionId connection = sim::noConnection;
    CorrelationId correlationId;
    ClientId clientId;
    std::int16_t version = 0;
};

/// What the broker does for a coordinator. Good for the duration of one call; never kept.
class CoordinatorServices {
public:
    virtual ~CoordinatorServices() = default;

    [[nodiscard]] virtual sim::Context& context() = 0;
    [[nodiscard]] virtual BrokerId brokerId() const = 0;
    /// The response must carry the origin's correlation id. Dropped when the connection has gone.
    virtual void respond(const RequestOrigin& to, Ref<const sim::Message> response) = 0;

    /// 0 while the topic is not known here.
    [[nodiscard]] virtual std::int32_t partitionCount(const TopicName& topic) const = 0;
    /// The log of a partition that this broker leads; null when it does not.
    [[nodiscard]] virtual const PartitionLog* ledLog(const TopicPartition& partition) const = 0;
    /// Appends with acks = all. The outcome comes through `Coordinator::onAppended` of the topic's coordinator with the
    /// token, in this call or later.
    virtual void append(const TopicPartition& partition, BatchRef batch, SimDuration timeout, std::uint64_t token) = 0;
    /// Whether the cluster knows this partition (offsets of others cannot be committed).
    [[nodiscard]] virtual bool knowsPartition(const TopicPartition& partition) const = 0;
};

/// What coordinates something whose state stands in an internal topic, such as the consumer groups of
/// `__consumer_offsets`: a component of the broker's actor, copied with it. The broker keeps one for each such topic,
/// tells it which of the topic's partitions it leads, and routes the requests that are its own to it (for groups
/// JoinGroup, SyncGroup, Heartbeat, LeaveGroup, OffsetCommit and OffsetFetch); FindCoordinator it answers itself.
/// CoordinatorRuntime does what all of them do.
class Coordinator : public Counted {
public:
    /// Where its state stands.
    [[nodiscard]] virtual const TopicName& topic() const = 0;
    /// This broker now leads the partition: its state is read from its log.
    virtual void onLead(CoordinatorServices& services, PartitionIndex partition, LeaderEpoch epoch) = 0;
    /// It no longer does: what stands there is forgotten, parked requests answered NOT_COORDINATOR.
    virtual void onResign(CoordinatorServices& services, PartitionIndex partition) = 0;
    virtual void onRequest(CoordinatorServices& services, const RequestOrigin& origin, const sim::Message& request) = 0;
    /// A message that is none of the broker's own: the coordinator's timers, armed through `services.context()`.
    virtual void onMessage(CoordinatorServices& services, const sim::Message& message) = 0;
    virtual void onAppended(CoordinatorServices& services, PartitionIndex partition, std::uint64_t token,
                            ErrorCode error) = 0;
    /// Parked requests of this connection must not be answered any more.
    virtual void onConnectionClosed(CoordinatorServices& services, sim::ConnectionId connection) = 0;
    virtual void sample(sim::MetricSink& sink) const = 0;

    [[nodiscard]] virtual Ref<Coordinator> clone() const = 0;
};

}  // namespace millrace::kafka
