#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/base/digest.h"
#include "engine/base/strong.h"
#include "engine/sim/disk.h"

namespace millrace::hadoop {

/// A piece of immutable bytes that many share: of a file, of a block, of a packet. Never copied, whatever it passes.
struct Slice {
    BytesRef bytes;
    std::size_t from = 0;
    std::size_t to = 0;
    /// The value of a program whose serialised form they are; null for bytes that are read as such. It goes where the
    /// bytes go: who has all of them has it.
    Ref<const Counted> value;

    Slice() = default;
    explicit Slice(BytesRef all) : bytes(std::move(all)), to(bytes->size()) {}
    Slice(BytesRef all, std::size_t first, std::size_t end) : bytes(std::move(all)), from(first), to(end) {}

    [[nodiscard]] std::size_t size() const { return to - from; }
    [[nodiscard]] bool empty() const { return to == from; }
    [[nodiscard]] std::string_view text() const {
        return bytes ? bytes->text().substr(from, to - from) : std::string_view{};
    }
    [[nodiscard]] Slice part(std::size_t at, std::size_t length) const {
        Slice slice = *this;
        slice.from = std::min(from + at, to);
        slice.to = std::min(slice.from + length, to);
        return slice;
    }
    void digest(Digest& digest) const {
        digest.add(bytes ? bytes->digest() : std::uint64_t{0});
        digest.add(static_cast<std::uint64_t>(from));
        digest.add(static_cast<std::uint64_t>(to));
    }
};

/// What a packet brings and a DataNode keeps: bytes with the checksum that its writer computed.
class BlockChunk final : public sim::Chunk {
public:
    explicit BlockChunk(Slice content) : m_data(std::move(content)), m_sum(sumOf(m_data)) {}
    /// As a medium that has gone bad gives it back: other bytes under the old checksum.
    BlockChunk(Slice content, std::uint64_t sum) : m_data(std::move(content)), m_sum(sum) {}

    [[nodiscard]] ByteCount size() const override { return static_cast<ByteCount>(m_data.size()); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        m_data.digest(digest);
        digest.add(m_sum);
        return digest.value();
    }
    [[nodiscard]] const Slice& data() const { return m_data; }
    [[nodiscard]] std::uint64_t sum() const { return m_sum; }
    [[nodiscard]] bool isIntact() const { return sumOf(m_data) == m_sum; }

private:
    [[nodiscard]] static std::uint64_t sumOf(const Slice& slice) {
        Digest digest;
        digest.add(slice.text());
        return digest.value();
    }

    Slice m_data;
    std::uint64_t m_sum = 0;
};
using BlockChunkRef = Ref<const BlockChunk>;

}  // namespace millrace::hadoop
