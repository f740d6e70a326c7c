#include "widgets/canvas/diagram.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "engine/observe/processes.h"
#include "widgets/models/object_facts.h"
#include "widgets/style/format.h"

namespace millrace::widgets {

using observe::ObjectKind;

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Diagram", text);
}

template <typename Range>
auto findById(const Range& range, std::string_view id) -> decltype(std::data(range)) {
    const auto it = std::find_if(std::begin(range), std::end(range), [&](const auto& item) { return item.id == id; });
    return it == std::end(range) ? nullptr : &*it;
}

const observe::ComponentView* findComponent(const observe::Snapshot& snapshot, std::string_view id) {
    for (const observe::TopologyView& topology : snapshot.storm.topologies) {
        if (const auto* component = findById(topology.components, id)) {
            return component;
        }
    }
    return nullptr;
}

/// How far the slowest reader of a topic is behind. Consumer groups and spouts commit under a group's name.
struct TopicLag {
    std::string reader;      ///< the slowest
    bool isRead = false;     ///< or was
    bool hasReader = false;  ///< somebody reads now: positions are known
    std::int64_t records = 0;
    std::int64_t uncommitted = 0;
    SimDuration age{};
};

TopicLag topicLag(const observe::Snapshot& snapshot, const std::string& topic) {
    TopicLag slowest;
    for (const observe::GroupView& group : snapshot.cluster.groups) {
        TopicLag lag;
        lag.reader = group.id;
        for (const observe::GroupOffsetView& offset : group.offsets) {
            if (offset.topic == topic) {
                lag.isRead = lag.isRead || offset.position >= 0 || offset.committed >= 0;
                lag.hasReader = lag.hasReader || offset.position >= 0;
                lag.records += offset.lag;
                lag.uncommitted += offset.uncommitted;
            }
        }
        lag.age = lag.records > 0 ? group.unreadTime : SimDuration{};
        if (lag.isRead && (!slowest.isRead || lag.records > slowest.records)) {
            slowest = lag;
        }
    }
    return slowest;
}

/// "283 k": a number on a narrow card.
QString roundCount(std::int64_t count) {
    return count < 1000 ? format::count(count) : format::rate(static_cast<double>(count)).remove(QStringLiteral("/s"));
}

/// The kind of a standstill; the sentence and the tool-tip say for whom.
QString briefly(const std::string& brief) {
    return brief.starts_with("waits")          ? tr("waits")
           : brief.starts_with("ended")        ? tr("ended")
           : brief.starts_with("gets nothing") ? tr("no input")
                                               : format::text(brief).section(QLatin1Char(' '), 0, 1);
}

/// What a source hands over, in words that fit the number as it is shown.
QString unitOf(const observe::SourceView& source, const QString& number) {
    const bool isOne = number == QLatin1String("1");
    if (source.kind == "file") {
        return isOne ? tr("line") : tr("lines");
    }
    return isOne ? tr("record") : tr("records");
}

LiveFigures sourceFigures(const observe::SourceView& source) {
    constexpr double mostWhileReading = 0.99;  // all of it is what "all read" says
    LiveFigures figures;
    figures.isKnown = true;
    const QString perSecond = format::rate(source.recordsPerSecond).remove(QStringLiteral("/s"));
    figures.strong = source.isExhausted ? tr("all read") : tr("%1 %2/s").arg(perSecond, unitOf(source, perSecond));
    figures.brief = source.isExhausted ? QString() : format::rate(source.recordsPerSecond);
    const QString produced = format::count(source.produced);
    const QString unit = unitOf(source, format::count(source.total > 0 ? source.total : source.produced));
    if (source.total > 0) {
        const double share = static_cast<double>(source.produced) / static_cast<double>(source.total);
        // What a source hands over twice it has read once.
        const std::int64_t read = std::min(source.produced, source.total);
        figures.dim = tr("%1 read").arg(format::count(read));
        figures.dimBrief = tr("%1 read").arg(roundCount(read));
        figures.bar = std::clamp(share, 0.0, source.isExhausted ? 1.0 : mostWhileReading);
        figures.barText = format::percent(figures.bar);
        figures.isProgress = true;
        figures.toolTip = tr("%1 of %2 %3 read so far").arg(format::count(read), format::count(source.total), unit);
        if (source.produced > source.total) {
            figures.toolTip += tr("; %1 handed over, for some come twice").arg(produced);
        }
    } else {
        figures.dim = tr("%1 so far").arg(produced);
        figures.dimBrief = tr("%1 so far").arg(roundCount(source.produced));
        figures.toolTip = tr("%1 %2 handed over since the start").arg(produced, unit);
    }
    figures.toolTip += tr("\n%1 not acknowledged by the brokers").arg(format::count(source.unacknowledged));
    return figures;
}

/// "read by lines": by somebody who commits under no group's name.
QString readerWithoutGroup(const observe::Snapshot& snapshot, const observe::TopicView& topic) {
    const auto wire = std::find_if(snapshot.wires.begin(), snapshot.wires.end(),
                                   [&](const observe::WireView& each) { return each.from == topic.id; });
    return wire == snapshot.wires.end() ? tr("no reader")
                                        : tr("read by %1").arg(format::text(observe::titleOf(wire->to)));
}

LiveFigures topicFigures(const observe::Snapshot& snapshot, const observe::TopicView& topic) {
    LiveFigures figures;
    figures.isKnown = true;
    const TopicLag lag = topicLag(snapshot, topic.name);
    figures.strong = format::rate(topic.recordsInPerSecond);
    figures.dim = !lag.isRead           ? readerWithoutGroup(snapshot, topic)
                  : !lag.hasReader      ? tr("%1 to read").arg(format::count(lag.uncommitted))
                  : lag.age.count() > 0 ? tr("lag %1 · %2").arg(format::count(lag.records), format::duration(lag.age))
                                        : tr("lag %1").arg(format::count(lag.records));
    figures.dimBrief = !lag.isRead      ? QString()
                       : !lag.hasReader ? tr("%1 to read").arg(format::rounded(lag.uncommitted))
                                        : tr("lag %1").arg(roundCount(lag.records));
    std::int64_t offline = 0;
    std::int64_t thin = 0;
    for (const observe::PartitionView& partition : topic.partitions) {
        offline += partition.leader < 0 ? 1 : 0;
        thin += partition.inSync.size() < partition.replicas.size() ? 1 : 0;
        figures.troubled.push_back(partition.leader < 0 || partition.inSync.size() < partition.replicas.size());
    }
    figures.isTroubled = offline > 0;
    if (offline > 0) {
        figures.alert = tr("%1 without a leader").arg(offline);
        figures.alertBrief = tr("%1 offline").arg(offline);
    } else if (thin > 0) {
        figures.alert = tr("%1 out of sync").arg(thin);
    }
    figures.toolTip =
        tr("records appended per second, over the last sample\nlag: high watermark minus the position of the slowest "
           "reader, summed over partitions, and the age of the "
           "oldest record that it has not read; \"to read\" while nobody reads: what is not committed and will be read "
           "then\nnot yet committed: %1 records, counted from the committed offset. A "
           "Kafka spout commits every 30 s (offset.commit.period.ms), so that figure grows and falls back\n"
           "in: %2/s of bytes, over the last sample\nout of sync: partitions with a replica that is not in the in-sync "
           "set (under-replicated)")
            .arg(format::count(lag.uncommitted), format::bytes(topic.bytesInPerSecond));
    if (lag.isRead) {
        figures.toolTip += tr("\nslowest reader: %1").arg(format::text(observe::titleOf(lag.reader)));
    }
    return figures;
}

/// How many of a component's executors no worker runs: those of a worker that is dead or still starts, and those that
/// have none.
int idleExecutors(const observe::TopologyView& topology, const observe::ComponentView& component) {
    bool areListed = false;
    int running = 0;
    for (const observe::WorkerView& worker : topology.workers) {
        areListed = areListed || !worker.executors.empty();
        if (!observe::isDown(worker.state) && worker.state != observe::LifeState::Starting) {
            running += static_cast<int>(
                std::count_if(worker.executors.begin(), worker.executors.end(),
                              [&](const observe::ExecutorView& each) { return each.component == component.name; }));
        }
    }
    return areListed || topology.workers.empty() ? std::max(0, component.executors - running) : 0;
}

LiveFigures componentFigures(const observe::TopologyView& topology, const observe::ComponentView& component) {
    LiveFigures figures;
    figures.isKnown = true;
    figures.idle = idleExecutors(topology, component);
    const bool hasWorker = std::any_of(topology.workers.begin(), topology.workers.end(),
                                       [](const auto& worker) { return worker.state == observe::LifeState::Running; });
    if (!hasWorker) {
        figures.executors = component.executors;
        const bool isStarting = std::any_of(topology.workers.begin(), topology.workers.end(), [](const auto& worker) {
            return worker.state == observe::LifeState::Starting;
        });
        figures.strong = topology.workers.empty() ? tr("not assigned yet")
                         : isStarting             ? tr("starts")
                                                  : tr("no worker runs");
        figures.brief = isStarting ? QString() : tr("waits");
        figures.dim = topology.workers.empty() ? tr("waits for Nimbus") : tr("waits for its worker");
        figures.dimBrief = tr("no worker");
        figures.toolTip =
            tr("Nimbus assigns a new topology when it next looks, every 10 s (nimbus.monitor.freq.secs); then "
               "supervisors download it and start workers");
        figures.isTroubled = !topology.workers.empty() && !isStarting;
        return figures;
    }
    figures.executors = component.executors;
    figures.bar = std::clamp(component.capacity, 0.0, 1.0);
    figures.barText = format::percent(component.capacity);
    if (component.kind == observe::ComponentKind::Spout) {
        figures.strong = format::rate(component.emittedPerSecond);
        figures.dim =
            component.completeLatency.count() == 0
                ? tr("%1 open").arg(format::count(component.pending))
                : tr("%1 open · %2").arg(format::count(component.pending), format::duration(component.completeLatency));
        figures.dimBrief = tr("%1 open").arg(roundCount(component.pending));
        figures.toolTip =
            tr("tuples emitted per second, over the last sample\nopen: tuples emitted and neither acked nor failed, "
               "and the mean time from emit to ack\n"
               "acked %1, failed %2 since the topology was submitted")
                .arg(format::count(component.acked), format::count(component.failed));
    } else {
        figures.strong = format::rate(component.executedPerSecond);
        figures.dim = component.executed == 0 ? tr("nothing came yet") : format::duration(component.executeLatency);
        figures.dimBrief = component.executed == 0 ? tr("no input") : QString();
        figures.toolTip = tr("tuples executed per second, over the last sample\n%1: mean time to execute one\n"
                             "bar: capacity, the share of time in which its executors are busy (%2)\n"
                             "executed %3, failed %4 since the topology was submitted")
                              .arg(figures.dim, format::percent(component.capacity), format::count(component.executed),
                                   format::count(component.failed));
    }
    if (component.failed > 0) {
        figures.alert = tr("%1 failed").arg(format::count(component.failed));
        figures.alertBrief = tr("%1 failed").arg(roundCount(component.failed));
    }
    figures.isTroubled = component.capacity > 0.95;
    return figures;
}

LiveFigures sinkFigures(const observe::SinkView& sink) {
    LiveFigures figures;
    figures.isKnown = true;
    const bool isOne = sink.written == 1;
    figures.strong = (sink.kind == "file" ? isOne ? tr("%1 line") : tr("%1 lines")
                      : isOne ? tr("%1 row")
                                          : tr("%1 rows"))
                         .arg(format::count(sink.written));
    figures.brief = (sink.kind == "file" ? tr("%1 lines") : tr("%1 rows")).arg(roundCount(sink.written));
    figures.dim = tr("%1 now").arg(format::rate(sink.rowsPerSecond));
    if (sink.rejected > 0) {
        figures.alert = tr("%1 rejected").arg(format::count(sink.rejected));
        figures.alertBrief = tr("%1 rejected").arg(roundCount(sink.rejected));
    }
    figures.toolTip = tr("committed since the start; the rate is over the last sample");
    if (sink.repeated > 0) {
        figures.dim =
            (sink.writesOnce ? tr("%1 repeats left out") : tr("%1 written twice")).arg(format::count(sink.repeated));
        figures.dimBrief = (sink.writesOnce ? tr("%1 left out") : tr("%1 twice")).arg(roundCount(sink.repeated));
        figures.toolTip += QLatin1Char('\n') + repeatsExplained(sink);
    }
    return figures;
}

/// How a process is that stands on a host and has no view of its own.
observe::LifeState lifeOnHost(const observe::Snapshot& snapshot, const std::string& id) {
    for (const observe::HostView& host : snapshot.cluster.hosts) {
        if (std::find(host.processes.begin(), host.processes.end(), id) != host.processes.end()) {
            return observe::lifeOn(host, id);
        }
    }
    return observe::LifeState::Running;
}

/// What is down or paused does nothing of what its figures say.
void markLife(LiveFigures& figures, observe::LifeState state, const QString& who) {
    if (state == observe::LifeState::Running || state == observe::LifeState::Starting) {
        return;
    }
    figures.isTroubled = true;
    figures.strong = tr("%1 %2").arg(who, format::text(observe::toText(state)));
    figures.brief = format::text(observe::toText(state));
}

LiveFigures ofSource(const observe::Snapshot& snapshot, const std::string& id) {
    const auto* source = findById(snapshot.sources, id);
    if (source == nullptr) {
        return {};
    }
    LiveFigures figures = sourceFigures(*source);
    if (!source->isExhausted) {
        markLife(figures, source->state, tr("producer"));
    }
    return figures;
}

LiveFigures ofTopic(const observe::Snapshot& snapshot, const std::string& id) {
    const auto* topic = findById(snapshot.cluster.topics, id);
    return topic != nullptr ? topicFigures(snapshot, *topic) : LiveFigures();
}

LiveFigures ofComponent(const observe::Snapshot& snapshot, const std::string& id) {
    for (const observe::TopologyView& topology : snapshot.storm.topologies) {
        if (const auto* component = findById(topology.components, id)) {
            return componentFigures(topology, *component);
        }
    }
    return {};
}

LiveFigures ofSink(const observe::Snapshot& snapshot, const std::string& id) {
    const auto* sink = findById(snapshot.sinks, id);
    if (sink == nullptr) {
        return {};
    }
    LiveFigures figures = sinkFigures(*sink);
    markLife(figures, lifeOnHost(snapshot, id), tr("sink"));
    return figures;
}

/// "1.2 k/s", "300 records": a reading with its unit.
QString readingText(const observe::Reading& reading) {
    return reading.metric == nullptr ? QString() : format::value(reading.value, reading.metric->unit);
}

/// On a narrow card the tool-tip says what is counted.
QString briefReading(const observe::Reading& reading) {
    return reading.metric == nullptr ? QString() : format::briefValue(reading.value, reading.metric->unit);
}

/// "map progress 100 %", in few letters "map 100 %"; "processing time 46.2 ms", "proc. 46 ms".
void nameReading(const Metric& metric, QString& whole, QString& brief) {
    constexpr int longestWord = 8;
    QString name = format::text(metric.name());
    QString word = name.section(QLatin1Char(' '), 0, 0);
    if (metric.unit == "%") {
        name = word;  // "map progress 5 %": that it is a progress the number says
    }
    if (word.size() > longestWord) {
        word = word.left(4) + QLatin1Char('.');
    }
    whole = QStringLiteral("%1 %2").arg(name, whole);
    brief = QStringLiteral("%1 %2").arg(word, brief);
}

/// A card of a kind without a page of its own: two readings, and how busy it is.
LiveFigures ofNode(const observe::Snapshot& snapshot, const std::string& id) {
    LiveFigures figures;
    const auto* node = findById(snapshot.nodes, id);
    if (node == nullptr) {
        return figures;
    }
    figures.isKnown = true;
    figures.isTroubled = !node->trouble.empty();
    figures.alert = format::text(std::string(node->trouble));
    if (node->troubled > 0) {
        figures.alert = QStringLiteral("%1 %2").arg(format::count(node->troubled), figures.alert);
        figures.alertBrief =
            QStringLiteral("%1 %2").arg(roundCount(node->troubled), format::text(std::string(node->trouble)));
    }
    figures.strong = readingText(node->main);
    figures.brief = briefReading(node->main);
    figures.dim = readingText(node->second);
    figures.dimBrief = briefReading(node->second);
    // Two of one unit would be read as one: each is told by its name.
    if (node->main.metric != nullptr && node->second.metric != nullptr &&
        node->main.metric->unit == node->second.metric->unit) {
        nameReading(*node->main.metric, figures.strong, figures.brief);
        nameReading(*node->second.metric, figures.dim, figures.dimBrief);
    }
    figures.executors = node->executors;
    figures.bar = node->busy < 0 ? -1 : std::clamp(node->busy, 0.0, 1.0);
    figures.barText = node->busy < 0 ? QString() : format::percent(node->busy);
    QStringList meanings;
    for (const observe::Reading* each : {&node->main, &node->second}) {
        if (each->metric != nullptr) {
            meanings << QStringLiteral("%1: %2").arg(format::text(each->metric->name()),
                                                     format::text(std::string(each->metric->meaning)));
        }
    }
    figures.toolTip = meanings.join(QLatin1Char('\n'));
    if (observe::rowOf(observe::kindOf(id)).isHit) {
        markLife(figures, lifeOnHost(snapshot, id), tr("process"));
    }
    return figures;
}

/// The page of a kind that says more than readings do.
struct CardPage {
    ObjectKind kind;
    LiveFigures (*figures)(const observe::Snapshot& snapshot, const std::string& id);
    LeastWords (*least)(const QString& number, const DiagramNode& node);
};

constexpr CardPage cardPages[] = {
    {ObjectKind::Source, ofSource,
     [](const QString& number, const DiagramNode&) -> LeastWords {
         return {{tr("%1 held").arg(number)}, {tr("%1 so far").arg(number)}};
     }},
    {ObjectKind::Topic, ofTopic,
     [](const QString& number, const DiagramNode& node) -> LeastWords {
         return {{number + tr("/s")},
                 {tr("lag %1").arg(number), tr("%1 to read").arg(QStringLiteral("888 k")),
                  tr("%1 out of sync").arg(node.partitions)}};
     }},
    {ObjectKind::Spout, ofComponent,
     [](const QString& number, const DiagramNode&) -> LeastWords {
         return {{number + tr("/s")}, {tr("%1 failed").arg(QStringLiteral("888")), tr("cannot read")}};
     }},
    {ObjectKind::Bolt, ofComponent,
     [](const QString& number, const DiagramNode&) -> LeastWords {
         return {{number + tr("/s")}, {tr("%1 failed").arg(QStringLiteral("888")), tr("no worker")}};
     }},
    {ObjectKind::Sink, ofSink,
     [](const QString& number, const DiagramNode&) -> LeastWords {
         return {{tr("%1 rows").arg(number)}, {tr("%1 left out").arg(QStringLiteral("888"))}};
     }},
};

const CardPage* cardPageOf(ObjectKind kind) {
    const auto* found = std::find_if(std::begin(cardPages), std::end(cardPages),
                                     [kind](const CardPage& each) { return each.kind == kind; });
    return found != std::end(cardPages) ? found : nullptr;
}

LiveFigures figuresOf(const observe::Snapshot& snapshot, const DiagramNode& node, const std::string& id) {
    const CardPage* page = cardPageOf(node.kind);
    return page != nullptr ? page->figures(snapshot, id) : ofNode(snapshot, id);
}

}  // namespace

bool DiagramNode::hasInput() const {
    return observe::rowOf(kind).isFed();
}

bool DiagramNode::hasOutput() const {
    return observe::rowOf(kind).feeds();
}

const DiagramNode* Diagram::find(const QString& id) const {
    const auto it = std::find_if(nodes.begin(), nodes.end(), [&](const DiagramNode& node) { return node.id == id; });
    return it == nodes.end() ? nullptr : &*it;
}

bool canConnect(ObjectKind from, ObjectKind to) {
    return observe::wayBetween(from, to).has_value() && observe::rowOf(from).isCard && observe::rowOf(to).isCard;
}

LeastWords leastWords(const DiagramNode& node, const QStringList& readers) {
    const QString number = QStringLiteral("88.8 k");
    const CardPage* page = cardPageOf(node.kind);
    LeastWords least = page != nullptr ? page->least(number, node)
                       : observe::rowOf(node.kind).tone == observe::Tone::Step
                           ? LeastWords{{QStringLiteral("proc. 88.8 ms")}, {QStringLiteral("reduce 100 %")}}
                           : LeastWords{{number + tr("/s")}, {QStringLiteral("reduce 100 %")}};
    for (const QString& reader : readers) {
        least.dim << tr("read by %1").arg(reader);
    }
    return least;
}

LiveFigures liveFigures(const observe::Snapshot& snapshot, const DiagramNode& node) {
    const std::string id = format::utf8(node.id);
    LiveFigures figures = figuresOf(snapshot, node, id);
    if (const observe::WaitView* wait = waitOf(snapshot, id)) {
        if (const auto* source = findById(snapshot.sources, id)) {
            figures.strong = tr("%1 held").arg(format::count(source->unacknowledged));
            figures.brief = tr("%1 held").arg(roundCount(source->unacknowledged));
        }
        figures.isKnown = true;
        figures.isTroubled = true;
        figures.dim = format::text(wait->brief).replace(QStringLiteral("waits for "), QStringLiteral("awaits "));
        const QString brief = briefly(wait->brief);
        figures.dimBrief = figures.brief == brief ? figures.dimBrief : brief;  // it is said once
        figures.toolTip = format::capitalised(format::text(wait->text)) + QStringLiteral("\n\n") + figures.toolTip;
    }
    return figures;
}

namespace {

LiveFlow flowFromSource(const observe::Snapshot& snapshot, const std::string& from, const std::string& to) {
    LiveFlow flow;
    const auto* topic = findById(snapshot.cluster.topics, to);
    if (const auto* source = findById(snapshot.sources, from)) {
        flow.isKnown = true;
        // A producer takes records that no broker has got: what waits does not flow.
        const bool isHeld = waitOf(snapshot, from) != nullptr;
        flow.perSecond = isHeld && topic != nullptr ? std::min(source->recordsPerSecond, topic->recordsInPerSecond)
                                                    : source->recordsPerSecond;
        flow.text = format::rate(flow.perSecond);
        flow.toolTip = tr("records per second handed to the producer, over the last two seconds");
    }
    return flow;
}

LiveFlow flowToReader(const observe::Snapshot& snapshot, const std::string& to) {
    LiveFlow flow;
    if (const auto* component = findComponent(snapshot, to)) {
        flow.isKnown = true;
        flow.perSecond = component->emittedPerSecond;
        flow.text = format::rate(flow.perSecond);
        flow.toolTip = tr("records per second that the spout takes from the topic, over the last two seconds");
    }
    return flow;
}

/// A wire between kinds of which no page tells. What Spark counts is what comes into its batches: behind a step of
/// it there may be more of it or less.
LiveFlow flowOfWire(const observe::WireView& wire, std::string_view unit) {
    const bool isCounted = observe::rowOf(observe::kindOf(wire.from)).tone != observe::Tone::Step;
    LiveFlow flow;
    flow.isKnown = true;
    flow.perSecond = wire.perSecond;
    flow.queued = wire.queued;
    flow.text = isCounted ? format::rate(wire.perSecond) : QString();
    flow.pressure =
        wire.room > 0 ? std::min(1.0, static_cast<double>(wire.queued) / static_cast<double>(wire.room)) : 0;
    flow.toolTip =
        isCounted
            ? tr("%1 %2/s over the last two seconds, %3 queued at the receiver")
                  .arg(format::rate(wire.perSecond).remove(QStringLiteral("/s")), format::text(unit),
                       format::count(wire.queued))
            : tr("made of batches that took in %1/s over the last two seconds; what leaves each step is not counted")
                  .arg(format::rate(wire.perSecond).remove(QStringLiteral("/s")));
    return flow;
}

}  // namespace

namespace {

std::size_t hashOfEnds(std::string_view from, std::string_view to) {
    const std::hash<std::string_view> hash;
    return hash(from) * 31 + hash(to);
}

observe::EdgeKind edgeKindBetween(std::string_view from, std::string_view to) {
    const auto way = observe::wayBetween(observe::kindOf(from), observe::kindOf(to));
    return way ? way->how : observe::EdgeKind::Stream;
}

}  // namespace

FlowIndex::FlowIndex(observe::SnapshotPtr snapshot) : m_snapshot(std::move(snapshot)) {
    for (const observe::TopologyView& topology : m_snapshot->storm.topologies) {
        for (const observe::StreamView& stream : topology.streams) {
            m_streams.push_back({hashOfEnds(stream.from, stream.to), &stream, &topology});
        }
    }
    for (const observe::WireView& wire : m_snapshot->wires) {
        m_wires.push_back({hashOfEnds(wire.from, wire.to), &wire, nullptr});
    }
    std::stable_sort(m_streams.begin(), m_streams.end());
    std::stable_sort(m_wires.begin(), m_wires.end());
}

LiveFlow FlowIndex::ofTuples(const std::string& from, const std::string& to) const {
    LiveFlow flow;
    std::int64_t queueSize = observe::TopologyView{}.receiveBufferSize;
    const Place<observe::StreamView> wanted{hashOfEnds(from, to), nullptr, nullptr};
    const auto [first, last] = std::equal_range(m_streams.begin(), m_streams.end(), wanted);
    for (auto place = first; place != last; ++place) {
        if (place->what->from == from && place->what->to == to) {
            queueSize = std::max<std::int64_t>(place->topology->receiveBufferSize, 1);
            flow.isKnown = true;
            flow.perSecond += place->what->tuplesPerSecond;
            flow.queued += place->what->queued;
        }
    }
    if (!flow.isKnown) {
        // A bolt that writes is a card of its own and its sink another: what it executes is what goes along.
        const auto* component = findComponent(*m_snapshot, from);
        const auto* sink = findById(m_snapshot->sinks, to);
        if (component != nullptr && sink != nullptr) {
            flow.isKnown = true;
            const bool isHeld = waitOf(*m_snapshot, from) != nullptr || waitOf(*m_snapshot, to) != nullptr ||
                                lifeOnHost(*m_snapshot, to) != observe::LifeState::Running;
            flow.perSecond =
                isHeld ? std::min(component->executedPerSecond, sink->rowsPerSecond) : component->executedPerSecond;
        }
    }
    flow.pressure = std::min(1.0, static_cast<double>(flow.queued) / static_cast<double>(queueSize));
    flow.toolTip = tr("%1 tuples/s over the last two seconds, %2 queued at the receiver")
                       .arg(format::rate(flow.perSecond).remove(QStringLiteral("/s")), format::count(flow.queued));
    return flow;
}

LiveFlow FlowIndex::flowOf(const DiagramEdge& edge) const {
    const std::string from = format::utf8(edge.from);
    const std::string to = format::utf8(edge.to);
    const Place<observe::WireView> wanted{hashOfEnds(from, to), nullptr, nullptr};
    const auto [first, last] = std::equal_range(m_wires.begin(), m_wires.end(), wanted);
    const auto wire =
        std::find_if(first, last, [&](const auto& place) { return place.what->from == from && place.what->to == to; });
    if (wire != last) {
        return flowOfWire(*wire->what, observe::rowOf(observe::kindOf(from)).gives);
    }
    switch (edgeKindBetween(from, to)) {
        case observe::EdgeKind::Feed:
            return flowFromSource(*m_snapshot, from, to);
        case observe::EdgeKind::Subscription:
            return flowToReader(*m_snapshot, to);
        case observe::EdgeKind::Stream:
        case observe::EdgeKind::Write:
            break;
    }
    return ofTuples(from, to);
}

LiveFlow liveFlow(const observe::Snapshot& snapshot, const DiagramEdge& edge) {
    return FlowIndex(observe::SnapshotPtr(observe::SnapshotPtr(), &snapshot)).flowOf(edge);
}

bool tellsRate(const DiagramEdge& edge) {
    const observe::EdgeKind kind = edgeKindBetween(format::utf8(edge.from), format::utf8(edge.to));
    return kind == observe::EdgeKind::Feed || kind == observe::EdgeKind::Subscription;
}

}  // namespace millrace::widgets
