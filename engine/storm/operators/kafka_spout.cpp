#include "engine/storm/operators/kafka_spout.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/storm/cost.h"
#include "engine/storm/journal_kinds.h"

namespace millrace::storm {

namespace {

constexpr unsigned offsetBits = 40;
constexpr unsigned generationBits = 8;

std::int64_t numberOf(std::string_view text) {
    std::int64_t value = -1;
    (void)std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

class KafkaSpoutFactory final : public SpoutFactory {
public:
    explicit KafkaSpoutFactory(Ref<const KafkaSpout::Config> config) : m_config(std::move(config)) {}
    [[nodiscard]] std::string_view kind() const override { return "kafka"; }
    [[nodiscard]] std::vector<StreamSpec> streams() const override {
        return {{std::string{defaultStream}, {"topic", "partition", "offset", "key", "value"}}};
    }
    [[nodiscard]] Ref<Spout> make() const override { return makeRef<KafkaSpout>(m_config); }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(kind());
        digest.add(std::string_view{m_config->settings.topic});
        digest.add(std::string_view{m_config->settings.consumer.group});
        return digest.value();
    }

private:
    Ref<const KafkaSpout::Config> m_config;
};

}  // namespace

Ref<const SpoutFactory> makeKafkaSpout(KafkaSpoutConfig config) {
    return makeRef<KafkaSpoutFactory>(makeRef<KafkaSpout::Config>(std::move(config)));
}

MessageId KafkaSpout::makeId(std::size_t partition, std::uint32_t generation, std::int64_t offset) {
    return (static_cast<MessageId>(partition) << (offsetBits + generationBits)) |
           (static_cast<MessageId>(generation & 0xFFU) << offsetBits) | static_cast<MessageId>(offset);
}

std::int64_t KafkaSpout::offsetOf(MessageId id) {
    return static_cast<std::int64_t>(id & ((MessageId{1} << offsetBits) - 1));
}

const KafkaSpout::Partition* KafkaSpout::partitionOf(MessageId id) const {
    const auto index = static_cast<std::size_t>(id >> (offsetBits + generationBits));
    const auto generation = static_cast<std::uint32_t>(id >> offsetBits) & 0xFFU;
    if (index >= m_partitions.size() || (m_partitions[index].generation & 0xFFU) != generation) {
        return nullptr;
    }
    return &m_partitions[index];
}

KafkaSpout::Partition* KafkaSpout::partitionOf(MessageId id) {
    return const_cast<Partition*>(std::as_const(*this).partitionOf(id));
}

const KafkaSpout::Emitted* KafkaSpout::findEmitted(MessageId id) const {
    const Partition* partition = partitionOf(id);
    if (partition == nullptr) {
        return nullptr;
    }
    const auto at = static_cast<std::uint64_t>(offsetOf(id) - partition->firstOffset);
    if (at < partition->emitted.firstIndex() || at >= partition->emitted.endIndex()) {
        return nullptr;
    }
    const Emitted& emitted = partition->emitted[at];
    return emitted.set ? &emitted : nullptr;
}

void KafkaSpout::noteEmitted(const Waiting& next) {
    Partition* partition = partitionOf(next.id);
    if (partition == nullptr) {
        return;  // Of a log that has been cut since.
    }
    const auto at = static_cast<std::uint64_t>(offsetOf(next.id) - partition->firstOffset);
    while (partition->emitted.endIndex() < at) {
        partition->emitted.append({});
    }
    partition->emitted.append({next.set, next.record, 0});
    ++m_unacked;
}

void KafkaSpout::open(SpoutOutput& output, const OperatorSetup& setup) {
    sim::Context& context = output.context();
    m_component = setup.self().id;
    m_task = setup.task.value;
    m_taskIndex = setup.taskIndex;
    m_tasks = setup.self().tasks;
    m_topic = makeRef<Name>(m_config->settings.topic);
    m_topicName = kafka::TopicName(m_config->settings.topic);
    kafka::ConsumerConfig consumer = m_config->settings.consumer;
    consumer.client.links.instance = static_cast<std::uint32_t>(m_task);
    m_consumer = kafka::Consumer(std::move(consumer));
    m_consumer.start(context);
    m_consumer.addTopic(context, m_topicName);
    context.arm(m_config->settings.commitPeriod, makeRef<CommitTime>(m_task));
    context.arm(m_config->settings.partitionRefresh, makeRef<RefreshTime>(m_task));
}

/// Partitions i, i + n, i + 2n ... of the topic for task i of n.
void KafkaSpout::assignPartitions(sim::Context& context) {
    const kafka::TopicMetadata* topic = m_consumer.findTopic(m_topicName);
    if (topic == nullptr) {
        return;
    }
    std::vector<kafka::TopicPartition> mine;
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
        if (static_cast<std::int32_t>(i % static_cast<std::size_t>(m_tasks)) == m_taskIndex) {
            mine.push_back({m_topicName, kafka::PartitionIndex{static_cast<std::int32_t>(i)}});
        }
    }
    if (mine.size() <= m_partitions.size()) {
        return;
    }
    for (std::size_t i = m_partitions.size(); i < mine.size(); ++i) {
        Partition partition;
        partition.name = mine[i];
        m_partitions.push_back(std::move(partition));
    }
    m_consumer.assign(context, mine);
    for (std::size_t i = 0; i < mine.size() && m_config->settings.consumer.broken.forgetsReplays; ++i) {
        m_consumer.seekTo(context, mine[i], kafka::ListOffsetsRequest::latest);
    }
}

bool KafkaSpout::handle(SpoutOutput& output, const sim::Message& message) {
    sim::Context& context = output.context();
    if (const auto* time = message.as<CommitTime>()) {
        if (time->task != m_task) {
            return false;
        }
        commit(context);
        context.arm(m_config->settings.commitPeriod, makeRef<CommitTime>(m_task));
        return true;
    }
    if (const auto* time = message.as<RefreshTime>()) {
        if (time->task != m_task) {
            return false;
        }
        assignPartitions(context);
        context.arm(m_config->settings.partitionRefresh, makeRef<RefreshTime>(m_task));
        return true;
    }
    kafka::Consumer::Outcome outcome;
    if (!m_consumer.handle(context, message, outcome)) {
        return false;
    }
    if (outcome.metadataUpdated && m_partitions.empty()) {
        assignPartitions(context);
    }
    m_hasFetched = m_hasFetched || outcome.fetched;
    return true;
}

bool KafkaSpout::hasNext(SimTime now) const {
    return m_hasFetched || m_nextWaiting < m_waiting.size() ||
           (!m_retries.empty() && m_retries.begin()->first.due <= now);
}

std::optional<SimTime> KafkaSpout::nextDue() const {
    return m_retries.empty() ? std::nullopt : std::optional(m_retries.begin()->first.due);
}

std::uint32_t KafkaSpout::nextTuples(SpoutOutput& output, std::uint32_t limit) {
    std::uint32_t count = 0;
    const SimTime now = output.context().now();
    while (count < limit && !m_retries.empty() && m_retries.begin()->first.due <= now) {
        const Retry retry = m_retries.begin()->first;
        const MessageId id = retry.id;
        m_retries.erase(retry);
        if (const Emitted* known = findEmitted(id)) {
            const Emitted again = *known;
            journalReplay(output.context(), again.set->records[again.record], again.failures);
            output.noteReplay();
            emitRecord(output, again.set, again.record, id);
            ++count;
        }
    }
    if (m_nextWaiting == m_waiting.size() && m_hasFetched) {
        takeFetched(output);
    }
    while (count < limit && m_nextWaiting < m_waiting.size()) {
        const Waiting next = std::move(m_waiting[m_nextWaiting++]);
        noteEmitted(next);
        emitRecord(output, next.set, next.record, next.id);
        ++count;
    }
    if (m_nextWaiting == m_waiting.size()) {
        m_waiting.clear();
        m_nextWaiting = 0;
    }
    return count;
}

/// Takes everything that the consumer has and lets it fetch on.
void KafkaSpout::takeFetched(SpoutOutput& output) {
    output.spend(cost::spoutPoll);
    m_hasFetched = false;
    while (auto fetched = m_consumer.take(output.context())) {
        const auto found = std::find_if(m_partitions.begin(), m_partitions.end(),
                                        [&](const Partition& each) { return each.name == fetched->partition; });
        if (found == m_partitions.end()) {
            continue;
        }
        Partition& partition = *found;
        const std::int64_t from = fetched->from.value;
        if (!partition.isStarted || from < partition.offsets.nextEmit()) {
            partition.generation += partition.isStarted ? 1 : 0;
            partition.isStarted = true;
            partition.offsets = OffsetManager(from);
            for (std::uint64_t i = partition.emitted.firstIndex(); i < partition.emitted.endIndex(); ++i) {
                m_unacked -= partition.emitted[i].set ? 1 : 0;
            }
            partition.emitted.clear();
            partition.firstOffset = from;
            output.context().journal(
                {happened::spoutResumed,
                 sim::Severity::Detail,
                 fmt::format("Spout {} reads {} from offset {} on", m_component, toText(partition.name), from),
                 {field::component(m_component),
                  field::topic(m_topic->text),
                  field::partition(partition.name.partition.value),
                  {"offset", std::to_string(from)}}});
        }
        const auto set = makeRef<RecordSet>();
        set->owners = {Ref<const Counted>(fetched->batch), Ref<const Counted>(m_topic)};
        set->records.reserve(static_cast<std::size_t>(fetched->batch->recordCount()));
        const auto index = static_cast<std::size_t>(found - m_partitions.begin());
        for (const kafka::RecordView& record : fetched->batch->records()) {
            if (record.offset.value < from) {
                continue;
            }
            SourceRecord& out = set->records.emplace_back();
            out.topic = m_topic->text;
            out.partition = partition.name.partition.value;
            out.offset = record.offset.value;
            out.timestamp = record.timestamp;
            out.key = record.key.value_or(std::string_view{});
            out.hasKey = record.key.has_value();
            out.value = record.value.value_or(std::string_view{});
            out.hasValue = record.value.has_value();
            out.source = record.header("mr.source").value_or(std::string_view{});
            out.position = numberOf(record.header("mr.position").value_or(std::string_view{}));
            partition.offsets.emitted(out.offset);
            m_waiting.push_back({set, static_cast<std::uint32_t>(set->records.size() - 1),
                                 makeId(index, partition.generation, out.offset)});
        }
    }
    m_consumer.poll(output.context());
}

void KafkaSpout::emitRecord(SpoutOutput& output, const RecordSetRef& set, std::uint32_t index, MessageId id) {
    const SourceRecord& record = set->records[index];
    const Value values[] = {Value::ofText(record.topic), Value::ofInt(record.partition), Value::ofLong(record.offset),
                            record.hasKey ? Value::ofText(record.key) : Value{},
                            record.hasValue ? Value::ofText(record.value) : Value{}};
    output.spend(cost::spoutRecord);
    output.emitTuple(0, values, set, index, id);
}

void KafkaSpout::ack(SpoutOutput&, MessageId id) {
    Partition* partition = partitionOf(id);
    if (partition == nullptr) {
        return;
    }
    partition->offsets.acked(offsetOf(id));
    if (findEmitted(id) == nullptr) {
        return;
    }
    SharedLog<Emitted, 64>& emitted = partition->emitted;
    emitted.update(static_cast<std::uint64_t>(offsetOf(id) - partition->firstOffset)).set = nullptr;
    --m_unacked;
    std::uint64_t first = emitted.firstIndex();
    while (first + 1 < emitted.endIndex() && !emitted[first].set) {
        ++first;
    }
    emitted.dropFront(first);
}

void KafkaSpout::fail(SpoutOutput& output, MessageId id) {
    if (findEmitted(id) == nullptr) {
        return;
    }
    Partition& partition = *partitionOf(id);
    const std::uint32_t failures =
        ++partition.emitted.update(static_cast<std::uint64_t>(offsetOf(id) - partition.firstOffset)).failures;
    SimDuration delay{0};
    if (failures > 1) {
        const auto doublings = std::min(failures - 1, 20U);
        delay = std::min(m_config->settings.retryDelayPeriod * (std::int64_t{1} << doublings),
                         m_config->settings.retryDelayMax);
    }
    m_retries.set({output.context().now() + delay, id}, true);
}

const SourceRecord* KafkaSpout::recordOf(MessageId id) const {
    const Emitted* emitted = findEmitted(id);
    return emitted != nullptr ? &emitted->set->records[emitted->record] : nullptr;
}

std::vector<SpoutPosition> KafkaSpout::positions() const {
    std::vector<SpoutPosition> all;
    std::vector<std::int64_t> next(m_partitions.size(), -1);
    for (std::size_t i = m_nextWaiting; i < m_waiting.size(); ++i) {
        if (const Partition* partition = partitionOf(m_waiting[i].id)) {
            std::int64_t& first = next[static_cast<std::size_t>(partition - m_partitions.data())];
            first = first < 0 ? offsetOf(m_waiting[i].id) : first;
        }
    }
    for (std::size_t i = 0; i < m_partitions.size(); ++i) {
        const Partition& partition = m_partitions[i];
        if (next[i] < 0) {
            next[i] = partition.isStarted ? partition.offsets.nextEmit() : m_consumer.position(partition.name).value;
        }
        std::int64_t unacked = next[i];
        for (std::uint64_t at = partition.emitted.firstIndex(); at < partition.emitted.endIndex(); ++at) {
            if (partition.emitted[at].set) {
                unacked = partition.firstOffset + static_cast<std::int64_t>(at);
                break;
            }
        }
        all.push_back({m_config->settings.consumer.group, m_topic->text, partition.name.partition.value, next[i],
                       unacked, m_consumer.begun(partition.name).value});
    }
    return all;
}

void KafkaSpout::commit(sim::Context& context) {
    std::vector<kafka::Consumer::Commit> offsets;
    for (Partition& partition : m_partitions) {
        const bool commitsAhead = m_config->settings.consumer.broken.commitsAhead;
        const std::int64_t upTo = commitsAhead ? partition.offsets.nextEmit() : partition.offsets.committable();
        if (partition.isStarted && upTo != partition.committed) {
            partition.committed = upTo;
            offsets.push_back({partition.name, kafka::Offset{upTo}});
        }
    }
    if (!offsets.empty()) {
        m_consumer.commit(context, offsets, m_nextCommit++);
    }
}

void KafkaSpout::journalReplay(sim::Context& context, const SourceRecord& record, std::uint32_t failures) const {
    context.journal({happened::tupleReplayed,
                     sim::Severity::Notice,
                     record.source.empty() ? fmt::format("Spout {} emits offset {} of {}-{} again", m_component,
                                                         record.offset, record.topic, record.partition)
                                           : fmt::format("Spout {} emits record {} of {} again", m_component,
                                                         record.position, record.source),
                     {field::component(m_component),
                      {"source", std::string{record.source}},
                      {"position", std::to_string(record.position)},
                      field::topic(record.topic),
                      field::partition(record.partition),
                      {"offset", std::to_string(record.offset)},
                      {"attempt", std::to_string(failures + 1)}},
                     m_component});
}

const flow::Operator& kafkaSpoutKind() {
    using Type = flow::ParameterType;
    static const flow::Operator row{
        .node = flow::NodeKind::Spout,
        .kind = "kafka",
        .title = "Kafka spout",
        .help =
            "Reads a topic as a consumer group does and emits one tuple a record. A tuple that fails is emitted "
            "again; what is done is committed every 30 s.",
        .outputs = "default: topic, partition, offset, key, value",
        .parameters = {{.key = "topic",
                        .type = Type::Reference,
                        .help = "The topic that it reads.",
                        .isRequired = true,
                        .refersTo = flow::NodeKind::Topic,
                        .start = ""},
                       {.key = "group",
                        .help = "The consumer group under which it commits; without one, TOPOLOGY-SPOUT."},
                       {.key = "first_poll_offset_strategy",
                        .type = Type::Choice,
                        .help = "Where it begins in a partition for which its group has committed nothing yet.",
                        .defaultText = "UNCOMMITTED_EARLIEST",
                        .choices = {"UNCOMMITTED_EARLIEST", "UNCOMMITTED_LATEST"}}},
        .work = {.perTuple = cost::spoutRecord},
        .stem = "spout",
        .mainField = [](const flow::ParameterValues&, const std::string&) { return std::string{"value"}; }};
    return row;
}

}  // namespace millrace::storm
