#pragma once

#include <QHash>
#include <QLineF>
#include <QMarginsF>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "widgets/canvas/card_spread.h"
#include "widgets/canvas/diagram.h"
#include "widgets/canvas/wire.h"
#include "widgets/canvas/wire_labels.h"
#include "widgets/canvas/zoom_canvas.h"

class QLineEdit;
class QMenu;

namespace millrace::widgets {

class Selection;
class ToolHand;
struct CardLook;

/// The mime type under which the palette hands a part to the canvas: its data is the part's name.
inline constexpr auto partMimeType = "application/x-millrace-part";

/// The logical face: sources, topics, spouts, bolts and sinks as cards, streams as wires. It shows a diagram and a
/// snapshot and asks for edits by signals; it changes nothing by itself.
class LogicalCanvas final : public ZoomCanvas {
    Q_OBJECT

public:
    LogicalCanvas(Selection& selection, ToolHand& hand, QWidget* parent = nullptr);

    void setDiagram(Diagram diagram);
    void setSnapshot(observe::SnapshotPtr snapshot);
    /// The next instant of the same run: what flows moves on, and what cards and wires say stays for now.
    void moveTo(observe::SnapshotPtr snapshot);
    [[nodiscard]] const Diagram& diagram() const { return m_diagram; }

    /// Where things are in widget coordinates, for tests and for guides that point at them.
    [[nodiscard]] QRectF cardInView(const QString& id) const;
    [[nodiscard]] QPointF outputPortInView(const QString& id) const;
    [[nodiscard]] QPointF inputPortInView(const QString& id) const;
    /// Where the name of an edge stands: between its cards, above or below them; empty when there is no room.
    [[nodiscard]] QRectF labelInView(const QString& from, const QString& to) const;
    /// What is written on a card, row by row.
    [[nodiscard]] QStringList wordsOn(const QString& id) const;
    /// The line that ties a name to its wire; null where it stands at it.
    [[nodiscard]] QLineF tieInView(const QString& from, const QString& to) const;
    /// The wire between two cards, in widget coordinates; empty when there is none.
    [[nodiscard]] QPainterPath wireInView(const QString& from, const QString& to) const;
    /// Where the map of the whole lies: in a corner without cards. Empty while everything is in view or no corner is
    /// free.
    [[nodiscard]] QRectF minimapInView() const;

    /// The place in the drawing nearest to the wanted one at which a card covers no other: in view, as long as there is
    /// one.
    [[nodiscard]] QPointF freePlace(const QPointF& wanted) const;

    /// Around the cards of each group, with its name.
    [[nodiscard]] std::vector<QRectF> framesInView() const;

    /// What is written on a card and had to be cut, in all of those in view.
    [[nodiscard]] QStringList wordsCut() const;

    /// The least height in which all cards can be shown at a size that can be read.
    [[nodiscard]] int leastHeight() const;
    /// The height that they fill when they are as wide as the face.
    [[nodiscard]] int wantedHeight() const;

    /// What can be done with a card, as its menu offers it.
    /// Where wires of a fan leave the view together, in the view, and how many they are: "↑ 9".
    [[nodiscard]] std::vector<std::pair<QRectF, QString>> fansBeyondTheView() const;
    /// What there is on the face, and how much of it is in view.
    [[nodiscard]] QString headingWords() const;
    [[nodiscard]] bool isProcess(const QString& id) const;
    [[nodiscard]] const observe::HostView* hostOf(const QString& id) const;
    void strike(const DiagramNode& node, Qt::KeyboardModifiers modifiers);
    void fillNodeMenu(QMenu& menu, const DiagramNode& node);

public slots:
    void removeSelected();
    void renameSelected();
    void selectAll();

signals:
    void addRequested(const QString& part, const QPointF& position, const QString& spliceFrom, const QString& spliceTo);
    void connectRequested(const QString& from, const QString& to);
    void disconnectRequested(const QString& from, const QString& to, const QString& stream);
    void moveRequested(const QHash<QString, QPointF>& positions);
    void removeRequested(const QStringList& ids);
    void renameRequested(const QString& id, const QString& name);
    void faultRequested(const QString& kind, const QString& target);
    void reviveRequested(const QString& target);
    void faultPlanned(const QString& kind, const QString& target);
    /// That the reader of a pipeline be mended, and its dead letters read once more.
    void mendRequested(const QString& pipeline);
    void quickAddRequested(const QPoint& globalPosition, const QPointF& position);
    void message(const QString& text);
    /// An edge was clicked, or none is marked any longer.
    void edgeSelected(const std::optional<millrace::widgets::DiagramEdge>& edge);

protected:
    [[nodiscard]] QRectF contentRect() const override;
    [[nodiscard]] QRectF contentClip() const override;
    void arrangeFor(const QSizeF& room) override;
    [[nodiscard]] QRectF startPiece() const override;
    [[nodiscard]] double wholeFrom(double level) const override;
    [[nodiscard]] bool isInHand() const override;
    [[nodiscard]] QRectF nearestPiece(const QPointF& scene) const override;
    void paintBelow(QPainter& painter) override;
    void paintMoving(QPainter& painter) override;
    void paintAbove(QPainter& painter) override;
    [[nodiscard]] QVariantList stillState() const override;
    void paintOver(QPainter& painter) override;
    bool event(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragMoveEvent(QDragMoveEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    enum class Gesture { None, Moving, Marquee, Connecting };

    static constexpr double headingHeight = 32;  ///< in pixels, above what is drawn
    static constexpr double groupTitle = 16;     ///< height of the line of a group's name, above its cards
    /// Of a group's frame around its cards.
    static constexpr QMarginsF frameMargins{9, groupTitle + 3, 9, 7};

    /// The wires with which an edge shares its name and one of its ends.
    struct Fan {
        int size = 1;
        bool isNamed = true;    ///< at this one of its wires
        bool isLeaving = true;  ///< one card, or else it arrives at one
        QString key;
        bool tellsRate = false;  ///< the wire has no name of its own and says how much flows
    };

    [[nodiscard]] double roundContent() const;
    [[nodiscard]] QSizeF roomOfFrames() const;
    [[nodiscard]] QRectF boxOf(const DiagramNode& node) const;
    [[nodiscard]] QPointF outputPort(const DiagramNode& node) const;
    [[nodiscard]] QPointF inputPort(const DiagramNode& node) const;
    [[nodiscard]] const std::vector<QRectF>& cards() const;
    [[nodiscard]] const std::vector<Wire>& wires() const;
    [[nodiscard]] std::vector<QRectF> inTheWay() const;
    void routeAll() const;
    [[nodiscard]] QRectF seenContent() const;
    [[nodiscard]] const LiveFlow& flowOf(std::size_t edge) const;
    [[nodiscard]] const LiveFigures& figuresOf(const DiagramNode& node) const;
    [[nodiscard]] QSizeF cardSize() const;
    [[nodiscard]] std::vector<const DiagramNode*> inPaintOrder() const;
    [[nodiscard]] const DiagramNode* nodeAt(const QPointF& scene) const;
    [[nodiscard]] const DiagramNode* portAt(const QPointF& scene, bool output) const;
    [[nodiscard]] const DiagramEdge* edgeAt(const QPointF& scene) const;

    void markEdge(const std::optional<DiagramEdge>& edge);
    [[nodiscard]] CardLook lookOf(const DiagramNode& node) const;
    [[nodiscard]] QString labelOf(std::size_t edge) const;
    [[nodiscard]] QString foldedLabel(std::size_t edge) const;
    [[nodiscard]] bool isNamed(std::size_t edge) const;
    [[nodiscard]] const std::vector<Fan>& fans() const;
    [[nodiscard]] const std::vector<QRectF>& labelBoxes() const;
    [[nodiscard]] QString longestLabel(std::size_t edge) const;
    [[nodiscard]] LabelGround labelGround() const;
    [[nodiscard]] std::vector<std::size_t> inOrderOfRoom() const;
    [[nodiscard]] LabelWish wishOf(std::size_t edge) const;
    [[nodiscard]] QRectF pillOf(std::size_t edge) const;
    [[nodiscard]] QPointF freeOnFace(const QPointF& wanted) const;
    void forgetWires();

    /// Wires of fans that leave the view at one side: one of them is drawn, the others go with it.
    struct FanRest {
        std::size_t drawn = 0;
        int size = 0;
        bool isAbove = false;
        QString key;
    };
    [[nodiscard]] std::vector<FanRest> fanRests(std::vector<bool>* areFolded) const;
    [[nodiscard]] QPointF placeOf(const FanRest& rest) const;
    [[nodiscard]] QRectF pillOf(const FanRest& rest, const QString& words) const;
    void paintFanRests(QPainter& painter) const;

    [[nodiscard]] QString nearPort() const;
    [[nodiscard]] QRectF frameOf(const DiagramGroup& group) const;
    [[nodiscard]] QRectF captionOf(const DiagramGroup& group) const;
    [[nodiscard]] const DiagramGroup* groupTitledAt(const QPointF& scene) const;
    void paintGroups(QPainter& painter) const;

    void paintEdges(QPainter& painter);
    void paintArrow(QPainter& painter, std::size_t edge) const;
    void paintLabels(QPainter& painter);
    void paintCards(QPainter& painter);
    const std::vector<std::vector<double>>& flightsOnWires();
    void paintTokens(QPainter& painter);
    void paintGesture(QPainter& painter);
    void paintMinimap(QPainter& painter) const;
    void paintEmptyHint(QPainter& painter) const;

    void advanceFlow();
    void fillLeaders(QMenu& menu, std::string_view topic);
    [[nodiscard]] QPointF dropPlace(const QPointF& scene) const;
    void finishConnecting(const QPointF& scene);
    void showToolTip(const QPoint& global, const QPointF& scene);
    void selectNeighbour(int direction);

    Selection& m_selection;
    ToolHand& m_hand;
    Diagram m_diagram;
    QHash<QString, std::size_t> m_places;  ///< of its cards, by id, as the drawing came
    CardSpread m_spread;
    observe::SnapshotPtr m_snapshot;
    double m_flowPhase = 0;  ///< how far the pattern of density dots has moved, in pixels
    SimTime m_flowAt{};
    // Worked out once for a picture of the run, of what is in view, and not with every movement of the mouse.
    quint64 m_version = 1;                                            ///< of cards, wires and what they say
    mutable std::optional<FlowIndex> m_flowIndex;                     ///< of the snapshot
    mutable std::vector<std::optional<LiveFlow>> m_flows;             ///< by edge
    mutable std::vector<std::optional<LiveFigures>> m_figures;        ///< by node
    mutable std::vector<Wire> m_wires;                                ///< by edge; made anew when cards move
    mutable std::vector<QRectF> m_reaches;                            ///< by edge: within which its wire runs
    mutable std::vector<QRectF> m_cards;                              ///< by node; made anew when cards move
    mutable std::vector<std::pair<std::size_t, std::size_t>> m_ends;  ///< by edge: the nodes that it joins, if it does
    mutable std::vector<Fan> m_fans;                                  ///< by edge
    mutable std::vector<QRectF> m_labels;                             ///< by edge, for the zoom below
    mutable std::vector<bool> m_isLabelled;                           ///< by edge, when they were placed
    mutable std::vector<bool> m_isBroken;                             ///< by edge: its name stands on two lines
    mutable double m_labelsZoom = 0;                                  ///< 0: not placed

    /// An edge by what it joins.
    struct Joined {
        std::string from;
        std::string to;
        std::size_t edge = 0;
    };
    std::unordered_multimap<std::size_t, Joined> m_edgesOfEnds;  ///< by the hash of both; made anew with the drawing
    std::vector<std::vector<double>> m_flights;                  ///< by edge: kept for its room

    Gesture m_gesture = Gesture::None;
    QPointF m_pressedAt;
    QPointF m_mouse;
    QString m_hovered;
    std::optional<DiagramEdge> m_hoveredEdge;
    std::optional<DiagramEdge> m_selectedEdge;
    QString m_connectFrom;
    QPointF m_moved;  ///< offset of the selected cards while they are dragged
    std::optional<QPointF> m_dropAt;
    bool m_followedBeforeDrag = false;
    QLineEdit* m_renameEdit = nullptr;
};

}  // namespace millrace::widgets
