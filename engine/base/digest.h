#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace millrace {

/// A fast 64-bit content hash. Same bytes, same value, on every build: no addresses, no seeds, no library hash.
class Digest {
public:
    constexpr Digest() = default;
    constexpr explicit Digest(std::uint64_t start) : m_state(start) {}

    constexpr void add(std::uint64_t word) {
        m_state = (std::rotl(m_state, 23) ^ word) * 0x9E3779B97F4A7C15ULL;
        m_state ^= m_state >> 32U;
    }
    constexpr void add(std::int64_t word) { add(static_cast<std::uint64_t>(word)); }
    constexpr void add(std::int32_t word) { add(static_cast<std::uint64_t>(static_cast<std::int64_t>(word))); }
    constexpr void add(std::uint32_t word) { add(static_cast<std::uint64_t>(word)); }
    constexpr void add(bool word) { add(static_cast<std::uint64_t>(word ? 1 : 0)); }
    void add(double number) { add(std::bit_cast<std::uint64_t>(number)); }
    void add(std::string_view text) { addBytes(text.data(), text.size()); }
    void add(const char* text) { add(std::string_view{text}); }
    void add(std::span<const std::byte> bytes) { addBytes(bytes.data(), bytes.size()); }

    [[nodiscard]] constexpr std::uint64_t value() const {
        std::uint64_t x = m_state ^ (m_state >> 29U);
        x *= 0xBF58476D1CE4E5B9ULL;
        return x ^ (x >> 32U);
    }

private:
    void addBytes(const void* data, std::size_t size) {
        const auto* at = static_cast<const unsigned char*>(data);
        add(static_cast<std::uint64_t>(size));
        for (; size >= 8; size -= 8, at += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, at, 8);
            add(word);
        }
        if (size > 0) {
            add(shortWord(at, size));
        }
    }
    template <class T>
    static std::uint64_t load(const unsigned char* at) {
        T word = 0;
        std::memcpy(&word, at, sizeof word);
        return word;
    }
    /// The last one to seven bytes as the low ones of a word, by reads of fixed widths that overlap.
    static std::uint64_t shortWord(const unsigned char* at, std::size_t size) {
        static_assert(std::endian::native == std::endian::little);
        if (size >= 4) {
            return load<std::uint32_t>(at) | load<std::uint32_t>(at + size - 4) << (8 * (size - 4));
        }
        if (size >= 2) {
            return load<std::uint16_t>(at) | load<std::uint16_t>(at + size - 2) << (8 * (size - 2));
        }
        return *at;
    }

    std::uint64_t m_state = 0x243F6A8885A308D3ULL;
};

/// FNV-1a over a name; usable at compile time for kinds that must be stable numbers.
[[nodiscard]] constexpr std::uint32_t nameHash32(std::string_view name) {
    std::uint32_t hash = 2166136261U;
    for (const char c : name) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    return hash;
}

[[nodiscard]] constexpr std::uint64_t nameHash64(std::string_view name) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : name) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    return hash;
}

}  // namespace millrace
