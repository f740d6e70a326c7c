#include "widgets/hadoop/shuffle_matrix.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/pages/page_measures.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

/// In pixels unless told otherwise.
struct MatrixMeasures {
    static constexpr int headHeight = 44;
    static constexpr int footHeight = 26;
    static constexpr int labelWidth = 92;
};

/// From empty to full, so that the least can be told from nothing.
QColor shade(double share) {
    const Palette& p = theme();
    const double weight = 0.12 + 0.88 * std::sqrt(std::clamp(share, 0.0, 1.0));
    const auto mix = [&](int from, int to) { return static_cast<int>(std::lround(from + (to - from) * weight)); };
    return {mix(p.surface.red(), p.series[0].red()), mix(p.surface.green(), p.series[0].green()),
            mix(p.surface.blue(), p.series[0].blue())};
}

}  // namespace

FoldedMatrix folded(const std::vector<std::vector<std::int64_t>>& shuffle, std::size_t rows) {
    FoldedMatrix matrix;
    matrix.mapsARow = std::max<std::size_t>(1, (shuffle.size() + rows - 1) / std::max<std::size_t>(1, rows));
    for (const auto& map : shuffle) {
        matrix.byReduce.resize(std::max(matrix.byReduce.size(), map.size()), 0);
    }
    for (std::size_t i = 0; i < shuffle.size(); ++i) {
        if (i % matrix.mapsARow == 0) {
            matrix.rows.emplace_back(matrix.byReduce.size(), 0);
            matrix.isThere.push_back(false);
        }
        for (std::size_t reduce = 0; reduce < shuffle[i].size(); ++reduce) {
            matrix.rows.back()[reduce] += shuffle[i][reduce];
            matrix.byReduce[reduce] += shuffle[i][reduce];
            matrix.sum += shuffle[i][reduce];
            matrix.most = std::max(matrix.most, matrix.rows.back()[reduce]);
            matrix.isThere.back() = true;
        }
    }
    return matrix;
}

ShuffleMatrix::ShuffleMatrix(QWidget* parent) : PaintedView(parent) {
    setAccessibleName(tr("Map output by map and by reduce"));
}

void ShuffleMatrix::setPage(std::shared_ptr<const observe::JobPage> page) {
    m_page = std::move(page);
    update();
}

void ShuffleMatrix::paint(QPainter& painter) {
    constexpr double least = 6;
    constexpr double widest = 90;
    const double room = height() - MatrixMeasures::headHeight - MatrixMeasures::footHeight;
    const FoldedMatrix matrix =
        m_page ? folded(m_page->shuffle, static_cast<std::size_t>(std::max(1.0, room / least))) : FoldedMatrix{};
    if (matrix.sum == 0) {
        paintNothing(painter, tr("No map is done yet: there is nothing for reduces to copy. A job without reduces "
                                 "shuffles nothing."));
        return;
    }
    const Palette& p = theme();
    const auto reduces = static_cast<double>(matrix.byReduce.size());
    const double column = std::min(widest, (width() - MatrixMeasures::labelWidth - 2 * pageMargin) / reduces);
    const double row = std::min(22.0, room / static_cast<double>(matrix.rows.size()));
    const double left = pageMargin + MatrixMeasures::labelWidth;
    const double mean = static_cast<double>(matrix.sum) / reduces;
    painter.setFont(textFont(TextRole::Caption));
    for (std::size_t reduce = 0; reduce < matrix.byReduce.size(); ++reduce) {
        const QRectF head(left + column * static_cast<double>(reduce), 4, column, MatrixMeasures::headHeight - 6);
        const double share = static_cast<double>(matrix.byReduce[reduce]) / static_cast<double>(matrix.sum);
        if (column >= 44 || reduce % static_cast<std::size_t>(44 / column + 1) == 0) {
            const double width = std::max(column, 44.0);
            painter.setPen(static_cast<double>(matrix.byReduce[reduce]) > 2 * mean ? colourOf(Meaning::Bad) : p.dim);
            painter.drawText(QRectF(head.left(), head.top(), width, 16), Qt::AlignCenter, tr("reduce %1").arg(reduce));
            painter.drawText(QRectF(head.left(), head.top() + 18, width, 16), Qt::AlignCenter, format::percent(share));
        }
    }
    for (std::size_t i = 0; i < matrix.rows.size(); ++i) {
        const double top = MatrixMeasures::headHeight + row * static_cast<double>(i);
        const std::size_t first = i * matrix.mapsARow;
        const std::size_t last = std::min(m_page->shuffle.size(), first + matrix.mapsARow) - 1;
        const QString name = first == last ? tr("map %1").arg(first) : tr("maps %1 to %2").arg(first).arg(last);
        if (row >= 13 || i % static_cast<std::size_t>(13 / row + 1) == 0) {
            painter.setPen(p.dim);
            painter.drawText(QRectF(pageMargin, top + row / 2 - 8, MatrixMeasures::labelWidth - 6, 16),
                             Qt::AlignVCenter, name);
        }
        for (std::size_t reduce = 0; reduce < matrix.rows[i].size(); ++reduce) {
            const QRectF cell(left + column * static_cast<double>(reduce), top, column, row);
            const std::int64_t size = matrix.rows[i][reduce];
            const double gap = row > 5 ? 1 : 0;
            painter.fillRect(cell.adjusted(0, 0, -gap, -gap),
                             matrix.isThere[i]
                                 ? QBrush(shade(static_cast<double>(size) / static_cast<double>(matrix.most)))
                                 : QBrush(p.track));
            addPart(cell, QStringLiteral("%1/%2").arg(first).arg(reduce),
                    [name, reduce, size, isThere = static_cast<bool>(matrix.isThere[i])] {
                        return isThere ? tr("%1 to reduce %2: %3")
                                             .arg(name)
                                             .arg(reduce)
                                             .arg(format::bytes(static_cast<double>(size)))
                                       : tr("%1 is not done").arg(name);
                    });
        }
    }
    painter.setPen(p.dim);
    painter.drawText(
        QRectF(pageMargin, height() - MatrixMeasures::footHeight, width() - 2 * pageMargin, MatrixMeasures::footHeight),
        Qt::AlignVCenter,
        tr("%1 of map output; the darkest cell has %2. Above a reduce stands its share, red at more than "
           "twice the mean.")
            .arg(format::bytes(static_cast<double>(matrix.sum)), format::bytes(static_cast<double>(matrix.most))));
}

}  // namespace millrace::widgets
