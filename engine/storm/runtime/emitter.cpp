#include "engine/storm/runtime/emitter.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace millrace::storm {

namespace {

std::size_t floorMod(std::int32_t hash, std::size_t count) {
    if ((count & (count - 1)) == 0) {
        return static_cast<std::uint32_t>(hash) & (count - 1);  // without a division
    }
    const auto n = static_cast<std::int32_t>(count);
    const std::int32_t rest = hash % n;
    return static_cast<std::size_t>(rest < 0 ? rest + n : rest);
}

std::int32_t groupingHash(std::span<const Value> values, const std::vector<std::uint16_t>& fields) {
    std::uint32_t hash = 1;
    for (const std::uint16_t field : fields) {
        hash = 31 * hash + static_cast<std::uint32_t>(javaHash(values[field]));
    }
    return static_cast<std::int32_t>(hash);
}

}  // namespace

Emitter::Emitter(const Topology& topology, ComponentIndex component, TaskId self, RandomStream random)
    : m_self(self), m_ackers(topology.ackerCount()), m_broken(topology.config.broken), m_random(random) {
    for (const OutputStream& stream : topology.component(component).outputs) {
        auto& targets = m_streams.emplace_back();
        for (const Subscription& subscription : stream.subscriptions) {
            Target target;
            target.grouping = subscription.grouping;
            target.fields = subscription.fields;
            const Component& consumer = topology.component(subscription.consumer);
            for (std::int32_t i = 0; i < consumer.tasks; ++i) {
                target.tasks.push_back(TaskId{consumer.firstTask.value + i});
            }
            if (m_lowestTarget == noTask || consumer.firstTask < m_lowestTarget) {
                m_lowestTarget = consumer.firstTask;
            }
            if (target.grouping == GroupingKind::Shuffle || target.grouping == GroupingKind::LocalOrShuffle) {
                target.ring = ShuffleRing(target.tasks, m_random);
            }
            targets.push_back(std::move(target));
        }
    }
}

/// With room for as many tuples like this one as went to a task lately: most messages of many tasks hold a single one,
/// and those that are under way, or held by a checkpoint, are as large as the room they have.
TupleBatch& Emitter::batchFor(TaskId task, const Outgoing& tuple, const Anchor& anchor) {
    const std::size_t at = placeOf(task);
    if (at >= m_batches.size()) {
        m_batches.resize(at + 1);
    }
    Ref<TupleBatch>& batch = m_batches[at];
    if (!batch) {
        batch = makeRef<TupleBatch>();
        batch->source = m_self;
        batch->target = task;
        batch->tuples.reserve(m_room);
        batch->values.reserve(m_room * tuple.values.size());
        batch->roots.reserve(m_room * anchor.roots.size());
        m_touched.push_back(task);
    }
    return *batch;
}

void Emitter::copyTo(TaskId task, const Outgoing& tuple, Anchor& anchor) {
    TupleBatch& batch = batchFor(task, tuple, anchor);
    if (batch.recordSets.empty() || !(batch.recordSets.back() == tuple.records)) {
        batch.recordSets.push_back(tuple.records);
    }
    TupleHead head;
    head.firstValue = static_cast<std::uint32_t>(batch.values.size());
    head.firstRoot = static_cast<std::uint32_t>(batch.roots.size());
    head.record = tuple.record;
    head.lineage = tuple.lineage;
    head.recordSet = static_cast<std::uint16_t>(batch.recordSets.size() - 1);
    head.rootCount = static_cast<std::uint16_t>(anchor.roots.size());
    head.valueCount = static_cast<std::uint8_t>(tuple.values.size());
    head.stream = tuple.stream;
    batch.tuples.push_back(head);
    for (const Value& value : tuple.values) {
        batch.values.push_back(value);
        batch.textBytes += value.isText() ? static_cast<std::uint32_t>(value.asText().size()) : 0;
    }
    if (!anchor.roots.empty()) {
        const std::uint64_t edge = m_random.next();
        const bool isDropped = m_broken.dropEdge && edge % 64 == 0;
        anchor.running ^= isDropped ? 0 : edge;
        ++anchor.copies;
        for (const RootEdge& root : anchor.roots) {
            batch.roots.push_back({root.root, edge});
        }
    }
}

void Emitter::refreshLoad(const RouteTable& routes, const LoadMap* loads, const TopologyConfig& config) {
    const bool isFirst = !m_knowsPlaces && routes.isAssigned;
    m_knowsPlaces = m_knowsPlaces || routes.isAssigned;
    if (!m_knowsPlaces) {
        return;
    }
    for (std::vector<Target>& targets : m_streams) {
        for (Target& target : targets) {
            if (target.grouping == GroupingKind::LocalOrShuffle && isFirst) {
                target.ring.keepLocal(routes, m_random);
            }
            const bool isShuffle =
                target.grouping == GroupingKind::Shuffle || target.grouping == GroupingKind::LocalOrShuffle;
            if (isShuffle && !config.disableLoadAware) {
                target.ring.refresh(routes, loads, config, m_random);
            }
        }
    }
}

std::int32_t Emitter::hashFor(const Target& target, std::span<const Value> values) {
    const std::int32_t hash = groupingHash(values, target.fields);
    return m_broken.missTask && ++m_missed % 16 == 0 ? hash ^ 1 : hash;
}

std::uint32_t Emitter::emitToConsumers(std::uint8_t stream, std::span<const Value> values, Anchor& anchor,
                                       const RecordSetRef& records, std::uint32_t record) {
    std::uint32_t copies = 0;
    Outgoing tuple{values, records, record, childLineage(anchor.lineage, anchor.children++), stream};
    const std::uint32_t lineage = tuple.lineage;
    std::uint32_t consumer = 0;
    for (Target& target : m_streams[stream]) {
        const std::uint32_t before = copies;
        // Ways to different consumers may meet again in one table.
        tuple.lineage = consumer == 0 ? lineage : childLineage(lineage, consumer << 24U);
        ++consumer;
        switch (target.grouping) {
            case GroupingKind::Shuffle:
            case GroupingKind::LocalOrShuffle:
                copyTo(target.ring.next(), tuple, anchor);
                ++copies;
                break;
            case GroupingKind::Fields:
                copyTo(target.tasks[floorMod(hashFor(target, values), target.tasks.size())], tuple, anchor);
                ++copies;
                break;
            case GroupingKind::All:
                for (const TaskId task : target.tasks) {
                    if (m_broken.leaveTaskOut && task == target.tasks.back()) {
                        continue;
                    }
                    tuple.lineage = childLineage(lineage, static_cast<std::uint32_t>(task.value) << 8U);
                    copyTo(task, tuple, anchor);
                    ++copies;
                }
                break;
            case GroupingKind::Global:
                copyTo(target.tasks.front(), tuple, anchor);
                ++copies;
                break;
            case GroupingKind::None:
                copyTo(target.tasks[static_cast<std::size_t>(m_random.below(target.tasks.size()))], tuple, anchor);
                ++copies;
                break;
        }
        ++target.sent.tuples;
        target.sent.copies += copies - before;
    }
    m_figures.transferred += copies;
    m_cost += cost::emitCopy * std::max(copies, 1U) + (anchor.roots.empty() ? CpuTime{0} : cost::anchor * copies);
    return copies;
}

void Emitter::toAcker(std::uint64_t root, AckBatch::Kind kind, std::uint64_t value, std::int32_t copies, TaskId spout) {
    const TaskId acker = ackerOf(root, m_ackers);
    const auto at = static_cast<std::size_t>(acker.value);
    if (at >= m_acks.size()) {
        m_acks.resize(at + 1);
    }
    Ref<AckBatch>& batch = m_acks[at];
    if (!batch) {
        batch = makeRef<AckBatch>();
        batch->source = m_self;
        batch->target = acker;
        batch->entries.reserve(4);
    }
    m_cost += cost::ack;
    if (kind == AckBatch::Kind::Ack && !batch->entries.empty()) {
        AckBatch::Entry& last = batch->entries.back();
        if (last.root == root && last.kind == AckBatch::Kind::Ack && last.count < 0xFFFFU) {
            last.value ^= value;
            last.copies += copies;
            ++last.count;
            return;
        }
    }
    batch->entries.push_back({root, value, spout, 1, kind, copies});
}

void Emitter::toSpout(TaskId spout, const TreeResults::Entry& entry) {
    m_cost += cost::emitCopy;
    for (const Ref<TreeResults>& open : m_results) {
        if (open->target == spout) {
            open->entries.push_back(entry);
            return;
        }
    }
    const auto batch = makeRef<TreeResults>();
    batch->source = m_self;
    batch->target = spout;
    batch->entries.push_back(entry);
    m_results.push_back(batch);
}

namespace {

/// Sorts messages of one flush by where they go: local ones are sent, those for one peer travel together.
class Dispatch {
public:
    Dispatch(sim::Context& context, const RouteTable& routes) : m_context(context), m_routes(routes) {
        if (!routes.peers.empty()) {
            m_transfers.resize(routes.peers.size());
        }
    }

    /// False when there is no way to the task: the message is lost, as in a Netty client without a connection.
    template <class Batch>
    bool give(Ref<Batch> batch) {
        const auto task = static_cast<std::size_t>(batch->target.value);
        const RouteTable::Route route = task < m_routes.routes.size() ? m_routes.routes[task] : RouteTable::Route{};
        switch (route.kind) {
            case RouteTable::Kind::Local:
                m_context.send(route.actor, std::move(batch));
                return true;
            case RouteTable::Kind::Remote: {
                if (!m_routes.peers[route.peer].isOpen) {
                    return false;
                }
                batch->isRemote = true;
                Ref<Transfer>& transfer = m_transfers[route.peer];
                if (!transfer) {
                    transfer = makeRef<Transfer>();
                }
                const TaskId target = batch->target;
                transfer->parts.push_back({target, std::move(batch)});
                return true;
            }
            case RouteTable::Kind::Unknown:
                break;
        }
        return false;
    }

    void transmitAll() {
        for (std::size_t peer = 0; peer < m_transfers.size(); ++peer) {
            if (m_transfers[peer]) {
                m_context.transmit(m_routes.peers[peer].connection, std::move(m_transfers[peer]));
            }
        }
    }

private:
    sim::Context& m_context;
    const RouteTable& m_routes;
    Column<Ref<Transfer>> m_transfers;
};

}  // namespace

CpuTime Emitter::flush(sim::Context& context, const RouteTable& routes) {
    Dispatch dispatch(context, routes);
    std::size_t given = 0;
    for (const TaskId task : m_touched) {
        Ref<TupleBatch> batch = std::move(m_batches[placeOf(task)]);
        const std::size_t tuples = batch->tuples.size();
        given += tuples;
        const bool remote = task.value < static_cast<std::int32_t>(routes.routes.size()) &&
                            routes.routes[static_cast<std::size_t>(task.value)].kind == RouteTable::Kind::Remote;
        if (remote) {
            m_cost += cost::serialise * static_cast<std::int64_t>(tuples) + cost::perByte * batch->textBytes;
        }
        if (!dispatch.give(std::move(batch))) {
            m_figures.lost += tuples;
        }
    }
    if (!m_touched.empty()) {
        m_room = std::clamp<std::size_t>((given + m_touched.size() - 1) / m_touched.size(), 1, roomMost);
        m_lastTargets.swap(m_touched);
        m_touched.clear();
    }
    for (Ref<AckBatch>& batch : m_acks) {
        if (batch) {
            const std::size_t entries = batch->entries.size();
            if (!dispatch.give(std::move(batch))) {
                m_figures.lost += entries;
            }
            batch = nullptr;
        }
    }
    for (Ref<TreeResults>& batch : m_results) {
        const std::size_t entries = batch->entries.size();
        if (!dispatch.give(std::move(batch))) {
            m_figures.lost += entries;
        }
    }
    m_results.clear();
    dispatch.transmitAll();
    return std::exchange(m_cost, CpuTime{0});
}

}  // namespace millrace::storm
