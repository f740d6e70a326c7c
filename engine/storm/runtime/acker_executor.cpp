#include "engine/storm/runtime/acker_executor.h"

#include "engine/storm/cost.h"

namespace millrace::storm {

AckerTrees::Decision AckerTrees::apply(const AckBatch::Entry& entry, SimTime now) {
    auto [tree, isNew] = m_trees.insert(entry.root);
    if (isNew) {
        tree.start = now;
    }
    switch (entry.kind) {
        case AckBatch::Kind::Init:
            tree.value ^= entry.value;
            tree.left += entry.copies;
            tree.spout = entry.spout;
            break;
        case AckBatch::Kind::Ack:
            tree.value ^= entry.value;
            tree.left += entry.copies - static_cast<std::int32_t>(entry.count);
            break;
        case AckBatch::Kind::Fail:
            tree.failed = true;
            break;
    }
    Decision decision;
    if (tree.spout == noTask || (tree.value != 0 && !tree.failed)) {
        return decision;
    }
    decision.kind = tree.value == 0 ? Decision::Kind::Complete : Decision::Kind::Failed;
    decision.spout = tree.spout;
    decision.age = now - tree.start;
    decision.edgesLeft = tree.left;
    m_trees.erase(entry.root);
    return decision;
}

void AckerExecutor::start(sim::Context& context) {
    makeEmitters(context);
    m_tasks.resize(static_cast<std::size_t>(m_range.taskCount()));
    // Without time-outs no ticks come to ackers either (STORM-3514): a tree is followed until it ends.
    if (m_topology->config.enableMessageTimeouts) {
        context.arm(m_topology->config.messageTimeout, makeRef<TimeoutTick>());
    }
}

std::uint64_t AckerExecutor::pending() const {
    std::uint64_t sum = 0;
    for (const AckerTrees& trees : m_tasks) {
        sum += trees.size();
    }
    return sum;
}

void AckerExecutor::handle(sim::Context& context, const sim::Message& message) {
    if (const auto* batch = message.as<AckBatch>()) {
        run(context, *batch);
        return;
    }
    if (message.as<TimeoutTick>() != nullptr) {
        for (AckerTrees& trees : m_tasks) {
            (void)trees.rotate();
        }
        context.arm(m_topology->config.messageTimeout, makeRef<TimeoutTick>());
        return;
    }
    (void)handleCommon(context, message);
}

void AckerExecutor::run(sim::Context& context, const AckBatch& batch) {
    const std::size_t slot = slotOf(batch.target);
    AckerTrees& trees = m_tasks[slot];
    std::uint64_t updates = 0;
    for (const AckBatch::Entry& entry : batch.entries) {
        updates += entry.count;
        const AckerTrees::Decision decision = trees.apply(entry, context.now());
        if (decision.kind == AckerTrees::Decision::Kind::Complete) {
            ++m_completed;
            m_completedEarly += decision.edgesLeft == 0 ? 0U : 1U;
        }
        if (decision.kind != AckerTrees::Decision::Kind::Undecided) {
            m_emitters[slot].toSpout(decision.spout,
                                     {entry.root, decision.age, decision.kind == AckerTrees::Decision::Kind::Failed});
        }
    }
    ++m_messages;
    m_tuples += updates;
    m_figures.executed += updates;
    m_figures.acked += updates;
    CpuTime cost = cost::wakeUp + (cost::execute + cost::ackerUpdate) * static_cast<std::int64_t>(updates);
    if (batch.isRemote) {
        cost += cost::deserialise * static_cast<std::int64_t>(updates);
    }
    finishRun(context, cost);
}

}  // namespace millrace::storm
