#include <algorithm>

#include "engine/base/check.h"
#include "engine/kafka/cost.h"
#include "engine/kafka/facts.h"
#include "engine/kafka/journal_kinds.h"
#include "engine/kafka/protocol/apis.h"
#include "engine/kafka/server/broker.h"
#include "engine/kafka/server/broker_call.h"
#include "engine/kafka/server/broker_services.h"

namespace millrace::kafka {

void Broker::dispatch(sim::Context& context, const RequestChannel::Ready& ready) {
    context.spend(cost::request);
    ++m_requests;
    serveByType(context, ready);
}

void Broker::serveByType(sim::Context& context, const RequestChannel::Ready& ready) {
    const bool isKnown = Apis::findIf([&]<class R>() {
        const R* request = ready.request->as<R>();
        if (request != nullptr) {
            BrokerCall call(*this, context,
                            {ready.connection, request->correlationId, request->clientId, request->version});
            serve(call, *request);
        }
        return request != nullptr;
    });
    if (!isKnown) {
        m_channel.hangUp(context, ready.connection);  // as Kafka closes on a request that it does not know
    }
}

void Broker::answer(sim::Context& context, sim::ConnectionId connection, sim::MessageRef response) {
    m_channel.answer(context, connection, std::move(response));
}

void Broker::deliver(sim::Context& context, PooledVector<Answer> answers) {
    for (Answer& each : answers) {
        if (each.hangUp) {
            m_channel.hangUp(context, each.connection);
            m_replicas.connectionClosed(each.connection);
        } else {
            answer(context, each.connection, std::move(each.response));
        }
    }
}

void Broker::settle(sim::Context& context) {
    for (bool isBusy = true; isBusy;) {
        isBusy = false;
        m_replicas.completeDelayed(context);
        deliverFrom(context, m_replicas);
        deliverFrom(context, m_topicCreator);
        deliverFrom(context, m_controller);
        if (m_replicas.hasOwnAppends()) {
            for (const OwnAppend& done : m_replicas.takeOwnAppends()) {
                Services services(context, *this);
                Coordinator* coordinator = coordinatorToChange(done.partition.topic);
                MILLRACE_CHECK(coordinator != nullptr, done.partition.topic.text());
                coordinator->onAppended(services, done.partition.partition, done.token, done.error);
            }
            isBusy = true;
        }
        while (const auto ready = m_channel.next()) {
            dispatch(context, *ready);
            isBusy = true;
        }
    }
    if (m_replicas.hasProposals()) {
        for (InSyncProposal& proposal : m_replicas.takeProposals()) {
            m_alterPartition.add(std::move(proposal));
        }
    }
    m_alterPartition.pump(context, m_metadata, m_replicas, m_registration.epoch());
    m_fetchers.pump(context, m_replicas);
    MetadataStore store(context, m_zk);
    m_controller.pump(context, store);
    m_shutdown.pump(context, m_metadata, m_registration.epoch());
    // The controller answers a leader's proposal when there was nothing to write.
    deliverFrom(context, m_controller);
    if (m_replicas.hasFailed() && !m_registration.isRefused()) {
        sim::JournalDraft draft;
        draft.kind = happened::logDirectoryFailed;
        draft.severity = sim::Severity::Error;
        draft.text =
            "The disk takes no more: broker " + toText(m_config->id) + " halts, as its only log directory failed";
        draft.fields = {{"broker", toText(m_config->id)}};
        draft.isOfFullDisk = true;
        context.journal(std::move(draft));
        context.kill(context.process(), sim::ProcessExited::Reason::Crashed);
    } else if (m_shutdown.isOver()) {
        close(context);
    }
}

// --- what the controller orders

ErrorCode Broker::checkStamp(const ControllerStamp& stamp) {
    if (stamp.controllerEpoch < m_controllerEpoch) {
        return ErrorCode::StaleControllerEpoch;
    }
    if (stamp.brokerEpoch < m_registration.epoch()) {
        return ErrorCode::StaleBrokerEpoch;
    }
    m_controllerEpoch = stamp.controllerEpoch;
    return ErrorCode::None;
}

void Broker::onLeaderAndIsr(sim::Context& context, sim::ConnectionId connection,
                            Ref<const LeaderAndIsrRequest> request) {
    for (const PartitionState& state : request->partitions) {
        askTopicConfig(context, state.partition.topic);
    }
    m_heldOrders.push_back({connection, std::move(request)});
    applyHeldOrders(context);
}

void Broker::askTopicConfig(sim::Context& context, const TopicName& topic) {
    const bool isAsked = std::find(m_askedConfigs.begin(), m_askedConfigs.end(), topic) != m_askedConfigs.end();
    if (!m_replicas.hasTopicConfig(topic) && !isAsked) {
        m_askedConfigs.push_back(topic);
        ConfigStore(context, m_zk).readTopicConfig(topic);
    }
}

void Broker::serveHeldRequests(sim::Context& context) {
    for (const RequestChannel::Ready& held : std::exchange(m_heldRequests, {})) {
        serveByType(context, held);
    }
}

/// Orders take effect in their order, once the configuration of their topics is known.
void Broker::applyHeldOrders(sim::Context& context) {
    while (!m_heldOrders.empty()) {
        const HeldOrder& first = m_heldOrders.front();
        const bool isKnown =
            std::all_of(first.request->partitions.begin(), first.request->partitions.end(),
                        [&](const PartitionState& state) { return m_replicas.hasTopicConfig(state.partition.topic); });
        if (!isKnown) {
            return;
        }
        const HeldOrder order = first;
        m_heldOrders.erase(m_heldOrders.begin());
        answer(context, order.connection, applyRoles(context, *order.request));
    }
}

Ref<const LeaderAndIsrResponse> Broker::applyRoles(sim::Context& context, const LeaderAndIsrRequest& request) {
    auto response = makeRef<LeaderAndIsrResponse>();
    response->answers(request);
    response->error = checkStamp(request.stamp);
    if (response->error != ErrorCode::None) {
        return response;
    }
    for (const PartitionState& state : request.partitions) {
        applyRole(context, state, request);
        response->partitions.push_back({state.partition, ErrorCode::None});
    }
    return response;
}

void Broker::tellLeadership(sim::Context& context, const Partition& partition) {
    if (!context.isListenedTo()) {
        return;
    }
    const auto begun = makeRef<LeaderBegun>();
    begun->partition = partition.id();
    begun->epoch = partition.leaderEpoch();
    begun->epochs = partition.log.epochs().entries();
    begun->start = partition.log.start();
    begun->end = partition.log.end();
    context.tell(begun);
}

void Broker::applyRole(sim::Context& context, const PartitionState& state, const LeaderAndIsrRequest& request) {
    const ReplicaManager::Slot slot = m_replicas.findOrAdd(context, state.partition);
    const bool wasLeader = m_replicas.at(slot).isLeader();
    if (m_replicas.edit(slot).accept(context, state, m_config->id) != Partition::Accepted::Changed) {
        return;
    }
    context.spend(cost::becomeReplica);
    m_fetchers.drop(slot);
    m_replicas.touch(slot);
    Coordinator* coordinator = coordinatorToChange(state.partition.topic);
    Services services(context, *this);
    if (m_replicas.at(slot).isLeader()) {
        tellLeadership(context, m_replicas.at(slot));
        (void)m_replicas.edit(slot).advanceHighWatermark(context.now(), m_config->replicaLagTimeMax);
        if (coordinator != nullptr && !wasLeader) {
            coordinator->onLead(services, state.partition.partition, state.leaderEpoch);
        }
        return;
    }
    if (coordinator != nullptr && wasLeader) {
        coordinator->onResign(services, state.partition.partition);
    }
    if (m_config->broken.truncateToHighWatermark) {
        Partition& partition = m_replicas.edit(slot);
        partition.log.truncateTo(context, partition.log.highWatermark());
    }
    const auto leader = std::find_if(request.liveLeaders.begin(), request.liveLeaders.end(),
                                     [&](const BrokerEndpoint& broker) { return broker.id == state.leader; });
    if (leader != request.liveLeaders.end()) {
        m_fetchers.follow(slot, state.partition, state.leaderEpoch, *leader);
    }
}

}  // namespace millrace::kafka
