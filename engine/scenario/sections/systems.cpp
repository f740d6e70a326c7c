#include <array>

#include "engine/scenario/sections.h"
#include "engine/scenario/sections/hadoop/hadoop_section.h"
#include "engine/scenario/sections/ingest/ingest_section.h"
#include "engine/scenario/sections/kafka/clients_section.h"
#include "engine/scenario/sections/kafka/kafka_section.h"
#include "engine/scenario/sections/pipelines/pipelines_section.h"
#include "engine/scenario/sections/spark/spark_section.h"
#include "engine/scenario/sections/storm/storm_section.h"
#include "engine/scenario/sections/zookeeper/zookeeper_section.h"

namespace millrace::scenario {

std::span<const Section* const> sections() {
    static const ZooKeeperSection zookeeper;
    static const KafkaSection kafka;
    static const IngestSection ingest;
    static const ClientsSection clients;
    static const PipelinesSection pipelines;
    static const HadoopSection hadoop;
    static const StormSection storm;
    static const SparkSection spark;
    static const std::array<const Section*, 8> all{&zookeeper, &kafka,  &ingest, &clients,
                                                   &pipelines, &hadoop, &storm,  &spark};
    return all;
}

}  // namespace millrace::scenario
