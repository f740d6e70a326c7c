#include "engine/kafka/partitioner.h"

#include "engine/base/check.h"

namespace millrace::kafka {

std::int32_t murmur2(std::string_view bytes) {
    constexpr std::uint32_t m = 0x5bd1e995U;
    constexpr unsigned r = 24;
    const auto byteAt = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };

    std::uint32_t h = 0x9747b28cU ^ static_cast<std::uint32_t>(bytes.size());
    std::size_t at = 0;
    for (; at + 4 <= bytes.size(); at += 4) {
        std::uint32_t k = byteAt(at) | byteAt(at + 1) << 8U | byteAt(at + 2) << 16U | byteAt(at + 3) << 24U;
        k *= m;
        k ^= k >> r;
        k *= m;
        h *= m;
        h ^= k;
    }
    const std::size_t rest = bytes.size() - at;
    if (rest >= 3) {
        h ^= byteAt(at + 2) << 16U;
    }
    if (rest >= 2) {
        h ^= byteAt(at + 1) << 8U;
    }
    if (rest >= 1) {
        h ^= byteAt(at);
        h *= m;
    }
    h ^= h >> 13U;
    h *= m;
    h ^= h >> 15U;
    return static_cast<std::int32_t>(h);
}

PartitionIndex partitionOfKey(std::string_view key, std::int32_t partitionCount) {
    MILLRACE_CHECK(partitionCount > 0, partitionCount);
    return PartitionIndex{(murmur2(key) & 0x7fffffff) % partitionCount};
}

std::int32_t javaHashCode(std::string_view text) {
    std::uint32_t hash = 0;
    for (const char c : text) {
        hash = hash * 31U + static_cast<unsigned char>(c);
    }
    return static_cast<std::int32_t>(hash);
}

PartitionIndex offsetsPartitionOf(std::string_view group, std::int32_t partitionCount) {
    MILLRACE_CHECK(partitionCount > 0, partitionCount);
    return PartitionIndex{(javaHashCode(group) & 0x7fffffff) % partitionCount};
}

}  // namespace millrace::kafka
