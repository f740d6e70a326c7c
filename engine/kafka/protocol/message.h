#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
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
/// A string's length has 16 bits with a sign; what is longer is cut by the encoder.
inline constexpr std::size_t stringMax = 32'767;
[[nodiscard]] inline ByteCount string(std::string_view text) {
    return int16 + static_cast<ByteCount>(std::min(text.size(), stringMax));
}
[[nodiscard]] inline ByteCount string(const TopicName& name) {
    return int16 + static_cast<ByteCount>(name.size());
}
[[nodiscard]] inline ByteCount nullableString(const std::optional<std::string>& text) {
    return text ? string(*text) : int16;
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
/// The same for a list of nothing but partitions, with their indexes.
[[nodiscard]] inline ByteCount partitions(const std::vector<TopicPartition>& items) {
    ByteCount size = array;
    const TopicName* last = nullptr;
    for (const TopicPartition& item : items) {
        size += (last == nullptr || !(*last == item.topic) ? string(item.topic) + array : 0) + int32;
        last = &item.topic;
    }
    return size;
}
/// A field that messages have from a version on.
[[nodiscard]] constexpr ByteCount since(std::int16_t first, std::int16_t version, ByteCount size) {
    return version >= first ? size : 0;
}
}  // namespace wire

/// A request with Kafka's header: the client's name, the version in which it speaks, and the number that its answer
/// will carry. The answer comes back on the same connection in the same version, and a connection's requests are
/// answered in order. Clients of the simulation speak the newest version; others come through the gateway.
template <class Derived>
struct Request : sim::MessageBase<Derived> {
    CorrelationId correlationId;
    std::int16_t version = Derived::newestVersion;
    ClientId clientId;

protected:
    Request() = default;
    /// Size prefix, api key, version, correlation id, client id.
    [[nodiscard]] ByteCount headerSize() const { return 4 + 2 + 2 + 4 + 2 + static_cast<ByteCount>(clientId.size()); }
    void digestHeader(Digest& digest) const {
        digest.add(correlationId.value);
        digest.add(static_cast<std::int32_t>(version));
        digest.add(clientId.hash());
    }
};

template <class Derived>
struct Response : sim::MessageBase<Derived> {
    CorrelationId correlationId;
    std::int16_t version = Derived::newestVersion;

    /// Takes number and version from the request, or from where it came.
    template <class Asker>
    void answers(const Asker& asker) {
        correlationId = asker.correlationId;
        version = asker.version;
    }

protected:
    Response() = default;
    /// Size prefix and correlation id.
    [[nodiscard]] static constexpr ByteCount headerSize() { return 4 + 4; }
    void digestHeader(Digest& digest) const {
        digest.add(correlationId.value);
        digest.add(static_cast<std::int32_t>(version));
    }
};

inline void addTo(Digest& digest, ErrorCode code) {
    digest.add(static_cast<std::int32_t>(number(code)));
}

}  // namespace millrace::kafka
