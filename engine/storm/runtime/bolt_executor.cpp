#include "engine/storm/runtime/bolt_executor.h"

#include <algorithm>
#include <deque>
#include <tuple>
#include <utility>

#include "engine/base/check.h"
#include "engine/storm/cost.h"

namespace millrace::storm {

namespace {

/// To itself, every `topology.tick.tuple.freq.secs` of the component.
struct TickTuple final : sim::MessageBase<TickTuple> {
    static constexpr std::string_view Name = "storm.TickTuple";
    void digest(Digest&) const override {}
};

}  // namespace

/// One run's way out for a task of this executor.
class BoltExecutor::Output final : public BoltOutput {
    /// Texts that were made in one run.
    struct MadeTexts final : Counted {
        std::deque<std::string> texts;
    };

public:
    Output(sim::Context& context, BoltExecutor& executor, std::size_t slot)
        : m_context(context), m_executor(executor), m_emitter(executor.m_emitters[slot]), m_slot(slot) {}

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
        if (m_texts) [[unlikely]] {
            const std::uint32_t record = withTexts(m_tuple->recordSet(), m_tuple->recordIndex());
            m_emitter.emitTuple(stream, values, m_anchor, m_made, record);
            return;
        }
        m_emitter.emitTuple(stream, values, m_anchor, m_tuple->recordSet(), m_tuple->recordIndex());
    }

    [[nodiscard]] std::string_view keep(std::string text) override {
        if (!m_texts) {
            m_texts = makeRef<MadeTexts>();
        }
        return m_texts->texts.emplace_back(std::move(text));
    }

    void emitMade(std::uint8_t stream, std::span<const Value> values, std::span<const HeldTuple> parents,
                  const RecordSetRef& records, std::uint32_t record, std::uint32_t lineage) override {
        std::vector<Origin> origins = originsOf(parents);
        std::vector<RootEdge> roots;
        roots.reserve(origins.size());
        for (const Origin& each : origins) {
            roots.push_back({each.root, 0});
        }
        Emitter::Anchor anchor{roots, 0, 0, lineage, 0};
        // One set for all, since a message counts its sets with 16 bits.
        const std::uint32_t place = withTexts(records, record);
        m_emitter.emitTuple(stream, values, anchor, m_made, place);
        for (const Origin& each : origins) {
            Held* held = m_executor.m_held.update(each.parent);
            held->roots[each.place].edge ^= anchor.running;
            held->roots[each.place].copies += anchor.copies;
        }
    }

    [[nodiscard]] HeldTuple hold() override {
        MILLRACE_CHECK(m_tuple != nullptr && !m_isSettled);
        m_isSettled = true;
        const HeldTuple name = m_executor.m_nextHeld++;
        Held& held = m_executor.m_held[name];
        held.slot = static_cast<std::uint32_t>(m_slot);
        for (const RootEdge& root : m_anchor.roots) {
            held.roots.push_back({root.root, root.edge ^ m_anchor.running, m_anchor.copies});
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
        for (const HeldRoot& root : held->roots) {
            const bool isAck = kind == AckBatch::Kind::Ack;
            emitter.toAcker(root.root, kind, isAck ? root.edge : 0, isAck ? root.copies : 0, noTask);
        }
        ++(kind == AckBatch::Kind::Ack ? m_executor.m_figures.acked : m_executor.m_figures.failed);
        m_executor.m_held.erase(tuple);
    }

    /// A root that a made tuple is anchored to, and the held tuple that answers for it.
    struct Origin {
        std::uint64_t root = 0;
        HeldTuple parent = 0;
        std::size_t place = 0;  ///< among the parent's roots
    };

    /// Each root once, by the first of the tuples that have it.
    [[nodiscard]] std::vector<Origin> originsOf(std::span<const HeldTuple> parents) const {
        std::vector<Origin> origins;
        for (const HeldTuple parent : parents) {
            const Held* held = m_executor.m_held.find(parent);
            MILLRACE_CHECK(held != nullptr, parent);
            for (std::size_t i = 0; i < held->roots.size(); ++i) {
                origins.push_back({held->roots[i].root, parent, i});
            }
        }
        const auto byRoot = [](const Origin& a, const Origin& b) {
            return std::tie(a.root, a.parent) < std::tie(b.root, b.parent);
        };
        const auto isSame = [](const Origin& a, const Origin& b) { return a.root == b.root; };
        std::sort(origins.begin(), origins.end(), byRoot);
        origins.erase(std::unique(origins.begin(), origins.end(), isSame), origins.end());
        constexpr std::size_t rootsMost = 65'535;  // what a tuple's head can say
        origins.resize(std::min(origins.size(), rootsMost));
        return origins;
    }

    /// The record's place in a set that holds the run's texts beside what the record's own set holds.
    std::uint32_t withTexts(const RecordSetRef& records, std::uint32_t record) {
        if (!m_made) {
            m_texts = m_texts ? m_texts : makeRef<MadeTexts>();
            m_made = makeRef<RecordSet>();
            m_made->owners.push_back(m_texts);
        }
        if (!(m_lastSet == records) || m_lastRecord != record || m_made->records.empty()) {
            m_lastSet = records;
            m_lastRecord = record;
            m_made->owners.push_back(records);
            m_made->records.push_back(records->records[record]);
        }
        return static_cast<std::uint32_t>(m_made->records.size() - 1);
    }

    sim::Context& m_context;
    BoltExecutor& m_executor;
    Emitter& m_emitter;
    std::size_t m_slot;
    const TupleView* m_tuple = nullptr;
    Emitter::Anchor m_anchor;
    bool m_isSettled = false;
    CpuTime m_cost{0};
    Ref<MadeTexts> m_texts;  ///< of this run; null: there are none
    Ref<RecordSet> m_made;   ///< records of tuples that may hold views of them
    RecordSetRef m_lastSet;
    std::uint32_t m_lastRecord = 0;
};

void BoltExecutor::start(sim::Context& context) {
    makeEmitters(context);
    const ComponentIndex self = componentIndex();
    for (std::int32_t i = 0; i < m_range.taskCount(); ++i) {
        const TaskId task = taskAt(static_cast<std::size_t>(i));
        m_bolts.push_back(component().bolt->make());
        m_bolts.back()->prepare(context, {*m_topology, self, task, task.value - component().firstTask.value});
    }
    armTick(context);
}

void BoltExecutor::armTick(sim::Context& context) const {
    if (component().tickEvery > SimDuration{0}) {
        context.arm(component().tickEvery, makeRef<TickTuple>());
    }
}

void BoltExecutor::runTick(sim::Context& context) {
    armTick(context);
    CpuTime cost{0};
    for (std::size_t slot = 0; slot < m_bolts.size(); ++slot) {
        Output output(context, *this, slot);
        output.spend(cost::execute);
        boltAt(slot).tick(output);
        cost += output.cost();
    }
    finishRun(context, cost::wakeUp + cost);
}

Bolt& BoltExecutor::boltAt(std::size_t slot) {
    if (m_bolts[slot]->isShared()) {
        m_bolts[slot] = cloned([&] { return m_bolts[slot]->clone(); });
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
    if (message.as<TickTuple>() != nullptr) {
        runTick(context);
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
    output.spend(cost::wakeUp + (cost::execute + component().cost) * count);
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
