#pragma once

#include <QWidget>
#include <optional>

#include "engine/observe/snapshot.h"
#include "widgets/canvas/diagram.h"
#include "widgets/inspector/property.h"

class QLabel;
class QTabWidget;
class QToolButton;
class QVBoxLayout;

namespace millrace::widgets {

class ChainView;
class FactLabel;
struct Fact;
class PropertyEditor;
class Selection;
class Sparkline;

/// What is known about the selected object: its settings, its state, its metrics, and why it is so.
class InspectorPanel final : public QWidget {
    Q_OBJECT

public:
    enum Tab { Properties, State, Metrics, Why };

    explicit InspectorPanel(Selection& selection, QWidget* parent = nullptr);

    void setSnapshot(observe::SnapshotPtr snapshot);
    /// With what it is about where that is no object of the run: "audit", "a topology".
    void setSheet(const PropertySheet& sheet, const QString& title = {}, const QString& kind = {});
    /// The edge that is looked at while no object is selected.
    void setEdge(const std::optional<DiagramEdge>& edge);
    /// What the open scenario is called when it has no name of its own.
    void setScenarioTitle(const QString& title);
    [[nodiscard]] QString title() const;
    void showTab(Tab tab);
    void explain(quint64 journalEntry);
    /// Brings the field of a setting into view and puts the cursor there, if the selected object has it.
    void editProperty(const QString& path);
    [[nodiscard]] PropertyEditor& properties() const;

signals:
    void propertyEdited(const QString& path, const QString& value);
    void seekRequested(millrace::SimTime time);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void setTitle(const QString& title);
    void fitTitle();
    void refresh();
    void refreshState();
    void showOthers();
    void addOrigins(std::vector<Fact>& facts) const;
    [[nodiscard]] std::vector<Fact> factsOfEdge() const;
    [[nodiscard]] QString runTitle() const;
    void showSheet();
    void shareRow(const FactLabel& name, FactLabel& value, const Fact& fact) const;
    void refreshMetrics();
    void refreshWhy();

    Selection& m_selection;
    observe::SnapshotPtr m_snapshot;
    QToolButton* m_back = nullptr;
    QToolButton* m_forward = nullptr;
    QLabel* m_title = nullptr;
    QString m_titleText;
    QLabel* m_others = nullptr;
    QLabel* m_state = nullptr;
    QLabel* m_about = nullptr;  ///< of the scenario that runs
    QTabWidget* m_tabs = nullptr;
    PropertyEditor* m_properties = nullptr;
    PropertySheet m_sheet;
    QString m_subject;                  ///< of the sheet, where the selection is no object of the run
    QString m_subjectKind;              ///< what that is
    mutable bool m_isSheetDue = false;  ///< it is filled in when somebody looks at it
    QWidget* m_statePage = nullptr;
    QVBoxLayout* m_stateRows = nullptr;
    std::vector<std::pair<FactLabel*, FactLabel*>> m_stateLabels;  ///< name and value, row by row
    QVBoxLayout* m_metricsLayout = nullptr;
    QLabel* m_metricsHint = nullptr;
    std::vector<Sparkline*> m_sparklines;
    ChainView* m_why = nullptr;
    quint64 m_explained = 0;
    std::optional<DiagramEdge> m_edge;
    QString m_scenarioTitle;
};

}  // namespace millrace::widgets
