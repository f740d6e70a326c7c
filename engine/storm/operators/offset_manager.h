#pragma once

#include <cstdint>

#include "engine/base/shared_log.h"

namespace millrace::storm {

/// Which offsets of one partition are done, and up to where all are: what may be committed. Gaps that the log itself
/// has (offsets without a record) count as done when the next record is emitted.
///
/// One bit an offset from the committable one on, in shared words: acks cost the same in whatever order they come and
/// however many tuples are missing between them.
class OffsetManager {
public:
    OffsetManager() = default;
    explicit OffsetManager(std::int64_t first) : m_origin(first), m_base(first), m_nextEmit(first) {}

    /// A record is emitted for the first time; offsets rise.
    void emitted(std::int64_t offset) {
        if (offset > m_nextEmit) {
            markDone(m_nextEmit, offset);
        }
        m_nextEmit = offset + 1;
    }
    void acked(std::int64_t offset) { markDone(offset, offset + 1); }

    /// The offset to commit: of the first record that is not done.
    [[nodiscard]] std::int64_t committable() const { return m_base; }
    [[nodiscard]] std::int64_t nextEmit() const { return m_nextEmit; }
    /// Words of 64 offsets that are kept for what is done above the committable offset.
    [[nodiscard]] std::uint64_t wordCount() const { return m_done.size(); }

private:
    void markDone(std::int64_t first, std::int64_t end);
    [[nodiscard]] std::uint64_t wordOf(std::int64_t offset) const {
        return static_cast<std::uint64_t>(offset - m_origin) / 64;
    }
    [[nodiscard]] unsigned bitOf(std::int64_t offset) const {
        return static_cast<unsigned>(static_cast<std::uint64_t>(offset - m_origin) % 64);
    }
    void setBits(std::int64_t first, std::int64_t end);
    void advance();

    std::int64_t m_origin = 0;            // offset of bit 0 of word 0
    std::int64_t m_base = 0;              // all before it are done
    std::int64_t m_nextEmit = 0;          // all before it have been emitted
    SharedLog<std::uint64_t, 64> m_done;  // from m_base's word on, as far as any was done
};

}  // namespace millrace::storm
