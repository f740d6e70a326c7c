#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "engine/observe/object_id.h"
#include "engine/run/report/report.h"
#include "engine/scenario/operators.h"

namespace millrace::run {

namespace {

using Json = nlohmann::ordered_json;

std::string name(const observe::ObjectId& id) {
    return std::string(observe::nameOf(id));
}

int brokerNumber(const observe::ObjectId& id) {
    return std::atoi(name(id).c_str());
}

/// The four states of the report; what has no power is as dead as what crashed.
std::string_view stateText(observe::LifeState state) {
    switch (state) {
        case observe::LifeState::Running:
        case observe::LifeState::Starting:
            return "running";
        case observe::LifeState::Paused:
            return "paused";
        case observe::LifeState::Stopped:
        case observe::LifeState::Planned:
            return "stopped";
        case observe::LifeState::Crashed:
        case observe::LifeState::PoweredOff:
            return "crashed";
    }
    return "stopped";
}

double milliseconds(SimDuration duration) {
    return static_cast<double>(duration.count()) / 1e6;
}

Json brokersJson(const observe::ClusterView& cluster) {
    Json brokers = Json::array();
    for (const observe::BrokerView& broker : cluster.brokers) {
        brokers.push_back({{"id", brokerNumber(broker.id)},
                           {"host", name(broker.host)},
                           {"state", stateText(broker.state)},
                           {"registered", broker.isRegistered}});
    }
    return brokers;
}

Json topicsJson(const observe::ClusterView& cluster) {
    Json topics = Json::array();
    for (const observe::TopicView& topic : cluster.topics) {
        Json partitions = Json::array();
        for (const observe::PartitionView& partition : topic.partitions) {
            const bool isKnown = !isOffline(cluster, partition);
            partitions.push_back({{"partition", partition.partition},
                                  {"leader", partition.leader},
                                  {"leader_epoch", partition.leaderEpoch},
                                  {"replicas", partition.replicas},
                                  {"isr", partition.inSync},
                                  {"log_start_offset", isKnown ? Json(partition.logStartOffset) : Json()},
                                  {"high_watermark", isKnown ? Json(partition.highWatermark) : Json()},
                                  {"log_end_offset", isKnown ? Json(partition.logEndOffset) : Json()}});
        }
        topics.push_back({{"name", topic.name}, {"partitions", partitions}});
    }
    return topics;
}

Json groupsJson(const observe::ClusterView& cluster) {
    Json groups = Json::array();
    for (const observe::GroupView& group : cluster.groups) {
        Json offsets = Json::array();
        for (const observe::GroupOffsetView& offset : group.offsets) {
            offsets.push_back({{"topic", offset.topic},
                               {"partition", offset.partition},
                               {"committed", offset.committed},
                               {"lag", offset.lag}});
        }
        groups.push_back({{"group", group.name},
                          {"state", group.state},
                          {"generation", group.generation},
                          {"members", group.members.size()},
                          {"lag", group.lag},
                          {"poll_timeouts", group.pollTimeouts},
                          {"ended", group.endedMembers},
                          {"offsets", offsets}});
    }
    return groups;
}

Json producersJson(const observe::ClusterView& cluster) {
    Json producers = Json::array();
    for (const observe::ProducerView& producer : cluster.producers) {
        producers.push_back({{"id", name(producer.id)},
                             {"topic", producer.topic},
                             {"sent", producer.sent},
                             {"acked", producer.acked},
                             {"failed", producer.failed},
                             {"retried", producer.retried}});
    }
    return producers;
}

std::string_view kindText(const observe::ComponentView& component) {
    const flow::Operator* bolt = scenario::findOperator(flow::NodeKind::Bolt, component.type);
    if (bolt != nullptr && bolt->reference(flow::NodeKind::Sink) != nullptr) {
        return "sink";
    }
    return component.kind == observe::ComponentKind::Spout ? "spout" : "bolt";
}

Json componentJson(const observe::ComponentView& component) {
    return {{"id", component.name},
            {"kind", kindText(component)},
            {"type", component.type},
            {"executors", component.executors},
            {"tasks", component.tasks},
            {"emitted", component.emitted},
            {"transferred", component.transferred},
            {"executed", component.executed},
            {"acked", component.acked},
            {"failed", component.failed},
            {"capacity", component.capacity},
            {"execute_latency_ms", milliseconds(component.executeLatency)},
            {"complete_latency_ms", milliseconds(component.completeLatency)}};
}

Json topologiesJson(const observe::StormView& storm) {
    Json topologies = Json::array();
    for (const observe::TopologyView& topology : storm.topologies) {
        Json components = Json::array();
        for (const observe::ComponentView& component : topology.components) {
            components.push_back(componentJson(component));
        }
        topologies.push_back({{"name", topology.name},
                              {"status", topology.status},
                              {"acked", topology.ackedTuples},
                              {"failed", topology.failedTuples},
                              {"replayed", topology.replayedTuples},
                              {"components", components}});
    }
    return topologies;
}

Json sourcesJson(const Report& report) {
    Json sources = Json::array();
    for (const observe::SourceView& source : report.sources) {
        sources.push_back({{"id", source.name},
                           {"kind", source.kind},
                           {"topic", source.topic},
                           {"read", source.produced},
                           {"exhausted", source.isExhausted}});
    }
    return sources;
}

Json sinksJson(const Report& report) {
    Json sinks = Json::array();
    for (const observe::SinkView& sink : report.sinks) {
        sinks.push_back({{"id", sink.name}, {"kind", sink.kind}, {"written", sink.written}});
    }
    return sinks;
}

Json faultsJson(const Report& report) {
    Json faults = Json::array();
    for (const observe::FaultBar& fault : report.faults) {
        Json json = {{"at_ns", nanoseconds(fault.at)}, {"kind", fault.kind}, {"target", fault.target}};
        if (fault.until != SimTime::max()) {
            json["until_ns"] = nanoseconds(fault.until);
        }
        faults.push_back(json);
    }
    return faults;
}

Json lossesJson(const Report& report) {
    Json losses = Json::array();
    for (const observe::LossView& loss : report.origins.losses) {
        losses.push_back({{"producer", loss.producer},
                          {"topic", loss.topic},
                          {"partition", loss.partition},
                          {"records", loss.records},
                          {"from_offset", loss.fromOffset},
                          {"to_offset", loss.toOffset},
                          {"cause", loss.cause},
                          {"promised", loss.wasPromised},
                          {"at_ns", nanoseconds(loss.at)}});
    }
    return losses;
}

Json originsJson(const Report& report) {
    Json origins = Json::array();
    for (const observe::OriginView& origin : report.origins.sources) {
        Json givenUp = Json::array();
        for (const observe::GivenUpView& each : origin.givenUp) {
            givenUp.push_back({{"reason", each.reason},
                               {"records", each.records},
                               {"first_position", each.firstPosition},
                               {"last_position", each.lastPosition}});
        }
        Json sinks = Json::array();
        for (const observe::OriginAtSink& each : origin.sinks) {
            sinks.push_back({{"sink", each.sink}, {"written", each.written}, {"repeated", each.repeated}});
        }
        origins.push_back({{"source", origin.source},
                           {"producer", origin.producer},
                           {"sent", origin.sent},
                           {"acked", origin.acked},
                           {"stored", origin.stored},
                           {"duplicated", origin.doubled},
                           {"retried", origin.retried},
                           {"failed", origin.failed},
                           {"failed_present", origin.failedPresent},
                           {"acked_lost", origin.lost},
                           {"reordered", origin.reordered},
                           {"vanished", origin.vanished},
                           {"given_up", givenUp},
                           {"sinks", sinks}});
    }
    return origins;
}

Json rejectedJson(const Report& report) {
    Json groups = Json::array();
    for (const RejectedGroup& group : report.rejectedGroups) {
        Json samples = Json::array();
        for (const RejectedSample& sample : group.samples) {
            Json one = {{"source", sample.source}};
            if (sample.file.empty()) {
                one["offset"] = sample.position;
            } else {
                one["file"] = sample.file;
                one["line"] = sample.position + 1;
            }
            one["text"] = sample.text;
            samples.push_back(std::move(one));
        }
        groups.push_back({{"reason", group.reason}, {"count", group.count}, {"samples", samples}});
    }
    return groups;
}

Json invariantsJson(const Report& report) {
    Json invariants = Json::array();
    for (const observe::InvariantView& invariant : report.invariants) {
        invariants.push_back({{"name", invariant.name},
                              {"checked", invariant.checked},
                              {"holds", invariant.holds},
                              {"first_violation", invariant.holds ? Json() : Json(invariant.firstViolation)}});
    }
    return invariants;
}

}  // namespace

std::string_view toText(Stop stop) {
    switch (stop) {
        case Stop::Drained:
            return "drained";
        case Stop::Until:
            return "until";
        case Stop::Invariant:
            return "invariant";
        case Stop::Failed:
            return "failed";
        case Stop::Stuck:
            return "stuck";
    }
    return "until";
}

std::string reportJson(const Report& report) {
    const Json json = {{"scenario", report.scenario},
                       {"seed", report.seed},
                       {"fingerprint", fmt::format("{:016x}", report.fingerprint)},
                       {"simulated_ns", nanoseconds(report.simulated)},
                       {"events", report.events},
                       {"wall_s", report.wallSeconds},
                       {"stopped", toText(report.stopped)},
                       {"waiting_for", report.waitingFor},
                       {"standstills", report.standstills},
                       {"not_modelled", report.notModelled},
                       {"rejected", report.rejected},
                       {"rejected_samples", rejectedJson(report)},
                       {"brokers", brokersJson(report.cluster)},
                       {"controller", report.cluster.controller},
                       {"topics", topicsJson(report.cluster)},
                       {"groups", groupsJson(report.cluster)},
                       {"producers", producersJson(report.cluster)},
                       {"sources", sourcesJson(report)},
                       {"topologies", topologiesJson(report.storm)},
                       {"sinks", sinksJson(report)},
                       {"losses", lossesJson(report)},
                       {"origins", originsJson(report)},
                       {"faults", faultsJson(report)},
                       {"invariants", invariantsJson(report)}};
    return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace millrace::run
