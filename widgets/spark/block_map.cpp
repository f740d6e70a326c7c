#include "widgets/spark/block_map.h"

#include <QPainter>
#include <algorithm>

#include "widgets/pages/page_measures.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

/// In pixels unless told otherwise.
struct BlockMapMeasures {
    static constexpr double labelWidth = 210;
    static constexpr double headHeight = 62;
    static constexpr double rowHeight = 18;
    static constexpr double narrowest = 72;
    static constexpr double widest = 170;
};

QString tipOf(const observe::BlockView& block, std::int32_t executor) {
    const auto copy = std::find_if(block.copies.begin(), block.copies.end(),
                                   [&](const auto& each) { return each.executor == executor; });
    const QString where = copy == block.copies.end()       ? BlockMap::tr("not there")
                          : copy->inMemory && copy->onDisk ? BlockMap::tr("in memory and on disk")
                          : copy->inMemory                 ? BlockMap::tr("in memory")
                                                           : BlockMap::tr("on disk");
    return BlockMap::tr("%1, %2: on executor %3 %4; %5 copies in all")
        .arg(format::text(block.name), format::bytes(static_cast<double>(block.bytes)))
        .arg(executor)
        .arg(where)
        .arg(block.copies.size());
}

}  // namespace

BlockMap::BlockMap(QWidget* parent) : PaintedView(parent) {
    setAccessibleName(tr("Blocks by executor"));
}

void BlockMap::setPage(std::shared_ptr<const observe::StreamingPage> page) {
    m_page = std::move(page);
    const auto rows = static_cast<double>(m_page ? m_page->blocks.size() : 0);
    const auto columns = static_cast<double>(m_page ? m_page->executors.size() : 0);
    setMinimumSize(
        static_cast<int>(BlockMapMeasures::labelWidth + 2 * pageMargin + BlockMapMeasures::narrowest * columns),
        static_cast<int>(BlockMapMeasures::headHeight + pageLegendHeight + BlockMapMeasures::rowHeight * rows));
    update();
}

void BlockMap::paint(QPainter& painter) {
    if (!m_page || m_page->executors.empty()) {
        paintNothing(painter, tr("No executor is registered: nobody keeps blocks."));
        return;
    }
    const double room = width() - BlockMapMeasures::labelWidth - 2 * pageMargin;
    const double column = std::clamp(room / static_cast<double>(m_page->executors.size()), BlockMapMeasures::narrowest,
                                     BlockMapMeasures::widest);
    paintHeads(painter, column);
    for (std::size_t i = 0; i < m_page->blocks.size(); ++i) {
        const double top = BlockMapMeasures::headHeight + BlockMapMeasures::rowHeight * static_cast<double>(i);
        if (top + BlockMapMeasures::rowHeight >= seen().top() && top <= seen().bottom()) {
            paintBlock(painter, m_page->blocks[i], column, top);
        }
    }
    const Palette& p = theme();
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(p.dim);
    const QRectF foot(pageMargin, height() - pageLegendHeight, width() - 2 * pageMargin, pageLegendHeight);
    if (m_page->blocks.empty()) {
        painter.drawText(QRectF(pageMargin, BlockMapMeasures::headHeight, room, 40), Qt::AlignLeft | Qt::AlignVCenter,
                         tr("No block is kept now: nothing is persisted, and no receiver has stored anything."));
    }
    paintLegend(painter, foot,
                {{p.series[0], tr("in memory")},
                 {p.series[4], tr("on disk")},
                 {p.track, tr("not there")},
                 {p.line, tr("the newest %1 blocks; %2 copies in all")
                              .arg(m_page->blocks.size())
                              .arg(format::count(m_page->copiesInAll))}});
}

void BlockMap::paintHeads(QPainter& painter, double column) {
    const Palette& p = theme();
    for (std::size_t i = 0; i < m_page->executors.size(); ++i) {
        const observe::BlockHolderView& executor = m_page->executors[i];
        const QRectF box(pageMargin + BlockMapMeasures::labelWidth + column * static_cast<double>(i), 4, column,
                         BlockMapMeasures::headHeight - 8);
        painter.setFont(textFont(TextRole::CardTitle));
        painter.setPen(p.text);
        painter.drawText(QRectF(box.left(), box.top(), column - 6, 18), Qt::AlignCenter,
                         tr("executor %1").arg(executor.number));
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(p.dim);
        painter.drawText(QRectF(box.left(), box.top() + 18, column - 6, 16), Qt::AlignCenter,
                         tr("%1 of %2")
                             .arg(format::bytes(static_cast<double>(executor.inMemory)),
                                  format::bytes(static_cast<double>(executor.memory))));
        const QRectF bar(box.left() + 8, box.top() + 38, column - 22, 6);
        painter.fillRect(bar, p.track);
        if (executor.memory > 0) {
            const double share = static_cast<double>(executor.inMemory) / static_cast<double>(executor.memory);
            painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * std::clamp(share, 0.0, 1.0), bar.height()),
                             share > 0.9 ? p.warning : p.series[0]);
        }
        addPart(
            box, format::text(executor.id),
            tr("Executor %1 on %2: %3 of blocks in memory, of the %4 that are for them (spark.memory.fraction of the "
               "heap less 300 MiB); %5 on disk")
                .arg(executor.number)
                .arg(format::titleOf(format::text(executor.host)),
                     format::bytes(static_cast<double>(executor.inMemory)),
                     format::bytes(static_cast<double>(executor.memory)),
                     format::bytes(static_cast<double>(executor.onDisk))));
    }
}

void BlockMap::paintBlock(QPainter& painter, const observe::BlockView& block, double column, double top) {
    const Palette& p = theme();
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(p.text);
    painter.drawText(QRectF(pageMargin, top, BlockMapMeasures::labelWidth - 10, BlockMapMeasures::rowHeight),
                     Qt::AlignVCenter, format::text(block.name));
    painter.setPen(p.dim);
    painter.drawText(QRectF(pageMargin, top, BlockMapMeasures::labelWidth - 10, BlockMapMeasures::rowHeight),
                     Qt::AlignVCenter | Qt::AlignRight, format::bytes(static_cast<double>(block.bytes)));
    for (std::size_t i = 0; i < m_page->executors.size(); ++i) {
        const QRectF cell(pageMargin + BlockMapMeasures::labelWidth + column * static_cast<double>(i) + 4, top + 2,
                          column - 14, BlockMapMeasures::rowHeight - 4);
        const auto copy = std::find_if(block.copies.begin(), block.copies.end(),
                                       [&](const auto& each) { return each.executor == m_page->executors[i].number; });
        const bool isThere = copy != block.copies.end();
        painter.fillRect(cell, p.track);
        if (isThere && copy->inMemory) {
            painter.fillRect(copy->onDisk ? QRectF(cell.left(), cell.top(), cell.width() / 2, cell.height()) : cell,
                             p.series[0]);
        }
        if (isThere && copy->onDisk) {
            painter.fillRect(
                copy->inMemory ? QRectF(cell.center().x(), cell.top(), cell.width() / 2, cell.height()) : cell,
                p.series[4]);
        }
        addPart(cell, format::text(m_page->executors[i].id),
                [page = m_page, &block, i] { return tipOf(block, page->executors[i].number); });
    }
}

}  // namespace millrace::widgets
