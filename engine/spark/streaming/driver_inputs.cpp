#include <fmt/format.h>

#include <algorithm>

#include "engine/spark/cost.h"
#include "engine/spark/facts.h"
#include "engine/spark/streaming/driver.h"
#include "engine/spark/streaming/driver_timers.h"
#include "engine/spark/streaming/saved.h"

namespace millrace::spark {

/// Receivers with a wish first, the least loaded executor of that host; the others to executors with the fewest.
void DriverActor::placeReceivers(sim::Context& context) {
    const Program& program = *m_application->program;
    const auto load = [&](ExecutorId id) {
        return std::count_if(m_receivers.begin(), m_receivers.end(),
                             [&](const auto& each) { return each.second.executor == id; });
    };
    for (const bool withWish : {true, false}) {
        for (auto& [stream, place] : m_receivers) {
            const std::string& wish =
                program.inputs[static_cast<std::size_t>(program.stream(stream).input)].preferredHost;
            if (!place.isToPlace || wish.empty() == withWish) {
                continue;
            }
            ExecutorId best = noExecutor;
            bool bestIsWished = false;
            for (const auto& [id, executor] : m_executors) {
                const bool isWished = !wish.empty() && executor.host == wish;
                const bool isBetter = best == noExecutor || (isWished && !bestIsWished) ||
                                      (isWished == bestIsWished && load(id) < load(best));
                if (load(id) < executor.cores && isBetter) {
                    best = id;
                    bestIsWished = isWished;
                }
            }
            if (best == noExecutor) {
                continue;
            }
            place.executor = best;
            place.isToPlace = false;
            context.transmit(m_executors[best].connection, makeRef<StartReceiver>(stream, place.rate, place.nextBlock));
            context.journal({"spark.receiver-placed",
                             sim::Severity::Detail,
                             fmt::format("The receiver of stream {} goes to executor {} on {}",
                                         program.stream(stream).name, best.value, m_executors[best].host),
                             {{"application", m_application->name}, {"stream", program.stream(stream).name}}});
        }
    }
    const bool isMissing =
        std::any_of(m_receivers.begin(), m_receivers.end(), [](const auto& each) { return each.second.isToPlace; });
    if (isMissing && !m_placingArmed) {
        m_placingArmed = true;
        context.arm(m_application->receiverRestartDelay, makeRef<PlaceReceiversTime>());
    }
}

void DriverActor::takeBlock(sim::Context& context, const AddBlock& add) {
    context.spend(cost::message);
    if (m_inputs.knows(add.block.id)) {
        context.transmit(context.connection(), makeRef<BlockAdded>(add.block.id));
        return;
    }
    if (m_application->receiverLog) {
        // It is known when it is in the log; where that has no room the receiver is told in time (blockStoreTimeout).
        if (!context.append(receivedBlocksFile, makeRef<ReceivedBlockChunk>(add.block))) {
            return;
        }
        context.flush(receivedBlocksFile, makeRef<BlockLogged>(add.block.id, context.connection()));
    }
    m_inputs.add(add.block);
    std::int64_t& next = m_receivers[StreamId{add.block.id.owner}].nextBlock;
    next = std::max(next, add.block.id.number + 1);
    for (const ExecutorId place : add.block.places) {
        if (m_executors.contains(place)) {
            m_lineage.notePut(add.block.id, place);
        }
    }
    if (!m_application->receiverLog) {
        context.transmit(context.connection(), makeRef<BlockAdded>(add.block.id));
    }
}

bool DriverActor::handleConsumers(sim::Context& context, const sim::Message& message) {
    const Program& program = *m_application->program;
    for (auto& [stream, direct] : m_directs) {
        kafka::Consumer::Outcome outcome;
        if (!direct.consumer.handle(context, message, outcome)) {
            continue;
        }
        const auto input = static_cast<std::size_t>(program.stream(StreamId{stream}).input);
        const kafka::TopicName topic(program.inputs[input].topic);
        const kafka::TopicMetadata* known = direct.consumer.findTopic(topic);
        if (known != nullptr && !known->partitions.empty() &&
            (!direct.isAssigned || known->partitions.size() > direct.positions.size())) {
            std::vector<kafka::TopicPartition> all;
            for (std::size_t i = 0; i < known->partitions.size(); ++i) {
                all.push_back({topic, kafka::PartitionIndex{static_cast<std::int32_t>(i)}});
            }
            direct.consumer.assign(context, all);
            for (const kafka::TopicPartition& each : all) {
                direct.consumer.pause(each, true);
            }
            direct.positions.resize(all.size(), -1);
            direct.begun.resize(all.size(), -1);
            direct.isAssigned = true;
        }
        // Where it begins: as the consumer finds out, unless a checkpoint says so.
        for (std::size_t i = 0; i < direct.positions.size() && !direct.isAsking; ++i) {
            if (direct.positions[i] < 0) {
                direct.positions[i] =
                    direct.consumer.position({topic, kafka::PartitionIndex{static_cast<std::int32_t>(i)}}).value;
                direct.begun[i] = direct.positions[i];
            }
        }
        generateNext(context);
        return true;
    }
    return false;
}

void DriverActor::askOffsets(sim::Context& context) {
    const Program& program = *m_application->program;
    for (auto& [stream, direct] : m_directs) {
        const bool isReady = direct.isAssigned && std::all_of(direct.positions.begin(), direct.positions.end(),
                                                              [](std::int64_t each) { return each >= 0; });
        if (direct.isAsking || !isReady) {
            continue;
        }
        direct.isAsking = true;
        const auto input = static_cast<std::size_t>(program.stream(StreamId{stream}).input);
        const kafka::TopicName topic(program.inputs[input].topic);
        for (std::size_t i = 0; i < direct.positions.size(); ++i) {
            direct.consumer.seekTo(context, {topic, kafka::PartitionIndex{static_cast<std::int32_t>(i)}},
                                   kafka::ListOffsetsRequest::latest);
        }
    }
}

bool DriverActor::haveOffsets() const {
    const Program& program = *m_application->program;
    return std::all_of(m_directs.begin(), m_directs.end(), [&](const auto& each) {
        const auto& [stream, direct] = each;
        if (!m_toGenerate.empty() && m_inputs.hasRanges(StreamId{stream}, m_toGenerate.front())) {
            return true;  // A driver before has settled them.
        }
        const auto input = static_cast<std::size_t>(program.stream(StreamId{stream}).input);
        const kafka::TopicName topic(program.inputs[input].topic);
        if (!direct.isAsking) {
            return false;
        }
        for (std::size_t i = 0; i < direct.positions.size(); ++i) {
            const kafka::TopicPartition partition{topic, kafka::PartitionIndex{static_cast<std::int32_t>(i)}};
            if (direct.consumer.position(partition) == kafka::noOffset) {
                return false;
            }
        }
        return true;
    });
}

/// The next batch's range of each partition: up to its end, or as far as the rate allows.
void DriverActor::takeRanges(std::int64_t millis) {
    const Program& program = *m_application->program;
    const double batchSeconds = seconds(program.batch);
    for (auto& [stream, direct] : m_directs) {
        if (m_inputs.hasRanges(StreamId{stream}, millis)) {
            continue;
        }
        const auto input = static_cast<std::size_t>(program.stream(StreamId{stream}).input);
        const kafka::TopicName topic(program.inputs[input].topic);
        std::vector<std::int64_t> ends;
        std::int64_t lag = 0;
        for (std::size_t i = 0; i < direct.positions.size(); ++i) {
            const std::int64_t end =
                direct.consumer.position({topic, kafka::PartitionIndex{static_cast<std::int32_t>(i)}}).value;
            // A log that was cut behind us: what is gone is not read.
            ends.push_back(std::max(end, direct.positions[i]));
            lag += ends.back() - direct.positions[i];
        }
        std::vector<ExecutorId> executors;
        for (const auto& [id, executor] : m_executors) {
            executors.push_back(id);
        }
        direct.lag = lag;
        std::vector<OffsetRange> ranges;
        for (std::size_t i = 0; i < ends.size(); ++i) {
            OffsetRange range;
            range.input = program.stream(StreamId{stream}).input;
            range.partition = static_cast<std::int32_t>(i);
            range.from =
                direct.positions[i] + (m_application->broken.skipsOffsets && ends[i] > direct.positions[i] ? 1 : 0);
            range.until = ends[i];
            double most = m_application->maxRatePerPartition;
            if (m_application->backpressure && direct.rate > 0 && lag > 0) {
                const double share = direct.rate * static_cast<double>(range.count()) / static_cast<double>(lag);
                most = most > 0 ? std::min(most, share) : share;
            }
            if (most > 0) {
                const double rate = std::max(most, m_application->minRatePerPartition);
                range.until =
                    std::min(range.until,
                             range.from + std::max<std::int64_t>(static_cast<std::int64_t>(rate * batchSeconds), 0));
            }
            if (!executors.empty()) {
                range.place = executors[i % executors.size()];
            }
            direct.positions[i] = range.until;
            direct.lag -= range.count();
            ranges.push_back(range);
        }
        m_inputs.setRanges(StreamId{stream}, millis, std::move(ranges));
    }
}

std::int64_t DriverActor::lag() const {
    std::int64_t sum = 0;
    for (const auto& [stream, direct] : m_directs) {
        sum += direct.lag;
    }
    return sum;
}

std::int64_t DriverActor::uncommitted() const {
    std::int64_t sum = 0;
    for (const auto& [stream, direct] : m_directs) {
        for (const OffsetRange& range : direct.toCommit) {
            sum += range.count();
        }
    }
    return sum;
}

/// CanCommitOffsets.commitAsync: called when a batch is done, it sends nothing yet.
void DriverActor::queueCommits(std::int64_t millis) {
    const Program& program = *m_application->program;
    for (auto& [stream, direct] : m_directs) {
        const InputSpec& input = program.inputs[static_cast<std::size_t>(program.stream(StreamId{stream}).input)];
        if (input.commitsOffsets) {
            const std::vector<OffsetRange> ranges = m_inputs.rangesOf(StreamId{stream}, millis);
            direct.toCommit.insert(direct.toCommit.end(), ranges.begin(), ranges.end());
        }
    }
}

/// DirectKafkaInputDStream.commitAll, as the next batch is made: of each partition the highest that is queued.
void DriverActor::commitOffsets(sim::Context& context) {
    const Program& program = *m_application->program;
    for (auto& [stream, direct] : m_directs) {
        std::map<std::int32_t, std::int64_t> highest;
        for (const OffsetRange& range : direct.toCommit) {
            std::int64_t& until = highest[range.partition];
            until = std::max(until, range.until);
        }
        direct.toCommit.clear();
        const std::int32_t input = program.stream(StreamId{stream}).input;
        const kafka::TopicName topic(program.inputs[static_cast<std::size_t>(input)].topic);
        std::vector<kafka::Consumer::Commit> commits;
        for (const auto& [partition, until] : highest) {
            commits.push_back({{topic, kafka::PartitionIndex{partition}}, kafka::Offset{until}, kafka::noEpoch});
            auto told = makeRef<OffsetsGivenBack>();
            told->application = m_application->name;
            told->input = input;
            told->partition = partition;
            told->offset = until;
            context.tell(std::move(told));
        }
        if (!commits.empty()) {
            direct.consumer.commit(context, commits, 0);
        }
    }
}

void DriverActor::updateRates(sim::Context& context, const Batch& batch) {
    if (!m_application->backpressure || !batch.isDone()) {
        return;
    }
    for (const auto& [stream, records] : batch.inputs) {
        RateEstimator* estimator = nullptr;
        if (const auto receiver = m_receivers.find(stream); receiver != m_receivers.end()) {
            estimator = &receiver->second.estimator;
        } else if (const auto direct = m_directs.find(stream.value); direct != m_directs.end()) {
            estimator = &direct->second.estimator;
        }
        if (estimator == nullptr) {
            continue;
        }
        const auto rate = estimator->compute(seconds(*batch.ended), records, seconds(batch.processingTime()),
                                             seconds(batch.schedulingDelay()));
        if (!rate) {
            continue;
        }
        auto told = makeRef<RateSet>();
        told->application = m_application->name;
        told->settings = m_application->pid;
        told->records = records;
        told->processing = seconds(batch.processingTime());
        told->scheduling = seconds(batch.schedulingDelay());
        told->rate = *rate;
        context.tell(std::move(told));
        if (const auto direct = m_directs.find(stream.value); direct != m_directs.end()) {
            direct->second.rate = *rate;
            continue;
        }
        ReceiverPlace& place = m_receivers[stream];
        place.rate = m_application->receiverMaxRate > 0 ? std::min(*rate, m_application->receiverMaxRate) : *rate;
        if (const auto at = m_executors.find(place.executor); at != m_executors.end()) {
            context.transmit(at->second.connection, makeRef<UpdateReceiverRate>(stream, place.rate));
        }
    }
}

double DriverActor::rateLimit() const {
    double sum = 0;
    for (const auto& [stream, place] : m_receivers) {
        sum += place.rate;
    }
    for (const auto& [stream, direct] : m_directs) {
        sum += direct.rate;
    }
    return m_application->backpressure ? sum : 0;
}

std::vector<DriverActor::Position> DriverActor::positions() const {
    std::vector<Position> all;
    for (const auto& [stream, direct] : m_directs) {
        for (std::size_t i = 0; i < direct.positions.size(); ++i) {
            const std::int64_t done = i < direct.done.size() ? direct.done[i] : -1;
            all.push_back({m_application->program->stream(StreamId{stream}).input, static_cast<std::int32_t>(i),
                           done >= 0 ? done : direct.begun[i], direct.begun[i]});
        }
    }
    return all;
}

}  // namespace millrace::spark
