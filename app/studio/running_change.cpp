#include "app/studio/running_change.h"

#include <algorithm>

#include "app/studio/fault_plan.h"
#include "app/studio/graph_values.h"
#include "engine/base/faults.h"
#include "engine/observe/object_id.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/units.h"

namespace millrace::studio {

using scenario::Path;
using scenario::Value;

namespace {

std::vector<Value> faultsOf(const Value& root) {
    const Value* faults = root.find("faults");
    return faults == nullptr ? std::vector<Value>()
                             : std::vector<Value>(faults->items().begin(), faults->items().end());
}

/// All of a document that a run takes from its start only.
Value onlyFromTheStart(const Value& root) {
    Value bare = scenario::without(root, Path({"faults"})).value_or(root);
    for (const std::string& source : values::keysAt(root, {"sources"})) {
        bare = scenario::without(bare, Path({"sources", source, "rate"})).value_or(bare);
    }
    return bare;
}

class Difference {
public:
    Difference(const Value& before, const Value& after, const Value& running, const observe::RunView& run)
        : m_before(before), m_after(after), m_run(run), m_change{running, {}} {}

    /// False when a rate changed that the run cannot take.
    bool takeRates() {
        for (const std::string& source : values::keysAt(m_after, {"sources"})) {
            const Path path({"sources", source, "rate"});
            const Value* was = scenario::valueAt(m_before, path);
            const Value* is = scenario::valueAt(m_after, path);
            if (was == is || (was != nullptr && is != nullptr && *was == *is)) {
                continue;
            }
            const auto rate =
                is != nullptr && is->isText() ? scenario::parseRate(is->asText()) : tl::make_unexpected(std::string());
            const bool isInRun = scenario::valueAt(m_change.running, Path({"sources", source})) != nullptr;
            auto running = rate && isInRun ? scenario::withValue(m_change.running, path, *is) : std::nullopt;
            if (!running) {
                return false;
            }
            m_change.running = std::move(*running);
            m_change.commands.push_back({"rate", observe::sourceId(source), *rate});
        }
        return true;
    }

    /// False when the run has met what is another one now, or what would be new to it.
    bool takeFaults(const std::function<bool(std::size_t)>& canHappen) {
        if (faultsOf(m_before) == faultsOf(m_after)) {
            return true;
        }
        const auto was = plannedFaults(m_before);
        const auto is = plannedFaults(m_after);
        auto gone = was;
        std::vector<std::size_t> come;
        for (std::size_t i = 0; i < is.size(); ++i) {
            const auto same = std::find(gone.begin(), gone.end(), is[i]);
            if (same == gone.end()) {
                come.push_back(i);
            } else {
                gone.erase(same);
            }
        }
        const bool isAhead =
            std::all_of(gone.begin(), gone.end(), [this](const PlannedFault& each) { return isYetToCome(each); }) &&
            std::all_of(come.begin(), come.end(), [&](std::size_t i) {
                return findFault(is[i].kind) != nullptr && SimTime(is[i].at) > m_run.now && canHappen(i);
            });
        if (!isAhead) {
            return false;
        }
        for (const PlannedFault& fault : gone) {
            bridge::Command& withdrawal = m_change.commands.emplace_back();
            withdrawal.kind = "withdraw";
            withdrawal.target = fault.target;
            withdrawal.fault = fault.kind;
            withdrawal.at = SimTime(fault.at);
        }
        for (const std::size_t i : come) {
            bridge::Command& command = m_change.commands.emplace_back();
            command.kind = is[i].kind;
            command.target = is[i].target;
            command.value = is[i].value;
            command.at = SimTime(is[i].at);
            command.duration = is[i].duration;
        }
        return replaceInRun(gone, come);
    }

    [[nodiscard]] std::optional<RunningChange> take() {
        return m_change.commands.empty() ? std::nullopt : std::optional(std::move(m_change));
    }

private:
    [[nodiscard]] bool isYetToCome(const PlannedFault& fault) const {
        return SimTime(fault.at) > m_run.now &&
               std::any_of(m_run.faults.begin(), m_run.faults.end(), [&](const observe::FaultBar& bar) {
                   return bar.isPlanned && bar.kind == fault.kind && bar.target == fault.target &&
                          bar.at == SimTime(fault.at);
               });
    }

    /// One for one keeps its place; others go, and come at the end.
    bool replaceInRun(const std::vector<PlannedFault>& gone, const std::vector<std::size_t>& come) {
        std::vector<Value> entries = faultsOf(m_change.running);
        const std::vector<Value> after = faultsOf(m_after);
        if (entries == faultsOf(m_before)) {
            entries = after;
        } else {
            for (std::size_t i = 0; i < gone.size(); ++i) {
                const auto plan = plannedFaults(withFaults(entries));
                const auto it = std::find(plan.begin(), plan.end(), gone[i]);
                if (it == plan.end()) {
                    return false;  // the run does not know it
                }
                const auto place = entries.begin() + (it - plan.begin());
                if (gone.size() == come.size()) {
                    *place = after[come[i]];
                } else {
                    entries.erase(place);
                }
            }
            for (std::size_t i = 0; i < come.size() && gone.size() != come.size(); ++i) {
                entries.push_back(after[come[i]]);
            }
        }
        m_change.running = withFaults(std::move(entries));
        return true;
    }

    [[nodiscard]] Value withFaults(std::vector<Value> entries) const {
        return entries.empty()
                   ? scenario::without(m_change.running, Path({"faults"})).value_or(m_change.running)
                   : scenario::withValue(m_change.running, Path({"faults"}), Value::list(std::move(entries)))
                         .value_or(m_change.running);
    }

    const Value& m_before;
    const Value& m_after;
    const observe::RunView& m_run;
    RunningChange m_change;
};

}  // namespace

std::optional<RunningChange> runningChange(const Value& before, const Value& after, const Value& running,
                                           const observe::RunView& run,
                                           const std::function<bool(std::size_t)>& canHappen) {
    if (!(onlyFromTheStart(before) == onlyFromTheStart(after))) {
        return std::nullopt;
    }
    Difference difference(before, after, running, run);
    return difference.takeRates() && difference.takeFaults(canHappen) ? difference.take() : std::nullopt;
}

bool mayBeTaken(const std::vector<std::string>& steps) {
    return steps.size() == 3 && (steps[0] == "faults" || (steps[0] == "sources" && steps[2] == "rate"));
}

}  // namespace millrace::studio
