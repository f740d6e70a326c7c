#pragma once

#include <QObject>
#include <QThread>
#include <QTimer>
#include <atomic>
#include <deque>
#include <functional>
#include <mutex>

#include "app/bridge/engine_session.h"

namespace millrace::bridge {

using SessionMaker = std::function<std::unique_ptr<EngineSession>()>;

/// Lives on the engine thread and owns the session. Its timer runs only while the run goes on, so a paused run costs
/// nothing.
class EngineWorker final : public QObject {
    Q_OBJECT

public:
    EngineWorker(SessionMaker maker, std::atomic<bool>& isCancelled);
    ~EngineWorker() override = default;

    /// The newest snapshot, taken by the window when it has time for it. Any thread.
    [[nodiscard]] observe::SnapshotPtr takeLatest();

    /// Any thread: the call is made on the engine thread, after those that were handed over before. What crosses lies
    /// under a mutex of our own and not in Qt's events, so that the thread sanitizer can follow it.
    void enqueue(std::function<void(EngineWorker&)> call);
    /// The engine thread, as the last thing that it does: the run ends where it was made. What is left may be deleted
    /// by any thread.
    void end();

    /// Any thread: the process ends after this object. A run is finished then and not taken apart: that would touch all
    /// of its memory, page by page, for a minute after a long run, only for the system to take it anyway.
    void endWithProcess() { m_endsWithProcess = true; }

    /// A run that has grown beyond it pauses, before the machine has no memory left. Playing on allows half as much
    /// again.
    void setMemoryLimit(std::size_t bytes) { m_limitSet = m_memoryLimit = bytes; }
    /// Any thread: how large the program was when that happened last.
    [[nodiscard]] quint64 memoryTaken() const { return m_memoryTaken; }

    /// Any thread: answers that the window has not seen yet.
    struct Opened {
        quint64 job = 0;
        OpenAnswer answer;
    };
    struct Injected {
        quint64 ticket = 0;
        quint64 action = 0;
    };
    [[nodiscard]] std::vector<Opened> takeOpened();
    [[nodiscard]] std::vector<Injected> takeInjected();
    /// The program has broken a rule of its own. There is no run any more.
    struct Failure {
        std::string what;
        std::string bundle;  ///< the folder to attach to a report
    };
    [[nodiscard]] std::vector<Failure> takeFailures();

    void open(const OpenRequest& request, quint64 job);
    void play(observe::RunMode mode);
    void pause();
    void setSpeed(double simulatedPerReal);
    void setCheckpointBytes(std::int64_t bytes);
    void step();
    void stepBack();
    void seek(SimTime time);
    void backToNow();
    void advanceBy(SimDuration duration);
    void inject(const Command& command, quint64 ticket);
    void revoke(quint64 action);
    void reinstate(quint64 action);
    void switchBranch(quint32 branch);
    void look(const observe::PageRequest& page);
    void close();

signals:
    void callsChanged();
    void latestChanged();
    void openedChanged();
    void injectedChanged();
    void failuresChanged();
    void advanced();
    void memoryLimitReached();

private:
    void guarded(const std::function<void()>& work);
    void drain();
    void watchMemory();
    void tick();
    void publish();
    void measure(SimTime before, std::chrono::steady_clock::time_point now);
    void stopTimer(observe::RunMode mode);

    SessionMaker m_maker;
    std::atomic<bool>& m_isCancelled;
    std::unique_ptr<EngineSession> m_session;
    QTimer m_timer;
    observe::RunMode m_mode = observe::RunMode::Paused;
    double m_speed = 1.0;
    observe::PageRequest m_page;
    std::chrono::steady_clock::time_point m_lastTick;
    std::chrono::steady_clock::time_point m_measuredAt;
    SimTime m_measuredFrom{};
    std::uint64_t m_measuredEvents = 0;
    double m_achieved = 0;
    double m_eventsPerSecond = 0;
    bool m_isMeasuring = false;
    std::size_t m_limitSet;
    std::size_t m_memoryLimit;  ///< of this run, which may have been played on beyond it
    std::atomic<quint64> m_memoryTaken{0};
    std::chrono::steady_clock::time_point m_weighedAt;
    std::ptrdiff_t m_broken = 0;  ///< invariants that have been seen not to hold

    std::atomic<bool> m_endsWithProcess{false};
    std::mutex m_mutex;
    observe::SnapshotPtr m_latest;
    std::deque<std::function<void(EngineWorker&)>> m_calls;
    std::vector<Opened> m_opened;
    std::vector<Injected> m_injected;
    std::vector<Failure> m_failures;
    bool m_isWaiting = false;  ///< the window has been told and has not yet come for it
};

/// The window's side: commands go down as values, snapshots come up at most once a frame. A window that is busy gets
/// the newest snapshot when it is back, never a queue of old ones.
class EngineBridge final : public QObject {
    Q_OBJECT

public:
    explicit EngineBridge(SessionMaker maker, QObject* parent = nullptr);
    ~EngineBridge() override;

    [[nodiscard]] const observe::SnapshotPtr& snapshot() const { return m_snapshot; }
    [[nodiscard]] bool isOpen() const { return m_isOpen; }

public slots:
    void open(const millrace::bridge::OpenRequest& request);
    void close();
    void play();
    void fast();
    void express();
    void pause();
    void setSpeed(double simulatedPerReal);
    void step();
    void stepBack();
    void seek(millrace::SimTime time);
    void backToNow();
    void switchBranch(quint32 branch);
    /// Which page is open, of this run and of those that follow. Snapshots have it from now on.
    void look(const millrace::observe::PageRequest& page);

    /// Runs on by that much simulated time as fast as it goes, then emits `advanced`.
    void advanceBy(millrace::SimDuration duration);
    void setMemoryLimit(quint64 bytes);
    /// Nothing but the end of the process follows after this object.
    void endWithProcess() { m_worker->endWithProcess(); }
    /// Of the run that there is; one that is opened brings its own.
    void setCheckpointBytes(qint64 bytes);

    /// Answers with `injected`, carrying the ticket.
    void inject(const millrace::bridge::Command& command, quint64 ticket);
    void revoke(quint64 action);
    void reinstate(quint64 action);

signals:
    void snapshotReady(const millrace::observe::SnapshotPtr& snapshot);
    void opened(const millrace::bridge::OpenAnswer& answer);
    void injected(quint64 ticket, quint64 action);
    void advanced();
    /// The program has broken a rule of its own, and the run is gone; `bundle` is the folder to attach to a report.
    void failedInternally(const QString& what, const QString& bundle);
    void memoryLimitReached(quint64 bytes);  ///< the run was paused because of it

private:
    void post(std::function<void(EngineWorker&)> call);
    void takeLatest();
    void takeOpened();
    void takeInjected();
    void takeFailures();

    QThread m_thread;
    /// The thread has left the worker. Qt's own waiting is no order that the thread sanitizer sees; this is.
    std::atomic<bool> m_hasEnded{false};
    std::atomic<bool> m_isCancelled{false};
    std::atomic<quint64> m_latestSeek{0};
    std::unique_ptr<EngineWorker> m_worker;  ///< lives on the thread and is deleted when that has ended
    observe::SnapshotPtr m_snapshot;
    quint64 m_job = 0;
    bool m_isOpen = false;
};

}  // namespace millrace::bridge
