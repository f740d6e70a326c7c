#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace::kafka {

/// Zig-zag varints as they stand inside record batches (protobuf's sint). In requests varints are unsigned; not these.
[[nodiscard]] constexpr std::uint64_t zigZag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63U);
}
[[nodiscard]] constexpr std::int64_t unZigZag(std::uint64_t value) {
    return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
}

[[nodiscard]] constexpr std::size_t varintSize(std::int64_t value) {
    std::size_t size = 1;
    for (std::uint64_t rest = zigZag(value) >> 7U; rest != 0; rest >>= 7U) {
        ++size;
    }
    return size;
}

/// Where there is room for it; gives the end.
[[nodiscard]] inline char* writeVarint(char* out, std::int64_t value) {
    std::uint64_t rest = zigZag(value);
    while (rest >= 0x80U) {
        *out++ = static_cast<char>(static_cast<unsigned char>(rest | 0x80U));
        rest >>= 7U;
    }
    *out++ = static_cast<char>(static_cast<unsigned char>(rest));
    return out;
}

/// Reads one varint and moves `at` past it. Null in `at` when it runs over `end` or past ten bytes.
[[nodiscard]] inline std::int64_t readVarint(const char*& at, const char* end) {
    if (at != end && static_cast<unsigned char>(*at) < 0x80U) [[likely]] {
        return unZigZag(static_cast<unsigned char>(*at++));
    }
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70 && at != nullptr && at != end; shift += 7) {
        const auto byte = static_cast<unsigned char>(*at++);
        value |= static_cast<std::uint64_t>(byte & 0x7FU) << (shift < 64 ? shift : 63);
        if (byte < 0x80U) {
            return unZigZag(value);
        }
    }
    at = nullptr;
    return 0;
}

}  // namespace millrace::kafka
