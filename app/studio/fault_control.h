#pragma once

#include <QObject>
#include <functional>
#include <optional>
#include <vector>

#include "app/studio/fault_plan.h"
#include "app/studio/run_control.h"

namespace millrace::widgets {
class LogicalCanvas;
class PhysicalCanvas;
class Selection;
class TimeDeck;
}  // namespace millrace::widgets

namespace millrace::studio {

/// Faults: done now, to the run; planned, in the document and in the run that still stands before them; and mended.
class FaultControl final : public QObject {
    Q_OBJECT

public:
    FaultControl(ScenarioDocument& document, RunControl& run, widgets::Selection& selection, QObject* parent);
    /// Where they are done, and where they are planned.
    void serve(widgets::LogicalCanvas& logical, widgets::PhysicalCanvas& physical, widgets::TimeDeck& deck);

    void inject(const QString& kind, const QString& target);
    void revive(const QString& target);
    void reviveAll();
    /// The reader of a pipeline is mended: it takes records as they come, and its dead letters are read once more.
    void mendReader(const QString& pipeline);
    /// What was done to this run by hand and is in no plan, as the scenario would plan it.
    [[nodiscard]] std::vector<PlannedFault> byHand() const;
    void keepByHand();
    /// Changes one field of a planned fault.
    void edit(const QString& name, std::size_t index, const std::string& key, const QString& value);

signals:
    void said(const QString& words);

private:
    void plan(const QString& kind, const QString& target);
    void move(std::size_t index, SimTime at, SimTime until);
    void remove(std::size_t index);
    void replan(const QString& name, std::size_t index, scenario::Value root);
    void showPlan();

    ScenarioDocument& m_document;
    RunControl& m_run;
    widgets::Selection& m_selection;
    widgets::TimeDeck* m_deck = nullptr;
};

}  // namespace millrace::studio
