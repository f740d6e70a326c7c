#include "tests/scenarios/random_guarantees.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/faults.h"
#include "tests/scenarios/random_scenario.h"
#include "tests/scenarios/random_settings.h"
#include "tests/scenarios/random_streaming.h"

namespace millrace::swarm {

namespace {

constexpr int streamed = 1500;  ///< records through the topic
constexpr int received = 1200;  ///< and through the receiver

class GuaranteeMaker {
public:
    explicit GuaranteeMaker(std::uint64_t seed) : m_seed(seed), m_dice(seed, "guarantees") {}

    Json make() {
        m_hasOwnHosts = m_dice.chance(0.6);
        Json whole = Json::object({{"millrace", 1},
                                   {"title", fmt::format("Swarm, seed {}", m_seed)},
                                   {"about", fmt::format("{} {}", guaranteeMark, mustDrainMark)},
                                   {"run", {{"seed", m_seed % 1'000'000}}}});
        for (const char* host : {"h1", "h2", "h3", "m", "n1", "n2", "n3", "c", "db"}) {
            whole["hosts"][host] = Json::object({{"cores", 4}});
        }
        addKafka(whole);
        addStorm(whole);
        addSpark(whole);
        for (const char* sink : {"storm", "direct", "reliable"}) {
            whole["sinks"][sink] = Json::object(
                {{"kind", "file"}, {"host", host("db")}, {"write", m_dice.pick<std::string>({"append", "once"})}});
        }
        whole["faults"] = Json::array();
        for (int i = m_dice.pick({0, 1, 1, 2, 3, 5}); i > 0; --i) {
            whole["faults"].push_back(fault());
        }
        if (mayMasterForget(whole, whole["faults"])) {
            whole["about"] = guaranteeMark;
        }
        return whole;
    }

private:
    std::string host(const std::string& own) {
        return m_hasOwnHosts ? own : m_dice.pick<std::string>({"h1", "h2", "h3", "m"});
    }

    void addKafka(Json& whole) {
        whole["cluster"] = Json::object({{"coordination", "zookeeper"},
                                         {"servers", {{"zk1", {{"host", "m"}}}}},
                                         {"config",
                                          {{"default.replication.factor", 3},
                                           {"min.insync.replicas", 2},
                                           {"offsets.topic.replication.factor", 3}}}});
        for (const char* id : {"1", "2", "3"}) {
            whole["cluster"]["brokers"][id] = Json::object({{"host", std::string("h") + id}});
        }
        whole["topics"]["t"] = Json::object(
            {{"partitions", m_dice.between(1, 6)}, {"replicas", 3}, {"config", {{"min.insync.replicas", 2}}}});
        const auto source = [](int count) {
            return Json::object({{"kind", "generator"},
                                 {"host", "c"},
                                 {"rate", "60/s"},
                                 {"count", count},
                                 {"start_at", "8s"},
                                 {"size", "60B"}});
        };
        whole["sources"]["streamed"] = source(streamed);
        whole["sources"]["streamed"]["topic"] = "t";
        whole["sources"]["streamed"]["config"] = Json::object({{"acks", "all"}});
        whole["sources"]["received"] = source(received);
    }

    void addStorm(Json& whole) {
        whole["storm"]["nimbus"] = Json::object({{"host", host("m")}});
        for (const char* name : {"1", "2"}) {
            whole["storm"]["supervisors"][std::string("s") + name] =
                Json::object({{"host", host(std::string("n") + name)}, {"slots", 2}});
        }
        whole["topologies"]["p"] =
            Json::object({{"workers", 2},
                          {"config", {{"topology.message.timeout.secs", 10}}},
                          {"spouts", {{"lines", {{"kind", "kafka"}, {"topic", "t"}, {"executors", 2}}}}},
                          {"bolts",
                           {{"write",
                             {{"kind", "file"},
                              {"sink", "storm"},
                              {"field", "value"},
                              {"executors", 2},
                              {"inputs", Json::array()}}}}}});
        whole["topologies"]["p"]["bolts"]["write"]["inputs"].push_back(Json::object({{"from", "lines"}}));
    }

    void addSpark(Json& whole) {
        whole["spark"]["master"] = Json::object({{"host", host("m")}});
        for (const char* name : {"1", "2", "3"}) {
            whole["spark"]["workers"][std::string("w") + name] =
                Json::object({{"host", host(std::string("n") + name)}, {"cores", 4}});
        }
        const bool isLogged = m_dice.chance(0.5);
        whole["spark"]["config"] =
            Json::object({{"spark.cores.max", 6}, {"spark.streaming.receiver.writeAheadLog.enable", isLogged}});
        const auto application = [&](Json input, const char* sink) {
            const bool checkpoints = m_dice.chance(0.7) || isLogged;  // which a log needs
            Json all = Json::object({{"host", host("m")}, {"batch", "1s"}, {"checkpoint", checkpoints}});
            all["inputs"]["in"] = std::move(input);
            all["outputs"]["out"] =
                Json::object({{"kind", "foreachRDD"}, {"sink", sink}, {"from", Json::array({"in"})}});
            return all;
        };
        whole["streaming"]["direct"] =
            application(Json::object({{"kind", "kafka"}, {"topic", "t"}, {"starting_offsets", "earliest"}}), "direct");
        whole["streaming"]["reliable"] =
            application(Json::object({{"kind", "reliable"}, {"source", "received"}}), "reliable");
    }

    Json fault() {
        const std::string kind =
            m_dice.pick<std::string>({"crash", "crash", "crash", "crash", "pause", "stop", "power", "cut", "slow-cpu"});
        Json fault = Json::object({{"at", fmt::format("{}ms", m_dice.chance(0.1) ? 0 : m_dice.between(0, 45'000))},
                                   {"kind", kind},
                                   {"for", fmt::format("{}ms", m_dice.between(1, 15'000))}});
        if (findFault(kind)->hits == FaultRow::Hits::Process) {
            fault["target"] = m_dice.pick<std::string>({"broker:1",
                                                        "broker:2",
                                                        "broker:3",
                                                        "controller",
                                                        "nimbus",
                                                        "supervisor:s1",
                                                        "worker:p/1",
                                                        "worker:p/2",
                                                        "sink:storm",
                                                        "sink:direct",
                                                        "sink:reliable",
                                                        "driver:direct",
                                                        "driver:reliable",
                                                        "executor:direct/0",
                                                        "executor:direct/1",
                                                        "executor:reliable/0",
                                                        "executor:reliable/1",
                                                        "receiver:reliable/1",
                                                        "spark-master",
                                                        "spark-worker:w1",
                                                        "producer:streamed",
                                                        "server:zk1"});
            return fault;
        }
        // The source's own machine stays: what it cannot tell nobody can promise.
        fault["target"] = "host:" + m_dice.pick<std::string>({"h1", "h2", "h3", "m", "n1", "n2", "n3", "db"});
        if (kind == "slow-cpu") {
            fault["factor"] = m_dice.pick({3, 50});
        }
        return fault;
    }

    std::uint64_t m_seed;
    Dice m_dice;
    bool m_hasOwnHosts = true;
};

/// Machines that are gone at the same time may take both copies of a block.
bool mayLoseBothCopies(const Json& scenario) {
    const Json& faults = scenario["faults"];
    return std::count_if(faults.begin(), faults.end(), [](const Json& fault) {
               const std::string target = fault["target"].get<std::string>();
               return fault["kind"] == "power" || target.find("reliable") != std::string::npos ||
                      target.starts_with("spark-worker");
           }) > 1;
}

}  // namespace

std::string guaranteeScenario(std::uint64_t seed) {
    return GuaranteeMaker(seed).make().dump(1);
}

std::string brokenGuarantee(const std::string& scenarioText, const std::string& reportText) {
    const Json scenario = Json::parse(scenarioText);
    const Json report = Json::parse(reportText);
    std::int64_t stored = 0;
    Json fates = Json::array();
    for (const Json& origin : report["origins"]) {
        if (origin["source"] == "streamed") {
            stored = origin["stored"].get<std::int64_t>();
            fates = origin["sinks"];
        }
    }
    // One that was kept may be smaller than those that are made.
    const Json& sinks = scenario["sinks"];
    for (const std::string sink : {"storm", "direct"}) {
        if (!sinks.contains(sink)) {
            continue;
        }
        const auto fate =
            std::find_if(fates.begin(), fates.end(), [&](const Json& each) { return each["sink"] == sink; });
        const std::int64_t written = fate == fates.end() ? 0 : (*fate)["written"].get<std::int64_t>();
        const std::int64_t repeated = fate == fates.end() ? 0 : (*fate)["repeated"].get<std::int64_t>();
        // More is no contradiction: a log may lose to a loss of power what was read from it before.
        if (written < stored) {
            return fmt::format("of {} records in the topic {} are in the sink {}", stored, written, sink);
        }
        if (repeated > 0 && scenario["faults"].empty()) {
            return fmt::format("{} records came again to the sink {} without a fault", repeated, sink);
        }
    }
    if (!sinks.contains("reliable")) {
        return {};
    }
    const bool isSafe = scenario["spark"]["config"]["spark.streaming.receiver.writeAheadLog.enable"].get<bool>() &&
                        scenario["streaming"]["reliable"]["checkpoint"].get<bool>() && !mayLoseBothCopies(scenario);
    const bool isOnce = scenario["sinks"]["reliable"]["write"] == "once";
    for (const Json& sink : report["sinks"]) {
        const std::int64_t written = sink["written"].get<std::int64_t>();
        if (sink["id"] == "reliable" && ((isSafe && written < received) || (isOnce && written > received))) {
            return fmt::format("of {} records that were received {} are in the sink", received, written);
        }
    }
    return {};
}

}  // namespace millrace::swarm
