#include "widgets/spark/lineage_view.h"

#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <functional>
#include <map>

#include "widgets/pages/page_measures.h"
#include "widgets/pages/time_axis.h"
#include "widgets/spark/batch_words.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

/// In pixels unless told otherwise.
struct LineageMeasures {
    static constexpr double headHeight = 74;  // the sentence, and over each column its name
    static constexpr double nodeWidth = 30;
    static constexpr double nodeHeight = 22;
    static constexpr double rowHeight = 30;
    static constexpr double columnWidth = 122;
    static constexpr int partitionsMost = 16;
};

using Columns = std::map<std::int32_t, std::size_t>;

/// Which partition of the child a narrow parent's first is: of a union each parent follows the one before.
std::int32_t shiftOf(const observe::RddView& child, std::size_t parent, const std::vector<std::int32_t>& sizes) {
    std::int32_t sum = 0;
    for (const std::int32_t size : sizes) {
        sum += size;
    }
    std::int32_t shift = 0;
    for (std::size_t i = 0; i < parent && sizes.size() > 1 && sum == child.partitions; ++i) {
        shift += sizes[i];
    }
    return shift;
}

/// What a stage computes stands before what it is made of: parents first.
void addStage(LineageLayout& layout, Columns& columns, const observe::StageView& stage) {
    for (auto rdd = stage.rdds.rbegin(); rdd != stage.rdds.rend(); ++rdd) {
        if (columns.contains(rdd->number)) {
            continue;
        }
        columns[rdd->number] = layout.columns.size();
        layout.columns.push_back(
            {*rdd, stage.number, 0, 0, std::min(rdd->partitions, LineageMeasures::partitionsMost)});
    }
}

bool isWithin(const observe::StageView& stage, std::int32_t rdd) {
    return std::any_of(stage.rdds.begin(), stage.rdds.end(), [&](const auto& each) { return each.number == rdd; });
}

void addEdges(LineageLayout& layout, const Columns& columns, const observe::StageView& stage) {
    for (const observe::RddView& rdd : stage.rdds) {
        std::vector<std::int32_t> sizes;
        for (const std::int32_t parent : rdd.parents) {
            const auto known = columns.find(parent);
            sizes.push_back(known != columns.end() ? layout.columns[known->second].rdd.partitions : 0);
        }
        for (std::size_t i = 0; i < rdd.parents.size(); ++i) {
            const auto from = columns.find(rdd.parents[i]);
            const auto to = columns.find(rdd.number);
            if (from == columns.end() || to == columns.end() || layout.columns[to->second].stage != stage.number) {
                continue;
            }
            const bool isShuffle = !isWithin(stage, rdd.parents[i]);
            layout.edges.push_back({from->second, to->second, isShuffle, isShuffle ? 0 : shiftOf(rdd, i, sizes)});
        }
    }
}

/// A partition that was made again, and what it was made of within its stage; what is stored was not.
void markAgain(LineageLayout& layout, std::size_t column, std::int32_t partition) {
    const LineageLayout::Column& at = layout.columns[column];
    if (partition < 0 || partition >= at.rdd.partitions || !layout.again.emplace(at.rdd.number, partition).second) {
        return;
    }
    for (const LineageLayout::Edge& link : layout.edges) {
        const observe::RddView& parent = layout.columns[link.from].rdd;
        if (link.to == column && !link.isShuffle && !parent.isPersisted && !parent.isCheckpointed) {
            markAgain(layout, link.from, partition - link.shift);
        }
    }
}

/// Columns by the longest way from what comes in; RDDs of one column stand below each other.
void place(LineageLayout& layout) {
    std::vector<std::size_t> depth(layout.columns.size(), 0);
    for (std::size_t round = 0; round < layout.columns.size(); ++round) {
        bool isSettled = true;
        for (const LineageLayout::Edge& link : layout.edges) {
            if (depth[link.to] < depth[link.from] + 1) {
                depth[link.to] = depth[link.from] + 1;
                isSettled = false;
            }
        }
        if (isSettled) {
            break;
        }
    }
    std::map<std::size_t, double> bottoms;
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
        LineageLayout::Column& column = layout.columns[i];
        const auto [bottom, isNew] = bottoms.try_emplace(depth[i], LineageMeasures::headHeight);
        constexpr double between = 22;  // its name stands above an RDD that is not the first of its column
        column.x = pageMargin + LineageMeasures::columnWidth * static_cast<double>(depth[i]) +
                   LineageMeasures::columnWidth / 2;
        column.top = bottom->second + (isNew ? 0 : between);
        const bool isCut = column.rdd.partitions > column.shown;
        bottom->second = column.top + LineageMeasures::rowHeight * (column.shown + (isCut ? 1 : 0));
        layout.size = layout.size.expandedTo(
            {column.x + LineageMeasures::columnWidth / 2 + pageMargin, bottom->second + pageMargin});
    }
}

}  // namespace

QRectF LineageLayout::nodeOf(const Column& column, int partition) const {
    return {column.x - LineageMeasures::nodeWidth / 2, column.top + LineageMeasures::rowHeight * partition,
            LineageMeasures::nodeWidth, LineageMeasures::nodeHeight};
}

LineageLayout lineageOf(const observe::BatchDetail& batch, std::size_t job) {
    LineageLayout layout;
    if (job >= batch.jobs.size()) {
        return layout;
    }
    Columns columns;
    const std::vector<observe::StageView>& stages = batch.jobs[job].stages;
    for (const observe::StageView& stage : stages) {
        addStage(layout, columns, stage);
    }
    for (const observe::StageView& stage : stages) {
        addEdges(layout, columns, stage);
    }
    for (const observe::TaskView& task : batch.tasks) {
        if (!task.isRecomputation || task.job != batch.jobs[job].number) {
            continue;
        }
        layout.work += task.phases[static_cast<std::size_t>(observe::TaskPhase::Compute)];
        for (const observe::StageView& stage : stages) {
            if (stage.number == task.stage && !stage.rdds.empty()) {
                markAgain(layout, columns.at(stage.rdds.front().number), task.partition);
            }
        }
    }
    place(layout);
    return layout;
}

LineageView::LineageView(QWidget* parent) : PaintedView(parent) {
    setAccessibleName(tr("Lineage of a job"));
    setAccessibleDescription(tr("Left and Right go through the jobs of the batch"));
}

void LineageView::setPage(std::shared_ptr<const observe::StreamingPage> page) {
    m_page = std::move(page);
    relayout();
}

void LineageView::relayout() {
    const std::size_t jobs = m_page ? m_page->chosen.jobs.size() : 0;
    m_job = std::min(m_job, jobs == 0 ? 0 : jobs - 1);
    m_layout = m_page ? lineageOf(m_page->chosen, m_job) : LineageLayout{};
    setMinimumSize(m_layout.size.toSize().expandedTo(QSize(0, 0)));
    update();
}

void LineageView::keyPressEvent(QKeyEvent* event) {
    const std::size_t jobs = m_page ? m_page->chosen.jobs.size() : 0;
    if (event->key() == Qt::Key_Right && m_job + 1 < jobs) {
        ++m_job;
        relayout();
    } else if (event->key() == Qt::Key_Left && m_job > 0) {
        --m_job;
        relayout();
    } else {
        PaintedView::keyPressEvent(event);
    }
}

QString LineageView::sentence() const {
    if (!m_page || m_layout.columns.empty()) {
        return {};
    }
    const observe::JobView& job = m_page->chosen.jobs[m_job];
    const QString name =
        tr("Job %1 of %2, %3").arg(m_job + 1).arg(m_page->chosen.jobs.size()).arg(format::text(job.description));
    if (m_layout.again.empty()) {
        return tr("%1: nothing had to be computed again").arg(name);
    }
    return (m_layout.again.size() == 1 ? tr("%1: %2 partition was lost and computed again, %3 of work")
                                       : tr("%1: %2 partitions were lost and computed again, %3 of work"))
        .arg(name)
        .arg(m_layout.again.size())
        .arg(secondsText(m_layout.work));
}

void LineageView::paint(QPainter& painter) {
    if (m_layout.columns.empty()) {
        paintNothing(painter, tr("The driver knows no lineage of this batch: none of its jobs was submitted yet, or it "
                                 "has forgotten them."));
        return;
    }
    const Palette& p = theme();
    painter.setFont(textFont(TextRole::CardTitle));
    painter.setPen(m_layout.again.empty() ? p.text : p.bad);
    painter.drawText(QRectF(pageMargin, 6, width() - 2 * pageMargin, 20), Qt::AlignVCenter, sentence());
    paintEdges(painter);
    for (const LineageLayout::Column& column : m_layout.columns) {
        paintColumn(painter, column);
    }
}

void LineageView::paintEdges(QPainter& painter) const {
    const Palette& p = theme();
    for (const bool isAgain : {false, true}) {  // what was done again lies on top
        for (const LineageLayout::Edge& link : m_layout.edges) {
            const LineageLayout::Column& from = m_layout.columns[link.from];
            const LineageLayout::Column& to = m_layout.columns[link.to];
            const auto draw = [&](int parent, int child) {
                const bool was = m_layout.again.contains({to.rdd.number, child}) &&
                                 (link.isShuffle || m_layout.again.contains({from.rdd.number, parent}) ||
                                  from.rdd.isPersisted || from.rdd.isCheckpointed);
                const bool fansOut = link.isShuffle && m_layout.again.contains({from.rdd.number, parent});
                if ((was || fansOut) != isAgain) {
                    return;
                }
                painter.setPen(QPen(isAgain ? p.bad : link.isShuffle ? p.line : p.dim, isAgain ? 1.6 : 1));
                painter.drawLine(
                    QPointF(from.x + LineageMeasures::nodeWidth / 2, m_layout.nodeOf(from, parent).center().y()),
                    QPointF(to.x - LineageMeasures::nodeWidth / 2, m_layout.nodeOf(to, child).center().y()));
            };
            for (int child = 0; child < to.shown; ++child) {
                if (link.isShuffle) {
                    for (int parent = 0; parent < from.shown; ++parent) {
                        draw(parent, child);
                    }
                } else if (child >= link.shift && child - link.shift < from.shown) {
                    draw(child - link.shift, child);
                }
            }
        }
    }
}

void LineageView::paintColumn(QPainter& painter, const LineageLayout::Column& column) {
    const Palette& p = theme();
    const std::int32_t stage = column.stage;
    const bool isStored = column.rdd.isPersisted || column.rdd.isCheckpointed;
    painter.setFont(textFont(TextRole::CardTitle));
    painter.setPen(p.text);
    const QRectF head(column.x - LineageMeasures::columnWidth / 2, column.top - 40, LineageMeasures::columnWidth - 4,
                      18);
    const bool isFirst = column.top <= LineageMeasures::headHeight;
    const QRectF title = isFirst ? head : QRectF(head.left(), column.top - 18, head.width(), 16);
    painter.drawText(title, Qt::AlignCenter,
                     painter.fontMetrics().elidedText(format::text(column.rdd.name), Qt::ElideRight,
                                                      static_cast<int>(title.width())));
    if (isFirst) {
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(p.dim);
        painter.drawText(head.translated(0, 17), Qt::AlignCenter,
                         tr("stage %1%2").arg(column.stage).arg(isStored ? tr(", kept") : QString()));
    }
    painter.setFont(textFont(TextRole::Caption));
    for (int partition = 0; partition < column.shown; ++partition) {
        const QRectF node = m_layout.nodeOf(column, partition);
        const bool isAgain = m_layout.again.contains({column.rdd.number, partition});
        painter.setPen(QPen(isAgain ? p.bad : isStored ? p.good : p.series[0], isAgain ? 2 : 1.5));
        painter.setBrush(isAgain ? p.faultFill : isStored ? p.surface : p.series[0]);
        painter.drawRoundedRect(node, 4, 4);
        painter.setPen(isAgain ? p.bad : isStored ? p.text : p.surface);
        painter.drawText(node, Qt::AlignCenter, QString::number(partition));
        const QString tip = tr("Partition %1 of RDD %2, %3, in stage %4%5%6");
        addPart(node, QStringLiteral("rdd:%1/%2").arg(column.rdd.number).arg(partition), [=, rdd = column.rdd] {
            return tip.arg(partition)
                .arg(rdd.number)
                .arg(format::text(rdd.name))
                .arg(stage)
                .arg(isStored ? tr(": it is kept, and read as it is") : QString(),
                     isAgain ? tr(": it was lost and computed again") : QString());
        });
    }
    if (column.rdd.partitions > column.shown) {
        painter.setPen(p.dim);
        painter.drawText(QRectF(head.left(), column.top + LineageMeasures::rowHeight * column.shown, head.width(), 18),
                         Qt::AlignCenter, tr("and %1 more").arg(column.rdd.partitions - column.shown));
    }
}

}  // namespace millrace::widgets
