#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "engine/base/utf8.h"

namespace millrace::kafka::codec {

/// Reads Kafka's primitive types, big-endian. Past the end everything reads as zero or empty and `ok` is false, so that
/// a decoder checks once, at its end.
class WireReader {
public:
    explicit WireReader(std::string_view content) : m_rest(content) {}

    [[nodiscard]] bool ok() const { return m_ok; }
    [[nodiscard]] std::string_view rest() const { return m_rest; }

    template <class Int>
    Int number() {
        static_assert(std::is_integral_v<Int>);
        std::uint64_t value = 0;
        for (const char c : take(sizeof(Int))) {
            value = (value << 8U) | static_cast<unsigned char>(c);
        }
        return static_cast<Int>(value);
    }
    std::int8_t int8() { return number<std::int8_t>(); }
    std::int16_t int16() { return number<std::int16_t>(); }
    std::int32_t int32() { return number<std::int32_t>(); }
    std::int64_t int64() { return number<std::int64_t>(); }
    bool boolean() { return int8() != 0; }

    std::optional<std::string_view> nullableString() { return sized(int16()); }
    /// What is a text here is one everywhere, and no longer than it came: a byte that is no UTF-8 becomes a question
    /// mark (Java reads it as U+FFFD).
    static std::string textOf(std::string_view bytes) {
        std::string text{bytes};
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t size = utf8CharacterSize(bytes.substr(at));
            text[at] = size == 0 ? '?' : text[at];
            at += size == 0 ? 1 : size;
        }
        return text;
    }
    std::string string() { return textOf(nullableString().value_or("")); }
    std::optional<std::string_view> nullableBytes() { return sized(int32()); }

    /// Count of an array; nothing when it is null. Counts that the rest cannot hold are an error, and so are more items
    /// in one message than anybody has partitions: as objects they take many times their bytes.
    static constexpr std::size_t itemsMax = 1'000'000;
    std::optional<std::int32_t> nullableArray() { return counted(int32()); }
    std::int32_t array() { return nullableArray().value_or(0); }
    std::optional<std::int32_t> compactArray() {
        const std::int64_t count = std::int64_t{unsignedVarint()} - 1;
        return counted(count);
    }

    std::uint32_t unsignedVarint() {
        std::uint32_t value = 0;
        for (unsigned shift = 0; shift < 35; shift += 7) {
            const auto byte = static_cast<std::uint8_t>(int8());
            value |= static_cast<std::uint32_t>(byte & 0x7FU) << shift;
            if (byte < 0x80U) {
                return value;
            }
        }
        m_ok = false;
        return 0;
    }
    std::optional<std::string_view> compactBytes() { return sized(std::int64_t{unsignedVarint()} - 1); }
    void skipTags() {
        for (std::uint32_t tags = unsignedVarint(); tags > 0 && m_ok; --tags) {
            static_cast<void>(unsignedVarint());
            take(unsignedVarint());
        }
    }
    std::string_view take(std::size_t size) {
        m_ok = m_ok && size <= m_rest.size();
        const std::string_view taken = m_rest.substr(0, m_ok ? size : 0);
        m_rest.remove_prefix(m_ok ? size : m_rest.size());
        return taken;
    }
    void fail() { m_ok = false; }

private:
    std::optional<std::int32_t> counted(std::int64_t count) {
        m_ok = m_ok && count >= -1 && static_cast<std::size_t>(count < 0 ? 0 : count) <= m_rest.size();
        m_items += m_ok && count > 0 ? static_cast<std::size_t>(count) : 0;
        m_ok = m_ok && m_items <= itemsMax;
        return !m_ok || count < 0 ? std::nullopt : std::optional{static_cast<std::int32_t>(count)};
    }
    std::optional<std::string_view> sized(std::int64_t size) {
        if (size < 0) {
            m_ok = m_ok && size == -1;
            return std::nullopt;
        }
        return take(static_cast<std::size_t>(size));
    }
    std::string_view m_rest;
    std::size_t m_items = 0;
    bool m_ok = true;
};

}  // namespace millrace::kafka::codec
