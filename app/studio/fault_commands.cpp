#include "app/studio/fault_commands.h"

#include <algorithm>

#include "engine/base/faults.h"

namespace millrace::studio {

using bridge::Command;
using observe::LifeState;
using observe::ObjectKind;

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

template <typename Range>
bool findIn(const Range& range, const observe::ObjectId& id, Fate& fate) {
    for (const auto& item : range) {
        if (item.id == id) {
            fate = {item.state, item.host};
            return true;
        }
    }
    return false;
}

Command repair(FaultKind kind, const observe::ObjectId& target) {
    return {std::string(rowOf(kind).name), target, 0};
}

Fate fateOf(const observe::Snapshot& snapshot, const observe::ObjectId& id) {
    Fate fate;
    if (findIn(snapshot.cluster.brokers, id, fate) || findIn(snapshot.cluster.servers, id, fate) ||
        findIn(snapshot.storm.supervisors, id, fate)) {
        return fate;
    }
    if (snapshot.storm.nimbus.id == id) {
        return {snapshot.storm.nimbus.state, snapshot.storm.nimbus.host};
    }
    for (const observe::TopologyView& topology : snapshot.storm.topologies) {
        if (findIn(topology.workers, id, fate)) {
            return fate;
        }
    }
    return fate;
}

}  // namespace

Command commandFor(const std::string& kind, const observe::ObjectId& target) {
    const FaultRow* row = findFault(kind);
    // A tool has one strength; the inspector of a planned fault has any.
    return {kind, target, row != nullptr && row->quantity ? row->quantity->ofTool : 0};
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
    return repair(fate.state == LifeState::Paused ? FaultKind::Resume : FaultKind::Restart, target);
}

namespace {

bool isAnythingAmiss(const observe::Snapshot& snapshot) {
    const auto isAmiss = [](const auto& process) {
        return observe::isDown(process.state) || process.state == LifeState::Paused;
    };
    const auto anyOf = [&](const auto& range) { return std::any_of(range.begin(), range.end(), isAmiss); };
    const observe::RunView& run = snapshot.run;
    return anyOf(snapshot.cluster.hosts) || anyOf(snapshot.cluster.servers) || anyOf(snapshot.cluster.brokers) ||
           anyOf(snapshot.storm.supervisors) || (!snapshot.storm.nimbus.id.empty() && isAmiss(snapshot.storm.nimbus)) ||
           std::any_of(snapshot.storm.topologies.begin(), snapshot.storm.topologies.end(),
                       [&](const auto& topology) { return anyOf(topology.workers); }) ||
           std::any_of(run.faults.begin(), run.faults.end(),
                       [&](const auto& fault) { return fault.at <= run.now && run.now < fault.until; });
}

}  // namespace

std::optional<Command> revivalOfAll(const observe::Snapshot& snapshot) {
    return isAnythingAmiss(snapshot) ? std::optional(repair(FaultKind::Revive, "all")) : std::nullopt;
}

}  // namespace millrace::studio
