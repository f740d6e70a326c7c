#include "engine/scenario/written_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/scenario/document/edit.h"
#include "engine/scenario/sections/pipelines/pipeline_graph.h"
#include "engine/scenario/sections/pipelines/pipelines_section.h"
#include "engine/scenario/sections/pipelines/step_table.h"
#include "engine/scenario/units.h"

namespace millrace::scenario {

namespace {

/// An object in the making, every part of it at the place of what it stands for.
class Making {
public:
    explicit Making(Place place) : m_place(place) {}

    Making& put(std::string_view key, Value value) {
        m_members.push_back({std::string(key), value.place().isKnown() ? value : value.standingAt(m_place), m_place});
        return *this;
    }
    Making& text(std::string_view key, std::string value) { return put(key, Value::text(std::move(value))); }
    Making& integer(std::string_view key, std::int64_t value) { return put(key, Value::integer(value)); }
    Making& names(std::string_view key, std::vector<std::string> values) {
        std::vector<Value> items;
        for (std::string& each : values) {
            items.push_back(Value::text(std::move(each)).standingAt(m_place));
        }
        return put(key, Value::list(std::move(items)));
    }
    /// A member of another object under its own or another name, if it is there.
    Making& copy(const Value* from, std::string_view key, std::string_view as = {}) {
        if (const Value* value = from != nullptr ? from->find(key) : nullptr) {
            put(as.empty() ? key : as, *value);
        }
        return *this;
    }
    [[nodiscard]] Value take() { return Value::object(std::move(m_members)).standingAt(m_place); }

private:
    Place m_place;
    std::vector<Member> m_members;
};

std::string textIn(const Value* object, std::string_view key, std::string_view otherwise = {}) {
    const Value* value = object != nullptr ? object->find(key) : nullptr;
    return value != nullptr && value->isText() ? value->asText() : std::string(otherwise);
}

/// Writes one pipeline out.
class PipelineWriter {
public:
    PipelineWriter(WrittenOut& result, const Member& pipeline)
        : m_result(result),
          m_name(pipeline.key),
          m_pipeline(pipeline.value),
          m_place(pipeline.keyPlace),
          m_path("pipelines." + pipeline.key),
          m_steps(stepsIn(m_pipeline)) {
        if (const Value* source = valueAt(result.document, Path({"sources", textIn(&m_pipeline, "source")}))) {
            m_source = *source;
        }
    }

    void write() {
        const std::vector<std::string> engines = engineNames();
        for (const std::string& engine : engines) {
            if (valueAt(m_result.document, Path({engine})) == nullptr) {
                continue;  // The pipeline is told so.
            }
            if (engine == "storm") {
                writeTopology();
            } else if (engine == "spark") {
                writeApplication();
            } else {
                writeJob();
            }
        }
        writeTables(engines);
    }

private:
    [[nodiscard]] std::vector<std::string> engineNames() const {
        std::vector<std::string> engines;
        const Value* list = m_pipeline.find("run_on");
        for (const Value& each : list != nullptr ? list->items() : std::span<const Value>()) {
            const bool isKnown =
                std::find(pipelineEngines.begin(), pipelineEngines.end(), each.asText()) != pipelineEngines.end();
            if (isKnown && std::find(engines.begin(), engines.end(), each.asText()) == engines.end()) {
                engines.push_back(each.asText());
            }
        }
        return engines;
    }

    void stands(std::string made, std::string by) { m_result.standings.push_back({std::move(made), std::move(by)}); }

    void add(std::vector<std::string> steps, Value made, const std::string& by) {
        const Path path(std::move(steps));
        if (valueAt(m_result.document, path) != nullptr) {
            m_result.complaints.error(
                m_place, m_path,
                fmt::format("there is a {} already, and the pipeline would stand there", toText(path)));
            return;
        }
        if (auto changed = withValue(m_result.document, path, std::move(made))) {
            m_result.document = std::move(*changed);
            stands(toText(path), by);
        }
    }

    [[nodiscard]] std::string stepPath(const StepInDocument& step) const { return m_path + ".steps." + step.name(); }

    [[nodiscard]] const StepInDocument* find(const std::string& name) const {
        const auto found = std::find_if(m_steps.begin(), m_steps.end(),
                                        [&](const StepInDocument& each) { return each.name() == name; });
        return found != m_steps.end() ? &*found : nullptr;
    }

    /// What a step says for its kind, under the names of an engine's operator; defaults written down, since those of
    /// the engine's operator may be others.
    void copyParameters(const StepInDocument& step, const PipelineStep& row, const StepForm& form, Making& to) const {
        for (const flow::Parameter& each : row.about.parameters) {
            const auto renamed = std::find_if(form.names.begin(), form.names.end(),
                                              [&](const Renamed& name) { return name.here == each.key; });
            const std::string_view there = renamed != form.names.end() ? renamed->there : each.key;
            if (const Value* value = step.object().find(each.key)) {
                to.put(there, *value);
            } else if (!each.defaultText.empty() && each.type == flow::ParameterType::Integer) {
                to.integer(there, std::stoll(std::string(each.defaultText)));
            } else if (!each.defaultText.empty()) {
                to.text(there, std::string(each.defaultText));
            }
        }
    }

    // --- Storm ------------------------------------------------------------------------------------------------------

    void writeTopology() {
        const Value* storm = m_pipeline.find("storm");
        const std::vector<std::string> at{"topologies", m_name};
        Making spout(m_place);
        spout.text("kind", "kafka").text("topic", textIn(&m_source, "topic")).text("group", m_name + "-storm");
        spout.copy(storm, "executors");
        Making bolts(m_place);
        for (const StepInDocument& each : m_steps) {
            if (const PipelineStep* row = findPipelineStep(each.kind); row != nullptr && !row->storm.kind.empty()) {
                bolts.put(each.name(), boltOf(each, *row, storm));
                stands(fmt::format("topologies.{}.bolts.{}", m_name, each.name()), stepPath(each));
            }
        }
        Making topology(m_place);
        topology.copy(storm, "workers").copy(storm, "submit_at").copy(storm, "config");
        topology.put("spouts", Making(m_place).put(recordsName, spout.take()).take()).put("bolts", bolts.take());
        add(at, topology.take(), m_path);
    }

    [[nodiscard]] Value boltOf(const StepInDocument& step, const PipelineStep& row, const Value* storm) const {
        Making bolt(step.member->keyPlace);
        bolt.text("kind", std::string(row.storm.kind));
        if (step.kind == "store") {
            bolt.text("sink", textIn(&m_pipeline, "sink"));
            bolt.text("table", tableOfEngine(textIn(&step.object(), "table"), "storm"));
        } else {
            copyParameters(step, row, row.storm, bolt);
        }
        if (step.kind == "window") {
            bolt.names("aggregates", {"count as count"});
        } else if (step.kind == "top") {
            bolt.text("by", "count").copy(&step.object(), "count");
        }
        bolt.copy(step.object().find("executors") != nullptr ? &step.object() : storm, "executors");
        bolt.put("inputs", inputsOf(step));
        return bolt.take();
    }

    /// Equal keys meet in one task; a ranking is one task's.
    [[nodiscard]] Value inputsOf(const StepInDocument& step) const {
        Making input(step.member->keyPlace);
        input.text("from", step.from.empty() ? std::string(recordsName) : step.from);
        if (step.isAside) {
            const StepInDocument* from = find(step.from);
            const PipelineStep* row = from != nullptr ? findPipelineStep(from->kind) : nullptr;
            input.text("stream", std::string(row != nullptr && !row->aside.empty() ? row->aside : "aside"));
        }
        if (step.kind == "count" || step.kind == "sum" || step.kind == "window") {
            input.text("grouping", "fields").names("fields", {textIn(&step.object(), "by")});
        } else {
            input.text("grouping", step.kind == "top" ? "global" : "shuffle");
        }
        return Value::list({input.take()}).standingAt(step.member->keyPlace);
    }

    // --- Spark ------------------------------------------------------------------------------------------------------

    void writeApplication() {
        const Value* spark = m_pipeline.find("spark");
        Making input(m_place);
        input.text("kind", "kafka").text("topic", textIn(&m_source, "topic"));
        Making operators(m_place);
        Making outputs(m_place);
        for (const StepInDocument& each : m_steps) {
            const PipelineStep* row = findPipelineStep(each.kind);
            if (row == nullptr || row->spark.kind.empty()) {
                continue;
            }
            if (each.kind == "store") {
                outputs.put(each.name(), outputOf(each));
                stands(fmt::format("streaming.{}.outputs.{}", m_name, each.name()), stepPath(each));
                continue;
            }
            putOperators(each, *row, operators);
        }
        Making application(m_place);
        const Value* master = valueAt(m_result.document, Path({"spark", "master"}));
        application.copy(spark != nullptr && spark->find("host") != nullptr ? spark : master, "host");
        const Value* batch = spark != nullptr ? spark->find("batch") : nullptr;
        application.put("batch", batch != nullptr ? *batch : Value::text("1s"));
        application.copy(spark, "config").copy(spark, "restart");
        const Value* checkpoint = spark != nullptr ? spark->find("checkpoint") : nullptr;
        application.put("checkpoint", checkpoint != nullptr ? *checkpoint : Value::boolean(true));
        application.put("inputs", Making(m_place).put(recordsName, input.take()).take());
        application.put("operators", operators.take()).put("outputs", outputs.take());
        add({"streaming", m_name}, application.take(), m_path);
    }

    /// What a step of Spark reads: of what another one puts aside, that one's second form.
    [[nodiscard]] static std::string sparkName(const std::string& from, bool isAside) {
        return from.empty() ? std::string(recordsName) : isAside ? from + "-aside" : from;
    }

    void putOperators(const StepInDocument& step, const PipelineStep& row, Making& operators) {
        const bool isReadAside = std::any_of(m_steps.begin(), m_steps.end(), [&](const StepInDocument& each) {
            return each.isAside && each.from == step.name();
        });
        std::string from = sparkName(step.from, step.isAside);
        if (step.kind == "sum") {
            // A reduction adds up what comes in, and this step whole numbers.
            Making amount(step.member->keyPlace);
            amount.text("kind", "compute");
            amount.names("set", {fmt::format("amount = integer({})", textIn(&step.object(), "of"))});
            amount.names("from", {from});
            from = step.name() + "-amount";
            operators.put(from, amount.take());
            stands(fmt::format("streaming.{}.operators.{}", m_name, from), stepPath(step));
        }
        operators.put(step.name(), operatorOf(step, row, from, false));
        stands(fmt::format("streaming.{}.operators.{}", m_name, step.name()), stepPath(step));
        if (isReadAside) {
            const std::string aside = sparkName(step.name(), true);
            operators.put(aside, operatorOf(step, row, from, true));
            stands(fmt::format("streaming.{}.operators.{}", m_name, aside), stepPath(step));
        }
    }

    [[nodiscard]] Value operatorOf(const StepInDocument& step, const PipelineStep& row, const std::string& from,
                                   bool givesAside) const {
        Making made(step.member->keyPlace);
        made.text("kind", std::string(row.spark.kind));
        if (step.kind == "sum") {
            made.copy(&step.object(), "by", "key").text("value", "amount");
        } else if (step.kind == "filter") {
            made.text("field", textIn(&step.object(), "field", "value")).copy(&step.object(), "pattern");
            made.put("negate", Value::boolean(textIn(&step.object(), "keep") == "others"));
        } else {
            copyParameters(step, row, row.spark, made);
        }
        if (step.kind == "window" && step.object().find("slide") == nullptr) {
            made.copy(&step.object(), "length", "slide");
        }
        if (step.kind == "count" || step.kind == "sum" || step.kind == "window") {
            made.copy(m_pipeline.find("spark"), "partitions");
        }
        if (givesAside) {
            made.put("aside", Value::boolean(true));
        }
        made.names("from", {from});
        return made.take();
    }

    [[nodiscard]] Value outputOf(const StepInDocument& step) const {
        Making output(step.member->keyPlace);
        output.text("kind", "foreachRDD").text("sink", textIn(&m_pipeline, "sink"));
        output.text("table", tableOfEngine(textIn(&step.object(), "table"), "spark"));
        output.names("from", {sparkName(step.from, step.isAside)});
        return output.take();
    }

    // --- Hadoop -----------------------------------------------------------------------------------------------------

    void writeJob() {
        const Value* hadoop = m_pipeline.find("hadoop");
        const std::string folder = "/pipelines/" + m_name;
        Making file(m_place);
        file.text("path", folder + "/records").copy(&m_pipeline, "source").copy(hadoop, "block_size");
        if (hadoop != nullptr && hadoop->find("load_at") != nullptr) {
            file.copy(hadoop, "load_at", "put_at");
        } else if (const auto end = endOfSource()) {
            file.text("put_at", *end);
        }
        file.copy(hadoop, "host");
        add({"hadoop", "files", m_name}, file.take(), m_path + ".hadoop");
        Making job(m_place);
        job.text("kind", "pipeline").text("pipeline", m_name);
        job.text("input", folder + "/records").text("output", folder + "/tables");
        job.copy(hadoop, "reduces").copy(hadoop, "host").copy(hadoop, "resubmit").copy(hadoop, "config");
        job.names("files", {m_name});
        add({"jobs", m_name}, job.take(), m_path + ".hadoop");
        Making out(m_place);
        out.text("folder", folder + "/tables").copy(&m_pipeline, "sink").copy(hadoop, "host");
        add({"hadoop", "exports", m_name}, out.take(), m_path + ".hadoop");
    }

    /// When the source has made its last record, where its number and rate tell it.
    [[nodiscard]] std::optional<std::string> endOfSource() const {
        const Value* count = m_source.find("count");
        const auto rate = parseRate(textIn(&m_source, "rate"));
        if (count == nullptr || !rate || *rate <= 0) {
            return std::nullopt;
        }
        const auto start = parseDuration(textIn(&m_source, "start_at", "0s"));
        const double at = (start ? seconds(*start) : 0) + static_cast<double>(count->asInteger()) / *rate;
        constexpr double most = 1e6;
        return at > most ? std::nullopt : std::optional(fmt::format("{:.0f}ms", at * 1000));
    }

    // --- the sink ---------------------------------------------------------------------------------------------------

    /// A table for each engine takes the place of the pipeline's.
    void writeTables(const std::vector<std::string>& engines) {
        const Path path({"sinks", textIn(&m_pipeline, "sink"), "tables"});
        const Value* tables = valueAt(m_result.document, path);
        if (tables == nullptr || !tables->isObject()) {
            return;
        }
        std::vector<Member> members;
        for (const Member& table : tables->members()) {
            const bool isStored = std::any_of(m_steps.begin(), m_steps.end(), [&](const StepInDocument& step) {
                return step.kind == "store" && textIn(&step.object(), "table") == table.key;
            });
            for (const std::string& engine : isStored ? engines : std::vector<std::string>()) {
                members.push_back({tableOfEngine(table.key, engine), table.value, table.keyPlace});
                stands(toText(path.child(members.back().key)), toText(path.child(table.key)));
            }
            if (!isStored) {
                members.push_back(table);
            }
        }
        if (auto changed =
                withValue(m_result.document, path, Value::object(std::move(members)).standingAt(tables->place()))) {
            m_result.document = std::move(*changed);
        }
    }

    WrittenOut& m_result;
    std::string m_name;
    const Value m_pipeline;
    Place m_place;
    std::string m_path;
    std::vector<StepInDocument> m_steps;
    Value m_source;  ///< null: there is none
};

}  // namespace

void PipelinesSection::writeOut(WrittenOut& result) const {
    const Value whole = result.document;
    const Value* pipelines = whole.find("pipelines");
    for (const Member& each : pipelines != nullptr ? pipelines->members() : std::span<const Member>()) {
        if (each.value.isObject()) {
            PipelineWriter(result, each).write();
        }
    }
}

}  // namespace millrace::scenario
