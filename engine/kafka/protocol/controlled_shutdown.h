#pragma once

#include <vector>

#include "engine/kafka/protocol/message.h"

namespace millrace::kafka {

inline constexpr Api controlledShutdownApi{
    .key = 7, .name = "ControlledShutdown", .last = 3, .oldest = 1, .served = 3, .flexible = 3, .isForClients = false};

struct ControlledShutdownResponse;

/// A broker that is to stop asks the controller to give its leaderships to others.
struct ControlledShutdownRequest final
    : Request<ControlledShutdownRequest, ControlledShutdownResponse, controlledShutdownApi> {
    BrokerId broker;
    BrokerEpoch brokerEpoch;

    static void fields(auto& v, auto& m) {
        v.field(m.broker);
        v.field(m.brokerEpoch, since(2).orDropped());
    }
};

struct ControlledShutdownResponse final : Response<ControlledShutdownResponse, controlledShutdownApi> {
    ErrorCode error = ErrorCode::None;
    std::vector<TopicPartition> remaining;  ///< that it still leads, for want of another in-sync replica

    static void fields(auto& v, auto& m) {
        v.field(m.error);
        v.list(m.remaining, always, [](auto& in, auto& partition) {
            in.field(partition.topic);
            in.field(partition.partition);
        });
    }
};
void serve(BrokerCall& call, const ControlledShutdownRequest& request);

}  // namespace millrace::kafka
