#include "app/studio/fault_plan.h"

#include "app/studio/graph_values.h"
#include "engine/base/faults.h"
#include "engine/scenario/document/edit.h"
#include "engine/scenario/units.h"

namespace millrace::studio {

using namespace values;
using scenario::Value;

namespace {

std::vector<Value> entries(const Value& root) {
    const Value* faults = root.find("faults");
    return faults == nullptr ? std::vector<Value>()
                             : std::vector<Value>(faults->items().begin(), faults->items().end());
}

Value withEntries(const Value& root, std::vector<Value> faults) {
    if (faults.empty()) {
        return scenario::without(root, scenario::Path({"faults"})).value_or(root);
    }
    return with(root, {"faults"}, Value::list(std::move(faults))).value_or(root);
}

/// How strong it is, by the word and in the form that its kind has in the document.
std::optional<scenario::Member> strengthOf(const PlannedFault& fault) {
    const FaultRow* row = findFault(fault.kind);
    if (row == nullptr || !row->quantity) {
        return std::nullopt;
    }
    const bool isDuration = row->quantity->form == FaultQuantity::Form::Duration;
    return scenario::Member{
        std::string(row->quantity->key),
        isDuration ? textValue(scenario::durationText(fromSeconds(fault.value))) : Value::real(fault.value)};
}

double strengthAt(const Value& entry, const std::string& kind) {
    const FaultRow* row = findFault(kind);
    const Value* value = row != nullptr && row->quantity ? entry.find(row->quantity->key) : nullptr;
    if (value == nullptr) {
        return 0;
    }
    return value->isText() ? seconds(scenario::parseDuration(value->asText()).value_or(SimDuration{}))
                           : value->asNumber();
}

SimDuration durationAt(const Value& entry, std::string_view key) {
    return scenario::parseDuration(textAt(entry, key)).value_or(SimDuration{});
}

}  // namespace

std::vector<PlannedFault> plannedFaults(const Value& root) {
    std::vector<PlannedFault> plan;
    for (const Value& entry : entries(root)) {
        PlannedFault& fault = plan.emplace_back();
        fault.kind = textAt(entry, "kind");
        fault.target = textAt(entry, "target");
        fault.at = durationAt(entry, "at");
        fault.value = strengthAt(entry, fault.kind);
        if (entry.find("for") != nullptr) {
            fault.duration = durationAt(entry, "for");
        }
    }
    return plan;
}

Value withPlannedFault(const Value& root, const PlannedFault& fault) {
    std::vector<Value> faults = entries(root);
    std::vector<scenario::Member> members{{"at", textValue(scenario::durationText(fault.at))},
                                          {"kind", textValue(fault.kind)},
                                          {"target", textValue(fault.target)}};
    if (auto strength = strengthOf(fault)) {
        members.push_back(std::move(*strength));
    }
    if (fault.duration) {
        members.push_back({"for", textValue(scenario::durationText(*fault.duration))});
    }
    faults.push_back(Value::object(std::move(members)));
    return withEntries(root, std::move(faults));
}

Value withMovedFault(const Value& root, std::size_t index, SimDuration at, std::optional<SimDuration> duration) {
    std::vector<Value> faults = entries(root);
    if (index >= faults.size()) {
        return root;
    }
    Value& entry = faults[index];
    entry = with(entry, {"at"}, textValue(scenario::durationText(at))).value_or(entry);
    if (duration) {
        entry = with(entry, {"for"}, textValue(scenario::durationText(*duration))).value_or(entry);
    }
    return withEntries(root, std::move(faults));
}

Value withFaultKind(const Value& root, std::size_t index, const std::string& kind) {
    std::vector<Value> faults = entries(root);
    if (index >= faults.size()) {
        return root;
    }
    std::vector<scenario::Member> members;
    const FaultRow* before = findFault(textAt(faults[index], "kind"));
    for (const scenario::Member& member : faults[index].members()) {
        const bool isStrength = before != nullptr && before->quantity && member.key == before->quantity->key;
        if (member.key == "kind") {
            members.push_back({"kind", textValue(kind)});
        } else if (!isStrength) {
            members.push_back(member);
        }
    }
    const FaultRow* row = findFault(kind);
    PlannedFault fault;
    fault.kind = kind;
    fault.value = row != nullptr && row->quantity ? row->quantity->ofTool : 0;
    if (auto strength = strengthOf(fault)) {
        members.push_back(std::move(*strength));
    }
    faults[index] = Value::object(std::move(members));
    return withEntries(root, std::move(faults));
}

Value withoutPlannedFault(const Value& root, std::size_t index) {
    std::vector<Value> faults = entries(root);
    if (index < faults.size()) {
        faults.erase(faults.begin() + static_cast<std::ptrdiff_t>(index));
    }
    return withEntries(root, std::move(faults));
}

}  // namespace millrace::studio
