#include "engine/kafka/wire/codec.h"

#include <fmt/format.h>

#include "engine/kafka/protocol/apis.h"
#include "engine/kafka/wire/frame.h"

namespace millrace::kafka::codec {
namespace {

template <class R>
Ref<R> decodeAs(WireReader& in, std::int16_t version) {
    auto request = makeRef<R>();
    request->version = version;
    request->clientId = ClientId(in.string());
    if (R::api.isFlexible(version)) {
        in.skipTags();
    }
    decodeBody(in, *request);
    if constexpr (requires { request->replica; }) {
        request->replica = consumerReplica;  // whoever comes from outside is a consumer
    }
    return request;
}

const Api* findApi(std::int16_t key) {
    for (const Api* api : Apis::rows) {
        if (api->key == key && api->isForClients) {
            return api;
        }
    }
    return nullptr;
}

template <class M>
bool encodeIf(const sim::Message& message, std::string& frame) {
    const M* typed = message.as<M>();
    if (typed == nullptr) {
        return false;
    }
    auto encoded = encode(*typed);
    MILLRACE_CHECK(encoded.has_value(), message.summary(), typed->version);
    frame = std::move(*encoded);
    return true;
}

}  // namespace

Result<BatchRef, ErrorCode> readBatch(std::string_view bytes, std::size_t& plainLeft) {
    constexpr std::size_t magicAt = 16;
    if (bytes.size() <= magicAt || bytes[magicAt] != 2) {
        return tl::unexpected(ErrorCode::UnsupportedForMessageFormat);
    }
    WireReader in(bytes);
    static_cast<void>(in.int64());
    if (std::size_t{static_cast<std::uint32_t>(in.int32())} + 12 < bytes.size()) {
        return tl::unexpected(ErrorCode::InvalidRecord);
    }
    return RecordBatch::parse(bytes, &plainLeft);
}

Result<DecodedRequest, std::string> decodeRequest(std::string_view frame) {
    WireReader in(frame);
    const std::int16_t key = in.int16();
    const std::int16_t version = in.int16();
    DecodedRequest decoded;
    decoded.correlationId = CorrelationId{in.int32()};
    decoded.api = findApi(key);
    if (!in.ok() || decoded.api == nullptr) {
        return tl::unexpected(fmt::format("no API has the key {}", key));
    }
    if (!decoded.api->serves(version)) {
        decoded.unsupportedVersion = decoded.api == &apiVersionsApi;  // its layout is not known
        return decoded.unsupportedVersion ? Result<DecodedRequest, std::string>{std::move(decoded)}
                                          : tl::unexpected(fmt::format("API {} has no version {}", key, version));
    }
    Apis::findIf([&]<class R>() {
        if (&R::api != decoded.api) {
            return false;
        }
        auto request = decodeAs<R>(in, version);
        request->correlationId = decoded.correlationId;
        if constexpr (requires { request->isAnswered(); }) {
            decoded.isAnswered = request->isAnswered();
        }
        decoded.message = std::move(request);
        return true;
    });
    if (!in.ok()) {
        return tl::unexpected(fmt::format("a request of API {} version {} is cut short", key, version));
    }
    return decoded;
}

std::string encodeResponse(const sim::Message& response) {
    std::string frame;
    const bool isKnown = Apis::findIf([&]<class R>() { return encodeIf<typename R::Response>(response, frame); });
    MILLRACE_CHECK(isKnown, response.summary());
    return frame;
}

std::string encodeApiVersions(const DecodedRequest& request) {
    ApiVersionsResponse response;
    if (request.unsupportedVersion) {
        response.error = ErrorCode::UnsupportedVersion;
        response.apis = {{apiVersionsApi.key, apiVersionsApi.oldest, apiVersionsApi.served}};
        response.version = 0;
    } else {
        response.apis = clientApis();
        response.version = request.message->as<ApiVersionsRequest>()->version;
    }
    response.correlationId = request.correlationId;
    return encodeResponse(response);
}

}  // namespace millrace::kafka::codec

namespace millrace::kafka {

std::vector<ApiVersionsResponse::Range> clientApis() {
    std::vector<ApiVersionsResponse::Range> ranges;
    for (const Api* api : Apis::rows) {
        if (api->isForClients) {
            ranges.push_back({api->key, api->oldest, api->served});
        }
    }
    std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    return ranges;
}

}  // namespace millrace::kafka
