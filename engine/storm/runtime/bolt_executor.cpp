#include "engine/storm/runtime/bolt_executor.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/storm/cost.h"

namespace millrace::storm {

/// One run's way out for a task of this executor.
class BoltExecutor::Output final : public BoltOutput {
public:
    Output(sim::Context& context, BoltExecutor& executor, std::size_t slot)
        : m_context(context),
          m_executor(executor),
          m_emitter(executor.m_emitters[slot]),
          m_routes(*executor.m_routes),
          m_slot(slot) {}

    [[nodiscard]] sim::Context& context() override { return m_context; }
    void spend(CpuTime cost) override { m_cost += cost; }
    [[nodiscard]] CpuTime cost() const { return m_cost; }

    void begin(const TupleView& tuple) {
        m_tuple = &tuple;
        m_anchor = {tuple.roots(), 0, 0, tuple.lineage(), 0};
        m_isSettled = false;
    }
    /// Acks the tuple at hand unless the bolt has done something else with it.
    void finish() {
        if (!m_isSettled) {
            for (const RootEdge& root : m_anchor.roots) {
                m_emitter.toAcker(root.root, AckBatch::Kind::Ack, root.edge ^ m_anchor.running, m_anchor.copies,
                                  noTask);
            }
            ++m_executor.m_figures.acked;
        }
        m_tuple = nullptr;
    }

    void emitTuple(std::uint8_t stream, std::span<const Value> values) override {
        MILLRACE_CHECK(m_tuple != nullptr);
        m_emitter.emitTuple(m_routes, stream, values, m_anchor, m_tuple->recordSet(), m_tuple->recordIndex());
    }

    [[nodiscard]] HeldTuple hold() override {
        MILLRACE_CHECK(m_tuple != nullptr && !m_isSettled);
        m_isSettled = true;
        const HeldTuple name = m_executor.m_nextHeld++;
        Held& held = m_executor.m_held[name];
        held.slot = static_cast<std::uint32_t>(m_slot);
        held.roots.assign(m_anchor.roots.begin(), m_anchor.roots.end());
        held.copies = m_anchor.copies;
        for (RootEdge& root : held.roots) {
            root.edge ^= m_anchor.running;
        }
        return name;
    }
    void ack(HeldTuple tuple) override { settle(tuple, AckBatch::Kind::Ack); }
    void fail(HeldTuple tuple) override { settle(tuple, AckBatch::Kind::Fail); }

    void fail() override {
        MILLRACE_CHECK(m_tuple != nullptr && !m_isSettled);
        m_isSettled = true;
        for (const RootEdge& root : m_anchor.roots) {
            m_emitter.toAcker(root.root, AckBatch::Kind::Fail, 0, 0, noTask);
        }
        ++m_executor.m_figures.failed;
    }

private:
    void settle(HeldTuple tuple, AckBatch::Kind kind) {
        const Held* held = m_executor.m_held.find(tuple);
        MILLRACE_CHECK(held != nullptr, tuple);
        Emitter& emitter = m_executor.m_emitters[held->slot];
        for (const RootEdge& root : held->roots) {
            const bool isAck = kind == AckBatch::Kind::Ack;
            emitter.toAcker(root.root, kind, isAck ? root.edge : 0, isAck ? held->copies : 0, noTask);
        }
        ++(kind == AckBatch::Kind::Ack ? m_executor.m_figures.acked : m_executor.m_figures.failed);
        m_executor.m_held.erase(tuple);
    }

    sim::Context& m_context;
    BoltExecutor& m_executor;
    Emitter& m_emitter;
    const RouteTable& m_routes;
    std::size_t m_slot;
    const TupleView* m_tuple = nullptr;
    Emitter::Anchor m_anchor;
    bool m_isSettled = false;
    CpuTime m_cost{0};
};

void BoltExecutor::start(sim::Context& context) {
    makeEmitters(context);
    const ComponentIndex self = componentIndex();
    for (std::int32_t i = 0; i < m_range.taskCount(); ++i) {
        const TaskId task = taskAt(static_cast<std::size_t>(i));
        m_bolts.push_back(component().bolt->make());
        m_bolts.back()->prepare(context, {*m_topology, self, task, task.value - component().firstTask.value});
    }
}

Bolt& BoltExecutor::boltAt(std::size_t slot) {
    if (m_bolts[slot]->isShared()) {
        m_bolts[slot] = m_bolts[slot]->clone();
    }
    return *m_bolts[slot];
}

void BoltExecutor::handle(sim::Context& context, const sim::Message& message) {
    if (const auto* batch = message.as<TupleBatch>()) {
        if (m_isHeldUp) {
            m_inbox.append(Ref<const TupleBatch>(batch));
            m_inboxTuples += batch->tuples.size();
            return;
        }
        run(context, *batch);
        return;
    }
    if (handleCommon(context, message)) {
        return;
    }
    // A connection belongs to one task; a timer that tasks cannot tell apart is for all of them.
    CpuTime cost{0};
    bool isTaken = false;
    for (std::size_t slot = 0; slot < m_bolts.size(); ++slot) {
        Output output(context, *this, slot);
        if (boltAt(slot).handle(output, message)) {
            cost += output.cost();
            isTaken = true;
            if (context.connection() != sim::noConnection) {
                break;
            }
        }
    }
    if (isTaken) {
        finishRun(context, cost::wakeUp + cost);
    }
}

void BoltExecutor::run(sim::Context& context, const TupleBatch& batch) {
    const std::size_t slot = slotOf(batch.target);
    Bolt& bolt = boltAt(slot);
    const ComponentIndex from = m_topology->componentIndexOf(batch.source);
    const auto count = static_cast<std::int64_t>(batch.tuples.size());
    Output output(context, *this, slot);
    output.spend(cost::wakeUp + cost::execute * count);
    if (batch.isRemote) {
        output.spend(cost::deserialise * count + cost::perByte * batch.textBytes);
    }
    int stream = -1;  // mostly the same for all
    int input = -1;
    for (const TupleHead& head : batch.tuples) {
        if (head.stream != stream) {
            stream = head.stream;
            input = m_topology->inputOf(componentIndex(), from, head.stream);
        }
        if (input < 0) {
            continue;  // It came from another version of the topology.
        }
        const TupleView tuple(batch, head, static_cast<std::uint16_t>(input));
        output.begin(tuple);
        bolt.execute(output, tuple);
        output.finish();
    }
    ++m_messages;
    m_tuples += batch.tuples.size();
    m_figures.executed += batch.tuples.size();
    finishRun(context, output.cost());
}

/// Works off what has come in meanwhile, a few batches a run so that a look at the queues comes in between.
void BoltExecutor::resume(sim::Context& context) {
    constexpr int batchesMax = 16;
    for (int i = 0; i < batchesMax && !m_isHeldUp && !m_inbox.empty(); ++i) {
        const Ref<const TupleBatch> batch = m_inbox.front();
        m_inbox.dropFront(m_inbox.firstIndex() + 1);
        m_inboxTuples -= batch->tuples.size();
        run(context, *batch);
    }
    if (!m_isHeldUp && !m_inbox.empty()) {
        m_isHeldUp = true;
        context.arm(SimDuration{0}, makeRef<PressureCheck>());
    }
}

}  // namespace millrace::storm
