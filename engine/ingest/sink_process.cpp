#include "engine/ingest/sink_process.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "engine/ingest/cost.h"
#include "engine/ingest/facts.h"
#include "engine/ingest/journal_kinds.h"
#include "engine/ingest/lake_objects.h"
#include "engine/ingest/metrics.h"
#include "engine/sim/world.h"

namespace millrace::ingest {
namespace {

constexpr std::uint32_t writesPerTransactionMax = 5'000;
constexpr std::uint64_t transactionsPerCheckpoint = 256;

/// A committed transaction in the write-ahead log.
class TransactionChunk final : public sim::Chunk {
public:
    TransactionChunk(std::uint64_t number, std::vector<Ref<const SinkCommit>> requests, SimTime at)
        : m_number(number), m_requests(std::move(requests)), m_at(at) {
        Digest digest(m_number);
        for (const auto& request : m_requests) {
            m_size += request->wireSize();
            digest.add(request->contentDigest());
        }
        m_digest = digest.value();
    }
    /// Objects of a lake are put together: they are written anew.
    TransactionChunk(std::uint64_t number, std::vector<std::string> compacted, ByteCount size)
        : m_number(number), m_compacted(std::move(compacted)), m_size(size) {
        Digest digest(m_number);
        for (const std::string& folder : m_compacted) {
            digest.add(std::string_view{folder});
        }
        m_digest = digest.value();
    }
    [[nodiscard]] ByteCount size() const override { return m_size; }
    [[nodiscard]] std::uint64_t digest() const override { return m_digest; }
    [[nodiscard]] std::uint64_t number() const { return m_number; }
    /// When it was begun.
    [[nodiscard]] SimTime at() const { return m_at; }
    [[nodiscard]] const std::vector<Ref<const SinkCommit>>& requests() const { return m_requests; }
    [[nodiscard]] const std::vector<std::string>& compacted() const { return m_compacted; }

private:
    std::uint64_t m_number;
    std::vector<Ref<const SinkCommit>> m_requests;
    std::vector<std::string> m_compacted;
    SimTime m_at;
    ByteCount m_size = 32;
    std::uint64_t m_digest = 0;
};

/// What the transactions so far add up to.
struct Ledger {
    std::uint64_t lastTransaction = 0;
    std::uint64_t written = 0;
    std::uint64_t repeated = 0;
    SeenPositions seen;
    LakeObjects objects;
    std::uint64_t compactions = 0;
    Board board;
};

/// The ledger up to a transaction, so that the log before it can be dropped.
class CheckpointChunk final : public sim::Chunk {
public:
    explicit CheckpointChunk(Ledger ledger) : m_ledger(std::move(ledger)) {}
    [[nodiscard]] ByteCount size() const override { return 4096; }
    [[nodiscard]] std::uint64_t digest() const override { return m_ledger.lastTransaction; }
    [[nodiscard]] const Ledger& ledger() const { return m_ledger; }

private:
    Ledger m_ledger;
};

/// The medium has it, and the commit's own latency is over.
struct CommitOver final : sim::MessageBase<CommitOver> {
    static constexpr std::string_view Name = "ingest.CommitOver";
    void digest(Digest&) const override {}
};

struct CompactTime final : sim::MessageBase<CompactTime> {
    static constexpr std::string_view Name = "ingest.CompactTime";
    void digest(Digest&) const override {}
};

struct TransactionFlushed final : sim::MessageBase<TransactionFlushed> {
    static constexpr std::string_view Name = "ingest.TransactionFlushed";
    void digest(Digest&) const override {}
};

const std::string logFile = "log";
const std::string checkpointFile = "checkpoint";

/// Gives the alerts of a dashboard that begin to hold by it.
std::vector<Board::Raised> enter(Ledger& ledger, const SinkSpec& spec, const SinkWrite& write, SimTime now) {
    const bool isNew = ledger.seen.mark(write.origin, write.table);
    if (spec.kind == SinkKind::Lake && (isNew || spec.write == WriteMode::Append)) {
        ledger.objects.add(write, ledger.lastTransaction);
    }
    ledger.repeated += isNew ? 0U : 1U;
    ledger.written += isNew || spec.write == WriteMode::Append || spec.broken.forgetSeen ? 1U : 0U;
    return spec.board ? ledger.board.show(*spec.board, write, now) : std::vector<Board::Raised>();
}

class SinkActor final : public sim::ActorBase<SinkActor>, public SinkState {
public:
    SinkActor(Ref<const SinkSpec> spec, sim::Port port) : m_spec(std::move(spec)), m_port(port) {}

    void recover(const sim::ProcessDisk& disk);
    void start(sim::Context& context) override;
    void handle(sim::Context& context, const sim::Message& message) override;
    void sample(sim::MetricSink& sink) const override;
    [[nodiscard]] SinkFigures figures() const override;
    [[nodiscard]] bool remembers() const override { return true; }
    [[nodiscard]] const Board* board() const override { return m_spec->board ? &m_ledger.board : nullptr; }
    [[nodiscard]] const BoardSpec* boardSpec() const override { return m_spec->board.get(); }

private:
    struct Waiting {
        sim::ConnectionId from;
        Ref<const SinkCommit> request;
    };

    void begin(sim::Context& context);
    void finish(sim::Context& context);
    /// False when no folder has more than one object.
    bool compact(sim::Context& context);
    void takeFlush(sim::Context& context);
    void endTransaction(sim::Context& context);
    [[nodiscard]] CpuTime costOf(const SinkCommit& request) const;
    void answer(sim::Context& context, const Waiting& waiting);
    void refuse(sim::Context& context);
    void journalRepeats(sim::Context& context, const SinkCommit& request);
    void tellAlert(sim::Context& context, const Board::Raised& raised) const;

    Ref<const SinkSpec> m_spec;
    sim::Port m_port;
    Ledger m_ledger;
    std::vector<Waiting>
        m_waiting;                ///< received, not in the open transaction; bounded by the clients' requests in flight
    std::vector<Waiting> m_open;  ///< in the open transaction
    Ref<const TransactionChunk> m_recovered;
    std::vector<std::string> m_compacting;  ///< folders; empty: none is put together now
    bool m_isCompactionDue = false;
    std::uint64_t m_finished = 0;  ///< for planted faults only
};

void SinkActor::recover(const sim::ProcessDisk& disk) {
    if (const sim::File* file = disk.find(checkpointFile); file != nullptr && file->last() != nullptr) {
        m_ledger = static_cast<const CheckpointChunk&>(*file->last()).ledger();
    }
    const sim::File* log = disk.find(logFile);
    if (log == nullptr) {
        return;
    }
    for (std::uint64_t i = log->chunks().firstIndex(); i < log->chunks().endIndex(); ++i) {
        const auto& chunk = static_cast<const TransactionChunk&>(*log->chunks()[i]);
        m_recovered = Ref<const TransactionChunk>(&chunk);
        if (chunk.number() <= m_ledger.lastTransaction) {
            continue;
        }
        m_ledger.lastTransaction = chunk.number();
        for (const auto& request : chunk.requests()) {
            for (const SinkWrite& write : request->writes) {
                (void)enter(m_ledger, *m_spec, write, chunk.at() + m_spec->commitLatency);
            }
        }
        if (!chunk.compacted().empty()) {
            m_ledger.objects.compact(chunk.compacted());
            ++m_ledger.compactions;
        }
    }
}

void SinkActor::start(sim::Context& context) {
    context.listen(m_port);
    if (m_recovered) {
        context.effect(
            makeRef<SinkEffect>(m_spec, m_recovered->number(), m_recovered->requests(), m_recovered->compacted()));
        m_recovered = nullptr;
    }
    if (m_spec->lake.compactEvery > SimDuration{0}) {
        context.arm(m_spec->lake.compactEvery, makeRef<CompactTime>());
    }
}

void SinkActor::handle(sim::Context& context, const sim::Message& message) {
    if (const auto* commit = message.as<SinkCommit>()) {
        context.spend(cost::sinkRequest);
        if (m_spec->broken.answerBeforeCommit) {
            answer(context, {context.connection(), Ref<const SinkCommit>(commit)});
        }
        m_waiting.push_back({context.connection(), Ref<const SinkCommit>(commit)});
        begin(context);
    } else if (message.as<TransactionFlushed>() != nullptr) {
        takeFlush(context);
    } else if (message.as<CommitOver>() != nullptr) {
        endTransaction(context);
    } else if (message.as<CompactTime>() != nullptr) {
        m_isCompactionDue = true;
        context.arm(m_spec->lake.compactEvery, makeRef<CompactTime>());
        begin(context);
    } else if (message.as<sim::ConnectionClosed>() != nullptr) {
        // What is not in the open transaction need not be done for someone who is gone.
        std::erase_if(m_waiting, [&](const Waiting& waiting) { return waiting.from == context.connection(); });
    }
}

void SinkActor::takeFlush(sim::Context& context) {
    if (m_spec->commitLatency > SimDuration{0}) {
        context.arm(m_spec->commitLatency, makeRef<CommitOver>());
    } else {
        endTransaction(context);
    }
}

void SinkActor::endTransaction(sim::Context& context) {
    if (m_compacting.empty()) {
        finish(context);
    } else {
        m_ledger.objects.compact(m_compacting);
        ++m_ledger.compactions;
        context.effect(makeRef<SinkEffect>(m_spec, m_ledger.lastTransaction, std::vector<Ref<const SinkCommit>>{},
                                           std::exchange(m_compacting, {})));
    }
    begin(context);
}

/// Reads the small objects of each folder and writes them as one; needs room for both.
bool SinkActor::compact(sim::Context& context) {
    m_isCompactionDue = false;
    ByteCount bytes = 0;
    std::vector<std::string> folders = m_ledger.objects.fragmented(bytes);
    if (folders.empty()) {
        return false;
    }
    context.spend(cost::sinkTransaction + cost::compactByte * bytes);
    if (!context.append(logFile, makeRef<TransactionChunk>(m_ledger.lastTransaction + 1, folders, bytes))) {
        return false;  // The disk is full: it stays as it is.
    }
    ++m_ledger.lastTransaction;
    m_compacting = std::move(folders);
    context.flush(logFile, makeRef<TransactionFlushed>());
    return true;
}

CpuTime SinkActor::costOf(const SinkCommit& request) const {
    CpuTime cost =
        cost::sinkRequest + static_cast<std::int64_t>(request.writes.size()) * cost::sinkWrite + request.work;
    if (m_spec->kind == SinkKind::Archive) {
        cost += cost::archiveByte * request.wireSize();
    } else if (m_spec->kind == SinkKind::Lake) {
        cost += cost::lakeObject * static_cast<std::int64_t>(LakeObjects::foldersIn(request));
    } else if (m_spec->board) {
        cost += cost::boardCondition * static_cast<std::int64_t>(request.writes.size() * m_spec->board->alerts.size());
    }
    return cost;
}

void SinkActor::begin(sim::Context& context) {
    if (!m_open.empty() || !m_compacting.empty() || (m_isCompactionDue && compact(context)) || m_waiting.empty()) {
        return;
    }
    std::size_t taken = 0;
    std::uint64_t writes = 0;
    while (taken < m_waiting.size() && (taken == 0 || writes < writesPerTransactionMax)) {
        writes += m_waiting[taken++].request->writes.size();
    }
    const auto end = m_waiting.begin() + static_cast<std::ptrdiff_t>(taken);
    m_open.assign(m_waiting.begin(), end);
    m_waiting.erase(m_waiting.begin(), end);
    context.spend(cost::sinkTransaction);
    for (const Waiting& waiting : m_open) {
        context.spend(costOf(*waiting.request) - cost::sinkRequest);  // That was taken when it came.
    }

    std::vector<Ref<const SinkCommit>> requests;
    for (const Waiting& waiting : m_open) {
        requests.push_back(waiting.request);
    }
    const auto chunk = makeRef<TransactionChunk>(m_ledger.lastTransaction + 1, std::move(requests), context.now());
    if (!context.append(logFile, chunk)) {
        refuse(context);
        return;
    }
    ++m_ledger.lastTransaction;
    context.flush(logFile, makeRef<TransactionFlushed>());
}

void SinkActor::answer(sim::Context& context, const Waiting& waiting) {
    const auto together = static_cast<std::int64_t>(std::max<std::size_t>(m_open.size(), 1));
    const CpuTime share = costOf(*waiting.request) + cost::sinkTransaction / together;
    context.transmit(waiting.from, makeRef<SinkAnswer>(waiting.request->request, true, share));
    context.tell(makeRef<SinkAnswered>(m_spec, waiting.request));
}

void SinkActor::refuse(sim::Context& context) {
    sim::JournalDraft draft;
    draft.kind = happened::sinkRefused;
    draft.severity = sim::Severity::Error;
    draft.text = fmt::format("Sink {} cannot write: the disk of {} is full", m_spec->id, context.hostName());
    std::set<std::string_view> writers;
    for (const Waiting& waiting : m_open) {
        writers.insert(waiting.request->writer);
    }
    const std::string asking = fmt::format("{}", fmt::join(writers, ","));
    draft.fields = {{"sink", m_spec->id}, {"reason", "disk full"}, field::writers(asking)};
    draft.alike = "disk full: " + asking;
    draft.isOfFullDisk = true;
    context.journal(std::move(draft));
    for (const Waiting& waiting : m_open) {
        context.transmit(waiting.from, makeRef<SinkAnswer>(waiting.request->request, false));
    }
    m_open.clear();
}

void SinkActor::finish(sim::Context& context) {
    std::vector<Ref<const SinkCommit>> requests;
    for (const Waiting& waiting : m_open) {
        journalRepeats(context, *waiting.request);
        if (!m_spec->broken.answerBeforeCommit) {
            answer(context, waiting);
        }
        const bool isPicked = ++m_finished % 2 == 0;
        if (!isPicked || !m_spec->broken.leaveOut) {
            requests.push_back(waiting.request);
        }
        if (isPicked && m_spec->broken.writeTwice) {
            requests.push_back(waiting.request);
        }
    }
    m_open.clear();
    context.effect(makeRef<SinkEffect>(m_spec, m_ledger.lastTransaction, std::move(requests)));
    if (m_ledger.lastTransaction % transactionsPerCheckpoint == 0 &&
        context.replace(checkpointFile, makeRef<CheckpointChunk>(m_ledger))) {
        // The last transaction stays: whether its effect has left is known only to the process that may crash now.
        const sim::File* log = context.disk().find(logFile);
        context.dropFront(logFile, log->chunks().endIndex() - 1);
    }
}

// Origins that are written again are worth a word: a test joins them with what was replayed and retried.
void SinkActor::journalRepeats(sim::Context& context, const SinkCommit& request) {
    for (const SinkWrite& write : request.writes) {
        const bool isRepeated = m_ledger.seen.contains(write.origin, write.table);
        for (const Board::Raised& raised : enter(m_ledger, *m_spec, write, context.now())) {
            tellAlert(context, raised);
        }
        if (!isRepeated || m_spec->isKeyed(write.table)) {
            continue;  // A keyed row takes its own place again.
        }
        const bool appended = m_spec->write == WriteMode::Append;
        const std::string table = m_spec->tables.empty() ? std::string{} : m_spec->tables[write.table].name;
        sim::JournalDraft draft;
        draft.kind = appended ? happened::sinkAppended : happened::sinkSkipped;
        draft.severity = sim::Severity::Detail;
        draft.text = appended ? fmt::format("Record {} of {} is written to {} once more", write.origin.position,
                                            write.origin.source, m_spec->id)
                              : fmt::format("Record {} of {} stands in {} already and is left out",
                                            write.origin.position, write.origin.source, m_spec->id);
        draft.fields = {{"sink", m_spec->id},
                        {"table", table},
                        {"source", write.origin.source},
                        {"position", std::to_string(write.origin.position)}};
        draft.alike = fmt::format("{}: {}", write.origin.source, table);
        context.journal(std::move(draft));
    }
}

void SinkActor::tellAlert(sim::Context& context, const Board::Raised& raised) const {
    const std::string& condition = m_spec->board->alerts[raised.alert].condition->text();
    const double delay = seconds(raised.shown - raised.measured);
    sim::JournalDraft draft;
    draft.kind = happened::alertRaised;
    draft.text = fmt::format("Dashboard {} alerts{}{}: {}, {:.2f} s after it was measured", m_spec->id,
                             raised.tile.empty() ? "" : " about ", raised.tile, condition, delay);
    draft.fields = {{"sink", m_spec->id}, {"about", raised.tile}, {"delay_s", fmt::format("{:.3f}", delay)}};
    draft.alike = raised.tile + ": " + condition;
    draft.isOwnReason = true;
    context.journal(std::move(draft));
}

void SinkActor::sample(sim::MetricSink& sink) const {
    sink.add(metric::written, static_cast<double>(m_ledger.written));
    sink.add(metric::repeated, static_cast<double>(m_ledger.repeated));
    sink.add(metric::transactions, static_cast<double>(m_ledger.lastTransaction));
    sink.add(metric::requestsWaiting, static_cast<double>(m_waiting.size() + m_open.size()));
    if (m_spec->board) {
        sink.add(metric::boardAlerts, static_cast<double>(m_ledger.board.raisedInAll()));
    }
    if (m_spec->kind == SinkKind::Lake) {
        sink.add(metric::lakeObjects, static_cast<double>(m_ledger.objects.count()));
        sink.add(metric::lakeBytes, static_cast<double>(m_ledger.objects.bytes()));
        sink.add(metric::compactions, static_cast<double>(m_ledger.compactions));
    }
}

SinkFigures SinkActor::figures() const {
    SinkFigures figures;
    figures.written = m_ledger.written;
    figures.repeated = m_ledger.repeated;
    figures.transactions = m_ledger.lastTransaction;
    figures.waiting = m_waiting.size() + m_open.size();
    figures.objects = m_ledger.objects.count();
    figures.folders = m_ledger.objects.folders();
    figures.bytes = m_ledger.objects.bytes();
    figures.compactions = m_ledger.compactions;
    figures.alerts = m_ledger.board.raisedInAll();
    return figures;
}

class SinkBlueprint final : public sim::Blueprint {
public:
    SinkBlueprint(Ref<const SinkSpec> spec, sim::Port port)
        : m_spec(std::move(spec)), m_port(port), m_name(sinkProcessName(m_spec->id)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override {
        auto actor = makeRef<SinkActor>(m_spec, m_port);
        actor->recover(context.disk());
        context.addActor("database", std::move(actor));
    }

private:
    Ref<const SinkSpec> m_spec;
    sim::Port m_port;
    std::string m_name;
};

}  // namespace

SeenPositions::Key SeenPositions::keyOf(const Origin& origin, std::uint32_t table) {
    Digest digest(table);
    digest.add(std::string_view{origin.source});
    digest.add(origin.part);
    return {digest.value(), origin.position >> 6U};
}

bool SeenPositions::mark(const Origin& origin, std::uint32_t table) {
    const std::uint64_t bit = std::uint64_t{1} << (static_cast<std::uint64_t>(origin.position) & 63U);
    std::uint64_t& word = m_words[keyOf(origin, table)];
    const bool isNew = (word & bit) == 0;
    word |= bit;
    return isNew;
}

bool SeenPositions::contains(const Origin& origin, std::uint32_t table) const {
    const std::uint64_t bit = std::uint64_t{1} << (static_cast<std::uint64_t>(origin.position) & 63U);
    const std::uint64_t* word = m_words.find(keyOf(origin, table));
    return word != nullptr && (*word & bit) != 0;
}

Ref<const sim::Blueprint> makeSinkBlueprint(Ref<const SinkSpec> spec, sim::Port port) {
    return makeRef<SinkBlueprint>(std::move(spec), port);
}

std::string sinkProcessName(std::string_view sinkId) {
    return fmt::format("sink/{}", sinkId);
}

SinkFigures sinkFigures(const sim::World& world, std::string_view sinkId) {
    const std::string name = sinkProcessName(sinkId) + "/database";
    const auto* state = world.findActor<SinkState>(name);
    if (state != nullptr && state->remembers()) {
        return state->figures();
    }
    const auto past = [&](const Metric& counter) { return world.pastCounter(name, counter.id); };
    // A topic's sink begins anew each time; a database counts what was written once more, a topic cannot.
    if (state != nullptr || past(metric::repeated) == nullptr) {
        const auto sum = [&](const Metric& counter) {
            return past(counter) != nullptr ? static_cast<std::uint64_t>(past(counter)->sum) : 0U;
        };
        SinkFigures figures = state != nullptr ? state->figures() : SinkFigures{};
        figures.written += sum(metric::written);
        figures.transactions += sum(metric::transactions);
        figures.leftOut += sum(metric::leftOut);
        return figures;
    }
    // A restarted database reads back what it had; while it is down, what it had last holds.
    const auto last = [&](const Metric& counter) {
        return past(counter) != nullptr ? static_cast<std::uint64_t>(past(counter)->last) : 0U;
    };
    SinkFigures figures;
    figures.written = last(metric::written);
    figures.repeated = last(metric::repeated);
    figures.transactions = last(metric::transactions);
    figures.objects = last(metric::lakeObjects);
    figures.bytes = static_cast<ByteCount>(last(metric::lakeBytes));
    figures.compactions = last(metric::compactions);
    figures.alerts = last(metric::boardAlerts);
    return figures;
}

}  // namespace millrace::ingest
