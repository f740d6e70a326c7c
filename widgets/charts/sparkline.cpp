#include "widgets/charts/sparkline.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

constexpr int lineHeight = 96;
constexpr int topHeight = 13;  // of the words that say how high the curve reaches, above where it does

}  // namespace

QString seriesTitle(const observe::SeriesPage& page, bool withObject) {
    QString name = format::text(page.name).replace(QLatin1Char('_'), QLatin1Char(' '));
    if (withObject && !page.object.empty()) {
        name += QStringLiteral(" · ") + format::text(observe::titleOf(page.object));
    }
    return name;
}

const observe::SeriesPoint* pointAt(const observe::SeriesPage& page, SimTime time) {
    const auto after = std::upper_bound(page.points.begin(), page.points.end(), time,
                                        [](SimTime t, const observe::SeriesPoint& point) { return t < point.at; });
    return after == page.points.begin() ? nullptr : &*(after - 1);
}

Sparkline::Sparkline(int colorIndex, QWidget* parent) : QWidget(parent), m_colorIndex(colorIndex) {
    setMinimumHeight(lineHeight);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize Sparkline::sizeHint() const {
    return {240, lineHeight};
}

void Sparkline::setSeries(std::shared_ptr<const observe::SeriesPage> page, const std::vector<observe::FaultBar>& faults,
                          SimTime now, SimTime furthest) {
    if (m_page != page) {
        m_page = std::move(page);
        measure();
    }
    m_faults = faults;
    m_now = now;
    m_end = std::max(furthest, SimTime(std::chrono::seconds(1)));
    setAccessibleName(m_page ? seriesTitle(*m_page, true) : QString());
    update();
}

void Sparkline::measure() {
    constexpr SimDuration window = std::chrono::seconds(2);
    constexpr double burst = 5;  // times the usual: what is higher is cut
    m_levels.clear();
    const bool isRate = m_page && m_page->unit.ends_with("/s");
    double sum = 0;
    std::size_t from = 0;
    for (std::size_t i = 0; m_page && i < m_page->points.size(); ++i) {
        const auto& points = m_page->points;
        sum += points[i].mean;
        for (; isRate && points[i].at - points[from].at >= window; ++from) {
            sum -= points[from].mean;
        }
        m_levels.push_back(isRate ? sum / static_cast<double>(i + 1 - from) : points[i].mean);
    }
    std::vector<double> sorted = m_levels;
    std::sort(sorted.begin(), sorted.end());
    const double most = sorted.empty() ? 0 : sorted.back();
    const double usual = sorted.size() < 20 ? most : sorted[sorted.size() * 95 / 100];
    m_top = std::max(1e-12, usual > 0 && most > usual * burst ? usual * 1.5 : most);
}

double Sparkline::levelAt(SimTime time) const {
    const observe::SeriesPoint* point = m_page ? pointAt(*m_page, time) : nullptr;
    return point == nullptr ? std::numeric_limits<double>::quiet_NaN()
                            : m_levels[static_cast<std::size_t>(point - m_page->points.data())];
}

QRectF Sparkline::plotBox() const {
    return QRectF(rect()).adjusted(0, 22 + topHeight, 0, -6);
}

double Sparkline::xOf(SimTime time) const {
    return plotBox().left() + plotBox().width() * std::clamp(seconds(time) / seconds(m_end), 0.0, 1.0);
}

SimTime Sparkline::timeAt(double x) const {
    const double share = std::clamp((x - plotBox().left()) / std::max(1.0, plotBox().width()), 0.0, 1.0);
    return SimTime(fromSeconds(share * seconds(m_end)));
}

void Sparkline::paintEvent(QPaintEvent* event) {
    Q_UNUSED(event)
    if (!m_page) {
        return;
    }
    const Palette& colors = theme();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(colors.dim);
    const double current = levelAt(m_now);
    const QString value = std::isnan(current) ? format::text(m_page->unit) : format::value(current, m_page->unit);
    painter.drawText(QRectF(0, 0, width(), 18), Qt::AlignRight | Qt::AlignVCenter, value);
    const double left = width() - painter.fontMetrics().horizontalAdvance(value) - 8;
    painter.setFont(textFont(TextRole::Strong));
    painter.setPen(colors.text);
    painter.drawText(
        QRectF(0, 0, left, 18), Qt::AlignVCenter,
        painter.fontMetrics().elidedText(seriesTitle(*m_page, false), Qt::ElideRight, static_cast<int>(left)));

    const QRectF box = plotBox();
    for (const observe::FaultBar& fault : m_faults) {
        if (fault.at <= m_end) {
            const double right = fault.until == SimTime::max() ? box.right() : xOf(fault.until);
            painter.fillRect(QRectF(xOf(fault.at), box.top(), std::max(2.0, right - xOf(fault.at)), box.height()),
                             colors.faultFill);
        }
    }
    painter.setPen(QPen(colors.line, 1));
    painter.drawLine(box.bottomLeft(), box.bottomRight());
    painter.drawLine(box.topLeft(), box.topRight());
    if (m_page->points.empty()) {
        return;
    }
    // Where nothing was measured, as while a process is down, nothing is drawn.
    const SimDuration gap = std::max<SimDuration>(4 * m_page->resolution, std::chrono::seconds(2));
    std::vector<QPolygonF> curves(1);
    double lastX = -10;
    for (std::size_t i = 0; i < m_levels.size(); ++i) {
        const double x = xOf(m_page->points[i].at);
        if (i > 0 && m_page->points[i].at - m_page->points[i - 1].at > gap) {
            curves.emplace_back();
        }
        QPolygonF& curve = curves.back();
        if (x - lastX >= 0.7 || curve.isEmpty()) {
            const double share = std::clamp(m_levels[i] / m_top, 0.0, 1.0);
            curve.append(QPointF(x, box.bottom() - 1 - share * (box.height() - 4)));
            lastX = x;
        }
    }
    if (m_top > 1e-9) {
        painter.setPen(colors.dim);
        painter.drawText(QRectF(box.left(), box.top() - topHeight - 2, box.width(), topHeight),
                         Qt::AlignLeft | Qt::AlignBottom, format::value(m_top, m_page->unit));
    }
    painter.setPen(QPen(colors.series[static_cast<std::size_t>(m_colorIndex) % colors.series.size()], 1.2));
    for (const QPolygonF& curve : curves) {
        painter.drawPolyline(curve);
    }
    if (m_now < m_end) {
        painter.setPen(QPen(colors.text, 1));
        painter.drawLine(QPointF(xOf(m_now), box.top()), QPointF(xOf(m_now), box.bottom()));
    }
}

bool Sparkline::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && m_page) {
        auto* help = static_cast<QHelpEvent*>(event);
        const SimTime time = timeAt(help->pos().x());
        const observe::SeriesPoint* point = pointAt(*m_page, time);
        const QString value = point == nullptr ? tr("not measured yet")
                                               : tr("mean %1, least %2, most %3")
                                                     .arg(format::value(point->mean, m_page->unit),
                                                          format::value(point->min, m_page->unit),
                                                          format::value(point->max, m_page->unit));
        QToolTip::showText(
            help->globalPos(),
            tr("%1 at %2: %3\none point sums up %4 of simulated time; click goes there")
                .arg(seriesTitle(*m_page, true), format::seconds(time), value, format::duration(m_page->resolution)),
            this);
        return true;
    }
    return QWidget::event(event);
}

void Sparkline::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && m_page) {
        emit timeClicked(std::min(timeAt(event->position().x()), m_end));
    }
}

}  // namespace millrace::widgets
