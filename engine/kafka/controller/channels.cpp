#include "engine/kafka/controller/channels.h"

#include <algorithm>
#include <utility>

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
    if (Channel* channel = find(broker)) {
        m_byConnection.forget(channel->link.connection());
        channel->link.close(context);
    }
    std::erase_if(m_channels, [&](const Channel& channel) { return channel.broker.id == broker; });
}

void ControllerChannels::clear(sim::Context& context) {
    for (Channel& channel : m_channels) {
        channel.link.close(context);
    }
    m_channels.clear();
    m_byConnection = {};
}

void ControllerChannels::pump(sim::Context& context) {
    if (!std::exchange(m_isAnyDue, false)) {
        return;
    }
    for (Channel& channel : m_channels) {
        if (std::exchange(channel.isDue, false) && !channel.queue.empty()) {
            sendIfIdle(context, channel);
        }
    }
}

/// The alarms of all channels are counted together: a broker that is taken away and comes back has a new one.
void ControllerChannels::sendIfIdle(sim::Context& context, Channel& channel) {
    sim::Link& link = channel.link;
    if (link.isClosed()) {
        const sim::HostId host = context.findHost(channel.broker.host);
        MILLRACE_CHECK(host != sim::noHost, channel.broker.host);
        link.countWith(m_rounds);
        link.open(context, host, sim::Port{channel.broker.port}, channelTimeout);
        m_byConnection.note(link.connection(), channel.broker.id);
    } else if (link.isIdle()) {
        link.countWith(m_rounds);
        link.request(context, channel.queue.front(), 0, channelTimeout,
                     [&](std::uint64_t round) { return makeRef<ControllerChannelAlarm>(channel.broker.id, round); });
    }
}

void ControllerChannels::backOff(sim::Context& context, Channel& channel) {
    m_byConnection.forget(channel.link.lastConnection());
    channel.link.countWith(m_rounds);
    channel.link.backOff(context, sim::Backoff::constant(reconnectBackoff), [&](std::uint64_t round) {
        return makeRef<ControllerChannelAlarm>(channel.broker.id, round);
    });
}

void ControllerChannels::onAlarm(sim::Context& context, const ControllerChannelAlarm& alarm) {
    Channel* channel = find(alarm.broker);
    if (channel == nullptr) {
        return;
    }
    const sim::Link::Due due = channel->link.due(alarm.round);
    if (due == sim::Link::Due::Answer) {
        backOff(context, *channel);
    } else if (due == sim::Link::Due::Reconnect) {
        lookAt(*channel);
    }
}

void ControllerChannels::handle(sim::Context& context, sim::ConnectionId connection, const sim::Message& message) {
    const BrokerId* broker = m_byConnection.find(connection);
    Channel* channel = broker != nullptr ? find(*broker) : nullptr;
    if (channel == nullptr) {
        return;
    }
    lookAt(*channel);
    const sim::Link::News news = channel->link.read(context, message);
    if (news == sim::Link::News::Lost) {
        backOff(context, *channel);
    } else if (news == sim::Link::News::Message && channel->link.inFlight() > 0) {
        channel->link.answered();
        channel->queue.erase(channel->queue.begin());
    }
}

}  // namespace millrace::kafka
