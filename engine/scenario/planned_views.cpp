#include "engine/scenario/planned_views.h"

#include "engine/scenario/sections.h"
#include "engine/scenario/written_out.h"

namespace millrace::scenario {

observe::ObjectId PlannedProcesses::hostOf(const Value& object) {
    const Value* host = object.find("host");
    const std::string name = host != nullptr ? host->asText() : std::string();
    return name.empty() ? observe::ObjectId() : observe::hostId(name);
}

std::int64_t PlannedProcesses::integerOf(const Value& object, std::string_view key, std::int64_t otherwise) {
    const Value* value = object.find(key);
    return value != nullptr && value->isInteger() ? value->asInteger() : otherwise;
}

const Value* PlannedProcesses::find(std::string_view path) const {
    const Value* here = &m_document;
    while (here != nullptr && !path.empty()) {
        const std::size_t dot = path.find('.');
        here = here->find(path.substr(0, dot));
        path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    }
    return here;
}

void PlannedProcesses::addAll(observe::ObjectKind kind) const {
    const std::string_view place = observe::rowOf(kind).place;
    const auto add = [this](observe::ObjectId id, const Value& object) {
        views.processes.push_back({std::move(id), hostOf(object), observe::LifeState::Planned, {}});
    };
    if (observe::rowOf(kind).hasName()) {
        forEach(place.substr(0, place.rfind('.')), [&](const std::string& name, const Value& object) {
            add(observe::ObjectId(observe::toText(kind)) + ":" + name, object);
        });
    } else if (const Value* object = find(place)) {
        add(observe::ObjectId(observe::toText(kind)), *object);
    }
}

Value startOf(observe::ObjectKind kind, const Value& document) {
    for (const Section* section : sections()) {
        if (Value start = section->startOf(kind, document); !start.members().empty()) {
            return start;
        }
    }
    return Value::object({});
}

observe::SystemViews plannedViews(const Value& document) {
    observe::SystemViews views;
    const Value whole = writtenOut(document).document;
    const PlannedProcesses planned(whole, views);
    planned.forEach("hosts", [&views](const std::string& name, const Value& object) {
        observe::HostView& host = views.cluster.hosts.emplace_back();
        host.id = observe::hostId(name);
        host.rack = object.find("rack") != nullptr ? object.find("rack")->asText() : std::string();
        host.state = observe::LifeState::Planned;
        host.cores = static_cast<double>(PlannedProcesses::integerOf(object, "cores", 0));
    });
    for (const Section* section : sections()) {
        section->describePlan(planned);
    }
    return views;
}

}  // namespace millrace::scenario
