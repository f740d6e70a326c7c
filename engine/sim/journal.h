#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/shared_log.h"
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
    JournalId cause;  ///< newest entry in the past of what wrote this one

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
class Journal {
public:
    static constexpr std::uint64_t limit = 1'000'000;

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
    JournalId append(Ref<const JournalEntry> entry);

private:
    SharedLog<Ref<const JournalEntry>> m_entries;
};

}  // namespace millrace::sim
