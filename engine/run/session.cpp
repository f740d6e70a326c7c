#include "engine/run/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/cold_frees.h"
#include "engine/base/resident.h"
#include "engine/base/slab_arena.h"

namespace millrace::run {

namespace {

/// The façade may look at the real clock: it decides when to keep a checkpoint, never what happens in a world.
double secondsOfThread() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

constexpr std::uint64_t stride = 20'000;  // events between looks at the clock
/// Events between two entries into the books: few, so that what was told is still in the caches.
constexpr std::uint64_t bookStride = 256;
/// Events between looks at what is resident, when that is near its limit: the watch of the engine may not get a
/// processor in time.
constexpr std::uint64_t pageStride = 2'048;
constexpr std::uint64_t replayStride = 200'000;  // between words about the progress of a seek
constexpr std::size_t calmRoundsMost = 4;        // of thinning: then a sixteenth of the distance
constexpr double spacingLeast = 0.001;
constexpr double spacingMost = 1;       // seconds of work between checkpoints that cost too much
constexpr double spacingShrinks = 0.7;  // with each one that does not

}  // namespace

Session::Session(sim::World start, CarryOut carryOut, SessionOptions options)
    : m_options(options), m_head(std::move(start)) {
    m_head.listenToFacts();
    m_withoutCheckpoints = liveBytes();
    m_heap = heapBytes();
    m_spacing = m_options.checkpointSeconds;
    auto original = std::make_unique<Branch>();
    original->view.carriesOut = static_cast<bool>(carryOut);
    original->carryOut = std::move(carryOut);
    if (m_options.keepsHistory) {
        original->checkpoints.push_back(Checkpoint{m_head, m_ledger, 0, {m_nextNumber++}});
    }
    m_branches.push_back(std::move(original));
    forgetGrowth();
}

SimTime Session::furthest() const {
    return m_atFrontier ? m_head.now() : branch().frontier->now();
}

const sim::World& Session::furthestWorld() const {
    return m_atFrontier ? m_head : *branch().frontier;
}

std::vector<SimTime> Session::checkpointTimes() const {
    std::vector<SimTime> times;
    for (const Checkpoint& checkpoint : branch().checkpoints) {
        times.push_back(checkpoint.world.now());
    }
    return times;
}

std::vector<BranchView> Session::branches() const {
    std::vector<BranchView> views;
    for (const auto& each : m_branches) {
        views.push_back(each->view);
        const bool here = each->view.id == m_current && m_atFrontier;
        views.back().furthest = here ? m_head.now() : each->frontier->now();
    }
    return views;
}

// --- moving ---------------------------------------------------------------------------------------------------------

void Session::applyNextInput() {
    const RecordedInput& recorded = branch().inputs[m_nextInput];
    m_head.passTo(recorded.time);
    m_head.apply(*recorded.input);
    ++m_nextInput;
}

Result<std::uint64_t> Session::advance(SimTime until, std::uint64_t eventsMax) {
    std::uint64_t processed = 0;
    while (processed < eventsMax) {
        const std::uint64_t before = m_head.eventsProcessed();
        std::uint64_t most = std::min(stride, eventsMax - processed);
        SimTime target = until;
        bool inputNext = false;
        if (!m_atFrontier) {
            const auto& inputs = branch().inputs;
            const sim::World& frontier = *branch().frontier;
            if (m_nextInput < inputs.size() && inputs[m_nextInput].time <= until) {
                const RecordedInput& recorded = inputs[m_nextInput];
                most = std::min(most, recorded.eventsBefore - before);
                inputNext = before + most == recorded.eventsBefore;
                target = recorded.time;
            } else {
                most = std::min(most, frontier.eventsProcessed() - before);
                target = std::min(until, frontier.now());
            }
        }
        const double startedAt = secondsOfThread();
        const auto ran = runAndKeepBooks(target, most);
        if (!ran) {
            return ran;
        }
        const double worked = secondsOfThread() - startedAt;
        m_workSinceCheckpoint += worked;
        branch().work += m_atFrontier ? worked : 0;
        processed += *ran;
        if (inputNext && m_head.eventsProcessed() == branch().inputs[m_nextInput].eventsBefore) {
            applyNextInput();
            continue;
        }
        if (!m_atFrontier && m_nextInput == branch().inputs.size() &&
            m_head.eventsProcessed() == branch().frontier->eventsProcessed()) {
            if (until < branch().frontier->now()) {
                m_head.passTo(std::max(until, m_head.now()));
                break;
            }
            if (auto arrived = arriveAtFrontier(); !arrived) {
                return tl::unexpected(arrived.error());
            }
            continue;
        }
        takeCheckpointIfDue();
        if (*ran < most) {
            if (m_head.now() >= until || m_head.nextEventTime() > until) {
                break;
            }
        }
    }
    return processed;
}

Result<void> Session::passTo(SimTime time) {
    if (!m_atFrontier || time < m_head.now() || m_head.nextEventTime() < time) {
        return failure(fmt::format("an event is due before {}", toText(time)));
    }
    m_head.passTo(time);
    return {};
}

Result<void> Session::arriveAtFrontier() {
    Branch& here = branch();
    m_head.passTo(here.frontier->now());
    if (m_head.fingerprint() != here.frontier->fingerprint()) {
        return failure(fmt::format("the replay to {} ended with fingerprint {:016x}, the run had {:016x}",
                                   toText(m_head.now()), m_head.fingerprint(), here.frontier->fingerprint()));
    }
    m_head = std::move(*here.frontier);
    m_ledger = std::move(here.frontierLedger);
    here.frontier.reset();
    m_atFrontier = true;
    m_workSinceCheckpoint = 0;
    forgetGrowth();
    return {};
}

Result<void> Session::leaveFrontier() {
    if (m_atFrontier) {
        branch().frontier = std::make_unique<sim::World>(m_head);
        branch().frontierLedger = m_ledger;
        m_atFrontier = false;
    }
    return {};
}

/// Gives how many events ran. What came out of them is handed over as a whole, for each handing over is a transaction
/// of the sinks; also when one of them breaks a rule of the program, for what the books say is written must be.
Result<std::uint64_t> Session::runAndKeepBooks(SimTime until, std::uint64_t most) {
    std::vector<sim::NumberedEffect> effects;
    std::uint64_t ran = 0;
    std::uint64_t pageLook = pageStride;
    try {
        while (ran < most) {
            const std::uint64_t slice = std::min(bookStride, most - ran);
            const std::uint64_t ranNow = m_head.run(until, slice);
            ran += ranNow;
            std::vector<sim::NumberedEffect> more = keepBooks();
            std::move(more.begin(), more.end(), std::back_inserter(effects));
            if (ranNow < slice) {
                break;
            }
            if (ran >= pageLook) {
                const double share = SlabArena::pageOutIfLarge();
                pageLook = ran + (share < 0.5 ? pageStride * 16 : share < 0.8 ? pageStride * 4 : pageStride);
            }
        }
    } catch (...) {
        static_cast<void>(handOut(std::move(effects)));
        throw;
    }
    if (auto handed = handOut(std::move(effects)); !handed) {
        return tl::unexpected(handed.error());
    }
    return ran;
}

std::vector<sim::NumberedEffect> Session::keepBooks() {
    std::vector<sim::NumberedEffect> effects = m_head.takeEffects();
    m_head.takeFacts(m_facts);
    if (!m_facts.empty() || !effects.empty()) {
        m_ledger.take(m_head, m_facts, effects);
        m_facts.clear();
    }
    return effects;
}

Result<void> Session::handOut(std::vector<sim::NumberedEffect> effects) {
    if (effects.empty()) {
        return {};
    }
    Branch& here = branch();
    std::vector<sim::NumberedEffect> fresh;
    for (sim::NumberedEffect& effect : effects) {
        const std::uint64_t number = effect.number.value;
        if (number <= here.effectsDone.size()) {
            if (here.effectsDone[number - 1] != effect.digest) {
                return failure(fmt::format("effect {} at {} is not what was carried out before: {}", number,
                                           toText(effect.time), effect.effect->summary()));
            }
            if (m_options.carriesOutAgain) {
                fresh.push_back(std::move(effect));
            }
            continue;
        }
        MILLRACE_CHECK(number == here.effectsDone.size() + here.effectsForgotten + 1, number, here.effectsDone.size());
        if (m_options.keepsHistory) {
            here.effectsDone.push_back(effect.digest);
        } else {
            ++here.effectsForgotten;
        }
        fresh.push_back(std::move(effect));
    }
    if (here.carryOut && !fresh.empty()) {
        return here.carryOut(std::move(fresh));
    }
    return {};
}

Result<void> Session::seek(SimTime time, const SeekProgress& progress) {
    if (time >= furthest()) {
        return seekToFurthest();
    }
    return restore(time, ~std::uint64_t{0}, progress);
}

Result<void> Session::seekToEvent(std::uint64_t eventsProcessed) {
    if (eventsProcessed >= furthestWorld().eventsProcessed()) {
        return seekToFurthest();
    }
    return restore(SimTime::max(), eventsProcessed, {});
}

void Session::arriveWithoutReplay() {
    m_head = *branch().frontier;
    m_ledger = branch().frontierLedger;
    m_nextInput = branch().inputs.size();
    branch().frontier.reset();
    branch().frontierLedger = {};
    m_atFrontier = true;
    forgetGrowth();
}

Result<void> Session::seekToFurthest() {
    if (!m_atFrontier) {
        arriveWithoutReplay();
    }
    return {};
}

Result<void> Session::restore(SimTime time, std::uint64_t eventsMax, const SeekProgress& progress) {
    MILLRACE_CHECK(m_options.keepsHistory, "a run without a history cannot go back");
    const auto& checkpoints = branch().checkpoints;
    const Checkpoint* best = &checkpoints.front();
    for (const Checkpoint& checkpoint : checkpoints) {
        if (checkpoint.world.now() <= time && checkpoint.world.eventsProcessed() <= eventsMax) {
            best = &checkpoint;
        }
    }
    return replayFrom(*best, time, eventsMax, progress);
}

Result<void> Session::replayFrom(const Checkpoint& checkpoint, SimTime time, std::uint64_t eventsMax,
                                 const SeekProgress& progress) {
    // The way from the head itself may be shorter than from the checkpoint.
    const bool fromHead = m_head.now() <= time && m_head.eventsProcessed() <= eventsMax &&
                          m_head.eventsProcessed() >= checkpoint.world.eventsProcessed() && !m_atFrontier;
    if (auto left = leaveFrontier(); !left) {
        return left;
    }
    const sim::World before = m_head;
    const Ledger ledgerBefore = m_ledger;
    const std::size_t nextInputBefore = m_nextInput;
    if (!fromHead) {
        m_head = checkpoint.world;
        m_ledger = checkpoint.ledger;
        m_nextInput = checkpoint.inputsBefore;
    }
    const double span = std::max(1e-9, seconds(std::min(time, branch().frontier->now()) - m_head.now()));
    const SimTime from = m_head.now();
    while (m_head.eventsProcessed() < eventsMax && (m_head.now() < time || m_head.nextEventTime() <= time)) {
        auto ran = advance(time, std::min<std::uint64_t>(replayStride, eventsMax - m_head.eventsProcessed()));
        if (!ran) {
            return tl::unexpected(ran.error());
        }
        if (m_atFrontier) {
            break;
        }
        if (progress && !progress(seconds(m_head.now() - from) / span)) {
            m_head = before;
            m_ledger = ledgerBefore;
            m_nextInput = nextInputBefore;
            return {};
        }
    }
    return {};
}

void Session::switchTo(int branchId) {
    MILLRACE_CHECK(branchId >= 0 && static_cast<std::size_t>(branchId) < m_branches.size(), branchId);
    if (branchId == m_current) {
        (void)seekToFurthest();
        return;
    }
    (void)leaveFrontier();
    m_current = branchId;
    arriveWithoutReplay();
}

// --- acting ---------------------------------------------------------------------------------------------------------

Result<void> Session::inject(Ref<const sim::Input> input) {
    if (!m_atFrontier) {
        startBranch(input->summary());
    }
    Branch& here = branch();
    if (m_options.keepsHistory) {
        here.inputs.push_back(RecordedInput{m_head.now(), m_head.eventsProcessed(), input});
    }
    m_nextInput = here.inputs.size();
    m_head.apply(*input);
    return handOut(keepBooks());
}

/// The head leaves the current branch: what it has in its past becomes the past of a new one.
void Session::startBranch(std::string reason) {
    const Branch& parent = branch();
    auto fresh = std::make_unique<Branch>();
    fresh->view.id = static_cast<int>(m_branches.size());
    fresh->view.parent = m_current;
    fresh->view.forkTime = m_head.now();
    fresh->view.reason = std::move(reason);
    fresh->inputs.assign(parent.inputs.begin(), parent.inputs.begin() + static_cast<std::ptrdiff_t>(m_nextInput));
    for (const Checkpoint& checkpoint : parent.checkpoints) {
        if (checkpoint.world.eventsProcessed() <= m_head.eventsProcessed() && checkpoint.inputsBefore <= m_nextInput) {
            fresh->checkpoints.push_back(checkpoint);
        }
    }
    fresh->work = fresh->checkpoints.back().trace.work;
    const auto effects = static_cast<std::ptrdiff_t>(m_head.nextEffect().value - 1);
    fresh->effectsDone.assign(parent.effectsDone.begin(), parent.effectsDone.begin() + effects);
    if (m_makeForkCarryOut) {
        fresh->carryOut = m_makeForkCarryOut(fresh->view.id);
        fresh->view.carriesOut = static_cast<bool>(fresh->carryOut);
    }
    m_current = fresh->view.id;
    m_branches.push_back(std::move(fresh));
    m_atFrontier = true;
    m_workSinceCheckpoint = 0;
    forgetGrowth();
}

Result<void> Session::undoInput(std::size_t undone) {
    MILLRACE_CHECK(m_options.keepsHistory, "a run without a history cannot go back");
    MILLRACE_CHECK(undone < branch().inputs.size(), undone);
    const RecordedInput last = branch().inputs[undone];
    const Checkpoint* best = &branch().checkpoints.front();
    for (const Checkpoint& checkpoint : branch().checkpoints) {
        if (checkpoint.inputsBefore <= undone && checkpoint.world.eventsProcessed() <= last.eventsBefore) {
            best = &checkpoint;
        }
    }
    if (auto left = leaveFrontier(); !left) {
        return left;
    }
    m_head = best->world;
    m_ledger = best->ledger;
    m_nextInput = best->inputsBefore;
    while (m_nextInput < undone) {
        const RecordedInput& next = branch().inputs[m_nextInput];
        m_head.run(next.time, next.eventsBefore - m_head.eventsProcessed());
        (void)keepBooks();
        applyNextInput();
    }
    if (m_head.eventsProcessed() < last.eventsBefore) {
        m_head.run(last.time, last.eventsBefore - m_head.eventsProcessed());
    }
    m_head.passTo(last.time);
    (void)keepBooks();
    startBranch("without: " + last.input->summary());
    return {};
}

// --- checkpoints ----------------------------------------------------------------------------------------------------

void Session::takeCheckpointIfDue() {
    if (!m_options.keepsHistory || !m_atFrontier) {
        return;
    }
    auto& checkpoints = branch().checkpoints;
    if (m_workSinceCheckpoint >= m_spacing &&
        m_head.eventsProcessed() - m_eventsAtCheckpoint >= m_options.checkpointEventsMin) {
        m_heap = heapBytes();
        noteGrowth(static_cast<ByteCount>(pool::heads.bytesInUse) + m_heap);
        checkpoints.push_back(Checkpoint{m_head, m_ledger, m_nextInput, {m_nextNumber++, branch().work}});
        m_eventsAtCheckpoint = m_head.eventsProcessed();
        m_workSinceCheckpoint = 0;
        m_spacing = std::max(m_options.checkpointSeconds, m_spacing * spacingShrinks);
    }
    // What the newest one holds grows until the next is taken: a burst may be under way at it and gone soon after.
    if (static_cast<ByteCount>(pool::heads.bytesInUse) + m_heap > m_withoutCheckpoints + m_options.memoryBudget) {
        thinCheckpoints();
    }
}

/// What a visit or a replay made and cloned is held by nobody.
void Session::forgetGrowth() {
    m_liveBefore = liveBytes();
    m_clonedBefore = bytesCloned();
}

/// Brings the trace of the newest checkpoint up to date.
void Session::noteGrowth(ByteCount live) {
    const ByteCount grown = live - std::exchange(m_liveBefore, live);
    const auto cloned = static_cast<ByteCount>(bytesCloned() - std::exchange(m_clonedBefore, bytesCloned()));
    CheckpointTrace& newest = branch().checkpoints.back().trace;
    newest.cloned += cloned;
    newest.other = std::max<ByteCount>(0, newest.other + grown - cloned);
}

void Session::Holdings::add(const CheckpointTrace& trace) {
    ++count;
    cloned += trace.cloned;
    other += trace.other;
}

Session::Holdings Session::holdings() const {
    Holdings all;
    std::set<std::uint64_t> seen;
    for (const auto& each : m_branches) {
        for (const Checkpoint& checkpoint : each->checkpoints) {
            if (seen.insert(checkpoint.trace.number).second) {
                all.add(checkpoint.trace);
            }
        }
    }
    return all;
}

/// Those of the present branch are chosen first; others let the same go, and of their own what they can.
Session::Holdings Session::letGo(const CheckpointWays& ways, ByteCount wanted) {
    std::vector<Branch*> order{&branch()};
    for (const auto& each : m_branches) {
        if (each.get() != &branch()) {
            order.push_back(each.get());
        }
    }
    Holdings all;
    std::map<std::uint64_t, bool> isGone;  // by number, once it is decided
    for (Branch* const each : order) {
        std::vector<CheckpointTrace> traces;
        std::vector<bool> mayGo;
        for (const Checkpoint& checkpoint : each->checkpoints) {
            traces.push_back(checkpoint.trace);
            mayGo.push_back(!isGone.contains(checkpoint.trace.number));
        }
        std::vector<bool> gone = chooseGone(traces, mayGo, ways, wanted - all.cloned - all.other);
        for (std::size_t i = 0; i < gone.size(); ++i) {
            const auto [decided, isNew] = isGone.try_emplace(traces[i].number, gone[i]);
            gone[i] = decided->second;
            if (isNew && gone[i]) {
                all.add(traces[i]);
            }
        }
        drop(*each, gone);
    }
    return all;
}

void Session::drop(Branch& from, const std::vector<bool>& gone) {
    std::vector<Checkpoint> kept;
    for (std::size_t i = 0; i < from.checkpoints.size(); ++i) {
        if (!gone[i]) {
            kept.push_back(std::move(from.checkpoints[i]));
            continue;
        }
        { [[maybe_unused]] const Checkpoint last = std::move(from.checkpoints[i]); }
        SlabArena::pageOutIfLarge();  // what it held lay on cold pages
    }
    from.checkpoints = std::move(kept);
}

/// Memory has grown faster than what is kept for good does: something is under way that will be gone soon, and that
/// each of the newest checkpoints holds.
bool Session::isBurst() const {
    constexpr std::size_t looksBack = 8;
    const auto& checkpoints = branch().checkpoints;
    ByteCount grown = 0;
    for (std::size_t i = checkpoints.size() - std::min(looksBack, checkpoints.size()); i < checkpoints.size(); ++i) {
        grown += checkpoints[i].trace.most();
    }
    return grown > m_options.memoryBudget / 8;
}

/// The memory of the process has grown: by the present itself, or by what checkpoints hold beside it. Nobody can tell
/// the two apart object by object, and what several hold comes back only when all of them have gone. So they go in
/// rounds, those first that may hold most, with longer and longer ways between those that stay, until a quarter of the
/// budget has come back. In a burst, of tuples say, it does in the end. Else the present itself may have grown, and
/// each time the ways grow by one round only, up to a few, unless clones alone are too much. Where not enough comes
/// back, what is there counts as the present, but for what was cloned and has not come back: each round costs a look at
/// the whole heap, so there is none before the process has grown by a quarter of the budget again.
void Session::thinCheckpoints() {
    const pool::ColdFrees coldFrees;
    ++m_thinnings;
    const ByteCount budget = m_options.memoryBudget;
    const ByteCount enough = m_withoutCheckpoints + budget / 4 * 3;
    ByteCount live = liveBytes();
    noteGrowth(live);
    const bool bursts = isBurst();
    m_calmRounds = std::min(m_calmRounds + (bursts ? 0 : 1), calmRoundsMost);
    const double meanWay = branch().work / static_cast<double>(branch().checkpoints.size());
    const double shortest = 2.5 * (m_options.checkpointSeconds > 0 ? m_options.checkpointSeconds : meanWay);
    m_clonesLeft /= 2;
    std::size_t round = 0;
    const auto goesOn = [&] {
        const std::size_t most = bursts || heldClones() > budget / 4 * 3 ? CheckpointWays::roundsMost : m_calmRounds;
        return live > enough && round < most;
    };
    while (goesOn()) {
        const CheckpointWays ways = CheckpointWays::ofRound(round, shortest);
        const Holdings gone = letGo(ways, live - enough);
        if (gone.cloned + gone.other < live - enough) {
            ++round;
        }
        if (gone.count > 0) {
            const ByteCount before = std::exchange(live, liveBytes());
            m_clonesLeft += std::max<ByteCount>(0, gone.cloned - std::max<ByteCount>(0, before - live));
        }
    }
    if (bursts && round > 1) {
        m_spacing = std::clamp(m_spacing * 2, spacingLeast, spacingMost);  // each further one would go again
    }
    m_heap = live - static_cast<ByteCount>(pool::heads.bytesInUse);
    if (live > enough) {
        m_withoutCheckpoints = std::max(m_withoutCheckpoints, live - std::min(heldClones(), budget / 4 * 3));
    }
}

}  // namespace millrace::run
