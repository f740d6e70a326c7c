#include "widgets/hadoop/block_grid.h"

#include <QPainter>
#include <algorithm>

#include "widgets/hadoop/hadoop_words.h"
#include "widgets/pages/page_measures.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

/// In pixels unless told otherwise.
struct BlockGridMeasures {
    static constexpr int headHeight = 74;
    static constexpr int rowHeight = 18;
    static constexpr int fileHeight = 22;
    static constexpr int labelWidth = 170;
};

}  // namespace

/// Where columns stand.
struct BlockGrid::Layout {
    double left = BlockGridMeasures::labelWidth + 2 * pageMargin;
    double column = 60;
    [[nodiscard]] QRectF cell(std::size_t node, double top) const {
        return {left + column * static_cast<double>(node) + 3, top + 2, column - 6, BlockGridMeasures::rowHeight - 4.0};
    }
};

BlockGrid::BlockGrid(QWidget* parent) : PaintedView(parent) {
    setAccessibleName(tr("Blocks by DataNode"));
}

void BlockGrid::setPage(std::shared_ptr<const observe::DfsPage> page) {
    m_page = std::move(page);
    fitHeight();
    update();
}

void BlockGrid::resizeEvent(QResizeEvent* event) {
    PaintedView::resizeEvent(event);
    fitHeight();
}

/// It is as high as what it shows: a scroll area is around it.
void BlockGrid::fitHeight() {
    int height = BlockGridMeasures::headHeight + pageLegendHeight;
    int width = BlockGridMeasures::labelWidth + 3 * pageMargin;
    if (m_page) {
        std::int32_t file = -1;
        for (const observe::DfsBlockView& block : m_page->blocks) {
            height += BlockGridMeasures::rowHeight + (block.file != file ? BlockGridMeasures::fileHeight : 0);
            file = block.file;
        }
        constexpr int narrowest = 34;
        width += narrowest * static_cast<int>(m_page->nodes.size());
    }
    setMinimumSize(width, height);
}

BlockGrid::Layout BlockGrid::layoutOf() const {
    constexpr double narrowest = 34;
    constexpr double widest = 120;
    Layout layout;
    const double room = width() - layout.left - pageMargin;
    layout.column =
        std::clamp(room / static_cast<double>(std::max<std::size_t>(1, m_page->nodes.size())), narrowest, widest);
    return layout;
}

void BlockGrid::paint(QPainter& painter) {
    if (!m_page || !m_page->summary.isThere) {
        paintNothing(painter, tr("Nobody knows where blocks are while the NameNode is down."));
        return;
    }
    if (m_page->nodes.empty()) {
        paintNothing(painter, tr("There is no DataNode."));
        return;
    }
    const Layout layout = layoutOf();
    paintNodes(painter, layout);
    const Palette& p = theme();
    double y = BlockGridMeasures::headHeight;
    std::int32_t file = -1;
    for (const observe::DfsBlockView& block : m_page->blocks) {
        if (block.file != file) {
            file = block.file;
            painter.setFont(textFont(TextRole::CardTitle));
            painter.setPen(p.text);
            const QString path = format::text(m_page->files[static_cast<std::size_t>(file)].path);
            painter.drawText(QRectF(pageMargin, y, width() - 2 * pageMargin, BlockGridMeasures::fileHeight),
                             Qt::AlignVCenter, path);
            y += BlockGridMeasures::fileHeight;
        }
        if (y + BlockGridMeasures::rowHeight >= seen().top() && y <= seen().bottom()) {
            paintBlock(painter, layout, block, y);
        }
        y += BlockGridMeasures::rowHeight;
    }
    paintLegend(painter, QRectF(pageMargin, height() - pageLegendHeight, width() - 2 * pageMargin, pageLegendHeight),
                {{p.series[0], tr("a replica")},
                 {QBrush(p.warning, Qt::BDiagPattern), tr("is being written")},
                 {p.bad, tr("damaged")},
                 {p.off, tr("on a node that is dead")},
                 {p.warning, tr("row: fewer replicas than wanted")}});
}

void BlockGrid::paintNodes(QPainter& painter, const Layout& layout) {
    const Palette& p = theme();
    std::string rack;
    double rackLeft = 0;
    for (std::size_t i = 0; i < m_page->nodes.size(); ++i) {
        const observe::DfsNodeView& node = m_page->nodes[i];
        const double left = layout.left + layout.column * static_cast<double>(i);
        if (i == 0 || node.rack != rack) {
            rack = node.rack;
            rackLeft = left;
            std::size_t count = 1;
            while (i + count < m_page->nodes.size() && m_page->nodes[i + count].rack == rack) {
                ++count;
            }
            const QRectF head(rackLeft + 3, 6, layout.column * static_cast<double>(count) - 6, 18);
            painter.fillRect(head, p.track);
            painter.setFont(textFont(TextRole::Caption));
            painter.setPen(p.dim);
            painter.drawText(head, Qt::AlignCenter,
                             format::elided(painter.fontMetrics(), rack.empty() ? tr("no rack") : format::text(rack),
                                            static_cast<int>(head.width())));
        }
        const QRectF box(left, 26, layout.column, 44);
        painter.setFont(textFont(TextRole::CardTitle));
        painter.setPen(node.isLive ? p.text : p.bad);
        painter.drawText(QRectF(left, 26, layout.column, 18), Qt::AlignCenter, format::text(node.name));
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(node.isLive ? p.dim : p.bad);
        painter.drawText(QRectF(left, 42, layout.column, 16), Qt::AlignCenter,
                         node.isLive ? format::count(node.blocks) : tr("dead"));
        const QRectF bar(left + 6, 60, layout.column - 12, 5);
        painter.fillRect(bar, p.track);
        if (node.capacity > 0) {
            const double used = static_cast<double>(node.used) / static_cast<double>(node.capacity);
            painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * std::clamp(used, 0.0, 1.0), bar.height()),
                             node.isLive ? p.topic : p.off);
        }
        addPart(box, format::text(node.id),
                tr("DataNode %1 in %2: %3 blocks, %4 of %5 used, heard of %6 ago")
                    .arg(format::text(node.name), node.rack.empty() ? tr("no rack") : format::text(node.rack),
                         format::count(node.blocks), format::bytes(static_cast<double>(node.used)),
                         format::bytes(static_cast<double>(node.capacity)), format::duration(node.sinceHeard)));
    }
}

void BlockGrid::paintBlock(QPainter& painter, const Layout& layout, const observe::DfsBlockView& block, double top) {
    const Palette& p = theme();
    const QRectF row(0, top, width(), BlockGridMeasures::rowHeight);
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(block.isUnderReplicated() ? colourOf(Meaning::Warning) : p.dim);
    painter.drawText(QRectF(pageMargin + 8, top, BlockGridMeasures::labelWidth - 8, BlockGridMeasures::rowHeight),
                     Qt::AlignVCenter,
                     tr("block %1 · %2").arg(block.index).arg(format::bytes(static_cast<double>(block.length))));
    painter.drawText(QRectF(pageMargin, top, BlockGridMeasures::labelWidth, BlockGridMeasures::rowHeight),
                     Qt::AlignVCenter | Qt::AlignRight,
                     QStringLiteral("%1/%2").arg(block.replicas.size()).arg(block.wanted));
    painter.setPen(Qt::NoPen);
    for (std::size_t i = 0; i < m_page->nodes.size(); ++i) {
        painter.fillRect(layout.cell(i, top), p.track);
    }
    const auto fill = [&](const std::vector<std::int32_t>& nodes, const QBrush& brush) {
        for (const std::int32_t node : nodes) {
            const bool isLive = m_page->nodes[static_cast<std::size_t>(node)].isLive;
            painter.setBrush(isLive ? brush : QBrush(p.off));
            painter.drawRoundedRect(layout.cell(static_cast<std::size_t>(node), top), 2, 2);
        }
    };
    fill(block.expected, QBrush(p.warning, Qt::BDiagPattern));
    fill(block.replicas, p.series[0]);
    for (const std::int32_t node : block.corrupt) {
        const QRectF cell = layout.cell(static_cast<std::size_t>(node), top);
        painter.setBrush(p.bad);
        painter.drawRoundedRect(cell, 2, 2);
        painter.setPen(QPen(p.surface, 2));
        painter.drawLine(cell.center() - QPointF(4, 4), cell.center() + QPointF(4, 4));
        painter.drawLine(cell.center() - QPointF(4, -4), cell.center() + QPointF(4, -4));
        painter.setPen(Qt::NoPen);
    }
    if (block.isUnderReplicated()) {
        painter.fillRect(QRectF(pageMargin, top + 2, 3, BlockGridMeasures::rowHeight - 4), p.warning);
    }
    addPart(row, QStringLiteral("block:%1").arg(block.number),
            [page = m_page, &block] { return blockTip(*page, block); });
}

}  // namespace millrace::widgets
