#include "engine/kafka/broker/registration.h"

#include <fmt/format.h>

#include "engine/kafka/broker/znodes.h"

namespace millrace::kafka {

namespace {

constexpr SimDuration returnDelay = std::chrono::seconds{1};

}  // namespace

void Registration::onNewSession(sim::Context& context, zookeeper::ZkClient& client) {
    for (const std::string& path : znodes::persistent()) {
        client.create(context, tagOf(ZkPurpose::EnsureNode), path, "");
    }
    create(context, client);
}

void Registration::create(sim::Context& context, zookeeper::ZkClient& client) {
    if (m_state != State::WaitingForOldSession) {
        m_state = State::Registering;
    }
    const BrokerEndpoint self{m_config->id, m_config->host, m_config->port.value, m_config->rack};
    client.create(context, tagOf(ZkPurpose::Register), znodes::broker(m_config->id),
                  znodes::writeBroker(self, context.clockMillis()), zookeeper::CreateMode::Ephemeral);
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
        client.exists(context, tagOf(ZkPurpose::LookAtRegistration), znodes::broker(m_config->id), true);
        return false;
    }
    if (purposeOf(reply) != ZkPurpose::LookAtRegistration || isRegistered()) {
        return false;
    }
    if (reply.error == zookeeper::ErrorCode::Ok && reply.stat.ephemeralOwner == client.session()) {
        registered(context, reply.stat);
        return true;
    }
    if (reply.error != zookeeper::ErrorCode::Ok) {
        if (m_state == State::WaitingForOldSession) {
            context.arm(returnDelay, makeRef<RegistrationAlarm>());
        } else {
            create(context, client);
        }
        return false;
    }
    if (m_state != State::WaitingForOldSession) {
        m_state = State::WaitingForOldSession;
        context.journal({"kafka.broker-waiting-for-old-session",
                         sim::Severity::Notice,
                         fmt::format("Broker {} is back before its old session {} has expired, and waits for it to go",
                                     m_config->id.value, toText(reply.stat.ephemeralOwner)),
                         {{"broker", toText(m_config->id)}, {"old_session", toText(reply.stat.ephemeralOwner)}}});
    }
    return false;
}

void Registration::onWatch(sim::Context& context, zookeeper::ZkClient& client, const zookeeper::WatchFired& fired) {
    if (m_state == State::WaitingForOldSession && fired.event == zookeeper::WatchEvent::NodeDeleted) {
        context.arm(returnDelay, makeRef<RegistrationAlarm>());
    } else if (m_state == State::WaitingForOldSession) {
        client.exists(context, tagOf(ZkPurpose::LookAtRegistration), znodes::broker(m_config->id), true);
    }
}

void Registration::onAlarm(sim::Context& context, zookeeper::ZkClient& client) {
    if (m_state == State::WaitingForOldSession) {
        create(context, client);
    }
}

void Registration::registered(sim::Context& context, const zookeeper::Stat& stat) {
    m_state = State::Registered;
    m_epoch = BrokerEpoch{static_cast<std::int64_t>(stat.czxid.value)};
    context.journal({"kafka.broker-registered",
                     sim::Severity::Notice,
                     fmt::format("Broker {} is registered", m_config->id.value),
                     {{"broker", toText(m_config->id)}, {"epoch", toText(m_epoch)}}});
}

}  // namespace millrace::kafka
