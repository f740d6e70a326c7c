#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/kafka/protocol/versions.h"
#include "engine/kafka/types.h"
#include "engine/sim/message.h"

/// Bytes of Kafka's wire protocol <-> the typed messages of `kafka/protocol`. What a message's bytes are follows from
/// the fields that it lists; here is only what is around them.
namespace millrace::kafka::codec {

struct DecodedRequest {
    const Api* api = nullptr;
    CorrelationId correlationId;
    sim::MessageRef message;
    bool isAnswered = true;           ///< false for Produce with acks = 0
    bool unsupportedVersion = false;  ///< of ApiVersions: to be answered in version 0 with error 35
};

/// One request without its length prefix, of an API and a version that clients are told of. The error says why the
/// connection has to be closed: another API or version, or bytes that do not hold what they announce.
[[nodiscard]] Result<DecodedRequest, std::string> decodeRequest(std::string_view frame);

/// One response, with length prefix, in the version that it says.
[[nodiscard]] std::string encodeResponse(const sim::Message& response);

/// The answer to ApiVersions, which depends on nothing but the program.
[[nodiscard]] std::string encodeApiVersions(const DecodedRequest& request);

}  // namespace millrace::kafka::codec
