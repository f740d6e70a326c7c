#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "engine/ingest/sink_process.h"
#include "engine/storm/cluster/nimbus.h"
#include "engine/storm/cluster/submitter.h"
#include "engine/storm/cluster/supervisor.h"
#include "engine/storm/describe.h"
#include "engine/storm/operators/count_bolt.h"
#include "engine/storm/operators/extract_bolt.h"
#include "engine/storm/operators/kafka_spout.h"
#include "engine/storm/operators/sink_bolt.h"
#include "tests/kafka/client_cluster.h"

namespace millrace::storm::testing {

using namespace std::chrono_literals;

/// The lines of a producer through the topic "access" into a topology "audit" on "node1" ... "node3" and into the sink
/// "rows" on "db".
class PipelineWorld : public kafka::test::ClientCluster {
public:
    explicit PipelineWorld(std::uint64_t seed, ingest::WriteMode write = ingest::WriteMode::Append,
                           ingest::BrokenSinkRules broken = {})
        : ClientCluster(seed) {
        for (int i = 1; i <= 3; ++i) {
            config.zookeeper.push_back({world.findHost("zk" + std::to_string(i))});
        }
        config.nimbusHost = "master";
        world.addProcess(host("master"), makeNimbusBlueprint(config));
        for (int i = 1; i <= 3; ++i) {
            SupervisorConfig supervisor;
            supervisor.cluster = config;
            supervisor.id = "s" + std::to_string(i);
            world.addProcess(host("node" + std::to_string(i)), makeSupervisorBlueprint(supervisor));
        }
        using Type = ingest::SinkColumn::Type;
        const auto spec = makeRef<ingest::SinkSpec>();
        spec->id = "rows";
        spec->write = write;
        spec->broken = broken;
        spec->tables = {{"rows",
                         ingest::SinkTable::Kind::Rows,
                         {{"source", Type::Text}, {"position", Type::Integer}, {"offset", Type::Integer}}},
                        {"counts", ingest::SinkTable::Kind::Counts, {{"last", Type::Text}}},
                        {"words", ingest::SinkTable::Kind::Counts, {{"word", Type::Text}}}};
        sink = spec;
        world.addProcess(host("db"), ingest::makeSinkBlueprint(sink));
    }

    /// lines (2 spouts) -> parse (2) -> rows, and parse -> count by last digit (2) -> counts.
    void submitAudit(SimDuration messageTimeout = 30s, BrokenRules broken = {}) {
        TopologySpec spec;
        spec.name = "audit";
        spec.config.workers = 2;
        spec.config.messageTimeout = messageTimeout;
        spec.config.broken = broken;
        KafkaSpoutConfig spout;
        spout.topic = "access";
        spout.consumer.group = "audit";
        spout.consumer.client.bootstrap = bootstrap;
        spout.consumer.client.links.clientId = kafka::ClientId("audit");
        spout.consumer.offsetReset = kafka::OffsetReset::Earliest;
        spout.consumer.broken = brokenSpout;
        spec.components.push_back({"lines", 2, 0, {}, makeKafkaSpout(spout), {}});
        spec.components.push_back(
            {"parse",
             2,
             0,
             {{"lines"}},
             {},
             makePatternExtract("value", *flow::Pattern::make("line ([0-9]*)([0-9])$"), {"rest", "last"}, {})});
        spec.components.push_back({"count",
                                   2,
                                   0,
                                   {countsAtAll ? InputSpec{"parse", "default", GroupingKind::All}
                                                : InputSpec{"parse", "default", GroupingKind::Fields, {"last"}}},
                                   {},
                                   makeCount("last")});
        SinkBoltConfig keep;
        keep.sink = sink;
        keep.table = "rows";
        keep.client.host = "db";
        spec.components.push_back({"keep", 1, 0, {{"parse"}}, {}, makeSinkBolt(keep)});
        keep.table = "counts";
        spec.components.push_back({"keep-counts", 1, 0, {{"count"}}, {}, makeSinkBolt(keep)});
        if (countsWords) {
            // Two words a line: "line" and its number.
            spec.components.push_back({"split", 2, 0, {{"lines"}}, {}, makeSplit("value", "")});
            spec.components.push_back(
                {"words", 2, 0, {{"split", "default", GroupingKind::Fields, {"word"}}}, {}, makeCount("word")});
            keep.table = "words";
            spec.components.push_back({"keep-words", 2, 0, {{"words"}}, {}, makeSinkBolt(keep)});
        }
        auto topology = compileTopology(spec);
        MILLRACE_CHECK(topology.has_value());
        world.addProcess(world.findHost("master"), makeSubmitterBlueprint(config, *topology), SimTime{5s});
    }

    /// Takes what has left the world and adds it up.
    void collect() {
        for (const sim::NumberedEffect& effect : world.takeEffects()) {
            const auto* written = dynamic_cast<const ingest::SinkEffect*>(effect.effect.get());
            for (const auto& request : written->requests()) {
                for (const ingest::SinkWrite& write : request->writes) {
                    if (write.table == 0) {
                        ++origins[{write.origin.source, write.origin.position}];
                        ++rows[write.origin.position];
                    } else if (write.table == 1) {
                        counts[std::get<std::string>(write.values[0])] += write.increment;
                    }
                }
            }
        }
    }

    bool runUntil(const std::function<bool()>& holds, SimDuration limit) {
        const SimTime end = world.now() + limit;
        while (!holds()) {
            if (world.now() >= end) {
                return false;
            }
            world.run(world.now() + 100ms);
            collect();
        }
        return true;
    }
    [[nodiscard]] bool isDrained() const {
        const Unfinished left = unfinished(world, "audit");
        return left.isRunning && left.tuples == 0;
    }

    ClusterConfig config;
    bool countsWords = false;
    bool countsAtAll = false;  ///< each of the tasks that count gets everything
    kafka::BrokenClientRules brokenSpout;
    Ref<const ingest::SinkSpec> sink;
    std::map<std::int64_t, int> rows;                             // by position
    std::map<std::pair<std::string, std::int64_t>, int> origins;  // of the rows: source and position
    std::map<std::string, std::int64_t> counts;                   // by last digit
};

}  // namespace millrace::storm::testing
