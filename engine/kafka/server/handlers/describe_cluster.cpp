#include "engine/kafka/protocol/describe_cluster.h"

#include "engine/kafka/server/broker_call.h"

namespace millrace::kafka {

void serve(BrokerCall& call, const DescribeClusterRequest& request) {
    auto response = makeRef<DescribeClusterResponse>();
    response->endpointType = request.endpointType;
    if (request.endpointType == DescribeClusterRequest::ofBrokers) {
        response->controller = call.metadata().controller();
        response->brokers = call.metadata().brokers();
    } else {
        response->error = request.endpointType == DescribeClusterRequest::ofControllers
                              ? ErrorCode::MismatchedEndpointType
                              : ErrorCode::UnsupportedEndpointType;
        response->message = "A broker knows the brokers of its cluster.";
    }
    call.answer(std::move(response));
}

}  // namespace millrace::kafka
