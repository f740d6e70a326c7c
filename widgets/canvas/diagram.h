#pragma once

#include <QPointF>
#include <QRectF>
#include <QString>
#include <QStringList>
#include <vector>

#include "engine/observe/object_id.h"
#include "engine/observe/snapshot.h"

namespace millrace::widgets {

/// A card of the logical face as the scenario describes it, before any live figure.
struct DiagramNode {
    QString id;
    observe::ObjectKind kind = observe::ObjectKind::Unknown;
    QString title;
    QString note;     ///< kind or size, at the right of the title: "file", "6 × 3", "4 exec"
    QString summary;  ///< shown while nothing runs
    int executors = 0;
    int partitions = 0;    ///< of a topic
    QPointF position;      ///< top left corner in the scene
    QStringList problems;  ///< one sentence each, empty when the node is valid

    [[nodiscard]] bool hasInput() const;
    [[nodiscard]] bool hasOutput() const;
};

struct DiagramEdge {
    QString from;
    QString to;
    QString label;        ///< grouping such as "fields(status)", empty for a subscription
    QString stream = {};  ///< between spouts and bolts: by which it leaves

    friend bool operator==(const DiagramEdge&, const DiagramEdge&) = default;
};

/// Cards that belong together, such as those of one of several topologies.
struct DiagramGroup {
    QString id;  ///< by which it is selected
    QString title;
    QStringList nodes;
};

/// What the logical face draws: a value made from the scenario document.
struct Diagram {
    std::vector<DiagramNode> nodes;
    std::vector<DiagramEdge> edges;
    std::vector<DiagramGroup> groups;

    [[nodiscard]] const DiagramNode* find(const QString& id) const;
};

/// Whether a wire may be drawn from an object of one kind to one of another.
[[nodiscard]] bool canConnect(observe::ObjectKind from, observe::ObjectKind to);

/// What a card says while the run goes on.
struct LiveFigures {
    std::vector<bool> troubled;  ///< of a topic's partitions those that lack a leader or a replica in sync
    QString strong;
    QString brief;  ///< the same in fewer letters, for narrow cards; empty when there is no shorter way
    QString dim;
    QString dimBrief;  ///< for narrow cards
    QString toolTip;
    double bar = -1;  ///< 0..1 of capacity, below 0 when there is none
    QString barText;  ///< beside the bar
    QString alert;    ///< what is wrong, instead of the bar
    QString alertBrief;
    bool isProgress = false;  ///< the bar says how much is done, and not how busy somebody is
    int executors = 0;
    int idle = 0;  ///< of the executors: those that no worker runs now
    bool isKnown = false;
    bool isTroubled = false;
};

/// The room that its shortest wordings take, whatever happens to it: so no card changes its width with its numbers.
struct LeastWords {
    QStringList strong;
    QStringList dim;
};
/// `readers`: of a topic, those that commit under no group's name.
[[nodiscard]] LeastWords leastWords(const DiagramNode& node, const QStringList& readers = {});

[[nodiscard]] LiveFigures liveFigures(const observe::Snapshot& snapshot, const DiagramNode& node);

/// What flows along an edge.
struct LiveFlow {
    double perSecond = 0;
    std::int64_t queued = 0;
    double pressure = 0;  ///< 0..1: how full the queue at its end is
    QString text;
    QString toolTip;
    bool isKnown = false;
};

/// The streams and wires of a snapshot by what they join: a large drawing asks for thousands. The snapshot is kept.
class FlowIndex {
public:
    explicit FlowIndex(observe::SnapshotPtr snapshot);

    [[nodiscard]] LiveFlow flowOf(const DiagramEdge& edge) const;

private:
    template <typename Joining>
    struct Place {
        std::size_t ends = 0;  ///< the hash of both names
        const Joining* what = nullptr;
        const observe::TopologyView* topology = nullptr;

        bool operator<(const Place& other) const { return ends < other.ends; }
    };

    [[nodiscard]] LiveFlow ofTuples(const std::string& from, const std::string& to) const;

    observe::SnapshotPtr m_snapshot;
    std::vector<Place<observe::StreamView>> m_streams;
    std::vector<Place<observe::WireView>> m_wires;
};

[[nodiscard]] LiveFlow liveFlow(const observe::Snapshot& snapshot, const DiagramEdge& edge);

/// Whether a wire tells a rate by itself; others are told by names that the drawing gives them.
[[nodiscard]] bool tellsRate(const DiagramEdge& edge);

}  // namespace millrace::widgets
