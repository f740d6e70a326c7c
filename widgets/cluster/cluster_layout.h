#pragma once

#include <QRectF>
#include <QString>
#include <map>
#include <vector>

#include "engine/observe/snapshot.h"

namespace millrace::widgets {

/// One thing on the physical face and the place it takes. What it says is looked up in the views when it is painted.
struct ClusterItem {
    QString id;
    observe::ObjectKind kind = observe::ObjectKind::Unknown;
    observe::LifeState state = observe::LifeState::Running;
    QRectF box;
    QRectF captionBox;  ///< of a host: where its name stands
    QRectF reviveBox;   ///< where "Revive" can be clicked; null while the object is alive
    QString owner;      ///< of a partition strip: the broker; of a slot: the supervisor
    int index = -1;     ///< position of the object in its list of the view
    int childIndex =
        -1;  ///< of a partition strip: position in the broker's replicas, -1 for the map of all; of a slot: in slots
};

/// Hosts as frames in columns, in each what runs on it. A pure function of the views and of the shape of the room, so
/// that nothing jumps while states change.
struct ClusterLayout {
    std::vector<ClusterItem> items;  ///< frames first, what lies in them after
    QRectF bounds;

    [[nodiscard]] const ClusterItem* find(const QString& id) const;
    [[nodiscard]] const ClusterItem* at(const QPointF& scene) const;
};

/// Topics that Kafka keeps for itself, such as `__consumer_offsets` with its fifty partitions: they are not drawn.
[[nodiscard]] bool isInternalTopic(std::string_view name);

/// Whether so few topics are drawn that a partition's number says enough.
[[nodiscard]] bool hasOneTopic(const observe::ClusterView& cluster);

/// What is kept of earlier layouts of one run, so that a place depends on what there is and not on how it fares: a
/// broker that starts again knows none of its replicas for a while, and keeps the room for them.
struct ClusterSeats {
    std::map<observe::ObjectId, std::size_t> strips;  ///< by broker: the most that it had
    std::size_t columns = 0;
};

[[nodiscard]] ClusterLayout layoutCluster(const observe::Snapshot& snapshot, double aspectRatio, ClusterSeats& seats);
[[nodiscard]] ClusterLayout layoutCluster(const observe::Snapshot& snapshot, double aspectRatio);

/// How full a strip is drawn. Lengths of partitions compare with the longest of their topic on a linear scale; what a
/// replica lacks to its partition's end is on a logarithmic one, so that three records behind can be seen among
/// millions.
[[nodiscard]] double stripShare(std::int64_t offset, std::int64_t logStart, std::int64_t partitionEnd,
                                std::int64_t topicEnd);

}  // namespace millrace::widgets
