#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/observe/snapshot.h"

namespace millrace::bridge {

/// Something that an operator does to the running world. It enters as a recorded input at the present instant.
struct Command {
    std::string kind;  ///< a fault of the scenario document: "crash", "restart", "power", "power-on", "cut" ..., or
                       ///< "rate": the source is read at `value` records a second from now on, "mend-reader": that of
                       ///< a pipeline is mended, or "withdraw": the planned `fault` that was to come at `at` will not
    observe::ObjectId target;
    double value = 0;                     ///< factor, seconds or share, as the kind needs
    std::optional<SimTime> at;            ///< when it is to happen; without it, now
    std::optional<SimDuration> duration;  ///< how long it lasts; without it, until it is taken back
    std::string fault;                    ///< of "withdraw": the kind of the fault
};

enum class Detail { WhileRunning, Complete };

/// Names a command that was done, so that it can be undone.
struct ActionId {
    std::uint64_t value = 0;

    friend bool operator==(const ActionId&, const ActionId&) = default;
};

/// What is to run: the text of a scenario and where it comes from, for relative paths.
struct OpenRequest {
    std::string text;
    std::string file;
    bool carriesOut = false;                      ///< whether results are written to the real sinks
    std::optional<std::int64_t> checkpointBytes;  ///< what going back may hold in memory; without it, the engine's own
};

struct OpenAnswer {
    bool isOpen = false;
    std::vector<observe::ProblemView> problems;
};

/// One run as the bridge drives it. Every call comes from the engine thread; what leaves is values.
class EngineSession {
public:
    EngineSession() = default;
    EngineSession(const EngineSession&) = delete;
    EngineSession& operator=(const EngineSession&) = delete;
    virtual ~EngineSession() = default;

    /// The program has broken a rule of its own in one of the calls below. Keeps what can be kept (what has left the
    /// world is in its files) and gives the folder in which everything stands that is needed to repeat it; empty when
    /// there is none. No other call follows.
    [[nodiscard]] virtual std::string keepAfterFailure(const std::string& /*what*/) { return {}; }

    /// Starts a run from its beginning and goes through its prologue (`run.open_at`). A refused scenario leaves the
    /// session without a run. A prologue that takes too long, or is cancelled, ends where it is.
    virtual OpenAnswer open(const OpenRequest& request, const std::atomic<bool>& isCancelled) = 0;
    OpenAnswer open(const OpenRequest& request) {
        const std::atomic<bool> never{false};
        return open(request, never);
    }

    /// The program is about to end: what has left the world is in its files after this. No other call follows, and the
    /// session need not be destroyed.
    virtual void finish() {}

    /// Whether there is a run.
    [[nodiscard]] virtual bool isOpen() const = 0;

    [[nodiscard]] virtual SimTime now() const = 0;
    [[nodiscard]] virtual SimTime furthest() const = 0;
    [[nodiscard]] virtual std::uint64_t events() const = 0;

    /// What checkpoints may hold in memory from now on.
    virtual void setCheckpointBytes(std::int64_t /*bytes*/) {}

    /// Runs on to `target`, or as far as it comes within the budget of wall time.
    virtual void advance(SimTime target, std::chrono::nanoseconds budget) = 0;

    /// Processes one event.
    virtual void step() = 0;

    /// Goes to the instant just before the last processed event.
    virtual void stepBack() = 0;

    /// Shows another recorded instant of this branch. Gives up between events when `isCancelled` becomes true; then the
    /// instant is as before.
    virtual void seek(SimTime time, const std::atomic<bool>& isCancelled) = 0;

    /// Does something now. In the past this leaves the recorded branch and starts one of its own.
    virtual ActionId inject(const Command& command) = 0;

    /// Goes back to just before the action and leaves it out: a new branch. The old one stays.
    virtual void revoke(ActionId action) = 0;

    /// Goes to the branch on which the action was done, at its furthest instant.
    virtual void reinstate(ActionId action) = 0;

    virtual void switchBranch(std::uint32_t branch) = 0;

    /// From now on snapshots have this page, and no other.
    virtual void look(const observe::PageRequest& /*page*/) {}

    /// Whether nothing more will happen: the run's duration is reached, or all input is processed.
    [[nodiscard]] virtual bool hasEnded() const = 0;

    /// What there is to see now. Mode, speed and measured speed are filled in by the bridge. While a run goes on, what
    /// is costly to describe may be a fifth of a second old; an instant that stands still is complete.
    [[nodiscard]] virtual observe::Snapshot snapshot(Detail detail) = 0;
};

}  // namespace millrace::bridge
