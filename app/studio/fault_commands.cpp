#include "app/studio/fault_commands.h"

#include <algorithm>

#include "engine/base/faults.h"
#include "engine/observe/processes.h"

namespace millrace::studio {

using bridge::Command;
using observe::LifeState;

namespace {

const observe::HostView* findHost(const observe::Snapshot& snapshot, const observe::ObjectId& id) {
    const auto& hosts = snapshot.cluster.hosts;
    const auto it = std::find_if(hosts.begin(), hosts.end(), [&](const auto& host) { return host.id == id; });
    return it == hosts.end() ? nullptr : &*it;
}

struct Fate {
    LifeState state = LifeState::Running;
    observe::ObjectId host;
};

Command repair(FaultKind kind, const observe::ObjectId& target) {
    return {std::string(rowOf(kind).name), target, 0};
}

Fate fateOf(const observe::Snapshot& snapshot, const observe::ObjectId& id) {
    Fate fate;
    observe::forEachProcess(snapshot, [&](const auto& process) {
        if (process.id == id) {
            fate = {process.state, process.host};
        }
    });
    for (const observe::HostView& host : snapshot.cluster.hosts) {
        const observe::ObjectId process = observe::processOf(id);
        if (std::find(host.processes.begin(), host.processes.end(), process) != host.processes.end()) {
            fate = {observe::lifeOn(host, process), host.id};
        }
    }
    return fate;
}

}  // namespace

Command commandFor(const std::string& kind, const observe::ObjectId& target) {
    const FaultRow* row = findFault(kind);
    // A tool has one strength; the inspector of a planned fault has any.
    return {kind, observe::processOf(target), row != nullptr && row->quantity ? row->quantity->ofTool : 0};
}

Command revivalOf(const observe::Snapshot& snapshot, const observe::ObjectId& target) {
    if (const observe::HostView* host = findHost(snapshot, target)) {
        return repair(observe::isDown(host->state) ? FaultKind::PowerOn : FaultKind::Revive, host->id);
    }
    const Fate fate = fateOf(snapshot, target);
    const observe::HostView* host = findHost(snapshot, fate.host);
    if (host != nullptr && observe::isDown(host->state)) {
        return repair(FaultKind::PowerOn, host->id);
    }
    return repair(fate.state == LifeState::Paused ? FaultKind::Resume : FaultKind::Restart, observe::processOf(target));
}

namespace {

bool isAnythingAmiss(const observe::Snapshot& snapshot) {
    const observe::RunView& run = snapshot.run;
    bool isAmiss = std::any_of(run.faults.begin(), run.faults.end(),
                               [&](const auto& fault) { return fault.at <= run.now && run.now < fault.until; });
    const auto look = [&isAmiss](const auto& each) {
        isAmiss = isAmiss || observe::isDown(each.state) || each.state == LifeState::Paused;
    };
    observe::forEachProcess(snapshot, look);
    std::for_each(snapshot.cluster.hosts.begin(), snapshot.cluster.hosts.end(), look);
    return isAmiss;
}

}  // namespace

std::optional<Command> revivalOfAll(const observe::Snapshot& snapshot) {
    return isAnythingAmiss(snapshot) ? std::optional(repair(FaultKind::Revive, "all")) : std::nullopt;
}

}  // namespace millrace::studio
