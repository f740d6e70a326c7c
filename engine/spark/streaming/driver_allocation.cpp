#include <fmt/format.h>

#include <algorithm>

#include "engine/spark/streaming/driver.h"
#include "engine/spark/streaming/driver_timers.h"

// Dynamic allocation: executors are asked of the master and given back.

namespace millrace::spark {

void DriverActor::armAllocation(sim::Context& context) {
    constexpr SimDuration look = std::chrono::milliseconds{100};  // ExecutorAllocationManager.intervalMillis
    if (m_application->ratioAllocation.isEnabled) {
        context.arm(m_application->ratioAllocation.interval, makeRef<AllocationTime>());
    } else if (m_application->backlogAllocation.isEnabled) {
        context.arm(look, makeRef<AllocationTime>());
    }
}

void DriverActor::allocate(sim::Context& context) {
    if (m_application->ratioAllocation.isEnabled) {
        allocateByRatio(context);
    } else {
        allocateByBacklog(context);
    }
    armAllocation(context);
}

void DriverActor::requestExecutors(sim::Context& context, std::int32_t total) {
    if (!m_master.isOpen()) {
        return;
    }
    m_wantedExecutors = total;
    auto request = makeRef<RequestExecutors>();
    request->application = m_application->name;
    request->total = total;
    m_master.transmit(context, std::move(request));
}

void DriverActor::giveBack(sim::Context& context, ExecutorId id, const std::string& why) {
    const auto at = m_executors.find(id);
    if (at == m_executors.end() || !m_master.isOpen() || !m_dismissed.insert(id).second) {
        return;
    }
    context.journal(
        {"spark.executor-given-back",
         sim::Severity::Notice,
         fmt::format("{} gives executor {} on {} back: {}", m_application->name, id.value, at->second.host, why),
         {{"application", m_application->name}, {"executor", std::to_string(id.value)}}});
    m_wantedExecutors = static_cast<std::int32_t>(m_executors.size() - m_dismissed.size());
    auto kill = makeRef<KillExecutor>();
    kill->application = m_application->name;
    kill->executor = id;
    m_master.transmit(context, std::move(kill));
}

bool DriverActor::holdsReceiver(ExecutorId id) const {
    return std::any_of(m_receivers.begin(), m_receivers.end(),
                       [&](const auto& each) { return each.second.executor == id; });
}

void DriverActor::allocateByRatio(sim::Context& context) {
    const auto present = static_cast<std::int32_t>(m_executors.size());
    const auto decision =
        m_ratioAllocation.decide(m_application->program->batch, present, m_application->program->receivers());
    if (!decision || (decision->total == present && !decision->givesOneBack)) {
        return;
    }
    if (!decision->givesOneBack) {
        context.journal({"spark.executors-requested",
                         sim::Severity::Notice,
                         fmt::format("{} asks for {} executors in all: its batches take {} of their interval or more",
                                     m_application->name, decision->total, m_application->ratioAllocation.upRatio),
                         {{"application", m_application->name}}});
        requestExecutors(context, decision->total);
        return;
    }
    std::vector<ExecutorId> free;
    for (const auto& [id, executor] : m_executors) {
        if (!holdsReceiver(id) && !m_dismissed.contains(id)) {
            free.push_back(id);
        }
    }
    if (!free.empty()) {
        const auto chosen = static_cast<std::size_t>(context.random().below(free.size()));
        giveBack(
            context, free[chosen],
            fmt::format("batches take no more than {} of their interval", m_application->ratioAllocation.downRatio));
    }
}

void DriverActor::allocateByBacklog(sim::Context& context) {
    std::int32_t cores = m_application->executorCores;
    for (const auto& [id, executor] : m_executors) {
        cores = std::max(cores, executor.cores);
    }
    // A receiver is a task that never ends.
    const auto unplaced = static_cast<std::int32_t>(
        std::count_if(m_receivers.begin(), m_receivers.end(), [](const auto& each) { return each.second.isToPlace; }));
    const std::int32_t running = m_tasks.running() + static_cast<std::int32_t>(m_receivers.size()) - unplaced;
    if (m_backlogAllocation.look(context.now(), m_tasks.pending() + unplaced, running, std::max(cores, 1))) {
        requestExecutors(context, m_backlogAllocation.target());
    }
    std::map<ExecutorId, bool> isBusy;
    for (const auto& [id, executor] : m_executors) {
        if (!m_dismissed.contains(id)) {
            isBusy[id] = m_tasks.runningOn(id) > 0 || holdsReceiver(id) || m_lineage.keepsSomething(id);
        }
    }
    for (const ExecutorId id : m_backlogAllocation.idle(context.now(), isBusy)) {
        giveBack(context, id, fmt::format("it was idle for {}", toText(m_application->backlogAllocation.idleTimeout)));
    }
}

}  // namespace millrace::spark
