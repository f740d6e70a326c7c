#include "engine/scenario/sections.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"
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

const ProcessKind* processKindOf(std::string_view process) {
    const std::string_view first = process.substr(0, process.find('/'));
    for (const Section* section : sections()) {
        for (const ProcessKind& kind : section->processes()) {
            if (kind.kind == first) {
                return &kind;
            }
        }
    }
    return nullptr;
}

std::span<const Catalogue> catalogues() {
    static const std::vector<Catalogue> all = [] {
        std::vector<Catalogue> ofAll;
        for (const Section* section : sections()) {
            const std::vector<Catalogue> more = section->catalogues();
            ofAll.insert(ofAll.end(), more.begin(), more.end());
        }
        return ofAll;
    }();
    return all;
}

const Catalogue& catalogueOf(ConfigScope scope) {
    const auto all = catalogues();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Catalogue& each) { return each.scope == scope; });
    MILLRACE_CHECK(found != all.end(), scope.name);
    return *found;
}

const Collection& collectionOf(flow::NodeKind node) {
    for (const Section* section : sections()) {
        if (const Collection* found = section->collectionOf(node)) {
            return *found;
        }
    }
    MILLRACE_CHECK(false, static_cast<int>(node));
    return hostNames;
}

}  // namespace millrace::scenario
