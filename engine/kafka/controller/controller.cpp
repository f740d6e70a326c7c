#include "engine/kafka/controller/controller.h"

#include <fmt/format.h>

#include <charconv>

#include "engine/kafka/broker/znodes.h"

namespace millrace::kafka {

namespace {

constexpr SimDuration firstBalance = std::chrono::seconds{5};

}  // namespace

void Controller::elect(sim::Context& context, zookeeper::ZkClient& client) {
    if (!m_isActive && !m_isElecting) {
        m_isElecting = true;
        client.getData(context, tagOf(ZkPurpose::ReadController), znodes::controller, true);
    }
}

void Controller::onElectionReply(sim::Context& context, zookeeper::ZkClient& client, const zookeeper::Reply& reply) {
    using zookeeper::ErrorCode;
    if (reply.error == ErrorCode::SessionExpired) {
        return;
    }
    const auto lookAgain = [&] { client.getData(context, tagOf(ZkPurpose::ReadController), znodes::controller, true); };
    const auto readEpoch = [&](std::uint64_t mine) {
        client.getData(context, tagOf(ZkPurpose::ReadControllerEpoch, mine), znodes::controllerEpoch);
    };
    switch (purposeOf(reply)) {
        case ZkPurpose::ReadController:
            if (reply.error == ErrorCode::NoNode) {
                readEpoch(0);
            } else if (reply.error == ErrorCode::Ok && reply.stat.ephemeralOwner == client.session() && !m_isActive) {
                readEpoch(1);  // the claim's answer was lost, the claim was not
            } else {
                m_isElecting = false;  // there is one; its node is watched
            }
            return;
        case ZkPurpose::ReadControllerEpoch:
            if (reply.error == ErrorCode::NoNode) {
                client.create(context, tagOf(ZkPurpose::CreateControllerEpoch), znodes::controllerEpoch, "0");
                return;
            }
            m_readEpoch = 0;
            std::from_chars(reply.data.data(), reply.data.data() + reply.data.size(), m_readEpoch);
            if (reply.tag.token == 1) {
                m_epoch = ControllerEpoch{m_readEpoch};
                become(context, reply.stat.version);
                return;
            }
            client.multi(context, tagOf(ZkPurpose::ClaimController),
                         {zookeeper::Operation::create(znodes::controller,
                                                       znodes::writeController(m_config->id, context.clockMillis()),
                                                       zookeeper::CreateMode::Ephemeral),
                          zookeeper::Operation::setData(znodes::controllerEpoch, std::to_string(m_readEpoch + 1),
                                                        reply.stat.version)});
            return;
        case ZkPurpose::CreateControllerEpoch:
            readEpoch(0);
            return;
        default:
            break;
    }
    // The claim.
    if (reply.error == ErrorCode::Ok && reply.results.size() == 2) {
        m_epoch = ControllerEpoch{m_readEpoch + 1};
        become(context, reply.results[1].stat.version);
        // The watch tells when somebody takes the node away.
        client.exists(context, tagOf(ZkPurpose::ReadController, 2), znodes::controller, true);
        return;
    }
    lookAgain();
}

void Controller::become(sim::Context& context, std::int32_t epochVersion) {
    m_isElecting = false;
    m_isActive = true;
    m_epochVersion = epochVersion;
    m_due = {};
    m_due.everything = true;
    context.journal({"kafka.controller-elected",
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
    context.journal({"kafka.controller-resigned",
                     sim::Severity::Notice,
                     fmt::format("Broker {} is no longer the controller", m_config->id.value),
                     {{"broker", toText(m_config->id)}, {"controller_epoch", toText(m_epoch)}}});
}

void Controller::onSessionExpired(sim::Context& context) {
    m_isElecting = false;
    resign(context);
}

void Controller::onReply(sim::Context& context, zookeeper::ZkClient& client, const zookeeper::Reply& reply) {
    switch (purposeOf(reply)) {
        case ZkPurpose::ReadController:
            if (reply.tag.token == 2) {
                if (reply.error == zookeeper::ErrorCode::NoNode ||
                    (reply.error == zookeeper::ErrorCode::Ok && reply.stat.ephemeralOwner != client.session())) {
                    resign(context);
                    elect(context, client);
                }
                return;
            }
            [[fallthrough]];
        case ZkPurpose::ReadControllerEpoch:
        case ZkPurpose::CreateControllerEpoch:
        case ZkPurpose::ClaimController:
            onElectionReply(context, client, reply);
            return;
        case ZkPurpose::ListBrokers:
        case ZkPurpose::ListTopics:
        case ZkPurpose::ReadBroker:
        case ZkPurpose::ReadTopic:
        case ZkPurpose::ReadTopicOptions:
        case ZkPurpose::ReadPartitionState:
        case ZkPurpose::WriteStates:
            break;
        default:
            return;
    }
    // The token tells replies to an earlier term of office.
    if (!m_isActive || reply.tag.token != static_cast<std::uint64_t>(m_epoch.value) ||
        reply.error == zookeeper::ErrorCode::SessionExpired) {
        return;
    }
    if (purposeOf(reply) == ZkPurpose::WriteStates) {
        onWritten(context, client, reply);
        return;
    }
    takeReply(reply);
    answered(context, client);
}

void Controller::onWatch(sim::Context& context, zookeeper::ZkClient& client, const zookeeper::WatchFired& fired) {
    if (fired.path == znodes::controller) {
        if (m_isActive) {
            client.exists(context, tagOf(ZkPurpose::ReadController, 2), znodes::controller, true);
        } else {
            elect(context, client);
        }
    } else if (fired.path == znodes::brokerIds) {
        m_due.brokers = true;
    } else if (fired.path == znodes::topics) {
        m_due.topics = true;
    } else if (fired.path.starts_with(std::string{znodes::topics} + '/')) {
        m_due.changedTopics.emplace_back(
            std::string_view{fired.path}.substr(std::string_view{znodes::topics}.size() + 1));
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

void Controller::pump(sim::Context& context, zookeeper::ZkClient& client) {
    while (m_isActive && m_step == Step::Idle && (m_due.any() || !m_alterPartition.empty())) {
        begin(context, client);
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
