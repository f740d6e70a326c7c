#include "app/studio/run_control.h"

#include <QUndoCommand>
#include <functional>
#include <utility>

#include "app/studio/file_names.h"
#include "app/studio/resource_files.h"

namespace millrace::studio {

namespace {

/// Something that goes along with the step of the history of which it is a part.
class Along final : public QUndoCommand {
public:
    Along(std::function<void()> forth, std::function<void()> back)
        : m_forth(std::move(forth)), m_back(std::move(back)) {}
    void redo() override { m_forth(); }
    void undo() override { m_back(); }

private:
    std::function<void()> m_forth;
    std::function<void()> m_back;
};

}  // namespace

RunControl::RunControl(ScenarioDocument& document, bridge::SessionMaker sessions, QObject* parent)
    : QObject(parent), m_document(document), m_bridge(std::move(sessions)) {
    m_live = new LiveActions(m_bridge, m_document.undoStack(), this);
    m_tellsLater.setSingleShot(true);
    connect(&m_tellsLater, &QTimer::timeout, this, &RunControl::tell);
    connect(&m_bridge, &bridge::EngineBridge::snapshotReady, this, &RunControl::show);
    connect(&m_bridge, &bridge::EngineBridge::opened, this, &RunControl::takeOpened);
    connect(&m_document, &ScenarioDocument::changed, this, &RunControl::checkStale);
}

void RunControl::setCheckpointBytes(std::optional<std::int64_t> bytes) {
    m_checkpointBytes = bytes;
    if (bytes && m_bridge.isOpen()) {
        m_bridge.setCheckpointBytes(*bytes);
    }
}

void RunControl::setSpeed(double simulatedPerReal) {
    m_speed = simulatedPerReal;
    m_bridge.setSpeed(simulatedPerReal);
}

/// While a run plays, what moves does so with every picture, and what is read changes ten times a second.
void RunControl::show(const observe::SnapshotPtr& snapshot) {
    constexpr int legible = 100;  // ms
    const observe::RunMode mode = snapshot->run.mode;
    const bool isPlaying = mode == observe::RunMode::Run || mode == observe::RunMode::Fast;
    const bool goesOn = isPlaying && m_snapshot && m_snapshot->run.mode == mode && m_toldAt.isValid() &&
                        snapshot->run.now >= m_snapshot->run.now;
    m_snapshot = snapshot;
    if (goesOn && m_toldAt.elapsed() < legible) {
        emit moved(snapshot);
        if (!m_tellsLater.isActive()) {
            m_tellsLater.start(legible - static_cast<int>(m_toldAt.elapsed()));
        }
        return;
    }
    tell();
}

void RunControl::tell() {
    m_tellsLater.stop();
    if (m_snapshot) {  // or the run was closed
        m_toldAt.restart();
        const observe::SnapshotPtr snapshot = m_snapshot;
        emit told(snapshot);
    }
}

void RunControl::checkStale() {
    const bool isStale = m_isRunKnown && !(m_document.runnable() == m_running);
    if (std::exchange(m_isStale, isStale) != isStale) {
        emit staleChanged(isStale);
    }
}

bool RunControl::start(bool play) {
    m_document.finishEdits();
    if (m_document.hasErrors()) {
        emit cannotStart();
        return false;
    }
    m_playWhenOpen = play;
    m_running = m_document.runnable();
    ++m_runNumber;
    m_isRunKnown = true;
    forget();
    // An example is to be looked at: its results stay inside the simulation. A scenario of one's own writes its sinks.
    const bool carriesOut = !m_document.file().isEmpty() && !isExample(m_document.file());
    m_bridge.open({m_document.text().toStdString(), fileBytes(m_document.file()), carriesOut, m_checkpointBytes});
    m_bridge.setSpeed(m_speed);
    return true;
}

/// Nothing of a run is shown any longer.
void RunControl::close() {
    m_bridge.close();
    m_isRunKnown = false;
    forget();
}

void RunControl::forget() {
    m_isStale = false;
    m_snapshot.reset();
    m_live->forget();
    emit told(nullptr);
}

void RunControl::playOrStart() {
    if (m_bridge.isOpen()) {
        m_bridge.play();
    } else {
        start(true);
    }
}

void RunControl::takeOpened(const bridge::OpenAnswer& answer) {
    if (answer.isOpen) {
        emit opened(answer.problems, m_playWhenOpen);
    } else {
        m_isRunKnown = false;
        emit refused(answer.problems);
    }
}

bool RunControl::edit(const QString& name, scenario::Value root) {
    const auto canHappen = [&](std::size_t fault) {
        return m_document.wouldBeRight(root, "faults[" + std::to_string(fault) + "]");
    };
    const auto change =
        m_snapshot ? runningChange(m_document.root(), root, m_running, m_snapshot->run, canHappen) : std::nullopt;
    if (!change) {
        m_document.apply(name, std::move(root));
        return false;
    }
    apply(name, std::move(root), *change);
    return true;
}

void RunControl::apply(const QString& name, scenario::Value root, const RunningChange& change) {
    QUndoStack& history = m_document.undoStack();
    const auto runs = [this, run = m_runNumber](const scenario::Value& value) {
        return [this, run, value] {
            if (run == m_runNumber) {
                m_running = value;
            }
        };
    };
    const auto nothing = [] {};
    const scenario::Value before = m_running;
    history.beginMacro(name);
    history.push(new Along(runs(change.running), nothing));  // before the document changes, in either direction
    m_document.apply(name, std::move(root));
    history.push(new Along(nothing, runs(before)));
    m_live->perform(name, change.commands);
    history.endMacro();
}

}  // namespace millrace::studio
