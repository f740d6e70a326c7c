#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/kafka/protocol/metadata.h"
#include "engine/kafka/protocol/produce.h"
#include "engine/sim/context.h"
#include "engine/sim/process.h"

namespace millrace::kafka::test {

struct WriterTick final : sim::MessageBase<WriterTick> {
    static constexpr std::string_view Name = "test.WriterTick";
    void digest(Digest&) const override {}
};

/// A record that a broker has acknowledged: it must stand at this place for ever.
struct Acknowledged {
    PartitionIndex partition;
    Offset offset;
    std::string value;
};

/// Writes one record at a time to each partition of a topic, again and again until it is acknowledged, and remembers
/// what was. Simpler than the real producer on purpose: it is the witness of the tests about brokers.
class Writer final : public sim::ActorBase<Writer> {
public:
    struct Plan {
        std::vector<BrokerEndpoint> brokers;
        CreateTopicsRequest::Topic topic;
        Acks acks = Acks::All;
        SimDuration interval = std::chrono::milliseconds{20};
        SimDuration timeout = std::chrono::seconds{3};
        SimTime until = SimTime::max();
    };
    explicit Writer(Plan plan) : m_plan(std::move(plan)) {}

    void start(sim::Context& context) override { context.arm(m_plan.interval, makeRef<WriterTick>()); }

    void handle(sim::Context& context, const sim::Message& message) override {
        if (message.as<WriterTick>() != nullptr) {
            tick(context);
        } else if (message.as<sim::ConnectionFailed>() != nullptr || message.as<sim::ConnectionClosed>() != nullptr) {
            lost(context.connection());
        } else if (const auto* opened = message.as<sim::ConnectionOpened>(); opened != nullptr) {
            m_open.insert(context.connection());
        } else if (const auto* metadata = message.as<MetadataResponse>()) {
            learn(*metadata);
        } else if (const auto* produced = message.as<ProduceResponse>()) {
            take(*produced);
        }
    }

    std::vector<Acknowledged> acknowledged;
    std::vector<ErrorCode> errors;
    bool isTopicKnown = false;

    [[nodiscard]] std::int64_t countOf(ErrorCode error) const {
        return std::count(errors.begin(), errors.end(), error);
    }

private:
    struct Queue {
        std::int64_t number = 0;
        BrokerId leader = noBroker;
        sim::ConnectionId sentOn = sim::noConnection;
        std::int32_t correlation = -1;
        SimTime sentAt;
    };

    void tick(sim::Context& context) {
        context.arm(m_plan.interval, makeRef<WriterTick>());
        for (const BrokerEndpoint& broker : m_plan.brokers) {
            if (!m_connections.contains(broker.id)) {
                m_connections[broker.id] =
                    context.connect(context.findHost(broker.host), sim::Port{broker.port}, std::chrono::seconds{1});
            }
        }
        if (m_needsMetadata) {
            askMetadata(context);
        }
        for (std::size_t p = 0; p < m_queues.size(); ++p) {
            Queue& queue = m_queues[p];
            const bool isStuck = queue.correlation >= 0 && context.now() - queue.sentAt > 2 * m_plan.timeout;
            if (isStuck) {
                queue.correlation = -1;
                m_needsMetadata = true;
            }
            if (queue.correlation < 0 && context.now() < m_plan.until) {
                send(context, PartitionIndex{static_cast<std::int32_t>(p)}, queue);
            }
        }
    }

    void askMetadata(sim::Context& context) {
        std::vector<BrokerId> open;
        for (const auto& [id, connection] : m_connections) {
            if (m_open.contains(connection)) {
                open.push_back(id);
            }
        }
        if (open.empty()) {
            return;
        }
        const sim::ConnectionId to = m_connections[open[m_round++ % open.size()]];
        if (!isTopicKnown) {
            auto create = makeRef<CreateTopicsRequest>();
            create->correlationId = CorrelationId{++m_correlation};
            create->topics = {m_plan.topic};
            create->timeout = std::chrono::milliseconds{200};
            context.transmit(to, std::move(create));
        }
        auto metadata = makeRef<MetadataRequest>();
        metadata->correlationId = CorrelationId{++m_correlation};
        metadata->topics = std::vector<TopicName>{m_plan.topic.name};
        metadata->allowAutoTopicCreation = false;
        context.transmit(to, std::move(metadata));
    }

    void learn(const MetadataResponse& metadata) {
        if (metadata.topics.empty() || metadata.topics.front().error != ErrorCode::None) {
            return;
        }
        isTopicKnown = true;
        m_needsMetadata = false;
        m_queues.resize(metadata.topics.front().partitions.size());
        for (const PartitionMetadata& partition : metadata.topics.front().partitions) {
            m_queues[static_cast<std::size_t>(partition.partition.value)].leader = partition.leader;
            m_needsMetadata |= partition.leader == noBroker;
        }
    }

    void send(sim::Context& context, PartitionIndex partition, Queue& queue) {
        const auto connection = m_connections.find(queue.leader);
        if (connection == m_connections.end() || !m_open.contains(connection->second)) {
            m_needsMetadata = true;
            return;
        }
        RecordBatchBuilder builder;
        builder.append(context.clockMillis(), std::nullopt, valueOf(partition, queue.number));
        auto request = makeRef<ProduceRequest>();
        request->correlationId = CorrelationId{++m_correlation};
        request->acks = m_plan.acks;
        request->timeout = m_plan.timeout;
        request->partitions.push_back({{m_plan.topic.name, partition}, builder.build()});
        queue.correlation = m_correlation;
        queue.sentOn = connection->second;
        queue.sentAt = context.now();
        context.transmit(connection->second, std::move(request));
    }

    void take(const ProduceResponse& response) {
        for (const ProduceResponse::Partition& each : response.partitions) {
            Queue& queue = m_queues[static_cast<std::size_t>(each.partition.partition.value)];
            if (queue.correlation != response.correlationId.value) {
                continue;
            }
            queue.correlation = -1;
            if (each.error == ErrorCode::None) {
                acknowledged.push_back(
                    {each.partition.partition, each.baseOffset, valueOf(each.partition.partition, queue.number)});
                ++queue.number;
            } else {
                errors.push_back(each.error);
                m_needsMetadata = true;
            }
        }
    }

    void lost(sim::ConnectionId connection) {
        m_open.erase(connection);
        std::erase_if(m_connections, [&](const auto& each) { return each.second == connection; });
        for (Queue& queue : m_queues) {
            if (queue.correlation >= 0 && queue.sentOn == connection) {
                queue.correlation = -1;
            }
        }
        m_needsMetadata = true;
    }

    [[nodiscard]] static std::string valueOf(PartitionIndex partition, std::int64_t number) {
        return "p" + std::to_string(partition.value) + " record " + std::to_string(number);
    }

    Plan m_plan;
    std::map<BrokerId, sim::ConnectionId> m_connections;
    std::set<sim::ConnectionId> m_open;
    std::vector<Queue> m_queues;
    std::int32_t m_correlation = 0;
    std::size_t m_round = 0;
    bool m_needsMetadata = true;
};

}  // namespace millrace::kafka::test
