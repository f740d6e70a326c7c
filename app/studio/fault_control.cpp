#include "app/studio/fault_control.h"

#include <algorithm>

#include "app/studio/fault_commands.h"
#include "app/studio/property_sheets.h"
#include "engine/base/faults.h"
#include "engine/run/rate_input.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/models/fault_tool.h"
#include "widgets/models/selection.h"
#include "widgets/style/format.h"
#include "widgets/timeline/time_deck.h"

namespace millrace::studio {

namespace {

QString titleOfTarget(const QString& id) {
    return widgets::format::text(observe::titleOf(id.toStdString()));
}

}  // namespace

FaultControl::FaultControl(ScenarioDocument& document, RunControl& run, widgets::Selection& selection, QObject* parent)
    : QObject(parent), m_document(document), m_run(run), m_selection(selection) {}

void FaultControl::serve(widgets::LogicalCanvas& logical, widgets::PhysicalCanvas& physical, widgets::TimeDeck& deck) {
    m_deck = &deck;
    connect(&logical, &widgets::LogicalCanvas::faultRequested, this, &FaultControl::inject);
    connect(&logical, &widgets::LogicalCanvas::reviveRequested, this, &FaultControl::revive);
    connect(&logical, &widgets::LogicalCanvas::mendRequested, this, &FaultControl::mendReader);
    connect(&physical, &widgets::PhysicalCanvas::faultRequested, this, &FaultControl::inject);
    connect(&physical, &widgets::PhysicalCanvas::reviveRequested, this, &FaultControl::revive);
    connect(&logical, &widgets::LogicalCanvas::faultPlanned, this, &FaultControl::plan);
    connect(&physical, &widgets::PhysicalCanvas::faultPlanned, this, &FaultControl::plan);
    const widgets::TimeStrip& strip = deck.strip();
    connect(&strip, &widgets::TimeStrip::planMoved, this,
            [this](int index, SimTime at, SimTime until) { move(static_cast<std::size_t>(index), at, until); });
    connect(&strip, &widgets::TimeStrip::planChosen, this,
            [this](int index) { m_selection.select(faultSheet(static_cast<std::size_t>(index))); });
    connect(&strip, &widgets::TimeStrip::planRemoveRequested, this,
            [this](int index) { remove(static_cast<std::size_t>(index)); });
    connect(&m_document, &ScenarioDocument::changed, this, &FaultControl::showPlan);
    showPlan();
}

void FaultControl::inject(const QString& kind, const QString& target) {
    if (!m_run.snapshot()) {
        emit said(tr("Press Space first: there is no run yet that could be broken"));
        return;
    }
    const widgets::FaultTool* tool = widgets::findFaultTool(kind);
    m_selection.select(target);  // what happens to it is what is looked at next
    m_run.live().perform(tr("%1 %2").arg(tool == nullptr ? kind : tool->title, titleOfTarget(target)),
                         {commandFor(kind.toStdString(), target.toStdString())});
}

void FaultControl::revive(const QString& target) {
    if (m_run.snapshot()) {
        const bridge::Command command = revivalOf(*m_run.snapshot(), target.toStdString());
        // A process of a host without power comes back with the host: that is what is done, and undone.
        m_run.live().perform(command.kind == rowOf(FaultKind::PowerOn).name
                                 ? tr("Power on %1").arg(titleOfTarget(QString::fromStdString(command.target)))
                                 : tr("Revive %1").arg(titleOfTarget(target)),
                             {command});
    }
}

void FaultControl::reviveAll() {
    const auto command = m_run.snapshot() ? revivalOfAll(*m_run.snapshot()) : std::nullopt;
    if (command) {
        m_run.live().perform(tr("Revive all"), {*command});
    } else {
        emit said(tr("Nothing is down or ailing: there is nothing to revive"));
    }
}

void FaultControl::mendReader(const QString& pipeline) {
    const std::string id = pipeline.toStdString();
    const auto canBeMended = [&](const observe::IngestionView& each) { return each.id == id && each.canBeMended; };
    const auto* snapshot = m_run.snapshot().get();
    if (snapshot != nullptr && std::any_of(snapshot->ingestion.begin(), snapshot->ingestion.end(), canBeMended)) {
        m_run.live().perform(tr("Mend the reader of %1").arg(titleOfTarget(pipeline)),
                             {{std::string(run::MendInput::kindName), id}});
    } else {
        emit said(tr("Select an ingestion pipeline that has dead letters and a reader that is not mended yet"));
    }
}

void FaultControl::move(std::size_t index, SimTime at, SimTime until) {
    const std::optional<SimDuration> duration = until == SimTime::max() ? std::nullopt : std::optional(until - at);
    replan(tr("Move a planned fault"), index,
           withMovedFault(m_document.root(), index, at.time_since_epoch(), duration));
}

/// A planned fault is another one from now on: also in the run, if that stands before both of them.
void FaultControl::replan(const QString& name, std::size_t index, scenario::Value root) {
    const auto after = plannedFaults(root);
    if (index >= plannedFaults(m_document.root()).size() || m_run.edit(name, std::move(root))) {
        return;
    }
    showPlan();
    if (m_run.snapshot() && index < after.size() && SimTime(after[index].at) <= m_run.snapshot()->run.now) {
        emit said(tr("%1 lies in what has been run already: it happens there when the run starts again (F5)")
                      .arg(widgets::format::seconds(SimTime(after[index].at))));
    }
}

void FaultControl::remove(std::size_t index) {
    if (index >= plannedFaults(m_document.root()).size()) {
        return;
    }
    if (!subjectOf(m_document.root(), m_selection.current()).title.isEmpty()) {
        m_selection.clear();  // others have its number now
    }
    m_run.edit(tr("Remove a planned fault"), withoutPlannedFault(m_document.root(), index));
}

/// What was done to this run by hand and is in no plan, neither that of the run nor that of the document, as the
/// scenario would plan it.
std::vector<PlannedFault> FaultControl::byHand() const {
    std::vector<PlannedFault> found;
    if (!m_run.snapshot()) {
        return found;
    }
    // What the run was started with, and what has been kept since.
    auto plan = plannedFaults(m_run.running());
    for (const PlannedFault& each : plannedFaults(m_document.root())) {
        if (std::find(plan.begin(), plan.end(), each) == plan.end()) {
            plan.push_back(each);
        }
    }
    for (const observe::FaultBar& bar : m_run.snapshot()->run.faults) {
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
        found.push_back({bar.kind, bar.target, bar.at.time_since_epoch(),
                         lasts ? std::nullopt : std::optional(bar.until - bar.at), bar.value});
    }
    return found;
}

void FaultControl::keepByHand() {
    const auto kept = byHand();
    if (kept.empty()) {
        emit said(tr("Nothing was done by hand that the scenario does not plan"));
        return;
    }
    scenario::Value root = m_document.root();
    for (const PlannedFault& fault : kept) {
        root = withPlannedFault(root, fault);
    }
    m_document.apply(tr("Keep the faults done by hand"), std::move(root));
    emit said(kept.size() == 1
                  ? tr("The fault stands in the scenario now, at its time: F5 plays it, saving keeps it")
                  : tr("%1 faults stand in the scenario now, each at its time: F5 plays them, saving keeps them")
                        .arg(kept.size()));
}

void FaultControl::plan(const QString& kind, const QString& target) {
    constexpr SimDuration ahead = std::chrono::seconds(5);
    constexpr SimDuration lasts = std::chrono::seconds(15);
    constexpr SimDuration grain = std::chrono::milliseconds(100);
    const SimDuration now = m_run.snapshot() ? m_run.snapshot()->run.now.time_since_epoch() : SimDuration{};
    const SimDuration at = (now + ahead) / grain * grain;
    const bridge::Command command = commandFor(kind.toStdString(), target.toStdString());
    const PlannedFault fault{command.kind, command.target, at, lasts, command.value};
    scenario::Value root = withPlannedFault(m_document.root(), fault);
    const widgets::FaultTool* tool = widgets::findFaultTool(kind);
    const QString title = tr("%1 %2").arg(tool == nullptr ? kind : tool->title, titleOfTarget(target));
    const QString name = tr("Plan: %1").arg(title);
    m_deck->setCompact(false);  // its bar is there to be dragged
    const bool isMet = m_run.edit(name, std::move(root));
    emit said(tr("Planned: %1 at %2 for 15 s. %3")
                  .arg(title, widgets::format::seconds(SimTime(at)),
                       isMet ? tr("The run will meet it; Ctrl+Z takes it back")
                             : tr("Drag its bar on the time strip; Space plays it")));
}

void FaultControl::edit(const QString& name, std::size_t index, const std::string& key, const QString& value) {
    const scenario::Value& root = m_document.root();
    const QString there = QStringLiteral("faults[%1].%2").arg(index).arg(widgets::format::text(key));
    replan(name, index,
           key == "kind" ? withFaultKind(root, index, value.toStdString())
                         : withProperty(root, there, value).value_or(root));
}

void FaultControl::showPlan() {
    std::vector<widgets::PlannedBar> bars;
    for (const PlannedFault& fault : plannedFaults(m_document.root())) {
        const SimTime at{fault.at};
        bars.push_back({widgets::titleOfFault(fault.kind, fault.target), at,
                        fault.duration ? at + *fault.duration : SimTime::max()});
    }
    m_deck->strip().setPlan(std::move(bars));
}

}  // namespace millrace::studio
