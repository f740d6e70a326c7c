#include "widgets/models/object_facts.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <algorithm>
#include <utility>

#include "engine/observe/processes.h"
#include "widgets/style/format.h"

namespace millrace::widgets {

namespace {

class Collector {
public:
    explicit Collector(const QString& id) {
        m_facts.title = format::text(observe::titleOf(format::utf8(id)));
        m_facts.state = tr("not there at this time");
    }

    static QString tr(const char* text) { return QCoreApplication::translate("ObjectFacts", text); }

    void known(observe::LifeState life) {
        m_facts.isKnown = true;
        m_facts.life = life;
        m_facts.state = format::text(observe::toText(life));
    }

    void known(const QString& state) {
        m_facts.isKnown = true;
        m_facts.state = state;
    }

    void add(const char* name, const QString& value, const QString& toolTip = {}) {
        m_facts.facts.push_back({tr(name), value, toolTip});
    }

    void addNamed(const QString& name, const QString& value, const QString& toolTip = {}) {
        m_facts.facts.push_back({name, value, toolTip});
    }

    void addCount(const char* name, std::int64_t value, const QString& toolTip = {}) {
        add(name, format::count(value), toolTip);
    }

    /// Of what has no view that says how its process is.
    void addLife(observe::LifeState life) {
        if (life != observe::LifeState::Running) {
            m_facts.life = life;
            m_facts.state = format::text(observe::toText(life));
        }
    }

    [[nodiscard]] ObjectFacts take() { return std::move(m_facts); }

private:
    ObjectFacts m_facts;
};

QString idList(const std::vector<std::int32_t>& ids) {
    QStringList parts;
    for (const std::int32_t id : ids) {
        parts.append(QString::number(id));
    }
    return QStringLiteral("{%1}").arg(parts.join(QStringLiteral(",\u00a0")));  // a set is not broken in two
}

/// A number and its unit stay on one line.
QString withUnits(QString text) {
    static const QRegularExpression unit(QStringLiteral("(\\d) (s|ms)\\b"));
    return text.replace(unit, QStringLiteral("\\1\u00a0\\2"));
}

QString title(const std::string& id) {
    return id.empty() ? QStringLiteral("–") : format::text(observe::titleOf(id));
}

void describe(Collector& out, const observe::HostView& host) {
    out.known(host.state);
    out.add("Cores", QString::number(host.cores));
    out.add("Processor in use", format::percent(host.coreUtilisation),
            Collector::tr("of all cores, over the last sample"));
    if (host.speedFactor != 1.0) {
        out.add("Processor speed", QStringLiteral("× %1").arg(host.speedFactor));
    }
    out.add("Disk", Collector::tr("%1 of %2")
                        .arg(format::bytes(static_cast<double>(host.diskUsedBytes)),
                             format::bytes(static_cast<double>(host.diskCapacityBytes))));
    out.add("Disk busy", format::percent(host.diskUtilisation), Collector::tr("share of time, over the last sample"));
    out.add("Network in", format::bytes(host.networkInBytesPerSecond) + QStringLiteral("/s"));
    out.add("Network out", format::bytes(host.networkOutBytesPerSecond) + QStringLiteral("/s"));
    if (!host.rack.empty()) {
        out.add("Rack", format::text(host.rack));
    }
    if (host.clockSkew.count() != 0) {
        out.add("Clock is off by", format::duration(host.clockSkew));
    }
    QStringList processes;
    for (const observe::ObjectId& id : host.processes) {
        processes.append(title(id));
    }
    out.add("Runs", processes.join(QStringLiteral(", ")));
    for (const std::string& ailment : host.ailments) {
        out.add("Suffers from", format::text(ailment));
    }
    for (const observe::ObjectId& other : host.cutFrom) {
        out.add("Suffers from", Collector::tr("cut from %1").arg(format::text(observe::nameOf(other))));
    }
}

void describe(Collector& out, const observe::BrokerView& broker) {
    out.known(broker.state);
    std::int64_t led = 0;
    std::int64_t internal = 0;
    std::int64_t inSync = 0;
    std::int64_t ends = 0;
    for (const observe::ReplicaView& replica : broker.replicas) {
        const bool isInternal = std::string_view(replica.topic).substr(0, 2) == "__";
        internal += isInternal ? 1 : 0;
        led += replica.isLeader && !isInternal ? 1 : 0;
        inSync += replica.isInSync && !isInternal ? 1 : 0;
        ends += replica.logEndOffset;
    }
    const auto replicas = static_cast<std::int64_t>(broker.replicas.size());
    const std::int64_t own = replicas - internal;
    const QString partitions = Collector::tr("leads %1 of %2").arg(format::count(led), format::count(own));
    out.add("Partitions", internal == 0 ? partitions : Collector::tr("%1 (+%2 internal)").arg(partitions).arg(internal),
            Collector::tr("replicas on it, and those of them that it leads; internal: of topics that Kafka keeps for "
                          "itself"));
    out.add("In sync", Collector::tr("%1 of %2").arg(inSync).arg(own),
            Collector::tr("of its replicas, internal topics left out"));
    out.add("Controller", broker.isController ? Collector::tr("yes") : Collector::tr("no"));
    out.add("Registered", broker.isRegistered
                              ? Collector::tr("yes, /brokers/ids/%1").arg(format::text(observe::nameOf(broker.id)))
                              : Collector::tr("no"));
    out.add("Session", broker.session.empty() ? QStringLiteral("–") : withUnits(format::text(broker.session)));
    out.addCount("Incarnation", broker.incarnation, Collector::tr("how often its process has been started"));
    out.addCount("Log end, sum", ends, Collector::tr("records in all its replicas"));
    out.add("Bytes in", format::bytes(broker.bytesInPerSecond) + QStringLiteral("/s"),
            Collector::tr("produced to it, over the last sample"));
    out.add("Bytes out", format::bytes(broker.bytesOutPerSecond) + QStringLiteral("/s"),
            Collector::tr("fetched from it, over the last sample"));
    out.add("Not yet flushed", format::bytes(static_cast<double>(broker.unflushedBytes)),
            Collector::tr("in the page cache: kept by a crash, lost with the power"));
    out.add("Host", title(broker.host));
}

void describe(Collector& out, const observe::ServerView& server) {
    out.known(server.state);
    out.add("Role", format::text(observe::toText(server.role)));
    out.add("Last zxid", QStringLiteral("0x%1").arg(static_cast<qulonglong>(server.zxid), 0, 16),
            Collector::tr("epoch %1, change %2").arg(server.zxid >> 32).arg(server.zxid & 0xffffffff));
    out.addCount("Znodes", server.znodes);
    out.addCount("Sessions", server.sessions);
    out.add("Host", title(server.host));
}

void describe(Collector& out, const observe::SupervisorView& supervisor) {
    out.known(supervisor.state);
    for (const observe::SlotView& slot : supervisor.workerSlots) {
        out.add("Slot", QStringLiteral("%1: %2").arg(slot.port).arg(slot.worker.empty() ? Collector::tr("free")
                                                                                        : title(slot.worker)));
    }
    out.add("Host", title(supervisor.host));
}

void describe(Collector& out, const observe::WorkerView& worker) {
    out.known(worker.state);
    out.add("Supervisor", title(worker.supervisor));
    out.add("Host, port", QStringLiteral("%1, %2").arg(title(worker.host)).arg(worker.port));
    for (const observe::ExecutorView& executor : worker.executors) {
        const QString tasks = executor.firstTask == executor.lastTask
                                  ? QString::number(executor.firstTask)
                                  : QStringLiteral("%1–%2").arg(executor.firstTask).arg(executor.lastTask);
        out.add("Executor", Collector::tr("%1, task %2, %3 queued")
                                .arg(format::text(executor.component), tasks, format::count(executor.queueDepth)));
    }
}

void describe(Collector& out, const observe::ComponentView& component) {
    out.known(component.executors == 1 ? Collector::tr("1 executor")
                                       : Collector::tr("%1 executors").arg(component.executors));
    out.add("Does", format::text(component.type));
    out.add("Executors, tasks", QStringLiteral("%1, %2").arg(component.executors).arg(component.tasks));
    out.addCount("Emitted", component.emitted, Collector::tr("tuples since the topology was submitted"));
    out.addCount("Transferred", component.transferred, Collector::tr("tuples handed to other tasks"));
    if (component.kind == observe::ComponentKind::Spout) {
        out.addCount("Pending", component.pending, Collector::tr("emitted, neither acked nor failed"));
        out.add("Complete latency", format::duration(component.completeLatency),
                Collector::tr("mean time from emit to ack"));
    } else {
        out.addCount("Executed", component.executed);
        out.add("Execute latency", format::duration(component.executeLatency),
                Collector::tr("mean time of one execute"));
        out.addCount("Queued", component.queueDepth, Collector::tr("tuples in receive queues"));
        out.add("Capacity", format::percent(component.capacity),
                Collector::tr("share of time in which its executors are busy"));
    }
    out.addCount("Acked", component.acked);
    out.addCount("Failed", component.failed);
}

void describe(Collector& out, const observe::TopicView& topic) {
    out.known(topic.partitions.size() == 1 ? Collector::tr("1 partition")
                                           : Collector::tr("%1 partitions").arg(topic.partitions.size()));
    out.add("Replicas", QString::number(topic.replicationFactor));
    out.add("min.insync.replicas", QString::number(topic.minInSync));
    out.add("Records in", format::rate(topic.recordsInPerSecond));
    for (const observe::PartitionView& p : topic.partitions) {
        const QString leader = p.leader < 0 ? Collector::tr("no leader") : Collector::tr("leader %1").arg(p.leader);
        out.addNamed(
            Collector::tr("Partition %1").arg(p.partition),
            Collector::tr("%1, in sync %2, end %3").arg(leader, idList(p.inSync), format::count(p.logEndOffset)),
            Collector::tr("epoch %1, replicas %2, log start %3, high watermark %4")
                .arg(QString::number(p.leaderEpoch), idList(p.replicas), format::count(p.logStartOffset),
                     format::count(p.highWatermark)));
    }
}

void describe(Collector& out, const observe::TopicView& topic, const observe::PartitionView& p) {
    out.known(p.leader < 0 ? Collector::tr("offline") : Collector::tr("led by broker %1").arg(p.leader));
    out.add("Topic", format::text(topic.name));
    out.addCount("Leader epoch", p.leaderEpoch);
    out.add("Replicas", idList(p.replicas));
    out.add("In sync", idList(p.inSync));
    out.addCount("Log start offset", p.logStartOffset);
    out.addCount("High watermark", p.highWatermark, Collector::tr("below it records are on all in-sync replicas"));
    out.addCount("Log end offset", p.logEndOffset);
}

void describe(Collector& out, const observe::SourceView& source) {
    out.known(source.isExhausted ? Collector::tr("all read") : format::text(observe::toText(source.state)));
    out.add("Kind", format::text(source.kind));
    out.add("Writes to", format::text(source.topic));
    out.addCount("Read so far", source.produced);
    out.addCount("Unacknowledged", source.unacknowledged,
                 Collector::tr("records handed to the producer that the brokers have neither taken nor refused for "
                               "good; it keeps them, at most buffer.memory"));
    if (source.total >= 0) {
        out.addCount("In all", source.total);
    }
    out.add("Rate", format::rate(source.recordsPerSecond), Collector::tr("over the last sample"));
}

/// A source that no producer sends for: those that read it tell what it gives.
bool describeFromReaders(Collector& out, const observe::Snapshot& snapshot, const std::string& id) {
    bool isRead = false;
    for (const observe::WireView& wire : snapshot.wires) {
        if (wire.from != id) {
            continue;
        }
        if (!isRead) {
            out.known(Collector::tr("is read"));
        }
        isRead = true;
        const auto pipeline = std::find_if(snapshot.ingestion.begin(), snapshot.ingestion.end(),
                                           [&](const observe::IngestionView& each) { return each.id == wire.to; });
        const QString rate = format::rate(wire.perSecond);
        out.addNamed(Collector::tr("To %1").arg(format::text(observe::titleOf(wire.to))),
                     pipeline == snapshot.ingestion.end()
                         ? rate
                         : Collector::tr("%1, %2 in all").arg(rate, format::count(pipeline->read)),
                     Collector::tr("records over the last sample, and since the start"));
    }
    return isRead;
}

void describe(Collector& out, const observe::SinkView& sink) {
    out.known(Collector::tr("%1 written").arg(format::count(sink.written)));
    out.add("Kind", format::text(sink.kind));
    out.addCount("Written", sink.written, Collector::tr("rows or lines committed since the start"));
    out.addCount(sink.writesOnce ? "Repeats left out" : "Written twice or more", sink.repeated, repeatsExplained(sink));
    out.addCount("Rejected", sink.rejected, Collector::tr("lines that could not be read as what they should be"));
    out.add("Rate", format::rate(sink.rowsPerSecond), Collector::tr("over the last sample"));
    QStringList tables;
    for (const std::string& table : sink.tables) {
        tables.append(format::text(table));
    }
    if (!tables.isEmpty()) {
        out.add(tables.size() == 1 ? "Table" : "Tables", tables.join(QStringLiteral(", ")));
    }
}

void describe(Collector& out, const observe::IngestionView& pipeline) {
    out.known(Collector::tr("%1 rows loaded").arg(format::count(pipeline.rows)));
    out.add("Way", pipeline.isTransformedLater
                       ? Collector::tr("%1, transforms what has landed (ELT)").arg(format::text(pipeline.way))
                       : Collector::tr("%1, transforms before it loads (ETL)").arg(format::text(pipeline.way)));
    out.add("From", format::text(pipeline.source));
    out.add("Into", format::text(pipeline.sink));
    out.addCount("Read", pipeline.read,
                 Collector::tr("records taken from the source, those read again after a crash included"));
    out.addCount("Rows", pipeline.rows, Collector::tr("committed at the destination, those loaded again included"));
    out.addCount("Rejected", pipeline.rejected, Collector::tr("records that went to the dead letters, or nowhere"));
    if (pipeline.dead > 0 && pipeline.canBeMended) {
        out.addCount(
            "Can be read again", pipeline.dead,
            Collector::tr("dead letters, the newest 10,000 at most, that are read once more when the reader is "
                          "mended: its menu on the canvas does that"));
    }
    out.addCount("Left out", pipeline.dropped, Collector::tr("records that a step is there to leave out"));
    out.addCount("Of another form", pipeline.drifted,
                 Collector::tr("records whose fields are others than the columns say"));
    out.addCount("Gone", pipeline.gone,
                 Collector::tr("nobody took them in time, and the source cannot send them again"));
    out.addCount("Alerts", pipeline.alerts);
    out.addCount("Batches", pipeline.batches);
    out.addCount("Batches overrun", pipeline.overruns, Collector::tr("they took longer than the interval"));
    out.addCount("Held", pipeline.waiting, Collector::tr("records and writes in memory that are not committed"));
    out.addCount("Landed", pipeline.landed, Collector::tr("loaded as they came, and not transformed yet"));
    out.add("Freshness", format::duration(pipeline.freshness), Collector::tr("how old the newest committed record is"));
    out.add("Age of rows",
            Collector::tr("%1 in the mean, %2 at most")
                .arg(format::duration(pipeline.meanAge), format::duration(pipeline.oldestAge)),
            Collector::tr("from the measurement to the commit"));
    out.add("Value kept", QString::number(pipeline.valueKept, 'f', 3),
            Collector::tr("what a row was worth when it was committed, in the mean"));
    out.add("Processor", Collector::tr("%1, and %2 of its sinks")
                             .arg(format::duration(pipeline.processor), format::duration(pipeline.sinkProcessor)));
    out.add("Network", format::bytes(static_cast<double>(pipeline.bytesIn + pipeline.bytesOut)),
            Collector::tr("from the source and to the sinks"));
    out.add("Disk", format::bytes(static_cast<double>(pipeline.diskBytes)),
            Collector::tr("that sinks committed for it, and its checkpoints"));
    for (const observe::StepView& step : pipeline.steps) {
        const QString name = format::text(step.name);
        out.addNamed(Collector::tr("Step %1").arg(name),
                     Collector::tr("%1 in, %2 out").arg(format::count(step.in), format::count(step.out)), {});
        out.addNamed(Collector::tr("Before %1").arg(name), format::text(step.before),
                     Collector::tr("the newest record that came in"));
        out.addNamed(Collector::tr("After %1").arg(name),
                     step.after.empty() && !step.before.empty() ? Collector::tr("nothing") : format::text(step.after),
                     Collector::tr("what became of it"));
    }
}

void describe(Collector& out, const observe::ProducerView& producer) {
    out.known(producer.state);
    out.add("Topic", format::text(producer.topic));
    out.addCount("Sent", producer.sent);
    out.add("Acknowledged", producer.isConfirmed ? format::count(producer.acked) : QStringLiteral("–"),
            producer.isConfirmed ? QString() : Collector::tr("with acks=0 no broker answers"));
    out.addCount("Pending", producer.pending, Collector::tr("neither acknowledged nor failed"));
    out.addCount("Retried", producer.retried);
    out.addCount("Failed", producer.failed, format::text(producer.givenUp));
    if (producer.lost > 0) {
        out.addCount(
            "Lost", producer.lost,
            Collector::tr("acknowledged, and no log holds them any more: %1").arg(format::text(producer.losses)));
    }
    out.add("Rate", format::rate(producer.recordsPerSecond));
}

void describe(Collector& out, const observe::GroupView& group) {
    out.known(group.state.empty()        ? Collector::tr("not known to a coordinator")
              : group.state == "Unknown" ? Collector::tr("its coordinator is down")
                                         : format::text(group.state));
    out.addCount("Generation", group.generation);
    out.add("Coordinator",
            group.coordinator < 0 ? Collector::tr("none") : Collector::tr("broker %1").arg(group.coordinator));
    out.addCount("Lag", group.lag,
                 Collector::tr("high watermark minus the position of its readers, or of what they committed"));
    out.add("Lag in time", format::duration(group.unreadTime), Collector::tr("age of the oldest record not read"));
    const bool isCommitted = std::any_of(group.offsets.begin(), group.offsets.end(),
                                         [](const observe::GroupOffsetView& offset) { return offset.committed >= 0; });
    out.add(
        "Not yet committed", isCommitted ? format::count(group.uncommitted) : QStringLiteral("–"),
        Collector::tr("high watermark minus the committed offset: what kafka-consumer-groups shows as LAG, and what "
                      "would be read again after a crash; a dash while nothing is committed or known"));
    for (const observe::GroupMemberView& member : group.members) {
        QStringList parts;
        for (const std::string& partition : member.assigned) {
            parts.append(format::text(partition));
        }
        out.add("Member", QStringLiteral("%1: %2").arg(format::text(member.id), parts.join(QStringLiteral(", "))));
    }
    for (const std::string& member : group.endedMembers) {
        out.add("Ended", format::text(member), Collector::tr("a consumer whose poll() failed, and why"));
    }
}

/// What any process says, whatever its system; its figures follow.
void describe(Collector& out, const observe::ProcessView& process) {
    out.known(process.state);
    if (!process.note.empty()) {
        out.add("Is", format::text(process.note));
    }
    out.add("Host", title(process.host));
}

void describe(Collector& out, const observe::NodeView& node) {
    out.known(node.executors == 1 ? Collector::tr("1 executor") : Collector::tr("%1 executors").arg(node.executors));
    for (const observe::Reading* each : {&node.main, &node.second}) {
        if (each->metric != nullptr) {
            out.addNamed(format::capitalised(format::text(each->metric->name())),
                         format::value(each->value, each->metric->unit),
                         format::text(std::string(each->metric->meaning)));
        }
    }
    if (node.busy >= 0) {
        out.add("Busy", format::percent(node.busy), Collector::tr("share of time, over the last sample"));
    }
}

template <typename Range>
bool describeIn(Collector& out, const Range& range, const std::string& id) {
    for (const auto& item : range) {
        if (item.id == id) {
            describe(out, item);
            return true;
        }
    }
    return false;
}

void describe(Collector& out, const observe::TopologyView& topology) {
    out.known(format::text(topology.status));
    out.add("Status", format::text(topology.status), Collector::tr("as Storm calls it"));
    const auto running = std::count_if(topology.workers.begin(), topology.workers.end(),
                                       [](const auto& worker) { return worker.state == observe::LifeState::Running; });
    out.add("Workers", Collector::tr("%1 of %2 run").arg(running).arg(topology.workers.size()));
    std::int64_t executors = 0;
    for (const observe::ComponentView& component : topology.components) {
        executors += component.kind == observe::ComponentKind::Acker ? 0 : component.executors;
    }
    out.addCount("Components", std::count_if(topology.components.begin(), topology.components.end(),
                                             [](const observe::ComponentView& component) {
                                                 return component.kind != observe::ComponentKind::Acker;
                                             }));
    out.addCount("Executors", executors, Collector::tr("of its spouts and bolts"));
    out.addCount("Open", topology.pendingTuples, Collector::tr("tuples of spouts that are neither acked nor failed"));
    out.addCount("Acked", topology.ackedTuples, Collector::tr("tuples of spouts, since it was submitted"));
    out.addCount("Failed", topology.failedTuples, Collector::tr("tuples of spouts, since it was submitted"));
    out.addCount("Replayed", topology.replayedTuples, Collector::tr("tuples of spouts, since it was submitted"));
}

bool describeStorm(Collector& out, const observe::StormView& storm, const std::string& id) {
    constexpr std::string_view topologyPrefix = "topology:";  // of its sheet
    for (const observe::TopologyView& topology : storm.topologies) {
        if (id.starts_with(topologyPrefix) && std::string_view(id).substr(topologyPrefix.size()) == topology.name) {
            describe(out, topology);
            return true;
        }
    }
    if (storm.nimbus.id == id) {
        out.known(storm.nimbus.state);
        out.add("Host", title(storm.nimbus.host));
        for (const observe::TopologyView& topology : storm.topologies) {
            out.add("Topology",
                    Collector::tr("%1, %2").arg(format::text(topology.name), format::text(topology.status)));
        }
        return true;
    }
    if (describeIn(out, storm.supervisors, id)) {
        return true;
    }
    return std::any_of(storm.topologies.begin(), storm.topologies.end(), [&](const observe::TopologyView& topology) {
        return describeIn(out, topology.workers, id) || describeIn(out, topology.components, id);
    });
}

/// How far each group is behind in a topic, or in one of its partitions.
void addLags(Collector& out, const observe::ClusterView& cluster, const std::string& topic, std::int32_t partition) {
    for (const observe::GroupView& group : cluster.groups) {
        std::int64_t lag = 0;
        bool isRead = false;
        for (const observe::GroupOffsetView& offset : group.offsets) {
            if (offset.topic == topic && (partition < 0 || offset.partition == partition)) {
                lag += offset.lag;
                isRead = true;
            }
        }
        if (isRead) {
            out.addNamed(Collector::tr("Lag of %1").arg(format::text(group.name)), format::count(lag),
                         Collector::tr("records that this group is still to read"));
        }
    }
}

bool describeTopic(Collector& out, const observe::ClusterView& cluster, const std::string& id) {
    for (const observe::TopicView& topic : cluster.topics) {
        if (topic.id == id) {
            describe(out, topic);
            addLags(out, cluster, topic.name, -1);
            return true;
        }
    }
    return false;
}

bool describePartition(Collector& out, const observe::ClusterView& cluster, const std::string& id) {
    for (const observe::TopicView& topic : cluster.topics) {
        for (const observe::PartitionView& partition : topic.partitions) {
            if (observe::partitionId(topic.name, partition.partition) == id) {
                describe(out, topic, partition);
                addLags(out, cluster, topic.name, partition.partition);
                return true;
            }
        }
    }
    return false;
}

/// The machine of a process. Empty for what is on none or on many.
std::string machineOf(const observe::Snapshot& snapshot, const std::string& id) {
    std::string host;
    observe::forEachProcess(snapshot, [&](const auto& each) { host = each.id == id ? each.host : host; });
    return host;
}

bool isComponent(const std::string& id) {
    return observe::rowOf(observe::kindOf(id)).isOfJob();
}

bool has(const std::vector<observe::ObjectId>& ids, const observe::ObjectId& id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// Where a component is executed: its workers and their machines.
void addWorkersOf(std::vector<observe::ObjectId>& places, const observe::TopologyView& topology,
                  const std::string& id) {
    const auto component = std::find_if(topology.components.begin(), topology.components.end(),
                                        [&](const observe::ComponentView& each) { return each.id == id; });
    if (component == topology.components.end()) {
        return;
    }
    for (const observe::WorkerView& worker : topology.workers) {
        const bool isHere =
            std::any_of(worker.executors.begin(), worker.executors.end(),
                        [&](const observe::ExecutorView& each) { return each.component == component->name; });
        if (isHere) {
            places.insert(places.end(), {worker.id, worker.host});
        }
    }
}

/// What happens there happens to the object too: a source's deeds are its producer's, a process shares the fate of its
/// machine, and a component that of the workers that execute it.
std::vector<observe::ObjectId> placesOf(const observe::Snapshot& snapshot, const std::string& id) {
    std::vector<observe::ObjectId> places{id};
    for (const observe::SourceView& source : snapshot.sources) {
        if (source.id == id) {
            places.push_back(source.producer);
        }
    }
    if (isComponent(id)) {
        for (const observe::TopologyView& topology : snapshot.storm.topologies) {
            addWorkersOf(places, topology, id);
        }
    } else if (std::string host = machineOf(snapshot, id); !host.empty()) {
        places.push_back(std::move(host));
    }
    return places;
}

}  // namespace

ObjectFacts factsOf(const observe::Snapshot& snapshot, const QString& objectId) {
    Collector out(objectId);
    const std::string id = format::utf8(objectId);
    const observe::ClusterView& cluster = snapshot.cluster;
    const bool found = describeIn(out, cluster.hosts, id) || describeIn(out, cluster.brokers, id) ||
                       describeIn(out, cluster.servers, id) || describeTopic(out, cluster, id) ||
                       describeIn(out, cluster.producers, id) || describeIn(out, cluster.groups, id) ||
                       describeIn(out, snapshot.sources, id) || describeIn(out, snapshot.sinks, id) ||
                       describeIn(out, snapshot.ingestion, id) || describeStorm(out, snapshot.storm, id) ||
                       describePartition(out, cluster, id) || describeIn(out, snapshot.processes, id) ||
                       describeIn(out, snapshot.nodes, id) || describeFromReaders(out, snapshot, id);
    Q_UNUSED(found)
    for (const observe::HostView& host : cluster.hosts) {
        const bool isThere = std::find(host.processes.begin(), host.processes.end(), id) != host.processes.end();
        if (isThere && observe::rowOf(observe::kindOf(id)).isHit) {
            out.addLife(observe::lifeOn(host, id));
        }
    }
    for (const observe::FigureView& figure : snapshot.figures) {
        if (figure.object == id) {
            out.addNamed(format::capitalised(
                             format::text(figure.metric->name() + (figure.label.empty() ? "" : " ") + figure.label)),
                         format::value(figure.value, figure.metric->unit),
                         format::text(std::string(figure.metric->meaning)));
        }
    }
    ObjectFacts facts = out.take();
    if (const observe::WaitView* wait = waitOf(snapshot, id)) {
        QString value = format::text(wait->brief);
        if (tellsEnd(*wait, snapshot.run.now)) {
            value = Collector::tr("%1, until %2").arg(value, format::seconds(wait->until));
        }
        facts.facts.insert(facts.facts.begin(),
                           {Collector::tr("Now"), value, format::capitalised(format::text(wait->text))});
    }
    return facts;
}

QString repeatsExplained(const observe::SinkView& sink) {
    const QString how = Collector::tr(
        "processing is at least once: what was not acked in time, or whose worker died, is processed again");
    return sink.writesOnce
               ? Collector::tr("%1. The sink knows each record's source and position and leaves repeats out").arg(how)
               : Collector::tr(
                     "%1, and this sink writes it again (\"write\": \"append\"); nothing is lost by it, and "
                     "\"write\": \"once\" leaves repeats out")
                     .arg(how);
}

bool tellsEnd(const observe::WaitView& wait, SimTime now) {
    return wait.until != SimTime::max() && wait.until > now && !wait.tellsEnd;
}

const observe::WaitView* waitOf(const observe::Snapshot& snapshot, std::string_view id) {
    const auto it = std::find_if(snapshot.waits.begin(), snapshot.waits.end(),
                                 [&](const observe::WaitView& wait) { return wait.object == id; });
    return it == snapshot.waits.end() ? nullptr : &*it;
}

const observe::JournalEntryView* findEntry(const observe::JournalPage& page, std::uint64_t id) {
    const auto byId = [](const observe::JournalEntryView& entry, std::uint64_t wanted) { return entry.id < wanted; };
    for (const auto* list : {&page.entries, &page.causes}) {
        const auto it = std::lower_bound(list->begin(), list->end(), id, byId);
        if (it != list->end() && it->id == id) {
            return &*it;
        }
    }
    return nullptr;
}

std::vector<const observe::JournalEntryView*> chainOf(const observe::JournalPage& page, std::uint64_t id) {
    std::vector<const observe::JournalEntryView*> chain;
    constexpr std::size_t longest = 200;
    while (id != 0 && chain.size() < longest) {
        const observe::JournalEntryView* entry = findEntry(page, id);
        if (entry == nullptr || (!chain.empty() && entry->id >= chain.back()->id)) {
            break;
        }
        chain.push_back(entry);
        id = entry->cause;
    }
    return chain;
}

std::vector<const observe::JournalEntryView*> storyOf(const observe::JournalPage& page, std::uint64_t id) {
    const auto chain = chainOf(page, id);
    std::vector<const observe::JournalEntryView*> story;
    for (const observe::JournalEntryView* entry : chain) {
        const bool isTold =
            std::any_of(story.begin(), story.end(), [&](const auto* told) { return told->kind == entry->kind; });
        if (!isTold) {
            story.push_back(entry);
        } else if (entry == chain.back()) {
            // The beginning stands for its kind, unless the kind is that of what is to be explained.
            if (story.size() > 1) {
                std::erase_if(story,
                              [&](const auto* told) { return told->kind == entry->kind && told != story.front(); });
            }
            story.push_back(entry);
        }
    }
    return story;
}

std::vector<const observe::JournalEntryView*> entriesAbout(const observe::Snapshot& snapshot, const QString& objectId,
                                                           std::size_t limit) {
    std::vector<const observe::JournalEntryView*> found;
    const std::string id = format::utf8(objectId);
    const std::vector<observe::ObjectId> places = placesOf(snapshot, id);
    const auto isAbout = [&](const observe::JournalEntryView& entry) {
        // What a worker tells of one component is of no other.
        const bool isOfOther = isComponent(id) && std::any_of(entry.about.begin(), entry.about.end(), isComponent);
        return has(entry.about, id) || (has(places, entry.place) && !isOfOther);
    };
    const auto& entries = snapshot.journal->entries;
    for (auto entry = entries.rbegin(); entry != entries.rend() && found.size() < limit; ++entry) {
        if (entry->severity >= observe::Severity::Info && isAbout(*entry)) {
            found.push_back(&*entry);
        }
    }
    return found;
}

namespace {

bool isInternal(const observe::JournalEntryView& entry) {
    return has(entry.about, observe::topicId("__consumer_offsets"));
}

/// How much an entry is worth telling among those of its moment: what answers "who does it now?" before what explains
/// it, and what concerns the program's own topics or single lines of data last.
int worthOf(const observe::JournalEntryView& entry) {
    if (entry.kind == "ingest.line-rejected" || isInternal(entry)) {
        return -1;
    }
    const bool isAnswer = entry.kind == "kafka.leader-elected" || entry.kind == "storm.reassigned";
    return static_cast<int>(entry.severity) + (isAnswer ? 2 : 0);
}

}  // namespace

QString asCause(const observe::JournalEntryView& cause) {
    QString text = format::uncapitalised(format::text(cause.text));
    if (cause.kind == "sim.fault-injected") {
        static const std::pair<QString, QString> forms[] = {{QStringLiteral(" is "), QStringLiteral(" was ")},
                                                            {QStringLiteral(" takes "), QStringLiteral(" took ")},
                                                            {QStringLiteral(" loses "), QStringLiteral(" lost ")},
                                                            {QStringLiteral(" sends "), QStringLiteral(" sent ")}};
        for (const auto& [present, past] : forms) {
            if (const qsizetype at = text.indexOf(present); at >= 0) {
                return text.replace(at, present.size(), past);
            }
        }
    }
    return text;
}

const observe::JournalEntryView* newestImportant(const observe::Snapshot& snapshot) {
    const observe::JournalEntryView* best = nullptr;
    const observe::JournalEntryView* newestWarning = nullptr;
    constexpr SimDuration sameMoment = std::chrono::milliseconds(500);
    constexpr SimDuration searched = std::chrono::seconds(30);
    const auto& entries = snapshot.journal->entries;
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        const bool hasBetter = best != nullptr && worthOf(*best) >= 0;
        if (best != nullptr && best->time - entry->time > (hasBetter ? sameMoment : searched)) {
            break;
        }
        if (entry->severity >= observe::Severity::Notice && (best == nullptr || worthOf(*entry) > worthOf(*best))) {
            best = &*entry;
        }
        if (newestWarning == nullptr && entry->severity >= observe::Severity::Warning && !isInternal(*entry)) {
            newestWarning = &*entry;
        }
    }
    // A warning is not hidden behind a mere notice that is older.
    const bool isHidden =
        best != nullptr && newestWarning != nullptr && newestWarning->time > best->time &&
        best->severity < observe::Severity::Warning &&
        (worthOf(*best) <= static_cast<int>(best->severity) || newestWarning->time - best->time > sameMoment);
    return isHidden ? newestWarning : best;
}

const observe::WaitView* toldWait(const observe::Snapshot& snapshot) {
    constexpr SimDuration newsTime = std::chrono::seconds(2);
    // What merely leaves others running is told on its own card.
    const auto wait = std::find_if(snapshot.waits.begin(), snapshot.waits.end(),
                                   [](const observe::WaitView& each) { return !each.on.empty(); });
    const observe::JournalEntryView* newest = newestImportant(snapshot);
    const bool isOld = newest != nullptr && snapshot.run.now - newest->time > newsTime;
    return wait != snapshot.waits.end() && isOld ? &*wait : nullptr;
}

}  // namespace millrace::widgets
