#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/shared_log.h"
#include "engine/base/shared_map.h"
#include "engine/base/sim_time.h"
#include "engine/sim/ids.h"

namespace millrace::sim {

enum class Severity : std::uint8_t {
    Trace,    ///< records and tuples that someone follows; kept in a ring
    Detail,   ///< control plane, of interest to who studies the system
    Notice,   ///< something a person should see: elected, rebalanced, shrunk, fault injected
    Warning,  ///< something is degraded: in-sync set shrank, tuple failed, line rejected
    Error     ///< something is lost or broken
};

/// What an actor writes into the journal. `kind` is `<room>.<what-happened>` in kebab case ("kafka.leader-elected"),
/// `text` one sentence for people, `fields` the typed facts that tests and filters read.
struct JournalDraft {
    std::string_view kind;  ///< must have static storage
    Severity severity = Severity::Notice;
    std::string text;
    std::vector<std::pair<std::string_view, std::string>> fields;  ///< keys must have static storage
    /// What makes entries of one kind, place and cause the same thing to a reader, such as a source and a reason: they
    /// are counted into one. Empty: each entry is a story of its own.
    std::string alike = {};
    bool isOwnReason = false;  ///< what came before is not why: those alike are counted together whatever their causes
    /// The stable name of a process that has not been heard of: what keeps it or its host silent is why, where that is
    /// known and still holds. For who looks after many at once; who waits for one has `Context::waitFor`.
    std::string silent = {};
    bool isOfFullDisk = false;  ///< its host's disk takes no more: what filled it is why, where a fault did
};

/// Entries that say the same again and again, from `first` on. Those beyond `Journal::keptOfAlike` are only counted.
struct Repeats {
    JournalId first;
    JournalId newest;  ///< the last that was kept
    std::uint64_t count = 0;
    SimTime last;      ///< when the newest came, kept or not
    JournalId reason;  ///< what they have as cause in common
};

/// One line of the story of a run. Immutable.
struct JournalEntry final : Counted {
    JournalId id;
    SimTime time;
    std::string place;  ///< stable name of the process, host or link it is about: "broker/1", "host/h4"
    std::string_view kind;
    Severity severity = Severity::Notice;
    std::string text;
    std::vector<std::pair<std::string_view, std::string>> fields;
    JournalId cause;                       ///< newest entry in the past of what wrote this one
    std::optional<std::uint32_t> repeats;  ///< which of `Journal::repeats` counts it

    /// The field's value or an empty text.
    [[nodiscard]] std::string_view field(std::string_view key) const {
        for (const auto& [name, value] : fields) {
            if (name == key) {
                return value;
            }
        }
        return {};
    }
};

/// The story of a run. Ids count from 1 and are never reused. The oldest entries are forgotten past `limit`, counted.
/// Of entries that say the same the first `keptOfAlike` are kept, and all are counted: a flood neither fills the
/// journal nor hides what else happened. Of the others the 10,000th, the 100,000th and so on are kept too, with their
/// number. Entries of one kind and place from more than `causesOfAlike` causes are one flood too.
class Journal {
public:
    static constexpr std::uint64_t limit = 1'000'000;
    static constexpr std::uint64_t keptOfAlike = 1'000;
    static constexpr std::uint32_t causesOfAlike = 20;

    Journal() { m_entries.append(nullptr); }  // id 0 is "none"

    [[nodiscard]] JournalId nextId() const { return JournalId{static_cast<std::uint32_t>(m_entries.endIndex())}; }
    [[nodiscard]] JournalId lastId() const { return JournalId{nextId().value - 1}; }
    [[nodiscard]] JournalId firstId() const {
        return JournalId{static_cast<std::uint32_t>(m_entries.firstIndex() == 0 ? 1 : m_entries.firstIndex())};
    }
    /// Null when forgotten or not yet written.
    [[nodiscard]] const JournalEntry* find(JournalId id) const;
    [[nodiscard]] std::uint64_t size() const { return nextId().value - firstId().value; }
    [[nodiscard]] std::uint64_t forgotten() const { return firstId().value - 1; }
    /// Gives the entry's id; of one that is only counted, that of the newest of its kind that was kept.
    JournalId append(Ref<JournalEntry> entry, const JournalDraft& draft = {});

    /// How often what this entry says was said; null when it stands for itself.
    [[nodiscard]] const Repeats* repeatsOf(const JournalEntry& entry) const {
        return entry.repeats ? &m_repeats[*entry.repeats] : nullptr;
    }
    /// All that were written, kept or not: grows with each entry.
    [[nodiscard]] std::uint64_t written() const { return m_written; }

private:
    struct Family {
        std::uint32_t causes = 0;
        std::uint32_t newest = 0;  ///< index of its newest repeats
    };

    [[nodiscard]] std::uint32_t repeatsFor(const JournalEntry& entry, std::string_view alike, bool isOwnReason);

    SharedLog<Ref<const JournalEntry>> m_entries;
    SharedLog<Repeats> m_repeats;
    SharedMap<std::uint64_t, std::uint32_t> m_repeatsByKey;  ///< by kind, place, what is alike, and cause
    SharedMap<std::uint64_t, Family> m_families;             ///< by kind, place and what is alike
    std::uint64_t m_written = 0;
};

}  // namespace millrace::sim
