#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/run/checkpoint_thinning.h"
#include "engine/run/ledger.h"
#include "engine/sim/world.h"

namespace millrace::run {

/// Something from outside and its place in the order: simulated time and the number of events processed before it.
struct RecordedInput {
    SimTime time;
    std::uint64_t eventsBefore = 0;
    Ref<const sim::Input> input;
};

struct SessionOptions {
    static constexpr ByteCount memoryBudgetDefault = 512LL << 20U;
    /// A checkpoint is due when replay from the last one would cost this much of processor time, or more of it where
    /// checkpoints hold much.
    double checkpointSeconds = 0.06;
    std::uint64_t checkpointEventsMin = 20'000;
    /// Of what checkpoints hold and the present does not, whatever it is: state that was cloned since, messages and
    /// tuples that were under way, records that were deleted. Beyond it they thin with distance, never the start.
    ByteCount memoryBudget = memoryBudgetDefault;
    /// Without a history there is no way back: inputs are handed on and forgotten, and no checkpoint is kept.
    bool keepsHistory = true;
    /// A deliberate fault, planted by a test: after a rewind effects are carried out once more.
    bool carriesOutAgain = false;
};

/// One history from the start: its recorded inputs, and the furthest instant it has reached.
struct BranchView {
    int id = 0;
    int parent = -1;   ///< -1: the original
    SimTime forkTime;  ///< where it left its parent
    SimTime furthest;
    bool carriesOut = false;  ///< its effects are carried out
    std::string reason;       ///< the input that made it
};

/// A run that can be visited at any instant: it plays a world forward, keeps checkpoints, goes back by copying the
/// nearest one and replaying recorded inputs, and forks when something is done differently in the past. Effects of each
/// branch are carried out once: after a rewind those that appear again are compared by digest and dropped.
///
/// Not thread-safe: it and its worlds stay on one thread.
class Session {
public:
    /// Hands effects that were not carried out before to the outside, in order. Empty: nowhere.
    using CarryOut = std::function<Result<void>(std::vector<sim::NumberedEffect>)>;
    /// Told the share of a long seek that is done (0 to 1); false cancels it and leaves the head where it was.
    using SeekProgress = std::function<bool(double)>;

    explicit Session(sim::World start, CarryOut carryOut = {}, SessionOptions options = {});

    /// What checkpoints may hold from now on; with less, what is too much goes at the next one.
    void setMemoryBudget(ByteCount bytes) { m_options.memoryBudget = bytes; }

    // --- looking
    [[nodiscard]] const sim::World& world() const { return m_head; }  ///< at the head
    /// What had become of all records at the head.
    [[nodiscard]] const Ledger& ledger() const { return m_ledger; }
    [[nodiscard]] SimTime now() const { return m_head.now(); }
    [[nodiscard]] SimTime furthest() const;
    /// The furthest world of the current branch, to draw what lies to the right of the head.
    [[nodiscard]] const sim::World& furthestWorld() const;
    [[nodiscard]] bool isInPast() const { return !m_atFrontier; }
    [[nodiscard]] std::vector<SimTime> checkpointTimes() const;
    /// How often checkpoints were dropped because they held too much.
    [[nodiscard]] std::uint64_t thinnings() const { return m_thinnings; }
    [[nodiscard]] std::vector<BranchView> branches() const;
    [[nodiscard]] int currentBranch() const { return m_current; }
    [[nodiscard]] const std::vector<RecordedInput>& inputs() const { return branch().inputs; }

    // --- moving
    /// Plays forward up to and with `until`, at most about `eventsMax` events; recorded inputs enter at their places.
    /// Gives the events processed. Fails when an effect could not be carried out, or a replay did not agree with what
    /// had been.
    Result<std::uint64_t> advance(SimTime until, std::uint64_t eventsMax = ~std::uint64_t{0});
    /// Lets time pass at the furthest instant without an event; fails when one is due before `time`.
    Result<void> passTo(SimTime time);
    /// Shows the instant after all events up to and with `time`. Times beyond the furthest instant mean the furthest.
    Result<void> seek(SimTime time, const SeekProgress& progress = {});
    Result<void> seekToFurthest();
    /// Shows the instant after exactly so many events of this branch.
    Result<void> seekToEvent(std::uint64_t eventsProcessed);
    /// Goes to the furthest instant of another branch.
    void switchTo(int branchId);

    // --- acting
    /// Enters an input at the head and records it. In the past this starts a new branch, which becomes the current one;
    /// its effects are not carried out unless `setForkCarryOut` says how.
    Result<void> inject(Ref<const sim::Input> input);
    void setForkCarryOut(std::function<CarryOut(int branchId)> make) { m_makeForkCarryOut = std::move(make); }
    /// Goes back to just before the recorded input with this index in `inputs()` and starts a branch without it (and
    /// without those that came later). The old branch stays.
    Result<void> undoInput(std::size_t index);

private:
    struct Checkpoint {
        sim::World world;
        Ledger ledger;
        std::size_t inputsBefore = 0;
        CheckpointTrace trace;
    };
    struct Branch {
        BranchView view;
        std::vector<RecordedInput> inputs;
        std::vector<Checkpoint> checkpoints;     // by events processed; the first is the start
        double work = 0;                         // seconds of processor time to its furthest instant
        std::vector<std::uint64_t> effectsDone;  // digest by number - 1
        std::uint64_t effectsForgotten = 0;      // carried out without a history
        CarryOut carryOut;
        std::unique_ptr<sim::World> frontier;  // kept while the head is elsewhere
        Ledger frontierLedger;
    };
    [[nodiscard]] Branch& branch() { return *m_branches[static_cast<std::size_t>(m_current)]; }
    [[nodiscard]] const Branch& branch() const { return *m_branches[static_cast<std::size_t>(m_current)]; }
    Result<void> leaveFrontier();
    Result<void> arriveAtFrontier();
    void arriveWithoutReplay();
    Result<std::uint64_t> runAndKeepBooks(SimTime until, std::uint64_t most);
    Result<void> handOut(std::vector<sim::NumberedEffect> effects);
    /// Brings the ledger up to the head. Gives the effects that it has seen.
    std::vector<sim::NumberedEffect> keepBooks();
    void applyNextInput();
    void takeCheckpointIfDue();
    void thinCheckpoints();
    [[nodiscard]] bool isBurst() const;
    void forgetGrowth();
    void noteGrowth(ByteCount live);
    /// Of all checkpoints, each once, in whatever branches it stands; or of what a round of thinning has let go.
    struct Holdings {
        std::size_t count = 0;
        ByteCount cloned = 0;
        ByteCount other = 0;
        void add(const CheckpointTrace& trace);
    };
    [[nodiscard]] Holdings holdings() const;
    [[nodiscard]] ByteCount heldClones() const { return holdings().cloned + m_clonesLeft; }
    Holdings letGo(const CheckpointWays& ways, ByteCount wanted);
    static void drop(Branch& from, const std::vector<bool>& gone);
    void startBranch(std::string reason);
    Result<void> replayFrom(const Checkpoint& checkpoint, SimTime time, std::uint64_t eventsMax,
                            const SeekProgress& progress);
    Result<void> restore(SimTime time, std::uint64_t eventsMax, const SeekProgress& progress);

    SessionOptions m_options;
    std::vector<std::unique_ptr<Branch>> m_branches;
    int m_current = 0;
    sim::World m_head;
    Ledger m_ledger;
    std::vector<sim::ToldFact> m_facts;  // only to keep its memory
    std::size_t m_nextInput = 0;         // first input of the branch that is not in the head's past
    bool m_atFrontier = true;
    double m_spacing = 0;                ///< seconds of work between two checkpoints
    ByteCount m_withoutCheckpoints = 0;  ///< live bytes of the process less what checkpoints held, when last thinned
    ByteCount m_liveBefore = 0;          ///< when the newest checkpoint's trace was brought up to date: live bytes
    std::size_t m_clonedBefore = 0;      ///< and bytesCloned()
    ByteCount m_clonesLeft = 0;    ///< cloned at checkpoints that went, and held by their neighbours; fades as those go
    std::size_t m_calmRounds = 0;  ///< of thinning, where there was no burst
    std::uint64_t m_nextNumber = 0;  ///< of checkpoints
    std::uint64_t m_thinnings = 0;
    ByteCount m_heap = 0;  ///< of the process, when it was last asked
    std::uint64_t m_eventsAtCheckpoint = 0;
    double m_workSinceCheckpoint = 0;
    std::function<CarryOut(int)> m_makeForkCarryOut;
};

}  // namespace millrace::run
