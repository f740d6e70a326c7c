#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/strong.h"
#include "engine/sim/disk.h"

namespace millrace::hadoop {

/// Sorted output of a map for one reduce, or several of them merged. Records of one key stand in a group, which says
/// how many there are and what they come to: what no record of a job here differs in is not written down once more for
/// each. Sizes are those of the records themselves. Immutable and shared: whoever fetches it gets the same one.
class Run final : public sim::Chunk {
public:
    struct Group {
        std::uint32_t at = 0;
        std::uint32_t length = 0;
        std::uint64_t records = 0;
        std::int64_t sum = 0;  ///< of their values
    };

    [[nodiscard]] std::string_view key(const Group& group) const {
        return std::string_view{m_keys}.substr(group.at, group.length);
    }
    [[nodiscard]] const std::vector<Group>& groups() const { return m_groups; }
    [[nodiscard]] std::uint64_t records() const { return m_records; }
    [[nodiscard]] ByteCount size() const override { return m_bytes; }
    [[nodiscard]] std::uint64_t digest() const override { return m_digest; }

private:
    friend class KeyTable;
    std::string m_keys;
    std::vector<Group> m_groups;
    std::uint64_t m_records = 0;
    ByteCount m_bytes = 0;
    std::uint64_t m_digest = 1;
};
using RunRef = Ref<const Run>;

/// Keys with what their records come to: what a map has emitted since its last spill, or a reduce has fetched.
class KeyTable {
public:
    void add(std::string_view key, std::uint64_t records, std::int64_t sum);
    void add(const Run& run);
    void clear();

    [[nodiscard]] std::size_t keys() const { return m_entries.size(); }
    [[nodiscard]] std::uint64_t records() const { return m_records; }
    /// Of the records' keys.
    [[nodiscard]] ByteCount keyBytes() const { return m_keyBytes; }

    /// A sorted run for each of so many reduces. With a combiner each key becomes one record. A record takes its key,
    /// a value of that size and the two lengths of Hadoop's IFile.
    [[nodiscard]] std::vector<RunRef> sorted(std::uint32_t reduces, bool combines, ByteCount valueBytes) const;

private:
    struct Entry {
        std::uint64_t hash = 0;
        std::uint32_t at = 0;
        std::uint32_t length = 0;
        std::uint64_t records = 0;
        std::int64_t sum = 0;
    };
    void grow();
    [[nodiscard]] std::string_view keyOf(const Entry& entry) const {
        return std::string_view{m_keys}.substr(entry.at, entry.length);
    }

    std::string m_keys;
    std::vector<Entry> m_entries;
    std::vector<std::uint32_t> m_slots;  ///< index of an entry + 1
    std::uint64_t m_records = 0;
    ByteCount m_keyBytes = 0;
};

/// Which reduce gets a key: its hash modulo their number, as HashPartitioner does with Text. Source: Hadoop 1.2,
/// WritableComparator.hashBytes.
[[nodiscard]] std::uint32_t partitionOf(std::string_view key, std::uint32_t reduces);

}  // namespace millrace::hadoop
