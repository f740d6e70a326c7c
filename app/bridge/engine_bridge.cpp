#include "app/bridge/engine_bridge.h"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "engine/base/resident.h"

namespace millrace::bridge {

using observe::RunMode;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds frame{16};
constexpr std::chrono::milliseconds frameBudget{11};  // leaves time to describe what is seen
constexpr std::chrono::milliseconds expressBudget{45};
constexpr std::chrono::milliseconds longestStride{50};  // after a hiccup time is dropped, not caught up
constexpr double fastFactor = 10.0;

/// Half of what the machine has.
std::size_t usualMemoryLimit() {
    const auto pages = ::sysconf(_SC_PHYS_PAGES);
    const auto page = ::sysconf(_SC_PAGESIZE);
    return pages <= 0 || page <= 0 ? std::size_t{4} << 30U
                                   : static_cast<std::size_t>(pages) / 2 * static_cast<std::size_t>(page);
}

}  // namespace

EngineWorker::EngineWorker(SessionMaker maker, std::atomic<bool>& isCancelled)
    : m_maker(std::move(maker)),
      m_isCancelled(isCancelled),
      m_timer(this),
      m_limitSet(usualMemoryLimit()),
      m_memoryLimit(m_limitSet) {
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, [this] { guarded([this] { tick(); }); });
    connect(this, &EngineWorker::callsChanged, this, &EngineWorker::drain, Qt::QueuedConnection);
}

void EngineWorker::end() {
    m_timer.stop();
    if (m_endsWithProcess && m_session) {
        m_session->finish();
        static std::unique_ptr<EngineSession>* const kept = new std::unique_ptr<EngineSession>;  // never destroyed
        *kept = std::move(m_session);
    }
    m_session.reset();
}

observe::SnapshotPtr EngineWorker::takeLatest() {
    const std::lock_guard lock(m_mutex);
    m_isWaiting = false;
    return m_latest;
}

void EngineWorker::enqueue(std::function<void(EngineWorker&)> call) {
    {
        const std::lock_guard lock(m_mutex);
        m_calls.push_back(std::move(call));
    }
    emit callsChanged();
}

void EngineWorker::drain() {
    std::deque<std::function<void(EngineWorker&)>> calls;
    {
        const std::lock_guard lock(m_mutex);
        calls.swap(m_calls);
    }
    for (const auto& call : calls) {
        guarded([&] { call(*this); });
    }
}

/// Whatever is thrown on this thread would end the program, and the window's unsaved work with it.
void EngineWorker::guarded(const std::function<void()>& work) {
    try {
        work();
    } catch (const std::exception& trouble) {
        stopTimer(RunMode::Paused);
        Failure failure{trouble.what(), {}};
        try {
            failure.bundle = m_session ? m_session->keepAfterFailure(failure.what) : std::string();
        } catch (const std::exception&) {
            // The first failure is the one that is told.
        }
        m_session.reset();
        {
            const std::lock_guard lock(m_mutex);
            m_failures.push_back(std::move(failure));
        }
        emit failuresChanged();
    }
}

std::vector<EngineWorker::Failure> EngineWorker::takeFailures() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_failures, {});
}

std::vector<EngineWorker::Opened> EngineWorker::takeOpened() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_opened, {});
}

std::vector<EngineWorker::Injected> EngineWorker::takeInjected() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_injected, {});
}

void EngineWorker::publish() {
    if (!m_session || !m_session->isOpen()) {
        return;
    }
    auto snapshot = std::make_shared<observe::Snapshot>(
        m_session->snapshot(m_timer.isActive() ? Detail::WhileRunning : Detail::Complete));
    const auto& invariants = snapshot->run.invariants;
    const auto broken =
        std::count_if(invariants.begin(), invariants.end(), [](const auto& each) { return !each.holds; });
    if (broken > m_broken && m_timer.isActive()) {
        stopTimer(RunMode::Paused);  // the instant at which it was found is the one to look at
    }
    m_broken = broken;
    snapshot->run.mode = m_mode;
    snapshot->run.speed = m_mode == RunMode::Fast ? m_speed * fastFactor : m_speed;
    snapshot->run.achievedSpeed = m_achieved;
    snapshot->run.eventsPerSecond = m_eventsPerSecond;
    bool tell = false;
    {
        const std::lock_guard lock(m_mutex);
        m_latest = std::move(snapshot);
        tell = !m_isWaiting;
        m_isWaiting = true;
    }
    if (tell) {
        emit latestChanged();
    }
}

void EngineWorker::measure(SimTime before, steady_clock::time_point now) {
    constexpr std::chrono::milliseconds window{400};
    if (!m_isMeasuring) {
        m_isMeasuring = true;
        m_measuredAt = now;
        m_measuredFrom = before;
        m_measuredEvents = m_session->events();
        return;
    }
    if (now - m_measuredAt < window) {
        return;
    }
    const double wall = std::chrono::duration<double>(now - m_measuredAt).count();
    const std::uint64_t events = m_session->events();
    m_achieved = seconds(m_session->now() - m_measuredFrom) / wall;
    m_eventsPerSecond = static_cast<double>(events - std::min(m_measuredEvents, events)) / wall;
    m_measuredAt = now;
    m_measuredFrom = m_session->now();
    m_measuredEvents = events;
}

void EngineWorker::open(const OpenRequest& request, quint64 job) {
    m_timer.stop();
    m_mode = RunMode::Paused;
    m_session = m_maker();
    m_session->look(m_page);
    m_isMeasuring = false;
    m_broken = 0;
    m_memoryLimit = m_limitSet;  // a run before this one may have been played on beyond it
    const OpenAnswer answer = m_session->open(request, m_isCancelled);
    if (!answer.isOpen) {
        m_session.reset();
    }
    {
        const std::lock_guard lock(m_mutex);
        m_opened.push_back({job, answer});
    }
    emit openedChanged();
    publish();
}

void EngineWorker::close() {
    m_timer.stop();
    m_mode = RunMode::Paused;
    m_session.reset();
}

void EngineWorker::play(RunMode mode) {
    if (!m_session) {
        return;
    }
    m_mode = m_session->hasEnded() ? RunMode::Ended : mode;
    m_isMeasuring = false;
    m_achieved = 0;
    m_lastTick = steady_clock::now();
    if (m_mode != RunMode::Ended) {
        m_timer.start(m_mode == RunMode::Express ? std::chrono::milliseconds(1) : frame);
    }
    publish();
}

void EngineWorker::stopTimer(RunMode mode) {
    m_timer.stop();
    m_mode = mode;
    m_achieved = 0;
    m_eventsPerSecond = 0;
    m_isMeasuring = false;
}

void EngineWorker::pause() {
    stopTimer(RunMode::Paused);
    publish();
}

void EngineWorker::setSpeed(double simulatedPerReal) {
    m_speed = simulatedPerReal;
    if (!m_timer.isActive()) {
        publish();
    }
}

void EngineWorker::setCheckpointBytes(std::int64_t bytes) {
    if (m_session) {
        m_session->setCheckpointBytes(bytes);
    }
}

void EngineWorker::tick() {
    const auto now = steady_clock::now();
    const SimTime before = m_session->now();
    if (m_mode == RunMode::Express) {
        m_session->advance(SimTime::max(), expressBudget);
    } else {
        const auto real = std::min<steady_clock::duration>(now - m_lastTick, longestStride);
        const double speed = m_mode == RunMode::Fast ? m_speed * fastFactor : m_speed;
        const SimDuration stride = fromSeconds(std::chrono::duration<double>(real).count() * speed);
        m_session->advance(before + std::max(stride, SimDuration(1)), frameBudget);
    }
    m_lastTick = now;
    measure(before, steady_clock::now());
    if (m_session->hasEnded()) {
        stopTimer(RunMode::Ended);
    } else {
        watchMemory();
    }
    publish();
}

/// History and what is shown of a run are bounded; what the world itself holds, such as the logs of the brokers, grows
/// with what is sent.
void EngineWorker::watchMemory() {
    constexpr std::chrono::milliseconds period{250};
    const auto now = steady_clock::now();
    if (now - m_weighedAt < period) {
        return;
    }
    m_weighedAt = now;
    const std::size_t taken = residentBytes();
    if (taken > m_memoryLimit) {
        m_memoryLimit = taken + taken / 2;
        stopTimer(RunMode::Paused);
        m_memoryTaken = taken;
        emit memoryLimitReached();
    }
}

void EngineWorker::step() {
    if (m_session) {
        stopTimer(RunMode::Step);
        m_session->step();
        publish();
    }
}

void EngineWorker::stepBack() {
    if (m_session) {
        stopTimer(RunMode::Step);
        m_session->stepBack();
        publish();
    }
}

void EngineWorker::seek(SimTime time) {
    if (m_session) {
        stopTimer(RunMode::Paused);
        m_session->seek(time, m_isCancelled);
        publish();
    }
}

void EngineWorker::backToNow() {
    if (m_session) {
        seek(m_session->furthest());
    }
}

void EngineWorker::advanceBy(SimDuration duration) {
    if (m_session) {
        const SimTime target = m_session->now() + duration;
        while (m_session->now() < target && !m_session->hasEnded() && !m_isCancelled) {
            m_session->advance(target, expressBudget);
        }
        publish();
    }
    emit advanced();
}

void EngineWorker::inject(const Command& command, quint64 ticket) {
    if (m_session) {
        const ActionId action = m_session->inject(command);
        {
            const std::lock_guard lock(m_mutex);
            m_injected.push_back({ticket, action.value});
        }
        emit injectedChanged();
        publish();
    }
}

void EngineWorker::revoke(quint64 action) {
    if (m_session) {
        m_session->revoke(ActionId{action});
        m_mode = m_mode == RunMode::Ended && !m_session->hasEnded() ? RunMode::Paused : m_mode;
        m_isMeasuring = false;
        publish();
    }
}

void EngineWorker::reinstate(quint64 action) {
    if (m_session) {
        m_session->reinstate(ActionId{action});
        m_mode = m_mode == RunMode::Ended && !m_session->hasEnded() ? RunMode::Paused : m_mode;
        m_isMeasuring = false;
        publish();
    }
}

void EngineWorker::switchBranch(quint32 branch) {
    if (m_session) {
        stopTimer(RunMode::Paused);
        m_session->switchBranch(branch);
        publish();
    }
}

void EngineWorker::look(const observe::PageRequest& page) {
    m_page = page;
    if (m_session) {
        m_session->look(page);
        publish();
    }
}

EngineBridge::EngineBridge(SessionMaker maker, QObject* parent) : QObject(parent) {
    qRegisterMetaType<OpenAnswer>();
    m_worker = std::make_unique<EngineWorker>(std::move(maker), m_isCancelled);
    EngineWorker* const worker = m_worker.get();
    worker->moveToThread(&m_thread);
    connect(
        &m_thread, &QThread::finished, worker,
        [this, worker] {
            worker->end();
            m_hasEnded = true;
        },
        Qt::DirectConnection);
    connect(worker, &EngineWorker::latestChanged, this, &EngineBridge::takeLatest);
    connect(worker, &EngineWorker::openedChanged, this, &EngineBridge::takeOpened);
    connect(worker, &EngineWorker::injectedChanged, this, &EngineBridge::takeInjected);
    connect(worker, &EngineWorker::failuresChanged, this, &EngineBridge::takeFailures);
    connect(worker, &EngineWorker::advanced, this, &EngineBridge::advanced);
    connect(worker, &EngineWorker::memoryLimitReached, this,
            [this] { emit memoryLimitReached(m_worker->memoryTaken()); });
    m_thread.setObjectName(QStringLiteral("engine"));
    m_thread.start();
}

EngineBridge::~EngineBridge() {
    m_isCancelled = true;
    m_thread.quit();
    m_thread.wait();
    (void)m_hasEnded.load();
}

void EngineBridge::post(std::function<void(EngineWorker&)> call) {
    m_worker->enqueue(std::move(call));
}

void EngineBridge::takeLatest() {
    if (observe::SnapshotPtr latest = m_worker->takeLatest(); latest && m_isOpen) {
        m_snapshot = std::move(latest);
        emit snapshotReady(m_snapshot);
    }
}

void EngineBridge::takeOpened() {
    for (const EngineWorker::Opened& each : m_worker->takeOpened()) {
        if (each.job == m_job) {  // a later open has been asked for meanwhile: older answers are stale
            m_isOpen = each.answer.isOpen;
            emit opened(each.answer);
        }
    }
}

void EngineBridge::takeInjected() {
    for (const EngineWorker::Injected& each : m_worker->takeInjected()) {
        emit injected(each.ticket, each.action);
    }
}

void EngineBridge::takeFailures() {
    for (const EngineWorker::Failure& each : m_worker->takeFailures()) {
        m_isOpen = false;
        m_snapshot.reset();
        emit failedInternally(QString::fromStdString(each.what), QString::fromStdString(each.bundle));
    }
}

void EngineBridge::open(const OpenRequest& request) {
    m_isOpen = false;
    m_snapshot.reset();
    const quint64 job = ++m_job;
    post([request, job](EngineWorker& worker) { worker.open(request, job); });
}

void EngineBridge::close() {
    m_isOpen = false;
    m_snapshot.reset();
    ++m_job;
    post([](EngineWorker& worker) { worker.close(); });
}

void EngineBridge::play() {
    post([](EngineWorker& worker) { worker.play(RunMode::Run); });
}

void EngineBridge::fast() {
    post([](EngineWorker& worker) { worker.play(RunMode::Fast); });
}

void EngineBridge::express() {
    post([](EngineWorker& worker) { worker.play(RunMode::Express); });
}

void EngineBridge::pause() {
    post([](EngineWorker& worker) { worker.pause(); });
}

void EngineBridge::setSpeed(double simulatedPerReal) {
    post([simulatedPerReal](EngineWorker& worker) { worker.setSpeed(simulatedPerReal); });
}

void EngineBridge::setCheckpointBytes(qint64 bytes) {
    post([bytes](EngineWorker& worker) { worker.setCheckpointBytes(bytes); });
}

void EngineBridge::step() {
    post([](EngineWorker& worker) { worker.step(); });
}

void EngineBridge::stepBack() {
    post([](EngineWorker& worker) { worker.stepBack(); });
}

void EngineBridge::seek(SimTime time) {
    // While the head is dragged only the newest wish counts.
    const quint64 job = ++m_latestSeek;
    post([this, time, job](EngineWorker& worker) {
        if (job == m_latestSeek) {
            worker.seek(time);
        }
    });
}

void EngineBridge::backToNow() {
    ++m_latestSeek;
    post([](EngineWorker& worker) { worker.backToNow(); });
}

void EngineBridge::switchBranch(quint32 branch) {
    post([branch](EngineWorker& worker) { worker.switchBranch(branch); });
}

void EngineBridge::look(const observe::PageRequest& page) {
    post([page](EngineWorker& worker) { worker.look(page); });
}

void EngineBridge::advanceBy(SimDuration duration) {
    post([duration](EngineWorker& worker) { worker.advanceBy(duration); });
}

void EngineBridge::setMemoryLimit(quint64 bytes) {
    post([bytes](EngineWorker& worker) { worker.setMemoryLimit(bytes); });
}

void EngineBridge::inject(const Command& command, quint64 ticket) {
    post([command, ticket](EngineWorker& worker) { worker.inject(command, ticket); });
}

void EngineBridge::revoke(quint64 action) {
    post([action](EngineWorker& worker) { worker.revoke(action); });
}

void EngineBridge::reinstate(quint64 action) {
    post([action](EngineWorker& worker) { worker.reinstate(action); });
}

}  // namespace millrace::bridge
