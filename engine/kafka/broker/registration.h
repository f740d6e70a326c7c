#pragma once

#include "engine/kafka/broker/config.h"
#include "engine/kafka/broker/zk_purpose.h"
#include "engine/kafka/types.h"
#include "engine/sim/context.h"
#include "engine/zookeeper/client.h"

namespace millrace::kafka {

/// Ends the pause between the going of the old node and the new attempt.
struct RegistrationAlarm final : sim::MessageBase<RegistrationAlarm> {
    static constexpr std::string_view Name = "kafka.RegistrationAlarm";
    void digest(Digest&) const override {}
};

/// The broker's ephemeral /brokers/ids/<id>: its life sign. A broker that comes back before its old session has expired
/// finds its own old node and waits for it to go, and a second more; it takes no requests until then.
///
/// Kafka 3.9 itself gives up at its start and is started again by whatever looks after it: the second stands for that.
/// It matters: a broker that registered in the very moment in which its old node goes could be taken by a controller
/// that is just being elected for one that never went, and would lead with what is left of its log after a loss of
/// power (the hazard of KIP-966, which versions with ZooKeeper have). Owned by the broker's actor.
class Registration {
public:
    enum class State : std::uint8_t { NotConnected, Registering, WaitingForOldSession, Registered };

    explicit Registration(Ref<const BrokerConfig> config) : m_config(std::move(config)) {}

    void onNewSession(sim::Context& context, zookeeper::ZkClient& client);
    void onSessionExpired() { m_state = State::NotConnected; }
    /// True when the broker has just become registered.
    bool onReply(sim::Context& context, zookeeper::ZkClient& client, const zookeeper::Reply& reply);
    void onAlarm(sim::Context& context, zookeeper::ZkClient& client);
    void onWatch(sim::Context& context, zookeeper::ZkClient& client, const zookeeper::WatchFired& fired);

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool isRegistered() const { return m_state == State::Registered; }
    [[nodiscard]] BrokerEpoch epoch() const { return m_epoch; }

private:
    void create(sim::Context& context, zookeeper::ZkClient& client);
    void registered(sim::Context& context, const zookeeper::Stat& stat);

    Ref<const BrokerConfig> m_config;
    State m_state = State::NotConnected;
    BrokerEpoch m_epoch{-1};
};

}  // namespace millrace::kafka
