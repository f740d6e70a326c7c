#pragma once

#include <string>
#include <vector>

#include "engine/kafka/protocol/message.h"

namespace millrace::kafka {

inline constexpr Api apiVersionsApi{
    .key = 18, .name = "ApiVersions", .last = 4, .served = 4, .flexible = 3, .hasPlainAnswer = true};

struct ApiVersionsResponse;

/// What a client asks first: which APIs in which versions. A version that is not known here is answered in version 0
/// with UNSUPPORTED_VERSION. Left out: features, of which this cluster has none to tell.
struct ApiVersionsRequest final : Request<ApiVersionsRequest, ApiVersionsResponse, apiVersionsApi> {
    std::string clientSoftware;  ///< "librdkafka"
    std::string clientSoftwareVersion;

    static void fields(auto& v, auto& m) {
        v.field(m.clientSoftware, since(3).orDropped());
        v.field(m.clientSoftwareVersion, since(3).orDropped());
    }
};

struct ApiVersionsResponse final : Response<ApiVersionsResponse, apiVersionsApi> {
    struct Range {
        std::int16_t key = 0;
        std::int16_t first = 0;
        std::int16_t last = 0;
        static void fields(auto& v, auto& range) {
            v.field(range.key);
            v.field(range.first);
            v.field(range.last);
        }
    };
    ErrorCode error = ErrorCode::None;
    std::vector<Range> apis;

    static void fields(auto& v, auto& m) {
        v.field(m.error);
        v.field(m.apis);
        v.fixed(noThrottle, since(1));
    }
};
void serve(BrokerCall& call, const ApiVersionsRequest& request);

}  // namespace millrace::kafka
