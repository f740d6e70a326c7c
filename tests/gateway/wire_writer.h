#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::kafka::codec {

/// Writes Kafka's primitive types one by one: the tests' own hand, apart from the engine's encoder.
class WireWriter {
public:
    template <class Int>
    WireWriter& number(Int value) {
        for (int shift = static_cast<int>(sizeof(Int) - 1) * 8; shift >= 0; shift -= 8) {
            m_bytes.push_back(static_cast<char>((static_cast<std::uint64_t>(value) >> shift) & 0xFFU));
        }
        return *this;
    }
    WireWriter& int8(std::int8_t value) { return number(value); }
    WireWriter& int16(std::int16_t value) { return number(value); }
    WireWriter& int32(std::int32_t value) { return number(value); }
    WireWriter& int64(std::int64_t value) { return number(value); }
    WireWriter& boolean(bool value) { return number(static_cast<std::int8_t>(value ? 1 : 0)); }
    /// What is longer than a string may be is cut.
    WireWriter& string(std::string_view text) {
        text = text.substr(0, std::numeric_limits<std::int16_t>::max());
        number(static_cast<std::int16_t>(text.size()));
        m_bytes.append(text);
        return *this;
    }
    WireWriter& nullableString(const std::optional<std::string_view>& text) {
        return text ? string(*text) : number(std::int16_t{-1});
    }
    WireWriter& bytes(std::string_view content) {
        number(static_cast<std::int32_t>(content.size()));
        m_bytes.append(content);
        return *this;
    }
    WireWriter& array(std::size_t count) { return number(static_cast<std::int32_t>(count)); }
    WireWriter& unsignedVarint(std::uint32_t value) {
        while (value >= 0x80U) {
            m_bytes.push_back(static_cast<char>(static_cast<unsigned char>(value | 0x80U)));
            value >>= 7U;
        }
        m_bytes.push_back(static_cast<char>(static_cast<unsigned char>(value)));
        return *this;
    }
    /// An empty section of tagged fields.
    WireWriter& noTags() { return unsignedVarint(0); }

    [[nodiscard]] std::string& buffer() { return m_bytes; }
    [[nodiscard]] std::string take() { return std::move(m_bytes); }

private:
    std::string m_bytes;
};

}  // namespace millrace::kafka::codec
