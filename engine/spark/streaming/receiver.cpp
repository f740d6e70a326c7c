#include "engine/spark/streaming/receiver.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "engine/sim/link.h"
#include "engine/spark/cost.h"
#include "engine/spark/streaming/receiver_messages.h"

namespace millrace::spark {

namespace {

struct BlockTime final : sim::MessageBase<BlockTime> {
    static constexpr std::string_view Name = "spark.BlockTime";
    void digest(Digest&) const override {}
};

struct PullTime final : sim::MessageBase<PullTime> {
    static constexpr std::string_view Name = "spark.PullTime";
    void digest(Digest&) const override {}
};

struct RestartReceiver final : sim::MessageBase<RestartReceiver> {
    static constexpr std::string_view Name = "spark.RestartReceiver";
    std::uint64_t round;
    explicit RestartReceiver(std::uint64_t of) : round(of) {}
    void digest(Digest& digest) const override { digest.add(round); }
};

class Receiver final : public sim::ActorBase<Receiver> {
public:
    Receiver(ApplicationRef application, StreamId stream, sim::ActorId executor, double rate, std::int64_t firstBlock)
        : m_application(std::move(application)),
          m_stream(stream),
          m_executor(executor),
          m_rate(rate),
          m_lastNumber(firstBlock - 1) {}

    /// Taken and not reported.
    [[nodiscard]] std::int64_t records() const {
        std::size_t records = m_current ? m_current->size() : 0;
        for (const Block& block : m_queue) {
            records += block.rows->size();
        }
        return static_cast<std::int64_t>(records);
    }

    void start(sim::Context& context) override {
        m_current = makeRef<Rows>(1);
        m_tokensAt = context.now();
        connect(context);
        armBlock(context);
    }

    void handle(sim::Context& context, const sim::Message& message) override {
        if (m_link.owns(context.connection())) {
            readSource(context, message);
        } else if (message.as<BlockTime>() != nullptr) {
            makeBlock(context);
            armBlock(context);
        } else if (message.as<PullTime>() != nullptr) {
            m_pullArmed = false;
            pull(context);
        } else if (const auto* again = message.as<RestartReceiver>()) {
            if (m_link.due(again->round) == sim::Link::Due::Reconnect) {
                connect(context);
            }
        } else if (const auto* rate = message.as<UpdateReceiverRate>()) {
            m_rate = rate->rate;
            m_tokens = std::max(m_tokens, 0.0);  // what it took before is not held against it
            m_tokensAt = context.now();
        } else if (const auto* put = message.as<BlockPut>()) {
            blockPut(context, *put);
        }
    }

private:
    struct Block {
        BlockId id;
        RowsRef rows;
        std::int64_t delivery = 0;  ///< the last that it holds something of
    };

    [[nodiscard]] const StreamSpec& spec() const { return m_application->program->stream(m_stream); }
    [[nodiscard]] const InputSpec& input() const {
        return m_application->program->inputs[static_cast<std::size_t>(spec().input)];
    }

    void connect(sim::Context& context) {
        const sim::HostId host = context.findHost(input().sourceHost);
        m_link.open(context, host, input().sourcePort);
    }

    void readSource(sim::Context& context, const sim::Message& message) {
        switch (m_link.read(context, message)) {
            case sim::Link::News::Opened:
                context.send(m_executor, makeRef<ReceiverState>(m_stream, true));
                forgetDeliveries();
                pull(context);
                return;
            case sim::Link::News::Lost:
                context.send(m_executor, makeRef<ReceiverState>(m_stream, false));
                context.journal(
                    {"spark.receiver-restarts",
                     sim::Severity::Warning,
                     fmt::format("The receiver of stream {} has lost its source ({}) and starts again in {}",
                                 input().name, sim::lossOf(message), toText(m_application->receiverRestartDelay)),
                     {{"stream", input().name}}});
                m_isPulling = false;
                m_link.backOff(context, sim::Backoff::constant(m_application->receiverRestartDelay),
                               [](std::uint64_t round) { return makeRef<RestartReceiver>(round); });
                return;
            case sim::Link::News::None:
                return;
            case sim::Link::News::Message:
                break;
        }
        if (const auto* records = message.as<SourceRecords>()) {
            const auto count = static_cast<std::int64_t>(records->rows->size());
            context.spend(count * cost::receiverRecord);
            m_isPulling = false;
            m_tokens -= m_rate > 0 ? static_cast<double>(count) : 0;
            if (m_current->isShared()) {
                m_current = makeRef<Rows>(*m_current);
            }
            m_current->append(*records->rows);
            m_currentDelivery = records->delivery;
            if (m_application->broken.acknowledgesBeforeStored) {
                m_storedUpTo = m_currentDelivery;
            }
            pull(context);
        }
    }

    /// Deliveries are counted by the server's present run and connection: older ones mean nothing to it.
    void forgetDeliveries() {
        m_storedUpTo = -1;
        m_currentDelivery = -1;
        for (Block& block : m_queue) {
            block.delivery = -1;
        }
    }

    /// A block could not be stored: the receiver reports the error and starts again, without what it holds. A source
    /// that keeps its records gives them again.
    void restart(sim::Context& context) {
        m_queue.clear();
        m_current = makeRef<Rows>(1);
        m_isStoring = false;
        m_isPulling = false;
        context.send(m_executor, makeRef<ReceiverState>(m_stream, false));
        m_link.backOff(context, sim::Backoff::constant(m_application->receiverRestartDelay),
                       [](std::uint64_t round) { return makeRef<RestartReceiver>(round); });
    }

    /// The rate limiter gives permits as time goes by, no more than those of a second at once.
    void pull(sim::Context& context) {
        if (m_isPulling || !m_link.isOpen()) {
            return;
        }
        constexpr std::int64_t most = 5'000;
        std::int64_t allowed = most;
        if (m_rate > 0) {
            m_tokens = std::min(m_tokens + m_rate * seconds(context.now() - m_tokensAt), std::max(m_rate, 1.0));
            m_tokensAt = context.now();
            allowed = std::min(most, static_cast<std::int64_t>(m_tokens));
        }
        // The buffer of a receiver whose blocks cannot be stored grows no further.
        const bool isFull = static_cast<std::int32_t>(m_queue.size()) >= m_application->blockQueueSize;
        if (allowed <= 0 || isFull) {
            if (!m_pullArmed) {
                m_pullArmed = true;
                const SimDuration wait = isFull ? m_application->blockInterval
                                                : std::max<SimDuration>(fromSeconds((1.0 - m_tokens) / m_rate),
                                                                        std::chrono::milliseconds{5});
                context.arm(wait, makeRef<PullTime>());
            }
            return;
        }
        m_isPulling = true;
        m_link.transmit(context, makeRef<PullRecords>(m_stream, allowed, m_storedUpTo));
    }

    void armBlock(sim::Context& context) {
        const SimDuration interval = m_application->blockInterval;
        const std::int64_t past = nanoseconds(context.now()) % interval.count();
        context.arm(SimDuration{interval.count() - past}, makeRef<BlockTime>());
    }

    void makeBlock(sim::Context& context) {
        if (m_current->size() == 0 || static_cast<std::int32_t>(m_queue.size()) >= m_application->blockQueueSize) {
            return;
        }
        context.spend(cost::receiverBlock);
        const std::int64_t interval = m_application->blockInterval.count() / 1'000'000;
        std::int64_t number = context.clockMillis() - interval;
        number = std::max(number, m_lastNumber + 1);
        m_lastNumber = number;
        m_queue.push_back({inputBlock(m_stream, number), RowsRef(m_current), m_currentDelivery});
        m_current = makeRef<Rows>(1);
        store(context);
    }

    void store(sim::Context& context) {
        if (m_isStoring || m_queue.empty()) {
            return;
        }
        m_isStoring = true;
        const Block& block = m_queue.front();
        context.spend(static_cast<std::int64_t>(block.rows->size()) * cost::serialise +
                      block.rows->bytes() * cost::perByteSerialised);
        auto put = makeRef<PutBlock>();
        put->block = block.id;
        put->rows = block.rows;
        put->level = input().level;
        put->isLogged = m_application->receiverLog;
        context.send(m_executor, std::move(put));
    }

    void blockPut(sim::Context& context, const BlockPut& put) {
        if (m_queue.empty() || m_queue.front().id != put.block) {
            return;
        }
        if (!put.isReported) {
            restart(context);
            return;
        }
        m_storedUpTo = std::max(m_storedUpTo, m_queue.front().delivery);
        m_queue.pop_front();
        m_isStoring = false;
        if (m_isPulling && input().kind == InputSpec::Kind::Reliable) {
            m_link.transmit(context, makeRef<StoredRecords>(m_stream, m_storedUpTo));
        }
        store(context);
        pull(context);
    }

    ApplicationRef m_application;
    StreamId m_stream;
    sim::ActorId m_executor;
    double m_rate = 0;
    double m_tokens = 0;
    SimTime m_tokensAt;
    sim::Link m_link;
    bool m_isPulling = false;
    bool m_pullArmed = false;
    bool m_isStoring = false;
    Ref<Rows> m_current;
    std::int64_t m_currentDelivery = -1;
    std::int64_t m_storedUpTo = -1;
    std::int64_t m_lastNumber = -1;
    std::deque<Block> m_queue;
};

}  // namespace

Ref<sim::Actor> makeReceiver(ApplicationRef application, StreamId stream, sim::ActorId executor, double rate,
                             std::int64_t firstBlock) {
    return makeRef<Receiver>(std::move(application), stream, executor, rate, firstBlock);
}

std::int64_t recordsInReceivers(const sim::World& world, std::string_view executorProcess,
                                const std::vector<StreamId>& streams) {
    std::int64_t records = 0;
    for (const StreamId stream : streams) {
        const auto* receiver = world.findActor<Receiver>(fmt::format("{}/receiver-{}", executorProcess, stream.value));
        records += receiver == nullptr ? 0 : receiver->records();
    }
    return records;
}

}  // namespace millrace::spark
