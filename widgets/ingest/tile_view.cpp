#include "widgets/ingest/tile_view.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "widgets/pages/page_measures.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

/// In pixels.
struct TileMeasures {
    static constexpr double width = 232;  // at least: what is left over is shared
    static constexpr double gap = 10;
    static constexpr double margin = 10;
    static constexpr double lineHeight = 16;
    static constexpr double headHeight = 56;  // title and the large number
    static constexpr double curveHeight = 38;
    static constexpr std::size_t fieldsMost = 4;
};

}  // namespace

TileView::TileView(QWidget* parent) : PaintedView(parent) {
    setAccessibleName(tr("Tiles of the dashboard"));
}

void TileView::setPage(std::shared_ptr<const observe::BoardPage> page, SimTime now) {
    m_page = std::move(page);
    m_now = now;
    fitHeight();
    update();
}

void TileView::setNothing(const QString& words) {
    m_page.reset();
    m_nothing = words;
    fitHeight();
    update();
}

int TileView::columns(int width) const {
    return std::max(1, static_cast<int>((width - TileMeasures::gap) / (TileMeasures::width + TileMeasures::gap)));
}

double TileView::tileHeight() const {
    std::size_t lines = 2;  // how old it is, and its alerts
    if (m_page && !m_page->tiles.empty()) {
        lines += std::min(m_page->tiles.front().fields.size(), TileMeasures::fieldsMost);
    }
    const double curve = m_page && !m_page->chart.empty() ? TileMeasures::headHeight + TileMeasures::curveHeight : 22;
    return 2 * TileMeasures::margin + curve + TileMeasures::lineHeight * static_cast<double>(lines);
}

int TileView::heightForWidth(int width) const {
    const int tiles = m_page ? static_cast<int>(m_page->tiles.size()) : 0;
    const int rows = (tiles + columns(width) - 1) / columns(width);
    return std::max(80, static_cast<int>(TileMeasures::gap + rows * (tileHeight() + TileMeasures::gap)));
}

void TileView::fitHeight() {
    if (const int wanted = heightForWidth(width()); wanted != minimumHeight()) {
        setMinimumHeight(wanted);
    }
}

void TileView::resizeEvent(QResizeEvent* event) {
    PaintedView::resizeEvent(event);
    fitHeight();
}

void TileView::paint(QPainter& painter) {
    if (!m_page || m_page->tiles.empty()) {
        paintNothing(painter, m_nothing);
        return;
    }
    const int across = columns(width());
    const double each = (width() - TileMeasures::gap * (across + 1)) / across;
    for (std::size_t i = 0; i < m_page->tiles.size(); ++i) {
        const std::size_t line = i / static_cast<std::size_t>(across);
        const auto row = static_cast<double>(line);
        const auto column = static_cast<double>(i - line * static_cast<std::size_t>(across));
        const QRectF box(TileMeasures::gap + column * (each + TileMeasures::gap),
                         TileMeasures::gap + row * (tileHeight() + TileMeasures::gap), each, tileHeight());
        if (box.intersects(seen())) {
            paintTile(painter, i, box);
        }
    }
}

QString TileView::tipOf(const observe::TileView& tile) {
    QStringList lines{tile.key.empty() ? tr("newest row") : format::text(tile.key)};
    for (const auto& [name, value] : tile.fields) {
        lines << QStringLiteral("%1: %2").arg(format::text(name), format::text(value));
    }
    lines << tr("row %1 of this tile, measured at %2, shown %3 later")
                 .arg(format::count(tile.rows), format::seconds(tile.measured),
                      format::duration(tile.shown - tile.measured));
    for (const std::string& each : tile.holds) {
        lines << tr("alert: %1").arg(format::text(each));
    }
    return lines.join(QLatin1Char('\n'));
}

void TileView::paintTile(QPainter& painter, std::size_t index, const QRectF& box) {
    const observe::TileView& tile = m_page->tiles[index];
    const Palette& p = theme();
    const bool isAlarming = !tile.holds.empty();
    painter.setPen(QPen(isAlarming ? p.bad : p.line, isAlarming ? 2 : 1));
    painter.setBrush(p.surface);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    const QRectF inner =
        box.adjusted(TileMeasures::margin, TileMeasures::margin, -TileMeasures::margin, -TileMeasures::margin);
    constexpr int onTheLeft = int{Qt::AlignLeft} | int{Qt::AlignVCenter};
    constexpr int onTheRight = int{Qt::AlignRight} | int{Qt::AlignVCenter};
    double y = inner.top();
    const auto line = [&](const QString& left, const QString& right, const QColor& color) {
        const QRectF row(inner.left(), y, inner.width(), TileMeasures::lineHeight);
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(p.dim);
        const int taken = left.isEmpty() ? 0 : painter.fontMetrics().horizontalAdvance(left) + 8;
        painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, left);
        painter.setPen(color);
        painter.drawText(row.adjusted(taken, 0, 0, 0), left.isEmpty() ? onTheLeft : onTheRight,
                         format::elided(painter.fontMetrics(), right, static_cast<int>(row.width()) - taken));
        y += TileMeasures::lineHeight;
    };
    const QString title = tile.key.empty() ? tr("newest row") : format::text(tile.key);
    painter.setFont(textFont(TextRole::CardTitle));
    painter.setPen(p.text);
    painter.drawText(QRectF(inner.left(), y, inner.width(), 18), Qt::AlignLeft | Qt::AlignVCenter,
                     format::elided(painter.fontMetrics(), title, static_cast<int>(inner.width())));
    y += 22;
    if (tile.main) {
        painter.setFont(textFont(TextRole::Clock));
        painter.setPen(isAlarming ? p.bad : p.text);
        const QRectF row(inner.left(), y, inner.width(), TileMeasures::headHeight - 22);
        const QString number = format::text(*tile.main);
        painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, number);
        const int taken = painter.fontMetrics().horizontalAdvance(number) + 8;
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(p.dim);
        painter.drawText(
            row.adjusted(taken, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
            format::elided(painter.fontMetrics(), format::text(m_page->chart), static_cast<int>(row.width()) - taken));
        y = inner.top() + TileMeasures::headHeight;
        paintCurve(painter, tile, QRectF(inner.left(), y, inner.width(), TileMeasures::curveHeight - 6));
        y += TileMeasures::curveHeight;
    }
    const bool areAll = tile.fields.size() <= TileMeasures::fieldsMost;
    const std::size_t shown = areAll ? tile.fields.size() : TileMeasures::fieldsMost - 1;
    for (std::size_t i = 0; i < shown; ++i) {
        line(format::text(tile.fields[i].first), format::text(tile.fields[i].second), p.text);
    }
    if (!areAll) {
        line(tr("%1 more fields").arg(tile.fields.size() - shown), tr("in the tool-tip"), p.dim);
    }
    line(tr("measured"), tr("%1 ago").arg(format::duration(m_now - tile.measured)), p.text);
    if (isAlarming) {
        line({},
             format::text(tile.holds.front()) +
                 (tile.holds.size() > 1 ? tr(" and %1 more").arg(tile.holds.size() - 1) : QString()),
             p.bad);
    }
    addPart(box, format::text(tile.key), [page = m_page, index] { return tipOf(page->tiles[index]); });
}

/// Of the last values, the lowest at the foot and the highest at the top.
void TileView::paintCurve(QPainter& painter, const observe::TileView& tile, const QRectF& box) const {
    if (tile.points.size() < 2) {
        return;
    }
    double least = HUGE_VAL;
    double most = -HUGE_VAL;
    for (const auto& [time, value] : tile.points) {
        least = std::min(least, value);
        most = std::max(most, value);
    }
    const SimTime from = tile.points.front().first;
    const double span = std::max(seconds(tile.points.back().first - from), 1e-9);
    QPolygonF line;
    for (const auto& [time, value] : tile.points) {
        const double share = most > least ? (value - least) / (most - least) : 0.5;
        line << QPointF(box.left() + box.width() * std::clamp(seconds(time - from) / span, 0.0, 1.0),
                        box.bottom() - 2 - share * (box.height() - 4));
    }
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(QPen(tile.holds.empty() ? theme().series[0] : theme().bad, 1.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(line);
}

}  // namespace millrace::widgets
