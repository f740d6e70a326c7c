#include "engine/kafka/controller/channels.h"

#include <algorithm>

#include "engine/base/check.h"

namespace millrace::kafka {

namespace {

constexpr SimDuration reconnectBackoff = std::chrono::milliseconds{100};
constexpr SimDuration channelTimeout = std::chrono::seconds{30};  // controller.socket.timeout.ms

}  // namespace

ControllerChannels::Channel* ControllerChannels::find(BrokerId broker) {
    const auto at = std::find_if(m_channels.begin(), m_channels.end(),
                                 [&](const Channel& channel) { return channel.broker.id == broker; });
    return at == m_channels.end() ? nullptr : &*at;
}

void ControllerChannels::add(const BrokerEndpoint& broker) {
    if (Channel* known = find(broker.id)) {
        known->broker = broker;
        return;
    }
    Channel channel;
    channel.broker = broker;
    const auto at = std::find_if(m_channels.begin(), m_channels.end(),
                                 [&](const Channel& other) { return other.broker.id > broker.id; });
    m_channels.insert(at, std::move(channel));
}

void ControllerChannels::remove(sim::Context& context, BrokerId broker) {
    if (const Channel* channel = find(broker); channel != nullptr && channel->connection != sim::noConnection) {
        context.close(channel->connection);
    }
    std::erase_if(m_channels, [&](const Channel& channel) { return channel.broker.id == broker; });
}

void ControllerChannels::clear(sim::Context& context) {
    for (const Channel& channel : m_channels) {
        if (channel.connection != sim::noConnection) {
            context.close(channel.connection);
        }
    }
    m_channels.clear();
}

void ControllerChannels::pump(sim::Context& context) {
    for (Channel& channel : m_channels) {
        if (channel.queue.empty()) {
            continue;
        }
        if (channel.phase == Phase::Idle) {
            const sim::HostId host = context.findHost(channel.broker.host);
            MILLRACE_CHECK(host != sim::noHost, channel.broker.host);
            channel.round = ++m_rounds;
            channel.connection = context.connect(host, sim::Port{channel.broker.port}, channelTimeout);
            channel.phase = Phase::Connecting;
        } else if (channel.phase == Phase::Ready) {
            channel.round = ++m_rounds;
            channel.phase = Phase::Waiting;
            context.transmit(channel.connection, channel.queue.front());
            context.waitFor(channel.connection, channelTimeout,
                            makeRef<ControllerChannelAlarm>(channel.broker.id, channel.round));
        }
    }
}

bool ControllerChannels::owns(sim::ConnectionId connection) const {
    return std::any_of(m_channels.begin(), m_channels.end(),
                       [&](const Channel& channel) { return channel.connection == connection; });
}

void ControllerChannels::backOff(sim::Context& context, Channel& channel) {
    channel.connection = sim::noConnection;
    channel.phase = Phase::BackingOff;
    channel.round = ++m_rounds;
    context.arm(reconnectBackoff, makeRef<ControllerChannelAlarm>(channel.broker.id, channel.round));
}

void ControllerChannels::onAlarm(sim::Context& context, const ControllerChannelAlarm& alarm) {
    Channel* channel = find(alarm.broker);
    if (channel == nullptr || channel->round != alarm.round) {
        return;
    }
    if (channel->phase == Phase::BackingOff) {
        channel->phase = Phase::Idle;
    } else if (channel->phase == Phase::Waiting) {
        context.close(channel->connection);
        backOff(context, *channel);
    }
}

void ControllerChannels::handle(sim::Context& context, sim::ConnectionId connection, const sim::Message& message) {
    const auto at = std::find_if(m_channels.begin(), m_channels.end(),
                                 [&](const Channel& channel) { return channel.connection == connection; });
    if (at == m_channels.end()) {
        return;
    }
    if (message.as<sim::ConnectionOpened>() != nullptr) {
        at->phase = Phase::Ready;
    } else if (message.as<sim::ConnectionFailed>() != nullptr || message.as<sim::ConnectionClosed>() != nullptr) {
        backOff(context, *at);
    } else if (at->phase == Phase::Waiting) {
        at->queue.erase(at->queue.begin());
        at->phase = Phase::Ready;
    }
}

}  // namespace millrace::kafka
