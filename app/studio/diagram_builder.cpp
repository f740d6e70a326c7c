#include "app/studio/diagram_builder.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <algorithm>
#include <cmath>
#include <map>

#include "app/studio/graph_edits.h"
#include "app/studio/graph_values.h"
#include "app/studio/object_path.h"
#include "app/studio/property_sheets.h"
#include "engine/flow/layout.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/flow_of.h"
#include "engine/scenario/operators.h"
#include "engine/scenario/shape/shape.h"
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

/// What its size is, for a kind that is no operator.
void describeTopic(const Value* object, widgets::DiagramNode& node) {
    node.note = QStringLiteral("%1 × %2").arg(numberOf(object, "partitions", 1)).arg(numberOf(object, "replicas", 1));
    node.partitions = static_cast<int>(numberOf(object, "partitions", 1));
    node.summary = node.partitions == 1 ? tr("1 partition") : tr("%1 partitions").arg(node.partitions);
}

/// Kinds whose cards say more than the row of their operator does.
struct CardPage {
    ObjectKind kind;
    void (*describe)(const Value* object, widgets::DiagramNode& node);
};
constexpr CardPage cardPages[] = {{ObjectKind::Topic, describeTopic}};

widgets::DiagramNode makeNode(const Value& root, const flow::Node& drawn) {
    const std::vector<std::string> path = pathOf(root, drawn.id);
    const Value* object = scenario::valueAt(root, scenario::Path(path));
    widgets::DiagramNode node;
    node.id = QString::fromStdString(drawn.id);
    node.kind = drawn.kind;
    node.title = QString::fromStdString(drawn.title);
    const auto* page = std::find_if(std::begin(cardPages), std::end(cardPages),
                                    [&](const CardPage& each) { return each.kind == node.kind; });
    if (page != std::end(cardPages)) {
        page->describe(object, node);
        return node;
    }
    // Where there is one kind of them, its name tells nothing.
    const bool hasKinds = scenario::operatorsOf(node.kind).size() > 1;
    node.note = hasKinds ? textOf(object, "kind") : tr(observe::rowOf(node.kind).word.data());
    node.summary = summaryOf(object, node.kind);
    const scenario::Shape* shape = scenario::shapeAt(path);
    if (shape != nullptr && shape->find("executors") != nullptr) {
        node.executors = static_cast<int>(numberOf(object, "executors", 1));
    }
    return node;
}

/// What is written beside a wire: by which stream it leaves and how it is dealt out. What is filled, and from what, is
/// seen.
widgets::DiagramEdge makeEdge(const flow::Graph& graph, const flow::Edge& drawn) {
    widgets::DiagramEdge edge{QString::fromStdString(drawn.from), QString::fromStdString(drawn.to), {}, {}};
    if (drawn.kind == flow::EdgeKind::Stream) {
        edge.stream = QString::fromStdString(drawn.port);
        edge.label = QString::fromStdString(drawn.label);
        if (drawn.port != "default") {
            edge.label = QStringLiteral("%1: %2").arg(edge.stream, edge.label);
        }
    } else if (drawn.kind == flow::EdgeKind::Write) {
        // What is written to several ends differs.
        const auto isOfIt = [&](const flow::Edge& each) { return each.from == drawn.from; };
        if (std::count_if(graph.edges.begin(), graph.edges.end(), isOfIt) > 1) {
            edge.label = QString::fromStdString(drawn.label);
        }
    }
    return edge;
}

/// What has a card on the logical face; clients are listed and stand on the machines.
flow::Graph cardsOf(flow::Graph graph) {
    const auto isNone = [](ObjectKind kind) { return !observe::rowOf(kind).isCard; };
    std::erase_if(graph.nodes, [&](const flow::Node& node) { return isNone(node.kind); });
    std::erase_if(graph.edges, [&](const flow::Edge& edge) {
        return isNone(observe::kindOf(edge.from)) || isNone(observe::kindOf(edge.to));
    });
    return graph;
}

/// With one topology there is nothing to tell apart.
std::vector<widgets::DiagramGroup> groupsOf(const Value& root, const flow::Graph& graph) {
    std::vector<widgets::DiagramGroup> groups;
    const auto names = values::keysAt(root, {"topologies"});
    for (const std::string& name : names.size() < 2 ? std::vector<std::string>() : names) {
        widgets::DiagramGroup group{topologySheet(name), tr("topology %1").arg(widgets::format::text(name)), {}};
        for (const flow::Node& node : graph.nodes) {
            const bool isComponent = observe::rowOf(node.kind).isOfJob();
            const std::string_view whole = observe::nameOf(node.id);
            if (isComponent && whole.substr(0, whole.find('/')) == name) {
                group.nodes.append(QString::fromStdString(node.id));
            }
        }
        if (!group.nodes.isEmpty()) {
            groups.push_back(std::move(group));
        }
    }
    return groups;
}

void layOut(widgets::Diagram& diagram, const flow::Graph& graph, const std::vector<bool>& isPlaced) {
    double widestLabel = 0;
    const QFontMetricsF metrics(widgets::textFont(widgets::TextRole::Caption));
    for (const widgets::DiagramEdge& edge : diagram.edges) {
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
    std::map<std::string, QStringList, std::less<>> complaints;
    for (const observe::ProblemView& problem : problems) {
        complaints[problem.object].append(widgets::format::text(problem.text));
    }
    const flow::Graph graph = cardsOf(scenario::flowOf(root));
    for (const flow::Node& drawn : graph.nodes) {
        widgets::DiagramNode node = makeNode(root, drawn);
        auto position = positionOf(root, drawn.id);
        if (const auto found = known.find(drawn.id); !position && found != known.end()) {
            position = found->second;
        }
        isPlaced.push_back(position.has_value());
        if (position) {
            node.position = QPointF(position->x, position->y);
        }
        if (const auto found = complaints.find(drawn.id); found != complaints.end()) {
            node.problems = found->second;
        }
        diagram.nodes.push_back(std::move(node));
    }
    for (const flow::Edge& edge : graph.edges) {
        diagram.edges.push_back(makeEdge(graph, edge));
    }
    diagram.groups = groupsOf(root, graph);
    if (std::find(isPlaced.begin(), isPlaced.end(), false) != isPlaced.end()) {
        layOut(diagram, graph, isPlaced);
    }
    return diagram;
}

}  // namespace millrace::studio
