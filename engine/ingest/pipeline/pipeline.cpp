#include "engine/ingest/pipeline/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/check.h"
#include "engine/ingest/cost.h"
#include "engine/ingest/journal_kinds.h"
#include "engine/ingest/metrics.h"
#include "engine/ingest/pipeline/pipeline_state.h"
#include "engine/ingest/sink_process.h"
#include "engine/ingest/source_words.h"
#include "engine/ingest/web_log.h"
#include "engine/sim/context.h"

namespace millrace::ingest {

namespace {

constexpr std::size_t turnMax = 256;            // records that one turn of the processor takes
constexpr std::uint64_t pendingMost = 20'000;   // writes under way beyond which nothing more is taken
constexpr std::uint64_t waitingMost = 200'000;  // records in memory beyond which nothing more is read
constexpr std::uint64_t deadMost = 10'000;      // newest dead letters that can be read once more
constexpr std::size_t barriersMost = 4;         // checkpoints that wait for their commits
constexpr SimDuration burst = std::chrono::milliseconds{1};
constexpr SimDuration tickEvery = std::chrono::seconds{1};
/// What a source that keeps nothing holds all the same: the buffer of its socket.
constexpr SimDuration socketBuffer = std::chrono::milliseconds{200};
const std::string standFile = "checkpoint";

template <class Derived>
struct PipelineTimer : sim::MessageBase<Derived> {
    void digest(Digest&) const override {}
};
struct ReadTime final : PipelineTimer<ReadTime> {
    static constexpr std::string_view Name = "ingest.ReadTime";
    std::uint64_t round;  ///< a change of the rate begins another
    explicit ReadTime(std::uint64_t number) : round(number) {}
};
struct BatchTime final : PipelineTimer<BatchTime> {
    static constexpr std::string_view Name = "ingest.BatchTime";
};
struct WorkOn final : PipelineTimer<WorkOn> {
    static constexpr std::string_view Name = "ingest.WorkOn";
};
struct TickTime final : PipelineTimer<TickTime> {
    static constexpr std::string_view Name = "ingest.TickTime";
};
struct CheckpointTime final : PipelineTimer<CheckpointTime> {
    static constexpr std::string_view Name = "ingest.CheckpointTime";
};
struct TransformTime final : PipelineTimer<TransformTime> {
    static constexpr std::string_view Name = "ingest.TransformTime";
};
struct TransformOn final : PipelineTimer<TransformOn> {
    static constexpr std::string_view Name = "ingest.TransformOn";
};
struct RepairTime final : PipelineTimer<RepairTime> {
    static constexpr std::string_view Name = "ingest.RepairTime";
};
struct SetPipelineRate final : sim::MessageBase<SetPipelineRate> {
    static constexpr std::string_view Name = "ingest.SetPipelineRate";
    Ref<const PipelineSpec> spec;
    explicit SetPipelineRate(Ref<const PipelineSpec> what) : spec(std::move(what)) {}
    void digest(Digest& digest) const override { digest.add(spec->source->pace.recordsPerSecond); }
};
struct PlantFaults final : sim::MessageBase<PlantFaults> {
    static constexpr std::string_view Name = "ingest.PlantFaults";
    Ref<const PipelineSpec> spec;
    explicit PlantFaults(Ref<const PipelineSpec> what) : spec(std::move(what)) {}
    void digest(Digest&) const override {}
};
struct CheckpointFlushed final : PipelineTimer<CheckpointFlushed> {
    static constexpr std::string_view Name = "ingest.CheckpointFlushed";
};

/// Milliseconds since 1970, or an instant as text.
std::optional<std::int64_t> millisOf(const flow::Datum& time) {
    if (const auto* text = std::get_if<std::string>(&time)) {
        return instantIn(*text);
    }
    const auto number = flow::asNumber(time);
    return number ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
}

enum Way : std::uint32_t { Main, Rejects, Landing, ways };

/// A write that is not committed.
struct Pending {
    SinkWrite write;
    std::uint32_t way = Main;
    SimTime measured;
    bool isRow = false;  ///< the first write of its record
    PipelineRecord landed;
};

class PipelineActor final : public sim::ActorBase<PipelineActor> {
public:
    PipelineActor(Ref<const PipelineSpec> spec, std::optional<PipelineStand> stand)
        : m_spec(std::move(spec)), m_resumed(stand.has_value()) {
        if (stand) {
            m_stand = std::move(*stand);
            for (PipelineRecord& record : m_stand.landing) {
                m_stand.landed.push(std::move(record));
            }
            m_stand.landing.clear();
        }
    }

    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;
    [[nodiscard]] PipelineState state() const;
    [[nodiscard]] std::vector<AwaitedSink> awaited(const sim::World& world) const;

private:
    struct Job {
        SimTime begun;
        std::uint64_t left = 0;  ///< records of those that wait
        std::uint64_t records = 0;
        bool isReading = true;
    };
    struct Barrier {
        std::uint64_t token = 0;
        Ref<const StandChunk> chunk;
        bool endsJob = false;
    };

    [[nodiscard]] bool listens() const { return m_spec->way != IngestWay::Batch || m_spec->size; }
    [[nodiscard]] bool streams() const { return m_spec->way == IngestWay::Streaming; }
    [[nodiscard]] bool hasRoom() const { return m_pending.size() < pendingMost; }
    [[nodiscard]] bool isDone() const;
    void spend(sim::Context& context, CpuTime cost) {
        context.spend(cost);
        m_figures.processor += cost;
    }

    void armTimers(sim::Context& context);
    void onTimer(sim::Context& context, const sim::Message& message);
    void setRate(sim::Context& context, const Ref<const PipelineSpec>& spec);
    void listen(sim::Context& context);
    void armRead(sim::Context& context);
    [[nodiscard]] bool loseWhatIsOld(sim::Context& context, SimTime until);
    PipelineRecord takeRecord(sim::Context& context);
    void tellRead(sim::Context& context);
    void onInterval(sim::Context& context);
    void beginJob(sim::Context& context);
    void workOn(sim::Context& context);
    [[nodiscard]] std::vector<PipelineRecord> gather(sim::Context& context);
    void endReading(sim::Context& context);
    void endJob(sim::Context& context);
    void process(sim::Context& context, std::vector<PipelineRecord> records);
    void land(sim::Context& context, std::vector<PipelineRecord> records);
    /// Reads records and passes them through the steps; the cost is the caller's.
    void transform(sim::Context& context, std::vector<PipelineRecord> records, CpuTime& cost);
    void runSteps(sim::Context& context, std::vector<PipelineRecord> records, std::size_t from, CpuTime& cost);
    void passOn(sim::Context& context, StepOutput& output);
    void reject(sim::Context& context, RejectedRecord rejected, const std::vector<flow::Column>& columns);
    void finishSteps(sim::Context& context);
    void transformLanded(sim::Context& context);
    void repair(sim::Context& context);
    void tellDrift(sim::Context& context, const std::vector<SchemaDrift>& news);
    void tellAlert(sim::Context& context, const RaisedAlert& alert);
    void write(sim::Context& context, const Destination& to, std::uint32_t way, const PipelineRecord& record);
    void take(sim::Context& context, SinkClient::Outcome outcome, std::uint32_t way);
    void committed(std::uint64_t token);
    void settle(sim::Context& context);
    [[nodiscard]] PipelineStand standNow() const;
    void pushBarrier(bool endsJob);
    void forgetPlanted(PipelineStand& stand) const;
    void note(sim::Context& context, const Ref<const StandChunk>& chunk);
    void look(std::size_t step, const std::vector<PipelineRecord>& before, const std::vector<PipelineRecord>& after);

    Ref<const PipelineSpec> m_spec;
    bool m_resumed = false;
    PipelineStand m_stand;
    SharedQueue<PipelineRecord> m_waiting;  ///< read, and in no step yet
    std::optional<Job> m_job;
    std::optional<SourceCursor> m_cut;  ///< where the records of a job of a listener end
    SourceCursor m_full;                ///< of a batch that takes everything
    bool m_isOverdue = false;           ///< an interval ended within a job
    bool m_wasAllTaken = false;         ///< a job began when the source had come to its end
    bool m_isWorkArmed = false;
    bool m_isReadArmed = false;
    std::uint64_t m_readRound = 0;
    bool m_isRepaired = false;
    SimTime m_lostUntil;
    std::vector<RecordTruth> m_read;
    std::uint64_t m_nextToken = 1;
    SharedMap<std::uint64_t, Pending> m_pending;
    std::vector<Barrier> m_barriers;
    std::int64_t m_notedAt = -1;
    bool m_isTransformDue = false;
    std::array<SinkClient, ways> m_clients;
    SimDuration m_freshness{0};
    std::vector<StepLook> m_counts;                      ///< of each step; text is made when somebody looks
    std::vector<std::vector<PipelineRecord>> m_lookIns;  ///< of each step, one at most
    std::vector<std::vector<PipelineRecord>> m_lookOuts;
    PipelineFigures m_figures;
};

void PipelineActor::start(sim::Context& context) {
    if (!m_resumed) {
        m_stand.cursor = SourceCursor(m_spec->source, m_spec->random, SimTime{});
        m_stand.reader = m_spec->reader;
        for (const PipelineStep& step : m_spec->steps) {
            m_stand.steps.push_back(step.start->clone());
        }
    } else {
        sim::JournalDraft draft;
        draft.kind = happened::pipelineResumed;
        draft.text =
            fmt::format("Ingestion pipeline {} continues after record {} of {}; what was loaded after it comes again",
                        m_spec->name, m_stand.cursor.position() - 1, m_spec->source->id);
        draft.fields = {{"pipeline", m_spec->name}, {"position", std::to_string(m_stand.cursor.position())}};
        context.journal(std::move(draft));
    }
    if (m_resumed && m_spec->broken.startsAnew) {
        m_stand.cursor = SourceCursor(m_spec->source, m_spec->random, SimTime{});
    }
    if (m_spec->isRateSet) {
        m_stand.cursor.follow(m_spec->source, context.now());
    }
    m_notedAt = m_stand.cursor.position();
    const auto open = [&](std::uint32_t way, const PlacedDestination& to) {
        SinkClientConfig config;
        config.host = to.host;
        config.port = to.port;
        config.writer = m_spec->name;
        config.batchMax = m_spec->batchMax;
        config.linger = m_spec->linger;
        m_clients[way] = SinkClient(config, way);
    };
    open(Main, m_spec->to);
    if (m_spec->rejects) {
        open(Rejects, *m_spec->rejects);
    }
    if (m_spec->landing) {
        open(Landing, *m_spec->landing);
    }
    for (const PipelineStep& step : m_spec->steps) {
        m_counts.push_back({step.name, {}, {}, 0, 0});
    }
    m_lookIns.resize(m_counts.size());
    m_lookOuts.resize(m_counts.size());
    armTimers(context);
}

void PipelineActor::armTimers(sim::Context& context) {
    context.arm(tickEvery, makeRef<TickTime>());
    if (!streams()) {
        const SimTime first = SimTime{} + m_spec->startAt;
        const SimDuration since = std::max<SimDuration>(context.now() - first, SimDuration{0});
        const auto passed = context.now() < first ? 0 : since / m_spec->every + 1;
        context.arm(first + passed * m_spec->every - context.now(), makeRef<BatchTime>());
    } else {
        context.arm(m_spec->checkpointEvery, makeRef<CheckpointTime>());
    }
    if (m_spec->landing) {
        context.arm(m_spec->transformEvery, makeRef<TransformTime>());
    }
    if (m_spec->repairAt) {
        const SimTime at = SimTime{} + *m_spec->repairAt;
        if (m_resumed && at <= context.now()) {
            repair(context);  // before anything is read
        } else {
            context.arm(std::max<SimDuration>(at - context.now(), SimDuration{0}), makeRef<RepairTime>());
        }
    }
    if (listens()) {
        listen(context);
    }
}

void PipelineActor::handle(sim::Context& context, const sim::Message& message) {
    for (std::uint32_t way = Main; way < ways; ++way) {
        SinkClient::Outcome outcome;
        if (m_clients[way].handle(context, message, outcome)) {
            take(context, std::move(outcome), way);
            return;
        }
    }
    onTimer(context, message);
}

void PipelineActor::onTimer(sim::Context& context, const sim::Message& message) {
    if (const auto* read = message.as<ReadTime>()) {
        if (read->round == m_readRound) {
            m_isReadArmed = false;
            listen(context);
        }
    } else if (const auto* rate = message.as<SetPipelineRate>()) {
        setRate(context, rate->spec);
    } else if (const auto* planted = message.as<PlantFaults>()) {
        m_spec = planted->spec;
    } else if (message.as<WorkOn>() != nullptr) {
        m_isWorkArmed = false;
        workOn(context);
    } else if (message.as<BatchTime>() != nullptr) {
        onInterval(context);
    } else if (message.as<CheckpointTime>() != nullptr) {
        if (m_stand.cursor.position() != m_notedAt && m_barriers.size() < barriersMost) {
            pushBarrier(false);
        }
        settle(context);
        if (!isDone()) {
            context.arm(m_spec->checkpointEvery, makeRef<CheckpointTime>());
        }
    } else if (message.as<TransformTime>() != nullptr) {
        m_isTransformDue = true;
        transformLanded(context);
        if (!isDone()) {
            context.arm(m_spec->transformEvery, makeRef<TransformTime>());
        }
    } else if (message.as<TransformOn>() != nullptr) {
        transformLanded(context);
    } else if (message.as<RepairTime>() != nullptr) {
        repair(context);
    } else if (message.as<TickTime>() != nullptr) {
        m_freshness = context.now() - m_stand.newest;
        if (!isDone()) {
            context.arm(tickEvery, makeRef<TickTime>());
        }
    }
}

// --- reading --------------------------------------------------------------------------------------------------------

/// What nobody took in time and cannot be sent again is gone. False while there is more of it: a turn takes a bounded
/// number.
bool PipelineActor::loseWhatIsOld(sim::Context& context, SimTime until) {
    const Ref<const FeedSpec>& feed = m_spec->source->feed;
    if (!feed || !feed->keeps || (feed->rate <= 0 && !feed->isTimed)) {
        return true;
    }
    m_lostUntil = std::max(m_lostUntil, until - std::max<SimDuration>(*feed->keeps, socketBuffer));
    std::int64_t lost = 0;
    while (!m_stand.cursor.exhausted() && m_stand.cursor.nextDue() < m_lostUntil && lost < std::int64_t{turnMax} * 16) {
        (void)takeRecord(context);
        m_read.back().isGone = true;
        ++lost;
    }
    m_figures.gone += lost;
    if (lost > 0) {
        sim::JournalDraft draft;
        draft.kind = happened::recordsGone;
        draft.text =
            fmt::format("{} records of {} are gone: {} did not take them in time and it cannot send them again", lost,
                        m_spec->source->id, m_spec->name);
        draft.fields = {{"pipeline", m_spec->name}, {"source", m_spec->source->id}, {"records", std::to_string(lost)}};
        draft.alike = m_spec->source->id;
        context.journal(std::move(draft));
    }
    return m_stand.cursor.exhausted() || m_stand.cursor.nextDue() >= m_lostUntil;
}

PipelineRecord PipelineActor::takeRecord(sim::Context& context) {
    SourceCursor& cursor = m_job && m_spec->isFull ? m_full : m_stand.cursor;
    const SimTime due = cursor.nextDue();
    const SourceRecord taken = cursor.take();
    PipelineRecord record;
    record.origin = {m_spec->source->id, taken.position, 0};
    record.text = taken.value;
    record.measured = cursor.hasTruth() ? cursor.truth().measured : due;
    record.millis = m_spec->startMillis + due.time_since_epoch().count() / 1'000'000;
    if (cursor.hasTruth()) {
        m_read.push_back(cursor.truth());
    }
    spend(context, cost::sourceRecord);
    ++m_figures.read;
    m_figures.bytesIn += static_cast<ByteCount>(record.text.size());
    return record;
}

void PipelineActor::tellRead(sim::Context& context) {
    if (!m_read.empty() && context.isListenedTo() && m_stand.cursor.hasTruth()) {
        const FeedCursor& feed = (m_spec->isFull && m_full.hasTruth() ? m_full : m_stand.cursor).feed();
        const auto read = makeRef<RecordsRead>();
        read->feed = m_spec->source->feed;
        read->records = std::move(m_read);
        read->readings = feed.readings();
        read->missing = feed.missing();
        context.tell(read);
    }
    m_read.clear();
}

/// The cursors that a job works with go on as they were cut.
void PipelineActor::setRate(sim::Context& context, const Ref<const PipelineSpec>& spec) {
    m_spec = spec;
    m_stand.cursor.follow(m_spec->source, context.now());
    context.journal(rateWasSet(m_spec->source->id, m_spec->source->pace.recordsPerSecond));
    m_isReadArmed = false;
    ++m_readRound;
    if (listens()) {
        armRead(context);
    }
}

/// Takes what is due: a streaming pipeline passes it on at once, the others hold it until their batch.
void PipelineActor::listen(sim::Context& context) {
    spend(context, cost::pipelineTurn);
    std::vector<PipelineRecord> records;
    const bool isUpToDate = loseWhatIsOld(context, context.now());
    SourceCursor& cursor = m_stand.cursor;
    for (std::size_t taken = 0; isUpToDate && taken < turnMax && !cursor.exhausted() &&
                                cursor.nextDue() <= context.now() && hasRoom() && m_waiting.size() < waitingMost;
         ++taken) {
        if (streams()) {
            records.push_back(takeRecord(context));
        } else {
            m_waiting.push(takeRecord(context));
        }
    }
    tellRead(context);
    if (!records.empty()) {
        process(context, std::move(records));
    }
    if (streams() && cursor.exhausted() && !m_spec->landing) {
        finishSteps(context);
    }
    if (m_spec->size && m_waiting.size() >= *m_spec->size && !m_job) {
        beginJob(context);
    }
    armRead(context);
}

/// Without room the next answer of a sink is what goes on.
void PipelineActor::armRead(sim::Context& context) {
    const SourceCursor& cursor = m_stand.cursor;
    if (m_isReadArmed || cursor.exhausted() || !hasRoom() || m_waiting.size() >= waitingMost) {
        return;
    }
    m_isReadArmed = true;
    context.arm(std::max<SimDuration>(cursor.nextDue() - context.now(), burst), makeRef<ReadTime>(m_readRound));
}

// --- batches --------------------------------------------------------------------------------------------------------

void PipelineActor::onInterval(sim::Context& context) {
    if (m_job) {
        m_isOverdue = true;
    } else {
        beginJob(context);
    }
    if (!isDone()) {
        context.arm(m_spec->every, makeRef<BatchTime>());
    }
}

void PipelineActor::beginJob(sim::Context& context) {
    m_job = Job{context.now(), m_waiting.size(), 0, true};
    m_isOverdue = false;
    m_wasAllTaken = m_stand.cursor.exhausted();
    if (listens()) {
        m_cut = m_stand.cursor;
    }
    if (m_spec->isFull) {
        m_full = SourceCursor(m_spec->source, m_spec->random, SimTime{});
        m_stand.steps.clear();
        for (const PipelineStep& step : m_spec->steps) {
            m_stand.steps.push_back(step.start->clone());
        }
        m_stand.isFinished = false;
    }
    spend(context, m_spec->way == IngestWay::Batch ? cost::batchStart : cost::microBatchStart);
    m_isWorkArmed = true;
    context.send(context.self(), makeRef<WorkOn>());
}

/// The next records of the job: of those that wait, or of those that had come to the source when it began.
std::vector<PipelineRecord> PipelineActor::gather(sim::Context& context) {
    std::vector<PipelineRecord> records;
    if (listens()) {
        while (records.size() < turnMax && m_job->left > 0) {
            records.push_back(m_waiting.pop());
            --m_job->left;
        }
        return records;
    }
    if (!m_spec->isFull && !loseWhatIsOld(context, m_job->begun)) {
        tellRead(context);
        return records;
    }
    SourceCursor& cursor = m_spec->isFull ? m_full : m_stand.cursor;
    while (records.size() < turnMax && !cursor.exhausted() && cursor.nextDue() <= m_job->begun) {
        records.push_back(takeRecord(context));
    }
    tellRead(context);
    m_job->isReading = !cursor.exhausted() && cursor.nextDue() <= m_job->begun;
    m_wasAllTaken = cursor.exhausted();
    return records;
}

void PipelineActor::workOn(sim::Context& context) {
    if (!m_job || !hasRoom()) {
        return;  // The next answer of a sink goes on.
    }
    spend(context, cost::pipelineTurn);
    std::vector<PipelineRecord> records = gather(context);
    if (listens()) {
        m_job->isReading = m_job->left > 0;
    }
    m_job->records += records.size();
    if (!records.empty()) {
        process(context, std::move(records));
    }
    if (m_job->isReading) {
        m_isWorkArmed = true;
        context.send(context.self(), makeRef<WorkOn>());
    } else {
        endReading(context);
    }
}

void PipelineActor::endReading(sim::Context& context) {
    if (m_wasAllTaken && !m_spec->landing) {
        finishSteps(context);
    }
    pushBarrier(true);
    settle(context);
    if (listens()) {
        armRead(context);
    }
}

void PipelineActor::endJob(sim::Context& context) {
    const SimDuration took = context.now() - m_job->begun;
    ++m_figures.batches;
    m_figures.overruns += took > m_spec->every ? 1 : 0;
    sim::JournalDraft draft;
    draft.kind = happened::batchLoaded;
    draft.severity = sim::Severity::Detail;
    draft.text = fmt::format("Ingestion pipeline {} loaded a batch of {} records in {:.2f} s", m_spec->name,
                             m_job->records, seconds(took));
    draft.fields = {{"pipeline", m_spec->name}, {"records", std::to_string(m_job->records)}};
    draft.alike = m_spec->name;
    context.journal(std::move(draft));
    m_job.reset();
    m_cut.reset();
    if (m_isOverdue || (m_spec->size && m_waiting.size() >= *m_spec->size)) {
        beginJob(context);
    }
}

// --- steps ----------------------------------------------------------------------------------------------------------

void PipelineActor::process(sim::Context& context, std::vector<PipelineRecord> records) {
    if (m_spec->notesBefore) {
        note(context, makeRef<StandChunk>(standNow()));
    }
    if (m_spec->landing) {
        land(context, std::move(records));
        return;
    }
    CpuTime cost{0};
    transform(context, std::move(records), cost);
    spend(context, cost);
}

void PipelineActor::land(sim::Context& context, std::vector<PipelineRecord> records) {
    const Destination& landing = m_spec->landing->destination;
    for (PipelineRecord& record : records) {
        std::vector<SinkWrite> writes;
        landing.addWrites(landing.landingRow(record), writes);
        MILLRACE_CHECK(writes.size() == 1, m_spec->name);
        m_figures.bytesOut += writes.front().wireSize();
        const SimTime measured = record.measured;
        m_pending.set(m_nextToken, Pending{writes.front(), Landing, measured, false, std::move(record)});
        m_clients[Landing].add(context, std::move(writes.front()), m_nextToken++);
    }
}

void PipelineActor::transform(sim::Context& context, std::vector<PipelineRecord> records, CpuTime& cost) {
    std::vector<PipelineRecord> read;
    std::vector<SchemaDrift> news;
    const std::int64_t drifted = m_stand.reader.drifted();
    for (PipelineRecord& record : records) {
        cost += cost::parseRecord + cost::parseByte * static_cast<std::int64_t>(record.text.size());
        if (auto fine = m_stand.reader.read(record, news); !fine) {
            reject(context, {std::move(record), "read", std::move(fine.error())}, m_stand.reader.layout().columns);
            continue;
        }
        if (m_spec->time) {
            record.millis = millisOf(record.row[*m_spec->time]).value_or(record.millis);
        }
        read.push_back(std::move(record));
    }
    m_figures.drifted += m_stand.reader.drifted() - drifted;
    tellDrift(context, news);
    runSteps(context, std::move(read), 0, cost);
}

void PipelineActor::runSteps(sim::Context& context, std::vector<PipelineRecord> records, std::size_t from,
                             CpuTime& cost) {
    for (std::size_t i = from; i < m_stand.steps.size(); ++i) {
        if (m_stand.steps[i]->isShared()) {
            m_stand.steps[i] = m_stand.steps[i]->clone();
        }
        StepOutput output;
        m_counts[i].in += static_cast<std::int64_t>(records.size());
        std::vector<PipelineRecord> before(records.begin(), records.begin() + (records.empty() ? 0 : 1));
        for (PipelineRecord& record : records) {
            m_stand.steps[i]->take(std::move(record), output);
        }
        look(i, before, output.passed);
        m_counts[i].out += static_cast<std::int64_t>(output.passed.size());
        cost += output.cost;
        const auto& columns = i == 0 ? m_stand.reader.layout().columns : m_spec->steps[i - 1].columns;
        for (RejectedRecord& each : output.rejected) {
            each.step = m_spec->steps[i].name;
            reject(context, std::move(each), columns);
        }
        passOn(context, output);
        records = std::move(output.passed);
    }
    for (const PipelineRecord& record : records) {
        write(context, m_spec->to.destination, Main, record);
    }
}

void PipelineActor::passOn(sim::Context& context, StepOutput& output) {
    m_figures.dropped += output.dropped;
    for (const RaisedAlert& alert : output.alerts) {
        tellAlert(context, alert);
    }
    if (context.isListenedTo()) {
        for (const MergedRecords& each : output.merged) {
            auto merged = makeRef<RecordsMerged>();
            merged->source = each.origin.source;
            merged->position = each.origin.position;
            for (const std::int64_t position : each.positions) {
                merged->parents.emplace_back(each.origin.source, position);
            }
            context.tell(merged);
        }
    }
}

/// Keeps what came in first of a turn and what came out first: the newest of both.
void PipelineActor::look(std::size_t step, const std::vector<PipelineRecord>& before,
                         const std::vector<PipelineRecord>& after) {
    if (!before.empty()) {
        m_lookIns[step] = before;
        m_lookOuts[step].assign(after.begin(), after.begin() + (after.empty() ? 0 : 1));
    }
}

void PipelineActor::reject(sim::Context& context, RejectedRecord rejected, const std::vector<flow::Column>& columns) {
    ++m_figures.rejected;
    const RejectedLine line{m_spec->source->id, m_spec->source->path(), rejected.record.origin.position,
                            rejected.reason, rejected.record.text};
    context.journal(lineRejected(line));
    if (context.isListenedTo()) {
        context.tell(makeRef<LineRejected>(line));
    }
    if (!m_spec->rejects) {
        return;
    }
    write(context, m_spec->rejects->destination, Rejects, Destination::rejectRow(rejected, columns));
    if (!m_isRepaired && !rejected.record.text.empty()) {
        m_stand.dead.push(std::move(rejected.record));
        if (m_stand.dead.size() > deadMost) {
            (void)m_stand.dead.pop();
        }
    }
}

void PipelineActor::finishSteps(sim::Context& context) {
    if (m_stand.isFinished) {
        return;
    }
    m_stand.isFinished = true;
    CpuTime cost{0};
    for (std::size_t i = 0; i < m_stand.steps.size(); ++i) {
        if (m_stand.steps[i]->isShared()) {
            m_stand.steps[i] = m_stand.steps[i]->clone();
        }
        StepOutput output;
        m_stand.steps[i]->finish(output);
        m_counts[i].out += static_cast<std::int64_t>(output.passed.size());
        passOn(context, output);
        runSteps(context, std::move(output.passed), i + 1, cost);
    }
    spend(context, cost);
}

/// The destination's machine does the work: it takes it along with the next commit.
void PipelineActor::transformLanded(sim::Context& context) {
    if (!m_isTransformDue || !hasRoom()) {
        return;
    }
    const bool isLast = m_stand.cursor.exhausted() && m_waiting.empty() && !m_job && m_pending.empty();
    std::vector<PipelineRecord> records;
    while (records.size() < turnMax && !m_stand.landed.empty()) {
        records.push_back(m_stand.landed.pop());
    }
    m_isTransformDue = !m_stand.landed.empty();
    CpuTime cost{0};
    transform(context, std::move(records), cost);
    m_clients[Main].addWork(cost);
    spend(context, cost::pipelineTurn);
    if (m_isTransformDue) {
        context.arm(burst, makeRef<TransformOn>());
    } else if (isLast) {
        finishSteps(context);
    }
}

/// Somebody has mended the reader: it takes records as they come now, and what was rejected is read once more.
void PipelineActor::repair(sim::Context& context) {
    if (m_isRepaired) {
        return;  // by hand before its time
    }
    m_isRepaired = true;
    m_stand.reader.setPolicy(DriftPolicy::Evolve);
    std::vector<PipelineRecord> again;
    while (!m_stand.dead.empty()) {
        again.push_back(m_stand.dead.pop());
    }
    if (m_spec->notesBefore) {
        note(context, makeRef<StandChunk>(standNow()));
    }
    sim::JournalDraft draft;
    draft.kind = happened::pipelineRepaired;
    draft.text =
        fmt::format("The reader of {} is mended: {} dead letters are read once more", m_spec->name, again.size());
    draft.fields = {{"pipeline", m_spec->name}, {"records", std::to_string(again.size())}};
    context.journal(std::move(draft));
    CpuTime cost{0};
    transform(context, std::move(again), cost);
    spend(context, cost);
    if (m_stand.isFinished) {  // what they made in steps that gather has no other end
        m_stand.isFinished = false;
        finishSteps(context);
    }
    if (m_stand.cursor.exhausted() && !m_spec->notesBefore) {  // no record comes that would have it noted
        pushBarrier(false);
        settle(context);
    }
}

void PipelineActor::tellDrift(sim::Context& context, const std::vector<SchemaDrift>& news) {
    for (const SchemaDrift& each : news) {
        sim::JournalDraft draft;
        draft.kind = happened::schemaDrifted;
        draft.text =
            fmt::format("Records of {} have {}, as pipeline {} notices", m_spec->source->id, each.text(), m_spec->name);
        draft.fields = {{"pipeline", m_spec->name}, {"source", m_spec->source->id}, {"field", each.field}};
        context.journal(std::move(draft));
    }
}

void PipelineActor::tellAlert(sim::Context& context, const RaisedAlert& alert) {
    ++m_figures.alerts;
    sim::JournalDraft draft;
    draft.kind = happened::alertRaised;
    const double delay = seconds(context.now() - alert.measured);
    draft.text = fmt::format("Alert of {}{}{}: {}, {:.2f} s after it was measured", m_spec->name,
                             alert.about.empty() ? "" : " about ", alert.about, alert.text, delay);
    draft.fields = {{"pipeline", m_spec->name}, {"about", alert.about}, {"delay_s", fmt::format("{:.3f}", delay)}};
    draft.alike = alert.about + ": " + alert.text;
    draft.isOwnReason = true;
    context.journal(std::move(draft));
}

// --- loading --------------------------------------------------------------------------------------------------------

void PipelineActor::write(sim::Context& context, const Destination& to, std::uint32_t way,
                          const PipelineRecord& record) {
    std::vector<SinkWrite> writes;
    to.addWrites(record, writes);
    for (SinkWrite& each : writes) {
        m_figures.bytesOut += each.wireSize();
        m_pending.set(m_nextToken, Pending{each, way, record.measured, way == Main && &each == &writes.front(), {}});
        m_clients[way].add(context, std::move(each), m_nextToken++);
    }
}

void PipelineActor::committed(std::uint64_t token) {
    auto pending = m_pending.take(token);
    if (!pending) {
        return;
    }
    m_figures.diskBytes += pending->write.wireSize();
    if (pending->way == Landing) {
        m_stand.landed.push(std::move(pending->landed));
    }
}

void PipelineActor::take(sim::Context& context, SinkClient::Outcome outcome, std::uint32_t way) {
    m_figures.sinkProcessor += outcome.sinkCost;
    for (const std::uint64_t token : outcome.committed) {
        const Pending* pending = m_pending.find(token);
        if (pending != nullptr && pending->isRow) {
            const SimDuration age = context.now() - pending->measured;
            ++m_figures.rows;
            m_figures.ageSum += age;
            m_stand.oldest = std::max(m_stand.oldest, age);
            m_figures.valueKept += m_spec->value.at(age);
            m_stand.newest = std::max(m_stand.newest, pending->measured);
        }
        committed(token);
    }
    for (const std::uint64_t token : outcome.failed) {
        if (m_spec->broken.forgetsFailed) {
            (void)m_pending.take(token);
            continue;
        }
        if (const Pending* pending = m_pending.find(token)) {
            ++m_figures.retries;
            m_clients[way].add(context, pending->write, token);
        }
    }
    settle(context);
    if (!hasRoom()) {
        return;
    }
    if (m_job && m_job->isReading && !m_isWorkArmed) {
        m_isWorkArmed = true;
        context.send(context.self(), makeRef<WorkOn>());
    }
    if (listens()) {
        armRead(context);
    }
}

// --- checkpoints ----------------------------------------------------------------------------------------------------

/// Where it stands, as a checkpoint that is begun now says it.
PipelineStand PipelineActor::standNow() const {
    PipelineStand stand = m_stand;
    if (m_cut) {
        stand.cursor = *m_cut;
    }
    forgetPlanted(stand);
    // What is on its way to the landing has landed when the checkpoint is written.
    if (m_spec->landing && !m_spec->broken.forgetsLanding) {
        for (const auto& [token, pending] : m_pending) {
            if (pending.way == Landing) {
                stand.landing.push_back(pending.landed);
            }
        }
    }
    return stand;
}

void PipelineActor::pushBarrier(bool endsJob) {
    m_barriers.push_back({m_spec->broken.notesAtOnce ? 0 : m_nextToken, makeRef<StandChunk>(standNow()), endsJob});
}

void PipelineActor::forgetPlanted(PipelineStand& stand) const {
    if (m_spec->broken.forgetsDead) {
        stand.dead.clear();
    }
    for (std::size_t i = 0; m_spec->broken.forgetsSteps && i < stand.steps.size(); ++i) {
        stand.steps[i] = m_spec->steps[i].start->clone();
    }
}

/// Checkpoints whose records are all committed are written.
void PipelineActor::settle(sim::Context& context) {
    while (!m_barriers.empty() && (m_pending.empty() || (*m_pending.begin()).first >= m_barriers.front().token)) {
        const Barrier barrier = m_barriers.front();
        m_barriers.erase(m_barriers.begin());
        if (!m_spec->notesBefore) {
            note(context, m_spec->broken.losesWaiting ? makeRef<StandChunk>(m_stand) : barrier.chunk);
        }
        if (barrier.endsJob && m_job) {
            endJob(context);
        }
    }
}

void PipelineActor::note(sim::Context& context, const Ref<const StandChunk>& chunk) {
    if (context.replace(standFile, chunk)) {
        m_notedAt = chunk->stand().cursor.position();
        m_figures.diskBytes += chunk->size();
        context.flush(standFile, makeRef<CheckpointFlushed>());
    }
}

// --- figures --------------------------------------------------------------------------------------------------------

bool PipelineActor::isDone() const {
    const bool isRead = m_spec->isFull ? m_wasAllTaken && m_figures.batches > 0 : m_stand.cursor.exhausted();
    return isRead && m_waiting.empty() && !m_job && m_pending.empty() && m_barriers.empty() && m_stand.landed.empty() &&
           (m_stand.isFinished || m_spec->steps.empty()) && (!m_spec->repairAt || m_isRepaired || !m_spec->rejects);
}

void PipelineActor::sample(sim::MetricSink& sink) const {
    const PipelineFigures& f = m_figures;
    const auto whole = [&](const Metric& metric, std::int64_t value) { sink.add(metric, static_cast<double>(value)); };
    whole(metric::pipelineRead, f.read);
    whole(metric::pipelineGone, f.gone);
    whole(metric::pipelineRows, f.rows);
    whole(metric::pipelineRejected, f.rejected);
    whole(metric::pipelineDropped, f.dropped);
    whole(metric::pipelineDrifted, f.drifted);
    whole(metric::pipelineAlerts, f.alerts);
    whole(metric::pipelineBatches, f.batches);
    whole(metric::pipelineOverruns, f.overruns);
    whole(metric::pipelineRetries, f.retries);
    sink.add(metric::pipelineProcessor, seconds(f.processor));
    sink.add(metric::pipelineSinkProcessor, seconds(f.sinkProcessor));
    whole(metric::pipelineBytesIn, f.bytesIn);
    whole(metric::pipelineBytesOut, f.bytesOut);
    whole(metric::pipelineDiskBytes, f.diskBytes);
    sink.add(metric::pipelineAges, seconds(f.ageSum));
    sink.add(metric::pipelineValue, f.valueKept);
    sink.add(metric::pipelineWaiting, static_cast<double>(m_waiting.size() + m_pending.size()));
    sink.add(metric::pipelineFreshness, seconds(m_freshness));
    sink.add(metric::pipelineOldest, seconds(m_stand.oldest));
}

PipelineState PipelineActor::state() const {
    PipelineState state;
    state.isAlive = true;
    state.isDone = isDone();
    state.isBusy = m_job.has_value();
    state.waiting = m_waiting.size();
    state.unsettled = m_pending.size();
    state.landed = m_stand.landed.size();
    state.dead = m_stand.dead.size();
    state.newest = m_stand.newest;
    state.freshness = m_freshness;
    state.figures = m_figures;
    state.figures.ageMost = m_stand.oldest;
    state.looks = m_counts;
    for (std::size_t i = 0; i < state.looks.size(); ++i) {
        const auto& columns = i == 0 ? m_stand.reader.layout().columns : m_spec->steps[i - 1].columns;
        if (!m_lookIns[i].empty()) {
            state.looks[i].before = jsonOf(columns, m_lookIns[i].front());
        }
        if (!m_lookOuts[i].empty()) {
            state.looks[i].after = jsonOf(m_spec->steps[i].columns, m_lookOuts[i].front());
        }
    }
    return state;
}

std::vector<AwaitedSink> PipelineActor::awaited(const sim::World& world) const {
    const std::array<const PlacedDestination*, ways> ends{&m_spec->to, m_spec->rejects ? &*m_spec->rejects : nullptr,
                                                          m_spec->landing ? &*m_spec->landing : nullptr};
    std::vector<AwaitedSink> awaited;
    for (std::uint32_t way = Main; way < ways; ++way) {
        if (ends[way] == nullptr) {
            continue;
        }
        const std::string& sink = ends[way]->destination.sink()->id;
        const sim::ProcessId process = world.findProcess(sinkProcessName(sink));
        if (process == sim::noProcess || world.process(process).state == sim::ProcessState::Running) {
            continue;
        }
        std::uint64_t writes = 0;
        for (const auto& [token, pending] : m_pending) {
            writes += pending.way == way ? 1U : 0U;
        }
        if (writes > 0) {
            awaited.push_back({sink, writes});
        }
    }
    return awaited;
}

/// Null: none has been written.
const StandChunk* lastStand(const sim::ProcessDisk& disk) {
    const sim::File* file = disk.find(standFile);
    return file != nullptr && file->last() != nullptr ? &static_cast<const StandChunk&>(*file->last()) : nullptr;
}

class PipelineBlueprint final : public sim::Blueprint {
public:
    explicit PipelineBlueprint(Ref<const PipelineSpec> spec)
        : m_spec(std::move(spec)), m_name(pipelineProcessName(m_spec->name)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    [[nodiscard]] const PipelineSpec& spec() const { return *m_spec; }
    void boot(sim::Context& context) const override {
        std::optional<PipelineStand> stand;
        if (const StandChunk* chunk = lastStand(context.disk())) {
            stand = chunk->stand();
        }
        context.addActor("pipeline", makeRef<PipelineActor>(m_spec, std::move(stand)));
    }

private:
    Ref<const PipelineSpec> m_spec;
    std::string m_name;
};

/// Null: no process, or another's.
const PipelineBlueprint* blueprintOf(const sim::World& world, sim::ProcessId process) {
    return process == sim::noProcess ? nullptr
                                     : dynamic_cast<const PipelineBlueprint*>(world.process(process).blueprint.get());
}

/// From now on the pipeline is as `spec` says, in this incarnation, which is told, and in all that come.
void giveSpec(sim::World& world, sim::ProcessId process, const Ref<const PipelineSpec>& spec, sim::MessageRef telling) {
    world.reconfigure(process, makeRef<PipelineBlueprint>(spec));
    const sim::ActorId running = world.findActorId(world.process(process).name() + "/pipeline");
    if (running != sim::noActor) {
        world.deliver(running, std::move(telling));
    }
}

/// What an actor's figures of earlier incarnations come to.
PipelineFigures pastFigures(const sim::World& world, const std::string& actor) {
    const auto sum = [&](const Metric& metric) {
        const sim::PastCounters::Counter* past = world.pastCounter(actor, metric.id);
        return past != nullptr ? past->sum : 0.0;
    };
    const auto whole = [&](const Metric& metric) { return static_cast<std::int64_t>(sum(metric)); };
    PipelineFigures f;
    f.read = whole(metric::pipelineRead);
    f.gone = whole(metric::pipelineGone);
    f.rows = whole(metric::pipelineRows);
    f.rejected = whole(metric::pipelineRejected);
    f.dropped = whole(metric::pipelineDropped);
    f.drifted = whole(metric::pipelineDrifted);
    f.alerts = whole(metric::pipelineAlerts);
    f.batches = whole(metric::pipelineBatches);
    f.overruns = whole(metric::pipelineOverruns);
    f.retries = whole(metric::pipelineRetries);
    f.processor = fromSeconds(sum(metric::pipelineProcessor));
    f.sinkProcessor = fromSeconds(sum(metric::pipelineSinkProcessor));
    f.bytesIn = whole(metric::pipelineBytesIn);
    f.bytesOut = whole(metric::pipelineBytesOut);
    f.diskBytes = whole(metric::pipelineDiskBytes);
    f.ageSum = fromSeconds(sum(metric::pipelineAges));
    f.valueKept = sum(metric::pipelineValue);
    return f;
}

void add(PipelineFigures& to, const PipelineFigures& more) {
    to.read += more.read;
    to.gone += more.gone;
    to.rows += more.rows;
    to.rejected += more.rejected;
    to.dropped += more.dropped;
    to.drifted += more.drifted;
    to.alerts += more.alerts;
    to.batches += more.batches;
    to.overruns += more.overruns;
    to.retries += more.retries;
    to.processor += more.processor;
    to.sinkProcessor += more.sinkProcessor;
    to.bytesIn += more.bytesIn;
    to.bytesOut += more.bytesOut;
    to.diskBytes += more.diskBytes;
    to.ageSum += more.ageSum;
    to.ageMost = std::max(to.ageMost, more.ageMost);
    to.valueKept += more.valueKept;
}

}  // namespace

std::string_view toText(IngestWay way) {
    return way == IngestWay::Batch ? "batch" : way == IngestWay::MicroBatch ? "micro-batch" : "streaming";
}

Ref<const sim::Blueprint> makePipelineBlueprint(Ref<const PipelineSpec> spec) {
    return makeRef<PipelineBlueprint>(std::move(spec));
}

std::string pipelineProcessName(std::string_view name) {
    return fmt::format("ingestion/{}", name);
}

bool hasReader(const sim::World& world, std::string_view source) {
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const PipelineBlueprint* blueprint = blueprintOf(world, sim::ProcessId{i});
        if (blueprint != nullptr && blueprint->spec().source->id == source) {
            return true;
        }
    }
    return false;
}

bool setSourceRate(sim::World& world, std::string_view source, double recordsPerSecond) {
    bool isRead = false;
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const sim::ProcessSlot& process = world.process(sim::ProcessId{i});
        const PipelineBlueprint* blueprint = blueprintOf(world, process.id);
        if (blueprint == nullptr || blueprint->spec().source->id != source) {
            continue;
        }
        isRead = true;
        const auto spec = makeRef<PipelineSpec>(blueprint->spec());
        spec->source = withRate(*spec->source, recordsPerSecond, world.now());
        spec->isRateSet = true;
        giveSpec(world, process.id, spec, makeRef<SetPipelineRate>(spec));
    }
    return isRead;
}

void plantFaults(sim::World& world, std::string_view name, const BrokenPipelineRules& rules) {
    const sim::ProcessId process = world.findProcess(pipelineProcessName(name));
    MILLRACE_CHECK(blueprintOf(world, process) != nullptr, std::string(name));
    const auto spec = makeRef<PipelineSpec>(blueprintOf(world, process)->spec());
    spec->broken = rules;
    giveSpec(world, process, spec, makeRef<PlantFaults>(spec));
}

bool canMendReader(const sim::World& world, std::string_view name) {
    const PipelineBlueprint* blueprint = blueprintOf(world, world.findProcess(pipelineProcessName(name)));
    return blueprint != nullptr && blueprint->spec().rejects &&
           (!blueprint->spec().repairAt || SimTime{} + *blueprint->spec().repairAt > world.now());
}

bool mendReader(sim::World& world, std::string_view name) {
    if (!canMendReader(world, name)) {
        return false;
    }
    const sim::ProcessId process = world.findProcess(pipelineProcessName(name));
    const auto spec = makeRef<PipelineSpec>(blueprintOf(world, process)->spec());
    spec->repairAt = world.now() - SimTime{};
    giveSpec(world, process, spec, makeRef<RepairTime>());
    return true;
}

std::vector<AwaitedSink> awaitedSinks(const sim::World& world, std::string_view name) {
    const auto* actor = world.findActor<PipelineActor>(pipelineProcessName(name) + "/pipeline");
    return actor != nullptr ? actor->awaited(world) : std::vector<AwaitedSink>();
}

PipelineState pipelineState(const sim::World& world, std::string_view name) {
    const std::string actorName = pipelineProcessName(name) + "/pipeline";
    const auto* actor = world.findActor<PipelineActor>(actorName);
    PipelineState state = actor != nullptr ? actor->state() : PipelineState{};
    if (const sim::ProcessId process = world.findProcess(pipelineProcessName(name));
        actor == nullptr && process != sim::noProcess) {
        if (const StandChunk* chunk = lastStand(world.diskOf(process))) {  // what it goes on from
            state.newest = chunk->stand().newest;
            state.figures.ageMost = chunk->stand().oldest;
            state.landed = chunk->stand().landed.size() + chunk->stand().landing.size();
            state.dead = chunk->stand().dead.size();
        }
    }
    add(state.figures, pastFigures(world, actorName));
    return state;
}

}  // namespace millrace::ingest
