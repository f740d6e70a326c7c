#include "engine/storm/cluster/scheduler.h"

#include <algorithm>
#include <set>

namespace millrace::storm {

namespace {

using SlotCounts = std::map<Slot, std::int32_t>;

SlotCounts countBySlot(const ExecutorSlots& executors) {
    SlotCounts counts;
    for (const auto& [executor, slot] : executors) {
        ++counts[slot];
    }
    return counts;
}

/// Slots whose executor count does not occur (often enough) in the ideal split of `executors` over `workers`.
std::set<Slot> badSlots(const SlotCounts& slots, std::int32_t executors, std::int32_t workers) {
    std::set<Slot> bad;
    if (workers <= 0) {
        return bad;
    }
    std::map<std::int32_t, std::int32_t> wanted;  // executors of a slot -> how many such slots
    const std::int32_t larger = executors % workers;
    if (larger > 0) {
        wanted[executors / workers + 1] += larger;
    }
    wanted[executors / workers] += workers - larger;
    for (const auto& [slot, count] : slots) {
        const auto found = wanted.find(count);
        if (found != wanted.end() && found->second > 0) {
            --found->second;
        } else {
            bad.insert(slot);
        }
    }
    return bad;
}

}  // namespace

bool needsScheduling(const SchedulingRequest& request) {
    return static_cast<std::int32_t>(countBySlot(request.alive).size()) < request.workers ||
           request.alive.size() < request.executors.size();
}

std::vector<Slot> sortedSlots(const std::vector<Slot>& freeSlots) {
    std::map<std::string, std::vector<Slot>> byNode;
    for (const Slot& slot : freeSlots) {
        byNode[slot.node].push_back(slot);
    }
    std::vector<std::vector<Slot>> nodes;
    for (auto& [node, slots] : byNode) {
        std::sort(slots.begin(), slots.end());
        nodes.push_back(std::move(slots));
    }
    std::stable_sort(nodes.begin(), nodes.end(),
                     [](const std::vector<Slot>& a, const std::vector<Slot>& b) { return a.size() > b.size(); });
    std::vector<Slot> sorted;
    for (std::size_t turn = 0; sorted.size() < freeSlots.size(); ++turn) {
        for (const std::vector<Slot>& slots : nodes) {
            if (turn < slots.size()) {
                sorted.push_back(slots[turn]);
            }
        }
    }
    return sorted;
}

ExecutorSlots schedule(const SchedulingRequest& request) {
    ExecutorSlots result = request.alive;
    if (!needsScheduling(request)) {
        return result;
    }
    std::vector<Slot> free = request.freeSlots;
    const SlotCounts used = countBySlot(result);
    const auto isKnown = [&](const Slot& slot) {
        return std::find(request.knownSlots.begin(), request.knownSlots.end(), slot) != request.knownSlots.end();
    };
    const auto reusable =
        std::count_if(used.begin(), used.end(), [&](const auto& each) { return isKnown(each.first); });
    const auto toUse = std::min<std::int32_t>(
        request.workers, static_cast<std::int32_t>(reusable) + static_cast<std::int32_t>(free.size()));
    if (toUse > static_cast<std::int32_t>(used.size()) || result.size() < request.executors.size()) {
        for (const Slot& slot : badSlots(used, static_cast<std::int32_t>(request.executors.size()), toUse)) {
            std::erase_if(result, [&](const auto& each) { return each.second == slot; });
            if (isKnown(slot)) {
                free.push_back(slot);
            }
        }
    }
    const auto kept = static_cast<std::int32_t>(countBySlot(result).size());
    const std::int32_t total = std::min(request.workers, static_cast<std::int32_t>(free.size()) + kept);
    std::vector<Slot> fresh = sortedSlots(free);
    fresh.resize(static_cast<std::size_t>(std::clamp(total - kept, 0, static_cast<std::int32_t>(fresh.size()))));
    if (fresh.empty()) {
        return result;
    }
    std::size_t next = 0;
    for (const ExecutorRange& executor : request.executors) {
        if (!result.contains(executor)) {
            result[executor] = fresh[next++ % fresh.size()];
        }
    }
    return result;
}

}  // namespace millrace::storm
