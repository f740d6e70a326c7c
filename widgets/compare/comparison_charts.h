#pragma once

#include "engine/observe/comparison_view.h"
#include "widgets/pages/painted_view.h"

namespace millrace::widgets {

/// How many results stood in the sinks over simulated time, a stepped line for each variant, with the instants at which
/// faults struck.
class ResultCurves final : public PaintedView {
    Q_OBJECT

public:
    explicit ResultCurves(QWidget* parent = nullptr);
    void setView(const observe::ComparisonPtr& view);

protected:
    void paint(QPainter& painter) override;

private:
    struct Frame;
    void paintScale(QPainter& painter, const Frame& frame) const;
    void paintCurve(QPainter& painter, const Frame& frame, std::size_t variant);

    observe::ComparisonPtr m_view;
};

/// One figure of all variants: bars with the 95 % interval of their means.
class FigureBars final : public PaintedView {
    Q_OBJECT

public:
    explicit FigureBars(QWidget* parent = nullptr);
    void setFigure(const observe::ComparisonPtr& view, int row);

protected:
    void paint(QPainter& painter) override;

private:
    void paintBar(QPainter& painter, const QRectF& lane, std::size_t variant, double most);

    observe::ComparisonPtr m_view;
    int m_row = -1;
};

/// By place in the order of variants: a colour and, for who tells colours badly apart, a dash.
[[nodiscard]] QPen variantPen(std::size_t variant);

}  // namespace millrace::widgets
