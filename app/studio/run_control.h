#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <cstdint>
#include <optional>

#include "app/bridge/engine_bridge.h"
#include "app/studio/live_actions.h"
#include "app/studio/running_change.h"
#include "app/studio/scenario_document.h"

namespace millrace::studio {

/// The run of the open document: it begins and ends it, hands on what the engine shows of it, and knows whether it
/// still is what is drawn.
class RunControl final : public QObject {
    Q_OBJECT

public:
    RunControl(ScenarioDocument& document, bridge::SessionMaker sessions, QObject* parent);

    [[nodiscard]] bridge::EngineBridge& bridge() { return m_bridge; }
    [[nodiscard]] LiveActions& live() { return *m_live; }
    /// What is shown of it; null while there is nothing.
    [[nodiscard]] const observe::SnapshotPtr& snapshot() const { return m_snapshot; }
    /// The part of the document that it was started from.
    [[nodiscard]] const scenario::Value& running() const { return m_running; }
    [[nodiscard]] bool isKnown() const { return m_isRunKnown; }
    [[nodiscard]] bool isStale() const { return m_isStale; }

    [[nodiscard]] std::optional<std::int64_t> checkpointBytes() const { return m_checkpointBytes; }
    void setCheckpointBytes(std::optional<std::int64_t> bytes);
    void setSpeed(double simulatedPerReal);

    /// False when the document is not fit to run.
    bool start(bool play);
    void playOrStart();
    void close();
    /// The document becomes another one. What of that an operator could do enters the run that is going on too, as a
    /// recorded input: no restart is needed, and undo takes back both. False when the run goes on as it was.
    bool edit(const QString& name, scenario::Value root);

signals:
    /// A picture of the run that is to be read; null: there is nothing to be shown any longer.
    void told(const millrace::observe::SnapshotPtr& snapshot);
    /// Only what moves has moved on.
    void moved(const millrace::observe::SnapshotPtr& snapshot);
    /// It stands at its beginning, with what is worth knowing, and is to be played or not.
    void opened(const std::vector<millrace::observe::ProblemView>& problems, bool play);
    /// The engine would not have it.
    void refused(const std::vector<millrace::observe::ProblemView>& problems);
    /// The document is not fit to run.
    void cannotStart();
    /// The document was edited since: the run needs a restart to show it; or that was taken back.
    void staleChanged(bool isStale);

private:
    void apply(const QString& name, scenario::Value root, const RunningChange& change);
    void show(const observe::SnapshotPtr& snapshot);
    void tell();
    void forget();
    void checkStale();
    void takeOpened(const bridge::OpenAnswer& answer);

    ScenarioDocument& m_document;
    bridge::EngineBridge m_bridge;
    LiveActions* m_live = nullptr;
    observe::SnapshotPtr m_snapshot;
    QElapsedTimer m_toldAt;     ///< since everything was told of a snapshot
    QTimer m_tellsLater;        ///< when one came sooner than can be read
    scenario::Value m_running;  ///< the part of the document that the present run was started from
    quint64 m_runNumber = 0;
    std::optional<std::int64_t> m_checkpointBytes;
    double m_speed = 1;
    bool m_isRunKnown = false;
    bool m_isStale = false;  ///< the document was edited since: the run needs a restart to show it
    bool m_playWhenOpen = false;
};

}  // namespace millrace::studio
