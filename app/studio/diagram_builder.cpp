#include "app/studio/diagram_builder.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <algorithm>
#include <cmath>
#include <set>

#include "app/studio/graph_edits.h"
#include "app/studio/object_path.h"
#include "engine/flow/layout.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/operators.h"
#include "widgets/canvas/card_painter.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::studio {

using observe::ObjectKind;
using scenario::Value;

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("DiagramBuilder", text);
}

QString textOf(const Value* object, std::string_view key) {
    const Value* value = object == nullptr ? nullptr : object->find(key);
    return value == nullptr ? QString() : QString::fromStdString(value->asText());
}

std::int64_t numberOf(const Value* object, std::string_view key, std::int64_t otherwise) {
    const Value* value = object == nullptr ? nullptr : object->find(key);
    return value == nullptr || !value->isInteger() ? otherwise : value->asInteger();
}

flow::NodeKind flowKind(ObjectKind kind) {
    switch (kind) {
        case ObjectKind::Source:
            return flow::NodeKind::Source;
        case ObjectKind::Spout:
            return flow::NodeKind::Spout;
        case ObjectKind::Bolt:
            return flow::NodeKind::Bolt;
        case ObjectKind::Sink:
            return flow::NodeKind::Sink;
        default:
            return flow::NodeKind::Topic;
    }
}

/// The parameter of a component that says most about it.
QString summaryOf(const Value* object, flow::NodeKind node) {
    const flow::Operator* row = object == nullptr ? nullptr : scenario::operatorOf(node, *object);
    for (const std::string_view key : row == nullptr ? std::vector<std::string_view>() : row->summary) {
        const Value* value = object->find(key);
        if (value != nullptr && flow::isList(row->find(key)->type)) {
            QStringList texts;
            for (const Value& item : value->items()) {
                texts.append(QString::fromStdString(item.asText()));
            }
            return texts.join(QStringLiteral(", "));
        }
        if (const QString text = textOf(object, key); !text.isEmpty()) {
            return text;
        }
    }
    return {};
}

widgets::DiagramNode makeNode(const Value& root, const observe::ObjectId& id) {
    const Value* object = scenario::valueAt(root, scenario::Path(pathOf(root, id)));
    widgets::DiagramNode node;
    node.id = QString::fromStdString(id);
    node.kind = observe::kindOf(id);
    const QString name = QString::fromStdString(std::string(observe::nameOf(id)));
    node.title = name.mid(name.indexOf(QLatin1Char('/')) + 1);
    node.note = textOf(object, "kind");
    switch (node.kind) {
        case ObjectKind::Source:
            node.summary = summaryOf(object, flowKind(node.kind));
            break;
        case ObjectKind::Topic:
            node.note =
                QStringLiteral("%1 × %2").arg(numberOf(object, "partitions", 1)).arg(numberOf(object, "replicas", 1));
            node.partitions = static_cast<int>(numberOf(object, "partitions", 1));
            node.summary = node.partitions == 1 ? tr("1 partition") : tr("%1 partitions").arg(node.partitions);
            break;
        case ObjectKind::Spout:
            node.note = tr("spout");
            [[fallthrough]];
        case ObjectKind::Bolt:
            node.executors = static_cast<int>(numberOf(object, "executors", 1));
            node.summary = summaryOf(object, flowKind(node.kind));
            break;
        case ObjectKind::Sink:
            node.summary = summaryOf(object, flowKind(node.kind));
            break;
        default:
            break;
    }
    return node;
}

void layOut(widgets::Diagram& diagram, const std::vector<bool>& isPlaced) {
    flow::Graph graph;
    double widestLabel = 0;
    const QFontMetricsF metrics(widgets::textFont(widgets::TextRole::Caption));
    for (const widgets::DiagramNode& node : diagram.nodes) {
        graph.nodes.push_back({node.id.toStdString(), flowKind(node.kind), {}, {}});
    }
    for (const widgets::DiagramEdge& edge : diagram.edges) {
        graph.edges.push_back({edge.from.toStdString(), edge.to.toStdString(), flow::EdgeKind::Stream, "default", {}});
        widestLabel = std::max(widestLabel, metrics.horizontalAdvance(edge.label));
    }
    // The face makes of it what its room permits.
    constexpr double usualGap = 72;
    constexpr double mostGap = 82;
    flow::LayoutOptions options;
    options.nodeWidth = widgets::cardWidth;
    options.nodeHeight = widgets::cardHeight;
    options.gapBetweenLayers = std::clamp(widestLabel + 26, usualGap, mostGap);
    options.gapWithinLayer = 20;
    const auto centres = flow::layeredLayout(graph, options);
    for (std::size_t i = 0; i < diagram.nodes.size(); ++i) {
        const auto centre = centres.find(diagram.nodes[i].id.toStdString());
        if (!isPlaced[i] && centre != centres.end()) {
            const QPointF corner(centre->second.x - options.nodeWidth / 2, centre->second.y - options.nodeHeight / 2);
            diagram.nodes[i].position = QPointF(std::round(corner.x()), std::round(corner.y()));
        }
    }
}

}  // namespace

widgets::Diagram buildDiagram(const Value& root, const std::vector<observe::ProblemView>& problems,
                              const Places& known) {
    widgets::Diagram diagram;
    std::vector<bool> isPlaced;
    for (const observe::ObjectId& id : logicalObjects(root)) {
        widgets::DiagramNode node = makeNode(root, id);
        auto position = positionOf(root, id);
        if (const auto found = known.find(id); !position && found != known.end()) {
            position = found->second;
        }
        isPlaced.push_back(position.has_value());
        if (position) {
            node.position = QPointF(position->x, position->y);
        }
        for (const observe::ProblemView& problem : problems) {
            if (problem.object == id) {
                node.problems.append(widgets::format::text(problem.text));
            }
        }
        diagram.nodes.push_back(std::move(node));
    }
    for (const Wire& wire : logicalWires(root)) {
        diagram.edges.push_back(
            {QString::fromStdString(wire.from), QString::fromStdString(wire.to), QString::fromStdString(wire.label)});
    }
    if (std::find(isPlaced.begin(), isPlaced.end(), false) != isPlaced.end()) {
        layOut(diagram, isPlaced);
    }
    return diagram;
}

}  // namespace millrace::studio
