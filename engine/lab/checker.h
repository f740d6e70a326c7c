#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/lab/invariant.h"

namespace millrace::lab {

/// How one invariant stands, as the report prints it.
struct InvariantStatus {
    std::string name;
    std::string statement;
    std::uint64_t checked = 0;
    std::optional<Violation> first;
    [[nodiscard]] bool holds() const { return !first; }
};

/// Watches a run with a set of invariants. `observe` may be called as often as one likes, between any two events: it
/// looks when `interval` of simulated time has passed or a journal entry of severity notice or more has been written
/// since the last look, and does nothing otherwise. When the world it is given is earlier than the last one, or another
/// branch's, the run was rewound or forked: what was remembered is dropped and watching starts anew.
class Checker {
public:
    static constexpr SimDuration interval = std::chrono::milliseconds{100};

    explicit Checker(Invariants invariants = standardInvariants()) : m_invariants(std::move(invariants)) {}

    /// From now on the books of the run are looked at together with its world; they must outlive the last look.
    void follow(const run::Ledger& ledger) { m_ledger = &ledger; }
    void observe(const sim::World& world);
    void observeEffects(const sim::World& world, const std::vector<sim::NumberedEffect>& effects);
    /// A last look at the end of the run.
    void finish(const sim::World& world, bool drained);

    [[nodiscard]] bool holds() const;
    [[nodiscard]] std::vector<InvariantStatus> status() const;

private:
    void look(const sim::World& world);
    [[nodiscard]] bool isLaterThanLast(const sim::World& world) const;
    [[nodiscard]] bool isDue(const sim::World& world) const;

    Invariants m_invariants;
    const run::Ledger* m_ledger = nullptr;
    bool m_hasLooked = false;
    SimTime m_lastTime;
    std::uint64_t m_lastEvents = 0;
    sim::JournalId m_lastEntry;
    const void* m_lastEntryObject = nullptr;
};

}  // namespace millrace::lab
