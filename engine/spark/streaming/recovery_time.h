#pragma once

#include <limits>

namespace millrace::spark {

/// How long it takes to catch up after a failure, in units of the last checkpoint's age: closed forms of D-Streams
/// (SOSP 2013, section 4.4). `load` is the share of its capacity that an application uses before the failure: 0 <= load
/// < 1.

/// Upstream backup: one machine that stands by works off alone what the lost one had done since its checkpoint, beside
/// what comes in meanwhile.
[[nodiscard]] constexpr double upstreamBackupTime(double load) {
    return load < 1 ? load / (1 - load) : std::numeric_limits<double>::infinity();
}

/// Parallel recovery: the machines that are left share it. Infinite where they cannot bear the load of all: from
/// (machines - 1) / machines on.
[[nodiscard]] constexpr double parallelRecoveryTime(double load, int machines) {
    if (machines < 2) {
        return std::numeric_limits<double>::infinity();
    }
    const double loadAfter = load * machines / (machines - 1);
    return loadAfter < 1 ? load / machines / (1 - loadAfter) : std::numeric_limits<double>::infinity();
}

}  // namespace millrace::spark
