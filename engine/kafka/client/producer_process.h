#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ingest/source.h"
#include "engine/kafka/client/producer.h"
#include "engine/sim/process.h"

namespace millrace::kafka {

struct ProducerProcessConfig {
    std::string id;  ///< of the process: "producer/<id>"
    TopicName topic;
    Ref<const ingest::SourceSpec> source;
    ProducerConfig producer;
};

/// What a producer's process has done: its counts are those of all its incarnations together.
struct ProducerProcessFigures {
    ProducerFigures records;  ///< what a crash took along unsettled is sent, and neither acked, failed nor pending
    std::int64_t nextPosition = 0;  ///< of the source; while the process is down, where it will be read on from
    bool exhausted = false;         ///< the source has been read to its end, by a process that runs
    std::string topic;
    bool isConfirmed = true;  ///< brokers acknowledge its records: acks is not 0
};

/// A process that reads a source and produces its records to a topic (one actor, "producer/<id>/client"). Each record
/// carries its source and position as headers. Records that are due are taken in bursts of at least 2 ms, as
/// kafka-producer-perf-test's throttle does; while the producer's buffer is full or the topic unknown, send() blocks
/// and the source waits; after `max.block.ms` send() throws, and the record is given up. Every second the position up
/// to which all is settled is written to the host's disk; a restarted process reads on from there, so that a crash
/// repeats records and loses none.
[[nodiscard]] Ref<const sim::Blueprint> makeProducerBlueprint(ProducerProcessConfig config);

[[nodiscard]] std::string producerProcessName(std::string_view id);
/// What its source is drawn from in its first incarnation.
[[nodiscard]] RandomStream producerStream(std::uint64_t seed, std::string_view id);
/// Zeros before its first start.
[[nodiscard]] ProducerProcessFigures producerFigures(const sim::World& world, std::string_view id);

/// What the producer holds, by partition; nothing when it does not run.
[[nodiscard]] std::vector<ProducerBacklog> producerBacklog(const sim::World& world, std::string_view id);

/// The newest acknowledged batch of a partition since the producer was last started.
struct ProducerAck {
    TopicPartition partition;
    Acks acks = Acks::All;
    AckedBatch newest;
};
/// A producer that runs, until the world goes on.
struct RunningProducer {
    sim::ProcessId process;
    std::uint32_t incarnation = 0;
    const Producer* producer = nullptr;

    /// Nothing for a partition that it has had none for.
    [[nodiscard]] std::optional<ProducerAck> newestAck(const TopicPartition& partition) const;
    /// Those that are newer than the stamp, which starts at 0. Gives the stamp to go on from.
    template <class F>
    [[nodiscard]] ChangeList::Stamp forEachAckSince(ChangeList::Stamp stamp, const F& f) const {
        producer->acked().forEachSince(stamp, [&](std::uint32_t partition) {
            const TopicPartition name{producer->topic(), PartitionIndex{static_cast<std::int32_t>(partition)}};
            if (const auto ack = newestAck(name)) {
                f(*ack);
            }
        });
        return producer->acked().stamp();
    }
};
[[nodiscard]] std::vector<RunningProducer> runningProducers(const sim::World& world);

/// The names of the producers that read a source, as in "producer/<id>".
[[nodiscard]] std::vector<std::string> producersOf(const sim::World& world, std::string_view source);

/// Changes the rate at which the producer's source is read from now on, as an operator's action. It is a setting: it
/// holds whenever the process starts again, and can be changed while the process is down.
void setSourceRate(sim::World& world, std::string_view id, double recordsPerSecond);

}  // namespace millrace::kafka
