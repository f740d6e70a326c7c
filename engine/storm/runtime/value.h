#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/digest.h"

namespace millrace::storm {

/// One field of a tuple: a small value, or a view of text that the tuple's batch keeps alive. Kinds are Java's, because
/// fields grouping hashes as Java does (an Integer 7 and a Long 7 are different values there).
class Value {
public:
    enum class Kind : std::uint8_t { Null, Bool, Int, Long, Double, Text };

    constexpr Value() = default;
    [[nodiscard]] static Value ofBool(bool value) { return {Kind::Bool, value ? 1U : 0U, 0}; }
    [[nodiscard]] static Value ofInt(std::int32_t value) {
        return {Kind::Int, static_cast<std::uint64_t>(static_cast<std::int64_t>(value)), 0};
    }
    [[nodiscard]] static Value ofLong(std::int64_t value) { return {Kind::Long, static_cast<std::uint64_t>(value), 0}; }
    [[nodiscard]] static Value ofDouble(double value) { return {Kind::Double, std::bit_cast<std::uint64_t>(value), 0}; }
    /// The text must outlive the tuple: it lies in what the tuple's batch holds.
    [[nodiscard]] static Value ofText(std::string_view text) {
        return {Kind::Text, std::bit_cast<std::uint64_t>(text.data()), static_cast<std::uint32_t>(text.size())};
    }

    [[nodiscard]] Kind kind() const { return m_kind; }
    [[nodiscard]] bool isNull() const { return m_kind == Kind::Null; }
    [[nodiscard]] bool isText() const { return m_kind == Kind::Text; }
    [[nodiscard]] bool asBool() const { return m_bits != 0; }
    [[nodiscard]] std::int64_t asLong() const { return static_cast<std::int64_t>(m_bits); }
    [[nodiscard]] double asDouble() const { return std::bit_cast<double>(m_bits); }
    [[nodiscard]] std::string_view asText() const { return {std::bit_cast<const char*>(m_bits), m_size}; }

    [[nodiscard]] std::uint32_t wireSize() const { return m_kind == Kind::Text ? 2 + m_size : 9; }
    void digest(Digest& digest) const {
        if (m_kind == Kind::Text) {
            digest.add(asText());
        } else {
            digest.add(m_bits + (static_cast<std::uint64_t>(m_kind) << 60U));
        }
    }
    /// As people read it; text without quotes.
    [[nodiscard]] std::string toText() const;

private:
    constexpr Value(Kind kind, std::uint64_t bits, std::uint32_t size) : m_bits(bits), m_size(size), m_kind(kind) {}

    std::uint64_t m_bits = 0;
    std::uint32_t m_size = 0;
    Kind m_kind = Kind::Null;
};
static_assert(sizeof(Value) == 16);

/// `hashCode()` of the value's Java counterpart.
[[nodiscard]] std::int32_t javaHash(const Value& value);
[[nodiscard]] std::int32_t javaHash(std::string_view text);
/// `Arrays.deepHashCode` of a list of values: starts at 1, h = 31 h + e.
[[nodiscard]] std::int32_t javaHash(std::span<const Value> values);

}  // namespace millrace::storm
