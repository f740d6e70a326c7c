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

std::vector<Command> onEachLink(const observe::Snapshot& snapshot, const std::string& kind,
                                const observe::ObjectId& host) {
    std::vector<Command> commands;
    for (const observe::HostView& other : snapshot.cluster.hosts) {
        if (other.id != host) {
            commands.push_back(
                {kind, "link:" + std::string(observe::nameOf(host)) + "-" + std::string(observe::nameOf(other.id)), 0});
        }
    }
    return commands;
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

std::vector<Command> mend(const observe::Snapshot& snapshot, const observe::HostView& host) {
    if (observe::isDown(host.state)) {
        return {{"power-on", host.id, 0}};
    }
    std::vector<Command> commands{{"slow-cpu", host.id, 1}, {"slow-disk", host.id, 1}, {"free-disk", host.id, 0}};
    const auto heals = onEachLink(snapshot, "heal", host.id);
    commands.insert(commands.end(), heals.begin(), heals.end());
    return commands;
}

}  // namespace

std::vector<Command> commandsFor(const observe::Snapshot& snapshot, const std::string& kind,
                                 const observe::ObjectId& target) {
    if (kind == "cut" && observe::kindOf(target) == ObjectKind::Host) {
        return onEachLink(snapshot, kind, target);
    }
    if (kind == "slow-cpu") {
        return {{kind, target, slowFactor}};
    }
    if (kind == "slow-disk") {
        return {{kind, target, slowDiskFactor}};
    }
    return {{kind, target, 0}};
}

std::vector<Command> revivalOf(const observe::Snapshot& snapshot, const observe::ObjectId& target) {
    if (const observe::HostView* host = findHost(snapshot, target)) {
        return mend(snapshot, *host);
    }
    const Fate fate = fateOf(snapshot, target);
    const observe::HostView* host = findHost(snapshot, fate.host);
    if (host != nullptr && observe::isDown(host->state)) {
        return {{"power-on", host->id, 0}};
    }
    if (fate.state == LifeState::Paused) {
        return {{"resume", target, 0}};
    }
    return {{"restart", target, 0}};
}

std::vector<Command> revivalOfAll(const observe::Snapshot& snapshot) {
    std::vector<Command> commands;
    const auto add = [&](const std::vector<Command>& more) {
        for (const Command& command : more) {
            const bool isThere = std::any_of(commands.begin(), commands.end(), [&](const Command& each) {
                return each.kind == command.kind && each.target == command.target;
            });
            if (!isThere) {
                commands.push_back(command);
            }
        }
    };
    for (const observe::HostView& host : snapshot.cluster.hosts) {
        if (observe::isDown(host.state) || !host.ailments.empty()) {
            add(mend(snapshot, host));
        }
    }
    const auto addEach = [&](const auto& processes) {
        for (const auto& process : processes) {
            if (observe::isDown(process.state) || process.state == LifeState::Paused) {
                add(revivalOf(snapshot, process.id));  // with the power of its host, where that is what it lacks
            }
        }
    };
    addEach(snapshot.cluster.servers);
    addEach(snapshot.cluster.brokers);
    if (!snapshot.storm.nimbus.id.empty()) {
        addEach(std::vector{snapshot.storm.nimbus});
    }
    addEach(snapshot.storm.supervisors);
    for (const observe::TopologyView& topology : snapshot.storm.topologies) {
        for (const observe::WorkerView& worker : topology.workers) {
            if (worker.state == LifeState::Paused) {
                add({{"resume", worker.id, 0}});  // workers that died are started by their supervisors
            }
        }
    }
    return commands;
}

}  // namespace millrace::studio
