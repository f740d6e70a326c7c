#pragma once

#include <memory>
#include <vector>

#include "engine/observe/run_view.h"
#include "engine/observe/streaming_page.h"
#include "widgets/pages/painted_view.h"
#include "widgets/pages/time_axis.h"
#include "widgets/spark/batch_words.h"

class QScrollBar;

namespace millrace::widgets {

/// Batches one below the other on one axis of time: when each came in, waited and was worked on, with the faults of the
/// run behind them. Those that are seen decide how far the axis reaches. The newest stay in view until somebody
/// scrolls.
class BatchTimeline final : public PaintedView {
    Q_OBJECT

public:
    explicit BatchTimeline(QWidget* parent = nullptr);

    void setPage(std::shared_ptr<const observe::StreamingPage> page, std::vector<observe::FaultBar> faults);
    void setChosen(SimTime batch);
    /// How many batches have room.
    [[nodiscard]] int rows() const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

signals:
    void batchChosen(millrace::SimTime batch);
    void seekRequested(millrace::SimTime time);

protected:
    void paint(QPainter& painter) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void fitScroll();
    void step(int rows);
    [[nodiscard]] TimeAxis axisOf(const std::vector<BatchBar>& bars, const QRectF& plot) const;
    void paintFaults(QPainter& painter, const TimeAxis& axis, const QRectF& plot);
    void paintRow(QPainter& painter, const TimeAxis& axis, const BatchBar& bar, const QRectF& row);
    void paintWords(QPainter& painter, const TimeAxis& axis, const BatchBar& bar, const QRectF& row) const;

    std::shared_ptr<const observe::StreamingPage> m_page;
    std::vector<observe::FaultBar> m_faults;
    SimTime m_chosen{};
    QScrollBar* m_scroll = nullptr;
    bool m_followsNewest = true;
};

}  // namespace millrace::widgets
