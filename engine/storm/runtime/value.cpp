#include "engine/storm/runtime/value.h"

#include <fmt/format.h>

#include <cstring>

namespace millrace::storm {

namespace {

std::int32_t foldLong(std::uint64_t bits) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(bits ^ (bits >> 32U)));
}

/// Reads one code point of UTF-8 from `at` on. Bytes that are not UTF-8 count as themselves, one by one.
char32_t readCodePoint(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    const unsigned char first = byte(at);
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
    if (length == 1 || at + length > text.size()) {
        ++at;
        return first;
    }
    char32_t point = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80U) {
            ++at;
            return first;
        }
        point = (point << 6U) | (byte(at + i) & 0x3FU);
    }
    at += length;
    return point;
}

}  // namespace

std::int32_t javaHash(std::string_view text) {
    std::uint32_t hash = 0;
    std::size_t at = 0;
    // Four letters of ASCII at a time.
    for (; at + 4 <= text.size(); at += 4) {
        std::uint32_t four = 0;
        std::memcpy(&four, text.data() + at, sizeof four);
        if ((four & 0x80808080U) != 0) {
            break;
        }
        hash = 31 * 31 * 31 * 31 * hash + 31 * 31 * 31 * (four & 0xFFU) + 31 * 31 * (four >> 8U & 0xFFU) +
               31 * (four >> 16U & 0xFFU) + (four >> 24U);
    }
    while (at < text.size()) {
        const auto first = static_cast<unsigned char>(text[at]);
        if (first < 0x80U) {
            hash = 31 * hash + first;
            ++at;
            continue;
        }
        const char32_t point = readCodePoint(text, at);
        if (point >= 0x10000U) {
            const std::uint32_t rest = point - 0x10000U;
            hash = 31 * hash + (0xD800U + (rest >> 10U));
            hash = 31 * hash + (0xDC00U + (rest & 0x3FFU));
        } else {
            hash = 31 * hash + point;
        }
    }
    return static_cast<std::int32_t>(hash);
}

std::int32_t javaHash(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::Null:
            return 0;
        case Value::Kind::Bool:
            return value.asBool() ? 1231 : 1237;
        case Value::Kind::Int:
            return static_cast<std::int32_t>(value.asLong());
        case Value::Kind::Long:
            return foldLong(static_cast<std::uint64_t>(value.asLong()));
        case Value::Kind::Double:
            return foldLong(std::bit_cast<std::uint64_t>(value.asDouble()));
        case Value::Kind::Text:
            return javaHash(value.asText());
    }
    return 0;
}

std::int32_t javaHash(std::span<const Value> values) {
    std::uint32_t hash = 1;
    for (const Value& value : values) {
        hash = 31 * hash + static_cast<std::uint32_t>(javaHash(value));
    }
    return static_cast<std::int32_t>(hash);
}

std::string Value::toText() const {
    switch (m_kind) {
        case Kind::Null:
            return "null";
        case Kind::Bool:
            return asBool() ? "true" : "false";
        case Kind::Int:
        case Kind::Long:
            return std::to_string(asLong());
        case Kind::Double:
            return fmt::format("{}", asDouble());
        case Kind::Text:
            return std::string{asText()};
    }
    return {};
}

}  // namespace millrace::storm
