#pragma once

#include <QRectF>
#include <QString>
#include <vector>

#include "engine/observe/snapshot.h"
#include "widgets/cluster/cluster_table.h"

namespace millrace::widgets {

/// One thing on the physical face and the place it takes. What it says is looked up in the views when it is painted.
struct ClusterItem {
    QString id;
    observe::ObjectKind kind = observe::ObjectKind::Unknown;
    observe::LifeState state = observe::LifeState::Running;
    QRectF box;
    QRectF reviveBox;     ///< where "Revive" can be clicked; null while the object is alive
    QString owner;        ///< of a partition strip: the broker; of a slot: the supervisor; of a host's line: its card
    int index = -1;       ///< position of the object in its list of the view
    int childIndex = -1;  ///< of a partition strip: position in the broker's replicas; of a slot: in slots
    int row = -1;         ///< of a partition strip: its row
    observe::Stand stand = observe::Stand::Nowhere;  ///< its kind's
    std::size_t places = 0;                          ///< slots that it has
};

/// A heading over cards: of one kind of processes (servers, supervisors), of services, or of hosts without a process.
struct ClusterHead {
    observe::ObjectKind kind = observe::ObjectKind::Unknown;  ///< the first that stands under it
    QRectF box;                                               ///< over one column
    bool isAgain = false;                                     ///< over a further column of the same
};

/// A row that is drawn as strips.
struct ClusterLine {
    std::size_t row = 0;
    double top = 0;
    double height = 0;
};

/// Where there are more partitions than rows fit, each broker's card has a map of all: a cell at one place in every
/// card is one partition, or as many as have to share it.
struct ClusterMap {
    int columns = 0;  ///< 0: there is no map
    int rows = 0;
    std::size_t perCell = 1;
    double top = 0;
    double left = 0;  ///< from the left edge of a broker's card
    QSizeF cell;

    [[nodiscard]] bool isEmpty() const { return columns == 0; }
    [[nodiscard]] QRectF cellBox(const QRectF& broker, std::size_t cell) const;
};

/// The machines' face as a table: brokers are columns in the order of their numbers, a row is a partition; to their
/// right servers, services, supervisors and hosts without a process stand in columns. A pure function of what there is
/// and of the room, so that nothing jumps while states change, and a window that was once smaller shows the same.
struct ClusterLayout {
    std::vector<ClusterItem> items;  ///< cards first, what lies on them after
    std::vector<ClusterHead> heads;
    std::vector<ClusterRow> rows;
    std::vector<ClusterLine> lines;
    ClusterMap map;
    QRectF names;        ///< column of the rows' names, at the left of the brokers
    QRectF unread;       ///< column of what is not read yet, at their right
    double offsets = 0;  ///< top of the line under the strips that prints the offsets of one row
    double lane = 0;     ///< middle of the lane above the cards in which lines between machines run
    QRectF bounds;
    double scale = 1;  ///< at which it was made for the room

    [[nodiscard]] const ClusterItem* find(const QString& id) const;
    [[nodiscard]] const ClusterItem* at(const QPointF& scene) const;
    /// The partition at a point, on a strip, its name or the map; -1 when there is none.
    [[nodiscard]] int rowAt(const QPointF& scene) const;
    [[nodiscard]] int rowOf(const QString& partition) const;
    [[nodiscard]] const ClusterLine* lineOf(int row) const;
};

[[nodiscard]] ClusterLayout layoutCluster(const observe::Snapshot& snapshot, std::vector<ClusterRow> rows,
                                          const QSizeF& room);
[[nodiscard]] ClusterLayout layoutCluster(const observe::Snapshot& snapshot, const QSizeF& room);

}  // namespace millrace::widgets
