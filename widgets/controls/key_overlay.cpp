#include "widgets/controls/key_overlay.h"

#include <QApplication>
#include <QEvent>
#include <QKeyEvent>
#include <QPainter>
#include <functional>
#include <vector>

#include "widgets/style/icons.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

struct Sign {
    std::function<void(QPainter&, const QRectF&)> paint;
    QString text;
};

void paintStrip(QPainter& painter, const QRectF& box, const QColor& color, double share, double tick) {
    const QRectF track(box.left(), box.center().y() - 5, box.width(), 10);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().track);
    painter.drawRoundedRect(track, 2, 2);
    painter.setBrush(color);
    painter.drawRoundedRect(QRectF(track.topLeft(), QSizeF(track.width() * share, 10)), 2, 2);
    if (tick > 0) {
        painter.setPen(QPen(theme().text, 1.5));
        const double x = track.left() + track.width() * tick;
        painter.drawLine(QPointF(x, track.top() - 1), QPointF(x, track.bottom() + 1));
    }
}

std::vector<Sign> signs() {
    const Palette& colors = theme();
    return {
        {[&](QPainter& p, const QRectF& b) { paintStrip(p, b, colors.topic, 0.8, 0.7); },
         KeyOverlay::tr("a replica: filled to its log end, the tick is the high watermark")},
        {[&](QPainter& p, const QRectF& b) {
             paintIcon(p, Icon::Crown, QRectF(b.left() + 16, b.center().y() - 7, 14, 14), colors.bolt);
         },
         KeyOverlay::tr("leads its partition; the green triangle is where its reader stands")},
        {[&](QPainter& p, const QRectF& b) {
             paintStrip(p, b, colors.warning, 0.5, 0.4);
             p.setPen(Qt::NoPen);
             p.setBrush(QBrush(colors.surface, Qt::Dense6Pattern));
             p.drawRect(QRectF(b.left(), b.center().y() - 5, b.width() * 0.5, 10));
         },
         KeyOverlay::tr("dotted amber: out of sync; all strips of a topic have one scale")},
        {[&](QPainter& p, const QRectF& b) { paintStrip(p, b, colors.off, 0.6, 0.55); },
         KeyOverlay::tr("grey: its broker is down")},
        {[&](QPainter& p, const QRectF& b) {
             paintStrip(p, b, colors.topic, 0.6, 0.6);
             p.setPen(Qt::NoPen);
             p.setBrush(QBrush(colors.bad, Qt::BDiagPattern));
             p.drawRect(QRectF(b.left() + b.width() * 0.6, b.center().y() - 5, b.width() * 0.25, 10));
         },
         KeyOverlay::tr("hatched: a tail that was truncated")},
        {[&](QPainter& p, const QRectF& b) {
             p.setPen(Qt::NoPen);
             for (int i = 0; i < 3; ++i) {
                 p.setBrush(i == 0 ? colors.spout : colors.bolt);
                 p.drawEllipse(QRectF(b.left() + 10 + i * 12, b.center().y() - 3.5, 7, 7));
             }
         },
         KeyOverlay::tr("executors: green of a spout, orange of a bolt, grey of an acker")},
        {[&](QPainter& p, const QRectF& b) {
             p.setPen(Qt::NoPen);
             p.setBrush(colors.track);
             p.drawRoundedRect(QRectF(b.left(), b.center().y() - 2.5, b.width(), 5), 2, 2);
             p.setBrush(colors.good);
             p.drawRoundedRect(QRectF(b.left(), b.center().y() - 2.5, b.width() * 0.6, 5), 2, 2);
         },
         KeyOverlay::tr("capacity: how much of the time its executors are busy; red when full")},
        {[&](QPainter& p, const QRectF& b) {
             p.setPen(QPen(colors.dim, 1.5));
             p.drawLine(QPointF(b.left(), b.center().y()), QPointF(b.right(), b.center().y()));
             p.setPen(Qt::NoPen);
             p.setBrush(colors.accent);
             for (int i = 0; i < 3; ++i) {
                 p.drawEllipse(QPointF(b.left() + 8 + i * 14, b.center().y()), 3, 3);
             }
         },
         KeyOverlay::tr("what flows; the denser, the more; the line reddens as the queue at its end fills")},
        {[&](QPainter& p, const QRectF& b) {
             p.setPen(Qt::NoPen);
             p.setBrush(colors.good);
             p.drawEllipse(b.center() + QPointF(-12, 0), 4, 4);
             p.setPen(QPen(colors.warning, 2));
             p.setBrush(Qt::NoBrush);
             p.drawEllipse(b.center(), 3.5, 3.5);
             p.setPen(QPen(colors.bad, 2));
             p.drawLine(b.center() + QPointF(9, -3), b.center() + QPointF(15, 3));
             p.drawLine(b.center() + QPointF(15, -3), b.center() + QPointF(9, 3));
         },
         KeyOverlay::tr("lives · starts or is paused · is down")},
    };
}

constexpr double keyRowHeight = 19;
constexpr double signWidth = 46;

}  // namespace

KeyOverlay::KeyOverlay(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Key to strips and signs"));
    setFocusPolicy(Qt::StrongFocus);
    parent->installEventFilter(this);
    hide();
}

void KeyOverlay::place() {
    double widest = 0;
    const QFontMetricsF metrics(textFont(TextRole::Caption));
    const auto all = signs();
    for (const Sign& sign : all) {
        widest = std::max(widest, metrics.horizontalAdvance(sign.text));
    }
    const QSize size(static_cast<int>(widest + signWidth + 48),
                     static_cast<int>(static_cast<double>(all.size()) * keyRowHeight + 66));
    setGeometry(QRect(QPoint(parentWidget()->width() - size.width() - 12, 12), size));
    raise();
}

bool KeyOverlay::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parent() && event->type() == QEvent::Resize && isVisible()) {
        place();
    }
    if (event->type() == QEvent::MouseButtonPress && isVisible()) {
        hide();  // any click does, and does besides what it is meant for
    }
    return QWidget::eventFilter(watched, event);
}

void KeyOverlay::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    qApp->installEventFilter(this);
}

void KeyOverlay::hideEvent(QHideEvent* event) {
    qApp->removeEventFilter(this);
    QWidget::hideEvent(event);
    if (isHidden()) {  // and not its window
        emit closed();
    }
}

void KeyOverlay::paintEvent(QPaintEvent* event) {
    Q_UNUSED(event)
    const Palette& colors = theme();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(colors.surface);
    painter.setPen(QPen(colors.accent, 1));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
    painter.setFont(textFont(TextRole::CardTitle));
    painter.setPen(colors.text);
    painter.drawText(QRectF(16, 8, width() - 60, 24), Qt::AlignVCenter, tr("Key"));
    paintIcon(painter, Icon::Close, QRectF(width() - 28, 12, 14, 14), colors.dim);
    double y = 36;
    for (const Sign& sign : signs()) {
        painter.save();
        sign.paint(painter, QRectF(16, y, signWidth, keyRowHeight));
        painter.restore();
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(colors.text);
        painter.drawText(QRectF(16 + signWidth + 12, y, width() - signWidth - 32, keyRowHeight), Qt::AlignVCenter,
                         sign.text);
        y += keyRowHeight;
    }
    painter.setPen(colors.dim);
    painter.drawText(QRectF(16, y + 4, width() - 32, 20), Qt::AlignVCenter,
                     tr("Space plays and pauses · ? opens this key · any click closes it"));
}

void KeyOverlay::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape || event->key() == Qt::Key_Question) {
        hide();
        return;
    }
    QWidget::keyPressEvent(event);
}

}  // namespace millrace::widgets
