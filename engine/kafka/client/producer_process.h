#pragma once

#include <cstdint>
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
};

/// A process that reads a source and produces its records to a topic (one actor, "producer/<id>/client"). Each record
/// carries its source and position as headers. Records that are due are taken in bursts of at least 2 ms, as
/// kafka-producer-perf-test's throttle does; while the producer's buffer is full or the topic unknown, send() blocks
/// and the source waits; after `max.block.ms` send() throws, and the record is given up. Every second the position up
/// to which all is settled is written to the host's disk; a restarted process reads on from there, so that a crash
/// repeats records and loses none.
[[nodiscard]] Ref<const sim::Blueprint> makeProducerBlueprint(ProducerProcessConfig config);

[[nodiscard]] std::string producerProcessName(std::string_view id);
/// Zeros before its first start.
[[nodiscard]] ProducerProcessFigures producerFigures(const sim::World& world, std::string_view id);

/// What the producer holds, by partition; nothing when it does not run.
[[nodiscard]] std::vector<ProducerBacklog> producerBacklog(const sim::World& world, std::string_view id);

/// The newest acknowledged batch of each partition that the producer has had one for, since it was last started.
struct ProducerAck {
    TopicPartition partition;
    Acks acks = Acks::All;
    AckedBatch newest;
};
[[nodiscard]] std::vector<ProducerAck> producerAcks(const sim::World& world, std::string_view id);

/// Changes the rate at which the producer's source is read from now on, as an operator's action. It is a setting: it
/// holds whenever the process starts again, and can be changed while the process is down.
void setSourceRate(sim::World& world, std::string_view id, double recordsPerSecond);

}  // namespace millrace::kafka
