#include "engine/sim/journal.h"

#include "engine/base/digest.h"

namespace millrace::sim {

const JournalEntry* Journal::find(JournalId id) const {
    if (id == noEntry || id.value < m_entries.firstIndex() || id.value >= m_entries.endIndex()) {
        return nullptr;
    }
    return m_entries[id.value].get();
}

namespace {

std::uint64_t familyOf(const JournalEntry& entry, std::string_view alike) {
    Digest digest;
    digest.add(entry.kind);
    digest.add(std::string_view{entry.place});
    digest.add(alike);
    return digest.value();
}

bool isPowerOfTen(std::uint64_t number) {
    while (number >= 10 && number % 10 == 0) {
        number /= 10;
    }
    return number == 1;
}

}  // namespace

std::uint32_t Journal::repeatsFor(const JournalEntry& entry, std::string_view alike, bool isOwnReason) {
    const std::uint64_t familyKey = familyOf(entry, alike);
    const Family* known = m_families.find(familyKey);
    // Floods that feed themselves or each other have the reason that the first of them had.
    const JournalEntry* cause = isOwnReason ? nullptr : find(entry.cause);
    JournalId reason = cause == nullptr ? noEntry : cause->id;
    if (cause != nullptr && cause->repeats) {
        reason = m_repeats[*cause->repeats].reason;
    }
    Digest withCause{familyKey};
    withCause.add(reason.value);
    if (const std::uint32_t* found = m_repeatsByKey.find(withCause.value())) {
        return *found;
    }
    if (known != nullptr && known->causes >= causesOfAlike) {
        return known->newest;
    }
    const auto index = static_cast<std::uint32_t>(m_repeats.endIndex());
    m_repeats.append(Repeats{nextId(), nextId(), 0, entry.time, reason});
    m_repeatsByKey.set(withCause.value(), index);
    m_families.set(familyKey, Family{known == nullptr ? 1 : known->causes + 1, index});
    return index;
}

JournalId Journal::append(Ref<JournalEntry> entry, const JournalDraft& draft) {
    ++m_written;
    const JournalId id = nextId();
    if (!draft.alike.empty()) {
        const std::uint32_t index = repeatsFor(*entry, draft.alike, draft.isOwnReason);
        Repeats& repeats = m_repeats.update(index);
        ++repeats.count;
        repeats.last = entry->time;
        if (repeats.count > keptOfAlike) {
            if (!isPowerOfTen(repeats.count)) {
                return repeats.newest;
            }
            entry->fields.emplace_back("count", std::to_string(repeats.count));
        }
        repeats.newest = id;
        entry->repeats = index;
    }
    entry->id = id;
    m_entries.append(std::move(entry));
    if (m_entries.size() > limit + limit / 16) {
        m_entries.dropFront(m_entries.endIndex() - limit);
    }
    return id;
}

}  // namespace millrace::sim
