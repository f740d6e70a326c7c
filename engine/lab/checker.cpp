#include "engine/lab/checker.h"

#include <algorithm>

namespace millrace::lab {

void Checker::observe(const sim::World& world) {
    if (m_hasLooked && !isLaterThanLast(world)) {
        for (const auto& invariant : m_invariants) {
            invariant->forget();
        }
        m_hasLooked = false;
    }
    if (isDue(world)) {
        look(world);
    }
}

/// A later state of the same history still has the newest entry that was seen, as the same shared object.
bool Checker::isLaterThanLast(const sim::World& world) const {
    if (world.eventsProcessed() < m_lastEvents || world.now() < m_lastTime) {
        return false;
    }
    const sim::Journal& journal = world.journal();
    return m_lastEntry == sim::noEntry || m_lastEntry < journal.firstId() ||
           journal.find(m_lastEntry) == m_lastEntryObject;
}

bool Checker::isDue(const sim::World& world) const {
    if (!m_hasLooked || world.now() - m_lastTime >= interval) {
        return true;
    }
    const sim::Journal& journal = world.journal();
    const std::uint32_t from = std::max(m_lastEntry.value + 1, journal.firstId().value);
    for (std::uint32_t id = from; id <= journal.lastId().value; ++id) {
        const sim::JournalEntry* entry = journal.find(sim::JournalId{id});
        if (entry != nullptr && entry->severity >= sim::Severity::Notice) {
            return true;
        }
    }
    return false;
}

void Checker::look(const sim::World& world) {
    m_hasLooked = true;
    m_lastTime = world.now();
    m_lastEvents = world.eventsProcessed();
    m_lastEntry = world.journal().lastId();
    m_lastEntryObject = world.journal().find(m_lastEntry);
    for (const auto& invariant : m_invariants) {
        invariant->observe(world);
        if (m_ledger != nullptr) {
            invariant->observeBooks(world, *m_ledger);
        }
    }
}

void Checker::observeEffects(const sim::World& world, const std::vector<sim::NumberedEffect>& effects) {
    for (const auto& invariant : m_invariants) {
        invariant->observeEffects(world, effects);
    }
}

void Checker::finish(const sim::World& world, bool drained) {
    observe(world);
    look(world);
    for (const auto& invariant : m_invariants) {
        invariant->finish(world, drained);
    }
}

bool Checker::holds() const {
    return std::all_of(m_invariants.begin(), m_invariants.end(), [](const auto& each) { return each->holds(); });
}

std::vector<InvariantStatus> Checker::status() const {
    std::vector<InvariantStatus> all;
    for (const auto& each : m_invariants) {
        all.push_back({std::string{each->name()}, std::string{each->statement()}, each->checked(), each->first()});
    }
    return all;
}

}  // namespace millrace::lab
