#include "engine/kafka/protocol/fetch.h"
#include "engine/kafka/protocol/offsets.h"
#include "engine/kafka/protocol/produce.h"
#include "engine/kafka/server/broker_call.h"

/// What is written and read.
namespace millrace::kafka {

void serve(BrokerCall& call, const ProduceRequest& request) {
    call.replicas().produce(call.context(), call.origin(), request, call.metadata());
}

void serve(BrokerCall& call, const FetchRequest& request) {
    call.replicas().fetch(call.context(), call.origin(), Ref<const FetchRequest>(&request), call.metadata());
}

void serve(BrokerCall& call, const ListOffsetsRequest& request) {
    call.answer(call.replicas().listOffsets(request));
}

void serve(BrokerCall& call, const OffsetForLeaderEpochRequest& request) {
    call.answer(call.replicas().offsetForLeaderEpoch(request));
}

}  // namespace millrace::kafka
