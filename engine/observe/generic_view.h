#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/metric.h"
#include "engine/observe/object_id.h"
#include "engine/observe/state.h"

namespace millrace::observe {

/// A process as every face can show it. A system whose processes need no page of their own shows them so.
struct ProcessView {
    ObjectId id;
    ObjectId host;
    LifeState state = LifeState::Running;
    std::string note;  ///< beside its name: "leader", "2/4 cores"
};

/// A number with what it means; words and unit are the constant's.
struct Reading {
    const Metric* metric = nullptr;
    double value = 0;
};

/// A card of the logical face as the run has it now. What else is known of it are figures (`FigureView`).
struct NodeView {
    ObjectId id;
    Reading main;
    Reading second;
    std::int32_t executors = 0;
    double busy = -1;           ///< share of the time, 0..1; below 0 where nobody says
    std::string_view trouble;   ///< what is amiss, in a word; empty: nothing
    std::int64_t troubled = 0;  ///< how many of them; 0 where nobody counts
};

/// What goes along a wire.
struct WireView {
    ObjectId from;
    ObjectId to;
    double perSecond = 0;
    std::int64_t queued = 0;  ///< at its end
    std::int64_t room = 0;    ///< how many its queue takes; 0 where it has no bound
};

}  // namespace millrace::observe
