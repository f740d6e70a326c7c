#include "widgets/canvas/zoom_canvas.h"

#include <QMouseEvent>
#include <QPainter>
#include <QVarLengthArray>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {
constexpr double smallestZoom = 0.1;
constexpr double largestZoom = 4.0;
constexpr double gridStep = 24.0;
constexpr double shownAtLeast = 24.0;  // of the nearest card, in pixels of the screen
constexpr double emptyZoom = 0.85;     // a row of five cards fits into a small window
}  // namespace

ZoomCanvas::ZoomCanvas(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
}

QPointF ZoomCanvas::toScene(const QPointF& view) const {
    return m_origin + view / m_zoom;
}

QPointF ZoomCanvas::toView(const QPointF& scene) const {
    return (scene - m_origin) * m_zoom;
}

QRectF ZoomCanvas::toView(const QRectF& scene) const {
    return {toView(scene.topLeft()), scene.size() * m_zoom};
}

QRectF ZoomCanvas::visibleScene() const {
    return {m_origin, QSizeF(size()) / m_zoom};
}

void ZoomCanvas::zoomBy(double factor, const QPointF& viewAnchor) {
    const QPointF fixed = toScene(viewAnchor);
    m_zoom = std::clamp(m_zoom * factor, smallestZoom, largestZoom);
    m_origin = fixed - viewAnchor / m_zoom;
    moveByHand();
}

void ZoomCanvas::centerOn(const QPointF& scene) {
    m_origin = scene - QPointF(width() / 2.0, height() / 2.0) / m_zoom;
    moveByHand();
}

void ZoomCanvas::fit() {
    m_followsContent = true;
    m_isMovedByHand = false;
    contentChanged();
}

void ZoomCanvas::fitUnlessMoved() {
    if (!m_isMovedByHand) {
        fit();
    }
}

void ZoomCanvas::moveByHand() {
    m_followsContent = false;
    m_isMovedByHand = true;
    update();
    emit viewChanged();
}

QRectF ZoomCanvas::nearestPiece(const QPointF& scene) const {
    Q_UNUSED(scene)
    return contentRect();
}

/// A face with cards never looks empty, wherever it was moved to and whatever size it gets.
void ZoomCanvas::keepSomethingInView() {
    const QRectF seen = visibleScene();
    const QRectF piece = nearestPiece(seen.center());
    if (isInHand() || rect().isEmpty() || piece.isEmpty()) {
        return;
    }
    const double least = shownAtLeast / m_zoom;
    const QRectF shown = piece & seen;
    if (shown.width() >= std::min(least, piece.width()) && shown.height() >= std::min(least, piece.height())) {
        return;
    }
    // As little as brings the piece in: to the edge that it went over, or to the middle when it is larger than the
    // view.
    const auto shift = [](double low, double high, double from, double to) {
        return high - low >= to - from ? (low + high - from - to) / 2
               : low < from            ? low - from
                                       : std::max(0.0, high - to);
    };
    m_origin += QPointF(shift(piece.left(), piece.right(), seen.left(), seen.right()),
                        shift(piece.top(), piece.bottom(), seen.top(), seen.bottom()));
    emit viewChanged();
}

void ZoomCanvas::zoomIn() {
    zoomBy(1.25, rect().center());
}

void ZoomCanvas::zoomOut() {
    zoomBy(0.8, rect().center());
}

void ZoomCanvas::resetZoom() {
    zoomBy(1.0 / m_zoom, rect().center());
}

void ZoomCanvas::contentChanged() {
    const QRectF room = QRectF(rect()).marginsRemoved(m_fitMargins);
    const bool isFitted = m_followsContent && room.width() > 0 && room.height() > 0;
    if (isFitted) {
        arrangeFor(room.size());
    }
    const QRectF content = contentRect();
    if (isFitted) {
        if (content.isEmpty()) {
            m_zoom = emptyZoom;
            m_origin = QPointF();
        } else {
            const double zoom = std::min(room.width() / content.width(), room.height() / content.height());
            const double least = std::max(smallestZoom, m_smallestFit);
            m_zoom = zoom < least ? std::max(least, m_zoomBeyond) : std::min(zoom, m_largestFit);
            m_origin = content.center() - room.center() / m_zoom;
            // A flow is read from where it begins, up to half a pixel that rounding may make.
            if (content.width() * m_zoom > room.width() + 0.5) {
                m_origin.setX(content.left() - room.left() / m_zoom);
            }
            if (content.height() * m_zoom > room.height() + 0.5) {
                // The middle of what it begins with, and no farther up or down than there is something.
                const QRectF start = startPiece();
                const double top = content.top() - room.top() / m_zoom;
                const double bottom = content.bottom() - room.bottom() / m_zoom;
                const double middle = start.center().y() - room.center().y() / m_zoom;
                const double wanted = start.isEmpty() ? top : std::clamp(middle, top, bottom);
                m_origin.setY(wholeFrom(wanted + room.top() / m_zoom) - room.top() / m_zoom);
            }
        }
        emit viewChanged();
    } else if (!m_followsContent) {
        keepSomethingInView();
    }
    update();
}

bool ZoomCanvas::beginPan(QMouseEvent* event) {
    const bool wanted = event->button() == Qt::MiddleButton;
    if (wanted) {
        m_isPanning = true;
        m_panFrom = event->position();
        setCursor(Qt::ClosedHandCursor);
    }
    return wanted;
}

bool ZoomCanvas::continuePan(QMouseEvent* event) {
    if (!m_isPanning) {
        return false;
    }
    m_origin -= (event->position() - m_panFrom) / m_zoom;
    m_panFrom = event->position();
    moveByHand();
    return true;
}

bool ZoomCanvas::endPan(QMouseEvent* event) {
    Q_UNUSED(event)
    if (!m_isPanning) {
        return false;
    }
    m_isPanning = false;
    unsetCursor();
    return true;
}

void ZoomCanvas::paintGrid(QPainter& painter) const {
    const double step = gridStep * m_zoom;
    if (step < 12) {
        return;
    }
    painter.setPen(QPen(theme().line, 1));
    const QPointF first =
        toView(QPointF(std::floor(m_origin.x() / gridStep), std::floor(m_origin.y() / gridStep)) * gridStep);
    QVarLengthArray<QPointF, 2048> dots;
    for (double x = first.x(); x < width(); x += step) {
        for (double y = first.y(); y < height(); y += step) {
            dots.append(QPointF(std::round(x), std::round(y)));
        }
    }
    painter.drawPoints(dots.constData(), static_cast<int>(dots.size()));
}

void ZoomCanvas::paintGround(QPainter& painter) const {
    painter.fillRect(rect(), theme().background);
    paintGrid(painter);
}

void ZoomCanvas::enterScene(QPainter& painter) const {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(m_zoom, m_zoom);
    painter.translate(-m_origin);
    painter.setClipRect(QRectF(contentClip().topLeft() / m_zoom + m_origin, contentClip().size() / m_zoom));
}

/// Sixty times a second only what flows moves: cards, lines and words are painted when they change.
void ZoomCanvas::paintStill() {
    const QSize pixels = (QSizeF(size()) * devicePixelRatioF()).toSize();
    for (QPixmap* picture : {&m_below, &m_above}) {
        if (picture->size() != pixels) {
            *picture = QPixmap(pixels);
        }
        picture->setDevicePixelRatio(devicePixelRatioF());
    }
    QPainter below(&m_below);
    paintGround(below);
    enterScene(below);
    paintBelow(below);
    m_above.fill(Qt::transparent);
    QPainter above(&m_above);
    above.setRenderHint(QPainter::Antialiasing);
    above.save();
    enterScene(above);
    paintAbove(above);
    above.restore();
    paintOver(above);
}

void ZoomCanvas::paintEvent(QPaintEvent* event) {
    Q_UNUSED(event)
    QVariantList state = stillState();
    const bool isStill = !state.isEmpty();
    if (isStill) {
        state << size() << devicePixelRatioF() << m_zoom << m_origin << static_cast<int>(currentTheme());
        if (state != m_still) {
            paintStill();
        }
    }
    m_still = state;
    QPainter painter(this);
    if (isStill) {
        painter.drawPixmap(0, 0, m_below);
    } else {
        paintGround(painter);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.save();
    enterScene(painter);
    if (!isStill) {
        paintBelow(painter);
    }
    paintMoving(painter);
    if (!isStill) {
        paintAbove(painter);
    }
    painter.restore();
    if (isStill) {
        painter.drawPixmap(0, 0, m_above);
    } else {
        paintOver(painter);
    }
}

void ZoomCanvas::wheelEvent(QWheelEvent* event) {
    if (event->modifiers() & Qt::ShiftModifier) {
        m_origin.rx() -= event->angleDelta().y() / m_zoom / 2;
        moveByHand();
    } else {
        zoomBy(std::pow(1.0015, event->angleDelta().y()), event->position());
    }
    event->accept();
}

void ZoomCanvas::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    if (!m_isMovedByHand && !isInHand()) {
        m_followsContent = true;  // it was fitted to the size it had
    } else if (event->oldSize().isValid() && !isInHand()) {
        const QSizeF grown = event->size() - event->oldSize();
        m_origin -= QPointF(grown.width(), grown.height()) / 2 / m_zoom;  // what was in the middle stays there
    }
    contentChanged();
}

void ZoomCanvas::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) {
        update();
    }
    QWidget::changeEvent(event);
}

}  // namespace millrace::widgets
