#include <QClipboard>
#include <QGuiApplication>
#include <QMenu>
#include <QUndoCommand>
#include <algorithm>
#include <functional>

#include "app/studio/fault_commands.h"
#include "app/studio/fault_plan.h"
#include "app/studio/graph_copies.h"
#include "app/studio/graph_edits.h"
#include "app/studio/graph_values.h"
#include "app/studio/live_actions.h"
#include "app/studio/main_window.h"
#include "app/studio/object_path.h"
#include "app/studio/parts.h"
#include "app/studio/planned_cluster.h"
#include "app/studio/property_sheets.h"
#include "engine/base/faults.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/units.h"
#include "widgets/canvas/card_painter.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/models/fault_tool.h"
#include "widgets/style/format.h"
#include "widgets/timeline/time_deck.h"

// What drawing on the faces does to the document.
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

/// Something that goes along with the step of the history of which it is a part.
class Along final : public QUndoCommand {
public:
    Along(std::function<void()> forth, std::function<void()> back)
        : m_forth(std::move(forth)), m_back(std::move(back)) {}
    void redo() override { m_forth(); }
    void undo() override { m_back(); }

private:
    std::function<void()> m_forth;
    std::function<void()> m_back;
};

}  // namespace

void MainWindow::connectCanvas() {
    using widgets::LogicalCanvas;
    connect(m_logical, &LogicalCanvas::addRequested, this, &MainWindow::addPartAt);
    connect(m_logical, &LogicalCanvas::quickAddRequested, this, &MainWindow::quickAdd);
    connect(m_logical, &LogicalCanvas::message, this, &MainWindow::say);
    connect(m_logical, &LogicalCanvas::connectRequested, this, [this](const QString& from, const QString& to) {
        if (auto edited = connectObjects(m_document.root(), from.toStdString(), to.toStdString())) {
            Places places = placesSeen();
            if (!edited->object.empty()) {
                const Between between = placeBetween(places, from.toStdString(), to.toStdString(),
                                                     QSizeF(widgets::cardWidth, widgets::cardHeight));
                const auto moved = places.find(to.toStdString());
                const bool isMoved = moved != places.end() &&
                                     values::at(edited->root, pathOf(edited->root, to.toStdString())) == nullptr;
                const Position stays = isMoved ? moved->second : Position();
                places = between.places;
                places[edited->object] = isMoved ? stays : freeUnlessFitted(between);
            }
            edited->root = withPlaces(edited->root, places);
            m_document.apply(tr("Connect %1 to %2").arg(titleOf(from), titleOf(to)), edited->root);
            if (!edited->note.empty()) {
                say(text(edited->note));
            }
        } else {
            const std::string own = topologyWith(from.toStdString());
            const std::string other = topologyWith(to.toStdString());
            say(own.empty() || other.empty() || own == other
                    ? tr("%1 cannot feed %2").arg(titleOf(from), titleOf(to))
                    : tr("%1 cannot feed %2: a stream does not leave its topology, and %2 has wires in another")
                          .arg(titleOf(from), titleOf(to)));
        }
    });
    connect(m_logical, &LogicalCanvas::disconnectRequested, this,
            [this](const QString& from, const QString& to, const QString& stream) {
                if (auto edited = disconnectObjects(m_document.root(), from.toStdString(), to.toStdString(),
                                                    stream.toStdString())) {
                    m_document.apply(tr("Disconnect %1 from %2").arg(titleOf(from), titleOf(to)),
                                     withPlaces(edited->root, placesSeen()));
                }
            });
    connect(m_logical, &LogicalCanvas::moveRequested, this, [this](const QHash<QString, QPointF>& positions) {
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
    });
    connect(m_logical, &LogicalCanvas::removeRequested, this, &MainWindow::removeParts);
    connect(m_logical, &LogicalCanvas::renameRequested, this, [this](const QString& id, const QString& name) {
        if (auto edited = renameObject(m_document.root(), id.toStdString(), name.toStdString())) {
            Places places = placesSeen();
            if (const auto card = places.find(id.toStdString()); card != places.end()) {
                places[edited->object] = card->second;
            }
            m_document.apply(tr("Rename %1 to %2").arg(titleOf(id), name), withPlaces(edited->root, places));
            m_selection.select(QString::fromStdString(edited->object));
        } else {
            say(tr("The name %1 is taken").arg(name));
        }
    });
    connect(m_logical, &LogicalCanvas::faultRequested, this, &MainWindow::injectFault);
    connect(m_physical, &widgets::PhysicalCanvas::faultRequested, this, &MainWindow::injectFault);
    connect(m_physical, &widgets::PhysicalCanvas::reviveRequested, this, &MainWindow::revive);
    connect(m_physical, &widgets::PhysicalCanvas::message, this, &MainWindow::say);
    connectPlan();
    connect(m_physical, &widgets::PhysicalCanvas::addRequested, this, &MainWindow::addPartOnHost);
    connect(m_physical, &widgets::PhysicalCanvas::removeRequested, this, &MainWindow::removeParts);
}

void MainWindow::connectPlan() {
    connect(m_physical, &widgets::PhysicalCanvas::faultPlanned, this, &MainWindow::planFault);
    const widgets::TimeStrip& strip = m_deck->strip();
    connect(&strip, &widgets::TimeStrip::planMoved, this,
            [this](int index, SimTime at, SimTime until) { movePlanned(static_cast<std::size_t>(index), at, until); });
    connect(&strip, &widgets::TimeStrip::planChosen, this, [this](int index) {
        m_rightDock->show();
        m_selection.select(faultSheet(static_cast<std::size_t>(index)));
    });
    connect(&strip, &widgets::TimeStrip::planRemoveRequested, this,
            [this](int index) { removePlanned(static_cast<std::size_t>(index)); });
}

/// The command that takes a planned fault out of the run that stands before it; none when the run does not know it, or
/// has met it.
std::optional<bridge::Command> MainWindow::withdrawalOf(const PlannedFault& fault) const {
    const auto isIt = [&](const observe::FaultBar& bar) {
        return bar.isPlanned && bar.kind == fault.kind && bar.target == fault.target && bar.at == SimTime(fault.at);
    };
    if (!m_snapshot || SimTime(fault.at) <= m_snapshot->run.now ||
        std::none_of(m_snapshot->run.faults.begin(), m_snapshot->run.faults.end(), isIt)) {
        return std::nullopt;
    }
    bridge::Command command{"withdraw", fault.target, 0};
    command.fault = fault.kind;
    command.at = SimTime(fault.at);
    return command;
}

/// Where the fault stands in the part of the document that the run was started from.
std::optional<std::size_t> MainWindow::indexInRun(const PlannedFault& fault) const {
    const auto plan = plannedFaults(m_running);
    const auto it = std::find(plan.begin(), plan.end(), fault);
    return it == plan.end() ? std::nullopt : std::optional(static_cast<std::size_t>(it - plan.begin()));
}

void MainWindow::movePlanned(std::size_t index, SimTime at, SimTime until) {
    const std::optional<SimDuration> duration = until == SimTime::max() ? std::nullopt : std::optional(until - at);
    replan(tr("Move a planned fault"), index, [&](const scenario::Value& root, std::size_t place) {
        return withMovedFault(root, place, at.time_since_epoch(), duration);
    });
}

/// A planned fault is another one from now on: also in the run that still stands before both of them.
void MainWindow::replan(const QString& name, std::size_t index,
                        const std::function<scenario::Value(const scenario::Value&, std::size_t)>& changed) {
    const auto plan = plannedFaults(m_document.root());
    if (index >= plan.size()) {
        return;
    }
    scenario::Value root = changed(m_document.root(), index);
    const auto after = plannedFaults(root);
    const auto withdrawal = withdrawalOf(plan[index]);
    const auto running = indexInRun(plan[index]);
    const bool isKnown = index < after.size() && findFault(after[index].kind) != nullptr;
    if (withdrawal && running && isKnown && SimTime(after[index].at) > m_snapshot->run.now) {
        bridge::Command again{after[index].kind, after[index].target, after[index].value};
        again.at = SimTime(after[index].at);
        again.duration = after[index].duration;
        applyToRun(name, std::move(root), changed(m_running, *running), {*withdrawal, again});
        return;
    }
    m_document.apply(name, std::move(root));
    showPlan();
    if (m_snapshot && index < after.size() && SimTime(after[index].at) <= m_snapshot->run.now) {
        say(tr("%1 lies in what has been run already: it happens there when the run starts again (F5)")
                .arg(widgets::format::seconds(SimTime(after[index].at))));
    }
}

void MainWindow::removePlanned(std::size_t index) {
    const auto plan = plannedFaults(m_document.root());
    if (index >= plan.size()) {
        return;
    }
    const QString name = tr("Remove a planned fault");
    if (!subjectOf(m_document.root(), m_selection.current()).title.isEmpty()) {
        m_selection.clear();  // others have its number now
    }
    const auto withdrawal = withdrawalOf(plan[index]);
    const auto running = indexInRun(plan[index]);
    if (withdrawal && running) {
        applyToRun(name, withoutPlannedFault(m_document.root(), index), withoutPlannedFault(m_running, *running),
                   {*withdrawal});
    } else {
        m_document.apply(name, withoutPlannedFault(m_document.root(), index));
    }
}

/// What was done to this run by hand and is in no plan, neither that of the run nor that of the document, as the
/// scenario would plan it.
std::vector<PlannedFault> MainWindow::faultsByHand() const {
    std::vector<PlannedFault> byHand;
    if (!m_snapshot) {
        return byHand;
    }
    // What the run was started with, and what has been kept since.
    auto plan = plannedFaults(m_running);
    for (const PlannedFault& each : plannedFaults(m_document.root())) {
        if (std::find(plan.begin(), plan.end(), each) == plan.end()) {
            plan.push_back(each);
        }
    }
    for (const observe::FaultBar& bar : m_snapshot->run.faults) {
        const auto planned = std::find_if(plan.begin(), plan.end(), [&](const PlannedFault& each) {
            return each.kind == bar.kind && each.target == bar.target && SimTime(each.at) == bar.at;
        });
        const auto moved =
            planned != plan.end() ? planned : std::find_if(plan.begin(), plan.end(), [&](const PlannedFault& each) {
                // A target such as "leader:access-0" is told by whom it hit.
                return each.kind == bar.kind && SimTime(each.at) == bar.at;
            });
        if (moved != plan.end()) {
            plan.erase(moved);
            continue;
        }
        const bool lasts = bar.until == SimTime::max();
        byHand.push_back({bar.kind, bar.target, bar.at.time_since_epoch(),
                          lasts ? std::nullopt : std::optional(bar.until - bar.at), bar.value});
    }
    return byHand;
}

void MainWindow::keepFaultsByHand() {
    const auto byHand = faultsByHand();
    if (byHand.empty()) {
        say(tr("Nothing was done by hand that the scenario does not plan"));
        return;
    }
    scenario::Value root = m_document.root();
    for (const PlannedFault& fault : byHand) {
        root = withPlannedFault(root, fault);
    }
    m_document.apply(tr("Keep the faults done by hand"), std::move(root));
    say(byHand.size() == 1
            ? tr("The fault stands in the scenario now, at its time: F5 plays it, saving keeps it")
            : tr("%1 faults stand in the scenario now, each at its time: F5 plays them, saving keeps them")
                  .arg(byHand.size()));
}

void MainWindow::planFault(const QString& kind, const QString& target) {
    constexpr SimDuration ahead = std::chrono::seconds(5);
    constexpr SimDuration lasts = std::chrono::seconds(15);
    constexpr SimDuration grain = std::chrono::milliseconds(100);
    const SimDuration now = m_snapshot ? m_snapshot->run.now.time_since_epoch() : SimDuration{};
    const SimDuration at = (now + ahead) / grain * grain;
    bridge::Command command = commandFor(kind.toStdString(), target.toStdString());
    command.at = SimTime(at);
    command.duration = lasts;
    const PlannedFault fault{command.kind, command.target, at, lasts, command.value};
    scenario::Value root = withPlannedFault(m_document.root(), fault);
    const widgets::FaultTool* tool = widgets::findFaultTool(kind);
    const QString title = tr("%1 %2").arg(tool == nullptr ? kind : tool->title, titleOf(target));
    const QString name = tr("Plan: %1").arg(title);
    m_deck->setCompact(false);  // its bar is there to be dragged
    if (m_snapshot) {
        applyToRun(name, std::move(root), withPlannedFault(m_running, fault), {command});
    } else {
        m_document.apply(name, std::move(root));
    }
    say(tr("Planned: %1 at %2 for 15 s. %3")
            .arg(title, widgets::format::seconds(SimTime(at)),
                 m_snapshot ? tr("The run will meet it; Ctrl+Z takes it back")
                            : tr("Drag its bar on the time strip; Space plays it")));
}

/// What an operator could do enters the run that is going on too, as a recorded input: no restart is needed, and undo
/// takes back both.
void MainWindow::applyToRun(const QString& name, scenario::Value root, const scenario::Value& running,
                            const std::vector<bridge::Command>& commands) {
    QUndoStack& history = m_document.undoStack();
    const auto runs = [this, run = m_runNumber](const scenario::Value& value) {
        return [this, run, value] {
            if (run == m_runNumber) {
                m_running = value;
            }
        };
    };
    const auto nothing = [] {};
    const scenario::Value before = m_running;
    history.beginMacro(name);
    history.push(new Along(runs(running), nothing));  // before the document changes, in either direction
    m_document.apply(name, std::move(root));
    history.push(new Along(nothing, runs(before)));
    m_live->perform(name, commands);
    history.endMacro();
}

void MainWindow::editProperty(const QString& path, const QString& value) {
    auto edited = withProperty(m_document.root(), path, value);
    if (!edited) {
        return;
    }
    const QString name = editName(m_document.root(), path, value);
    const auto steps = scenario::Path::parse(path.toStdString(), m_document.root()).steps();
    if (const auto fault = steps.size() == 3 && steps[0] == "faults" ? scenario::indexOf(steps[1]) : std::nullopt) {
        replan(name, *fault, [&](const scenario::Value& root, std::size_t place) {
            const QString there = QStringLiteral("faults[%1].%2").arg(place).arg(text(steps[2]));
            return steps[2] == "kind" ? withFaultKind(root, place, value.toStdString())
                                      : withProperty(root, there, value).value_or(root);
        });
        return;
    }
    const bool isRate = steps.size() == 3 && steps[0] == "sources" && steps[2] == "rate";
    const auto rate = isRate ? scenario::parseRate(value.toStdString()) : tl::make_unexpected(std::string());
    const auto running = withProperty(m_running, path, value);
    if (!m_snapshot || !rate || !running) {
        m_document.apply(name, std::move(*edited));
        return;
    }
    applyToRun(name, std::move(*edited), *running, {{"rate", observe::sourceId(steps[1]), *rate}});
}

void MainWindow::showPlan() {
    std::vector<widgets::PlannedBar> bars;
    for (const PlannedFault& fault : plannedFaults(m_document.root())) {
        const SimTime at{fault.at};
        bars.push_back({widgets::titleOfFault(fault.kind, fault.target), at,
                        fault.duration ? at + *fault.duration : SimTime::max()});
    }
    m_deck->strip().setPlan(std::move(bars));
}

void MainWindow::removeParts(const QStringList& ids) {
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
        say(tr("%1 cannot be deleted: it is not a part of the scenario's text").arg(titleOf(ids.first())));
    }
}

/// The selected cards as a text. Cards that were laid out by rule get the places at which they are seen.
QString MainWindow::selectedCards() {
    std::vector<observe::ObjectId> ids;
    for (const QString& id : m_selection.ids()) {
        ids.push_back(id.toStdString());
    }
    return QString::fromStdString(copyObjects(moveObjects(m_document.root(), placesSeen()), ids));
}

void MainWindow::copyCards() {
    if (const QString cards = selectedCards(); !cards.isEmpty()) {
        QGuiApplication::clipboard()->setText(cards);
    }
}

void MainWindow::pasteFromClipboard() {
    pasteCards(QGuiApplication::clipboard()->text());
}

void MainWindow::duplicateCards() {
    pasteCards(selectedCards());
}

void MainWindow::pasteCards(const QString& words) {
    constexpr Position beside{24, widgets::cardHeight + 24};
    auto pasted = pasteObjects(m_document.root(), words.toStdString(), beside);
    if (!pasted) {
        say(tr("There are no cards to paste: select some and copy them first"));
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

void MainWindow::addPartOnHost(const QString& part, const QString& host) {
    const std::string name(observe::nameOf(host.toStdString()));
    const auto edited = addProcess(m_document.root(), part.toStdString(), name);
    if (!edited) {
        addPartInView(part);  // what flows belongs on the logical face, wherever it was dropped
        return;
    }
    const QString id = QString::fromStdString(edited->object);
    m_document.apply(tr("Add %1").arg(titleOf(id)), edited->root);
    m_selection.select(id);
}

/// The cards as they are seen, those among them that were laid out by rule too: an edit moves none of them.
Places MainWindow::placesSeen() const {
    Places places;
    for (const widgets::DiagramNode& node : m_logical->diagram().nodes) {
        places[node.id.toStdString()] = {node.position.x(), node.position.y()};
    }
    return places;
}

/// A face that is not fitted again has the distances that it had: the card goes where it covers none of the others.
Position MainWindow::freeUnlessFitted(const Between& between) const {
    if (m_logical->followsContent() || between.moved > 0) {
        return between.position;
    }
    const QPointF place = m_logical->freePlace(QPointF(between.position.x, between.position.y));
    return {place.x(), place.y()};
}

void MainWindow::addPartAt(const QString& part, const QPointF& wanted, const QString& spliceFrom,
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
void MainWindow::spliceIn(const Edited& added, const QString& from, const QString& to) {
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
            say(tr("%1 stands between %2 and %3; what follows moved on to make room")
                    .arg(title, titleOf(from), titleOf(to)));
        }
    }
    m_document.apply(tr("Add %1").arg(title), withPlaces(second ? second->root : added.root, places));
    if (hasMoved) {
        m_logical->fitUnlessMoved();
    }
    m_selection.select(QString::fromStdString(added.object));
}

void MainWindow::addPartInView(const QString& part) {
    // Right of everything, where the flow goes on, as long as that can be seen.
    const auto& nodes = m_logical->diagram().nodes;
    const auto last = std::max_element(nodes.begin(), nodes.end(),
                                       [](const auto& a, const auto& b) { return a.position.x() < b.position.x(); });
    addPartAt(part, last == nodes.end() ? QPointF() : last->position + QPointF(placeWidth, 0), {}, {});
    const QRectF card = m_logical->cardInView(m_selection.current());
    if (!card.isEmpty() && !QRectF(m_logical->rect()).contains(card)) {
        m_logical->fit();  // no hand holds anything: the view may make room
    }
}

void MainWindow::quickAdd(const QPoint& global, const QPointF& position) {
    QMenu menu(this);
    QString group;
    for (const widgets::Part& part : parts()) {
        if (part.group != group) {
            group = part.group;
            menu.addSection(group);
        }
        menu.addAction(part.title, this, [this, name = part.name, position] {
            addPartAt(name, position - QPointF(widgets::cardWidth, widgets::cardHeight) / 2, {}, {});
        });
    }
    menu.exec(global);
}

void MainWindow::arrange() {
    if (auto root = scenario::without(m_document.root(), scenario::Path({"canvas", "positions"}))) {
        m_places.clear();
        m_document.apply(tr("Arrange cards"), std::move(*root));
        m_logical->fit();
    }
}

}  // namespace millrace::studio
