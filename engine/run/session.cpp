#include "engine/run/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>
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
constexpr double spacingLeast = 0.001;
constexpr double spacingMost = 1;       // seconds of work between checkpoints that cost too much
constexpr double spacingShrinks = 0.7;  // with each one that does not
constexpr std::size_t newestKept = 32;  // checkpoints that are thinned last
constexpr std::size_t newestLeast = 4;

}  // namespace

Session::Session(sim::World start, CarryOut carryOut, SessionOptions options)
    : m_options(options), m_head(std::move(start)) {
    m_head.listenToFacts();
    m_withoutCheckpoints = liveBytes();
    m_heap = heapBytes();
    m_clonedBefore = bytesCloned();
    m_spacing = m_options.checkpointSeconds;
    auto original = std::make_unique<Branch>();
    original->view.carriesOut = static_cast<bool>(carryOut);
    original->carryOut = std::move(carryOut);
    if (m_options.keepsHistory) {
        original->checkpoints.push_back(Checkpoint{m_head, m_ledger, 0, m_withoutCheckpoints});
    }
    m_branches.push_back(std::move(original));
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
    m_clonedBefore = bytesCloned();  // what a replay cloned is held by nobody
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
    m_clonedBefore = bytesCloned();  // what a visit cloned is held by nobody
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
    m_clonedBefore = bytesCloned();  // what a replay cloned is held by nobody
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
        m_held += static_cast<ByteCount>(bytesCloned() - std::exchange(m_clonedBefore, bytesCloned()));
        const ByteCount live = static_cast<ByteCount>(pool::heads.bytesInUse) + m_heap;
        checkpoints.push_back(Checkpoint{m_head, m_ledger, m_nextInput, live});
        m_eventsAtCheckpoint = m_head.eventsProcessed();
        m_workSinceCheckpoint = 0;
        m_spacing = std::max(m_options.checkpointSeconds, m_spacing * spacingShrinks);
    }
    // What the newest one holds grows until the next is taken: a burst may be under way at it and gone soon after.
    if (static_cast<ByteCount>(pool::heads.bytesInUse) + m_heap > m_withoutCheckpoints + m_options.memoryBudget) {
        thinCheckpoints();
    }
}

/// Keeps the start of every branch and what `isKept` says of a checkpoint's index and its distance from the end.
template <class IsKept>
void Session::keepCheckpoints(const IsKept& isKept) {
    for (const auto& each : m_branches) {
        auto& checkpoints = each->checkpoints;
        std::vector<Checkpoint> kept;
        for (std::size_t i = 0; i < checkpoints.size(); ++i) {
            if (i == 0 || isKept(i, checkpoints.size() - i)) {
                kept.push_back(std::move(checkpoints[i]));
                continue;
            }
            { [[maybe_unused]] const Checkpoint gone = std::move(checkpoints[i]); }
            SlabArena::pageOutIfLarge();  // what it held lay on cold pages
        }
        checkpoints = std::move(kept);
    }
}

/// Memory has grown faster than what is kept for good does: something is under way that will be gone soon, and that
/// each of the newest checkpoints holds.
bool Session::isBurst(ByteCount live) const {
    constexpr std::size_t looksBack = 8;
    const auto& checkpoints = branch().checkpoints;
    const Checkpoint& then = checkpoints[checkpoints.size() - std::min(looksBack, checkpoints.size())];
    return live - then.live > m_options.memoryBudget / 4;
}

/// The memory of the process has grown: by the present itself, or by what checkpoints hold beside it. Nobody can tell
/// the two apart object by object. What was cloned is known, what is let go comes back and is measured. Mostly it is
/// enough to halve the older ones: the further back, the more often. In a burst, of tuples say, the newest hold most:
/// most of them go, and if that gives much, all of them, and further ones are taken less often, for each would be
/// dropped again. What is still held after that counts as the present: each thinning costs looks at the whole heap, so
/// there is none before the process has grown by a part of the budget again.
void Session::thinCheckpoints() {
    const pool::ColdFrees coldFrees;
    ++m_thinnings;
    const ByteCount budget = m_options.memoryBudget;
    m_held += static_cast<ByteCount>(bytesCloned() - std::exchange(m_clonedBefore, bytesCloned()));
    ByteCount live = liveBytes();
    const bool bursts = isBurst(live);
    const auto keepOnly = [&](const auto& isKept) {
        keepCheckpoints(isKept);
        const ByteCount before = std::exchange(live, liveBytes());
        const ByteCount gained = before - live;
        m_held = std::max<ByteCount>(0, m_held - std::max<ByteCount>(0, gained));
        return gained;
    };
    keepOnly([](std::size_t index, std::size_t distance) { return distance <= newestKept || index % 2 == 0; });
    if (bursts) {
        const ByteCount gained =
            keepOnly([](std::size_t, std::size_t distance) { return distance > newestKept || distance % 8 == 1; });
        if (gained > budget / 8) {
            keepOnly([](std::size_t, std::size_t distance) { return distance > newestKept / 8; });
            m_spacing = std::clamp(m_spacing * 2, spacingLeast, spacingMost);
        }
    }
    const ByteCount heldMost = budget / 4 * 3;
    for (std::size_t most = newestKept; most > newestLeast && m_held > heldMost; most /= 2) {
        keepOnly([most](std::size_t index, std::size_t distance) { return distance <= most / 2 || index % 2 == 0; });
    }
    m_held = std::min(m_held, heldMost);
    m_heap = live - static_cast<ByteCount>(pool::heads.bytesInUse);
    m_withoutCheckpoints = std::max<ByteCount>(0, live - m_held);
}

}  // namespace millrace::run
