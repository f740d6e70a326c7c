#include "app/studio/main_window.h"

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDir>
#include <QDockWidget>
#include <QFileDialog>
#include <QFileInfo>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QScreen>
#include <QSettings>
#include <QSplitter>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QTimer>
#include <QToolBar>
#include <QToolButton>

#include "app/studio/diagram_builder.h"
#include "app/studio/explorer_entries.h"
#include "app/studio/fault_commands.h"
#include "app/studio/file_names.h"
#include "app/studio/graph_edits.h"
#include "app/studio/live_actions.h"
#include "app/studio/planned_cluster.h"
#include "app/studio/property_input.h"
#include "app/studio/property_sheets.h"
#include "app/studio/recovery.h"
#include "app/studio/resource_files.h"
#include "app/studio/screen_fit.h"
#include "engine/scenario/document/edit.h"
#include "widgets/canvas/card_painter.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/charts/chart_panel.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/key_overlay.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/inspector/property_editor.h"
#include "widgets/models/journal_model.h"
#include "widgets/models/losses.h"
#include "widgets/models/problems_model.h"
#include "widgets/panels/notice_board.h"
#include "widgets/panels/part_palette.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"
#include "widgets/timeline/time_deck.h"

namespace millrace::studio {

using widgets::format::text;
using widgets::format::titleOf;

namespace {

/// Warnings may stand before it.
auto firstError(const std::vector<observe::ProblemView>& problems) {
    return std::find_if(problems.begin(), problems.end(), [](const observe::ProblemView& problem) {
        return problem.severity >= observe::Severity::Error;
    });
}

}  // namespace

MainWindow::MainWindow(bridge::SessionMaker sessions, StudioOptions options, QWidget* parent)
    : QMainWindow(parent), m_options(std::move(options)), m_bridge(std::move(sessions)) {
    setAccessibleName(tr("Millrace"));
    m_live = new LiveActions(m_bridge, m_document.undoStack(), this);
    if (m_options.endsWithProcess) {
        m_bridge.endWithProcess();
    }
    if (!m_options.recoveryFolder.isEmpty()) {
        m_recovery = new Recovery(m_document, m_options.recoveryFolder, this);
    }
    makeCentre();
    makeDocks();
    makeBottom();
    makeActions();
    connectParts();
    connectCanvas();
    if (m_recovery != nullptr) {
        watchRecovery();
    }
    showDocument();
    showTitle();
    resize(1440, 900);
}

MainWindow::~MainWindow() = default;

void MainWindow::connectParts() {
    connect(m_key, &widgets::KeyOverlay::closed, this, [this] {
        if (std::exchange(m_playsAfterKey, false)) {
            playOrStart();
        }
    });
    m_tellsLater.setSingleShot(true);
    connect(&m_tellsLater, &QTimer::timeout, this, &MainWindow::tellSnapshot);
    connect(&m_bridge, &bridge::EngineBridge::snapshotReady, this, &MainWindow::showSnapshot);
    connect(&m_bridge, &bridge::EngineBridge::opened, this, &MainWindow::takeOpened);
    connect(&m_bridge, &bridge::EngineBridge::memoryLimitReached, this, &MainWindow::showMemory);
    connect(&m_bridge, &bridge::EngineBridge::failedInternally, this, &MainWindow::showInternalError);
    connect(&m_document, &ScenarioDocument::changed, this, &MainWindow::showDocument);
    connect(&m_document, &ScenarioDocument::fileChanged, this, &MainWindow::showTitle);
    connect(&m_selection, &widgets::Selection::changed, this, [this] {
        showSheet();
        if (!m_isRunKnown && !m_selection.current().isEmpty()) {
            m_inspector->showTab(widgets::InspectorPanel::Properties);  // there is no state yet that could be looked at
        }
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
    connect(&strip, &widgets::TimeStrip::visibleRangeChanged, m_charts, &widgets::ChartPanel::setVisibleRange);
    connect(m_charts, &widgets::ChartPanel::zoomRequested, &strip, &widgets::TimeStrip::setVisibleRange);

    connect(m_logical, &widgets::LogicalCanvas::edgeSelected, this,
            [this](const std::optional<widgets::DiagramEdge>& wire) {
                m_wire = wire;
                m_inspector->setEdge(wire);
                showSheet();
            });
    connect(m_inspector, &widgets::InspectorPanel::seekRequested, &m_bridge, &bridge::EngineBridge::seek);
    connect(m_inspector, &widgets::InspectorPanel::propertyEdited, this, &MainWindow::editProperty);
    m_inspector->properties().setReader([this](const widgets::Property& property, const QString& typed) {
        return readProperty(m_document.root(), m_document.file(), property, typed);
    });
    connect(
        &m_inspector->properties(), &widgets::PropertyEditor::refused, this,
        [this](const QString& name, const QString& problem) { say(tr("%1 stays as it was: %2").arg(name, problem)); });
    connect(m_sentence, &widgets::SentenceBar::whyRequested, this, [this](quint64 entry) {
        m_rightDock->show();
        m_inspector->explain(entry);
    });
    connect(m_sentence, &widgets::SentenceBar::whyOfObjectRequested, this, [this](const QString& id) {
        m_rightDock->show();
        m_selection.select(id);
        m_inspector->showTab(widgets::InspectorPanel::Why);
    });
    connect(m_deck, &widgets::TimeDeck::compactChanged, this, &MainWindow::fitBottom);
    connect(m_explorer, &widgets::ExplorerPanel::activated, this, &MainWindow::goTo);
    connect(m_left, &QTabWidget::currentChanged, this, [this] { m_explorer->setSnapshot(m_snapshot); });
    connect(m_parts, &widgets::PartPalette::partChosen, this, &MainWindow::addPartInView);
    connect(m_events, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        m_bridge.seek(SimTime(SimDuration(index.data(widgets::JournalModel::TimeRole).toLongLong())));
    });
    connect(m_events, &QTableView::clicked, this, [this](const QModelIndex& index) {
        m_selection.select(index.data(widgets::JournalModel::PlaceRole).toString());
        m_inspector->explain(index.data(widgets::JournalModel::IdRole).toULongLong());
    });
}

/// While a run plays, what moves does so with every picture, and what is read changes ten times a second.
void MainWindow::showSnapshot(const observe::SnapshotPtr& snapshot) {
    constexpr int legible = 100;  // ms
    const observe::RunMode mode = snapshot->run.mode;
    const bool isPlaying = mode == observe::RunMode::Run || mode == observe::RunMode::Fast;
    const bool goesOn = isPlaying && m_snapshot && m_snapshot->run.mode == mode && m_toldAt.isValid() &&
                        snapshot->run.now >= m_snapshot->run.now;
    m_snapshot = snapshot;
    if (goesOn && m_toldAt.elapsed() < legible) {
        m_logical->moveTo(snapshot);
        m_physical->moveTo(snapshot);
        m_deck->setSnapshot(snapshot);
        if (!m_tellsLater.isActive()) {
            m_tellsLater.start(legible - static_cast<int>(m_toldAt.elapsed()));
        }
        return;
    }
    tellSnapshot();
}

void MainWindow::tellSnapshot() {
    m_tellsLater.stop();
    if (!m_snapshot) {
        return;  // the run was closed
    }
    const observe::SnapshotPtr snapshot = m_snapshot;
    m_toldAt.restart();
    m_logical->setSnapshot(snapshot);
    m_physical->setSnapshot(snapshot);
    m_deck->setSnapshot(snapshot);
    m_sentence->setSnapshot(snapshot);
    m_inspector->setSnapshot(snapshot);
    m_charts->setSnapshot(snapshot);
    m_journal->setSnapshot(snapshot);
    m_explorer->setSnapshot(snapshot);
    if (m_followsEvents && m_events->isVisible()) {
        m_events->scrollToBottom();
    }
    showInvariants();
    showStale();
}

void MainWindow::showDocument() {
    const bool isAnother = std::exchange(m_placesOf, m_document.number()) != m_document.number();
    if (isAnother) {
        m_places.clear();
    }
    m_logical->setDiagram(buildDiagram(m_document.root(), m_document.problems(), m_places));
    for (const auto& [id, place] : placesSeen()) {
        m_places.try_emplace(id, place);  // what moved since has its place in the document
    }
    if (isAnother && m_physical->isVisible() && m_logical->wantedHeight() > m_logical->height()) {
        constexpr int usualShare = 45;
        splitFaces(usualShare);
    }
    showSheet();
    m_problems->setProblems(m_document.problems());
    countProblems();
    refreshComplaints();
    showPlan();
    m_explorer->setEntries(explorerEntries(m_document.root()));
    if (!m_isRunKnown) {
        m_physical->setPlan(plannedCluster(m_document.root()));
    }
    const bool wasStale = std::exchange(m_isStale, m_isRunKnown && !(m_document.runnable() == m_running));
    const QString edited = tr("Edited: the run goes on as it was started. Restart to apply it (F5)");
    if (m_isStale && !wasStale) {
        say(edited);
    } else if (wasStale && !m_isStale && m_sentence->headline() == edited) {
        m_sentence->unsay();
    }
    showStale();
}

/// Of what is selected: an object, a topology, a planned fault, a wire; or else of the scenario.
void MainWindow::showSheet() {
    const QString id = m_selection.current();
    const scenario::Value& root = m_document.root();
    if (id.isEmpty() && m_wire) {
        m_inspector->setSheet(sheetOfWire(root, *m_wire, m_document.problems()));
        return;
    }
    const SheetSubject subject = subjectOf(root, id);
    m_inspector->setSheet(sheetOf(root, id, m_document.problems()), subject.title, subject.kind);
    if (!subject.title.isEmpty()) {
        m_inspector->showTab(widgets::InspectorPanel::Properties);  // it has settings and nothing else
    }
}

void MainWindow::countProblems() {
    const auto count = m_problems->rowCount();
    const QString title = count == 0 ? tr("Problems") : tr("Problems %1").arg(count);
    if (m_tabs->tabText(ProblemsTab) != title) {  // else all tabs would be laid out with each frame
        m_tabs->setTabText(ProblemsTab, title);
    }
}

void MainWindow::showTitle() {
    setWindowTitle(tr("%1[*] — Millrace").arg(m_document.title()));
    setWindowModified(m_document.isModified());
    setWindowFilePath(shownFileName(m_document.file()));
    m_inspector->setScenarioTitle(m_document.title());
    if (!m_document.isModified()) {
        m_notices->withdraw(unsavedNotice);
        m_notices->withdraw(autosaveNotice);
    }
}

void MainWindow::showInvariants() {
    const auto& invariants = m_snapshot->run.invariants;
    m_problems->setRun(m_snapshot->run);
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
    const auto shown = [this] { return std::pair(m_restartAction->isVisible(), m_runState->text()); };
    const auto before = shown();
    m_restartAction->setVisible(m_isStale);
    showRunState();
    if (shown() != before) {
        fitToolBar();
    }
}

void MainWindow::showRunState() {
    using widgets::Meaning;
    if (!m_snapshot) {
        const bool isWrong = m_document.hasErrors();
        m_runState->setText(isWrong        ? tr("not ready: see Problems")
                            : m_isRunKnown ? tr("starts…")
                                           : tr("ready: Space plays it"));
        widgets::setMeaning(*m_runState, isWrong ? Meaning::Warning : Meaning::Dim);
        m_deck->strip().setInvitation(isWrong ? tr("This cannot run yet: Problems says what is to be mended")
                                              : QString());
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
    Meaning meaning = broken > 0 ? Meaning::Bad : total > 0 ? Meaning::Good : Meaning::Dim;
    if (const QString lacks = widgets::briefOfShortcomings(m_snapshot->run); !lacks.isEmpty() && broken == 0) {
        m_runState->setText(tr("▲ %1").arg(lacks));  // the rules hold, and there is something to know all the same
        meaning = Meaning::Warning;
    }
    widgets::setMeaning(*m_runState, meaning);
}

bool MainWindow::startRun(bool play) {
    if (m_document.hasErrors()) {
        complainOfDocument();
        const auto& problems = m_document.problems();
        say(tr("This cannot run yet: %1").arg(text(firstError(problems)->text)));
        return false;
    }
    m_playWhenOpen = play;
    m_running = m_document.runnable();
    ++m_runNumber;
    m_isRunKnown = true;
    forgetRun();
    // An example is to be looked at: its results stay inside the simulation. A scenario of one's own writes its sinks.
    const bool carriesOut = !m_document.file().isEmpty() && !isExample();
    m_bridge.open(
        {m_document.text().toStdString(), fileBytes(m_document.file()), carriesOut, m_options.checkpointBytes});
    m_bridge.setSpeed(m_deck->speed());
    return true;
}

/// Nothing of a run is shown any longer.
void MainWindow::closeRun() {
    m_bridge.close();
    m_isRunKnown = false;
    forgetRun();
}

void MainWindow::forgetRun() {
    m_isStale = false;
    m_isViolationSaid = false;
    m_snapshot.reset();
    m_live->forget();
    m_journal->clear();
    m_logical->setSnapshot(nullptr);
    m_physical->setPlan(plannedCluster(m_document.root()));
    m_deck->setSnapshot(nullptr);
    m_sentence->setSnapshot(nullptr);
    m_inspector->setSnapshot(nullptr);
    m_charts->setSnapshot(nullptr);
    m_explorer->setSnapshot(nullptr);
    m_problems->setRun({});
    countProblems();
    showStale();
}

void MainWindow::restart() {
    startRun(true);
}

/// The run that stands now ends with it: what was done to it by hand is asked about first.
void MainWindow::restartWhenAsked() {
    if (mayLeaveRun(tr("Start again"))) {
        restart();
    }
}

void MainWindow::playOrStart() {
    m_playsAfterKey = false;
    m_key->hide();
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
        complain(tr("The run could not start"), answer.problems);
        const auto first = firstError(answer.problems);
        say(first == answer.problems.end() ? tr("The run could not start") : text(first->text));
        showStale();
        return;
    }
    m_notices->withdraw(complaintsNotice);
    m_notices->withdraw(memoryNotice);
    if (!answer.problems.empty() && answer.problems.back().field == "run.open_at") {
        say(widgets::format::capitalised(
            text(answer.problems.back().text)));  // it is known only once the run stands there
    }
    if (m_playWhenOpen) {
        m_playsAfterKey = m_key->isVisible();  // nothing is missed while the key is read
        if (!m_playsAfterKey) {
            m_bridge.play();
        }
    }
}

void MainWindow::injectFault(const QString& kind, const QString& target) {
    if (!m_snapshot) {
        say(tr("Press Space first: there is no run yet that could be broken"));
        return;
    }
    const widgets::FaultTool* tool = widgets::findFaultTool(kind);
    m_selection.select(target);  // what happens to it is what is looked at next
    m_live->perform(tr("%1 %2").arg(tool == nullptr ? kind : tool->title, titleOf(target)),
                    {commandFor(kind.toStdString(), target.toStdString())});
}

void MainWindow::revive(const QString& target) {
    if (m_snapshot) {
        const bridge::Command command = revivalOf(*m_snapshot, target.toStdString());
        // A process of a host without power comes back with the host: that is what is done, and undone.
        m_live->perform(command.kind == rowOf(FaultKind::PowerOn).name
                            ? tr("Power on %1").arg(titleOf(QString::fromStdString(command.target)))
                            : tr("Revive %1").arg(titleOf(target)),
                        {command});
    }
}

void MainWindow::reviveAll() {
    const auto command = m_snapshot ? revivalOfAll(*m_snapshot) : std::nullopt;
    if (command) {
        m_live->perform(tr("Revive all"), {*command});
    } else {
        say(tr("Nothing is down or ailing: there is nothing to revive"));
    }
}

/// Brings the object into the middle of the face that draws it.
void MainWindow::goTo(const QString& id) {
    m_selection.select(id);
    const QRectF card = m_logical->cardInView(id);
    const QRectF item = m_physical->itemInView(id);
    if (!card.isNull() || !item.isNull()) {
        showFace(card.isNull() ? PhysicalFace : LogicalFace);
    }
    if (!card.isNull() && !QRectF(m_logical->rect()).contains(card)) {
        m_logical->centerOn(m_logical->toScene(card.center()));
    } else if (!item.isNull() && !QRectF(m_physical->rect()).contains(item)) {
        m_physical->centerOn(m_physical->toScene(item.center()));
    }
}

void MainWindow::say(const QString& words) {
    m_sentence->say(words);
}

/// Two faces one above the other need some height; in less of it each has all of it, in turn.
void MainWindow::shareFaces() {
    constexpr int centreForBoth = 430;  // panels may have grown
    const bool isLow = height() < heightForBoth || (m_wasShown && centralWidget()->height() < centreForBoth);
    m_faceTabs->setVisible(isLow);
    m_logical->setVisible(!isLow || m_faceTabs->currentIndex() == LogicalFace);
    m_physical->setVisible(!isLow || m_faceTabs->currentIndex() == PhysicalFace);
}

/// Another size of the middle part does not leave the line between the faces on a card.
void MainWindow::keepCardsWhole() {
    constexpr int usualShare = 45;
    if (m_logical->isVisible() && m_physical->isVisible() && m_logical->leastHeight() > m_logical->height()) {
        splitFaces(usualShare);
    }
}

bool MainWindow::eventFilter(QObject* watched, QEvent* event) {
    if (watched == centralWidget() && event->type() == QEvent::Resize) {
        // When the faces have their new sizes.
        QMetaObject::invokeMethod(
            this,
            [this] {
                shareFaces();
                keepCardsWhole();
            },
            Qt::QueuedConnection);
    }
    if (m_events != nullptr && watched == m_events->viewport() && event->type() == QEvent::Resize) {
        fitEvents();
    }
    return QMainWindow::eventFilter(watched, event);
}

/// Gives the logical face a share of the height, in hundredths: more where the line between the faces would cut a card,
/// as far as the machines can spare it.
void MainWindow::splitFaces(int share) {
    constexpr int most = 52;  // of a hundred
    const int height = std::max(2, m_faces->height());
    constexpr int roomyForBoth = 640;
    const bool isTight = share < most - 10 && height < roomyForBoth;
    const int wanted = isTight ? m_logical->leastHeight() : m_logical->wantedHeight();
    const int logical = std::clamp(wanted, height * share / 100, height * std::max(share, most) / 100);
    m_faces->setSizes({logical, height - logical});
}

void MainWindow::showFace(int face) {
    m_faceTabs->setCurrentIndex(face);
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    placeParts();
    shareFaces();
    fitToolBar();
}

/// On a small screen the faces need what the panels can spare.
void MainWindow::shareRoom() {
    constexpr QSize roomy(1400, 900);
    constexpr int wide = 1600;
    if (width() < wide) {
        resizeDocks({m_leftDock, m_rightDock}, {148, width() < roomy.width() ? 244 : 276}, Qt::Horizontal);
    }
    // Six rows of events on an ordinary screen, and a share of a large one.
    const int rows = height() < roomy.height() ? 130 : std::max(168, height() / 5);
    resizeDocks({m_bottomDock}, {m_deck->sizeHint().height() + rows}, Qt::Vertical);
    if (height() < roomy.height()) {
        splitFaces(50);
    }
}

/// A window as large as the screen reaches beyond it by its frame, which is known once the system has drawn it.
void MainWindow::fitToScreen() {
    const QScreen* at = screen();
    if (at == nullptr || isMaximized() || isFullScreen()) {
        return;
    }
    const QRect wanted = fitted(geometry(), frameGeometry(), at->availableGeometry(), minimumSize());
    if (wanted.size() != size()) {
        resize(wanted.size());
    }
    if (wanted.topLeft() != pos()) {
        move(wanted.topLeft());
    }
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    if (std::exchange(m_wasShown, true)) {
        return;
    }
    shareRoom();
    m_logical->setFocus();
    if (!m_options.keepsSettings) {
        return;
    }
    for (const int soon : {150, 700, 2500}) {
        QTimer::singleShot(soon, this, &MainWindow::fitToScreen);  // a busy system draws its frame late
    }
    QSettings settings;
    m_deck->setCompact(settings.value(QStringLiteral("window/compact_deck"), true).toBool());
    restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
    restoreState(settings.value(QStringLiteral("window/state")).toByteArray());
    if (!settings.value(QStringLiteral("window/key_seen")).toBool()) {
        m_key->show();
        m_key->place();
        settings.setValue(QStringLiteral("window/key_seen"), true);
    }
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!mayLeaveRun(tr("Quit")) || !maySwitchDocument()) {
        event->ignore();
        return;
    }
    if (m_options.keepsSettings) {
        QSettings settings;
        settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
        settings.setValue(QStringLiteral("window/state"), saveState());
        settings.setValue(QStringLiteral("window/compact_deck"), m_deck->isCompact());
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
    m_isDesigning = isDesign;
    m_leftDock->setVisible(isDesign);  // elsewhere nothing is built: its width goes to the wires
    m_rail->setVisible(!isDesign);
    placeParts();
    if (m_parts->parentWidget() == m_partsAbove) {
        m_leftDock->hide();
        m_rail->show();
        m_partsAbove->show();
    }
    m_rightDock->setVisible(true);
    m_bottomDock->setVisible(true);
    // What keeps a drawing from running is what there is to read while it is drawn.
    showBottomPanel(true);
    if (isDesign && m_tabBeforeDesign < 0) {
        m_tabBeforeDesign = m_tabs->currentIndex();
        m_tabs->setCurrentIndex(ProblemsTab);
    } else if (!isDesign && m_tabBeforeDesign >= 0) {
        m_tabs->setCurrentIndex(std::exchange(m_tabBeforeDesign, -1));
    }
    m_deck->setCompact(!isBreak || height() < heightForBoth);  // lanes are for faults
    m_faultTools->setVisible(!isDesign);                       // nothing runs yet that could be broken
    if (isDesign || isBreak) {
        showFace(isBreak ? PhysicalFace : LogicalFace);
    }
    splitFaces(isBreak ? 30 : 45);
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
