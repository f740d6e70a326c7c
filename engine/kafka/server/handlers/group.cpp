#include "engine/kafka/protocol/group.h"

#include "engine/kafka/partitioner.h"
#include "engine/kafka/server/broker_call.h"

/// What groups of consumers ask for: where their coordinator is, and the coordinator itself.
namespace millrace::kafka {

namespace {

void refuseType(FindCoordinatorResponse::Coordinator& said, std::int8_t type) {
    const bool isTransaction = type == FindCoordinatorRequest::ofTransaction;
    said.error = isTransaction ? ErrorCode::TransactionalIdAuthorizationFailed : ErrorCode::InvalidRequest;
    said.message = isTransaction ? "This cluster coordinates no transactions." : "Unknown type of coordinator.";
}

void findCoordinator(BrokerCall& call, FindCoordinatorResponse::Coordinator& said) {
    said.error = ErrorCode::CoordinatorNotAvailable;
    const TopicName topic{consumerOffsetsTopic};
    const std::int32_t count = call.metadata().partitionCount(topic);
    if (count == 0) {
        MetadataStore store = call.store();
        (void)call.topicCreator().createOnDemand(store, topic, call.metadata());
        return;
    }
    const PartitionState* state = call.metadata().partition({topic, offsetsPartitionOf(said.key, count)});
    const BrokerEndpoint* leader = state == nullptr ? nullptr : call.metadata().broker(state->leader);
    if (leader != nullptr) {
        said.error = ErrorCode::None;
        said.id = leader->id;
        said.host = leader->host;
        said.port = leader->port;
    }
}

}  // namespace

void serve(BrokerCall& call, const FindCoordinatorRequest& request) {
    auto response = makeRef<FindCoordinatorResponse>();
    for (const std::string& key : request.keys) {
        FindCoordinatorResponse::Coordinator& said = response->coordinators.emplace_back();
        said.key = key;
        if (request.keyType == FindCoordinatorRequest::ofGroup) {
            findCoordinator(call, said);
        } else {
            refuseType(said, request.keyType);
        }
    }
    call.answer(std::move(response));
}

void serve(BrokerCall& call, const JoinGroupRequest& request) {
    call.coordinate(request);
}

void serve(BrokerCall& call, const SyncGroupRequest& request) {
    call.coordinate(request);
}

void serve(BrokerCall& call, const HeartbeatRequest& request) {
    call.coordinate(request);
}

void serve(BrokerCall& call, const LeaveGroupRequest& request) {
    call.coordinate(request);
}

void serve(BrokerCall& call, const OffsetCommitRequest& request) {
    call.coordinate(request);
}

void serve(BrokerCall& call, const OffsetFetchRequest& request) {
    call.coordinate(request);
}

}  // namespace millrace::kafka
