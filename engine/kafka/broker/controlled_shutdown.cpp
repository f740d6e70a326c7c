#include "engine/kafka/broker/controlled_shutdown.h"

#include <fmt/format.h>

#include <utility>

#include "engine/kafka/journal_kinds.h"
#include "engine/observe/wording.h"

namespace millrace::kafka {

namespace {

constexpr SimDuration shutdownTimeout = std::chrono::seconds{30};  // controller.socket.timeout.ms

}  // namespace

void ControlledShutdown::tell(sim::Context& context, sim::Severity severity, std::string text) const {
    context.journal({happened::controlledShutdown, severity, std::move(text), {{"broker", toText(m_config->id)}}});
}

void ControlledShutdown::begin(sim::Context& context, bool isRegistered) {
    if (m_phase != Phase::Off) {
        return;
    }
    m_phase = isRegistered && m_config->controlledShutdown ? Phase::Asking : Phase::Over;
    m_triesLeft = m_config->controlledShutdownMaxRetries;
    if (m_phase == Phase::Asking) {
        tell(context, sim::Severity::Notice,
             fmt::format("Broker {} hands its leaderships over before it stops", m_config->id.value));
    }
}

void ControlledShutdown::pump(sim::Context& context, const MetadataCache& metadata, BrokerEpoch epoch) {
    if (m_phase != Phase::Asking) {
        return;
    }
    if (m_link.isClosed()) {
        connect(context, metadata);
    } else if (m_link.isIdle()) {
        auto request = makeRef<ControlledShutdownRequest>();
        request->correlationId = CorrelationId{++m_correlation};
        request->broker = m_config->id;
        request->brokerEpoch = epoch;
        m_link.request(context, std::move(request), 0, shutdownTimeout,
                       [](std::uint64_t round) { return makeRef<ControlledShutdownAlarm>(round); });
    }
}

void ControlledShutdown::connect(sim::Context& context, const MetadataCache& metadata) {
    if (m_triesLeft == 0) {
        tell(context, sim::Severity::Warning,
             fmt::format("Broker {} stops without having handed over everything: all its tries were in vain",
                         m_config->id.value));
        m_phase = Phase::Over;
        return;
    }
    --m_triesLeft;
    const BrokerEndpoint* controller = metadata.broker(metadata.controller());
    if (controller == nullptr) {
        tryAgain(context, "there is no controller");
        return;
    }
    m_link.open(context, context.findHost(controller->host), sim::Port{controller->port}, shutdownTimeout);
}

void ControlledShutdown::tryAgain(sim::Context& context, std::string why) {
    tell(context, sim::Severity::Warning,
         fmt::format("Broker {} could not hand its leaderships over: {}", m_config->id.value, why));
    m_why = std::move(why);
    m_again = context.now() + m_config->controlledShutdownRetryBackoff;
    m_link.backOff(context, sim::Backoff::constant(m_config->controlledShutdownRetryBackoff),
                   [](std::uint64_t round) { return makeRef<ControlledShutdownAlarm>(round); });
}

void ControlledShutdown::onAlarm(sim::Context& context, const ControlledShutdownAlarm& alarm) {
    if (m_link.due(alarm.round) == sim::Link::Due::Answer) {
        tryAgain(context, "the controller does not answer");
    }
}

void ControlledShutdown::handle(sim::Context& context, const sim::Message& message) {
    const sim::Link::News news = m_link.read(context, message);
    if (m_phase != Phase::Asking) {
        return;
    }
    if (news == sim::Link::News::Lost) {
        tryAgain(context, "the connection to the controller is gone");
    } else if (const auto* response = message.as<ControlledShutdownResponse>();
               response != nullptr && m_link.inFlight() > 0) {
        m_link.answered();
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
