#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/kafka/protocol/produce.h"
#include "engine/kafka/types.h"
#include "engine/sim/message.h"

/// Bytes of Kafka's wire protocol <-> the typed messages of `kafka/protocol`, for the versions that the gateway offers.
namespace millrace::kafka::codec {

enum class ApiKey : std::int16_t {
    Produce = 0,
    Fetch = 1,
    ListOffsets = 2,
    Metadata = 3,
    OffsetCommit = 8,
    OffsetFetch = 9,
    FindCoordinator = 10,
    JoinGroup = 11,
    Heartbeat = 12,
    LeaveGroup = 13,
    SyncGroup = 14,
    ApiVersions = 18,
    CreateTopics = 19
};

struct ApiRange {
    ApiKey key;
    std::int16_t min;  ///< what is advertised; Produce says 0 and is served from 3 on (see below)
    std::int16_t max;
};

/// What ApiVersions answers. Minima are chosen for clients that ask "does your range hold version 0?" before they
/// compress or join groups: Produce and FindCoordinator must say 0 (librdkafka up to 2.11 otherwise sends lz4 batches
/// uncompressed and starts no group).
[[nodiscard]] const std::vector<ApiRange>& supportedApis();

/// What an answer needs to know of its request.
struct RequestHead {
    ApiKey key = ApiKey::ApiVersions;
    std::int16_t version = 0;
    CorrelationId correlationId;
    std::string clientId;
};

struct DecodedRequest {
    RequestHead head;
    sim::MessageRef message;  ///< null for ApiVersions, which the gateway answers itself
    /// Produce only: partitions whose records were refused before the broker could see them.
    std::vector<ProduceResponse::Partition> refused;
    bool expectsAnswer = true;        ///< false for Produce with acks = 0
    bool unsupportedVersion = false;  ///< of ApiVersions: to be answered in version 0 with error 35
    std::string clientSoftware;       ///< of ApiVersions 3: "librdkafka 2.0.2"
};

/// One request without its length prefix. The error says why the connection has to be closed: an unknown API or
/// version, or bytes that do not hold what they announce.
[[nodiscard]] Result<DecodedRequest, std::string> decodeRequest(std::string_view frame);

/// One response, with length prefix, in the version of its request. The message's type must be the one that answers it.
[[nodiscard]] std::string encodeResponse(const DecodedRequest& request, const sim::Message& response);
[[nodiscard]] std::string encodeApiVersions(const DecodedRequest& request);
/// The answer to a Produce request of which nothing reached the broker.
[[nodiscard]] std::string encodeRefusedProduce(const DecodedRequest& request);

}  // namespace millrace::kafka::codec
