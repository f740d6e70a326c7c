#pragma once

#include <QElapsedTimer>
#include <QHash>
#include <QMainWindow>
#include <QTimer>
#include <cstdint>
#include <optional>

#include "app/bridge/engine_bridge.h"
#include "app/studio/card_places.h"
#include "app/studio/scenario_document.h"
#include "widgets/canvas/diagram.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/selection.h"

class QAbstractItemModel;
class QAction;
class QActionGroup;
class QDockWidget;
class QLabel;
class QLineEdit;
class QMenu;
class QSplitter;
class QTabBar;
class QTabWidget;
class QTableView;
class QToolBar;
class QToolButton;

namespace millrace::widgets {
class ChartPanel;
struct Command;
class ExplorerPanel;
class InspectorPanel;
class JournalFilter;
class JournalModel;
class KeyOverlay;
class LogicalCanvas;
class NoticeBoard;
class PartPalette;
class PhysicalCanvas;
class ProblemsModel;
class SentenceBar;
class TimeDeck;
}  // namespace millrace::widgets

namespace millrace::studio {

class LiveActions;
class Recovery;
struct OrphanedWork;
struct PlannedFault;

/// How the program was asked to start.
struct StudioOptions {
    QString recoveryFolder;      ///< empty: no autosave
    bool keepsSettings = false;  ///< remembers geometry and theme, and shows the key at the first start
    bool playOnOpen = true;
    bool endsWithProcess = false;  ///< nothing comes after the window
    /// What checkpoints may hold; without it, as it was chosen in the menu.
    std::optional<std::int64_t> checkpointBytes;
};

/// The window: it creates the parts, connects them, and decides nothing that one of them could.
class MainWindow final : public QMainWindow {
    Q_OBJECT

public:
    MainWindow(bridge::SessionMaker sessions, StudioOptions options, QWidget* parent = nullptr);
    ~MainWindow() override;

    [[nodiscard]] ScenarioDocument& document() { return m_document; }
    [[nodiscard]] bridge::EngineBridge& bridge() { return m_bridge; }
    [[nodiscard]] widgets::LogicalCanvas& logical() { return *m_logical; }
    [[nodiscard]] widgets::PhysicalCanvas& physical() { return *m_physical; }
    [[nodiscard]] widgets::TimeDeck& deck() { return *m_deck; }
    [[nodiscard]] widgets::PartPalette& palettePanel() { return *m_parts; }
    [[nodiscard]] widgets::ExplorerPanel& explorer() { return *m_explorer; }
    [[nodiscard]] widgets::InspectorPanel& inspector() { return *m_inspector; }
    [[nodiscard]] widgets::Selection& selection() { return m_selection; }
    [[nodiscard]] widgets::SentenceBar& sentence() { return *m_sentence; }
    [[nodiscard]] widgets::NoticeBoard& notices() { return *m_notices; }
    [[nodiscard]] QList<QAction*> allActions() const;
    [[nodiscard]] std::vector<widgets::Command> everyCommand();

    /// Opens a scenario file and starts its run. False when it cannot be read or run; the reason is said in the window.
    bool openFile(const QString& file);

    /// Asks what is to become of work that earlier programs could not save. It never replaces the open document.
    void offerRecovery();

public slots:
    /// The program has broken a rule of its own: the work is kept, the run is gone, and the window says so.
    void showInternalError(const QString& what, const QString& bundle);
    void newScenario();
    void restart();
    void restartWhenAsked();
    bool save();
    bool saveAs();

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    enum Face { LogicalFace, PhysicalFace };
    enum BottomTab { EventsTab, ChartsTab, ProblemsTab };

    // main_window_layout.cpp
    void showTab(BottomTab tab);
    void giveChartsRoom(int tab);
    void showBottomPanel(bool isShown);
    void fitBottom();
    void placeParts();
    void fitEvents();
    void makeCentre();
    void makeDocks();
    void makeBottom();
    [[nodiscard]] QDockWidget* makeDock(const QString& title, const QString& name, QWidget* content);
    [[nodiscard]] QTableView* makeEvents();
    [[nodiscard]] QWidget* makeEventFilter();
    [[nodiscard]] QTableView* makeTable(QAbstractItemModel* model, const QString& name);

    // main_window_actions.cpp
    void makeActions();
    void makeFileActions();
    void makeEditActions();
    void makeViewActions();
    void makeRunActions();
    void makeCheckpointMenu(QMenu& menu);
    void makeFaultActions();
    void makeToolBar();
    void fitToolBar();
    void showRunState();
    void makeRail();
    QAction* makeAction(QMenu* menu, const QString& text, const QKeySequence& shortcut,
                        const std::function<void()>& run);
    void openCommandPalette();
    void fillExamples(QMenu& menu);

    // main_window.cpp
    void connectParts();
    void connectCanvas();
    void showSnapshot(const observe::SnapshotPtr& snapshot);
    void tellSnapshot();
    void showDocument();
    void showTitle();
    void showInvariants();
    void showSheet();
    void countProblems();
    void showStale();
    void shareRoom();
    void fitToScreen();
    void shareFaces();
    void showFace(int face);
    void splitFaces(int share);
    void keepCardsWhole();
    bool startRun(bool play);
    void playOrStart();
    void takeOpened(const bridge::OpenAnswer& answer);
    void addPartAt(const QString& part, const QPointF& wanted, const QString& spliceFrom, const QString& spliceTo);
    void addPartInView(const QString& part);
    void addPartOnHost(const QString& part, const QString& host);
    void removeParts(const QStringList& ids);
    void copyCards();
    void pasteCards(const QString& text);
    void pasteFromClipboard();
    void duplicateCards();
    [[nodiscard]] QString selectedCards();
    [[nodiscard]] Places placesSeen() const;
    [[nodiscard]] Position freeUnlessFitted(const Between& between) const;
    void spliceIn(const Edited& added, const QString& from, const QString& to);
    void arrange();
    void injectFault(const QString& kind, const QString& target);
    void revive(const QString& target);
    void reviveAll();
    void goTo(const QString& id);
    void connectPlan();
    void planFault(const QString& kind, const QString& target);
    void movePlanned(std::size_t index, SimTime at, SimTime until);
    void replan(const QString& name, std::size_t index,
                const std::function<scenario::Value(const scenario::Value&, std::size_t)>& changed);
    void removePlanned(std::size_t index);
    [[nodiscard]] std::optional<bridge::Command> withdrawalOf(const PlannedFault& fault) const;
    [[nodiscard]] std::optional<std::size_t> indexInRun(const PlannedFault& fault) const;
    [[nodiscard]] std::vector<PlannedFault> faultsByHand() const;
    void keepFaultsByHand();
    void applyToRun(const QString& name, scenario::Value root, const scenario::Value& running,
                    const std::vector<bridge::Command>& commands);
    void editProperty(const QString& path, const QString& value);
    void showPlan();
    void say(const QString& text);
    void setPerspective(const QString& name);
    void switchTheme(bool dark);
    void takeOver();
    bool saveTo(const QString& file);
    bool saveCopyTo(const QString& file);
    void closeRun();
    void forgetRun();
    [[nodiscard]] bool maySwitchDocument();
    [[nodiscard]] bool mayLeaveRun(const QString& how);
    [[nodiscard]] bool isExample() const;
    void quickAdd(const QPoint& global, const QPointF& position);

    // main_window_notices.cpp
    static inline const QString complaintsNotice = QStringLiteral("complaints");
    static inline const QString refusalNotice = QStringLiteral("refusal");
    static inline const QString saveNotice = QStringLiteral("not saved");
    static inline const QString unsavedNotice = QStringLiteral("unsaved");
    static inline const QString memoryNotice = QStringLiteral("memory");
    static inline const QString internalNotice = QStringLiteral("internal error");
    static inline const QString autosaveNotice = QStringLiteral("not kept");
    void watchRecovery();
    void showMemory(quint64 bytes);
    void showNotSaved(const QString& file, const QString& reason);
    void refuse(const QString& file, const QString& complaint);
    void complain(const QString& headline, const std::vector<observe::ProblemView>& problems);
    void complainOfDocument();
    void refreshComplaints();
    void goToProblem(const observe::ProblemView& problem);
    void offer(const OrphanedWork& work, const QString& trouble = {});
    void restore(const OrphanedWork& work);
    bool saveWork(const OrphanedWork& work);

    StudioOptions m_options;
    ScenarioDocument m_document;
    bridge::EngineBridge m_bridge;
    widgets::Selection m_selection;
    widgets::ToolHand m_hand;
    LiveActions* m_live = nullptr;
    Recovery* m_recovery = nullptr;

    std::optional<widgets::DiagramEdge> m_wire;  ///< that is marked, while nothing else is selected
    observe::SnapshotPtr m_snapshot;
    QElapsedTimer m_toldAt;     ///< since everything was told of a snapshot
    QTimer m_tellsLater;        ///< when one came sooner than can be read
    Places m_places;            ///< where each card of the document was first seen: it stays there
    int m_placesOf = -1;        ///< the number of that document
    scenario::Value m_running;  ///< the part of the document that the present run was started from
    quint64 m_runNumber = 0;
    bool m_isRunKnown = false;
    bool m_isStale = false;  ///< the document was edited since: the run needs a restart to show it
    bool m_playWhenOpen = false;

    widgets::LogicalCanvas* m_logical = nullptr;
    widgets::PhysicalCanvas* m_physical = nullptr;
    widgets::SentenceBar* m_sentence = nullptr;
    widgets::NoticeBoard* m_notices = nullptr;
    widgets::KeyOverlay* m_key = nullptr;
    widgets::TimeDeck* m_deck = nullptr;
    widgets::PartPalette* m_parts = nullptr;
    widgets::ExplorerPanel* m_explorer = nullptr;
    QTabWidget* m_left = nullptr;
    QWidget* m_partsAbove = nullptr;  ///< the drawing, in a narrow window
    bool m_isDesigning = false;
    widgets::InspectorPanel* m_inspector = nullptr;
    widgets::ChartPanel* m_charts = nullptr;
    widgets::JournalModel* m_journal = nullptr;
    widgets::JournalFilter* m_journalFilter = nullptr;
    widgets::ProblemsModel* m_problems = nullptr;
    QTableView* m_events = nullptr;
    QTabWidget* m_tabs = nullptr;
    QSplitter* m_faces = nullptr;
    QTabBar* m_faceTabs = nullptr;  ///< in a low window, where only one face has room
    QDockWidget* m_leftDock = nullptr;
    QDockWidget* m_rightDock = nullptr;
    QDockWidget* m_bottomDock = nullptr;
    QToolBar* m_toolBar = nullptr;
    QToolBar* m_rail = nullptr;
    QToolBar* m_faultBar = nullptr;   ///< within the toolbar
    QToolButton* m_search = nullptr;  ///< before it
    QAction* m_faultTools = nullptr;  ///< shows and hides it
    QToolButton* m_runState = nullptr;
    QToolButton* m_restartButton = nullptr;
    QAction* m_restartAction = nullptr;
    QAction* m_planAction = nullptr;
    QActionGroup* m_perspectives = nullptr;
    QActionGroup* m_tools = nullptr;
    QAction* m_darkAction = nullptr;
    static constexpr int heightForBoth = 820;  ///< of the window, for one face above the other
    int m_panelHeight = 0;                     ///< below the deck, before it was hidden
    int m_heightBeforeCharts = 0;              ///< of the panel below; 0 while charts have taken nothing
    int m_heightOfCharts = 0;
    QString m_toolHint;          ///< what was said of the tool in hand
    int m_tabBeforeDesign = -1;  ///< below zero while something is not designed
    bool m_playsAfterKey = false;
    bool m_followsEvents = true;
    bool m_wasShown = false;
    bool m_isViolationSaid = false;
    bool m_isUnkeptSaid = false;
};

}  // namespace millrace::studio
