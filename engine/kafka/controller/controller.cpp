#include "engine/kafka/controller/controller.h"

#include <fmt/format.h>

#include <variant>

#include "engine/kafka/journal_kinds.h"

namespace millrace::kafka {

namespace {

constexpr SimDuration firstBalance = std::chrono::seconds{5};

}  // namespace

void Controller::become(sim::Context& context, ControllerEpoch epoch, std::int32_t epochVersion) {
    m_isActive = true;
    m_epoch = epoch;
    m_epochVersion = epochVersion;
    m_due = {};
    m_due.everything = true;
    context.journal({happened::controllerElected,
                     sim::Severity::Notice,
                     fmt::format("Broker {} becomes the controller, epoch {}", m_config->id.value, m_epoch.value),
                     {{"broker", toText(m_config->id)}, {"controller_epoch", toText(m_epoch)}}});
    if (m_config->autoLeaderRebalance) {
        context.arm(firstBalance, makeRef<LeaderBalanceAlarm>(m_epoch));
        m_nextBalance = context.now() + firstBalance;
    }
}

void Controller::resign(sim::Context& context) {
    if (!m_isActive) {
        return;
    }
    for (const AlterPartitionWork& work : m_alterPartition) {
        auto response = makeRef<AlterPartitionResponse>();
        response->correlationId = work.origin.correlationId;
        response->error = ErrorCode::NotController;
        m_answers.push_back({work.origin.connection, std::move(response), false});
    }
    m_alterPartition.clear();
    for (const ShutdownWork& work : std::exchange(m_shutdowns, {})) {
        auto response = makeRef<ControlledShutdownResponse>();
        response->answers(work.origin);
        response->error = ErrorCode::NotController;
        m_answers.push_back({work.origin.connection, std::move(response), false});
    }
    m_shuttingDown.clear();
    if (m_isAlterPartition) {
        answerAlterPartition(false);
    }
    m_channels.clear(context);
    m_isActive = false;
    m_due = {};
    m_step = Step::Idle;
    m_outstanding = 0;
    m_brokers.clear();
    m_partitions.clear();
    m_topics.clear();
    m_writing.clear();
    context.journal({happened::controllerResigned,
                     sim::Severity::Notice,
                     fmt::format("Broker {} is no longer the controller", m_config->id.value),
                     {{"broker", toText(m_config->id)}, {"controller_epoch", toText(m_epoch)}}});
}

void Controller::onAnswer(sim::Context& context, MetadataStore& store, const MetadataStore::Answered& answered) {
    if (!m_isActive || answered.term != m_epoch) {
        return;  // of an earlier term of office
    }
    if (const auto* written = std::get_if<MetadataStore::StatesWritten>(&answered.answer)) {
        onWritten(context, *written);
        return;
    }
    std::visit([this](const auto& answer) { take(answer); }, answered.answer);
    this->answered(context, store);
}

void Controller::onChange(const MetadataStore::Change& change) {
    m_due.brokers = m_due.brokers || change.brokers;
    m_due.topics = m_due.topics || change.topics;
    if (change.topic) {
        m_due.changedTopics.push_back(*change.topic);
    }
}

void Controller::onAlterPartition(const RequestOrigin& origin, Ref<const AlterPartitionRequest> request) {
    const LiveBroker* sender = m_isActive ? live(request->broker) : nullptr;
    if (!m_isActive || (sender != nullptr && sender->epoch > request->brokerEpoch)) {
        auto response = makeRef<AlterPartitionResponse>();
        response->correlationId = request->correlationId;
        response->error = m_isActive ? ErrorCode::StaleBrokerEpoch : ErrorCode::NotController;
        m_answers.push_back({origin.connection, std::move(response), false});
        return;
    }
    m_alterPartition.push_back({origin, std::move(request)});
}

void Controller::onControlledShutdown(const RequestOrigin& origin, const ControlledShutdownRequest& request) {
    const LiveBroker* sender = m_isActive ? live(request.broker) : nullptr;
    if (sender == nullptr || sender->epoch > request.brokerEpoch) {
        auto response = makeRef<ControlledShutdownResponse>();
        response->answers(origin);
        response->error = !m_isActive         ? ErrorCode::NotController
                          : sender == nullptr ? ErrorCode::BrokerNotAvailable
                                              : ErrorCode::StaleBrokerEpoch;
        m_answers.push_back({origin.connection, std::move(response), false});
        return;
    }
    if (!holds(m_shuttingDown, request.broker)) {
        m_shuttingDown.push_back(request.broker);
    }
    m_shutdowns.push_back({origin, request.broker});
    m_due.shutdown = true;
}

/// With what they still lead and somebody else holds as well.
void Controller::answerShutdowns() {
    for (const ShutdownWork& work : std::exchange(m_shutdowns, {})) {
        auto response = makeRef<ControlledShutdownResponse>();
        response->answers(work.origin);
        for (const auto& [partition, known] : m_partitions) {
            if (known.hasState && known.state.leader == work.broker && known.state.replicas.size() > 1) {
                response->remaining.push_back(partition);
            }
        }
        m_answers.push_back({work.origin.connection, std::move(response), false});
    }
}

void Controller::onBalanceAlarm(sim::Context& context, const LeaderBalanceAlarm& alarm) {
    if (m_isActive && alarm.epoch == m_epoch) {
        m_due.balance = true;
        context.arm(m_config->leaderImbalanceCheckInterval, makeRef<LeaderBalanceAlarm>(m_epoch));
        m_nextBalance = context.now() + m_config->leaderImbalanceCheckInterval;
    }
}

void Controller::pump(sim::Context& context, MetadataStore& store) {
    while (m_isActive && m_step == Step::Idle && (m_due.any() || !m_alterPartition.empty())) {
        begin(context, store);
    }
    if (m_isActive && m_step == Step::Idle && !m_due.any()) {
        answerShutdowns();
    }
    m_channels.pump(context);
}

std::optional<Controller::Balance> Controller::balance() const {
    return m_isActive && m_config->autoLeaderRebalance
               ? std::optional(Balance{m_nextBalance, m_config->leaderImbalancePercentage})
               : std::nullopt;
}

std::int32_t Controller::offlinePartitions() const {
    std::int32_t count = 0;
    for (const auto& [partition, known] : m_partitions) {
        count += !known.hasState || live(known.state.leader) == nullptr ? 1 : 0;
    }
    return count;
}

}  // namespace millrace::kafka
