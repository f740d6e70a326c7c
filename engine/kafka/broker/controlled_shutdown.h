#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/kafka/broker/config.h"
#include "engine/kafka/broker/metadata_cache.h"
#include "engine/kafka/protocol/controlled_shutdown.h"
#include "engine/sim/link.h"

namespace millrace::kafka {

/// An alarm of the shutdown: the end of a back-off, or the watch over its request.
struct ControlledShutdownAlarm final : sim::MessageBase<ControlledShutdownAlarm> {
    static constexpr std::string_view Name = "kafka.ControlledShutdownAlarm";
    std::uint64_t round = 0;
    explicit ControlledShutdownAlarm(std::uint64_t of) : round(of) {}
    void digest(Digest& digest) const override { digest.add(round); }
};

/// A broker that is asked to stop asks the controller to hand its leaderships over, until none is left or
/// `controlled.shutdown.max.retries` requests were in vain; between two of them it waits for
/// `controlled.shutdown.retry.backoff.ms`. Then it closes, in either case. Source: KafkaServer.controlledShutdown of
/// Kafka 3.9 in ZooKeeper mode. Owned by the broker's actor.
class ControlledShutdown {
public:
    explicit ControlledShutdown(Ref<const BrokerConfig> config) : m_config(std::move(config)) {}

    /// `isRegistered`: the cluster knows the broker; otherwise there is nothing to hand over.
    void begin(sim::Context& context, bool isRegistered);
    /// Sends what is due. Called at each handler's end.
    void pump(sim::Context& context, const MetadataCache& metadata, BrokerEpoch epoch);
    [[nodiscard]] bool owns(sim::ConnectionId connection) const { return m_link.owns(connection); }
    void handle(sim::Context& context, const sim::Message& message);
    void onAlarm(sim::Context& context, const ControlledShutdownAlarm& alarm);

    /// A request that was in vain, and what follows it.
    struct Retry {
        std::string why;
        SimTime again;
        std::int32_t triesLeft = 0;
    };
    /// While it waits for its next request.
    [[nodiscard]] std::optional<Retry> retry() const {
        return m_link.isBackingOff() ? std::optional(Retry{m_why, m_again, m_triesLeft}) : std::nullopt;
    }
    /// The broker is to close now.
    [[nodiscard]] bool isOver() const { return m_phase == Phase::Over; }

private:
    enum class Phase : std::uint8_t { Off, Asking, Over };

    void connect(sim::Context& context, const MetadataCache& metadata);
    void tryAgain(sim::Context& context, std::string why);
    void tell(sim::Context& context, sim::Severity severity, std::string text) const;

    Ref<const BrokerConfig> m_config;
    Phase m_phase = Phase::Off;
    std::int32_t m_triesLeft = 0;
    std::string m_why;
    SimTime m_again{};
    sim::Link m_link{sim::LinkWatch::Each};
    std::int32_t m_correlation = 0;
};

}  // namespace millrace::kafka
