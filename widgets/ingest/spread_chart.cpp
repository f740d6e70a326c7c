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
    static constexpr double titleWidth = 214;
    static constexpr double leastHeight = 68;
    static constexpr double zeroWidth = 84;                    // of the place for what took no time
    static constexpr double footHeight = pageAxisHeight + 20;  // the axis, and what the lines mean
    static constexpr double shortest = 1e-6;                   // s: what is shorter has no place but zero
};

}  // namespace

/// From the SpreadMeasures::shortest to the longest, each decade as wide as the others.
struct SpreadChart::Axis {
    double from = -3;  ///< powers of ten of seconds
    double to = 1;
    double zero = 0;  ///< the middle of the place for what took no time
    double left = 0;
    double right = 1;
    [[nodiscard]] double xOf(SimDuration duration) const {
        if (duration <= SimDuration{0}) {
            return zero;
        }
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
    setMinimumHeight(static_cast<int>(SpreadMeasures::footHeight +
                                      SpreadMeasures::leastHeight * static_cast<double>(m_series.size())));
    update();
}

SpreadChart::Axis SpreadChart::axisOf() const {
    Axis axis;
    double least = 1e9;
    double most = 0;
    for (const SpreadSeries& series : m_series) {
        for (const observe::SpreadClass& each : series.classes) {
            if (each.count > 0 && each.upTo > SimDuration{0}) {
                least =
                    std::min(least, std::max(SpreadMeasures::shortest, static_cast<double>(each.from.count()) / 1e9));
                most = std::max(most, static_cast<double>(each.upTo.count()) / 1e9);
            }
        }
    }
    axis.from = std::floor(std::log10(std::min(least, 1.0)) + 1e-9);
    axis.to = std::max(std::ceil(std::log10(std::max(most, SpreadMeasures::shortest)) - 1e-9), axis.from + 1);
    axis.zero = pageMargin + SpreadMeasures::titleWidth + SpreadMeasures::zeroWidth / 2;
    axis.left = pageMargin + SpreadMeasures::titleWidth + SpreadMeasures::zeroWidth;
    axis.right = width() - 2 * pageMargin - 12;
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
    const Axis axis = axisOf();
    const double each = (height() - SpreadMeasures::footHeight) / static_cast<double>(m_series.size());
    for (double power = axis.from; power <= axis.to; power += 1) {
        const double x = std::round(axis.xOf(SimDuration(std::llround(std::pow(10, power) * 1e9)))) + 0.5;
        painter.setPen(QPen(theme().line, 1, Qt::DotLine));
        painter.drawLine(QPointF(x, 4), QPointF(x, height() - SpreadMeasures::footHeight));
    }
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        paintSeries(painter, m_series[i], axis, QRectF(0, each * static_cast<double>(i), width(), each));
    }
    paintFoot(painter, axis);
}

/// At the foot of what is seen of the picture, whatever is scrolled past it.
void SpreadChart::paintFoot(QPainter& painter, const Axis& axis) {
    const Palette& p = theme();
    const QRectF view = visibleRegion().isEmpty() ? QRectF(rect()) : QRectF(visibleRegion().boundingRect());
    const QRectF foot(0, view.bottom() - SpreadMeasures::footHeight, width(), SpreadMeasures::footHeight);
    painter.fillRect(foot, p.surface);
    painter.setFont(textFont(TextRole::Caption));
    const auto label = [&](double x, const QString& text) {
        painter.setPen(QPen(p.dim, 1));
        painter.drawLine(QPointF(x, foot.top()), QPointF(x, foot.top() + 3));
        painter.drawText(QRectF(x - 40, foot.top() + 2, 80, pageAxisHeight - 2), Qt::AlignCenter, text);
    };
    for (double power = axis.from; power <= axis.to; power += 1) {
        const SimDuration at(std::llround(std::pow(10, power) * 1e9));
        label(std::round(axis.xOf(at)) + 0.5, format::duration(at));
    }
    label(std::round(axis.zero) + 0.5, QStringLiteral("0"));
    addPart(foot, QStringLiteral("axis"), tr("Each decade of time is as wide as the others"));
    painter.setPen(p.dim);
    painter.drawText(QRectF(pageMargin, foot.top() + pageAxisHeight, width() - 2 * pageMargin,
                            SpreadMeasures::footHeight - pageAxisHeight),
                     Qt::AlignLeft | Qt::AlignVCenter,
                     tr("height: records, the most of each row is its full height · solid line: median · dashed: 95 of "
                        "100 are no later · logarithmic scale"));
}

void SpreadChart::paintSeries(QPainter& painter, const SpreadSeries& series, const Axis& axis, const QRectF& box) {
    const Palette& p = theme();
    const QRectF plot(axis.zero - 6, box.top() + 8, axis.right - axis.zero + 6, box.height() - 14);
    painter.setFont(textFont(TextRole::CardTitle));
    painter.setPen(p.text);
    painter.drawText(
        QRectF(pageMargin, box.top() + 6, SpreadMeasures::titleWidth - 10, 18), Qt::AlignLeft | Qt::AlignVCenter,
        format::elided(painter.fontMetrics(), series.title, static_cast<int>(SpreadMeasures::titleWidth) - 10));
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(p.dim);
    std::int64_t most = 0;
    std::int64_t sum = 0;
    for (const observe::SpreadClass& each : series.classes) {
        most = std::max(most, each.count);
        sum += each.count;
    }
    painter.drawText(
        QRectF(pageMargin, box.top() + 24, SpreadMeasures::titleWidth - 10, 36), Qt::AlignLeft | Qt::AlignTop,
        sum == 0 ? tr("none yet")
                 : tr("%1 records\nmedian %2, 95 %: %3")
                       .arg(format::count(sum), format::duration(series.median), format::duration(series.high)));
    addPart(QRectF(0, box.top(), SpreadMeasures::titleWidth, box.height()), QString(), series.help);
    painter.setPen(QPen(p.line, 1));
    painter.drawLine(plot.bottomLeft(), plot.bottomRight());
    constexpr double zeroBar = 8;
    for (const observe::SpreadClass& each : series.classes) {
        if (each.count == 0) {
            continue;
        }
        const bool isZero = each.upTo <= SimDuration{0};
        const double left = isZero                        ? axis.zero - zeroBar / 2
                            : each.from <= SimDuration{0} ? axis.left
                                                          : axis.xOf(each.from);
        const double right = isZero ? axis.zero + zeroBar / 2 : std::max(left + 1.5, axis.xOf(each.upTo));
        const double height =
            most > 0 ? plot.height() * static_cast<double>(each.count) / static_cast<double>(most) : 0;
        const QRectF bar(left, plot.bottom() - height, right - left - 0.5, height);
        painter.fillRect(bar, p.series[0]);
        addPart(QRectF(left, plot.top(), right - left, plot.height()), series.title,
                tr("%1: %2 records, %3 of all, from %4 to %5")
                    .arg(series.title, format::count(each.count),
                         format::percent(static_cast<double>(each.count) /
                                         static_cast<double>(std::max<std::int64_t>(1, sum))),
                         format::duration(each.from), format::duration(each.upTo)));
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
