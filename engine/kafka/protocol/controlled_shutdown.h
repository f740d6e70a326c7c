#pragma once

#include <vector>

#include "engine/kafka/protocol/message.h"

namespace millrace::kafka {

/// ControlledShutdown, version 2: a broker that is to stop asks the controller to give its leaderships to others.
struct ControlledShutdownRequest final : Request<ControlledShutdownRequest> {
    static constexpr std::string_view Name = "kafka.ControlledShutdownRequest";
    static constexpr std::int16_t newestVersion = 2;
    BrokerId broker;
    BrokerEpoch brokerEpoch;

    [[nodiscard]] ByteCount wireSize() const override { return headerSize() + wire::int32 + wire::int64; }
    void digest(Digest& digest) const override {
        digestHeader(digest);
        digest.add(broker.value);
        digest.add(brokerEpoch.value);
    }
};

struct ControlledShutdownResponse final : Response<ControlledShutdownResponse> {
    static constexpr std::string_view Name = "kafka.ControlledShutdownResponse";
    static constexpr std::int16_t newestVersion = 2;
    ErrorCode error = ErrorCode::None;
    std::vector<TopicPartition> remaining;  ///< that it still leads, for want of another in-sync replica

    [[nodiscard]] ByteCount wireSize() const override {
        ByteCount size = headerSize() + wire::int16 + wire::array;
        for (const TopicPartition& each : remaining) {
            size += wire::string(each.topic) + wire::int32;
        }
        return size;
    }
    void digest(Digest& digest) const override {
        digestHeader(digest);
        addTo(digest, error);
        for (const TopicPartition& each : remaining) {
            addTo(digest, each);
        }
    }
};

}  // namespace millrace::kafka
