#pragma once

#include <string>
#include <vector>

#include "engine/kafka/protocol/message.h"
#include "engine/kafka/protocol/metadata.h"

namespace millrace::kafka {

inline constexpr Api describeClusterApi{.key = 60, .name = "DescribeCluster", .last = 1, .served = 1, .flexible = 0};

struct DescribeClusterResponse;

/// The brokers and their controller, without topics (KIP-700). Asked for the controllers of KRaft a broker says that it
/// is none (KIP-919).
struct DescribeClusterRequest final : Request<DescribeClusterRequest, DescribeClusterResponse, describeClusterApi> {
    static constexpr std::int8_t ofBrokers = 1;
    static constexpr std::int8_t ofControllers = 2;
    std::int8_t endpointType = ofBrokers;

    static void fields(auto& v, auto& m) {
        v.fixed(false);  // whether to tell what the client may do
        v.field(m.endpointType, since(1), ofBrokers);
    }
};

struct DescribeClusterResponse final : Response<DescribeClusterResponse, describeClusterApi> {
    ErrorCode error = ErrorCode::None;
    std::string message;
    std::int8_t endpointType = DescribeClusterRequest::ofBrokers;
    BrokerId controller = noBroker;
    std::vector<BrokerEndpoint> brokers;

    static void fields(auto& v, auto& m) {
        v.fixed(noThrottle);
        v.field(m.error);
        v.nullable(m.message);
        v.field(m.endpointType, since(1).orDropped());
        v.fixed(std::string{clusterId});
        v.field(m.controller);
        v.list(m.brokers, always, [](auto& in, auto& broker) {
            in.field(broker.id);
            in.field(broker.host);
            in.field(broker.port);
            in.nullable(broker.rack);
        });
        v.fixed(noOperations);
    }
};
void serve(BrokerCall& call, const DescribeClusterRequest& request);

}  // namespace millrace::kafka
