#include "widgets/hadoop/task_bars.h"

#include <QPainter>
#include <algorithm>
#include <utility>

#include "widgets/hadoop/hadoop_words.h"
#include "widgets/pages/page_measures.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

/// In pixels unless told otherwise.
struct TaskBarMeasures {
    static constexpr int labelWidth = 76;
    static constexpr double thickest = 22;
    static constexpr double thinnest = 4;
};

}  // namespace

TaskBars::TaskBars(QWidget* parent) : PaintedView(parent) {
    setAccessibleName(tr("Tasks of the job over time"));
}

void TaskBars::setPage(std::shared_ptr<const observe::JobPage> page, std::vector<observe::FaultBar> faults) {
    m_page = std::move(page);
    m_faults = std::move(faults);
    fitHeight();
    update();
}

void TaskBars::resizeEvent(QResizeEvent* event) {
    PaintedView::resizeEvent(event);
    fitHeight();
}

double TaskBars::rowHeight() const {
    const double count = m_page ? static_cast<double>(std::max<std::size_t>(1, m_page->tasks.size())) : 1;
    const double room =
        (parentWidget() != nullptr ? parentWidget()->height() : height()) - pageAxisHeight - pageLegendHeight;
    return std::clamp(room / count, TaskBarMeasures::thinnest, TaskBarMeasures::thickest);
}

void TaskBars::fitHeight() {
    const double rows = m_page ? static_cast<double>(m_page->tasks.size()) * rowHeight() : 0;
    setMinimumHeight(pageAxisHeight + pageLegendHeight + static_cast<int>(rows));
}

TimeAxis TaskBars::axisOf(const QRectF& plot) const {
    const SimTime end = m_page->ended == SimTime::max() ? m_page->now : m_page->ended;
    return {m_page->submitted, std::max(end, m_page->submitted + std::chrono::seconds{1}), plot.left(), plot.right()};
}

void TaskBars::paint(QPainter& painter) {
    if (!m_page || !m_page->isKnown) {
        paintNothing(painter, tr("The JobTracker knows no tasks of this job."));
        return;
    }
    const double row = rowHeight();
    const QRectF plot(pageMargin + TaskBarMeasures::labelWidth, 0,
                      width() - TaskBarMeasures::labelWidth - 2 * pageMargin,
                      pageAxisHeight + row * static_cast<double>(m_page->tasks.size()));
    const TimeAxis axis = axisOf(plot);
    paintFaults(painter, axis, plot);
    axis.paint(painter, plot, pageAxisHeight);
    for (std::size_t i = 0; i < m_page->tasks.size(); ++i) {
        const QRectF box(0, pageAxisHeight + row * static_cast<double>(i), width() - pageMargin, row);
        if (box.intersects(seen())) {
            paintTask(painter, axis, m_page->tasks[i], box);
        }
    }
    const Palette& p = theme();
    paintLegend(painter, QRectF(pageMargin, plot.bottom(), width() - 2 * pageMargin, pageLegendHeight),
                {{p.series[0], tr("map")},
                 {p.series[5], tr("reduce copies")},
                 {p.series[4], tr("sorts")},
                 {p.series[2], tr("reduces")},
                 {QBrush(p.series[0], Qt::Dense5Pattern), tr("runs")},
                 {QBrush(p.off, Qt::BDiagPattern), tr("killed")},
                 {p.bad, tr("failed")},
                 {p.faultFill, tr("a fault")}});
}

void TaskBars::paintFaults(QPainter& painter, const TimeAxis& axis, const QRectF& plot) const {
    for (const observe::FaultBar& fault : m_faults) {
        if (fault.isPlanned || fault.until <= axis.from() || fault.at >= axis.to()) {
            continue;
        }
        const double left = axis.xOf(std::max(fault.at, axis.from()));
        const double right = axis.xOf(std::min({fault.until, axis.to(), std::max(m_page->now, fault.at)}));
        painter.fillRect(QRectF(left, pageAxisHeight, std::max(3.0, right - left), plot.height() - pageAxisHeight),
                         theme().faultFill);
        painter.fillRect(QRectF(left, pageAxisHeight, 3, plot.height() - pageAxisHeight), theme().bad);
    }
}

void TaskBars::paintTask(QPainter& painter, const TimeAxis& axis, const observe::MapReduceTaskView& task,
                         const QRectF& row) {
    constexpr double legible = 13;
    const Palette& p = theme();
    const int every = std::max(1, static_cast<int>(legible / row.height() + 0.999));
    if (task.number % every == 0) {
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(task.isDone ? p.text : p.dim);
        painter.drawText(QRectF(pageMargin, row.center().y() - 8, TaskBarMeasures::labelWidth - 6, 16),
                         Qt::AlignVCenter, taskName(task));
    }
    const double inset = row.height() > 8 ? 2 : 0.5;
    for (std::size_t i = 0; i < task.attempts.size(); ++i) {
        const observe::AttemptView& attempt = task.attempts[i];
        const SimTime end = std::min(attempt.ended, m_page->now);
        const double each = (row.height() - 2 * inset) / static_cast<double>(task.attempts.size());
        const bool isRunning = attempt.end == observe::AttemptEnd::Running;
        const auto fill = [&](SimTime from, SimTime to, const QBrush& brush) {
            if (to > from) {
                painter.fillRect(QRectF(axis.xOf(from), row.top() + inset + each * static_cast<double>(i),
                                        std::max(1.0, axis.xOf(to) - axis.xOf(from)), each),
                                 brush);
            }
        };
        // The part that goes on is thinner than what is over.
        const auto part = [&](SimTime from, SimTime to, const QColor& colour) {
            fill(from, to, isRunning && to == end ? QBrush(colour, Qt::Dense5Pattern) : QBrush(colour));
        };
        if (attempt.end == observe::AttemptEnd::Failed || attempt.end == observe::AttemptEnd::Killed) {
            const bool hasFailed = attempt.end == observe::AttemptEnd::Failed;
            fill(attempt.started, end, hasFailed ? QBrush(p.bad) : QBrush(p.off, Qt::BDiagPattern));
        } else if (task.isReduce) {
            part(attempt.started, std::min(attempt.copied, end), p.series[5]);
            part(std::min(attempt.copied, end), std::min(attempt.sorted, end), p.series[4]);
            part(std::min(attempt.sorted, end), end, p.series[2]);
        } else {
            part(attempt.started, end, p.series[0]);
        }
        const double left = axis.xOf(attempt.started);
        addPart(QRectF(left - 2, row.top() + inset + each * static_cast<double>(i), axis.xOf(end) - left + 4, each),
                format::text(attempt.tracker),
                [page = m_page, &task, &attempt] { return attemptTip(task, attempt, page->now); });
    }
}

}  // namespace millrace::widgets
