#include "engine/scenario/operators.h"
#include "engine/scenario/plan_reader.h"
#include "engine/scenario/sections/kafka/collections.h"
#include "engine/scenario/sections/spark/collections.h"
#include "engine/scenario/sections/spark/spark_section.h"
#include "engine/scenario/sections/spark/starvation.h"
#include "engine/scenario/sections/spark/streaming_program.h"

namespace millrace::scenario {

namespace {

StreamPartPlan streamPart(const Member& member, flow::NodeKind node) {
    const PlanReader part(&member.value);
    StreamPartPlan plan;
    plan.name = member.key;
    plan.kind = part.text("kind");
    plan.from = part.texts("from");
    const flow::Operator* row = findOperator(node, plan.kind);
    MILLRACE_CHECK(row != nullptr, plan.kind);
    plan.parameters = part.valuesFor(*row);
    plan.consumer = node == flow::NodeKind::StreamInput ? part.settings(consumerScope, Profile::Current)
                                                        : Settings(consumerScope, Profile::Current);
    return plan;
}

std::int32_t coresOfHost(const Scenario& scenario, const std::string& name) {
    for (const sim::HostSpec& host : scenario.hosts) {
        if (host.name == name) {
            return static_cast<std::int32_t>(host.cores);
        }
    }
    return 1;
}

void readSpark(const PlanReader& root, Scenario& scenario) {
    if (!root.has("spark")) {
        return;
    }
    const PlanReader spark = root.object("spark");
    SparkPlan plan;
    plan.masterHost = spark.object("master").text("host");
    plan.masterRestart = spark.object("master").restart();
    plan.config = spark.settings(sparkScope, Profile::Current);
    constexpr ByteCount usualMemory = ByteCount{8} << 30U;
    for (const Member& member : spark.members("workers")) {
        const PlanReader worker(&member.value);
        const std::string host = worker.text("host");
        plan.workers.push_back({member.key, host, worker.count("cores", coresOfHost(scenario, host)),
                                worker.size("memory", usualMemory), worker.restart()});
    }
    scenario.spark = std::move(plan);
}

}  // namespace

void SparkSection::read(const PlanReader& root, const std::map<std::string, std::string>& /*paths*/,
                        Scenario& scenario) const {
    readSpark(root, scenario);
    for (const Member& member : root.members("streaming")) {
        const PlanReader application(&member.value);
        StreamingPlan plan;
        plan.name = member.key;
        plan.host = application.text("host");
        plan.restart = application.restart();
        plan.batch = application.duration("batch", plan.batch);
        plan.checkpoints = application.has("checkpoint") && application.find("checkpoint")->asBoolean();
        plan.isOnHdfs = application.text("storage") == "hdfs";
        plan.checkpointInterval = application.duration("checkpoint_interval", SimDuration{0});
        plan.config = Settings(sparkScope, Profile::Current);
        if (scenario.spark) {
            plan.config.overlay(scenario.spark->config);
        }
        plan.config.overlay(application.settings(sparkScope, Profile::Current));
        for (const Member& each : application.members("inputs")) {
            plan.inputs.push_back(streamPart(each, flow::NodeKind::StreamInput));
            const std::string source = plan.inputs.back().parameters.text("source");
            plan.sourceHosts[source] = root.object("sources").object(source).text("host");
        }
        for (const Member& each : application.members("operators")) {
            plan.operators.push_back(streamPart(each, flow::NodeKind::StreamOperator));
        }
        for (const Member& each : application.members("outputs")) {
            plan.outputs.push_back(streamPart(each, flow::NodeKind::StreamOutput));
            const std::string written = plan.outputs.back().parameters.text("sink");
            for (SinkPlan& sink : scenario.sinks) {
                sink.isWrittenByTheClock = sink.isWrittenByTheClock || sink.name == written;
            }
        }
        scenario.streaming.push_back(std::move(plan));
    }
}

std::vector<Error> SparkSection::troubleWith(const Scenario& plan) const {
    std::vector<Error> errors;
    for (const StreamingPlan& application : plan.streaming) {
        if (auto program = streamingProgram(application, plan, nullptr); !program) {
            errors.insert(errors.end(), program.error().begin(), program.error().end());
        }
        if (auto trouble = starvationOf(application, plan)) {
            errors.push_back(std::move(*trouble));
        }
    }
    return errors;
}

}  // namespace millrace::scenario
