#include "engine/run/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/base/check.h"
#include "engine/kafka/partitioner.h"

namespace millrace::run {

namespace {

constexpr std::uint64_t spansKept = 65'536;
constexpr std::uint64_t timesKept = 1'024;
constexpr std::uint64_t sentKept = 65'536;  // of a lane with acks = 0, which leaves some behind
constexpr std::size_t unknownSource = ~std::size_t{0};

std::int64_t numberOf(std::string_view text) {
    std::int64_t value = -1;
    (void)std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Of a fact whose kind says so.
template <class T>
const T& as(const sim::Fact& fact) {
    return static_cast<const T&>(fact);
}

std::int64_t positionOf(const kafka::RecordView& record) {
    return numberOf(record.header("mr.position").value_or(std::string_view{}));
}

}  // namespace

std::string_view toText(LossCause cause) {
    switch (cause) {
        case LossCause::UncleanElection:
            return "unclean-election";
        case LossCause::Acks:
            return "acks";
        case LossCause::PowerLoss:
            return "power-loss";
    }
    return "?";
}

void Ledger::take(const sim::World& world, std::span<const sim::ToldFact> facts,
                  std::span<const sim::NumberedEffect> effects) {
    m_hasForeigners = m_hasForeigners || world.findProcess("gateway") != sim::noProcess;
    for (const sim::ToldFact& told : facts) {
        (void)m_truth.take(told);  // first, since what was read may have been written already
    }
    for (const sim::NumberedEffect& effect : effects) {
        onSinkEffect(effect);
    }
    for (const sim::ToldFact& told : facts) {
        takeOne(world, told);
    }
}

void Ledger::takeOne(const sim::World& world, const sim::ToldFact& told) {
    const sim::Fact& fact = *told.fact;
    switch (fact.kind().value) {
        case sim::factKindOf<kafka::BatchClosed>.value:
            return onClosed(told, as<kafka::BatchClosed>(fact));
        case sim::factKindOf<kafka::TopicShared>.value:
            m_shared.insert(as<kafka::TopicShared>(fact).topic.text());
            return;
        case sim::factKindOf<kafka::BatchAppended>.value:
            return onAppended(told, as<kafka::BatchAppended>(fact));
        case sim::factKindOf<kafka::BatchAcked>.value:
            return onAcked(world, told, as<kafka::BatchAcked>(fact));
        case sim::factKindOf<kafka::RecordsDelivered>.value:
            return onDelivered(told, as<kafka::RecordsDelivered>(fact));
        case sim::factKindOf<ingest::SinkAnswered>.value:
            return onAnswered(told, as<ingest::SinkAnswered>(fact));
        case sim::factKindOf<kafka::OffsetCommitted>.value:
            return onCommitted(told, as<kafka::OffsetCommitted>(fact));
        case sim::factKindOf<kafka::PositionSet>.value:
            return onPosition(told, as<kafka::PositionSet>(fact));
        case sim::factKindOf<kafka::BatchRetried>.value:
            return onRetried(as<kafka::BatchRetried>(fact));
        case sim::factKindOf<kafka::BatchGivenUp>.value:
            return onGivenUp(as<kafka::BatchGivenUp>(fact));
        case sim::factKindOf<kafka::RecordGivenUp>.value:
            return onRecordGivenUp(as<kafka::RecordGivenUp>(fact));
        case sim::factKindOf<kafka::BatchSplit>.value:
            return onSplit(as<kafka::BatchSplit>(fact));
        case sim::factKindOf<kafka::LeaderBegun>.value:
            return onLeader(world, told, as<kafka::LeaderBegun>(fact));
        case sim::factKindOf<kafka::UncleanlyElected>.value:
            return onUnclean(as<kafka::UncleanlyElected>(fact));
        case sim::factKindOf<kafka::ReaderRevoked>.value:
            return onRevoked(told, as<kafka::ReaderRevoked>(fact));
        case sim::factKindOf<kafka::SenderCutOff>.value:
            return onCutOff(as<kafka::SenderCutOff>(fact));
        case sim::factKindOf<kafka::SenderStarted>.value:
            return onStarted(told, as<kafka::SenderStarted>(fact));
        default:
            if (!m_coordination.take(told) && !m_streams.take(told)) {
                (void)m_rejected.take(told);
            }
    }
}

// --- the books ------------------------------------------------------------------------------------------------------

std::size_t Ledger::findSource(std::string_view source) const {
    const std::size_t* at = m_sourceIndex.find(source);
    return at != nullptr ? *at : unknownSource;
}

Ledger::SourceBook& Ledger::sourceOf(const kafka::SenderRef& sender) {
    const std::size_t known = findSource(sender->source);
    if (known == unknownSource) {
        m_sourceIndex.set(std::string(sender->source), m_sources.size());
        m_sources.push_back(makeRef<SourceBook>());
    }
    SourceBook& book = writable(known == unknownSource ? m_sources.back() : m_sources[known]);
    book.sender = sender;
    return book;
}

Ledger::Lane& Ledger::laneOf(SourceBook& book, std::int32_t partition) {
    const auto at = static_cast<std::size_t>(partition);
    while (book.lanes.size() <= at) {
        book.lanes.push_back(makeRef<Lane>());
    }
    return writable(book.lanes[at]);
}

std::uint32_t Ledger::indexOf(const kafka::TopicPartition& partition) {
    const std::uint64_t hash = partition.topic.hash() + static_cast<std::uint64_t>(partition.partition.value);
    std::uint32_t& cached = m_partitionCache[hash % m_partitionCache.size()];
    if (cached < m_partitions.size() && m_partitions[cached]->name == partition) {
        return cached;
    }
    if (const std::uint32_t* known = m_partitionIndex.find(partition)) {
        return cached = *known;
    }
    cached = static_cast<std::uint32_t>(m_partitions.size());
    m_partitionIndex.set(partition, cached);
    m_partitions.push_back(makeRef<PartitionBook>());
    m_partitions.back()->name = partition;
    m_readingsOf.emplace_back();
    return cached;
}

Ledger::PartitionBook& Ledger::partitionOf(const kafka::TopicPartition& partition) {
    return writable(m_partitions[indexOf(partition)]);
}

/// Mostly one source writes to a topic, and what it sent is at the front of its lane: only otherwise the batch itself
/// has to say whose it is.
Ledger::Sender Ledger::senderOf(const kafka::BatchAppended& fact) const {
    const auto lane = static_cast<std::size_t>(fact.partition.partition.value);
    const auto sentBy = [&](std::size_t i) -> std::optional<std::uint64_t> {
        const SourceBook& book = *m_sources[i];
        return book.sender->topic == fact.partition.topic && lane < book.lanes.size()
                   ? findSent(*book.lanes[lane], *fact.batch)
                   : std::nullopt;
    };
    const auto claimed = [&] {
        const auto origin = (*fact.batch->records().begin()).header("mr.source");
        return origin ? findSource(*origin) : unknownSource;
    };
    // Of many, the one that its records name is asked first: to ask them all costs more than to read a header.
    constexpr std::size_t few = 8;
    if (const std::size_t first = m_sources.size() > few ? claimed() : unknownSource; first != unknownSource) {
        if (const auto at = sentBy(first)) {
            return {first, at};
        }
    }
    for (std::size_t i = 0; i < m_sources.size(); ++i) {
        if (const auto at = sentBy(i)) {
            return {i, at};
        }
    }
    if (m_hasForeigners) {
        return {unknownSource, std::nullopt};  // Whoever copies records copies their headers.
    }
    const std::size_t source = claimed();
    // Under LogAppendTime the time in the header, and with it the sum, are the broker's.
    if (source != unknownSource && fact.batch->isLogAppendTime() && lane < m_sources[source]->lanes.size() &&
        m_sources[source]->sender->topic == fact.partition.topic) {
        const std::int64_t first = positionOf(*fact.batch->records().begin());
        const SharedLog<Sent, 8>& sent = m_sources[source]->lanes[lane]->sent;
        for (std::uint64_t at = sent.firstIndex(); at < sent.endIndex(); ++at) {
            if (sent[at].positions.first == first && sent[at].positions.count == fact.batch->recordCount()) {
                return {source, at};
            }
        }
    }
    return {source, std::nullopt};
}

Ledger::Positions Ledger::positionsOf(const kafka::RecordBatch& batch) {
    Positions positions;
    positions.count = batch.recordCount();
    std::int64_t before = 0;
    std::int32_t at = 0;
    for (const kafka::RecordView& record : batch.records()) {
        const std::int64_t position = positionOf(record);
        if (at == 0) {
            positions.first = position;
        } else if (at == 1) {
            positions.stride = position - before;
        } else {
            positions.isRegular = positions.isRegular && position - before == positions.stride;
        }
        before = position;
        ++at;
    }
    return positions;
}

template <class F>
void Ledger::forEachPosition(const Positions& positions, const kafka::RecordBatch& batch, F&& f) {
    if (positions.isRegular) {
        for (std::int32_t i = 0; i < positions.count; ++i) {
            f(positions.first + i * positions.stride);
        }
        return;
    }
    for (const kafka::RecordView& record : batch.records()) {
        f(positionOf(record));
    }
}

// --- what producers tell --------------------------------------------------------------------------------------------

void Ledger::onStarted(const sim::ToldFact& told, const kafka::SenderStarted& fact) {
    SourceBook& book = sourceOf(fact.sender);
    const bool isFirst = book.incarnation == 0;
    book.incarnation = told.incarnation;
    if (isFirst && fact.from == 0) {
        return;
    }
    book.resentFrom = book.resentFrom < 0 ? fact.from : std::min(book.resentFrom, fact.from);
    // What the last incarnation had under way may come yet or never: it is waited for no longer.
    for (Ref<Lane>& lane : book.lanes) {
        lane = makeRef<Lane>();
    }
}

/// Who waits for no answer goes on over a new connection while the old one's data are still sent again by its host.
void Ledger::onCutOff(const kafka::SenderCutOff& fact) {
    for (Ref<Lane>& lane : sourceOf(fact.sender).lanes) {
        goesAnotherWay(lane);
    }
}

void Ledger::goesAnotherWay(Ref<Lane>& lane) {
    if (lane->lateEnd != lane->sent.endIndex()) {
        writable(lane).lateEnd = lane->sent.endIndex();
    }
}

void Ledger::onClosed(const sim::ToldFact& told, const kafka::BatchClosed& fact) {
    SourceBook& book = sourceOf(fact.sender);
    Sent sent;
    const std::int32_t count = fact.batch->recordCount();
    sent.positions = count == 1 ? Positions{fact.first, 0, 1, true} : positionsOf(*fact.batch);
    sent.payload = &fact.batch->payload();
    sent.crc = fact.batch->crc();
    forEachPosition(sent.positions, *fact.batch,
                    [&](std::int64_t position) { book.sentTo = std::max(book.sentTo, position + 1); });
    Lane& lane = laneOf(book, fact.partition);
    lane.sent.append(sent);
    // What waits for an answer is bounded by the producer's memory.
    if (fact.sender->acks == kafka::Acks::None && lane.sent.size() > sentKept) {
        lane.sent.dropFront(lane.sent.firstIndex() + 1);
    }
    if (!fact.hasKeys) {
        return;
    }
    for (const kafka::RecordView& record : fact.batch->records()) {
        const std::int32_t right = kafka::partitionOfKey(record.key.value_or(""), fact.partitions).value;
        expect(RecordRule::RightPartition, told.time, !record.key || right == fact.partition, [&] {
            return fmt::format("{} sends record {} with key {} to partition {} of {} instead of {}",
                               fact.sender->producer, positionOf(record), *record.key, fact.partition,
                               fact.sender->topic.text(), right);
        });
    }
}

std::optional<std::uint64_t> Ledger::findSent(const Lane& lane, const kafka::RecordBatch& batch) {
    const void* const payload = &batch.payload();
    const auto isIt = [&](const Sent& sent) { return sent.payload == payload && sent.crc == batch.crc(); };
    // What comes next is mostly the oldest of all, or the oldest that is not appended.
    if (!lane.sent.empty() && isIt(lane.sent[lane.sent.firstIndex()])) {
        return lane.sent.firstIndex();
    }
    if (lane.appendedEnd >= lane.sent.firstIndex() && lane.appendedEnd < lane.sent.endIndex() &&
        isIt(lane.sent[lane.appendedEnd])) {
        return lane.appendedEnd;
    }
    for (std::uint64_t at = lane.sent.firstIndex(); at < lane.sent.endIndex(); ++at) {
        if (isIt(lane.sent[at])) {
            return at;
        }
    }
    return std::nullopt;
}

void Ledger::settle(Lane& lane, std::uint64_t at) {
    lane.sent.update(at).isSettled = true;
    std::uint64_t first = lane.sent.firstIndex();
    while (first < lane.sent.endIndex() && lane.sent[first].isSettled) {
        ++first;
    }
    lane.sent.dropFront(first);
    if (lane.sent.empty()) {  // What comes now has nothing before it that it could overtake.
        lane.hasRetried = false;
        lane.hasSplit = false;
    }
}

void Ledger::onRetried(const kafka::BatchRetried& fact) {
    SourceBook& book = sourceOf(fact.sender);
    laneOf(book, fact.partition).hasRetried = true;
    forEachPosition(positionsOf(*fact.batch), *fact.batch, [&](std::int64_t position) { book.retried.mark(position); });
}

void Ledger::noteGivenUp(SourceBook& book, std::int64_t position, const std::string& reason) {
    if (!book.failed.mark(position)) {
        return;
    }
    const std::string kind = reason.substr(0, reason.find(": "));  // without the sizes of this one
    auto same = std::find_if(book.givenUp.begin(), book.givenUp.end(), [&](const GivenUp& each) {
        return each.reason.substr(0, each.reason.find(": ")) == kind;
    });
    if (same == book.givenUp.end()) {
        book.givenUp.push_back({reason, 0, position, position});
        same = book.givenUp.end() - 1;
    }
    ++same->records;
    same->first = std::min(same->first, position);
    same->last = std::max(same->last, position);
}

void Ledger::onRecordGivenUp(const kafka::RecordGivenUp& fact) {
    SourceBook& book = sourceOf(fact.sender);
    book.sentTo = std::max(book.sentTo, fact.position + 1);
    noteGivenUp(book, fact.position, fact.reason);
}

void Ledger::onSplit(const kafka::BatchSplit& fact) {
    SourceBook& book = sourceOf(fact.sender);
    Lane& lane = laneOf(book, fact.partition);
    lane.hasSplit = true;
    if (const auto at = findSent(lane, *fact.batch)) {
        settle(lane, *at);
    }
}

void Ledger::onGivenUp(const kafka::BatchGivenUp& fact) {
    SourceBook& book = sourceOf(fact.sender);
    const Positions positions = positionsOf(*fact.batch);
    forEachPosition(positions, *fact.batch, [&](std::int64_t position) { noteGivenUp(book, position, fact.reason); });
    Lane& lane = laneOf(book, fact.partition);
    if (const auto at = findSent(lane, *fact.batch)) {
        settle(lane, *at);
    }
}

void Ledger::onAcked(const sim::World& world, const sim::ToldFact& told, const kafka::BatchAcked& fact) {
    SourceBook& book = sourceOf(fact.sender);
    if (fact.base == kafka::noOffset) {
        return;  // acks = 0: transmitted, acknowledged by nobody, and promised nothing.
    }
    Lane& lane = laneOf(book, fact.partition);
    const auto at = findSent(lane, *fact.batch);
    const Positions positions = at ? lane.sent[*at].positions : positionsOf(*fact.batch);
    book.acked += positions.count;
    const kafka::LeaderEpoch appendedIn = at ? lane.sent[*at].appendedIn : kafka::noEpoch;
    const bool isPromised = at && lane.sent[*at].isPromised;
    if (at) {
        settle(lane, *at);
    }
    PartitionBook& partition = partitionOf({fact.sender->topic, kafka::PartitionIndex{fact.partition}});
    const std::int64_t base = fact.base.value;
    const Span* span = spanAt(partition, base);
    const bool isForgotten = partition.spans.empty() || base < partition.spans.front().base;
    const bool isThere = span != nullptr
                             ? m_sources[span->source].get() == &book && span->positionAt(base) == positions.first
                             : isForgotten && base < partition.end;
    const bool isReplaced = !isThere && appendedIn != kafka::noEpoch && appendedIn < partition.epoch;
    const LossCause cause = isReplaced ? causeOf(world, told, partition, partition.epoch, base) : LossCause::Acks;
    const bool isForAll = fact.sender->acks == kafka::Acks::All;
    const bool isExplained = isReplaced && (!isForAll || cause != LossCause::Acks);
    expect(RecordRule::AcknowledgedIsStored, told.time, isThere || isExplained, [&] {
        return fmt::format("record {} of {} was acknowledged at {} {}, where it does not stand", positions.first,
                           fact.sender->source, toText(partition.name), base);
    });
    if (isThere) {
        partition.acked.add(base, base + positions.count);
    } else if (isReplaced) {
        forEachPosition(positions, *fact.batch, [&](std::int64_t position) {
            if (!book.stored.contains(position)) {
                book.lost.mark(position);
            }
        });
        noteLoss({fact.sender->producer, fact.sender->source, fact.sender->topic.text(), fact.partition, base,
                  base + positions.count - 1, positions.count, cause, isPromised, told.time});
    }
}

// --- what brokers tell ----------------------------------------------------------------------------------------------

void Ledger::onAppended(const sim::ToldFact& told, const kafka::BatchAppended& fact) {
    const auto [sender, at] = senderOf(fact);
    // A pipeline's rows have the headers of the records that they were made from.
    const bool isOthers = !at && !m_shared.empty() && m_shared.contains(fact.partition.topic.text());
    const auto source = isOthers ? unknownSource : sender;
    PartitionBook& partition = partitionOf(fact.partition);
    const kafka::LeaderEpoch epoch = fact.batch->leaderEpoch();
    // Not by a leader that has not heard yet that there is another one.
    const bool isOfToday = epoch >= partition.epoch;
    Positions positions;
    Span span;
    if (source != unknownSource) {
        SourceBook& book = writable(m_sources[source]);
        positions = checkSent(told, fact, isOfToday, at, book);
        span.source = static_cast<std::uint32_t>(source);
        span.isForAll = book.sender->acks == kafka::Acks::All;
        span.isPromised = span.isForAll && fact.minInSync >= 2;
    }
    if (!isOfToday) {
        return;
    }
    const std::int64_t base = fact.batch->baseOffset().value;
    if (base < partition.end) {
        expect(RecordRule::AcknowledgedIsStored, told.time, partition.acked.end() <= base, [&] {
            return fmt::format("{} goes on at {} although its log ended at {}", toText(fact.partition), base,
                               partition.end);
        });
        cut(told, partition, base, LossCause::Acks);
    }
    if (epoch > partition.epoch || partition.chain.empty()) {
        partition.epoch = epoch;
        partition.chain.push_back({epoch, kafka::Offset{base}});
    }
    partition.end = fact.batch->nextOffset().value;
    noteTime(partition, told.time);
    if (source != unknownSource) {
        span.base = base;
        store(partition, *fact.batch, positions, span);
    }
}

/// Where there are too many, each second one of them goes: so a run of any length keeps a few, rarer the older they
/// are.
void Ledger::noteTime(PartitionBook& partition, SimTime now) {
    if (now < partition.nextTime) {
        return;
    }
    partition.nextTime = now + std::chrono::seconds{1};
    auto& times = partition.times;
    if (times.size() >= timesKept) {
        std::remove_reference_t<decltype(times)> rarer;
        for (std::uint64_t at = times.firstIndex(); at < times.endIndex(); at += 2) {
            rarer.append(times[at]);
        }
        times = std::move(rarer);
    }
    times.append({partition.end, now});
}

Ledger::Positions Ledger::checkSent(const sim::ToldFact& told, const kafka::BatchAppended& fact, bool isOfToday,
                                    const std::optional<std::uint64_t>& at, SourceBook& book) {
    if (!at) {
        const Positions positions = positionsOf(*fact.batch);
        checkUnsent(told, fact, book, positions);
        return positions;
    }
    Lane& lane = laneOf(book, fact.partition.partition.value);
    Sent& sent = lane.sent.update(*at);
    sent.isPromised = book.sender->acks == kafka::Acks::All && fact.minInSync >= 2;
    expect(RecordRule::SentByProducer, told.time, true, [] { return std::string{}; });
    const auto describe = [&](std::string_view what) {
        return fmt::format("record {} of {} {} at {} {}", sent.positions.first, book.sender->source, what,
                           toText(fact.partition), fact.batch->baseOffset().value);
    };
    if (!isOfToday) {
        sent.appendedIn = std::max(sent.appendedIn, fact.batch->leaderEpoch());
        return sent.positions;
    }
    if (sent.appendedIn != kafka::noEpoch) {
        const bool isExplained = lane.hasRetried && book.retried.contains(sent.positions.first);
        expect(RecordRule::NoDoubleWithoutCause, told.time, isExplained || sent.appendedIn < fact.batch->leaderEpoch(),
               [&] { return describe("is appended again without a retry,"); });
    } else {
        expect(RecordRule::NoDoubleWithoutCause, told.time, true, [] { return std::string{}; });
        const bool isLate = *at < lane.appendedEnd;
        // The parts of a batch stand behind younger ones here, and before them in the producer's queue.
        const bool mayBeLate = lane.hasSplit || (lane.hasRetried && book.sender->maxInFlight > 1) || *at < lane.lateEnd;
        book.reordered += isLate ? 1 : 0;
        expect(RecordRule::InOrder, told.time, !isLate || mayBeLate,
               [&] { return describe("comes behind a younger one of its partition,"); });
        lane.appendedEnd = std::max(lane.appendedEnd, *at + 1);
    }
    sent.appendedIn = std::max(sent.appendedIn, fact.batch->leaderEpoch());
    const Positions positions = sent.positions;
    if (book.sender->acks == kafka::Acks::None) {
        settle(lane, *at);  // Nothing more will be heard of it.
    }
    return positions;
}

/// Something is appended that nobody waits for: a late copy of what was settled, or what should not be there.
void Ledger::checkUnsent(const sim::ToldFact& told, const kafka::BatchAppended& fact, const SourceBook& book,
                         const Positions& positions) {
    const auto describe = [&](std::string_view what) {
        return fmt::format("{} {} holds record {} of {}, {}", toText(fact.partition), fact.batch->baseOffset().value,
                           positions.first, book.sender->source, what);
    };
    if (fact.partition.topic != book.sender->topic) {
        expect(RecordRule::RightPartition, told.time, false,
               [&] { return describe("which was sent to another topic"); });
        return;
    }
    if (book.resentFrom >= 0 && positions.first >= book.resentFrom && positions.first < book.sentTo) {
        return;  // Of an incarnation that is gone; its successor sends the same positions in other batches.
    }
    for (std::size_t i = 0; i < book.lanes.size(); ++i) {
        const bool isOwn = static_cast<std::int32_t>(i) == fact.partition.partition.value;
        for (const Sent& sent : book.lanes[i]->sent) {
            if (sent.positions.first != positions.first) {
                continue;
            }
            const bool isElsewhere = !isOwn && sent.crc == fact.batch->crc();
            expect(isElsewhere ? RecordRule::RightPartition : RecordRule::SentByProducer, told.time, false, [&] {
                return describe(isElsewhere ? "which was sent to another partition" : "other than it was sent");
            });
            return;
        }
    }
    expect(RecordRule::SentByProducer, told.time, positions.first >= 0 && positions.first < book.sentTo,
           [&] { return describe("which no producer has sent"); });
    const bool isExplained = book.sender->acks == kafka::Acks::None || book.retried.contains(positions.first) ||
                             book.failed.contains(positions.first);
    expect(RecordRule::NoDoubleWithoutCause, told.time, isExplained,
           [&] { return describe("which had been appended and acknowledged, without a retry"); });
}

void Ledger::store(PartitionBook& partition, const kafka::RecordBatch& batch, const Positions& positions, Span span) {
    SourceBook& book = writable(m_sources[span.source]);
    forEachPosition(positions, batch, [&](std::int64_t position) {
        if (!book.stored.mark(position)) {
            book.doubled.mark(position);
        } else if (!book.lost.empty()) {
            book.lost.erase(position);
        }
    });
    if (positions.isRegular) {
        span.positions = positions;
        addSpan(partition, span);
        return;
    }
    for (const kafka::RecordView& record : batch.records()) {
        span.positions = {positionOf(record), 0, 1, true};
        addSpan(partition, span);
        ++span.base;
    }
}

void Ledger::addSpan(PartitionBook& partition, const Span& span) {
    SharedLog<Span, 64>& spans = partition.spans;
    if (!spans.empty()) {
        const Span& last = spans.back();
        const std::int64_t step = span.positions.first - last.positionAt(last.end() - 1);
        const bool isAlike = last.source == span.source && last.isForAll == span.isForAll &&
                             last.isPromised == span.isPromised && last.end() == span.base;
        const bool goesOn = (last.positions.count == 1 || last.positions.stride == step) &&
                            (span.positions.count == 1 || span.positions.stride == step);
        if (isAlike && goesOn) {
            Span& grown = spans.update(spans.endIndex() - 1);
            grown.positions.stride = step;
            grown.positions.count += span.positions.count;
            return;
        }
    }
    spans.append(span);
    if (spans.size() > spansKept) {
        spans.dropFront(spans.endIndex() - spansKept);
        partition.acked.dropBelow(spans.front().base);
    }
}

const Ledger::Span* Ledger::spanAt(const PartitionBook& partition, std::int64_t offset) {
    const SharedLog<Span, 64>& spans = partition.spans;
    std::uint64_t low = spans.firstIndex();
    std::uint64_t high = spans.endIndex();
    if (low < high && spans.back().base <= offset) {
        low = high - 1;
    }
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (spans[middle].end() <= offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < spans.endIndex() && spans[low].base <= offset && offset < spans[low].end() ? &spans[low] : nullptr;
}

void Ledger::onUnclean(const kafka::UncleanlyElected& fact) {
    partitionOf(fact.partition).uncleanFrom = fact.epoch;
}

namespace {

using Epochs = std::vector<kafka::LeaderEpochs::Entry>;

std::int64_t endOf(const Epochs& epochs, std::size_t at, std::int64_t logEnd) {
    return at + 1 < epochs.size() ? epochs[at + 1].start.value : logEnd;
}

/// The first offset of the chain that is not in a log with these epochs: logs that have an epoch in common agree up to
/// where it ends in the shorter one.
std::int64_t firstMissing(const Epochs& chain, std::int64_t chainEnd, const kafka::LeaderBegun& log) {
    for (std::size_t i = 0; i < chain.size(); ++i) {
        const std::int64_t end = endOf(chain, i, chainEnd);
        if (end <= log.start.value || end == chain[i].start.value) {
            continue;
        }
        const auto same = std::find_if(log.epochs.begin(), log.epochs.end(),
                                       [&](const auto& entry) { return entry.epoch == chain[i].epoch; });
        if (same == log.epochs.end()) {
            return std::max(chain[i].start.value, log.start.value);
        }
        const auto at = static_cast<std::size_t>(same - log.epochs.begin());
        if (const std::int64_t endThere = endOf(log.epochs, at, log.end.value); endThere < end) {
            return endThere;
        }
    }
    return chainEnd;
}

}  // namespace

void Ledger::onLeader(const sim::World& world, const sim::ToldFact& told, const kafka::LeaderBegun& fact) {
    PartitionBook& partition = partitionOf(fact.partition);
    if (fact.epoch.value == 0 && fact.end.value == 0) {
        // A new topic, or one that was deleted and made anew: what was deleted is not lost.
        partition.epoch = kafka::noEpoch;
        partition.chain.clear();
        partition.acked = {};
        partition.spans.clear();
        partition.times.clear();
        partition.nextTime = SimTime::min();
        partition.end = 0;
    }
    if (fact.epoch < partition.epoch) {
        return;
    }
    const std::int64_t from = firstMissing(partition.chain, partition.end, fact);
    if (from < partition.end) {
        m_hasLostCommits = m_hasLostCommits || fact.partition.topic.text() == kafka::consumerOffsetsTopic;
        cut(told, partition, from, causeOf(world, told, partition, fact.epoch, from));
    }
    partition.epoch = fact.epoch;
    partition.chain = fact.epochs;
    partition.end = fact.end.value;
    const auto lane = static_cast<std::size_t>(fact.partition.partition.value);
    for (Ref<SourceBook>& source : m_sources) {
        const bool waitsForNothing = source->sender->acks == kafka::Acks::None;
        if (waitsForNothing && source->sender->topic == fact.partition.topic && lane < source->lanes.size()) {
            goesAnotherWay(writable(source).lanes[lane]);
        }
    }
}

LossCause Ledger::causeOf(const sim::World& world, const sim::ToldFact& told, const PartitionBook& partition,
                          kafka::LeaderEpoch epoch, std::int64_t from) {
    // The leader that was elected so may have died before it began, and been followed by its own like.
    const kafka::LeaderEpoch unclean = partition.uncleanFrom;
    if (unclean != kafka::noEpoch && unclean <= epoch && (unclean > partition.epoch || unclean == epoch)) {
        return LossCause::UncleanElection;
    }
    // Before this the records were not there.
    SimTime since{};
    for (const auto& [end, time] : partition.times) {
        if (end > from) {
            break;
        }
        since = time;
    }
    const std::string hit = "host/" + world.host(world.process(told.process).host).spec.name;
    for (const Ref<const sim::FaultRecord>& fault : world.faults()) {
        if (fault->spec.kind == sim::FaultKind::Power && fault->resolved == hit && fault->time >= since &&
            fault->time <= told.time) {
            return LossCause::PowerLoss;
        }
    }
    return LossCause::Acks;
}

void Ledger::cut(const sim::ToldFact& told, PartitionBook& partition, std::int64_t from, LossCause cause) {
    Stretches gone;
    for (const auto& [first, end] : partition.acked.cut(from)) {
        gone.add(first, end);
    }
    SharedLog<Span, 64>& spans = partition.spans;
    std::uint64_t at = spans.endIndex();
    while (at > spans.firstIndex() && spans[at - 1].end() > from) {
        --at;
    }
    for (std::uint64_t i = at; i < spans.endIndex(); ++i) {
        const Span& span = spans[i];
        SourceBook& book = writable(m_sources[span.source]);
        Loss loss{book.sender->producer,
                  book.sender->source,
                  partition.name.topic.text(),
                  partition.name.partition.value,
                  -1,
                  -1,
                  0,
                  cause,
                  span.isPromised,
                  told.time};
        for (std::int64_t offset = std::max(span.base, from); offset < span.end(); ++offset) {
            const std::int64_t position = span.positionAt(offset);
            const bool isElsewhere = book.doubled.erase(position);
            if (!isElsewhere) {
                book.stored.erase(position);
            }
            if (!gone.contains(offset) || isElsewhere) {
                continue;
            }
            book.lost.mark(position);
            loss.from = loss.records == 0 ? offset : loss.from;
            loss.to = offset;
            ++loss.records;
        }
        if (loss.records > 0) {
            expect(RecordRule::AcknowledgedIsStored, told.time, !span.isForAll || cause != LossCause::Acks, [&] {
                return fmt::format(
                    "{} records of {} from {} {} on were acknowledged by all in-sync replicas and are gone",
                    loss.records, loss.source, toText(partition.name), loss.from);
            });
            noteLoss(std::move(loss));
        }
    }
    if (at < spans.endIndex() && spans[at].base < from) {
        Span& last = spans.update(at);
        last.positions.count = static_cast<std::int32_t>(from - last.base);
        ++at;
    }
    spans.truncate(at);
    while (!partition.times.empty() && partition.times.back().first > from) {
        partition.times.truncate(partition.times.endIndex() - 1);
        partition.nextTime = SimTime::min();  // what comes next is noted at once
    }
    partition.end = from;
    while (partition.chain.size() > 1 && partition.chain.back().start.value > from) {
        partition.chain.pop_back();
    }
}

void Ledger::noteLoss(Loss loss) {
    // One of a few that are being told at a time, for as many partitions.
    constexpr std::uint64_t looksBack = 256;
    const std::uint64_t end = m_losses.endIndex();
    for (std::uint64_t at = end; at > std::max(m_losses.firstIndex(), end - std::min(end, looksBack)); --at) {
        const Loss& known = m_losses[at - 1];
        const bool goesOn = known.source == loss.source && known.topic == loss.topic &&
                            known.partition == loss.partition && known.cause == loss.cause &&
                            known.wasPromised == loss.wasPromised && known.to + 1 == loss.from;
        if (goesOn) {
            Loss& grown = m_losses.update(at - 1);
            grown.to = loss.to;
            grown.records += loss.records;
            return;
        }
    }
    m_losses.append(std::move(loss));
}

// --- asking ---------------------------------------------------------------------------------------------------------

std::vector<Loss> Ledger::losses() const {
    std::vector<Loss> all;
    for (const Loss& loss : m_losses) {
        all.push_back(loss);
    }
    std::stable_sort(all.begin(), all.end(), [](const Loss& a, const Loss& b) {
        return std::tie(a.producer, a.topic, a.partition, a.from) < std::tie(b.producer, b.topic, b.partition, b.from);
    });
    return all;
}

std::vector<SourceFigures> Ledger::sources() const {
    std::vector<SourceFigures> all;
    for (const Ref<SourceBook>& book : m_sources) {
        SourceFigures& figures = all.emplace_back();
        figures.source = book->sender->source;
        figures.producer = book->sender->producer;
        figures.sent = book->sentTo;
        figures.acked = book->acked;
        figures.stored = book->stored.count();
        figures.doubled = book->doubled.count();
        figures.retried = book->retried.count();
        figures.failed = book->failed.count();
        figures.failedPresent = book->failed.countIn(book->stored);
        figures.ackedLost = book->lost.count();
        figures.reordered = book->reordered;
        figures.acks = book->sender->acks;
        figures.givenUp = book->givenUp;
    }
    return all;
}

std::vector<Ledger::Place> Ledger::placesOf(std::string_view source, std::int64_t position) const {
    std::vector<Place> places;
    const std::size_t index = findSource(source);
    for (const Ref<PartitionBook>& partition : m_partitions) {
        for (const Span& span : partition->spans) {
            if (span.source != index) {
                continue;
            }
            const std::int64_t distance = position - span.positions.first;
            const std::int64_t stride = span.positions.stride;
            const bool isIn = distance == 0 || (stride != 0 && distance % stride == 0 && distance / stride > 0 &&
                                                distance / stride < span.positions.count);
            if (isIn) {
                places.push_back({partition->name.topic.text(), partition->name.partition.value,
                                  span.base + (distance == 0 ? 0 : distance / stride)});
            }
        }
    }
    return places;
}

bool Ledger::isFailed(std::string_view source, std::int64_t position) const {
    const std::size_t index = findSource(source);
    return index != unknownSource && m_sources[index]->failed.contains(position);
}

}  // namespace millrace::run
