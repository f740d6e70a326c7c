#pragma once

#include <QFontMetricsF>
#include <QHash>
#include <optional>
#include <utility>

#include "widgets/canvas/zoom_canvas.h"
#include "widgets/cluster/cluster_layout.h"
#include "widgets/cluster/machine_flows.h"
#include "widgets/style/palette.h"

class QMenu;
class QToolButton;

namespace millrace::widgets {

class Selection;
class ToolHand;

/// How much like cards tell of the machines that they run on, all of them alike.
struct LineDetail {
    bool isBesideName = true;  ///< what they are stands beside their names, and not in their last lines
    bool hasNote = true;
    bool hasRack = true;
    bool hasLoad = true;
    bool isLoadAbove = false;  ///< of two orders on several lines the other one
};

/// The physical face: brokers with their partitions as a table, and what else runs on hosts beside them. With a fault
/// tool at hand a click acts; without one it selects.
class PhysicalCanvas final : public ZoomCanvas {
    Q_OBJECT

public:
    PhysicalCanvas(Selection& selection, ToolHand& hand, QWidget* parent = nullptr);

    void setSnapshot(observe::SnapshotPtr snapshot);
    /// The next instant of the same run: messages of what is looked at move on, everything else stays for now.
    void moveTo(const observe::SnapshotPtr& snapshot);

    /// Before there is a run: what is drawn and not started yet.
    void setPlan(observe::SnapshotPtr plan);

    /// Partitions of topics that Kafka keeps for itself are rows too.
    void setShowsInternal(bool shows);

    /// Where things are in widget coordinates, for tests and for guides that point at them.
    [[nodiscard]] QRectF itemInView(const QString& id) const;
    /// Where a broker shows a partition: its strip, or its cell on the map.
    [[nodiscard]] QRectF replicaInView(const QString& partition, const QString& broker) const;
    [[nodiscard]] const ClusterLayout& layoutShown() const { return m_layout; }
    /// The line of offsets under the strips as it is written on a broker's card.
    [[nodiscard]] QString offsetsOn(const QString& broker) const;
    /// What one has to go sideways for; empty while everything is in view.
    [[nodiscard]] QString beyondWords() const;
    /// Names of topics beside the map of cells, with their upper edges in the scene.
    [[nodiscard]] std::vector<std::pair<double, QString>> topicsOfMap() const;
    /// What is said at the left of records that no broker has taken yet; empty while there are none.
    [[nodiscard]] QString heldWords() const;
    /// What is written on a card: name, what stands beside it, and both ends of its last lines.
    [[nodiscard]] QStringList wordsOn(const QString& id) const;
    /// How many things that are down can be found here.
    [[nodiscard]] std::size_t countDown() const;
    /// What is said at the pointer while a tool is in hand: what a click there would do.
    [[nodiscard]] QString hintAt(const QPointF& view) const;
    [[nodiscard]] QRectF reviveInView(const QString& id) const;

signals:
    void faultRequested(const QString& kind, const QString& target);
    void faultPlanned(const QString& kind, const QString& target);
    void reviveRequested(const QString& target);
    void message(const QString& text);
    /// A part was dropped here; the host is empty when it hit none.
    void addRequested(const QString& part, const QString& host);
    void removeRequested(const QStringList& ids);

protected:
    [[nodiscard]] QRectF contentRect() const override;
    void paintBelow(QPainter& painter) override;
    void paintMoving(QPainter& painter) override;
    void paintAbove(QPainter& painter) override;
    [[nodiscard]] QVariantList stillState() const override;
    void paintOver(QPainter& painter) override;
    bool event(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragMoveEvent(QDragMoveEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void relayout();
    void placeSwitch();
    void act(const ClusterItem& item, Qt::KeyboardModifiers modifiers);
    [[nodiscard]] QString idAt(const QPointF& scene) const;
    [[nodiscard]] QString targetOf(const ClusterItem& item) const;
    [[nodiscard]] QString hintOver(const ClusterItem& item) const;
    [[nodiscard]] QString hostOf(const ClusterItem& item) const;
    [[nodiscard]] QString toolTipOf(const ClusterItem& item) const;
    [[nodiscard]] QString toolTipOf(const observe::BrokerView& broker, const observe::ReplicaView& replica) const;
    void fillMenu(QMenu& menu, const ClusterItem& item);

    [[nodiscard]] QFont legible(TextRole role) const;
    [[nodiscard]] int shownRow() const;
    [[nodiscard]] QStringList subjects() const;
    using ItemPainter = void (PhysicalCanvas::*)(QPainter& painter, const ClusterItem& item) const;
    [[nodiscard]] static ItemPainter painterOf(observe::ObjectKind kind);
    void paintHost(QPainter& painter, const ClusterItem& item) const;
    void paintFreeHost(QPainter& painter, const ClusterItem& item) const;
    [[nodiscard]] QString processesOn(const observe::HostView& host, const QFontMetricsF& metrics, double room) const;
    void paintPartitions(QPainter& painter, const ClusterItem& item) const;
    [[nodiscard]] QString countUnder(observe::ObjectKind kind) const;
    void paintCard(QPainter& painter, const ClusterItem& item) const;
    void paintSlot(QPainter& painter, const ClusterItem& item) const;
    void paintHeads(QPainter& painter) const;
    void paintThumbs(QPainter& painter) const;
    void paintFrameOf(QPainter& painter, const ClusterItem& item, double radius) const;
    void paintRevives(QPainter& painter) const;

    // card_words.cpp
    [[nodiscard]] QString downTime(const ClusterItem& item) const;
    [[nodiscard]] QStringList heldIn(const ClusterItem& card) const;

    /// The first line of a card.
    struct HeaderWords {
        QString name;
        QString note;  ///< at the right, or in the last line where it has no room
        QColor color;
    };
    static constexpr double pastMark = 16;  ///< where its name begins
    [[nodiscard]] static QRectF headerLineOf(const ClusterItem& item) {
        return {item.box.left() + 8, item.box.top() + 2, item.box.width() - 16, 27};
    }
    [[nodiscard]] HeaderWords headerOf(const ClusterItem& item) const;
    [[nodiscard]] HeaderWords plainHeaderOf(const ClusterItem& item) const;
    [[nodiscard]] bool hasRoomForStates() const;
    [[nodiscard]] HeaderWords wordsOfHost(const ClusterItem& item) const;
    [[nodiscard]] HeaderWords wordsOfBroker(const ClusterItem& item) const;
    [[nodiscard]] HeaderWords wordsOfServer(const ClusterItem& item) const;
    [[nodiscard]] HeaderWords wordsOfNimbus(const ClusterItem& item) const;
    [[nodiscard]] HeaderWords wordsOfProcess(const ClusterItem& item) const;
    [[nodiscard]] HeaderWords wordsOfService(const ClusterItem& item) const;
    [[nodiscard]] HeaderWords wordsOfSupervisor(const ClusterItem& item) const;
    [[nodiscard]] bool hasButtonBesideName(const ClusterItem& item) const;
    [[nodiscard]] double takenByButton(const ClusterItem& item) const;
    [[nodiscard]] bool fitsBesideName(const ClusterItem& item, const HeaderWords& words) const;
    [[nodiscard]] bool hasRoomForTitles(observe::ObjectKind kind) const;
    [[nodiscard]] QString bytesInto(const ClusterItem& broker) const;
    [[nodiscard]] bool hasNoteBesideName(const ClusterItem& item, const HeaderWords& words) const;
    [[nodiscard]] QFont nameFont(const ClusterItem& item, const QString& name) const;
    void paintHeader(QPainter& painter, const ClusterItem& item) const;

    /// One of the last lines of a card, which tell of its machine.
    struct MachineLine {
        QString left;
        QString right;
        QColor leftColor;
        QColor rightColor;
    };
    [[nodiscard]] static QRectF lineOn(const ClusterItem& item, qsizetype line);
    [[nodiscard]] static qsizetype countOfLines(const ClusterItem& item);
    [[nodiscard]] double widthOf(const QString& left, const QString& right) const;
    [[nodiscard]] const ClusterItem* lineOf(const ClusterItem& card) const;
    [[nodiscard]] bool isPlain(const ClusterItem& line, const ClusterItem& card) const;
    [[nodiscard]] LineDetail detailOf(const ClusterItem& card) const;
    /// A card of which there is nothing to be said that others of its kind have not.
    struct PlainCard {
        const ClusterItem* line = nullptr;
        const ClusterItem* card = nullptr;
        HeaderWords header;
        bool hasRoomForNote = true;  ///< beside its name
    };
    [[nodiscard]] bool fitsWith(const PlainCard& card, const LineDetail& detail) const;
    [[nodiscard]] std::pair<QString, QString> machineOf(const ClusterItem& line, const LineDetail& detail) const;
    [[nodiscard]] QList<MachineLine> plainLines(const PlainCard& plain, const LineDetail& detail) const;
    [[nodiscard]] QList<MachineLine> linesOfBroker(const PlainCard& plain, const LineDetail& detail) const;
    [[nodiscard]] QList<MachineLine> linesOf(const ClusterItem& item) const;
    [[nodiscard]] QList<MachineLine> linesOfAlarm(const ClusterItem& item, const HeaderWords& header) const;
    [[nodiscard]] QList<MachineLine> linesOfTrouble(const ClusterItem& item, const ClusterItem* card) const;
    [[nodiscard]] QList<std::pair<QString, QString>> wordingsOfTrouble(const ClusterItem& item, const ClusterItem* card,
                                                                       bool hasButton, MachineLine& words) const;
    [[nodiscard]] bool isControllerCard(const ClusterItem* card) const;

    [[nodiscard]] QString readersWords() const;

    // partition_painting.cpp
    void paintNames(QPainter& painter) const;
    void paintTopicsOfMap(QPainter& painter, const QRectF& column) const;
    void paintUnread(QPainter& painter) const;
    void paintRowTint(QPainter& painter) const;
    void paintStrip(QPainter& painter, const ClusterItem& item) const;
    void paintMap(QPainter& painter, const ClusterItem& broker) const;
    void paintOffsets(QPainter& painter, const ClusterItem& broker) const;
    [[nodiscard]] QRectF offsetsLineOf(const ClusterItem& broker) const;
    [[nodiscard]] bool isUnreadInView() const;
    [[nodiscard]] QString rowName(int row) const;
    [[nodiscard]] bool isLabelled(std::size_t line) const;

    Selection& m_selection;
    ToolHand& m_hand;
    observe::SnapshotPtr m_snapshot;
    observe::SnapshotPtr m_moving;  ///< the newest one, of which only messages are shown until it is laid out
    quint64 m_version = 1;          ///< of the layout and what it shows
    bool m_isPlan = false;
    ClusterLayout m_layout;
    struct Overview {
        quint64 version = 0;
        double zoom = 0;
        std::vector<const ClusterItem*> cards;
        QHash<QString, std::vector<const ClusterItem*>> lines;  ///< by card
        QHash<int, int> details;                                ///< how much cards tell, by kind
        QString longestBroker;
        std::optional<bool> tellsInternal;  ///< whether all brokers have room for it
        std::optional<bool> tellsStates;    ///< whether all that is down has room for what it is called
    };
    mutable Overview m_overview;
    [[nodiscard]] const Overview& overview() const;
    MachineFlows m_flows;
    QToolButton* m_internal = nullptr;
    bool m_showsInternal = false;
    QString m_hovered;
    int m_hoveredRow = -1;
    bool m_isDropping = false;  ///< a part hangs over the face: the host that would take it is marked
    QPointF m_mouse;
};

}  // namespace millrace::widgets
