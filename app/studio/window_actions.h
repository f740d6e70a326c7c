#pragma once

#include <QKeySequence>
#include <QList>
#include <QObject>
#include <QString>
#include <functional>
#include <vector>

#include "app/studio/bottom_panel.h"
#include "app/studio/comparison_control.h"
#include "app/studio/drawing_control.h"
#include "app/studio/faces.h"
#include "app/studio/fault_control.h"
#include "app/studio/file_control.h"
#include "app/studio/side_panels.h"

class QAction;
class QActionGroup;
class QMainWindow;
class QMenu;
class QToolBar;
class QToolButton;

namespace millrace::widgets {
struct Command;
}  // namespace millrace::widgets

namespace millrace::studio {

/// The parts of the window.
struct StudioParts {
    ScenarioDocument& document;
    widgets::Selection& selection;
    widgets::ToolHand& hand;
    RunControl& run;
    Faces& faces;
    SidePanels& sides;
    BottomPanel& bottom;
    FaultControl& faults;
    DrawingControl& drawing;
    FileControl& files;
    ComparisonControl* comparison;  ///< null where nobody compares
};

/// Everything that can be asked of the window: by menu, toolbar, shortcut and command palette.
class WindowActions final : public QObject {
    Q_OBJECT

public:
    WindowActions(QMainWindow& window, const StudioParts& parts, bool keepsSettings);

    [[nodiscard]] QList<QAction*> all() const;
    /// What can be done, what can be added, and where one can go.
    [[nodiscard]] std::vector<widgets::Command> everyCommand();
    void design();
    /// How the run stands, and the way to apply edits, are always seen: where they would not be, tools go without their
    /// names.
    void fitToolBar();
    void followTheme();

private:
    void makeFileActions();
    void makeEditActions();
    void makeViewActions();
    void makePanelActions(QMenu& menu);
    void makeRunActions();
    void makeCheckpointMenu(QMenu& menu);
    void makeFaultActions();
    void makeToolBar();
    void makeRunState();
    QAction* makeAction(QMenu* menu, const QString& text, const QKeySequence& shortcut,
                        const std::function<void()>& run);
    void fillExamples(QMenu& menu);
    void openCommandPalette();
    void setPerspective(const QString& name);
    void switchTheme(bool dark);
    void showRunState();
    void showStale();

    QMainWindow& m_window;
    StudioParts m_parts;
    bool m_keepsSettings = false;
    QToolBar* m_toolBar = nullptr;
    QToolBar* m_faultBar = nullptr;   ///< within the toolbar
    QToolButton* m_search = nullptr;  ///< before it
    QAction* m_faultTools = nullptr;  ///< shows and hides it
    QToolButton* m_runState = nullptr;
    QAction* m_restartAction = nullptr;
    QAction* m_planAction = nullptr;
    QActionGroup* m_perspectives = nullptr;
    QActionGroup* m_tools = nullptr;
    QAction* m_darkAction = nullptr;
    QString m_toolHint;  ///< what was said of the tool in hand
};

}  // namespace millrace::studio
