#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "engine/storm/ids.h"
#include "engine/storm/state.h"

namespace millrace::storm {

using ExecutorSlots = std::map<ExecutorRange, Slot>;

/// What the scheduler is told about one topology.
struct SchedulingRequest {
    std::int32_t workers = 1;
    std::vector<ExecutorRange> executors;  ///< all, by first task
    ExecutorSlots alive;                   ///< where those that live run
    std::vector<Slot> freeSlots;           ///< of live supervisors; neither used nor hidden
    std::vector<Slot> knownSlots;          ///< all slots of live supervisors
};

/// A topology needs scheduling when it has fewer workers than it wants, or executors without a slot.
[[nodiscard]] bool needsScheduling(const SchedulingRequest& request);

/// Free slots in the order in which EvenScheduler takes them: nodes with more free slots first (then by name), one from
/// each node in turn, ports ascending.
[[nodiscard]] std::vector<Slot> sortedSlots(const std::vector<Slot>& freeSlots);

/// Storm's DefaultScheduler over EvenScheduler (2.8). Slots whose number of executors does not fit the ideal integer
/// split over the slots to use are freed, those that fit stay (minimal movement); executors without a slot are then
/// dealt, by first task, round robin over the new slots. Gives where every executor runs from now on; executors that
/// find no slot are absent.
[[nodiscard]] ExecutorSlots schedule(const SchedulingRequest& request);

}  // namespace millrace::storm
