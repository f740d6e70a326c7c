#include "app/studio/main_window.h"

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QDockWidget>
#include <QFileDialog>
#include <QFileInfo>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QSettings>
#include <QSplitter>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>

#include "app/studio/diagram_builder.h"
#include "app/studio/fault_commands.h"
#include "app/studio/graph_edits.h"
#include "app/studio/live_actions.h"
#include "app/studio/parts.h"
#include "app/studio/property_sheets.h"
#include "app/studio/recovery.h"
#include "app/studio/resource_files.h"
#include "engine/scenario/document/edit.h"
#include "widgets/canvas/card_painter.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/charts/chart_panel.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/format.h"
#include "widgets/controls/key_overlay.h"
#include "widgets/controls/palette.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/models/journal_model.h"
#include "widgets/models/problems_model.h"
#include "widgets/timeline/time_deck.h"

namespace millrace::studio {

using widgets::format::text;

namespace {

QString titleOf(const QString& id) {
    return text(observe::titleOf(id.toStdString()));
}

}  // namespace

MainWindow::MainWindow(bridge::SessionMaker sessions, StudioOptions options, QWidget* parent)
    : QMainWindow(parent), m_options(std::move(options)), m_bridge(std::move(sessions)) {
    setAccessibleName(tr("Millrace"));
    m_live = new LiveActions(m_bridge, m_document.undoStack(), this);
    if (!m_options.recoveryFolder.isEmpty()) {
        m_recovery = new Recovery(m_document, m_options.recoveryFolder, this);
    }
    makeCentre();
    makeDocks();
    makeBottom();
    makeActions();
    connectParts();
    connectCanvas();
    showDocument();
    showTitle();
    resize(1440, 900);
}

MainWindow::~MainWindow() = default;

void MainWindow::connectParts() {
    connect(&m_bridge, &bridge::EngineBridge::snapshotReady, this, &MainWindow::showSnapshot);
    connect(&m_bridge, &bridge::EngineBridge::opened, this, &MainWindow::takeOpened);
    connect(&m_document, &ScenarioDocument::changed, this, &MainWindow::showDocument);
    connect(&m_document, &ScenarioDocument::fileChanged, this, &MainWindow::showTitle);
    connect(&m_selection, &widgets::Selection::changed, this, [this] {
        m_inspector->setSheet(sheetOf(m_document.root(), m_selection.current(), m_document.problems()));
    });
    connect(m_live, &LiveActions::message, this, &MainWindow::say);

    connect(m_deck, &widgets::TimeDeck::playRequested, this, &MainWindow::playOrStart);
    connect(m_deck, &widgets::TimeDeck::pauseRequested, &m_bridge, &bridge::EngineBridge::pause);
    connect(m_deck, &widgets::TimeDeck::stepRequested, &m_bridge, &bridge::EngineBridge::step);
    connect(m_deck, &widgets::TimeDeck::stepBackRequested, &m_bridge, &bridge::EngineBridge::stepBack);
    connect(m_deck, &widgets::TimeDeck::fastRequested, &m_bridge, &bridge::EngineBridge::fast);
    connect(m_deck, &widgets::TimeDeck::expressRequested, &m_bridge, &bridge::EngineBridge::express);
    connect(m_deck, &widgets::TimeDeck::speedChanged, &m_bridge, &bridge::EngineBridge::setSpeed);
    connect(m_deck, &widgets::TimeDeck::toStartRequested, this, [this] { m_bridge.seek(SimTime{}); });
    widgets::TimeStrip& strip = m_deck->strip();
    connect(&strip, &widgets::TimeStrip::seekRequested, &m_bridge, &bridge::EngineBridge::seek);
    connect(&strip, &widgets::TimeStrip::backToNowRequested, &m_bridge, &bridge::EngineBridge::backToNow);
    connect(&strip, &widgets::TimeStrip::branchRequested, &m_bridge, &bridge::EngineBridge::switchBranch);
    connect(&strip, &widgets::TimeStrip::hovered, m_charts, &widgets::ChartPanel::setCursorTime);
    connect(m_charts, &widgets::ChartPanel::cursorMoved, &strip, &widgets::TimeStrip::setCursorTime);
    connect(m_charts, &widgets::ChartPanel::seekRequested, &m_bridge, &bridge::EngineBridge::seek);

    connect(m_inspector, &widgets::InspectorPanel::seekRequested, &m_bridge, &bridge::EngineBridge::seek);
    connect(m_inspector, &widgets::InspectorPanel::propertyEdited, this,
            [this](const QString& path, const QString& value) {
                if (auto edited = withProperty(m_document.root(), path, value)) {
                    m_document.apply(tr("Set %1").arg(path), std::move(*edited));
                }
            });
    connect(m_sentence, &widgets::SentenceBar::whyRequested, this, [this](quint64 entry) {
        m_rightDock->show();
        m_inspector->explain(entry);
    });
    connect(m_parts, &widgets::PartPalette::partChosen, this, &MainWindow::addPartInView);
    connect(m_events, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        m_bridge.seek(SimTime(SimDuration(index.data(widgets::JournalModel::TimeRole).toLongLong())));
    });
    connect(m_events, &QTableView::clicked, this, [this](const QModelIndex& index) {
        m_selection.select(index.data(widgets::JournalModel::PlaceRole).toString());
        m_inspector->explain(index.data(widgets::JournalModel::IdRole).toULongLong());
    });
}

void MainWindow::connectCanvas() {
    using widgets::LogicalCanvas;
    connect(m_logical, &LogicalCanvas::addRequested, this, &MainWindow::addPartAt);
    connect(m_logical, &LogicalCanvas::quickAddRequested, this, &MainWindow::quickAdd);
    connect(m_logical, &LogicalCanvas::message, this, &MainWindow::say);
    connect(m_logical, &LogicalCanvas::connectRequested, this, [this](const QString& from, const QString& to) {
        if (auto edited = connectObjects(m_document.root(), from.toStdString(), to.toStdString())) {
            m_document.apply(tr("Connect %1 to %2").arg(titleOf(from), titleOf(to)), edited->root);
            if (!edited->note.empty()) {
                say(text(edited->note));
            }
        } else {
            say(tr("%1 cannot feed %2").arg(titleOf(from), titleOf(to)));
        }
    });
    connect(m_logical, &LogicalCanvas::disconnectRequested, this, [this](const QString& from, const QString& to) {
        if (auto edited = disconnectObjects(m_document.root(), from.toStdString(), to.toStdString())) {
            m_document.apply(tr("Disconnect %1 from %2").arg(titleOf(from), titleOf(to)), edited->root);
        }
    });
    connect(m_logical, &LogicalCanvas::moveRequested, this, [this](const QHash<QString, QPointF>& positions) {
        // Cards that were laid out by rule keep their places from now on, or one move would shift the others.
        std::map<observe::ObjectId, Position> all;
        for (const widgets::DiagramNode& node : m_logical->diagram().nodes) {
            const QPointF at = positions.value(node.id, node.position);
            all[node.id.toStdString()] = {at.x(), at.y()};
        }
        const QString key = QStringLiteral("move ") + QStringList(positions.keys()).join(QLatin1Char(' '));
        m_document.apply(positions.size() == 1 ? tr("Move %1").arg(titleOf(positions.cbegin().key()))
                                               : tr("Move %1 cards").arg(positions.size()),
                         moveObjects(m_document.root(), all), key);
    });
    connect(m_logical, &LogicalCanvas::removeRequested, this, [this](const QStringList& ids) {
        std::vector<observe::ObjectId> objects;
        for (const QString& id : ids) {
            objects.push_back(id.toStdString());
        }
        if (auto edited = removeObjects(m_document.root(), objects)) {
            m_selection.clear();
            m_document.apply(
                ids.size() == 1 ? tr("Delete %1").arg(titleOf(ids.first())) : tr("Delete %1 cards").arg(ids.size()),
                edited->root);
        }
    });
    connect(m_logical, &LogicalCanvas::renameRequested, this, [this](const QString& id, const QString& name) {
        if (auto edited = renameObject(m_document.root(), id.toStdString(), name.toStdString())) {
            m_document.apply(tr("Rename %1 to %2").arg(titleOf(id), name), edited->root);
            m_selection.select(QString::fromStdString(edited->object));
        } else {
            say(tr("The name %1 is taken").arg(name));
        }
    });
    connect(m_logical, &LogicalCanvas::faultRequested, this, &MainWindow::injectFault);
    connect(m_physical, &widgets::PhysicalCanvas::faultRequested, this, &MainWindow::injectFault);
    connect(m_physical, &widgets::PhysicalCanvas::reviveRequested, this, &MainWindow::revive);
    connect(m_physical, &widgets::PhysicalCanvas::message, this, &MainWindow::say);
}

void MainWindow::showSnapshot(const observe::SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    m_logical->setSnapshot(snapshot);
    m_physical->setSnapshot(snapshot);
    m_deck->setSnapshot(snapshot);
    m_sentence->setSnapshot(snapshot);
    m_inspector->setSnapshot(snapshot);
    m_charts->setSnapshot(snapshot);
    m_journal->setSnapshot(snapshot);
    if (m_followsEvents && m_events->isVisible()) {
        m_events->scrollToBottom();
    }
    showInvariants();
    showStale();
}

void MainWindow::showDocument() {
    m_logical->setDiagram(buildDiagram(m_document.root(), m_document.problems()));
    m_inspector->setSheet(sheetOf(m_document.root(), m_selection.current(), m_document.problems()));
    m_problems->setProblems(m_document.problems());
    countProblems();
    m_isStale = m_isRunKnown && !(m_document.runnable() == m_running);
    showStale();
}

void MainWindow::countProblems() {
    const auto count = m_problems->rowCount();
    m_tabs->setTabText(ProblemsTab, count == 0 ? tr("Problems") : tr("Problems %1").arg(count));
}

void MainWindow::showTitle() {
    setWindowTitle(tr("%1[*] — Millrace").arg(m_document.title()));
    setWindowModified(m_document.isModified());
    setWindowFilePath(m_document.file());
}

void MainWindow::showInvariants() {
    const auto& invariants = m_snapshot->run.invariants;
    m_problems->setInvariants(invariants);
    countProblems();
    const auto broken =
        std::find_if(invariants.begin(), invariants.end(), [](const auto& each) { return !each.holds; });
    if (broken == invariants.end()) {
        m_isViolationSaid = false;
    } else if (!m_isViolationSaid) {
        m_isViolationSaid = true;
        showTab(ProblemsTab);
        say(tr("What must always be true is not: %1. The run stopped there").arg(text(broken->firstViolation)));
    }
}

void MainWindow::showStale() {
    using widgets::Meaning;
    m_restartAction->setVisible(m_isStale);
    if (!m_snapshot) {
        const bool isWrong = m_document.hasErrors();
        m_runState->setText(isWrong ? tr("not ready: see Problems") : tr("ready: Space plays it"));
        widgets::setMeaning(*m_runState, isWrong ? Meaning::Warning : Meaning::Dim);
        return;
    }
    const auto& invariants = m_snapshot->run.invariants;
    const auto total = static_cast<qsizetype>(invariants.size());
    const auto broken =
        std::count_if(invariants.begin(), invariants.end(), [](const auto& each) { return !each.holds; });
    if (total == 0) {
        m_runState->setText(text(observe::toText(m_snapshot->run.mode)));
    } else {
        m_runState->setText(broken == 0 ? tr("● invariants hold (%1)").arg(total)
                                        : tr("✕ %1 of %2 invariants broken").arg(broken).arg(total));
    }
    widgets::setMeaning(*m_runState, broken > 0 ? Meaning::Bad : total > 0 ? Meaning::Good : Meaning::Dim);
}

bool MainWindow::startRun(bool play) {
    if (m_document.hasErrors()) {
        showTab(ProblemsTab);
        say(tr("This cannot run yet: %1").arg(text(m_document.problems().front().text)));
        return false;
    }
    m_playWhenOpen = play;
    m_live->forget();
    m_journal->clear();
    m_snapshot.reset();
    m_running = m_document.runnable();
    m_isRunKnown = true;
    m_isStale = false;
    // An example is to be looked at: its results stay inside the simulation. A scenario of one's own writes its sinks.
    const bool isExample = m_document.file().isEmpty() ||
                           QFileInfo(m_document.file()).canonicalPath() == QDir(scenariosFolder()).canonicalPath();
    m_bridge.open({m_document.text().toStdString(), m_document.file().toStdString(), !isExample});
    m_bridge.setSpeed(m_deck->speed());
    showStale();
    return true;
}

void MainWindow::restart() {
    startRun(true);
}

void MainWindow::playOrStart() {
    if (m_bridge.isOpen()) {
        m_bridge.play();
    } else {
        startRun(true);
    }
}

void MainWindow::takeOpened(const bridge::OpenAnswer& answer) {
    if (!answer.isOpen) {
        m_isRunKnown = false;
        std::vector<observe::ProblemView> problems = m_document.problems();
        problems.insert(problems.end(), answer.problems.begin(), answer.problems.end());
        m_problems->setProblems(std::move(problems));
        showTab(ProblemsTab);
        say(answer.problems.empty() ? tr("The run could not start") : text(answer.problems.front().text));
        return;
    }
    if (m_playWhenOpen) {
        m_bridge.play();
    }
}

void MainWindow::addPartAt(const QString& part, const QPointF& position, const QString& spliceFrom,
                           const QString& spliceTo) {
    auto edited = addPart(m_document.root(), part.toStdString(), {position.x(), position.y()});
    if (!edited) {
        return;
    }
    scenario::Value root = edited->root;
    if (!spliceFrom.isEmpty()) {
        // Dropped on a wire: it goes in between, if both ends can be joined to it.
        const auto cut = disconnectObjects(root, spliceFrom.toStdString(), spliceTo.toStdString());
        const auto first = cut ? connectObjects(cut->root, spliceFrom.toStdString(), edited->object) : std::nullopt;
        const auto second = first ? connectObjects(first->root, edited->object, spliceTo.toStdString()) : std::nullopt;
        root = second ? second->root : root;
    }
    // The cards that are there stay where they are seen.
    std::map<observe::ObjectId, Position> fixed;
    for (const widgets::DiagramNode& node : m_logical->diagram().nodes) {
        fixed[node.id.toStdString()] = {node.position.x(), node.position.y()};
    }
    m_document.apply(tr("Add %1").arg(titleOf(QString::fromStdString(edited->object))), moveObjects(root, fixed));
    m_selection.select(QString::fromStdString(edited->object));
}

void MainWindow::addPartInView(const QString& part) {
    // Right of everything, where the flow goes on.
    QPointF corner =
        m_logical->toScene(QPointF(m_logical->rect().center())) - QPointF(widgets::cardWidth, widgets::cardHeight) / 2;
    for (const widgets::DiagramNode& node : m_logical->diagram().nodes) {
        corner.setX(std::max(corner.x(), node.position.x() + widgets::cardWidth + 64));
    }
    if (m_logical->diagram().nodes.empty()) {
        corner = QPointF(0, 0);
    }
    addPartAt(part, corner, {}, {});
}

void MainWindow::quickAdd(const QPoint& global, const QPointF& position) {
    QMenu menu(this);
    QString group;
    for (const widgets::Part& part : parts()) {
        if (part.group != group) {
            group = part.group;
            menu.addSection(group);
        }
        menu.addAction(part.title, this, [this, name = part.name, position] {
            addPartAt(name, position - QPointF(widgets::cardWidth, widgets::cardHeight) / 2, {}, {});
        });
    }
    menu.exec(global);
}

void MainWindow::arrange() {
    if (auto root = scenario::without(m_document.root(), scenario::Path({"canvas", "positions"}))) {
        m_document.apply(tr("Arrange cards"), std::move(*root));
        m_logical->fit();
    }
}

void MainWindow::injectFault(const QString& kind, const QString& target) {
    if (!m_snapshot) {
        say(tr("Press Space first: there is no run yet that could be broken"));
        return;
    }
    const auto commands = commandsFor(*m_snapshot, kind.toStdString(), target.toStdString());
    const widgets::FaultTool* tool = widgets::findFaultTool(kind);
    m_live->perform(tr("%1 %2").arg(tool == nullptr ? kind : tool->title, titleOf(target)), commands);
}

void MainWindow::revive(const QString& target) {
    if (m_snapshot) {
        m_live->perform(tr("Revive %1").arg(titleOf(target)), revivalOf(*m_snapshot, target.toStdString()));
    }
}

void MainWindow::say(const QString& words) {
    m_sentence->say(words);
}

bool MainWindow::openFile(const QString& file) {
    QString complaint;
    if (!m_document.loadFile(file, complaint)) {
        say(complaint.section(QLatin1Char('\n'), 0, 0));
        return false;
    }
    m_selection.clear();
    m_logical->fit();
    return startRun(m_options.playOnOpen);
}

bool MainWindow::recover() {
    if (m_options.recoveryFolder.isEmpty()) {
        return false;
    }
    const auto work = Recovery::takeLeftover(m_options.recoveryFolder);
    QString complaint;
    if (!work || !m_document.load(work->text, work->file, complaint)) {
        return false;
    }
    m_document.markUnsaved();
    m_recovery->writeNow();
    m_logical->fit();
    say(tr("Your unsaved work is back: Millrace ended unexpectedly last time. Save it with Ctrl+S"));
    return true;
}

bool MainWindow::maySwitchDocument() {
    if (!m_document.isModified()) {
        return true;
    }
    const auto answer =
        QMessageBox::question(this, tr("Unsaved changes"), tr("Save the changes to %1?").arg(m_document.title()),
                              QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel);
    return answer == QMessageBox::Discard || (answer == QMessageBox::Save && save());
}

void MainWindow::newScenario() {
    if (!maySwitchDocument()) {
        return;
    }
    m_bridge.close();
    m_snapshot.reset();
    m_isRunKnown = false;
    m_isStale = false;
    m_live->forget();
    m_journal->clear();
    m_selection.clear();
    m_document.startNew();
    m_logical->setSnapshot(nullptr);
    m_physical->setSnapshot(nullptr);
    m_deck->setSnapshot(nullptr);
    m_sentence->setSnapshot(nullptr);
    m_inspector->setSnapshot(nullptr);
    m_logical->fit();
    showStale();
}

bool MainWindow::save() {
    if (m_document.file().isEmpty()) {
        return saveAs();
    }
    QString complaint;
    if (!m_document.saveAs(m_document.file(), complaint)) {
        say(tr("Not saved: %1").arg(complaint));
        return false;
    }
    say(tr("Saved as %1").arg(m_document.file()));
    return true;
}

bool MainWindow::saveAs() {
    const QString file = QFileDialog::getSaveFileName(
        this, tr("Save scenario"), m_document.file().isEmpty() ? QStringLiteral("scenario.json") : m_document.file(),
        tr("Scenarios (*.json)"));
    if (file.isEmpty()) {
        return false;
    }
    QString complaint;
    if (!m_document.saveAs(file, complaint)) {
        say(tr("Not saved: %1").arg(complaint));
        return false;
    }
    return true;
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    if (!m_options.keepsSettings || m_wasShown) {
        return;
    }
    m_wasShown = true;
    QSettings settings;
    restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
    restoreState(settings.value(QStringLiteral("window/state")).toByteArray());
    if (!settings.value(QStringLiteral("window/key_seen")).toBool()) {
        m_key->show();
        m_key->place();
        settings.setValue(QStringLiteral("window/key_seen"), true);
    }
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!maySwitchDocument()) {
        event->ignore();
        return;
    }
    if (m_options.keepsSettings) {
        QSettings settings;
        settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
        settings.setValue(QStringLiteral("window/state"), saveState());
    }
    event->accept();
}

void MainWindow::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) {
        m_key->hide();
        m_hand.putAway();
        return;
    }
    QMainWindow::keyPressEvent(event);
}

bool MainWindow::event(QEvent* event) {
    if (event->type() == QEvent::ApplicationPaletteChange && m_darkAction != nullptr) {
        m_darkAction->setChecked(widgets::currentTheme() == widgets::Theme::Dark);
    }
    return QMainWindow::event(event);
}

void MainWindow::setPerspective(const QString& name) {
    const bool isDesign = name == QLatin1String("design");
    const bool isBreak = name == QLatin1String("break");
    m_leftDock->setVisible(!isBreak);
    m_rightDock->setVisible(true);
    m_bottomDock->setVisible(true);
    m_tabs->setVisible(!isDesign);
    m_physical->setVisible(!isDesign);
    const int height = std::max(2, m_faces->height());
    if (isBreak) {
        m_faces->setSizes({height * 3 / 10, height * 7 / 10});
    } else {
        m_faces->setSizes({height * 45 / 100, height * 55 / 100});
    }
    m_inspector->showTab(isDesign  ? widgets::InspectorPanel::Properties
                         : isBreak ? widgets::InspectorPanel::Why
                                   : widgets::InspectorPanel::State);
}

void MainWindow::switchTheme(bool dark) {
    widgets::applyTheme(*qApp, dark ? widgets::Theme::Dark : widgets::Theme::Light);
    if (m_options.keepsSettings) {
        QSettings().setValue(QStringLiteral("window/theme"), dark ? QStringLiteral("dark") : QStringLiteral("light"));
    }
}

}  // namespace millrace::studio
