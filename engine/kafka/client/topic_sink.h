#pragma once

#include "engine/ingest/sink.h"
#include "engine/kafka/client/producer.h"
#include "engine/sim/process.h"

namespace millrace::kafka {

struct TopicSinkConfig {
    Ref<const ingest::SinkSpec> sink;
    sim::Port port{0};
    TopicName topic;
    ProducerConfig producer;
};

/// A sink that is a topic (one actor, "sink/<id>/database" like every sink's): writers hand it rows as requests, it
/// produces each as a record, its key and its value as the write has them, with the headers of the record that the row
/// was made from, and answers when the producer's acks are in. A request of which a record failed is refused whole, and
/// its writer sends it again: at least once. Nothing stands on its disk: what was not answered when it dies is its
/// writers' again.
/// A record that the producer or the brokers refuse for good (it is too large) is told, counted and left out: no
/// repetition would make it smaller. While the producer takes no records a request waits, for max.block.ms at most.
/// Leaves out: transactions, so that a repetition is seen by whoever reads the topic.
[[nodiscard]] Ref<const sim::Blueprint> makeTopicSinkBlueprint(TopicSinkConfig config);

/// The producer within the sink's process; null: it is no topic's, or is down.
[[nodiscard]] const Producer* producerOfSink(const sim::World& world, std::string_view process);

}  // namespace millrace::kafka
