#include <fmt/format.h>

#include <algorithm>

#include "engine/observe/object_id.h"
#include "engine/run/ledger.h"

namespace millrace::run {

// --- what consumers tell --------------------------------------------------------------------------------------------

Ledger::ReaderBook& Ledger::readingOf(const std::string& group, const kafka::TopicPartition& partition) {
    std::vector<std::uint32_t>& here = m_readingsOf[indexOf(partition)];
    for (const std::uint32_t at : here) {
        if (m_readings[at]->group == group) {
            return writable(m_readings[at]);
        }
    }
    here.push_back(static_cast<std::uint32_t>(m_readings.size()));
    m_readings.push_back(makeRef<ReaderBook>());
    m_readings.back()->group = group;
    m_readings.back()->partition = partition;
    return *m_readings.back();
}

Ledger::ReaderBook::Reader& Ledger::readerOf(ReaderBook& book, const sim::ToldFact& told,
                                             const kafka::ReaderRef& identity) {
    for (ReaderBook::Reader& reader : book.readers) {
        if (reader.process == told.process && reader.identity->instance == identity->instance) {
            if (reader.incarnation != told.incarnation) {
                reader = {told.process, told.incarnation, identity, nullptr, -1};
            }
            reader.identity = identity;
            return reader;
        }
    }
    return book.readers.emplace_back(ReaderBook::Reader{told.process, told.incarnation, identity, nullptr, -1});
}

void Ledger::onPosition(const sim::ToldFact& told, const kafka::PositionSet& fact) {
    using Why = kafka::PositionSet::Why;
    ReaderBook& book = readingOf(fact.reader->group, fact.partition);
    ReaderBook::Reader& reader = readerOf(book, told, fact.reader);
    const std::int64_t offset = fact.offset.value;
    if (fact.why == Why::Committed && book.committedMax >= 0) {
        expect(RecordRule::DeliveredOnce, told.time, offset <= book.committedMax, [&] {
            return fmt::format("{} begins to read {} at {} although {} is the highest offset that it has committed",
                               fact.reader->group, toText(fact.partition), offset, book.committedMax);
        });
    }
    if (fact.why == Why::Checked) {
        expect(RecordRule::DeliveredOnce, told.time, offset == reader.position || reader.position < 0, [&] {
            return fmt::format("the position of {} in {} moves from {} to {} without a reason", fact.reader->group,
                               toText(fact.partition), reader.position, offset);
        });
    }
    // Without a group's protocol nobody seeks: what was not dealt with must come again.
    const bool isFresh = reader.position < 0 && fact.reader->generation < 0;
    const bool skips = isFresh && fact.why != Why::Committed && book.committed >= 0 && offset > book.committed;
    expect(RecordRule::DeliveredOnce, told.time, !skips || m_hasLostCommits, [&] {
        return fmt::format("{} begins to read {} at {} although it had committed {}", fact.reader->group,
                           toText(fact.partition), offset, book.committed);
    });
    if (fact.why == Why::Truncated) {
        book.reachedBeforeCut = std::max(book.reachedBeforeCut, book.reachedSince);
    }
    reader.position = offset;
    book.reachedEnd = std::max(book.reachedEnd, offset);
    book.reachedSince = offset;
    book.setBackTo = book.setBackTo < 0 ? offset : std::min(book.setBackTo, offset);
}

void Ledger::onDelivered(const sim::ToldFact& told, const kafka::RecordsDelivered& fact) {
    ReaderBook& book = readingOf(fact.reader->group, fact.partition);
    ReaderBook::Reader& reader = readerOf(book, told, fact.reader);
    const std::int64_t from = fact.from.value;
    const std::int64_t next = fact.next.value;
    expect(RecordRule::DeliveredOnce, told.time, from == reader.position, [&] {
        return fmt::format("{} is given {} from {} on where {} is next", fact.reader->group, toText(fact.partition),
                           from, reader.position);
    });
    expect(RecordRule::BelowHighWatermark, told.time, next <= fact.highWatermark.value, [&] {
        return fmt::format("{} is given {} up to {} while the high watermark is {}", fact.reader->group,
                           toText(fact.partition), next, fact.highWatermark.value);
    });
    expect(RecordRule::NotAfterRevocation, told.time, reader.revoked != fact.reader, [&] {
        return fmt::format("{} is given {} from {} on after its group has taken the partition away",
                           fact.reader->memberId, toText(fact.partition), from);
    });
    reader.position = next;
    book.reachedEnd = std::max(book.reachedEnd, next);
    book.reachedSince = std::max(book.reachedSince, next);
    book.delivered.add(from, next);
}

void Ledger::onRevoked(const sim::ToldFact& told, const kafka::ReaderRevoked& fact) {
    for (Ref<ReaderBook>& book : m_readings) {
        for (std::size_t i = 0; book->group == fact.reader->group && i < book->readers.size(); ++i) {
            if (book->readers[i].process == told.process &&
                book->readers[i].identity->instance == fact.reader->instance) {
                writable(book).readers[i].revoked = fact.reader;
            }
        }
    }
}

void Ledger::onCommitted(const sim::ToldFact& told, const kafka::OffsetCommitted& fact) {
    ReaderBook& book = readingOf(fact.group, fact.partition);
    const std::int64_t offset = fact.offset.value;
    // Who has not heard yet that another coordinates the group goes on from what it last knew; its log is cut when it
    // hears.
    if (fact.leaderEpoch >= 0 && fact.leaderEpoch < book.coordinatedIn) {
        return;
    }
    book.coordinatedIn = std::max(book.coordinatedIn, fact.leaderEpoch);
    if (fact.isStored) {
        book.committed = offset;
        book.committedIn = fact.generation;
        // One that was sent before its reader went back, as after a cut, says nothing of what was read since.
        const bool isOfNow = offset <= book.reachedSince && offset > book.reachedBeforeCut;
        book.setBackTo = isOfNow ? -1 : book.setBackTo;
        book.reachedBeforeCut = isOfNow ? -1 : book.reachedBeforeCut;
        return;
    }
    if (!book.readers.empty()) {
        expect(RecordRule::CommittedIsDelivered, told.time, offset <= book.reachedEnd, [&] {
            return fmt::format("{} has committed {} {} and been given records up to {} only", fact.group,
                               toText(fact.partition), offset, book.reachedEnd);
        });
        expect(
            RecordRule::CommitOfToday, told.time, fact.generation < 0 || fact.generation == fact.groupGeneration, [&] {
                return fmt::format("group {} in generation {} has taken the commit of {} {} of generation {}",
                                   fact.group, fact.groupGeneration, toText(fact.partition), offset, fact.generation);
            });
        // A commit whose answer was lost comes again, maybe behind a younger one.
        const bool isKnown = std::find(book.recent.begin(), book.recent.end(), offset) != book.recent.end();
        // Outside of a group's protocol the commits of several readers stand over each other's.
        const bool areSeveral = fact.generation < 0 && book.readers.size() > 1;
        const bool isBack = !areSeveral && fact.generation == book.committedIn && offset < book.committed && !isKnown &&
                            (book.setBackTo < 0 || offset < book.setBackTo);
        expect(RecordRule::CommitOfToday, told.time, !isBack, [&] {
            return fmt::format("the commit of {} in {} goes back from {} to {}", fact.group, toText(fact.partition),
                               book.committed, offset);
        });
    }
    book.recent[book.commits++ % book.recent.size()] = offset;
    book.committedMax = std::max(book.committedMax, offset);
}

std::optional<std::int64_t> Ledger::committedSincePosition(std::string_view group,
                                                           const kafka::TopicPartition& partition) const {
    const std::uint32_t* index = m_partitionIndex.find(partition);
    if (index == nullptr) {
        return std::nullopt;
    }
    for (const std::uint32_t at : m_readingsOf[*index]) {
        const ReaderBook& book = *m_readings[at];
        if (book.group == group && book.committed >= 0 && book.setBackTo < 0) {
            return book.committed;
        }
    }
    return std::nullopt;
}

// --- what sinks tell and do -----------------------------------------------------------------------------------------

namespace {
constexpr std::size_t unansweredKept = 4096;
}  // namespace

Ledger::SinkBook& Ledger::sinkOf(const std::string& sink) {
    for (Ref<SinkBook>& book : m_sinks) {
        if (book->totals.sink == sink) {
            return writable(book);
        }
    }
    m_sinks.push_back(makeRef<SinkBook>());
    m_sinks.back()->totals.sink = sink;
    return *m_sinks.back();
}

void Ledger::onSinkEffect(const sim::NumberedEffect& numbered) {
    const auto* effect = dynamic_cast<const ingest::SinkEffect*>(numbered.effect.get());
    if (effect == nullptr) {
        return;
    }
    SinkBook& book = sinkOf(effect->sink().id);
    book.totals.writesOnce = effect->sink().write == ingest::WriteMode::Once;
    if (effect->transaction() <= book.totals.lastTransaction) {
        return;  // The last one once more, after a crash.
    }
    book.totals.lastTransaction = effect->transaction();
    for (const Ref<const ingest::SinkCommit>& request : effect->requests()) {
        const bool isTwice = std::any_of(book.unanswered.begin(), book.unanswered.end(),
                                         [&](const auto& known) { return known.first == request; });
        expect(RecordRule::SinkAnswersTruly, numbered.time, !isTwice, [&] {
            return fmt::format("sink {} commits request {} a second time", book.totals.sink, request->request);
        });
        book.unanswered.emplace_back(request, numbered.time);
        for (const ingest::SinkWrite& write : request->writes) {
            auto of = std::find_if(book.written.begin(), book.written.end(),
                                   [&](const auto& each) { return each.first == write.origin.source; });
            if (of == book.written.end()) {
                book.written.emplace_back(write.origin.source, PositionSet{});
                book.repeated.push_back(0);
                of = book.written.end() - 1;
            }
            of->second.mark(write.origin.position);
            const bool isNew = book.seen.mark(write.origin, write.table);
            // What a sink that writes once has seen, it leaves out; a keyed row takes its own place again.
            if (isNew || !(book.totals.writesOnce || effect->sink().isKeyed(write.table))) {
                m_truth.onWritten(book.totals.sink, write.origin, isNew, numbered.time);
            }
            book.repeated[static_cast<std::size_t>(of - book.written.begin())] += isNew ? 0 : 1;
            ++(isNew ? book.totals.origins : book.totals.repeated);
        }
    }
    if (book.unanswered.size() > unansweredKept) {
        book.unanswered.erase(book.unanswered.begin(), book.unanswered.end() - unansweredKept);
    }
}

void Ledger::onAnswered(const sim::ToldFact& told, const ingest::SinkAnswered& fact) {
    SinkBook& book = sinkOf(fact.sink->id);
    const auto at = std::find_if(book.unanswered.begin(), book.unanswered.end(),
                                 [&](const auto& known) { return known.first == fact.request; });
    const bool isCommitted = at != book.unanswered.end() && at->second <= told.time;
    expect(RecordRule::SinkAnswersTruly, told.time, isCommitted, [&] {
        return fmt::format("sink {} answers that request {} is committed, which it is not", book.totals.sink,
                           fact.request->request);
    });
    if (at != book.unanswered.end()) {
        book.unanswered.erase(at);
    }
}

std::vector<SinkFate> Ledger::sinks() const {
    std::vector<SinkFate> all;
    for (const Ref<SinkBook>& book : m_sinks) {
        for (std::size_t i = 0; i < book->written.size(); ++i) {
            all.push_back(
                {book->totals.sink, book->written[i].first, book->written[i].second.count(), book->repeated[i]});
        }
    }
    return all;
}

std::vector<Ledger::SinkTotals> Ledger::sinkTotals() const {
    std::vector<SinkTotals> all;
    for (const Ref<SinkBook>& book : m_sinks) {
        all.push_back(book->totals);
    }
    return all;
}

std::vector<observe::ScoreView> Ledger::scores() const {
    return m_truth.scores([this](const std::string& source) {
        const std::size_t at = findSource(source);
        return at < m_sources.size() ? &m_sources[at]->stored : nullptr;
    });
}

observe::DataPage Ledger::describeData(std::string_view source) const {
    observe::DataPage page;
    page.id = observe::sourceId(source);
    m_truth.describe(source, page);
    for (observe::ScoreView& score : scores()) {
        if (score.source == source) {
            page.score = std::move(score);
        }
    }
    return page;
}

bool Ledger::isWritten(std::string_view sink, std::string_view source, std::int64_t position) const {
    for (const Ref<SinkBook>& book : m_sinks) {
        for (const auto& [name, positions] : book->written) {
            if (book->totals.sink == sink && name == source && positions.contains(position)) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace millrace::run
