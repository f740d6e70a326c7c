#include <set>

#include "engine/kafka/cost.h"
#include "engine/kafka/protocol/apis.h"
#include "engine/kafka/server/broker_call.h"

/// What clients ask about the cluster, and topics that they want in it.
namespace millrace::kafka {

namespace {

TopicMetadata describe(BrokerCall& call, const MetadataRequest& request, const TopicName& topic) {
    TopicMetadata said = call.metadata().describe(topic);
    const bool isMissing = said.error == ErrorCode::UnknownTopicOrPartition;
    if (isMissing && topic.empty() && request.version >= 10) {
        said.error = ErrorCode::UnknownTopicId;  // it was asked for by an id, and no topic has one
    } else if (isMissing && !isTopicName(topic.text())) {
        said.error = ErrorCode::InvalidTopic;
    } else if (isMissing && request.allowAutoTopicCreation && call.config().autoCreateTopics) {
        MetadataStore store = call.store();
        said.error = call.topicCreator().createOnDemand(store, topic, call.metadata());
    }
    return said;
}

}  // namespace

void serve(BrokerCall& call, const MetadataRequest& request) {
    auto response = makeRef<MetadataResponse>();
    response->brokers = call.metadata().brokers();
    response->controller = call.metadata().controller();
    // A topic is described once, however often it is named.
    std::set<TopicName> named;
    for (const TopicName& topic : request.topics ? *request.topics : call.metadata().topics()) {
        if (named.insert(topic).second) {
            response->topics.push_back(describe(call, request, topic));
        }
    }
    call.context().spend(cost::partition * static_cast<std::int64_t>(response->topics.size()));
    call.answer(std::move(response));
}

void serve(BrokerCall& call, const CreateTopicsRequest& request) {
    MetadataStore store = call.store();
    call.topicCreator().onRequest(call.context(), store, call.origin(), request, call.metadata(),
                                  call.controller().isActive());
}

void serve(BrokerCall& call, const ApiVersionsRequest&) {
    auto response = makeRef<ApiVersionsResponse>();
    response->apis = clientApis();
    call.answer(std::move(response));
}

}  // namespace millrace::kafka
