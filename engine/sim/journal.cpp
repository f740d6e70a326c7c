#include "engine/sim/journal.h"

namespace millrace::sim {

const JournalEntry* Journal::find(JournalId id) const {
    if (id == noEntry || id.value < m_entries.firstIndex() || id.value >= m_entries.endIndex()) {
        return nullptr;
    }
    return m_entries[id.value].get();
}

JournalId Journal::append(Ref<const JournalEntry> entry) {
    const JournalId id = nextId();
    m_entries.append(std::move(entry));
    if (m_entries.size() > limit + limit / 16) {
        m_entries.dropFront(m_entries.endIndex() - limit);
    }
    return id;
}

}  // namespace millrace::sim
