#pragma once

#include <QWidget>

#include "engine/observe/snapshot.h"

namespace millrace::widgets {

/// The run as one strip: what was recorded, checkpoints, faults as bars, branches as lanes, and the head that can be
/// dragged to any past instant.
class TimeStrip final : public QWidget {
    Q_OBJECT

public:
    explicit TimeStrip(QWidget* parent = nullptr);

    void setSnapshot(observe::SnapshotPtr snapshot);

    /// Time that charts point at; the strip shows it as a thin line. Negative: none.
    void setCursorTime(double seconds);

    /// Where things are in widget coordinates, for tests and for guides that point at them.
    [[nodiscard]] double xOf(SimTime time) const;
    [[nodiscard]] SimTime timeAt(double x) const;
    [[nodiscard]] bool isInPast() const;

    [[nodiscard]] QSize sizeHint() const override;

signals:
    /// The head was dragged or a place of the recorded run clicked.
    void seekRequested(millrace::SimTime time);
    void backToNowRequested();
    void branchRequested(quint32 id);
    void hovered(double seconds);  ///< negative when the pointer has left

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QRectF runLane() const;
    [[nodiscard]] QRectF faultLane() const;
    [[nodiscard]] QRectF branchLane(std::size_t row) const;
    [[nodiscard]] SimTime axisEnd() const;
    [[nodiscard]] std::vector<const observe::BranchLane*> otherBranches() const;
    [[nodiscard]] SimTime partingOf(const observe::BranchLane& branch) const;
    [[nodiscard]] QString toolTipAt(const QPointF& position) const;
    [[nodiscard]] QRectF faultBox(const observe::FaultBar& fault, int row) const;
    [[nodiscard]] int faultRow(std::size_t index) const;
    void seekTo(double x);

    void paintRun(QPainter& painter) const;
    void paintFaults(QPainter& painter) const;
    void paintBranches(QPainter& painter) const;
    void paintHead(QPainter& painter) const;

    observe::SnapshotPtr m_snapshot;
    double m_cursor = -1;
    bool m_isDragging = false;
    SimTime m_draggedTo{};
    SimTime m_shownEnd{};
};

}  // namespace millrace::widgets
