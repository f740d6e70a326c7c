#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/ref.h"

namespace millrace {

using ByteSpan = std::span<const std::byte>;
using ByteBuffer = std::vector<std::byte>;

[[nodiscard]] inline ByteSpan bytesOf(std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}
[[nodiscard]] inline std::string_view textOf(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Immutable shared bytes with their digest.
class Bytes final : public Counted {
public:
    explicit Bytes(std::string content) : m_content(std::move(content)) {
        Digest digest;
        digest.add(std::string_view{m_content});
        m_digest = digest.value();
    }
    [[nodiscard]] std::string_view text() const { return m_content; }
    [[nodiscard]] ByteSpan span() const { return bytesOf(m_content); }
    [[nodiscard]] std::size_t size() const { return m_content.size(); }
    [[nodiscard]] std::uint64_t digest() const { return m_digest; }

private:
    std::string m_content;
    std::uint64_t m_digest = 0;
};
using BytesRef = Ref<const Bytes>;

}  // namespace millrace
