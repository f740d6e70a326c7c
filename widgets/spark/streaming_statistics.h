#pragma once

#include <memory>

#include "engine/observe/streaming_page.h"
#include "widgets/pages/painted_view.h"
#include "widgets/spark/batch_words.h"

namespace millrace::widgets {

/// The four charts of Spark's streaming tab over the batches that the driver remembers: input rate, scheduling delay,
/// processing time with the interval as a dashed line, total delay. The delays share one range; beside each chart
/// stands how often each height came, on the same axis.
class StreamingStatistics final : public PaintedView {
    Q_OBJECT

public:
    explicit StreamingStatistics(QWidget* parent = nullptr);

    void setPage(const std::shared_ptr<const observe::StreamingPage>& page);
    void setChosen(SimTime batch);

    [[nodiscard]] QSize sizeHint() const override { return {760, 420}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {420, 240}; }

signals:
    void batchChosen(millrace::SimTime batch);

protected:
    void paint(QPainter& painter) override;

private:
    struct Frame;
    void paintChart(QPainter& painter, const StatisticSeries& series, double most, const QRectF& box);
    void paintPoints(QPainter& painter, const StatisticSeries& series, const Frame& frame);
    void paintHistogram(QPainter& painter, const StatisticSeries& series, double most, const QRectF& box);

    std::shared_ptr<const observe::StreamingPage> m_page;
    std::array<StatisticSeries, 4> m_series;
    SimTime m_chosen{};
};

}  // namespace millrace::widgets
