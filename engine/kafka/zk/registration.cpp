#include "engine/kafka/zk/registration.h"

#include <fmt/format.h>

#include <utility>

#include "engine/kafka/journal_kinds.h"
#include "engine/kafka/zk/znodes.h"

namespace millrace::kafka {

void Registration::onNewSession(sim::Context& context, zookeeper::ZkClient& client) {
    for (const std::string& path : znodes::persistent()) {
        client.create(context, tagOf(ZkPurpose::EnsureNode), path, "");
    }
    m_sessionBefore = std::exchange(m_session, client.session());
    create(context, client);
}

void Registration::onEnsured(sim::Context& context, zookeeper::ZkClient& client, const zookeeper::Reply& reply) {
    if (reply.error == zookeeper::ErrorCode::ConnectionLoss) {
        client.create(context, tagOf(ZkPurpose::EnsureNode), reply.path, "");
    }
}

void Registration::create(sim::Context& context, zookeeper::ZkClient& client) {
    m_state = State::Registering;
    client.create(context, tagOf(ZkPurpose::Register), znodes::broker(m_self.id),
                  znodes::writeBroker(m_self, context.clockMillis()), zookeeper::CreateMode::Ephemeral);
}

bool Registration::onReply(sim::Context& context, zookeeper::ZkClient& client, const zookeeper::Reply& reply) {
    if (reply.error == zookeeper::ErrorCode::SessionExpired) {
        return false;
    }
    if (purposeOf(reply) == ZkPurpose::Register) {
        if (reply.error == zookeeper::ErrorCode::Ok) {
            registered(context, reply.stat);
            return true;
        }
        // There already: this session's (the answer was lost) or an old one's.
        client.getData(context, tagOf(ZkPurpose::LookAtRegistration), znodes::broker(m_self.id));
        return false;
    }
    if (isRegistered() || isRefused()) {
        return false;
    }
    if (purposeOf(reply) == ZkPurpose::RemoveRegistration || reply.error != zookeeper::ErrorCode::Ok) {
        create(context, client);
        return false;
    }
    const zookeeper::SessionId owner = reply.stat.ephemeralOwner;
    if (owner == client.session()) {
        registered(context, reply.stat);
        return true;
    }
    if (owner == m_sessionBefore) {
        client.remove(context, tagOf(ZkPurpose::RemoveRegistration), znodes::broker(m_self.id));
        return false;
    }
    m_state = State::Refused;
    context.journal(
        {happened::brokerStartFailed,
         sim::Severity::Error,
         fmt::format("Fatal error during KafkaServer startup: {} is still that of the old session {} (NodeExists)",
                     znodes::broker(m_self.id), toText(owner)),
         {{"broker", toText(m_self.id)}, {"old_session", toText(owner)}}});
    return false;
}

void Registration::registered(sim::Context& context, const zookeeper::Stat& stat) {
    m_state = State::Registered;
    m_epoch = BrokerEpoch{static_cast<std::int64_t>(stat.czxid.value)};
    context.journal({happened::brokerRegistered,
                     sim::Severity::Notice,
                     fmt::format("Broker {} is registered", m_self.id.value),
                     {{"broker", toText(m_self.id)}, {"epoch", toText(m_epoch)}}});
}

}  // namespace millrace::kafka
