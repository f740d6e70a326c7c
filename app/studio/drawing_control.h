#pragma once

#include <QObject>
#include <QPointF>
#include <optional>

#include "app/studio/card_places.h"
#include "app/studio/fault_control.h"
#include "app/studio/graph_edits.h"
#include "app/studio/run_control.h"

class QPoint;
class QWidget;

namespace millrace::widgets {
class InspectorPanel;
class LogicalCanvas;
class PhysicalCanvas;
class Selection;
}  // namespace millrace::widgets

namespace millrace::studio {

/// What drawing on the faces and typing in sheets does to the document, and what the document looks like on the face.
class DrawingControl final : public QObject {
    Q_OBJECT

public:
    DrawingControl(ScenarioDocument& document, RunControl& run, FaultControl& faults, widgets::Selection& selection,
                   QObject* parent);
    /// Where one draws, and where fields are.
    void serve(widgets::LogicalCanvas& logical, widgets::PhysicalCanvas& physical, widgets::InspectorPanel& inspector);

    /// Draws the document; true when it is another one than before.
    bool show();
    void addInView(const QString& part);
    void copy();
    void pasteFromClipboard();
    void duplicate();
    void connectSelected();
    void arrange();

signals:
    void said(const QString& words);
    /// It holds no more.
    void unsaid(const QString& words);

private:
    void addAt(const QString& part, const QPointF& wanted, const QString& spliceFrom, const QString& spliceTo);
    void addOnHost(const QString& part, const QString& host);
    void quickAdd(const QPoint& global, const QPointF& position);
    void spliceIn(const Edited& added, const QString& from, const QString& to);
    void connectCards(const QString& from, const QString& to);
    void rename(const QString& id, const QString& name);
    void move(const QHash<QString, QPointF>& positions);
    void remove(const QStringList& ids);
    void paste(const QString& text);
    void editProperty(const QString& path, const QString& value);
    [[nodiscard]] QString selectedCards() const;
    [[nodiscard]] Places placesSeen() const;
    [[nodiscard]] Position freeUnlessFitted(const Between& between) const;

    ScenarioDocument& m_document;
    RunControl& m_run;
    FaultControl& m_faults;
    widgets::Selection& m_selection;
    widgets::LogicalCanvas* m_logical = nullptr;
    Places m_places;      ///< where each card of the document was first seen: it stays there
    QString m_refusal;    ///< what was last said of a value that is not taken
    int m_placesOf = -1;  ///< the number of that document
};

}  // namespace millrace::studio
