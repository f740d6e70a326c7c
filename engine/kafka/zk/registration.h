#pragma once

#include "engine/kafka/protocol/metadata.h"
#include "engine/kafka/types.h"
#include "engine/kafka/zk/purpose.h"
#include "engine/sim/context.h"
#include "engine/zookeeper/client.h"

namespace millrace::kafka {

/// The broker's ephemeral /brokers/ids/<id>: its life sign. A broker that comes back before its old session has expired
/// finds its own old node (NodeExists) and ends: "Fatal error during KafkaServer startup". Whatever looks after the
/// process tries again, until the node is gone. The one node that it may take is that of a session of this very process
/// (KAFKA-7165). Source: KafkaZkClient.CheckedEphemeral, KafkaServer.startup. Owned by the broker's actor.
class Registration {
public:
    enum class State : std::uint8_t { NotConnected, Registering, Registered, Refused };

    explicit Registration(BrokerEndpoint self) : m_self(std::move(self)) {}

    void onNewSession(sim::Context& context, zookeeper::ZkClient& client);
    /// The answer about one of the persistent nodes: asked for again when it was lost.
    static void onEnsured(sim::Context& context, zookeeper::ZkClient& client, const zookeeper::Reply& reply);
    void onSessionExpired() { m_state = State::NotConnected; }
    /// True when the broker has just become registered.
    bool onReply(sim::Context& context, zookeeper::ZkClient& client, const zookeeper::Reply& reply);

    [[nodiscard]] State state() const { return m_state; }
    /// Another session's node stands there: the broker cannot start.
    [[nodiscard]] bool isRefused() const { return m_state == State::Refused; }
    [[nodiscard]] bool isRegistered() const { return m_state == State::Registered; }
    [[nodiscard]] BrokerEpoch epoch() const { return m_epoch; }

private:
    void create(sim::Context& context, zookeeper::ZkClient& client);
    void registered(sim::Context& context, const zookeeper::Stat& stat);

    BrokerEndpoint m_self;
    State m_state = State::NotConnected;
    zookeeper::SessionId m_session;        ///< the one that it registers under
    zookeeper::SessionId m_sessionBefore;  ///< of this process, expired
    BrokerEpoch m_epoch{-1};
};

}  // namespace millrace::kafka
