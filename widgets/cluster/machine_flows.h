#pragma once

#include <QPainterPath>
#include <QString>
#include <QStringList>
#include <optional>
#include <unordered_set>
#include <vector>

#include "widgets/cluster/cluster_layout.h"

class QPainter;

namespace millrace::widgets {

/// What was seen to go from one machine's process to another's of late.
struct Traffic {
    QString from;
    QString to;
    QString kind;  ///< of its newest message
    SimTime seen{};
    std::optional<double> share;  ///< how far the newest is on its way, none when it has arrived
};

/// Lines between machines: they run in the gutters beside the cards and in the lane above them, never over a card, end
/// in an arrowhead, and carry what is sent. Drawn for what somebody looks at, or for the few messages in the air when
/// the run is stepped.
class MachineFlows {
public:
    void take(const observe::Snapshot& snapshot);
    void clear() { m_traffic.clear(); }

    /// What goes to or from the subjects, or all that is in the air when there is no subject and it is little.
    [[nodiscard]] std::vector<Traffic> of(const QStringList& subjects, const observe::Snapshot& snapshot) const;

    /// The way of a line in the layout; empty when one of the two is not on the face or both are one.
    [[nodiscard]] static QPainterPath way(const ClusterLayout& layout, const QString& from, const QString& to,
                                          int lane);

    /// The name of a message, on its line.
    struct Pill {
        QRectF box;
        QString text;
    };
    /// Names of the messages, where they are seen whole and cover neither a card nor another name.
    [[nodiscard]] static std::vector<Pill> pills(const ClusterLayout& layout, const std::vector<Traffic>& traffic,
                                                 const QRectF& seen);

    static void paint(QPainter& painter, const ClusterLayout& layout, const std::vector<Traffic>& traffic,
                      const QRectF& seen);

private:
    std::vector<Traffic> m_traffic;  ///< newest first
    SimTime m_now{};
};

}  // namespace millrace::widgets
