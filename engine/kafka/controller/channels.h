#pragma once

#include <cstdint>
#include <vector>

#include "engine/kafka/protocol/controller.h"
#include "engine/sim/link.h"

namespace millrace::kafka {

/// The end of a channel's back-off, or the watch over its request.
struct ControllerChannelAlarm final : sim::MessageBase<ControllerChannelAlarm> {
    static constexpr std::string_view Name = "kafka.ControllerChannelAlarm";
    [[nodiscard]] std::string summary() const override { return "next try to reach a broker"; }
    BrokerId broker;
    std::uint64_t round = 0;
    ControllerChannelAlarm(BrokerId to, std::uint64_t of) : broker(to), round(of) {}
    void digest(Digest& digest) const override {
        digest.add(broker.value);
        digest.add(round);
    }
};

/// The controller's connections to the live brokers, itself among them: requests in order, one under way for each
/// broker, sent again until answered or the broker is taken away (ControllerChannelManager). Owned by the controller.
class ControllerChannels {
public:
    void add(const BrokerEndpoint& broker);
    void remove(sim::Context& context, BrokerId broker);
    void clear(sim::Context& context);
    template <class Request>
    void enqueue(BrokerId broker, Ref<Request> request) {
        if (Channel* channel = find(broker)) {
            request->correlationId = CorrelationId{++channel->correlation};
            channel->queue.push_back(std::move(request));
            lookAt(*channel);
        }
    }
    /// Sends what is due. Called at each handler's end.
    void pump(sim::Context& context);

    [[nodiscard]] bool owns(sim::ConnectionId connection) const { return m_byConnection.contains(connection); }
    void handle(sim::Context& context, sim::ConnectionId connection, const sim::Message& message);
    void onAlarm(sim::Context& context, const ControllerChannelAlarm& alarm);

private:
    struct Channel {
        BrokerEndpoint broker;
        sim::Link link{sim::LinkWatch::Each};
        std::int32_t correlation = 0;
        std::vector<sim::MessageRef> queue;  ///< the first is under way when the link is not idle
        bool isDue = false;
    };
    [[nodiscard]] Channel* find(BrokerId broker);
    /// It may have something to send at the next pump.
    void lookAt(Channel& channel) { m_isAnyDue = channel.isDue = true; }
    void sendIfIdle(sim::Context& context, Channel& channel);
    void backOff(sim::Context& context, Channel& channel);

    std::vector<Channel> m_channels;  ///< by broker
    sim::LinkIndex<BrokerId> m_byConnection;
    bool m_isAnyDue = false;
    std::uint64_t m_rounds = 0;
};

}  // namespace millrace::kafka
