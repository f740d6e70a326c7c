#pragma once

#include <optional>
#include <string>

#include "engine/base/check.h"
#include "engine/kafka/protocol/message.h"
#include "engine/kafka/wire/decoder.h"

namespace millrace::kafka::codec {

template <class M>
[[nodiscard]] char* encodeHeader(const M& message, std::string& frame) {
    Encoder<false, ByteWriter> header(message.version, {frame.data()});
    header.number(static_cast<std::int32_t>(frame.size() - 4));
    if constexpr (requires { message.clientId; }) {
        header.number(M::api.key);
        header.number(message.version);
        header.number(message.correlationId);
        header.text(message.clientId, false);  // with 16 bits of length in flexible versions as well
    } else {
        header.number(message.correlationId);
    }
    // The zero that ends a flexible header, which has no tags, stands there already.
    return header.out.at + (M::api.isFlexible(message.version) && !M::hasPlainHeader ? 1 : 0);
}

/// A frame with its length in front; nothing when a field says something that the message's version cannot carry.
template <class M>
[[nodiscard]] std::optional<std::string> encode(const M& message) {
    std::string frame(static_cast<std::size_t>(message.wireSize()), '\0');
    ByteWriter out{encodeHeader(message, frame)};
    const auto with = [&]<bool isFlexible>(Encoder<isFlexible, ByteWriter> body) {
        body.structure(message, OwnFields{});
        MILLRACE_CHECK(body.hasRefused || body.out.at == frame.data() + frame.size(), message.summary(), frame.size());
        return !body.hasRefused;
    };
    const bool isWhole = M::api.isFlexible(message.version) ? with(Encoder<true, ByteWriter>(message.version, out))
                                                            : with(Encoder<false, ByteWriter>(message.version, out));
    return isWhole ? std::optional{std::move(frame)} : std::nullopt;
}

/// The body of a message whose version is set, behind its header. Whether all went well is the reader's to say.
template <class M>
void decodeBody(WireReader& in, M& message) {
    if (M::api.isFlexible(message.version)) {
        Decoder<true>(message.version, in).structure(message, OwnFields{});
    } else {
        Decoder<false>(message.version, in).structure(message, OwnFields{});
    }
    if constexpr (requires { message.decoded(); }) {
        message.decoded();
    }
}

}  // namespace millrace::kafka::codec
