#pragma once

#include <QObject>
#include <optional>

#include "app/studio/faces.h"
#include "app/studio/run_control.h"
#include "widgets/canvas/diagram.h"
#include "widgets/inspector/inspector_panel.h"

class QDockWidget;
class QMainWindow;
class QTabWidget;
class QToolBar;

namespace millrace::widgets {
class ExplorerPanel;
class PartPalette;
}  // namespace millrace::widgets

namespace millrace::studio {

/// What stands beside the faces: the parts to build with and the explorer, or the rail that brings them back, and the
/// inspector.
class SidePanels final : public QObject {
    Q_OBJECT

public:
    SidePanels(QMainWindow& window, ScenarioDocument& document, RunControl& run, Faces& faces,
               widgets::Selection& selection);

    [[nodiscard]] widgets::PartPalette& palette() { return *m_parts; }
    [[nodiscard]] widgets::ExplorerPanel& explorer() { return *m_explorer; }
    [[nodiscard]] widgets::InspectorPanel& inspector() { return *m_inspector; }
    [[nodiscard]] QDockWidget& left() { return *m_leftDock; }
    [[nodiscard]] QDockWidget& right() { return *m_rightDock; }

    void showTab(widgets::InspectorPanel::Tab tab);
    void explain(quint64 journalEntry);
    /// The field of a property, on the sheet of what is selected.
    void showField(const QString& path);
    void findObject();
    void setDesigning(bool isDesigning);
    /// The window has another width.
    void place();
    void shareWidth(bool isRoomy);
    /// The document changed.
    void refresh();

private:
    void makeRail();
    [[nodiscard]] QDockWidget* makeDock(const QString& title, const QString& name, QWidget* content);
    void showSheet();

    QMainWindow& m_window;
    ScenarioDocument& m_document;
    RunControl& m_run;
    Faces& m_faces;
    widgets::Selection& m_selection;
    widgets::PartPalette* m_parts = nullptr;
    widgets::ExplorerPanel* m_explorer = nullptr;
    QTabWidget* m_left = nullptr;
    widgets::InspectorPanel* m_inspector = nullptr;
    QDockWidget* m_leftDock = nullptr;
    QDockWidget* m_rightDock = nullptr;
    QToolBar* m_rail = nullptr;
    std::optional<widgets::DiagramEdge> m_wire;  ///< that is marked, while nothing else is selected
    bool m_isDesigning = false;
};

}  // namespace millrace::studio
