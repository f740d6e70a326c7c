#pragma once

#include <cstdint>

#include "engine/base/strong.h"

namespace millrace::storm {

/// Numbers of a topology's tasks, from 1; `__system` has -1.
using TaskId = Strong<struct TaskIdTag, std::int32_t>;
/// Index of a component in the alphabetical order of its topology.
using ComponentIndex = Strong<struct ComponentIndexTag, std::uint16_t>;

inline constexpr TaskId noTask{0};
inline constexpr ComponentIndex noComponent{0xFFFF};

/// A thread of a worker: a contiguous range of one component's tasks.
struct ExecutorRange {
    TaskId first;
    TaskId last;

    [[nodiscard]] constexpr std::int32_t taskCount() const { return last.value - first.value + 1; }
    friend constexpr auto operator<=>(const ExecutorRange&, const ExecutorRange&) = default;
};

}  // namespace millrace::storm
