#pragma once

#include <QMainWindow>
#include <optional>

#include "app/studio/comparison_control.h"
#include "app/studio/window_actions.h"

namespace millrace::studio {

class NoticeControl;

/// How the program was asked to start.
struct StudioOptions {
    QString recoveryFolder;      ///< empty: no autosave
    bool keepsSettings = false;  ///< remembers geometry and theme, and shows the key at the first start
    bool playOnOpen = true;
    bool endsWithProcess = false;    ///< nothing comes after the window
    bridge::Comparer comparer = {};  ///< without one nothing is compared
    /// What checkpoints may hold; without it, as it was chosen in the menu.
    std::optional<std::int64_t> checkpointBytes;
};

/// The window: it creates the parts, each of which owns its connections, and decides nothing that one of them could.
class MainWindow final : public QMainWindow {
    Q_OBJECT

public:
    MainWindow(bridge::SessionMaker sessions, StudioOptions options, QWidget* parent = nullptr);
    ~MainWindow() override;

    // For tests and for guides that point at things.

    [[nodiscard]] ScenarioDocument& document() { return m_document; }
    [[nodiscard]] widgets::Selection& selection() { return m_selection; }
    [[nodiscard]] bridge::EngineBridge& bridge() { return m_run->bridge(); }
    [[nodiscard]] widgets::LogicalCanvas& logical() { return m_faces->logical(); }
    [[nodiscard]] widgets::PhysicalCanvas& physical() { return m_faces->physical(); }
    [[nodiscard]] widgets::SentenceBar& sentence() { return m_faces->sentence(); }
    [[nodiscard]] widgets::NoticeBoard& notices() { return m_faces->notices(); }
    [[nodiscard]] widgets::TimeDeck& deck() { return m_bottom->deck(); }
    [[nodiscard]] widgets::PartPalette& palettePanel() { return m_sides->palette(); }
    [[nodiscard]] widgets::ExplorerPanel& explorer() { return m_sides->explorer(); }
    [[nodiscard]] widgets::InspectorPanel& inspector() { return m_sides->inspector(); }
    [[nodiscard]] ComparisonControl* comparison() { return m_comparison; }
    [[nodiscard]] QList<QAction*> allActions() const { return m_actions->all(); }
    [[nodiscard]] std::vector<widgets::Command> everyCommand();

    /// Opens a scenario file and starts its run. False when it cannot be read or run; the reason is said in the window.
    bool openFile(const QString& file) { return m_files->open(file); }
    void newScenario() { m_files->startNew(); }
    bool save() { return m_files->save(); }
    void restart() { m_run->start(true); }
    /// A page, "page" or "page/view", or one of both faces, "logical" or "physical"; false where there is no such one.
    bool showPage(const QString& place);
    /// Asks what is to become of work that earlier programs could not save. It never replaces the open document.
    void offerRecovery();
    /// The program has broken a rule of its own: the work is kept, the run is gone, and the window says so.
    void showInternalError(const QString& what, const QString& bundle);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    void connectParts();
    void connectRun();
    void showDocument();
    void showTitle();
    void goToProblem(const observe::ProblemView& problem);
    void playOrStart();
    void shareRoom();
    void fitToScreen();

    StudioOptions m_options;
    ScenarioDocument m_document;
    widgets::Selection m_selection;
    widgets::ToolHand m_hand;
    RunControl* m_run = nullptr;
    Faces* m_faces = nullptr;
    SidePanels* m_sides = nullptr;
    BottomPanel* m_bottom = nullptr;
    FaultControl* m_faults = nullptr;
    DrawingControl* m_drawing = nullptr;
    FileControl* m_files = nullptr;
    NoticeControl* m_notices = nullptr;
    ComparisonControl* m_comparison = nullptr;  ///< null where nobody compares
    WindowActions* m_actions = nullptr;
    bool m_playsAfterKey = false;
    bool m_wasShown = false;
};

}  // namespace millrace::studio
