#include "widgets/ingest/spread_chart.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/pages/page_measures.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

/// In pixels unless told otherwise.
struct SpreadMeasures {
    static constexpr double titleWidth = 190;
    static constexpr double leastHeight = 96;
    static constexpr double shortest = 1e-6;  // s: what is shorter stands at the left edge
};

}  // namespace

/// From the SpreadMeasures::shortest to the longest, each decade as wide as the others.
struct SpreadChart::Axis {
    double from = -3;  ///< powers of ten of seconds
    double to = 1;
    double left = 0;
    double right = 1;
    [[nodiscard]] double xOf(SimDuration duration) const {
        const double power =
            std::log10(std::max(SpreadMeasures::shortest, static_cast<double>(duration.count()) / 1e9));
        return left + (std::clamp(power, from, to) - from) / (to - from) * (right - left);
    }
};

SpreadChart::SpreadChart(QWidget* parent) : PaintedView(parent) {
    setAccessibleName(tr("How late and how old records are"));
}

void SpreadChart::setSeries(std::vector<SpreadSeries> series) {
    m_series = std::move(series);
    setMinimumHeight(
        static_cast<int>(pageAxisHeight + SpreadMeasures::leastHeight * static_cast<double>(m_series.size())));
    update();
}

SpreadChart::Axis SpreadChart::axisOf() const {
    Axis axis;
    double least = 1e9;
    double most = 0;
    for (const SpreadSeries& series : m_series) {
        for (const observe::SpreadClass& each : series.classes) {
            least = std::min(least, std::max(SpreadMeasures::shortest, static_cast<double>(each.upTo.count()) / 1e9));
            most = std::max(most, static_cast<double>(each.upTo.count()) / 1e9);
        }
    }
    axis.from = std::floor(std::log10(std::min(least, 1.0)) - 0.25);
    axis.to = std::max(std::ceil(std::log10(std::max(most, SpreadMeasures::shortest))), axis.from + 1);
    axis.left = pageMargin + SpreadMeasures::titleWidth;
    axis.right = width() - 2 * pageMargin;
    return axis;
}

void SpreadChart::paint(QPainter& painter) {
    const bool isEmpty =
        std::all_of(m_series.begin(), m_series.end(), [](const auto& each) { return each.classes.empty(); });
    if (isEmpty) {
        paintNothing(painter, tr("No record of this source has come yet, or it has no model and no flaws: nothing is "
                                 "known of when what it sends was measured."));
        return;
    }
    const Palette& p = theme();
    const Axis axis = axisOf();
    painter.setFont(textFont(TextRole::Caption));
    for (double power = axis.from; power <= axis.to; power += 1) {
        const SimDuration at(std::llround(std::pow(10, power) * 1e9));
        const double x =
            std::round(axis.left + (power - axis.from) / (axis.to - axis.from) * (axis.right - axis.left)) + 0.5;
        painter.setPen(QPen(p.line, 1, Qt::DotLine));
        painter.drawLine(QPointF(x, 4), QPointF(x, height() - pageAxisHeight));
        painter.setPen(p.dim);
        painter.drawText(QRectF(x - 40, height() - pageAxisHeight, 80, pageAxisHeight), Qt::AlignCenter,
                         format::duration(at));
    }
    const double each = (height() - pageAxisHeight) / static_cast<double>(m_series.size());
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        paintSeries(painter, m_series[i], axis, QRectF(0, each * static_cast<double>(i), width(), each));
    }
}

void SpreadChart::paintSeries(QPainter& painter, const SpreadSeries& series, const Axis& axis, const QRectF& box) {
    const Palette& p = theme();
    const QRectF plot(axis.left, box.top() + 10, axis.right - axis.left, box.height() - 16);
    painter.setFont(textFont(TextRole::CardTitle));
    painter.setPen(p.text);
    painter.drawText(QRectF(pageMargin, box.top() + 8, SpreadMeasures::titleWidth - 10, 36),
                     Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, series.title);
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(p.dim);
    std::int64_t most = 0;
    std::int64_t sum = 0;
    for (const observe::SpreadClass& each : series.classes) {
        most = std::max(most, each.count);
        sum += each.count;
    }
    painter.drawText(
        QRectF(pageMargin, box.top() + 44, SpreadMeasures::titleWidth - 10, 50), Qt::AlignLeft | Qt::AlignTop,
        sum == 0 ? tr("none yet")
                 : tr("%1 records\nmedian %2\n95 %: %3")
                       .arg(format::count(sum), format::duration(series.median), format::duration(series.high)));
    addPart(QRectF(0, box.top(), SpreadMeasures::titleWidth, box.height()), QString(), series.help);
    painter.setPen(QPen(p.line, 1));
    painter.drawLine(plot.bottomLeft(), plot.bottomRight());
    SimDuration before{0};
    for (const observe::SpreadClass& each : series.classes) {
        const double left = axis.xOf(before);
        const double right = std::max(left + 1.5, axis.xOf(each.upTo));
        const double height =
            most > 0 ? plot.height() * static_cast<double>(each.count) / static_cast<double>(most) : 0;
        const QRectF bar(left, plot.bottom() - height, right - left - 0.5, height);
        painter.fillRect(bar, p.series[0]);
        addPart(QRectF(left, plot.top(), right - left, plot.height()), series.title,
                tr("%1: %2 records, %3 of all, from %4 to %5")
                    .arg(series.title, format::count(each.count),
                         format::percent(static_cast<double>(each.count) /
                                         static_cast<double>(std::max<std::int64_t>(1, sum))),
                         format::duration(before), format::duration(each.upTo)));
        before = each.upTo;
    }
    for (const bool isHigh : {false, true}) {
        if (sum > 0) {
            const double x = axis.xOf(isHigh ? series.high : series.median);
            painter.setPen(QPen(p.text, 1, isHigh ? Qt::DashLine : Qt::SolidLine));
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
        }
    }
}

}  // namespace millrace::widgets
