#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/ref.h"
#include "engine/storm/config.h"
#include "engine/storm/runtime/load.h"
#include "engine/storm/runtime/routes.h"

namespace millrace::storm {

/// Whom a shuffle grouping sends to next, for one emitting task and one consumer.
///
/// Storm 2.8's LoadAwareShuffleGrouping: a ring of targets in shuffled order is walked round. Only targets within the
/// present scope are in it: those of the same worker as long as there are any, then those of the same node, of the same
/// rack, and all. When the mean load of the scope's targets is above the higher bound the scope widens, below the lower
/// bound it narrows, one step a refresh. Within the scope each target has a weight of at most 100: it grows by 1 at a
/// refresh while its load is within 0.05 of the least, else it shrinks by 10. A target's places in the ring are in
/// proportion to its weight.
///
/// With `topology.disable.loadaware.messaging` (and Storm's ShuffleGrouping) the ring is the list of targets, shuffled
/// once.
///
/// All nodes are in one rack, as by DefaultRackDNSToSwitchMapping. A ring whose weights and scope have not changed is
/// not shuffled anew, which Storm does. What waits in a connection's buffer counts for no load.
class ShuffleRing {
public:
    ShuffleRing() = default;
    ShuffleRing(std::vector<TaskId> targets, RandomStream& random);

    [[nodiscard]] TaskId next() {
        const std::vector<TaskId>& ring = m_state->ring;
        const TaskId task = ring[m_next];
        m_next = m_next + 1 == ring.size() ? 0 : m_next + 1;
        return task;
    }

    /// From now on only targets of this worker, if it has any: local-or-shuffle.
    void keepLocal(const RouteTable& routes, RandomStream& random);
    /// Scope, weights and ring by the loads (null: nothing is known yet).
    void refresh(const RouteTable& routes, const LoadMap* loads, const TopologyConfig& config, RandomStream& random);

    [[nodiscard]] Scope scope() const { return m_state->scope; }
    [[nodiscard]] const std::vector<TaskId>& targets() const { return m_state->targets; }
    [[nodiscard]] const std::vector<std::uint8_t>& weights() const { return m_state->weights; }

private:
    /// Replaced as a whole when something changes, so that a copy of an executor shares it.
    struct State final : Counted {
        std::vector<TaskId> targets;        // ascending
        std::vector<std::uint8_t> weights;  // by target
        std::vector<std::size_t> chosen;    // indices of the targets in the ring
        std::vector<TaskId> ring;
        Scope scope = Scope::WorkerLocal;

        [[nodiscard]] std::vector<std::size_t> within(Scope limit, const RouteTable& routes) const;
        [[nodiscard]] Scope nextScope(const RouteTable& routes, const LoadMap* loads,
                                      const TopologyConfig& config) const;
        void fill(RandomStream& random);
    };

    Ref<const State> m_state;
    std::uint32_t m_next = 0;  // in the ring
};

}  // namespace millrace::storm
