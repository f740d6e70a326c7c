#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/scenario/scenario.h"
#include "engine/sim/world.h"

namespace millrace::run {

/// Tells a run that comes nearer to being drained from one that is only busy: time-outs, retries and replays may go on
/// for ever and bring nothing nearer. Nearer is what cannot be taken back: a source read further, a record settled, an
/// offset committed, a write that a sink did not have, a replica that has less to catch up with. Each counts only
/// beyond the best that it has been, so that what a restart does once more is not progress.
class ProgressWatch {
public:
    explicit ProgressWatch(const scenario::Scenario& scenario);

    /// To be called as the world moves on; looks at what is costly to see only when nothing else moves.
    void look(const sim::World& world);
    /// Nothing came nearer for so long that nothing will.
    [[nodiscard]] bool isStuck(const sim::World& world) const { return silence(world.now()) >= m_patience; }
    /// For how long nothing came nearer; negative before the last announced start.
    [[nodiscard]] SimDuration silence(SimTime now) const { return now - m_lastProgress; }
    /// How long that is: at least 15 minutes, and three times the longest silence that the scenario itself allows (a
    /// time-out, the time between two records). Time-outs beyond an hour are meant as "for ever" and count as an hour.
    [[nodiscard]] SimDuration patience() const { return m_patience; }

private:
    void mark(std::string name, std::int64_t value);

    const scenario::Scenario& m_scenario;
    SimDuration m_patience;
    SimTime m_lastProgress;
    SimTime m_nextLookInside;
    bool m_hasAdvanced = false;
    std::map<std::string, std::int64_t, std::less<>> m_best;
};

}  // namespace millrace::run
