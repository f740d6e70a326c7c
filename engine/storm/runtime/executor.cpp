#include "engine/storm/runtime/executor.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/sim/metrics.h"
#include "engine/storm/cost.h"
#include "engine/storm/metrics.h"
#include "engine/storm/runtime/acker_executor.h"
#include "engine/storm/runtime/bolt_executor.h"
#include "engine/storm/runtime/spout_executor.h"

namespace millrace::storm {

namespace {
constexpr SimDuration pressurePoll = std::chrono::milliseconds{1};
}  // namespace

EmitFigures Executor::emitFigures() const {
    EmitFigures sum;
    for (const Emitter& emitter : m_emitters) {
        sum.emitted += emitter.figures().emitted;
        sum.transferred += emitter.figures().transferred;
        sum.lost += emitter.figures().lost;
    }
    return sum;
}

void Executor::makeEmitters(sim::Context& context) {
    m_startedAt = context.now();
    m_capacity.start(m_startedAt);
    for (std::int32_t i = 0; i < m_range.taskCount(); ++i) {
        const TaskId task = taskAt(static_cast<std::size_t>(i));
        m_emitters.emplace_back(*m_topology, componentIndex(), task,
                                context.makeStream(fmt::format("task-{}", task.value)));
    }
    m_routes = makeRef<RouteTable>();
}

void Executor::finishRun(sim::Context& context, CpuTime cost) {
    for (Emitter& emitter : m_emitters) {
        cost += emitter.flush(context, *m_routes);
    }
    context.spend(cost);
    m_figures.executeTime += cost;
    m_capacity.add(context.now(), cost);
    if (!m_isHeldUp && mustWait(context)) {
        m_isHeldUp = true;
        context.arm(pressurePoll, makeRef<PressureCheck>());
    }
}

void Executor::refreshLoad(const LoadMap* loads) {
    for (Emitter& emitter : m_emitters) {
        emitter.refreshLoad(*m_routes, loads, m_topology->config);
    }
}

std::uint64_t Executor::queuedTuples(const sim::Context& context, sim::ActorId executor) {
    const auto* peer = static_cast<const Executor*>(context.peer(executor));
    if (peer == nullptr) {
        return 0;
    }
    const std::uint64_t waiting = context.waiting(executor);
    const std::uint64_t inbox = peer->inboxTuples();
    return waiting == 0 ? inbox
                        : inbox + static_cast<std::uint64_t>(static_cast<double>(waiting) * peer->tuplesPerMessage());
}

bool Executor::mustWait(sim::Context& context) const {
    const std::uint64_t limit = m_topology->config.receiveBufferSize;
    for (const Emitter& emitter : m_emitters) {
        for (const TaskId task : emitter.lastTargets()) {
            const auto at = static_cast<std::size_t>(task.value);
            if (at >= m_routes->routes.size()) {
                continue;
            }
            const RouteTable::Route& route = m_routes->routes[at];
            if (route.isPressed) {
                return true;
            }
            if (route.kind == RouteTable::Kind::Local && queuedTuples(context, route.actor) > limit) {
                return true;
            }
        }
    }
    return false;
}

bool Executor::handleCommon(sim::Context& context, const sim::Message& message) {
    if (const auto* routes = message.as<RoutesChanged>()) {
        const bool isNewlyAssigned = routes->table->isAssigned && !m_routes->isAssigned;
        m_routes = routes->table;
        if (isNewlyAssigned) {
            refreshLoad(nullptr);
        }
        routesChanged(context);
        return true;
    }
    if (const auto* loads = message.as<LoadChanged>()) {
        refreshLoad(loads->map.get());
        return true;
    }
    if (message.as<PressureCheck>() != nullptr) {
        m_isHeldUp = mustWait(context);
        if (m_isHeldUp) {
            context.arm(pressurePoll, makeRef<PressureCheck>());
        } else {
            resume(context);
        }
        return true;
    }
    return false;
}

SentFigures Executor::sent(std::size_t stream, std::size_t subscription) const {
    SentFigures sum;
    for (const Emitter& emitter : m_emitters) {
        sum.tuples += emitter.sent(stream, subscription).tuples;
        sum.copies += emitter.sent(stream, subscription).copies;
    }
    return sum;
}

void Executor::sample(sim::MetricSink& sink) const {
    const EmitFigures emits = emitFigures();
    sink.add(metric::emitted, static_cast<double>(emits.emitted));
    sink.add(metric::transferred, static_cast<double>(emits.transferred));
    sink.add(metric::executed, static_cast<double>(m_figures.executed));
    sink.add(metric::acked, static_cast<double>(m_figures.acked));
    sink.add(metric::failed, static_cast<double>(m_figures.failed));
    sink.add(metric::replayed, static_cast<double>(m_figures.replayed));
    sink.add(metric::busyMilliseconds, seconds(m_figures.executeTime) * 1e3);
    sink.add(metric::pending, static_cast<double>(pending()));
    const auto& outputs = component().outputs;
    for (std::size_t stream = 0; stream < outputs.size(); ++stream) {
        for (std::size_t i = 0; i < outputs[stream].subscriptions.size(); ++i) {
            const std::uint64_t copies = sent(stream, i).copies;
            const std::string& consumer = m_topology->component(outputs[stream].subscriptions[i].consumer).id;
            sink.add(metric::sent, static_cast<double>(copies), outputs[stream].spec.name + ">" + consumer);
        }
    }
    if (component().kind == ComponentKind::Spout) {
        sink.add(metric::completeMilliseconds, seconds(m_figures.completeTime) * 1e3);
    }
}

Ref<sim::Actor> makeExecutor(TopologyRef topology, ExecutorRange range) {
    switch (topology->componentOf(range.first).kind) {
        case ComponentKind::Spout:
            return makeRef<SpoutExecutor>(std::move(topology), range);
        case ComponentKind::Bolt:
            return makeRef<BoltExecutor>(std::move(topology), range);
        case ComponentKind::Acker:
            return makeRef<AckerExecutor>(std::move(topology), range);
    }
    return nullptr;
}

}  // namespace millrace::storm
