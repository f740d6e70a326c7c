#include "engine/hadoop/yarn/capacity_scheduler.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace millrace::hadoop {

void CapacityScheduler::addNode(NodeIndex node) {
    m_nodes[node] = {true, m_cluster->trackers[node].memory, 0};
}

void CapacityScheduler::removeNode(NodeIndex node) {
    m_nodes[node] = {};
}

void CapacityScheduler::release(NodeIndex node, std::uint32_t memory) {
    m_nodes[node].used -= std::min(memory, m_nodes[node].used);
}

void CapacityScheduler::setWishes(JobId app, std::vector<ContainerWish> wishes, std::vector<NodeIndex> banned) {
    App& own = m_apps[app];
    own.banned = std::move(banned);
    std::map<ContainerUse, Wish> fresh;
    for (ContainerWish& each : wishes) {
        if (each.count == 0) {
            continue;
        }
        const auto before = own.wishes.find(each.use);
        const std::uint32_t passed = before != own.wishes.end() ? before->second.passedOver : 0;
        each.memory = m_cluster->yarn.roundedUp(each.memory);
        const ContainerUse use = each.use;
        fresh[use] = {std::move(each), passed};
    }
    own.wishes = std::move(fresh);
}

bool CapacityScheduler::suits(const Wish& wish, NodeIndex node) const {
    const DaemonAddress& address = m_cluster->trackers[node];
    if (wish.wish.byHost.empty() || wish.wish.byHost.contains(address.host)) {
        return true;
    }
    const auto live = static_cast<std::uint32_t>(
        std::count_if(m_nodes.begin(), m_nodes.end(), [](const Node& each) { return each.isThere; }));
    if (wish.wish.byRack.contains(address.rack)) {
        return wish.passedOver >= std::min(live, m_cluster->yarn.localityDelay);
    }
    const double factor =
        std::min(1.0, static_cast<double>(wish.wish.byHost.size()) / static_cast<double>(std::max(live, 1U)));
    return static_cast<double>(wish.passedOver) > static_cast<double>(wish.wish.count) * factor;
}

void CapacityScheduler::take(ContainerWish& wish, const DaemonAddress& node) {
    const auto less = [](auto& places, const auto& key) {
        if (const auto at = places.find(key); at != places.end() && --at->second == 0) {
            places.erase(at);
        }
    };
    --wish.count;
    less(wish.byHost, node.host);
    less(wish.byRack, node.rack);
}

std::size_t CapacityScheduler::activeMost() const {
    double memory = 0;
    for (const Node& each : m_nodes) {
        memory += each.isThere ? each.memory : 0;
    }
    const double most = memory / m_cluster->yarn.minimumMemory * m_cluster->yarn.appMasterShare;
    return std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(most)));
}

std::optional<CapacityScheduler::Grant> CapacityScheduler::assign(NodeIndex node) {
    Node& own = m_nodes[node];
    if (!own.isThere) {
        return std::nullopt;
    }
    std::size_t active = activeMost();
    for (auto& [id, app] : m_apps) {
        if (active-- == 0) {
            break;
        }
        if (std::find(app.banned.begin(), app.banned.end(), node) != app.banned.end()) {
            continue;
        }
        for (auto& [use, wish] : app.wishes) {
            if (wish.wish.count == 0) {
                continue;
            }
            if (own.used + wish.wish.memory > own.memory) {
                break;  // what is less urgent does not take the room
            }
            if (!suits(wish, node)) {
                ++wish.passedOver;
                continue;
            }
            own.used += wish.wish.memory;
            wish.passedOver = 0;
            const Grant grant{id, use, wish.wish.memory};
            take(wish.wish, m_cluster->trackers[node]);
            return grant;
        }
    }
    return std::nullopt;
}

std::uint32_t CapacityScheduler::usedMemory() const {
    std::uint32_t used = 0;
    for (const Node& each : m_nodes) {
        used += each.used;
    }
    return used;
}

std::uint32_t CapacityScheduler::pending() const {
    std::uint32_t count = 0;
    for (const auto& [id, app] : m_apps) {
        for (const auto& [use, wish] : app.wishes) {
            count += wish.wish.count;
        }
    }
    return count;
}

}  // namespace millrace::hadoop
