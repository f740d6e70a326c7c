#include "engine/kafka/broker/controlled_shutdown.h"

#include <fmt/format.h>

#include <utility>

#include "engine/observe/wording.h"

namespace millrace::kafka {

namespace {

constexpr SimDuration shutdownTimeout = std::chrono::seconds{30};  // controller.socket.timeout.ms

}  // namespace

void ControlledShutdown::tell(sim::Context& context, sim::Severity severity, std::string text) const {
    context.journal({"kafka.controlled-shutdown", severity, std::move(text), {{"broker", toText(m_config->id)}}});
}

void ControlledShutdown::begin(sim::Context& context, bool isRegistered) {
    if (m_phase != Phase::Off) {
        return;
    }
    m_phase = isRegistered && m_config->controlledShutdown ? Phase::Due : Phase::Over;
    m_triesLeft = m_config->controlledShutdownMaxRetries;
    if (m_phase == Phase::Due) {
        tell(context, sim::Severity::Notice,
             fmt::format("Broker {} hands its leaderships over before it stops", m_config->id.value));
    }
}

void ControlledShutdown::pump(sim::Context& context, const MetadataCache& metadata, BrokerEpoch epoch) {
    if (m_phase == Phase::Due && m_triesLeft == 0) {
        tell(context, sim::Severity::Warning,
             fmt::format("Broker {} stops without having handed over everything: all its tries were in vain",
                         m_config->id.value));
        m_phase = Phase::Over;
    } else if (m_phase == Phase::Due) {
        --m_triesLeft;
        const BrokerEndpoint* controller = metadata.broker(metadata.controller());
        if (controller == nullptr) {
            tryAgain(context, "there is no controller");
            return;
        }
        ++m_round;
        m_connection =
            context.connect(context.findHost(controller->host), sim::Port{controller->port}, shutdownTimeout);
        m_phase = Phase::Connecting;
    } else if (m_phase == Phase::Ready) {
        auto request = makeRef<ControlledShutdownRequest>();
        request->correlationId = CorrelationId{++m_correlation};
        request->broker = m_config->id;
        request->brokerEpoch = epoch;
        context.transmit(m_connection, std::move(request));
        context.waitFor(m_connection, shutdownTimeout, makeRef<ControlledShutdownAlarm>(++m_round));
        m_phase = Phase::Waiting;
    }
}

void ControlledShutdown::tryAgain(sim::Context& context, std::string why) {
    if (m_connection != sim::noConnection) {
        context.close(std::exchange(m_connection, sim::noConnection));
    }
    tell(context, sim::Severity::Warning,
         fmt::format("Broker {} could not hand its leaderships over: {}", m_config->id.value, why));
    m_phase = Phase::BackingOff;
    m_why = std::move(why);
    m_again = context.now() + m_config->controlledShutdownRetryBackoff;
    context.arm(m_config->controlledShutdownRetryBackoff, makeRef<ControlledShutdownAlarm>(++m_round));
}

void ControlledShutdown::onAlarm(sim::Context& context, const ControlledShutdownAlarm& alarm) {
    if (alarm.round != m_round) {
        return;
    }
    if (m_phase == Phase::BackingOff) {
        m_phase = Phase::Due;
    } else if (m_phase == Phase::Waiting) {
        tryAgain(context, "the controller does not answer");
    }
}

void ControlledShutdown::handle(sim::Context& context, const sim::Message& message) {
    if (message.as<sim::ConnectionOpened>() != nullptr) {
        m_phase = Phase::Ready;
    } else if (message.as<sim::ConnectionFailed>() != nullptr || message.as<sim::ConnectionClosed>() != nullptr) {
        m_connection = sim::noConnection;
        tryAgain(context, "the connection to the controller is gone");
    } else if (const auto* response = message.as<ControlledShutdownResponse>();
               response != nullptr && m_phase == Phase::Waiting) {
        ++m_round;
        if (response->error != ErrorCode::None) {
            tryAgain(context, std::string{toText(response->error)});
        } else if (!response->remaining.empty()) {
            tryAgain(context,
                     fmt::format("it still leads {} of which no other replica is in sync",
                                 observe::counted(static_cast<std::int64_t>(response->remaining.size()), "partition")));
        } else {
            tell(context, sim::Severity::Notice,
                 fmt::format("Broker {} leads nothing any more and stops", m_config->id.value));
            m_phase = Phase::Over;
        }
    }
}

}  // namespace millrace::kafka
