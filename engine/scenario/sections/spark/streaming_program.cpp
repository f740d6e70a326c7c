#include "engine/scenario/sections/spark/streaming_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/scenario/sections/ingest/sinks_and_sources.h"
#include "engine/spark/operators/catalog.h"

namespace millrace::scenario {

namespace {

using spark::StreamId;

spark::InputSpec inputSpecOf(const StreamPartPlan& part, const StreamingPlan& plan) {
    spark::InputSpec input;
    input.name = part.name;
    input.kind = !hasReceivers(part)       ? spark::InputSpec::Kind::Direct
                 : part.kind == "reliable" ? spark::InputSpec::Kind::Reliable
                                           : spark::InputSpec::Kind::Socket;
    if (input.kind == spark::InputSpec::Kind::Direct) {
        input.topic = part.parameters.text("topic");
        input.group = plan.name + "-" + part.name;
        input.commitsOffsets = part.parameters.text("commit_offsets") == "true";
        input.startsAtEarliest = part.parameters.text("starting_offsets") != "latest";
        return input;
    }
    input.source = part.parameters.text("source");
    input.receivers = static_cast<std::int32_t>(part.parameters.integer("receivers").value_or(1));
    input.preferredHost = part.parameters.text("preferred_host");
    input.level = spark::storageLevelOf(part.parameters.text("storage_level")).value_or(input.level);
    return input;
}

/// Compiles one application.
class ProgramMaking {
public:
    ProgramMaking(const StreamingPlan& plan, const Scenario& scenario, const Surroundings* around)
        : m_plan(plan), m_scenario(scenario), m_around(around), m_path("streaming." + plan.name) {}

    Result<spark::ProgramRef, std::vector<Error>> make() {
        m_program->name = m_plan.name;
        m_program->batch = m_plan.batch;
        m_program->checkpoints = m_plan.checkpoints;
        if (m_plan.batch < std::chrono::milliseconds{1} ||
            m_plan.batch % std::chrono::milliseconds{1} != SimDuration{0}) {
            m_errors.push_back({"a batch interval is a whole number of milliseconds", m_path + ".batch"});
        }
        const bool isAllocatedTwice = m_plan.config.flag("spark.dynamicAllocation.enabled") &&
                                      m_plan.config.flag("spark.streaming.dynamicAllocation.enabled");
        if (isAllocatedTwice) {
            m_errors.push_back({"dynamic allocation cannot be enabled for streaming and for the core at the same time",
                                m_path + ".config.spark.streaming.dynamicAllocation.enabled"});
        }
        for (const StreamPartPlan& each : m_plan.inputs) {
            m_streams[each.name] = spark::addInput(*m_program, inputSpecOf(each, m_plan));
        }
        checkReceiverLog();
        addOperators();
        for (const StreamPartPlan& each : m_plan.outputs) {
            addOutput(each);
        }
        if (m_errors.empty()) {
            if (const auto trouble = spark::settle(*m_program, m_plan.checkpointInterval, parallelism())) {
                m_errors.push_back({trouble->message, m_path + "." + trouble->part});
            }
        }
        if (!m_errors.empty()) {
            return tl::unexpected(std::move(m_errors));
        }
        return spark::ProgramRef(std::move(m_program));
    }

private:
    [[nodiscard]] std::int32_t parallelism() const {
        return m_plan.config.optionalInteger("spark.default.parallelism")
                   ? m_plan.config.integer32("spark.default.parallelism")
                   : executorCoresPlanned(m_plan, m_scenario);
    }

    /// A receiver keeps its log beside the checkpoints; without a place for them Spark ends it (ReceiverSupervisorImpl:
    /// "Cannot enable receiver write-ahead log without checkpoint directory set").
    void checkReceiverLog() {
        const bool isReceived = std::any_of(m_plan.inputs.begin(), m_plan.inputs.end(), hasReceivers);
        if (isReceived && !m_plan.checkpoints && m_plan.config.flag("spark.streaming.receiver.writeAheadLog.enable")) {
            m_errors.push_back(
                {"a write-ahead log of received records needs checkpoint: true, since it is kept beside the "
                 "checkpoints (or set spark.streaming.receiver.writeAheadLog.enable to false)",
                 m_path + ".checkpoint"});
        }
    }

    /// In the order of the flow, whatever that of the document is.
    void addOperators() {
        std::vector<const StreamPartPlan*> open;
        for (const StreamPartPlan& each : m_plan.operators) {
            open.push_back(&each);
        }
        while (!open.empty()) {
            const auto ready = std::find_if(open.begin(), open.end(), [&](const StreamPartPlan* each) {
                return std::all_of(each->from.begin(), each->from.end(),
                                   [&](const std::string& from) { return m_streams.contains(from); });
            });
            if (ready == open.end()) {
                m_errors.push_back({"its rows come back to it: a graph of streams has no cycles",
                                    m_path + ".operators." + open.front()->name});
                return;
            }
            const StreamPartPlan& part = **ready;
            open.erase(ready);
            std::vector<StreamId> from;
            for (const std::string& each : part.from) {
                from.push_back(m_streams.at(each));
            }
            auto made = spark::addOperator(*m_program, part.name, part.kind, part.parameters, from);
            if (!made) {
                const std::string path = m_path + ".operators." + part.name;
                m_errors.push_back({made.error().message,
                                    made.error().parameter.empty() ? path : path + "." + made.error().parameter});
                return;  // What follows of it cannot be judged.
            }
            m_streams[part.name] = *made;
        }
    }

    void addOutput(const StreamPartPlan& part) {
        const std::string path = m_path + ".outputs." + part.name;
        if (part.from.size() != 1) {
            m_errors.push_back({"an output operation has one stream", path + ".from"});
            return;
        }
        const auto from = m_streams.find(part.from.front());
        if (from == m_streams.end()) {
            return;  // Its operator is complained about.
        }
        spark::OutputSpec output;
        output.name = part.name;
        output.from = from->second;
        output.fields = m_program->stream(from->second).fields;
        output.kind = part.kind == "print" ? spark::OutputSpec::Kind::Print : spark::OutputSpec::Kind::Sink;
        if (output.kind == spark::OutputSpec::Kind::Sink) {
            const std::string name = part.parameters.text("sink");
            const auto sink = std::find_if(m_scenario.sinks.begin(), m_scenario.sinks.end(),
                                           [&](const SinkPlan& each) { return each.name == name; });
            if (sink == m_scenario.sinks.end()) {
                return;
            }
            output.sink = sinkSpec(*sink);
            if (output.sink->kind != ingest::SinkKind::Sqlite && output.sink->kind != ingest::SinkKind::File) {
                m_errors.push_back({fmt::format("Spark writes to tables and files, and \"{}\" is of kind {}: only "
                                                "ingestion pipelines write there",
                                                name, sink->kind),
                                    path + ".sink"});
                return;
            }
            output.lineField = part.parameters.text("line");
            if (output.sink->kind == ingest::SinkKind::File && !output.lineField.empty() &&
                std::find(output.fields.begin(), output.fields.end(), output.lineField) == output.fields.end()) {
                m_errors.push_back({fmt::format("the input has no field '{}', only {}", output.lineField,
                                                fmt::join(output.fields, ", ")),
                                    path + ".line"});
                return;
            }
            const std::string table = part.parameters.text("table");
            const int index = table.empty() ? 0 : output.sink->findTable(table);
            if (output.sink->kind == ingest::SinkKind::Sqlite && index < 0) {
                m_errors.push_back({fmt::format("there is no table \"{}\"", table), path + ".table"});
                return;
            }
            output.table = static_cast<std::uint32_t>(std::max(index, 0));
            if (m_around != nullptr) {
                const PlacedSink& placed = m_around->sinks.at(name);
                output.sink = placed.spec;
                output.sinkHost = placed.host;
                output.sinkPort = placed.port;
            }
        }
        m_program->outputs.push_back(std::move(output));
    }

    const StreamingPlan& m_plan;
    const Scenario& m_scenario;
    const Surroundings* m_around;
    std::string m_path;
    Ref<spark::Program> m_program = makeRef<spark::Program>();
    std::map<std::string, StreamId> m_streams;
    std::vector<Error> m_errors;
};

}  // namespace

bool hasReceivers(const StreamPartPlan& input) {
    return input.kind != "kafka";
}

std::int32_t executorCoresPlanned(const StreamingPlan& plan, const Scenario& scenario) {
    std::int32_t cores = 0;
    for (const SparkWorkerPlan& worker : scenario.spark ? scenario.spark->workers : std::vector<SparkWorkerPlan>{}) {
        cores += worker.cores;
    }
    const auto wanted = plan.config.optionalInteger("spark.cores.max");
    if (wanted) {
        cores = std::min(cores, plan.config.integer32("spark.cores.max"));
    }
    if (plan.config.optionalInteger("spark.executor.instances") &&
        plan.config.optionalInteger("spark.executor.cores")) {
        cores = std::min(
            cores, plan.config.integer32("spark.executor.instances") * plan.config.integer32("spark.executor.cores"));
    }
    constexpr std::int32_t least = 2;
    return std::max(cores, least);
}

Result<spark::ProgramRef, std::vector<Error>> streamingProgram(const StreamingPlan& plan, const Scenario& scenario,
                                                               const Surroundings* around) {
    return ProgramMaking(plan, scenario, around).make();
}

}  // namespace millrace::scenario
