#include "engine/kafka/client/producer_process.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/ingest/cost.h"
#include "engine/ingest/facts.h"
#include "engine/ingest/journal_kinds.h"
#include "engine/ingest/source_words.h"
#include "engine/kafka/client/topic_sink.h"
#include "engine/kafka/metrics.h"
#include "engine/sim/context.h"
#include "engine/sim/world.h"

namespace millrace::kafka {
namespace {

using namespace std::chrono_literals;

constexpr SimDuration burst = 2ms;
constexpr SimDuration progressInterval = 1s;
/// Records taken in one turn, so that a source without a rate does not keep the processor for seconds.
constexpr int turnMax = 500;
/// Readings that arrive while nobody reads them stand in a buffer of the system for about this long.
constexpr SimDuration socketBuffer = 1s;
constexpr std::size_t marksMost = 4;
constexpr int lostMax = 10'000;  ///< in one turn

struct TakeRecords final : sim::MessageBase<TakeRecords> {
    static constexpr std::string_view Name = "kafka.TakeRecords";
    void digest(Digest&) const override {}
};

struct NoteProgress final : sim::MessageBase<NoteProgress> {
    static constexpr std::string_view Name = "kafka.NoteProgress";
    void digest(Digest&) const override {}
};

/// send() has blocked for `max.block.ms`; counted, because room may have come and gone meanwhile.
struct BlockedTooLong final : sim::MessageBase<BlockedTooLong> {
    static constexpr std::string_view Name = "kafka.BlockedTooLong";
    std::uint64_t wait;
    explicit BlockedTooLong(std::uint64_t number) : wait(number) {}
    void digest(Digest& digest) const override { digest.add(wait); }
};

struct SetSourceRate final : sim::MessageBase<SetSourceRate> {
    static constexpr std::string_view Name = "kafka.SetSourceRate";
    double recordsPerSecond;
    explicit SetSourceRate(double rate) : recordsPerSecond(rate) {}
    void digest(Digest& digest) const override { digest.add(recordsPerSecond); }
};

/// How far a feed has been read for good, and the feed as it stood there or before: devices are not on the producer's
/// machine and go on while it is down.
struct FeedProgress final : public sim::Chunk {
    std::int64_t position;
    ingest::SourceCursor cursor;
    FeedProgress(std::int64_t settled, ingest::SourceCursor at) : position(settled), cursor(std::move(at)) {}
    [[nodiscard]] ByteCount size() const override { return 64; }
    [[nodiscard]] std::uint64_t digest() const override {
        Digest digest;
        digest.add(position);
        digest.add(cursor.position());
        return digest.value();
    }
};

std::string progressFile(const ProducerProcessConfig& config) {
    return config.source->id + ".position";
}

class ProducerActor final : public sim::ActorBase<ProducerActor> {
public:
    /// `isRateSet`: its rate is one that was set while the run went on.
    ProducerActor(ProducerProcessConfig config, std::int64_t from, Ref<const FeedProgress> feed, bool isRateSet)
        : m_config(std::move(config)),
          m_feed(std::move(feed)),
          m_producer(m_config.producer),
          m_from(from),
          m_noted(from),
          m_isRateSet(isRateSet) {}

    void start(sim::Context& context) override {
        startCursor(context);
        m_producer.start(context, m_config.topic);
        const auto sender = makeRef<SenderIdentity>();
        sender->producer = m_config.id;
        sender->source = m_config.source->id;
        sender->topic = m_config.topic;
        sender->acks = m_config.producer.acks;
        sender->maxInFlight = m_config.producer.maxInFlight;
        m_producer.identify(sender);
        context.tell(makeRef<SenderStarted>(sender, m_from));
        if (m_from > 0) {
            sim::JournalDraft draft;
            draft.kind = ingest::happened::sourceResumed;
            const auto& feed = m_config.source->feed;
            draft.text = feed && feed->keeps
                             ? fmt::format("Source {} is read again; of what it sent since record {} it keeps {}",
                                           m_config.source->id, m_from,
                                           *feed->keeps == SimDuration{0} ? "nothing" : millrace::toText(*feed->keeps))
                             : fmt::format("Source {} goes on from record {}", m_config.source->id, m_from);
            draft.fields = {{"source", m_config.source->id}, {"position", std::to_string(m_from)}};
            context.journal(std::move(draft));
        }
        if (m_isRateSet) {
            context.journal(ingest::rateWasSet(m_config.source->id, m_config.source->pace.recordsPerSecond));
        }
        context.arm(progressInterval, makeRef<NoteProgress>());
        m_noteArmed = true;
    }

    void handle(sim::Context& context, const sim::Message& message) override {
        if (message.as<TakeRecords>() != nullptr) {
            m_takeArmed = false;
        } else if (const auto* blocked = message.as<BlockedTooLong>()) {
            if (m_isStopping || !m_isBlocked || blocked->wait != m_blockedWait) {
                return;
            }
            m_isBlocked = false;
            m_producer.refuse(context, m_config.source->id, takeRecord().position);
        } else if (message.as<NoteProgress>() != nullptr) {
            m_noteArmed = false;
            noteProgress(context);
            return;
        } else if (message.as<sim::StopRequested>() != nullptr) {
            m_isStopping = true;
            m_producer.close(context);
        } else if (const auto* rate = message.as<SetSourceRate>()) {
            m_cursor.setRate(rate->recordsPerSecond, context.now());
            context.journal(ingest::rateWasSet(m_config.source->id, rate->recordsPerSecond));
        } else if (!m_producer.handle(context, message)) {
            return;
        }
        if (!m_isStopping) {
            takeDue(context);
        } else if (m_producer.figures().pending == 0) {
            noteProgress(context);
            context.kill(context.process(), sim::ProcessExited::Reason::Finished);
        }
    }

    /// Takes nothing more, and ends when the fate of everything that it has is known: close() without a time-out.
    [[nodiscard]] bool takesStops() const override { return true; }

    void sample(sim::MetricSink& sink) const override {
        if (m_config.producer.broken.forgetsCounts) {
            return;
        }
        m_producer.sample(sink);
    }

    [[nodiscard]] const Producer& producer() const { return m_producer; }
    [[nodiscard]] ProducerProcessFigures figures() const {
        return {m_producer.figures(), m_cursor.position(), m_cursor.exhausted(), m_config.topic.text(),
                m_config.producer.acks != Acks::None};
    }

private:
    void startCursor(sim::Context& context) {
        if (!m_feed) {
            m_cursor = ingest::SourceCursor(m_config.source, context.makeStream("source"), context.now(), m_from);
            if (m_isRateSet && m_cursor.hasTruth()) {
                m_cursor.setRate(m_config.source->pace.recordsPerSecond, context.now());
            }
            return;
        }
        m_cursor = m_feed->cursor;
        m_feed = nullptr;
        while (m_cursor.position() < m_from && !m_cursor.exhausted()) {
            (void)m_cursor.take();
        }
        if (m_isRateSet) {
            m_cursor.setRate(m_config.source->pace.recordsPerSecond, context.now());
        }
        if (const auto& keeps = m_config.source->feed->keeps) {  // what stood in a buffer has died with the process
            m_lostUntil = context.now() - *keeps;
        }
    }

    ingest::SourceRecord takeRecord() {
        const ingest::SourceRecord record = m_cursor.take();
        if (m_cursor.hasTruth()) {
            m_read.push_back(m_cursor.truth());
        }
        return record;
    }

    /// What nobody took in time and cannot be sent again is gone. False while there is more of it: a turn takes a
    /// bounded number.
    bool loseWhatIsOld(sim::Context& context) {
        const Ref<const ingest::FeedSpec>& feed = m_config.source->feed;
        if (!feed || !feed->keeps || (feed->rate <= 0 && !feed->isTimed)) {
            return true;
        }
        m_lostUntil = std::max(m_lostUntil, context.now() - std::max<SimDuration>(*feed->keeps, socketBuffer));
        for (int lost = 0; !m_cursor.exhausted() && m_cursor.nextDue() < m_lostUntil; ++lost) {
            if (lost == lostMax) {
                return false;
            }
            (void)takeRecord();
            m_read.back().isGone = true;
        }
        return true;
    }

    /// Also of what never came: those that are missing are known to the feed alone.
    void tellRead(sim::Context& context, bool evenOfNothing = false) {
        if (m_cursor.hasTruth() && (evenOfNothing || !m_read.empty()) && context.isListenedTo()) {
            const auto read = makeRef<ingest::RecordsRead>();
            read->feed = m_config.source->feed;
            read->records = std::move(m_read);
            read->readings = m_cursor.feed().readings();
            read->missing = m_cursor.feed().missing();
            context.tell(read);
        }
        m_read.clear();
    }

    void takeDue(sim::Context& context) {
        int taken = 0;
        const bool isUpToDate = loseWhatIsOld(context);
        while (isUpToDate && !m_cursor.exhausted() && m_cursor.nextDue() <= context.now() && m_producer.takes() &&
               taken < turnMax) {
            const ingest::SourceRecord record = takeRecord();
            context.spend(ingest::cost::sourceRecord);
            if (!m_producer.add(context, m_config.source->id, record.position, record.key, record.value)) {
                tellTooLarge(context, record);
            }
            ++taken;
        }
        tellRead(context);
        if (taken > 0) {
            m_producer.flush(context);
        }
        if (taken > 0 && !m_noteArmed) {
            m_noteArmed = true;
            context.arm(progressInterval, makeRef<NoteProgress>());
        }
        blockOrNot(context);
        // Without room the producer's next answer is what goes on.
        if (!m_cursor.exhausted() && m_producer.takes() && !m_takeArmed) {
            m_takeArmed = true;
            const SimDuration wait = m_cursor.nextDue() - context.now();
            context.arm(taken == turnMax ? SimDuration{0} : std::max<SimDuration>(wait, burst), makeRef<TakeRecords>());
        }
    }

    /// A line that no record may hold goes nowhere: it is rejected here, by whoever reads the log.
    void tellTooLarge(sim::Context& context, const ingest::SourceRecord& record) const {
        const auto* file = std::get_if<ingest::FileSource>(&m_config.source->origin);
        if (file != nullptr && context.isListenedTo()) {
            context.tell(makeRef<ingest::LineRejected>(
                ingest::RejectedLine{m_config.source->id, file->content->path(), record.position,
                                     "larger than a record of its producer may be", record.value}));
        }
    }

    void blockOrNot(sim::Context& context) {
        const bool blocks = !m_producer.takes() && !m_cursor.exhausted() && m_cursor.nextDue() <= context.now();
        if (blocks && !m_isBlocked) {
            context.arm(m_producer.maxBlock(), makeRef<BlockedTooLong>(++m_blockedWait));
        }
        m_isBlocked = blocks;
    }

    void noteProgress(sim::Context& context) {
        tellRead(context, true);
        const std::int64_t settled = m_producer.settledUpTo(m_cursor.position());
        if (m_cursor.hasTruth() && m_cursor.position() != (m_marks.empty() ? -1 : m_marks.back().position())) {
            m_marks.push_back(m_cursor);
            if (m_marks.size() > marksMost) {
                m_marks.erase(m_marks.end() - 2);
            }
        }
        if (settled != m_noted && context.replace(progressFile(m_config), progressAt(settled))) {
            m_noted = settled;
        }
        if (!m_cursor.exhausted() || m_noted < m_cursor.position()) {
            m_noteArmed = true;
            context.arm(progressInterval, makeRef<NoteProgress>());
        }
    }

    /// Of a feed with the newest mark at or before the position; older marks are not asked for any more.
    [[nodiscard]] Ref<const sim::Chunk> progressAt(std::int64_t settled) {
        while (m_marks.size() > 1 && m_marks[1].position() <= settled) {
            m_marks.erase(m_marks.begin());
        }
        if (m_marks.empty() || m_marks.front().position() > settled) {
            return makeRef<sim::TextChunk>(std::to_string(settled));
        }
        return makeRef<FeedProgress>(settled, m_marks.front());
    }

    ProducerProcessConfig m_config;
    Ref<const FeedProgress> m_feed;  ///< from before; until it starts
    Producer m_producer;
    ingest::SourceCursor m_cursor;
    std::vector<ingest::SourceCursor> m_marks;  ///< of a feed: how it stood each second, since what is settled
    std::vector<ingest::RecordTruth> m_read;    ///< within one turn
    SimTime m_lostUntil = SimTime::min();       ///< what was due before cannot be had any more
    std::int64_t m_from;
    std::int64_t m_noted;
    bool m_takeArmed = false;
    bool m_noteArmed = false;
    bool m_isRateSet;
    bool m_isStopping = false;
    bool m_isBlocked = false;  ///< send() waits for room or for the topic
    std::uint64_t m_blockedWait = 0;
};

std::int64_t positionOnDisk(const sim::ProcessDisk& disk, const std::string& name) {
    const sim::File* file = disk.find(name);
    if (file == nullptr || file->last() == nullptr) {
        return 0;
    }
    if (const auto* feed = dynamic_cast<const FeedProgress*>(file->last())) {
        return feed->position;
    }
    const std::string_view text = static_cast<const sim::TextChunk&>(*file->last()).text();
    std::int64_t position = 0;
    std::from_chars(text.data(), text.data() + text.size(), position);
    return position;
}

class ProducerBlueprint final : public sim::Blueprint {
public:
    ProducerBlueprint(ProducerProcessConfig config, bool isRateSet)
        : m_config(std::move(config)), m_name(producerProcessName(m_config.id)), m_isRateSet(isRateSet) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    [[nodiscard]] const ProducerProcessConfig& config() const { return m_config; }
    void boot(sim::Context& context) const override {
        const std::int64_t from = positionOnDisk(context.disk(), progressFile(m_config));
        const sim::File* file = context.disk().find(progressFile(m_config));
        const auto* feed =
            file != nullptr && file->last() != nullptr ? dynamic_cast<const FeedProgress*>(file->last()) : nullptr;
        context.addActor("client", makeRef<ProducerActor>(m_config, from, Ref<const FeedProgress>(feed), m_isRateSet));
    }

private:
    ProducerProcessConfig m_config;
    std::string m_name;
    bool m_isRateSet;
};

}  // namespace

Ref<const sim::Blueprint> makeProducerBlueprint(ProducerProcessConfig config) {
    return makeRef<ProducerBlueprint>(std::move(config), false);
}

RandomStream producerStream(std::uint64_t seed, std::string_view id) {
    return RandomStream(seed, fmt::format("{}/client/source#1", producerProcessName(id)));
}

std::string producerProcessName(std::string_view id) {
    return fmt::format("producer/{}", id);
}

std::vector<std::string> producersOf(const sim::World& world, std::string_view source) {
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const auto* blueprint =
            dynamic_cast<const ProducerBlueprint*>(world.process(sim::ProcessId{i}).blueprint.get());
        if (blueprint != nullptr && blueprint->config().source->id == source) {
            names.push_back(blueprint->config().id);
        }
    }
    return names;
}

void setSourceRate(sim::World& world, std::string_view id, double recordsPerSecond) {
    const sim::ProcessId process = world.findProcess(producerProcessName(id));
    const auto* blueprint = process == sim::noProcess
                                ? nullptr
                                : dynamic_cast<const ProducerBlueprint*>(world.process(process).blueprint.get());
    if (blueprint == nullptr) {
        return;
    }
    ProducerProcessConfig config = blueprint->config();
    const auto source = makeRef<ingest::SourceSpec>(*config.source);
    source->pace.recordsPerSecond = recordsPerSecond;
    config.source = source;
    world.reconfigure(process, makeRef<ProducerBlueprint>(std::move(config), true));
    if (const sim::ActorId client = world.findActorId(producerProcessName(id) + "/client"); client != sim::noActor) {
        world.deliver(client, makeRef<SetSourceRate>(recordsPerSecond));
    }
}

ProducerProcessFigures producerFigures(const sim::World& world, std::string_view id) {
    const std::string process = producerProcessName(id);
    const std::string name = process + "/client";
    ProducerProcessFigures figures;
    if (const auto* actor = world.findActor<ProducerActor>(name)) {
        figures = actor->figures();
    } else if (const sim::ProcessId down = world.findProcess(process); down != sim::noProcess) {
        const sim::ProcessSlot& slot = world.process(down);
        if (const auto* blueprint = dynamic_cast<const ProducerBlueprint*>(slot.blueprint.get())) {
            figures.topic = blueprint->config().topic.text();
            figures.isConfirmed = blueprint->config().producer.acks != Acks::None;
            figures.nextPosition = positionOnDisk(world.diskOf(down), progressFile(blueprint->config()));
        }
    }
    const auto addPast = [&](std::int64_t& count, const Metric& counter) {
        const sim::PastCounters::Counter* past = world.pastCounter(name, counter.id);
        count += past != nullptr ? static_cast<std::int64_t>(past->sum) : 0;
    };
    addPast(figures.records.sent, metric::recordsSent);
    addPast(figures.records.acked, metric::recordsAcked);
    addPast(figures.records.failed, metric::recordsFailed);
    addPast(figures.records.retried, metric::recordsRetried);
    return figures;
}

std::vector<ProducerBacklog> producerBacklog(const sim::World& world, std::string_view id) {
    const auto* actor = world.findActor<ProducerActor>(producerProcessName(id) + "/client");
    return actor != nullptr ? actor->producer().backlog() : std::vector<ProducerBacklog>{};
}

std::optional<ProducerAck> RunningProducer::newestAck(const TopicPartition& partition) const {
    const AckedBatch newest =
        partition.topic == producer->topic() ? producer->newestAcked(partition.partition) : AckedBatch{};
    return newest.base == noOffset ? std::nullopt : std::optional(ProducerAck{partition, producer->acks(), newest});
}

std::vector<RunningProducer> runningProducers(const sim::World& world) {
    std::vector<RunningProducer> running;
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        const bool isProducer = process.isAlive() && process.name().starts_with("producer/");
        const bool isSink = process.isAlive() && process.name().starts_with("sink/");
        const auto* actor = isProducer ? world.findActor<ProducerActor>(process.name() + "/client") : nullptr;
        const Producer* producer = actor != nullptr ? &actor->producer()
                                   : isSink         ? producerOfSink(world, process.name())
                                                    : nullptr;
        if (producer != nullptr) {
            running.push_back({process.id, process.incarnation, producer});
        }
    }
    return running;
}

}  // namespace millrace::kafka
