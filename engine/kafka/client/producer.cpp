#include "engine/kafka/client/producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/base/check.h"
#include "engine/kafka/client/cost.h"
#include "engine/kafka/journal_kinds.h"
#include "engine/kafka/metrics.h"
#include "engine/kafka/partitioner.h"
#include "engine/observe/wording.h"

namespace millrace::kafka {
namespace {

struct ProducerTimer final : sim::MessageBase<ProducerTimer> {
    static constexpr std::string_view Name = "kafka.ProducerTimer";
    [[nodiscard]] std::string summary() const override { return "linger or time-out of a batch"; }
    std::uint64_t round;
    explicit ProducerTimer(std::uint64_t number) : round(number) {}
    void digest(Digest& digest) const override { digest.add(round); }
};

bool isRetriable(ErrorCode error) {
    switch (error) {
        case ErrorCode::CorruptMessage:
        case ErrorCode::UnknownTopicOrPartition:
        case ErrorCode::LeaderNotAvailable:
        case ErrorCode::NotLeaderOrFollower:
        case ErrorCode::RequestTimedOut:
        case ErrorCode::NotEnoughReplicas:
        case ErrorCode::NotEnoughReplicasAfterAppend:
        case ErrorCode::KafkaStorageError:
        case ErrorCode::BrokerNotAvailable:
        case ErrorCode::ReplicaNotAvailable:
            return true;
        default:
            return false;
    }
}

bool asksForMetadata(ErrorCode error) {
    return error == ErrorCode::UnknownTopicOrPartition || error == ErrorCode::LeaderNotAvailable ||
           error == ErrorCode::NotLeaderOrFollower || error == ErrorCode::KafkaStorageError;
}

/// "12,18,24": the positions of a batch, read back from its records.
std::string positionsOf(const RecordBatch& batch) {
    std::string positions;
    for (const RecordView& record : batch.records()) {
        positions += positions.empty() ? "" : ",";
        positions += record.header("mr.position").value_or("");
    }
    return positions;
}

/// What the answer says of a partition; mostly at the place at which it was asked.
const ProduceResponse::Partition* resultOf(const ProduceResponse& response, const TopicPartition& name,
                                           std::size_t place) {
    if (place < response.partitions.size() && response.partitions[place].partition == name) {
        return &response.partitions[place];
    }
    const auto at = std::find_if(response.partitions.begin(), response.partitions.end(),
                                 [&](const auto& result) { return result.partition == name; });
    return at != response.partitions.end() ? &*at : nullptr;
}

std::string_view sourceOf(const RecordBatch& batch) {
    return (*batch.records().begin()).header("mr.source").value_or("");
}

std::int64_t firstPositionOf(const RecordBatch& batch) {
    const std::string_view digits = (*batch.records().begin()).header("mr.position").value_or("");
    std::int64_t position = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), position);
    return position;
}

}  // namespace

Producer::Producer(ProducerConfig config) : m_config(std::move(config)), m_client(m_config.client) {}

void Producer::start(sim::Context& context, const TopicName& topic) {
    m_topic = topic;
    m_client.addTopic(context, topic);
    m_client.start(context);
}

TopicPartition Producer::nameOf(std::size_t partition) const {
    return {m_topic, PartitionIndex{static_cast<std::int32_t>(partition)}};
}

// --- Gathering ------------------------------------------------------------------------------------------------------

std::size_t Producer::choosePartition(std::optional<std::string_view> key) {
    const auto count = partitionCount();
    if (key && m_config.broken.missesThePartition && m_figures.sent % 8 == 7) {
        return static_cast<std::size_t>(partitionOfKey(*key, static_cast<std::int32_t>(count)).value + 1) % count;
    }
    if (key && !m_config.ignoresKeys) {
        return static_cast<std::size_t>(partitionOfKey(*key, static_cast<std::int32_t>(count)).value);
    }
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t partition = m_nextPartition++ % count;
        if (m_queues[partition].leader != nowhere) {
            return partition;
        }
    }
    return m_nextPartition++ % count;
}

bool Producer::add(sim::Context& context, std::string_view source, std::int64_t position,
                   std::optional<std::string_view> key, std::string_view value, std::optional<std::int64_t> order) {
    MILLRACE_CHECK(takes());
    char digits[24];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), position).ptr;
    m_headers.clear();
    m_headers.push_back({"mr.source", source});
    m_headers.push_back({"mr.position", std::string_view(digits, static_cast<std::size_t>(end - digits))});
    const std::size_t size = RecordBatchBuilder::recordSizeMax(key, value, m_headers);

    context.spend(cost::clientSerialize);
    const std::size_t partition = choosePartition(key);
    const auto serialized = static_cast<std::int64_t>(RecordBatch::headerSize + size);
    if (serialized > m_config.maxRequestSize || serialized > m_config.bufferMemory) {
        const bool isForRequest = serialized > m_config.maxRequestSize;
        failRecord(context, source, position, partition,
                   fmt::format("RecordTooLarge: {} bytes when serialized, {} is {}", serialized,
                               isForRequest ? "max.request.size" : "buffer.memory",
                               isForRequest ? m_config.maxRequestSize : m_config.bufferMemory));
        return false;
    }
    Queue& queue = m_queues[partition];
    if (queue.open && queue.open->builder.sizeInBytes() + size > static_cast<std::size_t>(m_config.batchSize)) {
        closeBatch(context, partition);
    }
    if (!queue.open) {
        BatchOptions options;
        options.codec = m_config.codec;
        queue.open.emplace(OpenBatch{RecordBatchBuilder(options), context.now(), order.value_or(position)});
        m_buffered += static_cast<ByteCount>(RecordBatch::headerSize);
    }
    queue.open->hasKeys = queue.open->hasKeys || (key && !m_config.ignoresKeys);
    const std::size_t before = queue.open->builder.sizeInBytes();
    const bool isNew = queue.open->builder.recordCount() == 0;
    queue.open->builder.append(context.clockMillis(), key, value, m_headers);
    if (order) {
        queue.open->orders.push_back(*order);
    }
    m_buffered += static_cast<ByteCount>(queue.open->builder.sizeInBytes() - before);
    if (isNew) {
        refresh(partition, context.now());
    }
    ++m_figures.sent;
    m_headers.clear();
    return true;
}

void Producer::refuse(sim::Context& context, std::string_view source, std::int64_t position) {
    failRecord(context, source, position, std::nullopt,
               partitionCount() == 0
                   ? fmt::format("topic {} not present in metadata after max.block.ms", m_topic.text())
                   : std::string{"no room in buffer.memory within max.block.ms"});
}

void Producer::failRecord(sim::Context& context, std::string_view source, std::int64_t position,
                          std::optional<std::size_t> partition, std::string_view error) {
    ++m_figures.sent;
    ++m_figures.failed;
    context.journal(draftOf(happened::producerFailed, partition, 1, source, std::to_string(position), 0, error));
    if (m_sender && context.isListenedTo()) {
        context.tell(makeRef<RecordGivenUp>(m_sender, position, error));
    }
}

void Producer::closeBatch(sim::Context& context, std::size_t partition) {
    Queue& queue = m_queues[partition];
    OpenBatch& open = *queue.open;
    context.spend(cost::clientBatch);
    Batch batch;
    batch.created = open.created;
    batch.firstPosition = open.firstPosition;
    batch.orders = std::move(open.orders);
    batch.records = open.builder.recordCount();
    m_buffered -= static_cast<ByteCount>(open.builder.sizeInBytes());
    batch.data = open.builder.build();
    m_buffered += batch.data->size();
    tell<BatchClosed>(context, batch.data, partition, static_cast<std::int32_t>(partitionCount()), open.firstPosition,
                      open.hasKeys);
    queue.closed.push_back(std::move(batch));
    queue.open.reset();
}

// --- Sending --------------------------------------------------------------------------------------------------------

/// Sender.guaranteeMessageOrder: whoever wants one request in flight has a partition muted until its batch is answered,
/// even when another broker has come to lead it.
bool Producer::isMuted(const Queue& queue) const {
    return m_config.maxInFlight == 1 && queue.underWay > 0;
}

bool Producer::isReady(const Queue& queue, SimTime now) const {
    if (!queue.closed.empty()) {
        return queue.closed.front().retryAt <= now;
    }
    return queue.open && (m_isClosing || now >= queue.open->created + m_config.linger);
}

/// The next moment at which the queue's front becomes ready or too old by itself.
SimTime Producer::wakeOf(const Queue& queue, SimTime now) const {
    if (!queue.closed.empty()) {
        const Batch& batch = queue.closed.front();
        const SimTime givenUp = batch.created + m_config.deliveryTimeout;
        return batch.retryAt > now ? std::min(givenUp, batch.retryAt) : givenUp;
    }
    if (queue.open) {
        const SimTime ready = m_isClosing ? now : queue.open->created + m_config.linger;
        return ready > now ? ready : queue.open->created + m_config.deliveryTimeout;
    }
    return SimTime::max();
}

void Producer::refresh(std::size_t partition, SimTime now) {
    const Queue& queue = m_queues[partition];
    const bool isServed = queue.leader != nowhere && m_brokers[queue.leader].turn != nowhere;
    list(partition, isServed && isReady(queue, now) && !isMuted(queue));
    m_queuesDue.set(partition, wakeOf(queue, now));
}

void Producer::list(std::size_t partition, bool isReady) {
    Queue& queue = m_queues[partition];
    if (queue.isListed == isReady) {
        return;
    }
    queue.isListed = isReady;
    std::vector<std::uint32_t>& ready = m_brokers[queue.leader].ready;
    const auto number = static_cast<std::uint32_t>(partition);
    const auto at = std::lower_bound(ready.begin(), ready.end(), number);
    if (isReady) {
        ready.insert(at, number);
        takeTurn(queue.leader);
    } else {
        MILLRACE_CHECK(at != ready.end() && *at == number, partition);
        ready.erase(at);
        leaveTurn(queue.leader);
    }
}

void Producer::takeTurn(Place broker) {
    if (m_brokers[broker].ready.size() == 1) {
        const std::pair entry{m_brokers[broker].turn, broker};
        m_inTurn.insert(std::lower_bound(m_inTurn.begin(), m_inTurn.end(), entry), entry);
    }
}

void Producer::leaveTurn(Place broker) {
    if (m_brokers[broker].ready.empty()) {
        const std::pair entry{m_brokers[broker].turn, broker};
        const auto at = std::lower_bound(m_inTurn.begin(), m_inTurn.end(), entry);
        MILLRACE_CHECK(at != m_inTurn.end() && *at == entry, broker);
        m_inTurn.erase(at);
    }
}

/// Partitions whose moment has come, in order. They have none until they are refreshed.
std::vector<std::uint32_t> Producer::takeDue(SimTime now) {
    std::vector<std::uint32_t> due;
    while (m_queuesDue.first() <= now) {
        due.push_back(m_queuesDue.takeFirst());
    }
    std::sort(due.begin(), due.end());
    return due;
}

void Producer::flush(sim::Context& context) {
    for (const std::uint32_t partition : takeDue(context.now())) {
        refresh(partition, context.now());
    }
    // To send to one broker makes nothing ready at another.
    for (std::size_t i = 0; i < m_inTurn.size();) {
        const Place broker = m_inTurn[i].second;
        sendTo(context, broker);
        i += i < m_inTurn.size() && m_inTurn[i].second == broker ? 1 : 0;
    }
    armNext(context);
}

void Producer::close(sim::Context& context) {
    m_isClosing = true;
    for (std::size_t partition = 0; partition < m_queues.size(); ++partition) {
        refresh(partition, context.now());
    }
    flush(context);
}

void Producer::sendTo(sim::Context& context, Place place) {
    const Broker& broker = m_brokers[place];
    const auto hasRoom = [&] {
        return m_client.links().inFlight(broker.id) < static_cast<std::size_t>(m_config.maxInFlight) &&
               m_client.links().unsent(context, broker.id) < sim::Context::connectionWindow;
    };
    while (!broker.ready.empty() && hasRoom()) {
        if (!m_client.links().isOpen(broker.id)) {
            m_client.links().connect(context, broker.id);
            return;
        }
        transmit(context, place, drain(context, place));
    }
}

/// The first batch of each ready partition of the broker, as many as one request takes.
Producer::InFlight Producer::drain(sim::Context& context, Place place) {
    const std::vector<std::uint32_t>& ready = m_brokers[place].ready;
    InFlight request;
    request.givesUpAt = SimTime::max();
    request.batches.reserve(ready.size());
    ByteCount size = 0;
    const auto first = std::lower_bound(ready.begin(), ready.end(), static_cast<std::uint32_t>(m_drainFrom));
    const auto from = static_cast<std::size_t>(first - ready.begin());
    for (std::size_t i = 0; i < ready.size(); ++i) {
        const std::size_t partition = ready[(from + i) % ready.size()];
        Queue& queue = m_queues[partition];
        if (queue.closed.empty()) {
            closeBatch(context, partition);
        }
        Batch& batch = queue.closed.front();
        if (!request.batches.empty() && size + batch.data->size() > m_config.maxRequestSize) {
            break;
        }
        size += batch.data->size();
        request.givesUpAt = std::min(request.givesUpAt, batch.created + m_config.deliveryTimeout);
        request.batches.emplace_back(partition, std::move(batch));
        queue.closed.pop_front();
    }
    m_drainFrom = (m_drainFrom + 1) % partitionCount();
    return request;
}

void Producer::transmit(sim::Context& context, Place place, InFlight request) {
    const BrokerId broker = m_brokers[place].id;
    const auto message = [&](Acks acks) {
        ProduceRequest produce;
        produce.acks = acks;
        produce.partitions.reserve(request.batches.size());
        for (const auto& [partition, batch] : request.batches) {
            produce.partitions.push_back({nameOf(partition), batch.data});
        }
        return produce;
    };
    if (m_config.broken.sendsTwice && m_nextTag % 16 == 0 && m_config.acks == Acks::Leader) {
        m_client.links().send(context, broker, message(Acks::None), m_nextTag++, BrokerLinks::Expects::NoAnswer);
    }
    ProduceRequest produce = message(m_config.acks);
    produce.timeout = m_config.client.links.requestTimeout;
    context.spend(cost::clientRequest);
    request.tag = m_nextTag++;
    const bool isAnswered = m_config.acks != Acks::None;
    m_client.links().send(context, broker, std::move(produce), request.tag,
                          isAnswered ? BrokerLinks::Expects::Answer : BrokerLinks::Expects::NoAnswer);
    for (const auto& [partition, batch] : request.batches) {
        Queue& queue = m_queues[partition];
        queue.underWay += isAnswered ? 1 : 0;
        if (!isAnswered) {
            m_figures.acked += batch.records;
            m_buffered -= batch.data->size();
            tell<BatchAcked>(context, batch.data, partition, noOffset);
        }
        queue.isListed = isReady(queue, context.now()) && !isMuted(queue);
        m_queuesDue.set(partition, wakeOf(queue, context.now()));
    }
    std::erase_if(m_brokers[place].ready, [&](std::uint32_t partition) { return !m_queues[partition].isListed; });
    leaveTurn(place);
    if (isAnswered) {
        m_brokers[place].inFlight.push_back(std::move(request));
        watchInFlight(place);
    }
}

Producer::Place Producer::placeOf(BrokerId broker) {
    const auto at = std::lower_bound(m_places.begin(), m_places.end(), std::pair{broker, Place{0}});
    if (at != m_places.end() && at->first == broker) {
        return at->second;
    }
    const auto place = static_cast<Place>(m_brokers.size());
    m_places.insert(at, {broker, place});
    m_brokers.emplace_back().id = broker;
    m_brokersDue.resize(m_brokers.size());
    return place;
}

void Producer::watchInFlight(Place place) {
    SimTime first = SimTime::max();
    for (const InFlight& request : m_brokers[place].inFlight) {
        first = std::min(first, request.givesUpAt);
    }
    m_brokersDue.set(place, first);
}

/// Removes the request, whose batches are under way no more.
Producer::InFlight Producer::takeInFlight(BrokerId broker, BrokerLinks::Tag tag) {
    const Place place = placeOf(broker);
    std::vector<InFlight>& inFlight = m_brokers[place].inFlight;
    const auto at =
        std::find_if(inFlight.begin(), inFlight.end(), [&](const InFlight& request) { return request.tag == tag; });
    MILLRACE_CHECK(at != inFlight.end(), tag);
    InFlight request = std::move(*at);
    inFlight.erase(at);
    watchInFlight(place);
    for (const auto& [partition, batch] : request.batches) {
        --m_queues[partition].underWay;
    }
    return request;
}

/// What is under way and too old, in the order in which it was sent.
void Producer::expireInFlight(sim::Context& context) {
    std::vector<Place> places;
    std::vector<InFlight*> overdue;
    while (m_brokersDue.first() <= context.now()) {
        places.push_back(m_brokersDue.takeFirst());
        for (InFlight& request : m_brokers[places.back()].inFlight) {
            if (request.givesUpAt <= context.now()) {
                overdue.push_back(&request);
            }
        }
    }
    std::sort(overdue.begin(), overdue.end(), [](const InFlight* a, const InFlight* b) { return a->tag < b->tag; });
    for (InFlight* const request : overdue) {
        request->givesUpAt = SimTime::max();
        for (auto& [partition, batch] : request->batches) {
            const SimTime givenUp = batch.created + m_config.deliveryTimeout;
            if (!batch.isDone && givenUp <= context.now()) {
                fail(context, partition, batch, "delivery timed out");
                batch.isDone = true;
            }
            request->givesUpAt = batch.isDone ? request->givesUpAt : std::min(request->givesUpAt, givenUp);
        }
    }
    for (const Place place : places) {
        watchInFlight(place);
    }
}

// A batch whose time is over fails where it is; of one in flight the answer then changes nothing
// (Sender.getExpiredInflightBatches). A queue is looked at from its front, as RecordAccumulator.expiredBatches does.
void Producer::expire(sim::Context& context) {
    expireInFlight(context);
    for (const std::uint32_t partition : takeDue(context.now())) {
        Queue& queue = m_queues[partition];
        if (queue.open && queue.open->created + m_config.deliveryTimeout <= context.now()) {
            closeBatch(context, partition);
        }
        while (!queue.closed.empty() && queue.closed.front().created + m_config.deliveryTimeout <= context.now()) {
            fail(context, partition, queue.closed.front(), "delivery timed out");
            queue.closed.pop_front();
        }
        refresh(partition, context.now());
    }
}

// The next moment at which something becomes ready or too old by itself.
void Producer::armNext(sim::Context& context) {
    const SimTime next = std::min(m_queuesDue.first(), m_brokersDue.first());
    if (next < m_wakeAt) {
        m_wakeAt = next;
        // A batch may be overdue whose time came while this handler's messages waited for a core.
        const auto wait = std::max<SimDuration>(next - context.now(), SimDuration{0});
        context.arm(wait, makeRef<ProducerTimer>(++m_wakeRound));
    }
}

// --- Settling -------------------------------------------------------------------------------------------------------

bool Producer::handle(sim::Context& context, const sim::Message& message) {
    if (const auto* timer = message.as<ProducerTimer>()) {
        if (timer->round == m_wakeRound) {
            m_wakeAt = SimTime::max();
            expire(context);
            flush(context);
        }
        return true;
    }
    ClusterClient::Outcome outcome;
    if (!m_client.handle(context, message, outcome)) {
        return false;
    }
    const auto& event = outcome.event;
    if (outcome.updated) {
        takeMetadata(context);
    } else if (event.kind == BrokerLinks::Event::Kind::Response) {
        const auto* response = event.response->as<ProduceResponse>();
        MILLRACE_CHECK(response != nullptr, event.tag);
        context.spend(cost::clientResponse);
        settle(context, takeInFlight(event.broker, event.tag), *response);
    } else if (event.kind == BrokerLinks::Event::Kind::Lost) {
        for (const BrokerLinks::Tag tag : event.lost) {
            settleLost(context, takeInFlight(event.broker, tag), event.reason);
        }
        if (m_config.acks == Acks::None && m_sender && context.isListenedTo()) {
            context.tell(makeRef<SenderCutOff>(m_sender));
        }
    }
    flush(context);
    return true;
}

void Producer::settle(sim::Context& context, const InFlight& request, const ProduceResponse& response) {
    for (std::size_t i = 0; i < request.batches.size(); ++i) {
        const auto& [partition, batch] = request.batches[i];
        if (!batch.isDone) {
            settle(context, partition, batch, resultOf(response, nameOf(partition), i));
        }
        refresh(partition, context.now());
    }
}

void Producer::settle(sim::Context& context, std::size_t partition, const Batch& batch,
                      const ProduceResponse::Partition* result) {
    const ErrorCode error = result != nullptr ? result->error : ErrorCode::UnknownServerError;
    if (error == ErrorCode::None) {
        m_figures.acked += batch.records;
        m_buffered -= batch.data->size();
        tell<BatchAcked>(context, batch.data, partition, result->baseOffset);
        if (AckedBatch& newest = m_queues[partition].newestAcked; result->baseOffset > newest.base) {
            newest = {result->baseOffset, batch.data->recordCount(), batch.data->crc()};
            m_acked.note(static_cast<std::uint32_t>(partition));
        }
        return;
    }
    if (asksForMetadata(error)) {
        m_client.requestUpdate(context);
    }
    if (error == ErrorCode::MessageTooLarge && batch.records > 1) {
        split(context, partition, batch);
        return;
    }
    retryOrFail(context, partition, batch, toText(error), isRetriable(error));
}

AckedBatch Producer::newestAcked(PartitionIndex partition) const {
    const auto index = static_cast<std::size_t>(partition.value);
    return index < m_queues.size() ? m_queues[index].newestAcked : AckedBatch{};
}

void Producer::settleLost(sim::Context& context, InFlight request, std::string_view reason) {
    for (auto& [partition, batch] : request.batches) {
        if (!batch.isDone) {
            retryOrFail(context, partition, std::move(batch), reason, true);
        }
        refresh(partition, context.now());
    }
}

void Producer::retryOrFail(sim::Context& context, std::size_t partition, Batch batch, std::string_view error,
                           bool mayPass) {
    const bool inTime = batch.created + m_config.deliveryTimeout > context.now();
    if (!mayPass || !inTime || batch.attempts >= static_cast<std::uint32_t>(m_config.retries)) {
        fail(context, partition, batch, error, !mayPass);
        return;
    }
    const auto doubled = m_config.retryBackoff * (std::int64_t{1} << std::min(batch.attempts, 16U));
    const auto backoff = std::min<SimDuration>(doubled, m_config.retryBackoffMax);
    const double jitter = 0.8 + 0.4 * context.random().uniform();
    ++batch.attempts;
    batch.retryAt = context.now() + fromSeconds(seconds(backoff) * jitter);
    m_figures.retried += batch.records;
    journal(context, happened::producerRetry, partition, batch, error);
    tell<BatchRetried>(context, batch.data, partition);
    auto& queued = m_queues[partition].closed;
    if (m_config.broken.retriesGoLast) {
        queued.push_back(std::move(batch));
        return;
    }
    // In front of older ones that wait for their retry too: only with idempotence are they put in order again.
    queued.push_front(std::move(batch));
}

/// ProducerBatch.split: the records in batches of their own in the same order, which count as never tried.
void Producer::split(sim::Context& context, std::size_t partition, const Batch& batch) {
    const std::size_t whole = RecordBatch::headerSize + batch.data->payload().records().size();
    const auto batchSize = static_cast<std::size_t>(m_config.batchSize);
    const std::size_t limit = whole > batchSize ? batchSize : whole / 2;
    std::vector<Batch> parts;
    std::optional<RecordBatchBuilder> builder;
    std::ptrdiff_t done = 0;  // records in parts
    const auto close = [&] {
        context.spend(cost::clientBatch);
        Batch part;
        part.created = batch.created;
        part.records = builder->recordCount();
        part.data = builder->build();
        if (!batch.orders.empty()) {
            const auto from = batch.orders.begin() + done;
            done += part.records;
            part.orders.assign(from, batch.orders.begin() + done);
        }
        part.firstPosition = part.orders.empty() ? firstPositionOf(*part.data) : part.orders.front();
        m_buffered += part.data->size();
        parts.push_back(std::move(part));
        builder.reset();
    };
    for (const RecordView& record : batch.data->records()) {
        const std::vector<RecordHeader> headers = record.headers();
        const std::size_t size = RecordBatchBuilder::recordSizeMax(record.key, record.value, headers);
        if (builder && builder->sizeInBytes() + size > limit) {
            close();
        }
        if (!builder) {
            BatchOptions options;
            options.codec = m_config.codec;
            builder.emplace(options);
        }
        builder->append(record.timestamp, record.key, record.value, headers);
    }
    close();
    m_buffered -= batch.data->size();
    journal(context, happened::producerBatchSplit, partition, batch, "MESSAGE_TOO_LARGE");
    tell<BatchSplit>(context, batch.data, partition);
    for (const Batch& part : parts) {
        tell<BatchClosed>(context, part.data, partition, static_cast<std::int32_t>(partitionCount()),
                          part.firstPosition, false);
    }
    auto& closed = m_queues[partition].closed;
    closed.insert(closed.begin(), std::make_move_iterator(parts.begin()), std::make_move_iterator(parts.end()));
}

void Producer::fail(sim::Context& context, std::size_t partition, const Batch& batch, std::string_view error,
                    bool isForGood) {
    m_figures.failed += batch.records;
    for (const std::int64_t order : batch.orders) {
        m_failedOrders.push_back({order, isForGood});
    }
    m_buffered -= batch.data->size();
    journal(context, happened::producerFailed, partition, batch, error);
    tell<BatchGivenUp>(context, batch.data, partition, error);
}

void Producer::journal(sim::Context& context, std::string_view kind, std::size_t partition, const Batch& batch,
                       std::string_view error) const {
    context.journal(draftOf(kind, partition, batch.records, sourceOf(*batch.data), positionsOf(*batch.data),
                            batch.attempts, error));
}

/// What an entry about records that did not go through at once says.
sim::JournalDraft Producer::draftOf(std::string_view kind, std::optional<std::size_t> partition, std::int64_t records,
                                    std::string_view source, std::string positions, std::uint32_t attempt,
                                    std::string_view error) const {
    const bool isFailure = kind == happened::producerFailed;
    const std::string_view fate = isFailure                         ? "given up"
                                  : kind == happened::producerRetry ? "sent again"
                                                                    : "sent again in smaller batches";
    const auto comma = positions.rfind(',');
    sim::JournalDraft draft;
    draft.kind = kind;
    draft.severity = isFailure ? sim::Severity::Error : sim::Severity::Notice;
    draft.text =
        fmt::format("{} for {} {} {}: {}", observe::counted(records, "record"),
                    partition ? toText(nameOf(*partition)) : m_topic.text(), records == 1 ? "is" : "are", fate, error);
    draft.fields = {field::topic(m_topic.text()),
                    {field::partition.key, partition ? std::to_string(*partition) : std::string{}},
                    {"source", std::string{source}},
                    {"first_position", positions.substr(0, positions.find(','))},
                    {"last_position", comma == std::string::npos ? positions : positions.substr(comma + 1)},
                    {"positions", std::move(positions)},
                    {"attempt", std::to_string(attempt)},
                    field::error(error)};
    draft.alike = fmt::format("{}: {}", partition ? toText(nameOf(*partition)) : m_topic.text(), error);
    return draft;
}

void Producer::takeMetadata(sim::Context& context) {
    const TopicMetadata* topic = m_client.findTopic(m_topic);
    if (topic == nullptr || topic->partitions.empty()) {
        m_client.requestUpdate(context);
        return;
    }
    // Partitions are only ever added.
    m_queues.resize(std::max(m_queues.size(), topic->partitions.size()));
    m_queuesDue.resize(m_queues.size());
    while (m_acked.size() < m_queues.size()) {
        m_acked.add();
    }
    takeLeaders(*topic, context.now());
    const bool someWithout = std::any_of(topic->partitions.begin(), topic->partitions.end(),
                                         [](const PartitionMetadata& each) { return each.leader == noBroker; });
    if (someWithout) {
        m_client.requestUpdate(context);
    }
}

/// Brokers are served in the order in which they first lead a partition.
void Producer::takeLeaders(const TopicMetadata& topic, SimTime now) {
    for (std::size_t partition = 0; partition < m_queues.size(); ++partition) {
        list(partition, false);
    }
    for (Broker& broker : m_brokers) {
        broker.turn = nowhere;
    }
    Place turn = 0;
    for (std::size_t partition = 0; partition < topic.partitions.size(); ++partition) {
        const BrokerId leader = topic.partitions[partition].leader;
        const Place place = leader == noBroker ? nowhere : placeOf(leader);
        m_queues[partition].leader = place;
        if (place != nowhere && m_brokers[place].turn == nowhere) {
            m_brokers[place].turn = turn++;
        }
    }
    for (std::size_t partition = 0; partition < m_queues.size(); ++partition) {
        refresh(partition, now);
    }
}

ProducerFigures Producer::figures() const {
    ProducerFigures figures = m_figures;
    figures.pending = figures.sent - figures.acked - figures.failed;
    figures.bufferedBytes = m_buffered;
    return figures;
}

void Producer::sample(sim::MetricSink& sink) const {
    const ProducerFigures now = figures();
    sink.add(metric::recordsSent, static_cast<double>(now.sent));
    sink.add(metric::recordsAcked, static_cast<double>(now.acked));
    sink.add(metric::recordsRetried, static_cast<double>(now.retried));
    sink.add(metric::recordsFailed, static_cast<double>(now.failed));
    sink.add(metric::recordsPending, static_cast<double>(now.pending));
    sink.add(metric::bufferBytes, static_cast<double>(now.bufferedBytes));
}

std::vector<ProducerBacklog> Producer::backlog() const {
    std::vector<ProducerBacklog> all(m_queues.size());
    const auto add = [&](std::size_t partition, std::int64_t records, SimTime created) {
        ProducerBacklog& backlog = all[partition];
        backlog.oldest = backlog.records == 0 ? created : std::min(backlog.oldest, created);
        backlog.overdueAt = backlog.oldest + m_config.linger;
        backlog.givenUpAt = backlog.oldest + m_config.deliveryTimeout;
        backlog.records += records;
    };
    forEachPending([&](std::size_t partition, const auto& batch, std::int64_t records) {
        add(partition, records, batch.created);
    });
    for (std::size_t partition = 0; partition < m_queues.size(); ++partition) {
        const Place leader = m_queues[partition].leader;
        all[partition].partition = nameOf(partition);
        all[partition].leader = leader == nowhere ? noBroker : m_brokers[leader].id;
        all[partition].acks = m_config.acks;
    }
    std::erase_if(all, [](const ProducerBacklog& backlog) { return backlog.records == 0; });
    return all;
}

std::int64_t Producer::settledUpTo(std::int64_t next) const {
    std::int64_t lowest = next;
    forEachPending(
        [&](std::size_t, const auto& batch, std::int64_t) { lowest = std::min(lowest, batch.firstPosition); });
    return lowest;
}

}  // namespace millrace::kafka
