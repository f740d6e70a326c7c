#pragma once

#include <QMarginsF>
#include <QPixmap>
#include <QPointF>
#include <QRectF>
#include <QVariant>
#include <QWidget>
#include <algorithm>

namespace millrace::widgets {

/// A surface that is zoomed with the wheel, moved with the middle button, and fitted to its content. It knows no
/// content: faces derive from it and draw in scene coordinates.
class ZoomCanvas : public QWidget {
    Q_OBJECT

public:
    explicit ZoomCanvas(QWidget* parent = nullptr);

    [[nodiscard]] double zoom() const { return m_zoom; }
    [[nodiscard]] QPointF toScene(const QPointF& view) const;
    [[nodiscard]] QPointF toView(const QPointF& scene) const;
    [[nodiscard]] QRectF toView(const QRectF& scene) const;
    [[nodiscard]] QRectF visibleScene() const;

    /// Fits the content again unless the user has chosen what is seen.
    void fitUnlessMoved();
    void zoomBy(double factor, const QPointF& viewAnchor);
    void centerOn(const QPointF& scene);

    /// Whether it is fitted again when it changes.
    [[nodiscard]] bool followsContent() const { return m_followsContent; }

public slots:
    void fit();
    void zoomIn();
    void zoomOut();
    void resetZoom();

signals:
    void viewChanged();

protected:
    [[nodiscard]] virtual QRectF contentRect() const = 0;
    // The content in scene coordinates: what lies below that which moves with every picture of a run, that, and the
    // rest.
    virtual void paintBelow(QPainter& painter) = 0;
    virtual void paintMoving(QPainter& painter) { Q_UNUSED(painter) }
    virtual void paintAbove(QPainter& painter) { Q_UNUSED(painter) }
    /// Everything on which the picture depends but its size, its view and what moves: while that is the same it is not
    /// painted again. Empty: it may be another one each time.
    [[nodiscard]] virtual QVariantList stillState() const { return {}; }
    virtual void paintOver(QPainter& painter) { Q_UNUSED(painter) }  ///< in widget coordinates

    /// Brings the content into the shape that suits a room, before it is fitted into it.
    virtual void arrangeFor(const QSizeF& room) { Q_UNUSED(room) }
    /// Where content may be seen: what lies under a heading is not.
    [[nodiscard]] virtual QRectF contentClip() const { return rect(); }

    /// Keeps the content fitted while the user has not zoomed or moved by hand.
    void contentChanged();
    [[nodiscard]] bool isPanning() const { return m_isPanning; }
    bool beginPan(QMouseEvent* event);
    bool continuePan(QMouseEvent* event);
    bool endPan(QMouseEvent* event);

    /// The user arranges things by hand: the view stays where it is until the face gets another size.
    void hold() { m_followsContent = false; }
    /// What was begun by hand came to nothing: the next change of the content is fitted again.
    void follow() { m_followsContent = true; }
    /// Something hangs on the mouse: nothing may move under it.
    [[nodiscard]] virtual bool isInHand() const { return m_isPanning; }
    /// What lies nearest to a point: of content, that much at least stays in view.
    [[nodiscard]] virtual QRectF nearestPiece(const QPointF& scene) const;

    /// Where the content begins: in view, with as much as possible of what follows, when not all of it fits.
    [[nodiscard]] virtual QRectF startPiece() const { return {}; }

    /// Where to begin near a level so that what is there is not cut.
    [[nodiscard]] virtual double wholeFrom(double level) const { return level; }

    /// Room at the top left that overlays such as a heading need.
    void setFitMargins(const QMarginsF& margins) { m_fitMargins = margins; }
    [[nodiscard]] const QMarginsF& fitMargins() const { return m_fitMargins; }
    void setLargestFit(double zoom) { m_largestFit = zoom; }
    /// Below it things could not be read: content that is larger begins at the left and goes on beyond the edge, at a
    /// zoom that can be read well, for it has to be moved in any case.
    void setSmallestFit(double zoom, double beyond = 0) {
        m_smallestFit = zoom;
        m_zoomBeyond = std::max(zoom, beyond);
    }

    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void moveByHand();
    void keepSomethingInView();
    void paintGrid(QPainter& painter) const;
    void paintGround(QPainter& painter) const;
    /// From here on it is painted in scene coordinates, and only where content may be seen.
    void enterScene(QPainter& painter) const;
    void paintStill();

    double m_zoom = 1.0;
    QPointF m_origin;  ///< scene point at the widget's top left corner
    QMarginsF m_fitMargins{24, 24, 24, 24};
    double m_largestFit = 1.0;
    double m_smallestFit = 0.1;
    double m_zoomBeyond = 0.1;
    bool m_followsContent = true;
    bool m_isMovedByHand = false;  ///< zoomed or moved since it was fitted
    bool m_isPanning = false;
    QPointF m_panFrom;
    QVariantList m_still;  ///< of the two pictures
    QPixmap m_below;
    QPixmap m_above;
};

}  // namespace millrace::widgets
