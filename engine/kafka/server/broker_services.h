#pragma once

#include "engine/kafka/server/broker.h"

namespace millrace::kafka {

/// The broker as its coordinators see it, for one call.
class Broker::Services final : public CoordinatorServices {
public:
    Services(sim::Context& context, Broker& broker) : m_context(context), m_broker(broker) {}

    sim::Context& context() override { return m_context; }
    BrokerId brokerId() const override { return m_broker.m_config->id; }
    void respond(const RequestOrigin& to, Ref<const sim::Message> response) override {
        m_broker.answer(m_context, to.connection, std::move(response));
    }
    std::int32_t partitionCount(const TopicName& topic) const override {
        return m_broker.m_metadata.partitionCount(topic);
    }
    const PartitionLog* ledLog(const TopicPartition& partition) const override {
        return m_broker.m_replicas.ledLog(partition);
    }
    void append(const TopicPartition& partition, BatchRef batch, SimDuration timeout, std::uint64_t token) override {
        m_broker.m_replicas.appendOwn(m_context, partition, *batch, timeout, token);
    }
    bool knowsPartition(const TopicPartition& partition) const override {
        return m_broker.m_metadata.partition(partition) != nullptr;
    }

private:
    sim::Context& m_context;
    Broker& m_broker;
};

}  // namespace millrace::kafka
