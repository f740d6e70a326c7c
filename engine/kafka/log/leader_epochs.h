#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kafka/types.h"

namespace millrace::kafka {

/// Which leader epoch wrote which part of a log: epoch and the first offset written in it, both rising. What a replica
/// must cut off after a change of leader is decided from this and never from the high watermark (KIP-101, KIP-279).
/// Source: Kafka's LeaderEpochFileCache. Owned by the log; an epoch without records may stand at the end.
class LeaderEpochs {
public:
    struct Entry {
        LeaderEpoch epoch;
        Offset start;
        friend bool operator==(const Entry&, const Entry&) = default;
    };

    [[nodiscard]] const std::vector<Entry>& entries() const { return m_entries; }
    /// `noEpoch` when nothing is known.
    [[nodiscard]] LeaderEpoch latest() const { return m_entries.empty() ? noEpoch : m_entries.back().epoch; }

    /// True when the epoch is newer than all known ones, and now stands at `start`.
    bool assign(LeaderEpoch epoch, Offset start);
    /// The largest epoch not above `asked`, and where it ends; undefined when `asked` is unknown here or newer than
    /// all.
    [[nodiscard]] EpochEnd endOf(LeaderEpoch asked, Offset logEnd) const;
    /// Forgets what starts at or after `end`; true when something was forgotten.
    bool truncateEnd(Offset end);
    /// Forgets epochs that end at or before `start`; the one that holds it begins there.
    bool truncateStart(Offset start);

    /// Kafka's checkpoint file: version, count, "epoch start" lines.
    [[nodiscard]] std::string toCheckpoint() const;
    [[nodiscard]] static std::optional<LeaderEpochs> fromCheckpoint(std::string_view text);

private:
    std::vector<Entry> m_entries;
};

}  // namespace millrace::kafka
