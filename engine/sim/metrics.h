#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/metric.h"
#include "engine/base/ref.h"

namespace millrace::sim {

/// Where an actor puts its figures when the world closes a sample, each a constant of its room; label tells apart what
/// one actor has several of.
class MetricSink {
public:
    virtual ~MetricSink() = default;
    virtual void add(const Metric& metric, double value, std::string_view label = {}) = 0;
    /// Where figures go of which an actor has so many (those of each partition) that once a second is enough; null when
    /// they are not due.
    virtual MetricSink* everySecond() { return this; }
};

/// What an actor's counters had come to when its process ended: of all incarnations that have ended so far, and of the
/// last of them. A present incarnation is not in it. This is how a figure of a whole run survives a restart, for
/// whatever an actor samples as a counter.
struct PastCounters final : Counted {
    struct Counter {
        std::string actor;  ///< its name within the process
        std::string name;
        std::string label;
        double sum = 0;   ///< over all incarnations
        double last = 0;  ///< at the end of the last incarnation that had it
    };
    std::vector<Counter> all;  ///< by actor, name and label

    [[nodiscard]] const Counter* find(std::string_view actor, std::string_view name, std::string_view label = {}) const;
    /// An incarnation has ended with this value.
    void add(std::string_view actor, std::string_view name, std::string_view label, double value);
};

}  // namespace millrace::sim
