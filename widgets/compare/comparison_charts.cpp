#include "widgets/compare/comparison_charts.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <array>
#include <cmath>

#include "widgets/compare/comparison_words.h"
#include "widgets/pages/page_measures.h"
#include "widgets/pages/time_axis.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

constexpr int scaleWidth = 64;
constexpr int nameWidth = 120;
constexpr int laneHeight = 34;

using View = observe::ComparisonView;

SimTime instantOf(double seconds) {
    return SimTime(SimDuration(std::llround(seconds * 1e9)));
}

}  // namespace

QPen variantPen(std::size_t variant) {
    static const std::array<Qt::PenStyle, 3> styles{Qt::SolidLine, Qt::DashLine, Qt::DotLine};
    const auto& colours = theme().series;
    return {colours[variant % colours.size()], 2, styles[variant % styles.size()]};
}

/// Where the chart stands and what its pixels say.
struct ResultCurves::Frame {
    QRectF plot;
    TimeAxis axis;
    double most = 1;
    [[nodiscard]] double yOf(double value) const { return plot.bottom() - value / most * plot.height(); }
};

ResultCurves::ResultCurves(QWidget* parent) : PaintedView(parent) {
    setAccessibleName(tr("Results over simulated time"));
}

void ResultCurves::setView(const observe::ComparisonPtr& view) {
    m_view = view;
    update();
}

void ResultCurves::paint(QPainter& painter) {
    double end = 0;
    Frame frame;
    for (const auto& curve : m_view ? m_view->curves : std::vector<std::vector<View::Point>>()) {
        if (!curve.empty()) {
            end = std::max(end, curve.back().at);
            frame.most = std::max(frame.most, static_cast<double>(curve.back().results));
        }
    }
    if (end <= 0) {
        paintNothing(painter, m_view ? tr("No results came into a sink.") : tr("Nothing has been compared yet."));
        return;
    }
    constexpr double headroom = 1.06;
    frame.most *= headroom;
    frame.plot = QRectF(pageMargin + scaleWidth, pageLegendHeight + 4, width() - 2 * pageMargin - scaleWidth,
                        height() - pageLegendHeight - pageAxisHeight - 10);
    frame.axis = TimeAxis(SimTime{}, instantOf(end), frame.plot.left(), frame.plot.right());
    paintScale(painter, frame);
    for (const double fault : m_view->faultsAt) {
        if (fault <= end) {
            const double x = std::round(frame.axis.xOf(instantOf(fault))) + 0.5;
            painter.setPen(QPen(theme().bad, 1, Qt::DashLine));
            painter.drawLine(QPointF(x, frame.plot.top()), QPointF(x, frame.plot.bottom()));
            addPart(QRectF(x - 4, frame.plot.top(), 8, frame.plot.height()), QString(),
                    tr("A fault strikes at %1").arg(instantText(instantOf(fault))));
        }
    }
    std::vector<LegendEntry> legend;
    for (std::size_t i = 0; i < m_view->curves.size(); ++i) {
        paintCurve(painter, frame, i);
        legend.push_back({QBrush(variantPen(i).color()), format::text(m_view->variants[i])});
    }
    if (!m_view->faultsAt.empty()) {
        legend.push_back({QBrush(theme().bad), tr("faults")});
    }
    painter.setFont(textFont(TextRole::Caption));
    paintLegend(painter, QRectF(pageMargin, 0, width() - 2 * pageMargin, pageLegendHeight), legend);
}

void ResultCurves::paintScale(QPainter& painter, const Frame& frame) const {
    painter.setFont(textFont(TextRole::Caption));
    const double every =
        std::max(1.0, niceStep(frame.most, std::max(1, static_cast<int>(frame.plot.height() / laneHeight))));
    for (double value = 0; value <= frame.most; value += every) {
        const double y = std::round(frame.yOf(value)) + 0.5;
        painter.setPen(QPen(theme().line, 1, value > 0 ? Qt::DotLine : Qt::SolidLine));
        painter.drawLine(QPointF(frame.plot.left(), y), QPointF(frame.plot.right(), y));
        painter.setPen(theme().dim);
        painter.drawText(QRectF(frame.plot.left() - scaleWidth, y - 8, scaleWidth - 6, 16),
                         Qt::AlignRight | Qt::AlignVCenter, format::rounded(std::llround(value)));
    }
    painter.drawText(QRectF(frame.plot.left() + 6, frame.plot.top(), 200, 16), Qt::AlignLeft | Qt::AlignVCenter,
                     tr("results in the sinks"));
    frame.axis.paint(painter, QRectF(frame.plot.left(), frame.plot.bottom() + 2, frame.plot.width(), pageAxisHeight),
                     pageAxisHeight);
}

/// A step at each instant at which results came; several within a pixel are one.
void ResultCurves::paintCurve(QPainter& painter, const Frame& frame, std::size_t variant) {
    const auto& points = m_view->curves[variant];
    QPainterPath path(QPointF(frame.plot.left(), frame.plot.bottom()));
    double x = frame.plot.left();
    double y = frame.plot.bottom();
    for (const View::Point& point : points) {
        const double nextX = frame.axis.xOf(instantOf(point.at));
        const double nextY = frame.yOf(static_cast<double>(point.results));
        if (nextX - x >= 1 || &point == &points.back()) {
            path.lineTo(x, y);  // where those within its pixel have come to
            path.lineTo(nextX, y);
            path.lineTo(nextX, nextY);
            x = nextX;
        }
        y = nextY;
    }
    path.lineTo(frame.plot.right(), y);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(variantPen(variant));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (!points.empty()) {
        addPart(QRectF(frame.plot.right() - 60, y - 6, 60, 12), QString(),
                tr("%1: %2 results, the last at %3")
                    .arg(format::text(m_view->variants[variant]), format::count(points.back().results),
                         instantText(instantOf(points.back().at))));
    }
}

FigureBars::FigureBars(QWidget* parent) : PaintedView(parent) {
    setAccessibleName(tr("One figure of all variants"));
}

void FigureBars::setFigure(const observe::ComparisonPtr& view, int row) {
    m_view = view;
    m_row = row;
    update();
}

void FigureBars::paint(QPainter& painter) {
    if (!m_view || m_row < 0 || static_cast<std::size_t>(m_row) >= m_view->rows.size()) {
        paintNothing(painter, tr("Choose a figure in the table."));
        return;
    }
    const View::Row& row = m_view->rows[static_cast<std::size_t>(m_row)];
    painter.setPen(theme().text);
    painter.setFont(textFont(TextRole::CardTitle));
    painter.drawText(QRectF(pageMargin, 6, width() - 2 * pageMargin, 20), Qt::AlignLeft | Qt::AlignVCenter,
                     captionOf(row));
    painter.setPen(theme().dim);
    painter.setFont(textFont(TextRole::Body));
    QRectF meaning(pageMargin, 28, width() - 2 * pageMargin, 40);
    painter.drawText(meaning, static_cast<int>(Qt::AlignLeft | Qt::AlignTop) | Qt::TextWordWrap,
                     format::sentence(format::text(row.meaning)));
    double most = 0;
    for (const View::Cell& each : row.cells) {
        most = std::max(most, each.n > 0 ? std::max(each.mean, each.high) : 0.0);
    }
    double y = meaning.bottom() + 6;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
        paintBar(painter, QRectF(pageMargin, y, width() - 2 * pageMargin, laneHeight), i, most);
        y += laneHeight;
    }
}

void FigureBars::paintBar(QPainter& painter, const QRectF& lane, std::size_t variant, double most) {
    const View::Row& row = m_view->rows[static_cast<std::size_t>(m_row)];
    const View::Cell& cell = row.cells[variant];
    constexpr double textWidth = 130;
    painter.setFont(textFont(TextRole::Body));
    painter.setPen(theme().text);
    painter.drawText(QRectF(lane.left(), lane.top(), nameWidth, lane.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     format::elided(painter.fontMetrics(), format::text(m_view->variants[variant]), nameWidth - 8));
    const QRectF room(lane.left() + nameWidth, lane.top() + 7, std::max(40.0, lane.width() - nameWidth - textWidth),
                      lane.height() - 14);
    const auto xOf = [&](double value) {
        return room.left() + (most > 0 ? std::clamp(value / most, 0.0, 1.0) : 0.0) * room.width();
    };
    painter.setPen(QPen(theme().line, 1));
    painter.drawLine(room.topLeft(), room.bottomLeft());
    double end = room.left();
    if (cell.n > 0) {
        painter.fillRect(QRectF(room.left(), room.top(), std::max(1.0, xOf(cell.mean) - room.left()), room.height()),
                         variantPen(variant).color());
        end = std::max(xOf(cell.mean), xOf(cell.high));
        if (cell.high > cell.low) {
            const double middle = room.center().y();
            painter.setPen(QPen(theme().text, 1.5));
            painter.drawLine(QPointF(xOf(cell.low), middle), QPointF(xOf(cell.high), middle));
            for (const double at : {xOf(cell.low), xOf(cell.high)}) {
                painter.drawLine(QPointF(at, middle - 5), QPointF(at, middle + 5));
            }
        }
    }
    painter.setPen(cell.n > 0 ? theme().text : theme().dim);
    const QString text = cell.n > 0 ? format::text(cell.text) : tr("not measured");
    painter.drawText(QRectF(end + 8, lane.top(), textWidth + 40, lane.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     text);
    const QString of = cell.n > 1 ? tr("the mean of %1 runs").arg(cell.n) : tr("of one run");
    addPart(lane, QString(), tr("%1: %2, %3").arg(format::text(m_view->variants[variant]), text, of));
}

}  // namespace millrace::widgets
