#include "widgets/spark/task_gantt.h"

#include <QPainter>
#include <algorithm>
#include <map>

#include "widgets/pages/page_measures.h"
#include "widgets/spark/batch_words.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

/// In pixels unless told otherwise.
struct GanttMeasures {
    static constexpr int labelWidth = 96;
    static constexpr int laneHeight = 24;
};

QColor colourOf(observe::TaskPhase phase) {
    const Palette& p = theme();
    switch (phase) {
        case observe::TaskPhase::SchedulerDelay:
            return p.off;
        case observe::TaskPhase::Fetch:
            return p.series[4];
        case observe::TaskPhase::Queue:
            return p.track;
        case observe::TaskPhase::Compute:
            return p.series[0];
        case observe::TaskPhase::Store:
            return p.series[2];
    }
    return p.off;
}

/// The way to the executor stands before the rest, and what comes after it behind it: half each.
std::vector<std::pair<observe::TaskPhase, SimDuration>> partsOf(const observe::TaskView& task) {
    using Phase = observe::TaskPhase;
    const auto part = [&](Phase phase) { return task.phases[static_cast<std::size_t>(phase)]; };
    const SimDuration way = part(Phase::SchedulerDelay) / 2;
    return {{Phase::SchedulerDelay, way},       {Phase::Fetch, part(Phase::Fetch)},
            {Phase::Queue, part(Phase::Queue)}, {Phase::Compute, part(Phase::Compute)},
            {Phase::Store, part(Phase::Store)}, {Phase::SchedulerDelay, part(Phase::SchedulerDelay) - way}};
}

}  // namespace

std::vector<TaskLane> lanesOf(const observe::StreamingPage& page) {
    std::map<std::int32_t, std::vector<TaskLane>> byExecutor;
    std::map<std::int32_t, std::vector<SimTime>> busyUntil;
    for (const observe::BlockHolderView& executor : page.executors) {
        for (int core = 0; core < executor.cores; ++core) {
            byExecutor[executor.number].push_back({executor.number, core, core == 0 && executor.hasReceiver, {}});
        }
    }
    for (std::size_t i = 0; i < page.chosen.tasks.size(); ++i) {
        const observe::TaskView& task = page.chosen.tasks[i];
        std::vector<TaskLane>& lanes = byExecutor[task.executor];
        std::vector<SimTime>& until = busyUntil[task.executor];
        until.resize(lanes.size(), SimTime{});
        std::size_t lane = 0;
        while (lane < lanes.size() && (lanes[lane].isReceiver || until[lane] > task.launched)) {
            ++lane;
        }
        if (lane == lanes.size()) {
            lanes.push_back({task.executor, static_cast<int>(lane), false, {}});
            until.push_back(SimTime{});
        }
        lanes[lane].tasks.push_back(i);
        until[lane] = task.ended;
    }
    std::vector<TaskLane> all;
    for (auto& [executor, lanes] : byExecutor) {
        all.insert(all.end(), lanes.begin(), lanes.end());
    }
    return all;
}

TaskGantt::TaskGantt(QWidget* parent) : PaintedView(parent) {
    setAccessibleName(tr("Tasks on the cores of executors"));
}

QSize TaskGantt::minimumSizeHint() const {
    return {420, pageAxisHeight + pageLegendHeight + 3 * GanttMeasures::laneHeight};
}

void TaskGantt::setPage(std::shared_ptr<const observe::StreamingPage> page, std::vector<observe::FaultBar> faults) {
    m_page = std::move(page);
    m_faults = std::move(faults);
    m_lanes = m_page ? lanesOf(*m_page) : std::vector<TaskLane>{};
    setMinimumHeight(pageAxisHeight + pageLegendHeight +
                     std::max(3, static_cast<int>(m_lanes.size())) * GanttMeasures::laneHeight);
    update();
}

void TaskGantt::paint(QPainter& painter) {
    if (!m_page || m_page->chosen.tasks.empty()) {
        paintNothing(painter,
                     m_page && m_page->chosen.hasForgotten
                         ? tr("The driver has forgotten the tasks of this batch: it remembers the last 20,000.")
                         : tr("No task of this batch has been launched."));
        return;
    }
    SimTime from = SimTime::max();
    SimTime to{};
    for (const observe::TaskView& task : m_page->chosen.tasks) {
        from = std::min(from, task.launched);
        to = std::max(to, task.ended);
    }
    const QRectF plot(pageMargin + GanttMeasures::labelWidth, 0, width() - GanttMeasures::labelWidth - 2 * pageMargin,
                      pageAxisHeight + GanttMeasures::laneHeight * static_cast<double>(m_lanes.size()));
    const TimeAxis axis(from, to, plot.left(), plot.right());
    paintFaults(painter, axis, plot);
    axis.paint(painter, plot, pageAxisHeight);
    for (std::size_t i = 0; i < m_lanes.size(); ++i) {
        paintLane(painter, axis, m_lanes[i],
                  QRectF(0, pageAxisHeight + GanttMeasures::laneHeight * static_cast<double>(i), width() - pageMargin,
                         GanttMeasures::laneHeight));
    }
    std::vector<LegendEntry> legend;
    for (std::size_t i = 0; i < observe::taskPhases; ++i) {
        const auto phase = static_cast<observe::TaskPhase>(i);
        legend.push_back({colourOf(phase), phaseName(phase)});
    }
    legend.push_back({QBrush(theme().bad, Qt::BDiagPattern), tr("failed or lost")});
    legend.push_back({theme().bad, tr("framed: computed again")});
    paintLegend(painter, QRectF(pageMargin, plot.bottom(), width() - 2 * pageMargin, pageLegendHeight), legend);
}

void TaskGantt::paintFaults(QPainter& painter, const TimeAxis& axis, const QRectF& plot) const {
    for (const observe::FaultBar& fault : m_faults) {
        if (fault.isPlanned || fault.until <= axis.from() || fault.at >= axis.to()) {
            continue;
        }
        const double left = axis.xOf(std::max(fault.at, axis.from()));
        const double right = axis.xOf(std::min(fault.until, axis.to()));
        painter.fillRect(QRectF(left, pageAxisHeight, std::max(3.0, right - left), plot.bottom() - pageAxisHeight),
                         theme().faultFill);
        if (fault.at >= axis.from()) {
            painter.fillRect(QRectF(left, pageAxisHeight, 3, plot.bottom() - pageAxisHeight), theme().bad);
        }
    }
}

void TaskGantt::paintLane(QPainter& painter, const TimeAxis& axis, const TaskLane& lane, const QRectF& row) {
    const Palette& p = theme();
    const auto executor = std::find_if(m_page->executors.begin(), m_page->executors.end(),
                                       [&](const auto& each) { return each.number == lane.executor; });
    const bool isThere = executor != m_page->executors.end();
    if (lane.core == 0) {
        painter.setPen(QPen(p.line, 1));
        painter.drawLine(row.topLeft(), row.topRight());
        painter.setFont(textFont(TextRole::CardTitle));
        painter.setPen(isThere ? p.text : p.bad);
        const QRectF label(pageMargin, row.top(), GanttMeasures::labelWidth, row.height());
        painter.drawText(label, Qt::AlignVCenter, tr("executor %1").arg(lane.executor));
        addPart(label, isThere ? format::text(executor->id) : QString(),
                isThere ? tr("Executor %1 on %2 with %3 cores")
                              .arg(lane.executor)
                              .arg(format::titleOf(format::text(executor->host)))
                              .arg(executor->cores)
                        : tr("Executor %1 is not there any more").arg(lane.executor));
    }
    if (lane.isReceiver) {
        QColor pale = p.source;
        pale.setAlphaF(0.3F);
        const QRectF bar(axis.xOf(axis.from()), row.top() + 4, axis.xOf(axis.to()) - axis.xOf(axis.from()),
                         row.height() - 8);
        painter.fillRect(bar, pale);
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(p.text);
        painter.drawText(bar, Qt::AlignCenter, tr("a receiver, all the time"));
    }
    for (const std::size_t task : lane.tasks) {
        paintTask(painter, axis, m_page->chosen.tasks[task], row);
    }
}

void TaskGantt::paintTask(QPainter& painter, const TimeAxis& axis, const observe::TaskView& task, const QRectF& row) {
    const Palette& p = theme();
    const QRectF bar(axis.xOf(task.launched), row.top() + 4,
                     std::max(1.0, axis.xOf(task.ended) - axis.xOf(task.launched)), row.height() - 8);
    SimTime at = task.launched;
    for (const auto& [phase, length] : partsOf(task)) {
        if (length > SimDuration{0}) {
            painter.fillRect(QRectF(axis.xOf(at), bar.top(), axis.xOf(at + length) - axis.xOf(at), bar.height()),
                             colourOf(phase));
            at += length;
        }
    }
    const bool isBad = task.end == observe::TaskEnd::Failed || task.end == observe::TaskEnd::Lost;
    if (isBad || task.end == observe::TaskEnd::Killed) {
        painter.fillRect(bar, p.surface);
        painter.fillRect(bar, QBrush(isBad ? p.bad : p.off, Qt::BDiagPattern));
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(task.isRecomputation ? QPen(p.bad, 2) : QPen(p.surface, 1));
    painter.drawRect(bar);
    painter.setFont(textFont(TextRole::Caption));
    const QString words = QStringLiteral("%1.%2").arg(task.stage).arg(task.partition);
    if (painter.fontMetrics().horizontalAdvance(words) + 6 < bar.width()) {
        painter.setPen(isBad ? p.text : p.surface);
        painter.drawText(bar, Qt::AlignCenter, words);
    }
    addPart(bar, QStringLiteral("task:%1").arg(task.number), [page = m_page, &task] { return taskTip(task); });
}

}  // namespace millrace::widgets
