#include "widgets/spark/streaming_statistics.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "widgets/pages/page_measures.h"
#include "widgets/pages/time_axis.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

/// In pixels unless told otherwise.
struct StatisticsMeasures {
    static constexpr int titleWidth = 148;
    static constexpr int scaleWidth = 56;
    static constexpr int histogramWidth = 132;
};

QString valueText(const StatisticSeries& series, double value) {
    return series.isDelay ? secondsText(SimDuration(std::llround(value * 1e9))) : format::rate(value);
}

}  // namespace

/// Where a chart stands and what its pixels say.
struct StreamingStatistics::Frame {
    QRectF plot;
    TimeAxis axis;
    double most = 1;
    [[nodiscard]] double yOf(double value) const { return plot.bottom() - value / most * plot.height(); }
};

StreamingStatistics::StreamingStatistics(QWidget* parent) : PaintedView(parent) {
    setAccessibleName(tr("Statistics of batches"));
    connect(this, &PaintedView::chosen, this, [this](const QString& key) { emit batchChosen(batchOfKey(key)); });
}

void StreamingStatistics::setPage(const std::shared_ptr<const observe::StreamingPage>& page) {
    m_page = page;
    m_series = page ? statisticsOf(*page) : std::array<StatisticSeries, 4>{};
    update();
}

void StreamingStatistics::setChosen(SimTime batch) {
    if (m_chosen != batch) {
        m_chosen = batch;
        update();
    }
}

void StreamingStatistics::paint(QPainter& painter) {
    if (!m_page || m_page->batches.empty()) {
        paintNothing(painter, tr("No batch has been made yet: there is nothing to count."));
        return;
    }
    constexpr double headroom = 1.15;
    const double interval = seconds(m_page->interval);
    double longest = interval;
    for (const StatisticSeries& series : m_series) {
        longest = series.isDelay ? std::max(longest, series.most) : longest;
    }
    const double height = (this->height() - pageAxisHeight) / static_cast<double>(m_series.size());
    for (std::size_t i = 0; i < m_series.size(); ++i) {
        const double most = m_series[i].isDelay ? longest : std::max(1.0, m_series[i].most);
        paintChart(painter, m_series[i], most * headroom,
                   QRectF(pageMargin, height * static_cast<double>(i), width() - 2 * pageMargin, height));
    }
}

void StreamingStatistics::paintChart(QPainter& painter, const StatisticSeries& series, double most, const QRectF& box) {
    const Palette& p = theme();
    painter.setPen(p.text);
    painter.setFont(textFont(TextRole::CardTitle));
    painter.drawText(QRectF(box.left(), box.top() + 6, StatisticsMeasures::titleWidth, 18),
                     Qt::AlignLeft | Qt::AlignVCenter, series.title);
    painter.setPen(p.dim);
    painter.setFont(textFont(TextRole::Caption));
    painter.drawText(QRectF(box.left(), box.top() + 25, StatisticsMeasures::titleWidth, 32),
                     Qt::AlignLeft | Qt::AlignTop,
                     tr("mean %1\nnewest %2").arg(valueText(series, series.mean), valueText(series, series.newest)));
    addPart(QRectF(box.left(), box.top(), StatisticsMeasures::titleWidth, box.height()), QString(), series.help);
    Frame frame;
    frame.plot = QRectF(box.left() + StatisticsMeasures::titleWidth + StatisticsMeasures::scaleWidth, box.top() + 10,
                        box.width() - StatisticsMeasures::titleWidth - StatisticsMeasures::scaleWidth -
                            StatisticsMeasures::histogramWidth - pageMargin,
                        box.height() - 20);
    frame.axis = TimeAxis(std::max(SimTime{}, m_page->batches.front().time - m_page->interval),
                          std::max(m_page->now, m_page->batches.back().time + m_page->interval / 2), frame.plot.left(),
                          frame.plot.right());
    frame.most = most;
    const double every = niceStep(most, std::max(1, static_cast<int>(frame.plot.height() / 28)));
    for (double value = 0; value <= most; value += every) {
        const double y = std::round(frame.yOf(value)) + 0.5;
        painter.setPen(QPen(p.line, 1, value > 0 ? Qt::DotLine : Qt::SolidLine));
        painter.drawLine(QPointF(frame.plot.left(), y), QPointF(frame.plot.right(), y));
        painter.setPen(p.dim);
        painter.drawText(
            QRectF(frame.plot.left() - StatisticsMeasures::scaleWidth, y - 8, StatisticsMeasures::scaleWidth - 6, 16),
            Qt::AlignRight | Qt::AlignVCenter, valueText(series, value));
    }
    paintPoints(painter, series, frame);
    paintHistogram(painter, series, most,
                   QRectF(frame.plot.right() + pageMargin, frame.plot.top(), StatisticsMeasures::histogramWidth,
                          frame.plot.height()));
    if (&series == &m_series.back()) {
        frame.axis.paint(painter, QRectF(frame.plot.left(), box.bottom() - 2, frame.plot.width(), pageAxisHeight),
                         pageAxisHeight);
        painter.setPen(p.dim);
        painter.drawText(QRectF(frame.plot.right() + pageMargin, box.bottom() - 2, StatisticsMeasures::histogramWidth,
                                pageAxisHeight),
                         Qt::AlignLeft | Qt::AlignVCenter, tr("number of batches"));
    }
}

void StreamingStatistics::paintPoints(QPainter& painter, const StatisticSeries& series, const Frame& frame) {
    const Palette& p = theme();
    const double interval = seconds(m_page->interval);
    const double slot = frame.axis.xOf(frame.axis.from() + m_page->interval) - frame.plot.left();
    const double bar = std::clamp(slot * 0.6, 1.0, 22.0);
    for (const auto& [time, value] : series.points) {
        // Input is of the interval that ends with the batch's time, delays are of the batch that is made then.
        const double x = series.isDelay ? frame.axis.xOf(time) : frame.axis.xOf(time) - slot / 2;
        const QRectF box(x - bar / 2, frame.yOf(value), bar, std::max(1.0, frame.plot.bottom() - frame.yOf(value)));
        const bool isOver = series.isDelay && value > interval && !(&series == &m_series[1]);
        painter.fillRect(box, isOver                    ? p.bad
                              : !series.isDelay         ? p.source
                              : &series == &m_series[1] ? p.warning
                                                        : p.series[0]);
        if (time == m_chosen) {
            painter.setPen(QPen(p.accent, 2));
            painter.setBrush(Qt::NoBrush);
            painter.drawRect(box.adjusted(-2, -2, 2, 0));
        }
        addPart(QRectF(x - std::max(slot, 3.0) / 2, frame.plot.top(), std::max(slot, 3.0), frame.plot.height()),
                batchKey(time), [series = &series, time = time, value = value] {
                    return tr("Batch at %1: %2 %3")
                        .arg(instantText(time), series->title.toLower(), valueText(*series, value));
                });
    }
    if (series.hasInterval) {
        const double y = std::round(frame.yOf(interval)) + 0.5;
        painter.setPen(QPen(p.text, 1, Qt::DashLine));
        painter.drawLine(QPointF(frame.plot.left(), y), QPointF(frame.plot.right(), y));
        painter.setFont(textFont(TextRole::Caption));
        painter.drawText(QRectF(frame.plot.left(), y - 17, frame.plot.width(), 16), Qt::AlignRight | Qt::AlignVCenter,
                         tr("interval %1: stable below").arg(format::duration(m_page->interval)));
    }
}

/// How many batches were so slow, beside the scale of the chart.
void StreamingStatistics::paintHistogram(QPainter& painter, const StatisticSeries& series, double most,
                                         const QRectF& box) {
    constexpr int bins = 12;  // of any height the same, or the same run has other numbers in another window
    constexpr double legible = 12;
    const std::vector<int> counts = histogramOf(series, most, bins);
    const int highest = std::max(1, *std::max_element(counts.begin(), counts.end()));
    const double each = box.height() / bins;
    const double room = box.width() - 40;
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(QPen(theme().line, 1));
    painter.drawLine(box.topLeft(), box.bottomLeft());
    std::vector<int> byCount;
    for (int i = 0; i < bins; ++i) {
        const double y = box.bottom() - each * (i + 1);
        if (const int count = counts[static_cast<std::size_t>(i)]; count > 0) {
            const double width = std::max(2.0, room * count / highest);
            painter.fillRect(QRectF(box.left() + 1, y + 0.5, width, std::max(1.0, each - 1)), theme().off);
            byCount.push_back(i);
        }
    }
    std::stable_sort(byCount.begin(), byCount.end(), [&](int a, int b) {
        return counts[static_cast<std::size_t>(a)] > counts[static_cast<std::size_t>(b)];
    });
    std::vector<double> written;
    painter.setPen(theme().dim);
    for (const int i : byCount) {
        const double y = box.bottom() - each * (i + 0.5);
        if (std::any_of(written.begin(), written.end(), [&](double at) { return std::abs(at - y) < legible; })) {
            continue;
        }
        const int count = counts[static_cast<std::size_t>(i)];
        const double width = std::max(2.0, room * count / highest);
        painter.drawText(QRectF(box.left() + width + 5, y - 8, 40, 16), Qt::AlignVCenter, format::count(count));
        written.push_back(y);
    }
    addPart(box, QString(), tr("How many of the batches lie where on the scale at the left"));
}

}  // namespace millrace::widgets
