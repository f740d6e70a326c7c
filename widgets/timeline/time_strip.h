#pragma once

#include <QWidget>
#include <algorithm>
#include <utility>
#include <vector>

#include "engine/observe/snapshot.h"

namespace millrace::widgets {

/// A fault that the scenario has planned, as a bar that can be dragged.
struct PlannedBar {
    QString title;  ///< such as "crash broker 2"
    SimTime at{};
    SimTime until = SimTime::max();  ///< max() when it is not undone

    friend bool operator==(const PlannedBar&, const PlannedBar&) = default;
};

/// "crash broker 2", as bars of faults are called.
[[nodiscard]] QString titleOfFault(const std::string& kind, const std::string& target);
/// "power loss node1": without the word for what it hits, where a name of letters tells that too.
[[nodiscard]] QString briefTitleOfFault(const std::string& kind, const std::string& target);

/// The run as one strip: what was recorded, checkpoints, faults as bars, branches as lanes, and the head that can be
/// dragged to any past instant. Faults that the scenario plans have a lane of their own: their bars are dragged to
/// another time, and by their right ends to another length; Delete removes the one that was clicked.
///
/// The wheel zooms around the pointer, with Shift it moves along; + and - zoom around the head, a double click on the
/// ruler shows everything again. While the run goes on a stretch that holds its present follows it.
///
/// Compact, it is one lane of the deck's row: faults are bands in the lane of the run, branches and plan are left out.
class TimeStrip final : public QWidget {
    Q_OBJECT

public:
    explicit TimeStrip(QWidget* parent = nullptr);

    void setSnapshot(observe::SnapshotPtr snapshot);

    void setPlan(std::vector<PlannedBar> plan);

    /// What stands in it while there is no run; without a word of its own it says how to start one.
    void setInvitation(const QString& words);

    /// Time that charts point at; the strip shows it as a thin line. Negative: none.
    void setCursorTime(double seconds);

    /// Shows a stretch of the run only. What is shorter than a millisecond or beyond the axis is brought into bounds.
    void setVisibleRange(SimTime from, SimTime to);
    void showAll();
    [[nodiscard]] bool isZoomed() const { return m_isZoomed; }
    [[nodiscard]] SimTime visibleFrom() const;
    [[nodiscard]] SimTime visibleTo() const;

    void setCompact(bool isCompact);
    [[nodiscard]] bool isCompact() const { return m_isCompact; }

    /// Where things are in widget coordinates, for tests and for guides that point at them.
    [[nodiscard]] double xOf(SimTime time) const;
    [[nodiscard]] SimTime timeAt(double x) const;
    [[nodiscard]] bool isInPast() const;
    [[nodiscard]] QRectF planBox(std::size_t index) const;
    [[nodiscard]] QRectF branchLane(std::size_t row) const;
    /// Where a fault's name stands: never across the line of the present, another bar or another name. Empty where
    /// there is no room for it, and when the fault is in the lane of the plan.
    [[nodiscard]] QRectF faultLabelBox(std::size_t index) const;
    /// What stands there: faults that begin together are named together.
    [[nodiscard]] QString faultLabel(std::size_t index) const;
    /// Instants that the ruler names, and the name of the one that is shown.
    [[nodiscard]] std::vector<QRectF> rulerLabels() const;
    [[nodiscard]] QRectF presentLabelBox() const;
    [[nodiscard]] double curveTop() const;  ///< above it stand the ruler, or in a compact strip the names of faults
    /// What the curve counts and how high it goes, where that stands; both empty while there is no curve.
    [[nodiscard]] QString curveCaption() const;
    [[nodiscard]] std::vector<QRectF> curveCaptionBoxes() const;
    /// Centres of the dots that mark warnings and errors.
    [[nodiscard]] std::vector<QPointF> dotsInView() const;
    /// How high the curve of the run stands at an instant, 0 to 1 of its lane.
    [[nodiscard]] double curveShareAt(SimTime time) const;
    /// "6.0 to 13.7 s of 20.0 s": what is cut out of the run; empty while all of it is shown.
    [[nodiscard]] QString rangeText(bool isShort) const;
    /// What the curve counts, how, and on which scale.
    [[nodiscard]] QString curveText() const;

    [[nodiscard]] QSize sizeHint() const override;

signals:
    /// The head was dragged or a place of the recorded run clicked.
    void seekRequested(millrace::SimTime time);
    void backToNowRequested();
    void branchRequested(quint32 id);
    void hovered(double seconds);  ///< negative when the pointer has left
    void visibleRangeChanged(millrace::SimTime from, millrace::SimTime to);
    /// A bar of the plan was taken in hand: its settings can be looked at.
    void planChosen(int index);
    void planMoved(int index, millrace::SimTime at, millrace::SimTime until);
    void planRemoveRequested(int index);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    /// The scale of the curve: true top of all samples, and where higher ones are cut off so that the rest is seen.
    struct CurveScale {
        double top = 0;
        double limit = 1e-9;
        [[nodiscard]] bool cuts() const { return top > limit; }
    };

    enum class PlanGrip { None, Body, End };

    /// Where a bar and its name stand.
    struct Place {
        QRectF box;
        QRectF words;           ///< empty when there is no room for its name
        QString title;          ///< its name, with those of others that begin where it does
        bool isInView = false;  ///< and drawn in this lane: a fault that is planned stands in the lane of the plan
    };

    /// Of all faults and all of the plan: worked out once for a picture of the run, in one pass.
    struct Places {
        std::vector<Place> faults;
        std::vector<Place> plan;
        bool hasFaults = false;  ///< one of them stands in the lane of faults, in view or not
        bool hasPlan = false;
    };

    static constexpr double rightMargin = 16;
    // The room of each lane is kept free from the beginning: nothing moves when something happens.
    static constexpr int faultRowsMax = 2;
    static constexpr int planRowsMax = 2;
    static constexpr int branchRowsMax = 2;
    static constexpr double faultRowHeight = 14;
    static constexpr double rowPitch = 15;

    // time_strip_plan.cpp
    [[nodiscard]] PlanGrip gripAt(const QPointF& position, int& index) const;
    void dragPlanTo(double x);
    [[nodiscard]] QString planText(std::size_t index) const;
    void paintPlan(QPainter& painter) const;

    // time_strip_places.cpp
    [[nodiscard]] QRectF planLane() const;
    [[nodiscard]] const Places& places() const;
    void placeFaults(const std::vector<bool>& isPlanned) const;
    void placePlan(const std::vector<bool>& hasBegun) const;
    [[nodiscard]] QStringList namesOf(const std::vector<std::size_t>& together) const;
    [[nodiscard]] QRectF barBox(SimTime from, SimTime to, double top, double height) const;
    [[nodiscard]] int faultAt(const QPointF& position) const;
    void changed();

    // time_strip_curve.cpp
    [[nodiscard]] const observe::SeriesPage* overview() const;
    void fitCurve();
    void paintCurve(QPainter& painter) const;
    void paintCurveCaption(QPainter& painter) const;
    struct CurveCaption {
        QString words;
        QRectF box;
    };
    [[nodiscard]] std::vector<CurveCaption> captions() const;
    [[nodiscard]] QRectF captionBesideLane(double width) const;
    [[nodiscard]] QRectF captionOnLane(const QSizeF& size) const;

    void fitAxis();
    void followPresent(SimTime presentBefore);
    void zoomAround(SimTime fixed, double factor);
    void tellRange();
    [[nodiscard]] double left() const { return m_isCompact ? 8 : 76; }  ///< where the lanes begin, after their names
    [[nodiscard]] double laneWidth() const { return std::max(1.0, width() - left() - rightMargin); }
    [[nodiscard]] bool isInView(SimTime from, SimTime to) const { return to >= visibleFrom() && from <= visibleTo(); }
    void paintLaneNames(QPainter& painter) const;
    void paintBands(QPainter& painter) const;
    void paintNamesOfBands(QPainter& painter) const;
    [[nodiscard]] QRectF presentBox() const;
    [[nodiscard]] QRectF runLane() const;
    [[nodiscard]] QRectF rulerRow() const;
    [[nodiscard]] QRectF faultLane() const;
    [[nodiscard]] SimTime axisEnd() const;
    [[nodiscard]] std::vector<const observe::BranchLane*> otherBranches() const;
    [[nodiscard]] SimTime partingOf(const observe::BranchLane& branch) const;
    [[nodiscard]] QString toolTipAt(const QPointF& position) const;
    [[nodiscard]] QString textOfFault(const observe::FaultBar& fault) const;
    [[nodiscard]] QRectF rangeBox() const;
    void seekTo(double x);

    void paintRun(QPainter& painter) const;
    [[nodiscard]] std::vector<std::pair<double, observe::Severity>> dots() const;
    struct RulerMark {
        double x = 0;
        QRectF box;  ///< of its words; empty where something else stands
        QString words;
    };
    [[nodiscard]] int plannedAt(const QPointF& at) const;
    [[nodiscard]] std::vector<RulerMark> rulerMarks() const;
    [[nodiscard]] QString presentLabel() const;
    void paintRuler(QPainter& painter) const;
    void paintVeil(QPainter& painter) const;
    void paintFaults(QPainter& painter) const;
    void paintBranches(QPainter& painter) const;
    void paintHead(QPainter& painter) const;

    observe::SnapshotPtr m_snapshot;
    double m_cursor = -1;
    bool m_isDragging = false;
    SimTime m_draggedTo{};
    SimTime m_shownEnd{};
    bool m_isCompact = false;
    bool m_isZoomed = false;
    SimTime m_zoomFrom{};
    SimTime m_zoomTo{};
    CurveScale m_curve;
    mutable Places m_places;
    mutable bool m_arePlaced = false;

    QString m_invitation;
    std::vector<PlannedBar> m_plan;
    int m_planChosen = -1;
    PlanGrip m_planGrip = PlanGrip::None;
    PlannedBar m_planBefore;  ///< the bar that is dragged, as it was
    double m_planFrom = 0;    ///< where the drag began
};

}  // namespace millrace::widgets
