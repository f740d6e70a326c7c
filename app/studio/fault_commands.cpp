#include "app/studio/fault_commands.h"

#include <algorithm>

namespace millrace::studio {

using bridge::Command;
using observe::LifeState;
using observe::ObjectKind;

namespace {

constexpr double slowFactor = 10;  // a tool has one strength; the inspector of a planned fault has any
constexpr double slowDiskFactor = 20;

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
    if (kind == "slow-cpu") {
        return {kind, target, slowFactor};
    }
    if (kind == "slow-disk") {
        return {kind, target, slowDiskFactor};
    }
    return {kind, target, 0};
}

Command revivalOf(const observe::Snapshot& snapshot, const observe::ObjectId& target) {
    if (const observe::HostView* host = findHost(snapshot, target)) {
        return {observe::isDown(host->state) ? "power-on" : "revive", host->id, 0};
    }
    const Fate fate = fateOf(snapshot, target);
    const observe::HostView* host = findHost(snapshot, fate.host);
    if (host != nullptr && observe::isDown(host->state)) {
        return {"power-on", host->id, 0};
    }
    return {fate.state == LifeState::Paused ? "resume" : "restart", target, 0};
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
    return isAnythingAmiss(snapshot) ? std::optional(Command{"revive", "all", 0}) : std::nullopt;
}

}  // namespace millrace::studio
