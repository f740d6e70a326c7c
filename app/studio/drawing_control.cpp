#include "app/studio/drawing_control.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMenu>
#include <algorithm>
#include <utility>

#include "app/studio/diagram_builder.h"
#include "app/studio/graph_copies.h"
#include "app/studio/graph_values.h"
#include "app/studio/object_path.h"
#include "app/studio/parts.h"
#include "app/studio/property_input.h"
#include "app/studio/property_sheets.h"
#include "engine/scenario/document/edit.h"
#include "widgets/canvas/card_painter.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/inspector/property_editor.h"
#include "widgets/models/selection.h"
#include "widgets/style/format.h"

namespace millrace::studio {

using widgets::format::text;
using widgets::format::titleOf;

namespace {

/// The topology that this is, or is a part of; empty for others.
std::string topologyWith(const std::string& id) {
    const std::string name = id.substr(id.find(':') + 1);
    const bool isComponent = id.starts_with("spout:") || id.starts_with("bolt:");
    return isComponent || id.starts_with("topology:") ? name.substr(0, name.find('/')) : std::string();
}

}  // namespace

DrawingControl::DrawingControl(ScenarioDocument& document, RunControl& run, FaultControl& faults,
                               widgets::Selection& selection, QObject* parent)
    : QObject(parent), m_document(document), m_run(run), m_faults(faults), m_selection(selection) {}

void DrawingControl::serve(widgets::LogicalCanvas& logical, widgets::PhysicalCanvas& physical,
                           widgets::InspectorPanel& inspector) {
    using widgets::LogicalCanvas;
    m_logical = &logical;
    connect(&logical, &LogicalCanvas::addRequested, this, &DrawingControl::addAt);
    connect(&logical, &LogicalCanvas::quickAddRequested, this, &DrawingControl::quickAdd);
    connect(&logical, &LogicalCanvas::connectRequested, this, &DrawingControl::connectCards);
    connect(&logical, &LogicalCanvas::disconnectRequested, this,
            [this](const QString& from, const QString& to, const QString& stream) {
                if (auto edited = disconnectObjects(m_document.root(), from.toStdString(), to.toStdString(),
                                                    stream.toStdString())) {
                    m_document.apply(tr("Disconnect %1 from %2").arg(titleOf(from), titleOf(to)),
                                     withPlaces(edited->root, placesSeen()));
                }
            });
    connect(&logical, &LogicalCanvas::moveRequested, this, &DrawingControl::move);
    connect(&logical, &LogicalCanvas::removeRequested, this, &DrawingControl::remove);
    connect(&logical, &LogicalCanvas::renameRequested, this, &DrawingControl::rename);
    connect(&physical, &widgets::PhysicalCanvas::addRequested, this, &DrawingControl::addOnHost);
    connect(&physical, &widgets::PhysicalCanvas::removeRequested, this, &DrawingControl::remove);
    connect(&inspector, &widgets::InspectorPanel::propertyEdited, this, &DrawingControl::editProperty);
    inspector.properties().setReader([this](const widgets::Property& property, const QString& typed) {
        return readProperty(m_document.root(), m_document.file(), property, typed);
    });
    connect(&inspector.properties(), &widgets::PropertyEditor::refused, this,
            [this](const QString& name, const QString& problem) {
                if (!m_refusal.isEmpty()) {
                    emit unsaid(std::exchange(m_refusal, QString()));
                }
                if (!problem.isEmpty()) {
                    m_refusal = tr("%1 stays as it was: %2").arg(name, problem);
                    emit said(m_refusal);
                }
            });
}

bool DrawingControl::show() {
    const bool isAnother = std::exchange(m_placesOf, m_document.number()) != m_document.number();
    if (isAnother) {
        m_places.clear();
    }
    m_logical->setDiagram(buildDiagram(m_document.root(), m_document.problems(), m_places));
    for (const auto& [id, place] : placesSeen()) {
        m_places.try_emplace(id, place);  // what moved since has its place in the document
    }
    return isAnother;
}

void DrawingControl::connectCards(const QString& from, const QString& to) {
    if (auto edited = connectObjects(m_document.root(), from.toStdString(), to.toStdString())) {
        Places places = placesSeen();
        if (!edited->object.empty()) {
            const Between between = placeBetween(places, from.toStdString(), to.toStdString(),
                                                 QSizeF(widgets::cardWidth, widgets::cardHeight));
            const auto moved = places.find(to.toStdString());
            const bool isMoved =
                moved != places.end() && values::at(edited->root, pathOf(edited->root, to.toStdString())) == nullptr;
            const Position stays = isMoved ? moved->second : Position();
            places = between.places;
            places[edited->object] = isMoved ? stays : freeUnlessFitted(between);
        }
        edited->root = withPlaces(edited->root, places);
        m_document.apply(tr("Connect %1 to %2").arg(titleOf(from), titleOf(to)), edited->root);
        if (!edited->note.empty()) {
            emit said(text(edited->note));
        }
    } else {
        const std::string own = topologyWith(from.toStdString());
        const std::string other = topologyWith(to.toStdString());
        emit said(own.empty() || other.empty() || own == other
                      ? tr("%1 cannot feed %2").arg(titleOf(from), titleOf(to))
                      : tr("%1 cannot feed %2: a stream does not leave its topology, and %2 has wires in another")
                            .arg(titleOf(from), titleOf(to)));
    }
}

void DrawingControl::move(const QHash<QString, QPointF>& positions) {
    // Cards that were laid out by rule keep their places from now on, or one move would shift the others.
    Places all;
    for (const widgets::DiagramNode& node : m_logical->diagram().nodes) {
        const QPointF at = positions.value(node.id, node.position);
        all[node.id.toStdString()] = {at.x(), at.y()};
    }
    const QString key = QStringLiteral("move ") + QStringList(positions.keys()).join(QLatin1Char(' '));
    m_document.apply(positions.size() == 1 ? tr("Move %1").arg(titleOf(positions.cbegin().key()))
                                           : tr("Move %1 cards").arg(positions.size()),
                     moveObjects(m_document.root(), all), key);
}

void DrawingControl::rename(const QString& id, const QString& name) {
    if (auto edited = renameObject(m_document.root(), id.toStdString(), name.toStdString())) {
        Places places = placesSeen();
        if (const auto card = places.find(id.toStdString()); card != places.end()) {
            places[edited->object] = card->second;
        }
        m_document.apply(tr("Rename %1 to %2").arg(titleOf(id), name), withPlaces(edited->root, places));
        m_selection.select(QString::fromStdString(edited->object));
    } else {
        emit said(tr("The name %1 is taken").arg(name));
    }
}

/// Each to the one after it.
void DrawingControl::connectSelected() {
    const QStringList ids = m_selection.ids();
    for (qsizetype i = 0; i + 1 < ids.size(); ++i) {
        connectCards(ids[i], ids[i + 1]);
    }
}

void DrawingControl::editProperty(const QString& path, const QString& value) {
    auto edited = withProperty(m_document.root(), path, value);
    if (!edited) {
        return;
    }
    const QString name = editName(m_document.root(), path, value);
    const auto steps = scenario::Path::parse(path.toStdString(), m_document.root()).steps();
    if (const auto fault = steps.size() == 3 && steps[0] == "faults" ? scenario::indexOf(steps[1]) : std::nullopt) {
        m_faults.edit(name, *fault, steps[2], value);
        return;
    }
    m_run.edit(name, std::move(*edited));
}

void DrawingControl::remove(const QStringList& ids) {
    std::vector<observe::ObjectId> objects;
    for (const QString& id : ids) {
        objects.push_back(id.toStdString());
    }
    if (auto edited = removeObjects(m_document.root(), objects)) {
        m_selection.clear();
        m_document.apply(
            ids.size() == 1 ? tr("Delete %1").arg(titleOf(ids.first())) : tr("Delete %1 cards").arg(ids.size()),
            withPlaces(edited->root, placesSeen()));
    } else if (!ids.isEmpty()) {
        emit said(tr("%1 cannot be deleted: it is not a part of the scenario's text").arg(titleOf(ids.first())));
    }
}

/// The selected cards as a text. Cards that were laid out by rule get the places at which they are seen.
QString DrawingControl::selectedCards() const {
    std::vector<observe::ObjectId> ids;
    for (const QString& id : m_selection.ids()) {
        ids.push_back(id.toStdString());
    }
    return QString::fromStdString(copyObjects(moveObjects(m_document.root(), placesSeen()), ids));
}

void DrawingControl::copy() {
    if (const QString cards = selectedCards(); !cards.isEmpty()) {
        QGuiApplication::clipboard()->setText(cards);
    }
}

void DrawingControl::pasteFromClipboard() {
    paste(QGuiApplication::clipboard()->text());
}

void DrawingControl::duplicate() {
    paste(selectedCards());
}

void DrawingControl::paste(const QString& words) {
    constexpr Position beside{24, widgets::cardHeight + 24};
    auto pasted = pasteObjects(m_document.root(), words.toStdString(), beside);
    if (!pasted) {
        emit said(tr("There are no cards to paste: select some and copy them first"));
        return;
    }
    QStringList ids;
    for (const observe::ObjectId& id : pasted->objects) {
        ids.append(QString::fromStdString(id));
    }
    m_document.apply(ids.size() == 1 ? tr("Paste %1").arg(titleOf(ids.first())) : tr("Paste %1 cards").arg(ids.size()),
                     moveObjects(pasted->root, placesSeen()));
    m_selection.select(ids);
}

void DrawingControl::addOnHost(const QString& part, const QString& host) {
    const std::string name(observe::nameOf(host.toStdString()));
    const auto edited = addProcess(m_document.root(), part.toStdString(), name);
    if (!edited) {
        addInView(part);  // what flows belongs on the logical face, wherever it was dropped
        return;
    }
    const QString id = QString::fromStdString(edited->object);
    m_document.apply(tr("Add %1").arg(titleOf(id)), edited->root);
    m_selection.select(id);
}

/// The cards as they are seen, those among them that were laid out by rule too: an edit moves none of them.
Places DrawingControl::placesSeen() const {
    Places places;
    for (const widgets::DiagramNode& node : m_logical->diagram().nodes) {
        places[node.id.toStdString()] = {node.position.x(), node.position.y()};
    }
    return places;
}

/// A face that is not fitted again has the distances that it had: the card goes where it covers none of the others.
Position DrawingControl::freeUnlessFitted(const Between& between) const {
    if (m_logical->followsContent() || between.moved > 0) {
        return between.position;
    }
    const QPointF place = m_logical->freePlace(QPointF(between.position.x, between.position.y));
    return {place.x(), place.y()};
}

void DrawingControl::addAt(const QString& part, const QPointF& wanted, const QString& spliceFrom,
                           const QString& spliceTo) {
    const QPointF position = m_logical->freePlace(wanted);
    const QString neighbour = spliceFrom.isEmpty() ? m_selection.current() : spliceFrom;
    auto edited = addPart(m_document.root(), part.toStdString(), {position.x(), position.y()},
                          topologyWith(neighbour.toStdString()));
    if (!edited) {
        return;
    }
    if (!spliceFrom.isEmpty()) {
        spliceIn(*edited, spliceFrom, spliceTo);
        return;
    }
    m_document.apply(tr("Add %1").arg(titleOf(QString::fromStdString(edited->object))),
                     moveObjects(edited->root, placesSeen()));
    m_selection.select(QString::fromStdString(edited->object));
}

/// Dropped on a wire: it goes in between, if both ends can be joined to it.
void DrawingControl::spliceIn(const Edited& added, const QString& from, const QString& to) {
    const QString title = titleOf(QString::fromStdString(added.object));
    const auto cut = disconnectObjects(added.root, from.toStdString(), to.toStdString());
    const auto first = cut ? connectObjects(cut->root, from.toStdString(), added.object) : std::nullopt;
    const auto second = first ? connectObjects(first->root, added.object, to.toStdString()) : std::nullopt;
    Places places = placesSeen();
    bool hasMoved = false;
    if (second) {
        const Between between =
            placeBetween(places, from.toStdString(), to.toStdString(), QSizeF(widgets::cardWidth, widgets::cardHeight));
        places = between.places;
        places[added.object] = freeUnlessFitted(between);
        hasMoved = between.moved > 0;
        if (hasMoved) {
            emit said(tr("%1 stands between %2 and %3; what follows moved on to make room")
                          .arg(title, titleOf(from), titleOf(to)));
        }
    }
    m_document.apply(tr("Add %1").arg(title), withPlaces(second ? second->root : added.root, places));
    if (hasMoved) {
        m_logical->fitUnlessMoved();
    }
    m_selection.select(QString::fromStdString(added.object));
}

void DrawingControl::addInView(const QString& part) {
    // Right of everything, where the flow goes on, as long as that can be seen.
    const auto& nodes = m_logical->diagram().nodes;
    const auto last = std::max_element(nodes.begin(), nodes.end(),
                                       [](const auto& a, const auto& b) { return a.position.x() < b.position.x(); });
    addAt(part, last == nodes.end() ? QPointF() : last->position + QPointF(placeWidth, 0), {}, {});
    const QRectF card = m_logical->cardInView(m_selection.current());
    if (!card.isEmpty() && !QRectF(m_logical->rect()).contains(card)) {
        m_logical->fit();  // no hand holds anything: the view may make room
    }
}

void DrawingControl::quickAdd(const QPoint& global, const QPointF& position) {
    QMenu menu;
    QString group;
    for (const widgets::Part& part : parts()) {
        if (part.group != group) {
            group = part.group;
            menu.addSection(group);
        }
        menu.addAction(part.title, this, [this, name = part.name, position] {
            addAt(name, position - QPointF(widgets::cardWidth, widgets::cardHeight) / 2, {}, {});
        });
    }
    menu.exec(global);
}

void DrawingControl::arrange() {
    if (auto root = scenario::without(m_document.root(), scenario::Path({"canvas", "positions"}))) {
        m_places.clear();
        m_document.apply(tr("Arrange cards"), std::move(*root));
        m_logical->fit();
    }
}

}  // namespace millrace::studio
