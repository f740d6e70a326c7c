#include <algorithm>
#include <set>

#include "engine/kafka/broker/broker.h"
#include "engine/kafka/broker/broker_services.h"
#include "engine/kafka/broker/znodes.h"
#include "engine/kafka/cost.h"
#include "engine/kafka/facts.h"
#include "engine/kafka/partitioner.h"

namespace millrace::kafka {

namespace {

template <class T>
RequestOrigin originOf(sim::ConnectionId connection, const T& request) {
    return {connection, request.correlationId, request.clientId, request.version};
}

template <class T>
Ref<const T> shareOf(const sim::MessageRef& message) {
    return Ref<const T>(static_cast<const T*>(message.get()));
}

}  // namespace

void Broker::dispatch(sim::Context& context, const RequestChannel::Ready& ready) {
    context.spend(cost::request);
    ++m_requests;
    const sim::ConnectionId from = ready.connection;
    const sim::Message& message = *ready.request;
    const auto coordinate = [&](const RequestOrigin& origin) {
        Services services(context, *this);
        coordinatorToChange().onRequest(services, origin, message);
    };
    if (const auto* produce = message.as<ProduceRequest>()) {
        m_replicas.produce(context, originOf(from, *produce), *produce, m_metadata);
    } else if (const auto* fetch = message.as<FetchRequest>()) {
        m_replicas.fetch(context, originOf(from, *fetch), shareOf<FetchRequest>(ready.request), m_metadata);
    } else if (const auto* heartbeat = message.as<HeartbeatRequest>()) {
        coordinate(originOf(from, *heartbeat));
    } else if (const auto* commit = message.as<OffsetCommitRequest>()) {
        coordinate(originOf(from, *commit));
    } else if (const auto* committed = message.as<OffsetFetchRequest>()) {
        coordinate(originOf(from, *committed));
    } else if (const auto* join = message.as<JoinGroupRequest>()) {
        coordinate(originOf(from, *join));
    } else if (const auto* sync = message.as<SyncGroupRequest>()) {
        coordinate(originOf(from, *sync));
    } else if (const auto* leave = message.as<LeaveGroupRequest>()) {
        coordinate(originOf(from, *leave));
    } else if (const auto* metadata = message.as<MetadataRequest>()) {
        onMetadata(context, originOf(from, *metadata), *metadata);
    } else if (const auto* find = message.as<FindCoordinatorRequest>()) {
        onFindCoordinator(context, originOf(from, *find), *find);
    } else if (const auto* list = message.as<ListOffsetsRequest>()) {
        answer(context, from, m_replicas.listOffsets(*list));
    } else if (const auto* epochs = message.as<OffsetForLeaderEpochRequest>()) {
        answer(context, from, m_replicas.offsetForLeaderEpoch(*epochs));
    } else if (const auto* create = message.as<CreateTopicsRequest>()) {
        m_topicCreator.onRequest(context, m_zk, originOf(from, *create), *create, m_metadata, m_controller.isActive());
    } else if (message.as<LeaderAndIsrRequest>() != nullptr) {
        onLeaderAndIsr(context, from, shareOf<LeaderAndIsrRequest>(ready.request));
    } else if (const auto* update = message.as<UpdateMetadataRequest>()) {
        onUpdateMetadata(context, from, *update);
    } else if (const auto* stop = message.as<StopReplicaRequest>()) {
        auto response = makeRef<StopReplicaResponse>();
        response->answers(*stop);
        response->error = checkStamp(stop->stamp);
        for (const StopReplicaRequest::Partition& each : stop->partitions) {
            if (response->error != ErrorCode::None) {
                continue;
            }
            if (each.deletePartition) {
                m_replicas.remove(context, each.partition);
            } else if (const auto slot = m_replicas.find(each.partition); slot != ReplicaManager::noSlot) {
                m_fetchers.drop(slot);
            }
        }
        answer(context, from, std::move(response));
    } else if (const auto* alter = message.as<AlterPartitionRequest>()) {
        m_controller.onAlterPartition(originOf(from, *alter), shareOf<AlterPartitionRequest>(ready.request));
    } else if (const auto* shutdown = message.as<ControlledShutdownRequest>()) {
        m_controller.onControlledShutdown(originOf(from, *shutdown), *shutdown);
    } else {
        m_channel.hangUp(context, from);  // as Kafka closes on a request that it does not know
    }
}

void Broker::answer(sim::Context& context, sim::ConnectionId connection, sim::MessageRef response) {
    m_channel.answer(context, connection, std::move(response));
}

void Broker::deliver(sim::Context& context, std::vector<Answer> answers) {
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
        m_replicas.completeParked(context);
        deliver(context, m_replicas.takeAnswers());
        deliver(context, m_topicCreator.takeAnswers());
        deliver(context, m_controller.takeAnswers());
        for (const OwnAppend& done : m_replicas.takeOwnAppends()) {
            Services services(context, *this);
            coordinatorToChange().onAppended(services, done.partition.partition, done.token, done.error);
            isBusy = true;
        }
        while (const auto ready = m_channel.next()) {
            dispatch(context, *ready);
            isBusy = true;
        }
    }
    for (InSyncProposal& proposal : m_replicas.takeProposals()) {
        m_alterPartition.add(std::move(proposal));
    }
    m_alterPartition.pump(context, m_metadata, m_replicas, m_registration.epoch());
    m_fetchers.pump(context, m_replicas);
    m_replicas.takeFigures();
    m_controller.pump(context, m_zk);
    m_shutdown.pump(context, m_metadata, m_registration.epoch());
    // The controller answers a leader's proposal when there was nothing to write.
    deliver(context, m_controller.takeAnswers());
    if (m_replicas.hasFailed() && !m_registration.isRefused()) {
        context.journal(
            {"kafka.log-directory-failed",
             sim::Severity::Error,
             "The disk takes no more: broker " + toText(m_config->id) + " halts, as its only log directory failed",
             {{"broker", toText(m_config->id)}}});
        context.kill(context.process(), sim::ProcessExited::Reason::Crashed);
    } else if (m_shutdown.isOver()) {
        close(context);
    }
}

// --- what clients ask about the cluster

void Broker::onMetadata(sim::Context& context, const RequestOrigin& origin, const MetadataRequest& request) {
    auto response = makeRef<MetadataResponse>();
    response->answers(origin);
    response->brokers = m_metadata.brokers();
    response->controller = m_metadata.controller();
    // A topic is described once, however often it is named.
    std::set<TopicName> named;
    for (const TopicName& topic : request.topics ? *request.topics : m_metadata.topics()) {
        if (!named.insert(topic).second) {
            continue;
        }
        TopicMetadata said = m_metadata.describe(topic);
        const bool isMissing = said.error == ErrorCode::UnknownTopicOrPartition;
        if (isMissing && !isTopicName(topic.text())) {
            said.error = ErrorCode::InvalidTopic;
        } else if (isMissing && request.allowAutoTopicCreation && m_config->autoCreateTopics) {
            said.error = m_topicCreator.createOnDemand(context, m_zk, topic, m_metadata);
        }
        response->topics.push_back(std::move(said));
    }
    context.spend(cost::partition * static_cast<std::int64_t>(response->topics.size()));
    answer(context, origin.connection, std::move(response));
}

void Broker::onFindCoordinator(sim::Context& context, const RequestOrigin& origin,
                               const FindCoordinatorRequest& request) {
    auto response = makeRef<FindCoordinatorResponse>();
    response->answers(origin);
    if (request.keyType != FindCoordinatorRequest::ofGroup) {
        const bool isTransaction = request.keyType == FindCoordinatorRequest::ofTransaction;
        response->error = isTransaction ? ErrorCode::TransactionalIdAuthorizationFailed : ErrorCode::InvalidRequest;
        response->message =
            isTransaction ? "This cluster coordinates no transactions." : "Unknown type of coordinator.";
        answer(context, origin.connection, std::move(response));
        return;
    }
    response->error = ErrorCode::CoordinatorNotAvailable;
    const TopicName topic{consumerOffsetsTopic};
    const std::int32_t count = m_metadata.partitionCount(topic);
    if (count == 0) {
        (void)m_topicCreator.createOnDemand(context, m_zk, topic, m_metadata);
    } else if (const PartitionState* state = m_metadata.partition({topic, offsetsPartitionOf(request.group, count)})) {
        if (const BrokerEndpoint* leader = m_metadata.broker(state->leader)) {
            response->error = ErrorCode::None;
            response->coordinator = *leader;
        }
    }
    answer(context, origin.connection, std::move(response));
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

void Broker::onUpdateMetadata(sim::Context& context, sim::ConnectionId connection,
                              const UpdateMetadataRequest& request) {
    auto response = makeRef<UpdateMetadataResponse>();
    response->answers(request);
    response->error = checkStamp(request.stamp);
    if (response->error == ErrorCode::None) {
        m_metadata.update(request);
        m_topicCreator.check(context.now(), m_metadata);
    }
    answer(context, connection, std::move(response));
}

void Broker::onLeaderAndIsr(sim::Context& context, sim::ConnectionId connection,
                            Ref<const LeaderAndIsrRequest> request) {
    for (const PartitionState& state : request->partitions) {
        const TopicName& topic = state.partition.topic;
        const bool isAsked = std::find(m_askedConfigs.begin(), m_askedConfigs.end(), topic) != m_askedConfigs.end();
        if (!m_replicas.hasTopicConfig(topic) && !isAsked) {
            m_askedConfigs.push_back(topic);
            m_zk.getData(context, tagOf(ZkPurpose::ReadTopicConfig), znodes::topicConfig(topic));
        }
    }
    m_heldOrders.push_back({connection, std::move(request)});
    applyHeldOrders(context);
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
    const bool isOffsets = state.partition.topic.text() == consumerOffsetsTopic;
    Services services(context, *this);
    if (m_replicas.at(slot).isLeader()) {
        tellLeadership(context, m_replicas.at(slot));
        (void)m_replicas.edit(slot).advanceHighWatermark(context.now(), m_config->replicaLagTimeMax);
        if (isOffsets && !wasLeader) {
            coordinatorToChange().onLead(services, state.partition.partition, state.leaderEpoch);
        }
        return;
    }
    if (isOffsets && wasLeader) {
        coordinatorToChange().onResign(services, state.partition.partition);
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
