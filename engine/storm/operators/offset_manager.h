#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace millrace::storm {

/// Which offsets of one partition are done, as ranges, and up to where all are: what may be committed. Gaps that the
/// log itself has (offsets without a record) count as done when the next record is emitted.
class OffsetManager {
public:
    OffsetManager() = default;
    explicit OffsetManager(std::int64_t first) : m_base(first), m_nextEmit(first) {}

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
    [[nodiscard]] std::size_t rangeCount() const { return m_done.size(); }

private:
    void markDone(std::int64_t first, std::int64_t end);

    std::int64_t m_base = 0;                                    // all before it are done
    std::int64_t m_nextEmit = 0;                                // all before it have been emitted
    std::vector<std::pair<std::int64_t, std::int64_t>> m_done;  // [first, end), sorted, apart, all above m_base
};

}  // namespace millrace::storm
