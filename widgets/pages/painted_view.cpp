#include "widgets/pages/painted_view.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPaintEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <utility>

#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

PaintedView::PaintedView(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
}

void PaintedView::addPart(const QRectF& box, const QString& key, Tip tip) {
    m_parts.push_back({box, key, std::move(tip)});
}

void PaintedView::addPart(const QRectF& box, const QString& key, const QString& tip) {
    addPart(box, key, [tip] { return tip; });
}

/// What was painted last lies on top.
const PaintedView::Part* PaintedView::partAt(const QPointF& at) const {
    const auto found =
        std::find_if(m_parts.rbegin(), m_parts.rend(), [&](const Part& part) { return part.box.contains(at); });
    return found == m_parts.rend() ? nullptr : &*found;
}

QString PaintedView::tipAt(const QPointF& at) const {
    const Part* part = partAt(at);
    return part == nullptr ? QString() : part->tip();
}

QString PaintedView::keyAt(const QPointF& at) const {
    const Part* part = partAt(at);
    return part == nullptr ? QString() : part->key;
}

QRectF PaintedView::boxOf(const QString& key) const {
    const auto found =
        std::find_if(m_parts.rbegin(), m_parts.rend(), [&](const Part& part) { return part.key == key; });
    return found == m_parts.rend() ? QRectF() : found->box;
}

QStringList PaintedView::keys() const {
    QStringList all;
    for (const Part& part : m_parts) {
        if (!all.contains(part.key)) {
            all << part.key;
        }
    }
    return all;
}

void PaintedView::paintNothing(QPainter& painter, const QString& words) const {
    constexpr int margin = 16;
    painter.setFont(textFont(TextRole::Body));
    painter.setPen(theme().dim);
    painter.drawText(rect().adjusted(margin, margin, -margin, -margin), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
                     words);
}

void PaintedView::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), theme().surface);
    m_parts.clear();
    m_seen = visibleRegion().boundingRect().united(event->rect());
    paint(painter);
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme().accent, 1));
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

bool PaintedView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const Part* part = partAt(help->pos());
        const QString tip = part != nullptr ? part->tip() : QString();
        if (!tip.isEmpty()) {
            QToolTip::showText(help->globalPos(), tip, this, part->box.toAlignedRect());
        } else {
            QToolTip::hideText();
        }
        return true;
    }
    return QWidget::event(event);
}

void PaintedView::mousePressEvent(QMouseEvent* event) {
    if (const QString key = keyAt(event->position()); event->button() == Qt::LeftButton && !key.isEmpty()) {
        emit chosen(key);
    }
}

void PaintedView::mouseDoubleClickEvent(QMouseEvent* event) {
    if (const QString key = keyAt(event->position()); event->button() == Qt::LeftButton && !key.isEmpty()) {
        emit activated(key);
    }
}

void paintLegend(QPainter& painter, const QRectF& box, const std::vector<LegendEntry>& entries) {
    constexpr double sample = 12;
    constexpr double gap = 6;
    constexpr double apart = 16;
    painter.setFont(textFont(TextRole::Caption));
    double x = box.left();
    for (const LegendEntry& each : entries) {
        const double width = painter.fontMetrics().horizontalAdvance(each.words);
        if (x + sample + gap + width > box.right()) {
            continue;  // whole or not at all; a shorter one may have room
        }
        // What is hatched is framed, or it is a few loose strokes.
        const bool isSolid = each.fill.style() == Qt::SolidPattern;
        painter.setPen(isSolid ? QPen(Qt::NoPen) : QPen(each.fill.color(), 1));
        painter.setBrush(each.fill);
        painter.drawRoundedRect(QRectF(x, box.center().y() - sample / 2, sample, sample), 2, 2);
        painter.setPen(theme().dim);
        painter.drawText(QRectF(x + sample + gap, box.top(), width + 2, box.height()), Qt::AlignVCenter, each.words);
        x += sample + gap + width + apart;
    }
}

}  // namespace millrace::widgets
