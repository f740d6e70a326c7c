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
#include "engine/kafka/metrics.h"
#include "engine/sim/context.h"
#include "engine/sim/world.h"

namespace millrace::kafka {

namespace {

class TopicSinkActor final : public sim::ActorBase<TopicSinkActor>, public ingest::SinkState {
public:
    explicit TopicSinkActor(TopicSinkConfig config) : m_config(std::move(config)), m_producer(m_config.producer) {}

    void start(sim::Context& context) override {
        context.listen(m_config.port);
        m_producer.start(context, m_config.topic);
    }

    void handle(sim::Context& context, const sim::Message& message) override {
        if (const auto* commit = message.as<ingest::SinkCommit>()) {
            context.spend(ingest::cost::sinkRequest + commit->work);
            m_requests.push_back({context.connection(), Ref<const ingest::SinkCommit>(commit)});
        } else if (m_producer.handle(context, message)) {
            answer(context);
        } else if (message.as<sim::ConnectionClosed>() != nullptr) {
            // Records that the producer has are produced; what it has not need not be for someone who is gone.
            std::erase_if(m_requests, [&](const Request& each) {
                return each.from == context.connection() && each.handedOver == 0;
            });
        }
        handOver(context);
    }

    void sample(sim::MetricSink& sink) const override {
        sink.add(ingest::metric::written, static_cast<double>(m_written));
        sink.add(ingest::metric::transactions, static_cast<double>(m_answered));
        sink.add(ingest::metric::requestsWaiting, static_cast<double>(m_requests.size()));
        const ProducerFigures figures = m_producer.figures();
        sink.add(metric::recordsSent, static_cast<double>(figures.sent));
        sink.add(metric::recordsAcked, static_cast<double>(figures.acked));
        sink.add(metric::recordsRetried, static_cast<double>(figures.retried));
        sink.add(metric::recordsFailed, static_cast<double>(figures.failed));
        sink.add(metric::recordsPending, static_cast<double>(figures.pending));
        sink.add(metric::bufferBytes, static_cast<double>(figures.bufferedBytes));
    }

    [[nodiscard]] ingest::SinkFigures figures() const override {
        ingest::SinkFigures figures;
        figures.written = m_written;
        figures.transactions = m_answered;
        figures.waiting = m_requests.size();
        return figures;
    }
    [[nodiscard]] bool remembers() const override { return false; }
    [[nodiscard]] const Producer& producer() const { return m_producer; }

private:
    struct Request {
        sim::ConnectionId from;
        Ref<const ingest::SinkCommit> commit;
        std::size_t handedOver = 0;    ///< of its writes
        std::int64_t lastNumber = -1;  ///< that its last record has
        std::int64_t failedBefore = 0;
        [[nodiscard]] bool isHandedOver() const { return handedOver == commit->writes.size(); }
    };

    static std::string textOf(const ingest::SinkValue& value) {
        if (const auto* text = std::get_if<std::string>(&value)) {
            return *text;
        }
        const auto* whole = std::get_if<std::int64_t>(&value);
        const auto* real = std::get_if<double>(&value);
        return whole != nullptr ? std::to_string(*whole) : real != nullptr ? fmt::format("{:g}", *real) : std::string();
    }

    void handOver(sim::Context& context) {
        bool isNews = false;
        for (Request& request : m_requests) {
            if (request.handedOver == 0) {
                request.failedBefore = m_producer.figures().failed;
            }
            while (!request.isHandedOver() && m_producer.takes()) {
                produce(context, request, request.commit->writes[request.handedOver++]);
                isNews = true;
            }
            if (!request.isHandedOver()) {
                break;
            }
        }
        if (isNews) {
            m_producer.flush(context);
        }
        answer(context);
    }

    /// A write is (key or nothing, value).
    void produce(sim::Context& context, Request& request, const ingest::SinkWrite& write) {
        const std::string value = textOf(write.values.back());
        const std::string key = write.values.size() > 1 ? textOf(write.values.front()) : std::string();
        const bool hasKey = write.values.size() > 1 && !std::holds_alternative<std::monostate>(write.values.front());
        request.lastNumber = m_nextNumber++;
        if (!m_producer.add(context, write.origin.source, write.origin.position,
                            hasKey ? std::optional<std::string_view>(key) : std::nullopt, value, request.lastNumber)) {
            sim::JournalDraft draft;
            draft.kind = ingest::happened::sinkRefused;
            draft.severity = sim::Severity::Error;
            draft.text =
                fmt::format("Sink {} leaves out record {} of {}: it is larger than a record of {} may be",
                            m_config.sink->id, write.origin.position, write.origin.source, m_config.topic.text());
            draft.fields = {{"sink", m_config.sink->id},
                            {"reason", "record too large"},
                            ingest::field::writers(request.commit->writer)};
            draft.alike = "too large: " + request.commit->writer;
            context.journal(std::move(draft));
            ++request.failedBefore;  // that is no failure that a repetition would mend
        }
    }

    /// Those of which each record is acknowledged or given up, in the order in which they came.
    void answer(sim::Context& context) {
        const std::int64_t settled = m_producer.settledUpTo(m_nextNumber);
        std::erase_if(m_requests, [&](const Request& each) {
            if (!each.isHandedOver() || each.lastNumber >= settled) {
                return false;
            }
            const bool isWhole = m_producer.figures().failed == each.failedBefore;
            m_answered += isWhole ? 1U : 0U;
            m_written += isWhole ? each.commit->writes.size() : 0U;
            const CpuTime share = ingest::cost::sinkRequest + each.commit->work;
            context.transmit(each.from, makeRef<ingest::SinkAnswer>(each.commit->request, isWhole, share));
            return true;
        });
    }

    TopicSinkConfig m_config;
    Producer m_producer;
    std::deque<Request> m_requests;  ///< bounded by the writers' requests in flight
    std::int64_t m_nextNumber = 0;
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
