#pragma once

#include <QWidget>

#include "app/studio/run_control.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/selection.h"

class QSplitter;
class QTabBar;

namespace millrace::widgets {
class KeyOverlay;
class LogicalCanvas;
class NoticeBoard;
class PhysicalCanvas;
class SentenceBar;
}  // namespace millrace::widgets

namespace millrace::studio {

/// The middle of the window: both faces, above them what waits for an answer, below them what just happened. In a low
/// window each face has all of the room in turn.
class Faces final : public QWidget {
    Q_OBJECT

public:
    enum Face { LogicalFace, PhysicalFace };
    static constexpr int heightForBoth = 820;  ///< of the window, for one face above the other

    Faces(ScenarioDocument& document, RunControl& run, widgets::Selection& selection, widgets::ToolHand& hand,
          QWidget* parent);

    [[nodiscard]] widgets::LogicalCanvas& logical() { return *m_logical; }
    [[nodiscard]] widgets::PhysicalCanvas& physical() { return *m_physical; }
    [[nodiscard]] widgets::SentenceBar& sentence() { return *m_sentence; }
    [[nodiscard]] widgets::NoticeBoard& notices() { return *m_notices; }
    [[nodiscard]] widgets::KeyOverlay& key() { return *m_key; }
    /// A place above the drawing.
    [[nodiscard]] QWidget& above() { return *m_above; }

    void say(const QString& words);
    void unsay(const QString& words);
    void showFace(Face face);
    /// Brings the object into the middle of the face that draws it.
    void goTo(const QString& id);
    /// What the document plans, while there is no run.
    void showPlan();
    /// The window has another height.
    void share();
    /// Gives the logical face a share of the height, in hundredths: more where the line between the faces would cut a
    /// card, as far as the machines can spare it.
    void split(int share);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void keepCardsWhole();
    void showSnapshot(const observe::SnapshotPtr& snapshot);
    void tellOfDown();

    ScenarioDocument& m_document;
    RunControl& m_run;
    widgets::Selection& m_selection;
    widgets::NoticeBoard* m_notices = nullptr;
    QTabBar* m_faceTabs = nullptr;  ///< in a low window, where only one face has room
    QWidget* m_above = nullptr;
    QSplitter* m_faces = nullptr;
    widgets::LogicalCanvas* m_logical = nullptr;
    widgets::PhysicalCanvas* m_physical = nullptr;
    widgets::SentenceBar* m_sentence = nullptr;
    widgets::KeyOverlay* m_key = nullptr;
};

}  // namespace millrace::studio
