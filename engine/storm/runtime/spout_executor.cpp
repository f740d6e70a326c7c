#include "engine/storm/runtime/spout_executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/storm/cost.h"
#include "engine/storm/journal_kinds.h"

namespace millrace::storm {

class SpoutExecutor::Output final : public SpoutOutput {
public:
    Output(sim::Context& context, SpoutExecutor& executor, std::size_t slot)
        : m_context(context), m_executor(executor), m_emitter(executor.m_emitters[slot]), m_slot(slot) {}

    [[nodiscard]] sim::Context& context() override { return m_context; }
    void spend(CpuTime cost) override { m_cost += cost; }
    void noteReplay() override { ++m_executor.m_figures.replayed; }
    [[nodiscard]] CpuTime cost() const { return m_cost; }

    void emitTuple(std::uint8_t stream, std::span<const Value> values, const RecordSetRef& records,
                   std::uint32_t record, MessageId id) override {
        if (m_executor.m_topology->ackerCount() == 0) {
            Emitter::Anchor untracked;
            m_emitter.emitTuple(stream, values, untracked, records, record);
            m_acked.push_back(id);
            return;
        }
        const RootEdge root{rootOf(m_context.now(), m_executor.taskAt(m_slot), m_executor.m_roots++), 0};
        Emitter::Anchor anchor{{&root, 1}, 0};
        m_emitter.emitTuple(stream, values, anchor, records, record);
        m_emitter.toAcker(root.root, AckBatch::Kind::Init, anchor.running, anchor.copies, m_executor.taskAt(m_slot));
        Pending& pending = m_executor.m_pending.insert(root.root).first;
        pending = {id, m_context.now(), static_cast<std::uint32_t>(m_slot)};
        m_cost += cost::spoutTrack;
    }

    /// Without ackers a tuple counts as acked when it is emitted.
    void ackUntracked(Spout& spout) {
        for (const MessageId id : std::exchange(m_acked, {})) {
            ++m_executor.m_figures.acked;
            spout.ack(*this, id);
        }
    }

private:
    sim::Context& m_context;
    SpoutExecutor& m_executor;
    Emitter& m_emitter;
    std::size_t m_slot;
    CpuTime m_cost{0};
    std::vector<MessageId> m_acked;
};

void SpoutExecutor::start(sim::Context& context) {
    makeEmitters(context);
    for (std::int32_t i = 0; i < m_range.taskCount(); ++i) {
        m_spouts.push_back(component().spout->make());
    }
    m_tickAt = context.now() + m_topology->config.messageTimeout;
    armTick(context);
}

std::uint64_t SpoutExecutor::unfinished() const {
    std::uint64_t sum = 0;
    for (const Ref<Spout>& spout : m_spouts) {
        sum += spout->unfinished();
    }
    return sum;
}

std::vector<SpoutPosition> SpoutExecutor::positions() const {
    std::vector<SpoutPosition> all;
    for (const Ref<Spout>& spout : m_spouts) {
        const std::vector<SpoutPosition> positions = spout->positions();
        all.insert(all.end(), positions.begin(), positions.end());
    }
    return all;
}

Spout& SpoutExecutor::spoutAt(std::size_t slot) {
    if (m_spouts[slot]->isShared()) {
        m_spouts[slot] = cloned([&] { return m_spouts[slot]->clone(); });
    }
    return *m_spouts[slot];
}

/// The tick waits for the workers that hold the trees: what silenced one of them is the cause of what times out.
void SpoutExecutor::armTick(sim::Context& context) {
    if (!m_topology->config.enableMessageTimeouts) {
        return;
    }
    context.cancel(m_tickTimer);
    const SimDuration left = std::max(m_tickAt - context.now(), SimDuration{0});
    const RouteTable::Peer* party = nullptr;
    for (const RouteTable::Peer& peer : m_routes->peers) {
        if (peer.connection != sim::noConnection && (party == nullptr || (party->isOpen && !peer.isOpen))) {
            party = &peer;
        }
    }
    m_tickTimer = party != nullptr ? context.waitFor(party->connection, left, makeRef<TimeoutTick>())
                                   : context.arm(left, makeRef<TimeoutTick>());
}

void SpoutExecutor::open(sim::Context& context) {
    m_isOpen = true;
    m_idleSince = context.now();
    CpuTime cost{0};
    for (std::size_t slot = 0; slot < m_spouts.size(); ++slot) {
        Output output(context, *this, slot);
        const TaskId task = taskAt(slot);
        spoutAt(slot).open(output, {*m_topology, componentIndex(), task, task.value - component().firstTask.value});
        cost += output.cost();
    }
    finishRun(context, cost);
}

void SpoutExecutor::routesChanged(sim::Context& context) {
    armTick(context);
    if (m_routes->isActive && !m_isOpen) {
        open(context);
    }
}

void SpoutExecutor::resume(sim::Context& context) {
    finishRun(context, pump(context));
}

void SpoutExecutor::handle(sim::Context& context, const sim::Message& message) {
    if (message.as<Wake>() != nullptr) {
        m_isAwake = false;
        m_idleSince = context.now();
        finishRun(context, pump(context));
        return;
    }
    if (const auto* results = message.as<TreeResults>()) {
        const CpuTime cost = settle(context, *results);
        if (!m_isAwake) {
            planWake(context, false);
        }
        finishRun(context, cost);
        return;
    }
    if (message.as<TimeoutTick>() != nullptr) {
        m_tickAt = context.now() + m_topology->config.messageTimeout;
        m_tickTimer = sim::noTimer;
        armTick(context);
        const CpuTime cost = expire(context);
        planWake(context, false);
        finishRun(context, cost);
        return;
    }
    if (handleCommon(context, message)) {
        return;
    }
    for (std::size_t slot = 0; slot < m_spouts.size(); ++slot) {
        Output output(context, *this, slot);
        if (spoutAt(slot).handle(output, message)) {
            planWake(context, false);
            finishRun(context, output.cost());
            if (context.connection() != sim::noConnection) {
                return;
            }
        }
    }
}

CpuTime SpoutExecutor::pump(sim::Context& context) {
    if (!m_isOpen || !m_routes->isActive || m_isHeldUp) {
        return CpuTime{0};
    }
    CpuTime cost = cost::wakeUp;
    bool goOn = false;
    const auto& limit = m_topology->config.maxSpoutPending;
    for (std::size_t i = 0; i < m_spouts.size(); ++i) {
        const std::size_t slot = (m_nextSlot + i) % m_spouts.size();
        std::uint64_t room = runMax;
        if (limit) {
            const std::uint64_t most = static_cast<std::uint64_t>(*limit) * m_spouts.size();
            room = std::min(room, most - std::min(most, m_pending.size()));
        }
        if (room == 0) {
            break;
        }
        Output output(context, *this, slot);
        const std::uint32_t emitted = spoutAt(slot).nextTuples(output, static_cast<std::uint32_t>(room));
        output.ackUntracked(spoutAt(slot));
        goOn = goOn || emitted == room;
        cost += output.cost();
    }
    m_nextSlot = (m_nextSlot + 1) % m_spouts.size();
    planWake(context, goOn);
    return cost;
}

/// At once when the last run was cut short, else at the end of the sleep in which something turns up.
void SpoutExecutor::planWake(sim::Context& context, bool goOn) {
    if (m_isAwake) {
        return;
    }
    if (goOn) {
        m_isAwake = true;
        context.send(context.self(), makeRef<Wake>());
        return;
    }
    const auto& limit = m_topology->config.maxSpoutPending;
    if (limit && m_pending.size() >= static_cast<std::uint64_t>(*limit) * m_spouts.size()) {
        return;  // An ack or a time-out will come.
    }
    const SimTime now = context.now();
    std::optional<SimTime> due;
    for (const Ref<Spout>& spout : m_spouts) {
        if (spout->hasNext(now)) {
            due = now;
            break;
        }
        if (const auto later = spout->nextDue(); later && (!due || *later < *due)) {
            due = later;
        }
    }
    if (!due) {
        return;
    }
    const SimDuration sleep = m_topology->config.spoutWait;
    const std::int64_t sleeps = std::max<std::int64_t>(1, (*due - m_idleSince + sleep - SimDuration{1}) / sleep);
    const SimTime at = m_idleSince + sleep * sleeps;
    if (m_wakeTimer != sim::noTimer && m_wakeAt > now && m_wakeAt <= at) {
        return;
    }
    context.cancel(m_wakeTimer);
    m_wakeAt = at;
    m_wakeTimer = context.arm(std::max(at - now, SimDuration{0}), makeRef<Wake>());
}

CpuTime SpoutExecutor::settle(sim::Context& context, const TreeResults& results) {
    const std::size_t slot = slotOf(results.target);
    Spout& spout = spoutAt(slot);
    Output output(context, *this, slot);
    output.spend(cost::wakeUp);
    for (const TreeResults::Entry& entry : results.entries) {
        const std::optional<Pending> known = m_pending.take(entry.root);
        if (!known) {
            continue;  // It has timed out meanwhile.
        }
        output.spend(cost::execute + cost::spoutTrack + (results.isRemote ? cost::deserialise : CpuTime{0}));
        if (entry.failed) {
            ++m_figures.failed;
            spout.fail(output, known->id);
        } else {
            ++m_figures.acked;
            m_figures.completeTime += entry.age;
            m_figures.completeMax = std::max(m_figures.completeMax, entry.age);
            spout.ack(output, known->id);
        }
    }
    m_figures.executed += results.entries.size();
    return output.cost();
}

CpuTime SpoutExecutor::expire(sim::Context& context) {
    std::vector<Pending> expired;
    for (const auto& [root, pending] : m_pending.rotate()) {
        expired.push_back(pending);
    }
    std::sort(expired.begin(), expired.end(), [](const Pending& a, const Pending& b) {
        return std::tie(a.emitted, a.slot, a.id) < std::tie(b.emitted, b.slot, b.id);
    });
    CpuTime cost{0};
    for (const Pending& pending : expired) {
        Output output(context, *this, pending.slot);
        journalTimeout(context, pending);
        ++m_figures.failed;
        ++m_figures.timedOut;
        spoutAt(pending.slot).fail(output, pending.id);
        cost += output.cost() + cost::spoutTrack;
    }
    return cost;
}

void SpoutExecutor::journalTimeout(sim::Context& context, const Pending& pending) {
    const SourceRecord* record = m_spouts[pending.slot]->recordOf(pending.id);
    sim::JournalDraft draft{happened::tupleTimedOut, sim::Severity::Warning, {}, {}};
    const double age = seconds(context.now() - pending.emitted);
    draft.alike = fmt::format("{}/{}", m_topology->name, component().id);
    draft.fields = {field::topology(m_topology->name),
                    field::component(component().id),
                    {"task", std::to_string(taskAt(pending.slot).value)},
                    {"age_ms", fmt::format("{:.0f}", age * 1e3)}};
    if (record == nullptr) {
        draft.text = fmt::format("A tuple of spout {} timed out after {:.1f} s", component().id, age);
    } else {
        draft.text = record->source.empty()
                         ? fmt::format("The tuple of offset {} of {}-{} timed out in spout {} after {:.1f} s",
                                       record->offset, record->topic, record->partition, component().id, age)
                         : fmt::format("The tuple of record {} of {} timed out in spout {} after {:.1f} s",
                                       record->position, record->source, component().id, age);
        draft.fields.insert(draft.fields.end(), {{"source", std::string{record->source}},
                                                 {"position", std::to_string(record->position)},
                                                 field::topic(record->topic),
                                                 field::partition(record->partition),
                                                 {"offset", std::to_string(record->offset)}});
    }
    context.journal(std::move(draft));
}

}  // namespace millrace::storm
