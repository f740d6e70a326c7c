#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/observe/run_view.h"
#include "engine/observe/system_views.h"
#include "engine/run/report/rejected.h"

namespace millrace::run {

/// Why a run ended.
enum class Stop : std::uint8_t {
    Drained,    ///< everything that came in has been dealt with
    Until,      ///< the time asked for has come
    Invariant,  ///< a rule that must always hold was broken
    Signal,     ///< somebody told it to end
    Failed,     ///< the machine or the program itself failed: what is told is what was known until then
    Stuck       ///< nothing comes nearer to its end any more, or the run's duration was over before it was drained
};
[[nodiscard]] std::string_view toText(Stop stop);

/// What keeps work that has ended from having been dealt with: records that are gone or given up, jobs that failed, in
/// words; empty where there is nothing of the kind.
[[nodiscard]] std::string shortcomingsOf(const observe::OriginsView& origins, const observe::SystemViews& views);

/// What is known of a run at its end, by the same views that the window shows. A plain value: the terminal prints it,
/// tests read it, the window's run page shows it.
struct Report : observe::SystemViews {
    std::string scenario;
    std::uint64_t seed = 0;
    std::uint64_t fingerprint = 0;
    SimTime simulated{};
    std::uint64_t events = 0;
    double wallSeconds = 0;
    Stop stopped = Stop::Until;
    bool isDurationOver = false;  ///< the scenario's own duration has ended it
    bool isIdle = false;          ///< nothing would have happened any more
    bool isToldToEnd = false;     ///< it had no time of its own
    std::vector<std::string> waitingFor;
    std::vector<std::string> standstills;  ///< what nobody led for long, in words
    std::vector<std::string> notModelled;
    std::int64_t rejected = 0;  ///< lines that no format fitted, or no record could hold
    std::vector<RejectedGroup> rejectedGroups;
    std::vector<observe::FaultBar> faults;
    std::vector<observe::InvariantView> invariants;
    observe::OriginsView origins;
    [[nodiscard]] std::string shortcomings() const { return shortcomingsOf(origins, *this); }
    /// Whether acknowledged records are gone that acks = all with enough in-sync replicas had promised.
    [[nodiscard]] bool hasBrokenPromises() const;
};

/// The form that scripts rely on. Two runs of one build with the same scenario, seed and inputs give the same text, the
/// line "wall_s" aside.
[[nodiscard]] std::string reportJson(const Report& report);
/// The same for people.
[[nodiscard]] std::string reportText(const Report& report);

}  // namespace millrace::run
