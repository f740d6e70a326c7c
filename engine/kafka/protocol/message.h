#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "engine/kafka/types.h"
#include "engine/sim/message.h"

namespace millrace::kafka {

/// Sizes of the parts that Kafka's messages are made of, in the encodings before "flexible versions".
namespace wire {
inline constexpr ByteCount int8 = 1, int16 = 2, int32 = 4, int64 = 8, boolean = 1;
inline constexpr ByteCount array = 4;  ///< an array's count
inline constexpr ByteCount bytes = 4;  ///< a byte field's length
[[nodiscard]] inline ByteCount string(std::string_view text) {
    return int16 + static_cast<ByteCount>(text.size());
}
[[nodiscard]] inline ByteCount string(const TopicName& name) {
    return int16 + static_cast<ByteCount>(name.size());
}
[[nodiscard]] inline ByteCount brokers(const std::vector<BrokerId>& ids) {
    return array + static_cast<ByteCount>(ids.size()) * int32;
}
/// Topics hold their partitions on the wire; here partitions stand in one flat list, those of a topic side by side.
/// Gives the bytes of the topics' names and counts, without what each partition says.
template <class Items>
[[nodiscard]] ByteCount topics(const Items& items) {
    ByteCount size = array;
    const TopicName* last = nullptr;
    for (const auto& item : items) {
        if (last == nullptr || !(*last == item.partition.topic)) {
            size += string(item.partition.topic) + array;
            last = &item.partition.topic;
        }
    }
    return size;
}
}  // namespace wire

/// A request with Kafka's header: the client's name and the number that its answer will carry. The answer comes back on
/// the same connection, and a connection's requests are answered in order.
template <class Derived>
struct Request : sim::MessageBase<Derived> {
    CorrelationId correlationId;
    ClientId clientId;

protected:
    Request() = default;
    /// Size prefix, api key, version, correlation id, client id.
    [[nodiscard]] ByteCount headerSize() const { return 4 + 2 + 2 + 4 + 2 + static_cast<ByteCount>(clientId.size()); }
    void digestHeader(Digest& digest) const {
        digest.add(correlationId.value);
        digest.add(clientId.hash());
    }
};

template <class Derived>
struct Response : sim::MessageBase<Derived> {
    CorrelationId correlationId;

protected:
    Response() = default;
    /// Size prefix and correlation id.
    [[nodiscard]] static constexpr ByteCount headerSize() { return 4 + 4; }
    void digestHeader(Digest& digest) const { digest.add(correlationId.value); }
};

inline void addTo(Digest& digest, ErrorCode code) {
    digest.add(static_cast<std::int32_t>(number(code)));
}

}  // namespace millrace::kafka
