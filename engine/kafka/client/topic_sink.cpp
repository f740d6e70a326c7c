#include "engine/kafka/client/topic_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "engine/ingest/cost.h"
#include "engine/ingest/journal_kinds.h"
#include "engine/ingest/metrics.h"
#include "engine/ingest/sink_process.h"
#include "engine/kafka/facts.h"
#include "engine/sim/context.h"
#include "engine/sim/world.h"

namespace millrace::kafka {

namespace {

/// send() has blocked for `max.block.ms`; counted, for room may have come meanwhile.
struct SinkBlocked final : sim::MessageBase<SinkBlocked> {
    static constexpr std::string_view Name = "kafka.SinkBlocked";
    std::uint64_t round;
    explicit SinkBlocked(std::uint64_t number) : round(number) {}
    void digest(Digest& digest) const override { digest.add(round); }
};

class TopicSinkActor final : public sim::ActorBase<TopicSinkActor>, public ingest::SinkState {
public:
    explicit TopicSinkActor(TopicSinkConfig config) : m_config(std::move(config)), m_producer(m_config.producer) {}

    void start(sim::Context& context) override {
        context.listen(m_config.port);
        context.tell(makeRef<TopicShared>(m_config.topic));
        m_producer.start(context, m_config.topic);
    }

    void handle(sim::Context& context, const sim::Message& message) override {
        if (const auto* commit = message.as<ingest::SinkCommit>()) {
            context.spend(ingest::cost::sinkRequest + commit->work);
            m_requests.push_back({context.connection(), Ref<const ingest::SinkCommit>(commit)});
        } else if (const auto* blocked = message.as<SinkBlocked>()) {
            refuseBlocked(blocked->round);
        } else if (!m_producer.handle(context, message) && message.as<sim::ConnectionClosed>() != nullptr) {
            // Records that the producer has are produced; what it has not need not be for someone who is gone.
            std::erase_if(m_requests, [&](const Request& each) {
                return each.from == context.connection() && each.handedOver == 0;
            });
        }
        handOver(context);
        takeFailures(context);
        answer(context);
    }

    void sample(sim::MetricSink& sink) const override {
        sink.add(ingest::metric::written, static_cast<double>(m_written));
        sink.add(ingest::metric::transactions, static_cast<double>(m_answered));
        sink.add(ingest::metric::leftOut, static_cast<double>(m_leftOut));
        sink.add(ingest::metric::requestsWaiting, static_cast<double>(m_requests.size()));
        m_producer.sample(sink);
    }

    [[nodiscard]] ingest::SinkFigures figures() const override {
        ingest::SinkFigures figures;
        figures.written = m_written;
        figures.transactions = m_answered;
        figures.waiting = m_requests.size();
        figures.leftOut = m_leftOut;
        return figures;
    }
    [[nodiscard]] bool remembers() const override { return false; }
    [[nodiscard]] const Producer& producer() const { return m_producer; }

private:
    struct Request {
        sim::ConnectionId from;
        Ref<const ingest::SinkCommit> commit;
        std::size_t handedOver = 0;     ///< of its writes
        std::int64_t firstNumber = -1;  ///< that its first record has, and its last
        std::int64_t lastNumber = -1;
        std::size_t leftOut = 0;  ///< that no repetition would bring in
        bool isRefused = false;   ///< a record of it failed that may go through another time
        [[nodiscard]] bool isHandedOver() const { return handedOver == commit->writes.size() || isRefused; }
    };

    static std::string textOf(const ingest::SinkValue& value) {
        if (const auto* text = std::get_if<std::string>(&value)) {
            return *text;
        }
        const auto* whole = std::get_if<std::int64_t>(&value);
        const auto* real = std::get_if<double>(&value);
        return whole != nullptr ? std::to_string(*whole) : real != nullptr ? fmt::format("{:g}", *real) : std::string();
    }

    /// Requests in the order in which they came, as long as the producer takes records; where it does not, they wait as
    /// send() does, for max.block.ms.
    void handOver(sim::Context& context) {
        bool isNews = false;
        bool isBlocked = false;
        for (Request& request : m_requests) {
            while (!request.isHandedOver() && m_producer.takes()) {
                produce(context, request, request.commit->writes[request.handedOver++]);
                isNews = true;
            }
            if (!request.isHandedOver()) {
                isBlocked = true;
                break;
            }
        }
        if (isNews) {
            m_producer.flush(context);
        }
        if (isBlocked && (!m_isBlocked || isNews)) {
            context.arm(m_producer.maxBlock(), makeRef<SinkBlocked>(++m_blockedRound));
        }
        m_isBlocked = isBlocked;
    }

    void refuseBlocked(std::uint64_t round) {
        const auto first = std::find_if(m_requests.begin(), m_requests.end(),
                                        [](const Request& each) { return !each.isHandedOver(); });
        if (m_isBlocked && round == m_blockedRound && first != m_requests.end()) {
            first->isRefused = true;
            m_isBlocked = false;
        }
    }

    /// A write is (key or nothing, value).
    void produce(sim::Context& context, Request& request, const ingest::SinkWrite& write) {
        const std::string value = textOf(write.values.back());
        const std::string key = write.values.size() > 1 ? textOf(write.values.front()) : std::string();
        const bool hasKey = write.values.size() > 1 && !std::holds_alternative<std::monostate>(write.values.front());
        const std::int64_t number = m_nextNumber++;
        request.firstNumber = request.firstNumber < 0 ? number : request.firstNumber;
        request.lastNumber = number;
        if (!m_producer.add(context, write.origin.source, write.origin.position,
                            hasKey ? std::optional<std::string_view>(key) : std::nullopt, value, number)) {
            leaveOut(context, request, 1);
        }
    }

    void leaveOut(sim::Context& context, Request& request, std::size_t records) {
        request.leftOut += records;
        m_leftOut += records;
        sim::JournalDraft draft;
        draft.kind = ingest::happened::sinkRefused;
        draft.severity = sim::Severity::Error;
        draft.text = fmt::format("Sink {} leaves out {} that {} does not take: sent again it would fail again",
                                 m_config.sink->id, records == 1 ? "a record" : fmt::format("{} records", records),
                                 m_config.topic.text());
        draft.fields = {{"sink", m_config.sink->id},
                        {"reason", "records that the topic does not take"},
                        ingest::field::writers(request.commit->writer)};
        draft.alike = "left out: " + request.commit->writer;
        context.journal(std::move(draft));
    }

    /// What fails for good is left out; of what may go through another time the whole request is its writer's again.
    void takeFailures(sim::Context& context) {
        for (const Producer::FailedOrder& failed : m_producer.takeFailed()) {
            const auto at = std::find_if(m_requests.begin(), m_requests.end(), [&](const Request& each) {
                return failed.order >= each.firstNumber && failed.order <= each.lastNumber;
            });
            if (at == m_requests.end()) {
                continue;
            }
            if (failed.isForGood) {
                leaveOut(context, *at, 1);
            } else {
                at->isRefused = true;
            }
        }
    }

    /// Those of which each record is acknowledged or given up.
    void answer(sim::Context& context) {
        const std::int64_t settled = m_producer.settledUpTo(m_nextNumber);
        std::erase_if(m_requests, [&](const Request& each) {
            if (!each.isHandedOver() || each.lastNumber >= settled) {
                return false;
            }
            m_answered += each.isRefused ? 0U : 1U;
            m_written += each.isRefused ? 0U : each.commit->writes.size() - each.leftOut;
            const CpuTime share = ingest::cost::sinkRequest + each.commit->work;
            context.transmit(each.from, makeRef<ingest::SinkAnswer>(each.commit->request, !each.isRefused, share));
            return true;
        });
    }

    TopicSinkConfig m_config;
    Producer m_producer;
    std::deque<Request> m_requests;  ///< of writers, and what is under way of those that are gone
    std::int64_t m_nextNumber = 0;
    std::uint64_t m_blockedRound = 0;
    bool m_isBlocked = false;
    std::uint64_t m_leftOut = 0;
    std::uint64_t m_written = 0;
    std::uint64_t m_answered = 0;
};

class TopicSinkBlueprint final : public sim::Blueprint {
public:
    explicit TopicSinkBlueprint(TopicSinkConfig config)
        : m_config(std::move(config)), m_name(ingest::sinkProcessName(m_config.sink->id)) {}
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("database", makeRef<TopicSinkActor>(m_config)); }

private:
    TopicSinkConfig m_config;
    std::string m_name;
};

}  // namespace

Ref<const sim::Blueprint> makeTopicSinkBlueprint(TopicSinkConfig config) {
    return makeRef<TopicSinkBlueprint>(std::move(config));
}

const Producer* producerOfSink(const sim::World& world, std::string_view process) {
    const auto* actor = world.findActor<TopicSinkActor>(std::string(process) + "/database");
    return actor != nullptr ? &actor->producer() : nullptr;
}

}  // namespace millrace::kafka
