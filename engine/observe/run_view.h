#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/metric.h"
#include "engine/base/sim_time.h"
#include "engine/observe/object_id.h"
#include "engine/observe/origin_view.h"
#include "engine/observe/state.h"

namespace millrace::observe {

/// A message on its way, for a token on the canvas: seen only between departs and arrives.
struct Flight {
    std::uint64_t id = 0;
    ObjectId from;
    ObjectId to;
    SimTime departs{};
    SimTime arrives{};
    std::string kind;  ///< stable name of the message kind
};

/// How much moves between two objects, for edges too busy to show single messages.
struct FlowDensity {
    ObjectId from;
    ObjectId to;
    double messagesPerSecond = 0;
};

struct FlightView {
    std::vector<Flight> flights;
    std::vector<FlowDensity> densities;
};

struct JournalEntryView {
    std::uint64_t id = 0;  ///< counts from 1 in the order of writing
    SimTime time{};
    ObjectId place;
    Severity severity = Severity::Info;
    std::string kind;             ///< stable name, such as "session-expired"
    std::string text;             ///< one sentence without a full stop
    std::uint64_t cause = 0;      ///< id of another entry, 0 for the start of the run
    bool isRepair = false;        ///< done from outside like a fault, to take one back
    std::uint64_t count = 1;      ///< how many entries that say the same this one stands for; `text` tells it
    SimTime last{};               ///< when the newest of them came
    std::vector<ObjectId> about;  ///< topics, partitions and components that it concerns, besides its place
};

/// A stretch of the journal, oldest first, together with the older entries that it names as causes.
struct JournalPage {
    std::vector<JournalEntryView> entries;
    std::vector<JournalEntryView> causes;  ///< older than the first of entries
    std::uint64_t total = 0;
    std::uint64_t dropped = 0;
};

struct SeriesPoint {
    SimTime at{};  ///< end of the period that the point sums up
    double min = 0;
    double max = 0;
    double mean = 0;
};

/// One metric over the run so far.
struct SeriesPage {
    std::string name;          ///< what is measured, such as "lag"
    ObjectId object;           ///< whose it is, empty for the whole run
    std::string unit;          ///< "records", "ms", "/s" ...
    std::string meaning;       ///< what it says, as one sentence; empty for sums
    SimDuration resolution{};  ///< simulated time between two points
    std::vector<SeriesPoint> points;
};

/// Where a metric that is shown everywhere stands at an object.
struct FigureView {
    ObjectId object;
    const Metric* metric = nullptr;  ///< a constant
    std::string label;               ///< of which of several, often empty
    double value = 0;
};

/// A fault or repair as the deck shows it: a bar from `at` to `until`.
struct FaultBar {
    std::string kind;  ///< "crash", "power", "slow-disk" ...
    ObjectId target;
    SimTime at{};
    SimTime until = SimTime::max();  ///< max() while it lasts
    bool isPlanned = false;          ///< yet to come
    double value = 0;                ///< how strong, as its kind needs: times slower, seconds, share
    bool hasMissed = false;          ///< its target named nothing at its time
};

struct BranchLane {
    std::uint32_t id = 0;
    std::uint32_t parent = 0;
    std::string title;  ///< "main", "fork at 5.2 s: crash broker 2"
    SimTime forkedAt{};
    SimTime furthest{};
    bool isCurrent = false;
};

struct InvariantView {
    std::string name;
    std::int64_t checked = 0;
    bool holds = true;
    std::string firstViolation;
    std::string statement;    ///< what must be true, as one sentence
    SimTime violatedAt{};     ///< when it was first seen not to hold
    std::uint64_t entry = 0;  ///< the newest journal entry at that instant
};

struct ProblemView {
    Severity severity = Severity::Warning;
    ObjectId object;    ///< empty when it concerns the scenario as a whole
    std::string field;  ///< path in the scenario, such as topics.access.replicas
    std::string text;
    SimTime at = SimTime::max();  ///< the instant of the run that shows it, max() for the scenario itself
    std::uint64_t entry = 0;      ///< the journal entry that tells why, 0 when there is none
    bool isOfMachine = false;     ///< the scenario is right: the disk is full, a permission is missing
};

/// Something that stands still, whom it waits for and why: what a person asks when a number does not move.
struct WaitView {
    ObjectId object;                 ///< who waits
    ObjectId on;                     ///< for whom, empty when it is nobody in particular
    SimTime since{};                 ///< when it began
    SimTime until = SimTime::max();  ///< when it ends at the latest, max() when nothing in the run bounds it
    std::string brief;               ///< for a card, what the object does: "waits for broker 1"
    std::string text;                ///< the reason first, then what will end it; without a full stop at its end
    std::uint64_t entry = 0;         ///< the journal entry that it comes from, 0 when there is none
    bool tellsEnd = false;           ///< whether `brief` says until when
};

enum class RunMode { Paused, Step, Run, Fast, Express, Replaying, Ended };
[[nodiscard]] std::string_view toText(RunMode mode);

/// Where the run stands, for clock, status row and time deck.
struct RunView {
    std::string scenario;
    std::string about;  ///< what it tells its readers
    SimTime now{};
    SimTime furthest{};            ///< how far the current branch has ever been run
    SimTime end = SimTime::max();  ///< run.duration, max() when endless
    std::uint64_t events = 0;
    std::uint64_t seed = 0;
    std::uint64_t fingerprint = 0;
    RunMode mode = RunMode::Paused;
    double speed = 1.0;          ///< simulated seconds per second, as asked for
    double achievedSpeed = 0;    ///< as measured
    double eventsPerSecond = 0;  ///< per second of the wall clock
    std::string nextEvent;       ///< what comes next, for step mode
    std::string endReason;       ///< why the run ended or waits, empty otherwise
    bool hasFailed = false;      ///< the machine ended it, such as a full disk
    std::vector<SimTime> checkpoints;
    std::vector<FaultBar> faults;
    std::vector<BranchLane> branches;
    std::vector<InvariantView> invariants;
    std::vector<ProblemView> problems;
    OriginsView origins;  ///< what has become of all records up to `now`
};

}  // namespace millrace::observe
