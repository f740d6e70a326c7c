#include "widgets/spark/batch_timeline.h"

#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QWheelEvent>
#include <algorithm>

#include "widgets/pages/page_measures.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

/// In pixels unless told otherwise.
struct TimelineMeasures {
    static constexpr int rowHeight = 24;
    static constexpr int barHeight = 14;
    static constexpr int labelWidth = 96;
    static constexpr int recordsWidth = 66;
    static constexpr int wordsRoom = 120;  // right of the last bar
};

QColor faint(QColor colour, double alpha) {
    colour.setAlphaF(static_cast<float>(alpha));
    return colour;
}

}  // namespace

BatchTimeline::BatchTimeline(QWidget* parent) : PaintedView(parent), m_scroll(new QScrollBar(Qt::Vertical, this)) {
    setAccessibleName(tr("Timeline of batches"));
    setAccessibleDescription(tr("Arrow keys choose a batch, Return goes to its beginning"));
    m_scroll->setAccessibleName(tr("Which batches are seen"));
    connect(m_scroll, &QScrollBar::valueChanged, this, [this](int value) {
        m_followsNewest = value == m_scroll->maximum();
        update();
    });
    connect(this, &PaintedView::chosen, this, [this](const QString& key) { emit batchChosen(batchOfKey(key)); });
    connect(this, &PaintedView::activated, this, [this](const QString& key) { emit seekRequested(batchOfKey(key)); });
}

QSize BatchTimeline::sizeHint() const {
    return {760, pageAxisHeight + pageLegendHeight + 10 * TimelineMeasures::rowHeight};
}

QSize BatchTimeline::minimumSizeHint() const {
    return {420, pageAxisHeight + pageLegendHeight + 3 * TimelineMeasures::rowHeight};
}

int BatchTimeline::rows() const {
    return std::max(1, (height() - pageAxisHeight - pageLegendHeight) / TimelineMeasures::rowHeight);
}

void BatchTimeline::setPage(std::shared_ptr<const observe::StreamingPage> page, std::vector<observe::FaultBar> faults) {
    m_page = std::move(page);
    m_faults = std::move(faults);
    fitScroll();
    update();
}

void BatchTimeline::setChosen(SimTime batch) {
    if (m_chosen != batch) {
        m_chosen = batch;
        update();
    }
}

void BatchTimeline::fitScroll() {
    const int count = m_page ? static_cast<int>(m_page->batches.size()) : 0;
    const bool follows = m_followsNewest;
    m_scroll->setRange(0, std::max(0, count - rows()));
    m_scroll->setPageStep(rows());
    m_scroll->setVisible(m_scroll->maximum() > 0);
    const int width = m_scroll->sizeHint().width();
    m_scroll->setGeometry(this->width() - width, pageAxisHeight, width, height() - pageAxisHeight - pageLegendHeight);
    if (follows) {
        m_scroll->setValue(m_scroll->maximum());
    }
    m_followsNewest = follows || m_scroll->value() == m_scroll->maximum();
}

void BatchTimeline::resizeEvent(QResizeEvent* event) {
    PaintedView::resizeEvent(event);
    fitScroll();
}

void BatchTimeline::wheelEvent(QWheelEvent* event) {
    constexpr int notch = 120;
    m_scroll->setValue(m_scroll->value() - event->angleDelta().y() * 2 / notch);
    event->accept();
}

void BatchTimeline::step(int by) {
    if (!m_page || m_page->batches.empty()) {
        return;
    }
    const auto& batches = m_page->batches;
    const auto at =
        std::find_if(batches.begin(), batches.end(), [&](const auto& each) { return each.time == m_chosen; });
    const int last = static_cast<int>(batches.size()) - 1;
    const int row = at == batches.end() ? last : std::clamp(static_cast<int>(at - batches.begin()) + by, 0, last);
    if (row < m_scroll->value()) {
        m_scroll->setValue(row);
    } else if (row >= m_scroll->value() + rows()) {
        m_scroll->setValue(row - rows() + 1);
    }
    emit batchChosen(batches[static_cast<std::size_t>(row)].time);
}

void BatchTimeline::keyPressEvent(QKeyEvent* event) {
    constexpr int far = 1'000'000;
    switch (event->key()) {
        case Qt::Key_Up:
            return step(-1);
        case Qt::Key_Down:
            return step(1);
        case Qt::Key_PageUp:
            return step(-rows());
        case Qt::Key_PageDown:
            return step(rows());
        case Qt::Key_Home:
            return step(-far);
        case Qt::Key_End:
            return step(far);
        case Qt::Key_Return:
        case Qt::Key_Enter:
            emit seekRequested(m_chosen);
            return;
        default:
            PaintedView::keyPressEvent(event);
    }
}

TimeAxis BatchTimeline::axisOf(const std::vector<BatchBar>& bars, const QRectF& plot) const {
    SimTime from = bars.front().collects.from;
    SimTime to = bars.back().collects.to;
    for (const BatchBar& bar : bars) {
        to = std::max({to, bar.waits.to, bar.runs.to});
    }
    // While the newest are in view, time goes on to now: a fault that lasts is seen to last.
    to = bars.back().time == m_page->batches.back().time ? std::max(to, m_page->now) : to;
    return {std::max(from, SimTime{}), std::max(to, from + m_page->interval * 4), plot.left(),
            plot.right() - TimelineMeasures::wordsRoom};
}

void BatchTimeline::paint(QPainter& painter) {
    if (!m_page || m_page->batches.empty()) {
        paintNothing(painter,
                     m_page && !m_page->isDriverThere
                         ? tr("The driver is down. Its batches are seen again when it is back.")
                         : tr("No batch has been made yet. A batch is made at the end of each interval, of what came "
                              "in within it."));
        return;
    }
    const auto first = static_cast<std::size_t>(m_scroll->value());
    const std::size_t last = std::min(m_page->batches.size(), first + static_cast<std::size_t>(rows()));
    std::vector<BatchBar> bars;
    for (std::size_t i = first; i < last; ++i) {
        bars.push_back(barOf(m_page->batches[i], m_page->interval, m_page->now));
    }
    const double right = m_scroll->isVisible() ? m_scroll->x() - 4.0 : width() - pageMargin;
    const QRectF plot(TimelineMeasures::labelWidth + TimelineMeasures::recordsWidth + 2 * pageMargin, 0,
                      right - TimelineMeasures::labelWidth - TimelineMeasures::recordsWidth - 2 * pageMargin,
                      pageAxisHeight + TimelineMeasures::rowHeight * static_cast<double>(bars.size()));
    const TimeAxis axis = axisOf(bars, plot);
    paintFaults(painter, axis, plot);
    axis.paint(painter, plot, pageAxisHeight);
    for (std::size_t i = 0; i < bars.size(); ++i) {
        paintRow(painter, axis, bars[i],
                 QRectF(0, pageAxisHeight + TimelineMeasures::rowHeight * static_cast<double>(i), right,
                        TimelineMeasures::rowHeight));
    }
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(theme().dim);
    painter.drawText(
        QRectF(pageMargin + TimelineMeasures::labelWidth, 0, TimelineMeasures::recordsWidth, pageAxisHeight),
        Qt::AlignVCenter | Qt::AlignRight, tr("records"));
    if (m_page->now >= axis.from() && m_page->now <= axis.to()) {
        painter.setPen(QPen(theme().text, 1, Qt::DashLine));
        painter.drawLine(QPointF(axis.xOf(m_page->now), pageAxisHeight), QPointF(axis.xOf(m_page->now), plot.bottom()));
    }
    const Palette& p = theme();
    paintLegend(painter, QRectF(pageMargin, height() - pageLegendHeight, width() - 2 * pageMargin, pageLegendHeight),
                {{faint(p.source, 0.35), tr("its records come in")},
                 {QBrush(p.warning, Qt::BDiagPattern), tr("waits for the batches before it")},
                 {p.series[0], tr("is worked on")},
                 {p.bad, tr("longer than the interval of %1").arg(format::duration(m_page->interval))},
                 {p.faultFill, tr("a fault")}});
}

void BatchTimeline::paintFaults(QPainter& painter, const TimeAxis& axis, const QRectF& plot) {
    constexpr double edge = 3;
    for (const observe::FaultBar& fault : m_faults) {
        if (fault.isPlanned || fault.until <= axis.from() || fault.at >= axis.to()) {
            continue;
        }
        const double left = axis.xOf(std::max(fault.at, axis.from()));
        const double right = axis.xOf(std::min({fault.until, axis.to(), std::max(m_page->now, fault.at)}));
        const QRectF band(left, pageAxisHeight, std::max(edge, right - left), plot.bottom() - pageAxisHeight);
        painter.fillRect(band, theme().faultFill);
        if (fault.at >= axis.from()) {
            painter.fillRect(QRectF(left, band.top(), edge, band.height()), theme().bad);
        }
    }
}

void BatchTimeline::paintRow(QPainter& painter, const TimeAxis& axis, const BatchBar& bar, const QRectF& row) {
    const Palette& p = theme();
    if (bar.time == m_chosen) {
        painter.fillRect(row, faint(p.accent, p.isDark ? 0.22 : 0.12));
    }
    painter.setPen(bar.time == m_chosen ? p.accent : p.text);
    painter.setFont(textFont(TextRole::CardTitle));
    painter.drawText(QRectF(pageMargin, row.top(), TimelineMeasures::labelWidth, row.height()), Qt::AlignVCenter,
                     bar.label);
    painter.setPen(p.dim);
    painter.setFont(textFont(TextRole::Caption));
    painter.drawText(
        QRectF(pageMargin + TimelineMeasures::labelWidth, row.top(), TimelineMeasures::recordsWidth, row.height()),
        Qt::AlignVCenter | Qt::AlignRight, bar.records);
    const double top = row.center().y() - TimelineMeasures::barHeight / 2.0;
    const auto box = [&](const TimeSpan& span, double inset) {
        const double left = axis.xOf(std::max(span.from, axis.from()));
        return QRectF(left, top + inset, std::max(1.5, axis.xOf(span.to) - left),
                      TimelineMeasures::barHeight - 2 * inset);
    };
    painter.setPen(Qt::NoPen);
    painter.setBrush(faint(p.source, bar.time == m_chosen ? 0.55 : 0.3));
    painter.drawRoundedRect(box(bar.collects, 3), 2, 2);
    if (!bar.waits.isEmpty()) {
        painter.setBrush(p.surface);
        painter.drawRect(box(bar.waits, 0));
        painter.setBrush(QBrush(p.warning, Qt::BDiagPattern));
        painter.setPen(QPen(p.warning, 1));
        painter.drawRect(box(bar.waits, 0.5));
        painter.setPen(Qt::NoPen);
    }
    if (!bar.runs.isEmpty()) {
        painter.setBrush(bar.isTooLong ? p.bad : p.series[0]);
        painter.drawRoundedRect(box(bar.runs, 0), 2, 2);
    }
    paintWords(painter, axis, bar, row);
    addPart(row, batchKey(bar.time), bar.tip);
}

void BatchTimeline::paintWords(QPainter& painter, const TimeAxis& axis, const BatchBar& bar, const QRectF& row) const {
    constexpr double gap = 6;
    painter.setFont(textFont(TextRole::Caption));
    const double width = painter.fontMetrics().horizontalAdvance(bar.words) + 2;
    const double end = axis.xOf(std::max({bar.collects.to, bar.waits.to, bar.runs.to}));
    const double begin = axis.xOf(std::max(bar.collects.from, axis.from()));
    const double least = pageMargin + TimelineMeasures::labelWidth + TimelineMeasures::recordsWidth + gap;
    const bool isRight = end + gap + width <= row.right();
    const double left = isRight ? end + gap : std::max(least, begin - gap - width);
    // On a ground of their own: lines and edges of faults end beside them.
    const QRectF box(left, row.top(), width, row.height());
    painter.fillRect(box.adjusted(-2, 4, 1, -4), theme().surface);
    if (bar.time == m_chosen) {
        painter.fillRect(box.adjusted(-2, 4, 1, -4), faint(theme().accent, theme().isDark ? 0.22 : 0.12));
    }
    painter.setPen(colourOf(bar.meaning));
    painter.drawText(box, Qt::AlignVCenter, bar.words);
}

}  // namespace millrace::widgets
