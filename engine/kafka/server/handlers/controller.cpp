#include "engine/kafka/protocol/controller.h"

#include "engine/kafka/protocol/controlled_shutdown.h"
#include "engine/kafka/server/broker_call.h"

/// What the controller orders, and what leaders ask of it.
namespace millrace::kafka {

void serve(BrokerCall& call, const LeaderAndIsrRequest& request) {
    call.takeRoles(Ref<const LeaderAndIsrRequest>(&request));
}

void serve(BrokerCall& call, const UpdateMetadataRequest& request) {
    auto response = makeRef<UpdateMetadataResponse>();
    response->error = call.checkStamp(request.stamp);
    if (response->error == ErrorCode::None) {
        call.metadata().update(request);
        call.topicCreator().check(call.context().now(), call.metadata());
    }
    call.answer(std::move(response));
}

void serve(BrokerCall& call, const StopReplicaRequest& request) {
    auto response = makeRef<StopReplicaResponse>();
    response->error = call.checkStamp(request.stamp);
    for (const StopReplicaRequest::Partition& each : request.partitions) {
        if (response->error != ErrorCode::None) {
            break;
        }
        if (each.deletePartition) {
            call.replicas().remove(call.context(), each.partition);
        } else if (const auto slot = call.replicas().find(each.partition); slot != ReplicaManager::noSlot) {
            call.fetchers().drop(slot);
        }
    }
    call.answer(std::move(response));
}

void serve(BrokerCall& call, const AlterPartitionRequest& request) {
    call.controller().onAlterPartition(call.origin(), Ref<const AlterPartitionRequest>(&request));
}

void serve(BrokerCall& call, const ControlledShutdownRequest& request) {
    call.controller().onControlledShutdown(call.origin(), request);
}

}  // namespace millrace::kafka
