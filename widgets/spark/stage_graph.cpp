#include "widgets/spark/stage_graph.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <map>

#include "widgets/pages/page_measures.h"
#include "widgets/pages/time_axis.h"
#include "widgets/spark/batch_words.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

/// In pixels unless told otherwise.
struct StageMeasures {
    static constexpr double boxWidth = 176;
    static constexpr double apart = 56;
    static constexpr double headHeight = 42;
    static constexpr double rddHeight = 17;
    static constexpr double jobHead = 26;
    static constexpr std::size_t rddsMost = 8;
};

double heightOf(const observe::StageView& stage) {
    const std::size_t rows = std::min(stage.rdds.size(), StageMeasures::rddsMost + 1);
    return StageMeasures::headHeight + StageMeasures::rddHeight * static_cast<double>(rows) + 8;
}

QString tipOf(const observe::StageView& stage) {
    QStringList lines{StageGraph::tr("Stage %1, %2 tasks").arg(stage.number).arg(stage.tasks)};
    if (stage.isSkipped) {
        lines << StageGraph::tr("skipped: the shuffle files that it would write are all there");
    } else {
        lines << StageGraph::tr("%1 succeeded, %2 run, %3 failed or were lost, submitted %4 times")
                     .arg(stage.succeeded)
                     .arg(stage.running)
                     .arg(stage.failed)
                     .arg(stage.attempts);
    }
    if (stage.recomputed > 0) {
        lines << StageGraph::tr("%1 tasks were done before: what they had made was lost").arg(stage.recomputed);
    }
    if (stage.began != SimTime::max() && stage.ended != SimTime::max()) {
        lines << StageGraph::tr("from %1, %2").arg(format::clock(stage.began), secondsText(stage.ended - stage.began));
    }
    for (const observe::RddView& rdd : stage.rdds) {
        lines << StageGraph::tr("RDD %1 %2, %3 partitions%4")
                     .arg(rdd.number)
                     .arg(format::text(rdd.name))
                     .arg(rdd.partitions)
                     .arg(rdd.isPersisted      ? StageGraph::tr(", kept")
                          : rdd.isCheckpointed ? StageGraph::tr(", a checkpoint")
                                               : QString());
    }
    return lines.join(QLatin1Char('\n'));
}

}  // namespace

/// A column for each step from the inputs; in a column one stage below the other.
StageLayout stageLayout(const observe::BatchDetail& batch) {
    StageLayout layout;
    double top = pageMargin;
    for (std::size_t j = 0; j < batch.jobs.size(); ++j) {
        const observe::JobView& job = batch.jobs[j];
        layout.jobTops.push_back(top);
        std::map<std::int32_t, std::size_t> depth;
        std::map<std::size_t, double> bottoms;
        double lowest = top + StageMeasures::jobHead;
        for (std::size_t s = 0; s < job.stages.size(); ++s) {
            std::size_t column = 0;
            for (const std::int32_t parent : job.stages[s].parents) {
                const auto known = depth.find(parent);
                column = std::max(column, known == depth.end() ? 0 : known->second + 1);
            }
            depth[job.stages[s].number] = column;
            const auto [bottom, isNew] = bottoms.try_emplace(column, top + StageMeasures::jobHead);
            const double height = heightOf(job.stages[s]);
            const QRectF box(
                pageMargin + (StageMeasures::boxWidth + StageMeasures::apart) * static_cast<double>(column),
                bottom->second, StageMeasures::boxWidth, height);
            layout.boxes.push_back({j, s, box});
            bottom->second = box.bottom() + pageMargin;
            lowest = std::max(lowest, bottom->second);
            layout.size.setWidth(std::max(layout.size.width(), box.right() + pageMargin));
        }
        top = lowest + pageMargin;
    }
    layout.size.setHeight(top);
    return layout;
}

StageGraph::StageGraph(QWidget* parent) : PaintedView(parent) {
    setAccessibleName(tr("Stages of the batch"));
}

void StageGraph::setPage(std::shared_ptr<const observe::StreamingPage> page) {
    m_page = std::move(page);
    m_layout = m_page ? stageLayout(m_page->chosen) : StageLayout{};
    setMinimumSize(m_layout.size.toSize().expandedTo(QSize(0, 0)));
    update();
}

void StageGraph::paint(QPainter& painter) {
    if (!m_page || m_layout.boxes.empty()) {
        paintNothing(painter, tr("The driver knows no stages of this batch: none of its jobs was submitted yet, or it "
                                 "has forgotten them."));
        return;
    }
    const Palette& p = theme();
    for (std::size_t j = 0; j < m_page->chosen.jobs.size(); ++j) {
        const observe::JobView& job = m_page->chosen.jobs[j];
        painter.setFont(textFont(TextRole::CardTitle));
        painter.setPen(job.hasFailed ? p.bad : p.text);
        painter.drawText(QRectF(pageMargin, m_layout.jobTops[j], width() - 2 * pageMargin, StageMeasures::jobHead),
                         Qt::AlignVCenter, tr("Job %1: %2").arg(job.number).arg(format::text(job.description)));
    }
    for (const StageBox& each : m_layout.boxes) {
        paintShuffles(painter, each);
    }
    for (const StageBox& each : m_layout.boxes) {
        paintStage(painter, m_page->chosen.jobs[each.job].stages[each.stage], each.box);
    }
}

void StageGraph::paintShuffles(QPainter& painter, const StageBox& to) const {
    const observe::JobView& job = m_page->chosen.jobs[to.job];
    for (const std::int32_t parent : job.stages[to.stage].parents) {
        for (const StageBox& from : m_layout.boxes) {
            const observe::StageView& stage = m_page->chosen.jobs[from.job].stages[from.stage];
            if (from.job != to.job || stage.number != parent) {
                continue;
            }
            const QPointF a(from.box.right(), from.box.center().y());
            const QPointF b(to.box.left(), to.box.center().y());
            QPainterPath path(a);
            path.cubicTo(a + QPointF(StageMeasures::apart / 2, 0), b - QPointF(StageMeasures::apart / 2, 0), b);
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(stage.recomputed > 0 ? theme().bad : theme().dim, 1.5));
            painter.drawPath(path);
            painter.setBrush(painter.pen().color());
            painter.setPen(Qt::NoPen);
            painter.drawPolygon(QPolygonF{b, b + QPointF(-7, -4), b + QPointF(-7, 4)});
        }
    }
}

void StageGraph::paintStage(QPainter& painter, const observe::StageView& stage, const QRectF& box) {
    const Palette& p = theme();
    painter.setPen(QPen(stage.recomputed > 0 ? p.bad
                        : stage.running > 0  ? p.accent
                                             : p.line,
                        stage.recomputed > 0 || stage.running > 0 ? 2 : 1));
    painter.setBrush(stage.isSkipped ? p.track : p.background);
    painter.drawRoundedRect(box, 8, 8);
    const QColor text = stage.isSkipped ? p.dim : p.text;
    painter.setPen(text);
    painter.setFont(textFont(TextRole::CardTitle));
    const QRectF head(box.left() + 10, box.top() + 4, box.width() - 20, 18);
    painter.drawText(head, Qt::AlignVCenter, tr("stage %1").arg(stage.number));
    painter.setFont(textFont(TextRole::Caption));
    painter.drawText(head, Qt::AlignVCenter | Qt::AlignRight,
                     stage.isSkipped ? tr("skipped") : doneOfStage(stage, tr("%1 of %2")));
    painter.setPen(stage.recomputed > 0 ? p.bad : p.dim);
    painter.drawText(head.translated(0, 17), Qt::AlignVCenter,
                     stage.recomputed > 0 ? tr("%1 computed again").arg(stage.recomputed)
                     : stage.isSkipped    ? tr("its files are there")
                     : stage.ended != SimTime::max() && stage.began != SimTime::max()
                         ? secondsText(stage.ended - stage.began)
                         : tr("waits"));
    double y = box.top() + StageMeasures::headHeight;
    const std::size_t shown = std::min(stage.rdds.size(), StageMeasures::rddsMost);
    for (std::size_t i = 0; i < shown; ++i) {
        const observe::RddView& rdd = stage.rdds[stage.rdds.size() - 1 - i];
        const bool isStored = rdd.isPersisted || rdd.isCheckpointed;
        painter.setPen(QPen(isStored ? p.good : p.series[0], 1.5));
        painter.setBrush(isStored ? QBrush(p.good) : QBrush(p.surface));
        painter.drawEllipse(QPointF(box.left() + 16, y + StageMeasures::rddHeight / 2), 4, 4);
        QString name = format::text(rdd.name);
        if (rdd.batch != m_page->chosen.batch.time) {
            name += tr(" @ %1").arg(instantText(rdd.batch));
        }
        name += rdd.isPersisted ? tr(", kept") : rdd.isCheckpointed ? tr(", checkpoint") : QString();
        painter.setPen(text);
        painter.setFont(textFont(TextRole::Caption));
        painter.drawText(QRectF(box.left() + 28, y, box.width() - 36, StageMeasures::rddHeight), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(name, Qt::ElideRight, static_cast<int>(box.width()) - 36));
        y += StageMeasures::rddHeight;
    }
    if (stage.rdds.size() > shown) {
        painter.setPen(p.dim);
        painter.drawText(QRectF(box.left() + 28, y, box.width() - 36, StageMeasures::rddHeight), Qt::AlignVCenter,
                         tr("and %1 more").arg(stage.rdds.size() - shown));
    }
    addPart(box, QStringLiteral("stage:%1").arg(stage.number), [page = m_page, &stage] { return tipOf(stage); });
}

}  // namespace millrace::widgets
