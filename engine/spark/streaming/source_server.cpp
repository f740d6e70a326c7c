#include "engine/spark/streaming/source_server.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "engine/ingest/cost.h"
#include "engine/ingest/source_words.h"
#include "engine/spark/config.h"
#include "engine/spark/cost.h"
#include "engine/spark/facts.h"
#include "engine/spark/metrics.h"
#include "engine/spark/streaming/receiver_messages.h"

namespace millrace::spark {

namespace {

struct SendTime final : sim::MessageBase<SendTime> {
    static constexpr std::string_view Name = "spark.SendTime";
    std::uint64_t round;  ///< a change of the rate begins another
    explicit SendTime(std::uint64_t number) : round(number) {}
    void digest(Digest&) const override {}
};

struct NoteTime final : sim::MessageBase<NoteTime> {
    static constexpr std::string_view Name = "spark.NoteTime";
    void digest(Digest&) const override {}
};

struct SetServerRate final : sim::MessageBase<SetServerRate> {
    static constexpr std::string_view Name = "spark.SetServerRate";
    Ref<const ingest::SourceSpec> source;
    explicit SetServerRate(Ref<const ingest::SourceSpec> what) : source(std::move(what)) {}
    void digest(Digest& digest) const override { digest.add(source->pace.recordsPerSecond); }
};

constexpr SimDuration burst = std::chrono::milliseconds{10};
constexpr SimDuration noteEvery = std::chrono::seconds{1};

class SourceServer final : public sim::ActorBase<SourceServer> {
public:
    SourceServer(SourceServerConfig config, std::int64_t from) : m_config(std::move(config)), m_from(from) {}

    void start(sim::Context& context) override {
        m_cursor = ingest::SourceCursor(m_config.source, context.makeStream("source"), context.now(), m_from);
        context.listen(m_config.port);
        context.arm(noteEvery, makeRef<NoteTime>());
    }

    void handle(sim::Context& context, const sim::Message& message) override {
        if (const auto* pull = message.as<PullRecords>()) {
            context.spend(cost::message);
            Reader& reader = m_readers[pull->stream];
            if (reader.connection != context.connection()) {
                putBack(reader);  // It has begun anew, wherever it was.
                std::erase_if(m_waiting, [&](const Waiting& each) { return each.stream == pull->stream; });
                reader.connection = context.connection();
            }
            acknowledge(reader, pull->storedUpTo);
            m_waiting.push_back({context.connection(), pull->stream, pull->most});
            give(context);
        } else if (const auto* stored = message.as<StoredRecords>()) {
            Reader& reader = m_readers[stored->stream];
            if (reader.connection == context.connection()) {
                acknowledge(reader, stored->upTo);
            }
        } else if (const auto* rate = message.as<SetServerRate>()) {
            m_config.source = rate->source;
            m_cursor.follow(m_config.source, context.now());
            context.journal(ingest::rateWasSet(m_config.source->id, m_config.source->pace.recordsPerSecond));
            ++m_round;
            m_armed = false;
            give(context);
        } else if (const auto* send = message.as<SendTime>()) {
            if (send->round == m_round) {
                m_armed = false;
                give(context);
            }
        } else if (message.as<NoteTime>() != nullptr) {
            const std::int64_t stands = settledUpTo();
            if (stands != m_noted) {
                m_noted = stands;
                (void)context.replace("position", makeRef<sim::TextChunk>(std::to_string(stands)));
            }
            context.arm(noteEvery, makeRef<NoteTime>());
        } else if (message.as<sim::ConnectionClosed>() != nullptr) {
            std::erase_if(m_waiting, [&](const Waiting& each) { return each.connection == context.connection(); });
            for (auto& [stream, reader] : m_readers) {
                if (reader.connection == context.connection()) {
                    putBack(reader);
                    reader.connection = sim::noConnection;
                }
            }
            give(context);
        }
    }

    void sample(sim::MetricSink& sink) const override { sink.add(metric::recordsServed, static_cast<double>(m_sent)); }

    [[nodiscard]] SourceServerFigures figures() const {
        return {m_sent, m_cursor.position(), settledUpTo(),
                m_cursor.exhausted() && settledUpTo() == m_cursor.position()};
    }

private:
    struct Waiting {
        sim::ConnectionId connection;
        StreamId stream;
        std::int64_t most = 0;
    };
    struct Piece {
        RowsRef rows;
        std::int64_t first = 0;     ///< position of its first record
        std::int64_t delivery = 0;  ///< by which it was given last
    };
    /// A receiver, and what it has been given and has not acknowledged.
    struct Reader {
        sim::ConnectionId connection = sim::noConnection;
        std::deque<Piece> kept;
    };

    static void acknowledge(Reader& reader, std::int64_t upTo) {
        while (!reader.kept.empty() && reader.kept.front().delivery <= upTo) {
            reader.kept.pop_front();
        }
    }

    void putBack(Reader& reader) {
        m_again.insert(m_again.end(), reader.kept.begin(), reader.kept.end());
        reader.kept.clear();
    }

    /// Everything before that position is stored, or was only sent and is nobody's any more.
    [[nodiscard]] std::int64_t settledUpTo() const {
        std::int64_t least = m_cursor.position();
        for (const Piece& piece : m_again) {
            least = std::min(least, piece.first);
        }
        for (const auto& [stream, reader] : m_readers) {
            for (const Piece& piece : reader.kept) {
                least = std::min(least, piece.first);
            }
        }
        return least;
    }

    void hand(sim::Context& context, RowsRef rows, std::int64_t first) {
        const Waiting to = m_waiting.front();
        m_waiting.erase(m_waiting.begin());
        ++m_deliveries;
        m_sent += static_cast<std::int64_t>(rows->size());
        if (m_config.keepsUntilAcknowledged) {
            m_readers[to.stream].kept.push_back({rows, first, m_deliveries});
        }
        if (context.isListenedTo()) {
            context.tell(makeRef<RecordsHanded>(positionsOf(*rows)));
        }
        context.transmit(to.connection, makeRef<SourceRecords>(std::move(rows), m_deliveries));
    }

    void give(sim::Context& context) {
        while (!m_waiting.empty()) {
            if (!m_again.empty()) {
                const Piece piece = m_again.front();
                m_again.pop_front();
                hand(context, piece.rows, piece.first);
                continue;
            }
            if (m_cursor.exhausted()) {
                return;
            }
            if (m_cursor.nextDue() > context.now()) {
                if (!m_armed) {
                    m_armed = true;
                    context.arm(std::max<SimDuration>(m_cursor.nextDue() - context.now(), burst),
                                makeRef<SendTime>(m_round));
                }
                return;
            }
            const std::int64_t most = m_waiting.front().most;
            const std::int64_t first = m_cursor.position();
            auto rows = makeRef<Rows>(1);
            auto arena = makeRef<TextArena>();
            rows->owners = {arena, m_config.source};
            rows->sources = {m_config.source->id};
            ByteCount bytes = 0;
            constexpr ByteCount bytesMax = 200'000;
            while (!m_cursor.exhausted() && m_cursor.nextDue() <= context.now() &&
                   static_cast<std::int64_t>(rows->size()) < most && bytes < bytesMax) {
                const ingest::SourceRecord record = m_cursor.take();
                bytes += static_cast<ByteCount>(record.value.size());
                rows->cells.push_back(Cell::ofText(arena->keep(std::string{record.value})));
                rows->origins.push_back({record.position, 0, 0});
            }
            context.spend(static_cast<std::int64_t>(rows->size()) * ingest::cost::sourceRecord);
            hand(context, RowsRef(std::move(rows)), first);
        }
    }

    SourceServerConfig m_config;
    std::int64_t m_from;
    ingest::SourceCursor m_cursor;
    std::vector<Waiting> m_waiting;
    std::deque<Piece> m_again;
    std::map<StreamId, Reader> m_readers;
    std::int64_t m_deliveries = 0;
    std::int64_t m_noted = -1;
    std::int64_t m_sent = 0;
    bool m_armed = false;
    std::uint64_t m_round = 0;
};

class SourceServerBlueprint final : public sim::Blueprint {
public:
    explicit SourceServerBlueprint(SourceServerConfig config)
        : m_config(std::move(config)), m_name(sourceServerName(m_config.source->id)) {}
    [[nodiscard]] const SourceServerConfig& config() const { return m_config; }
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override {
        std::int64_t from = 0;
        const sim::File* file = context.disk().find("position");
        if (file != nullptr && file->last() != nullptr) {
            const std::string_view text = static_cast<const sim::TextChunk&>(*file->last()).text();
            std::from_chars(text.data(), text.data() + text.size(), from);
        }
        context.addActor("server", makeRef<SourceServer>(m_config, from));
    }

private:
    SourceServerConfig m_config;
    std::string m_name;
};

}  // namespace

Ref<const sim::Blueprint> makeSourceServerBlueprint(SourceServerConfig config) {
    return makeRef<SourceServerBlueprint>(std::move(config));
}

bool hasSourceServer(const sim::World& world, std::string_view source) {
    return world.findProcess(sourceServerName(source)) != sim::noProcess;
}

bool setSourceRate(sim::World& world, std::string_view source, double recordsPerSecond) {
    const sim::ProcessId process = world.findProcess(sourceServerName(source));
    const auto* blueprint = process == sim::noProcess
                                ? nullptr
                                : dynamic_cast<const SourceServerBlueprint*>(world.process(process).blueprint.get());
    if (blueprint == nullptr) {
        return false;
    }
    SourceServerConfig config = blueprint->config();
    config.source = ingest::withRate(*config.source, recordsPerSecond, world.now());
    const Ref<const ingest::SourceSpec> spec = config.source;
    world.reconfigure(process, makeRef<SourceServerBlueprint>(std::move(config)));
    if (const sim::ActorId server = world.findActorId(sourceServerName(source) + "/server"); server != sim::noActor) {
        world.deliver(server, makeRef<SetServerRate>(spec));
    }
    return true;
}

SourceServerFigures sourceServerFigures(const sim::World& world, std::string_view source) {
    const auto* server = world.findActor<SourceServer>(sourceServerName(source) + "/server");
    return server != nullptr ? server->figures() : SourceServerFigures{};
}

}  // namespace millrace::spark
