#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "engine/ingest/file_content.h"
#include "engine/ingest/models/model.h"
#include "engine/scenario/sections/ingest/pipelines.h"
#include "engine/scenario/sections/ingest/sinks_and_sources.h"
#include "engine/scenario/units.h"
#include "engine/scenario/world_builder.h"

namespace millrace::scenario {

namespace {

/// "1m 0.5".
std::optional<std::pair<SimDuration, double>> pointIn(const std::string& written) {
    const std::size_t blank = std::min(written.find(' '), written.size());
    const auto age = parseDuration(written.substr(0, blank));
    if (!age) {
        return std::nullopt;
    }
    const std::optional<double> worth =
        flow::numberIn(std::string_view{written}.substr(std::min(blank + 1, written.size())));
    if (!worth) {
        return std::nullopt;
    }
    return std::pair{SimDuration{*age}, *worth};
}

/// Makes the specification of one pipeline and gathers all that is wrong with it.
class PipelineMaking {
public:
    PipelineMaking(const IngestionPlan& pipeline, const Scenario& plan, const Surroundings* around)
        : m_pipeline(pipeline), m_plan(plan), m_around(around), m_path("ingestion." + pipeline.name) {}

    Result<Ref<ingest::PipelineSpec>, std::vector<Error>> make() {
        m_spec->name = m_pipeline.name;
        readTimes();
        readForm();
        m_spec->value = valueCurve();
        const std::optional<std::vector<flow::Column>> columns = steps();
        if (columns) {
            destinations(*columns);
        }
        if (m_around != nullptr) {
            const std::string source = m_pipeline.values.text("source");
            m_spec->source = m_around->sources.at(source);
            m_spec->random = RandomStream(m_plan.run.seed, "source/" + source);
        }
        m_spec->startMillis = m_plan.run.startMillis;
        if (!m_errors.empty()) {
            return tl::unexpected(std::move(m_errors));
        }
        return m_spec;
    }

private:
    void trouble(std::string_view key, std::string reason) {
        m_errors.push_back({std::move(reason), fmt::format("{}.{}", m_path, key)});
    }
    [[nodiscard]] SimDuration durationOf(std::string_view key) const {
        return m_pipeline.values.duration(key).value_or(SimDuration{0});
    }
    /// What a timer goes by: at least a millisecond, or it would be all that ever happens.
    SimDuration intervalOf(std::string_view key) {
        const SimDuration interval = durationOf(key);
        constexpr SimDuration least = std::chrono::milliseconds{1};
        if (interval < least && m_pipeline.values.duration(key)) {
            trouble(key, "an interval is 1ms at least");
        }
        return std::max(interval, least);
    }

    void readTimes() {
        const flow::ParameterValues& values = m_pipeline.values;
        m_spec->way = m_pipeline.kind == "batch"         ? ingest::IngestWay::Batch
                      : m_pipeline.kind == "micro-batch" ? ingest::IngestWay::MicroBatch
                                                         : ingest::IngestWay::Streaming;
        m_spec->every = intervalOf("every");
        m_spec->startAt = m_pipeline.startAt;
        if (const auto size = values.integer("size")) {
            m_spec->size = static_cast<std::uint64_t>(*size);
        }
        m_spec->isFull = values.text("load") == "full";
        if (m_spec->isFull && m_spec->size) {
            trouble("size", "a full load begins by time alone: it takes everything, not what waits");
        }
        constexpr SimDuration ofBatches = std::chrono::milliseconds{5};
        m_spec->linger = m_spec->way == ingest::IngestWay::Streaming ? durationOf("linger") : ofBatches;
        m_spec->checkpointEvery = intervalOf("checkpoint_every");
        m_spec->notesBefore = values.text("note") == "before";
        m_spec->batchMax = static_cast<std::uint32_t>(values.integer("batch_size").value_or(500));
        m_spec->transformEvery = intervalOf("transform_every");
        m_spec->repairAt = values.duration("repair_at");
    }

    [[nodiscard]] const SourcePlan* source() const {
        const std::string name = m_pipeline.values.text("source");
        const auto found = std::find_if(m_plan.sources.begin(), m_plan.sources.end(),
                                        [&](const SourcePlan& each) { return each.name == name; });
        return found != m_plan.sources.end() ? &*found : nullptr;
    }

    /// By which format and columns records are read: what is written, else what the source or the format says.
    void readForm() {
        const SourcePlan* from = source();
        const ingest::ModelKind* model = from != nullptr ? ingest::findModelKind(from->kindName) : nullptr;
        std::string name = m_pipeline.values.text("format");
        if (name.empty()) {
            name = model != nullptr ? from->values.text("format") : "lines";
        }
        const ingest::Format* format = name == "lines" ? nullptr : ingest::findFormat(name);
        ingest::Layout layout;
        std::size_t index = 0;
        for (const std::string& written : m_pipeline.values.list("columns")) {
            const auto column = flow::columnOf(written);
            if (!column) {
                trouble(fmt::format("columns[{}]", index),
                        "a column is a name and BOOLEAN, INTEGER, REAL or TEXT, as in \"amount REAL\"");
            } else if (layout.find(column->name)) {
                trouble(fmt::format("columns[{}]", index), "there is a column of this name already");
            } else {
                layout.columns.push_back(*column);
            }
            ++index;
        }
        if (format == nullptr && index > 0) {
            trouble("columns", "lines have no columns: name the format that they are written in");
        }
        if (format == nullptr) {
            layout.columns = {{"line", flow::DatumType::Text}};
        } else if (index == 0 && !format->fields.empty()) {
            layout.columns = format->fields;
        } else if (index == 0 && model != nullptr) {
            layout.columns = model->columns();
            for (const ingest::ModelField& field : model->fields) {
                layout.units.emplace_back(field.unit);
            }
        } else if (index == 0) {
            trouble("columns", fmt::format("records of {} need columns: what stands in them?", name));
        }
        const std::string drift = m_pipeline.values.text("drift");
        const auto policy = drift == "fail"     ? ingest::DriftPolicy::Fail
                            : drift == "evolve" ? ingest::DriftPolicy::Evolve
                                                : ingest::DriftPolicy::Ignore;
        readTimeColumn(layout);
        m_columns = layout.columns;
        m_spec->reader = ingest::RecordReader(format, std::move(layout), policy);
    }

    void readTimeColumn(const ingest::Layout& layout) {
        const std::string name = m_pipeline.values.text("time");
        if (name.empty()) {
            return;
        }
        m_spec->time = layout.find(name);
        if (!m_spec->time) {
            trouble("time", ingest::noSuchField("time", name, layout.columns).value().reason);
        }
    }

    ingest::ValueCurve valueCurve() {
        std::vector<std::pair<SimDuration, double>> points;
        std::size_t index = 0;
        for (const std::string& written : m_pipeline.values.list("value")) {
            const auto point = pointIn(written);
            const std::string key = fmt::format("value[{}]", index++);
            if (!point) {
                trouble(key, "a point is an age and what a row is worth then, as in \"1m 0.5\"");
            } else if (!points.empty() && point->first <= points.back().first) {
                trouble(key, "the ages of the points rise");
            } else {
                points.push_back(*point);
            }
        }
        return ingest::ValueCurve(std::move(points));
    }

    /// The columns behind the last step; nothing when a step is wrong.
    std::optional<std::vector<flow::Column>> steps() {
        std::vector<flow::Column> columns = m_columns;
        if (columns.empty()) {
            return std::nullopt;
        }
        for (const IngestStepPlan& each : m_pipeline.steps) {
            const ingest::StepKind* kind = ingest::findStepKind(each.kind);
            Ref<const ingest::FileContent> file;
            if (kind->about.find("path") != nullptr && !each.path.empty()) {
                auto content = ingest::readFile(each.path);
                if (!content) {
                    trouble(fmt::format("steps.{}.path", each.name),
                            fmt::format("{}: {}", content.error().where, content.error().message));
                    return std::nullopt;
                }
                file = std::move(*content);
            }
            auto made = kind->make({each.values, columns, file});
            if (!made) {
                trouble(fmt::format("steps.{}.{}", each.name, made.error().key), std::move(made.error().reason));
                return std::nullopt;  // What comes next depends on it.
            }
            std::vector<std::string> names;
            for (const flow::Column& column : made->columns) {
                names.push_back(column.name);
            }
            if (const auto twice = flow::firstRepeated(names)) {
                trouble(fmt::format("steps.{}", each.name),
                        fmt::format("'{}' is the name of two fields behind it", *twice));
                return std::nullopt;
            }
            columns = made->columns;
            m_spec->steps.push_back({each.name, std::move(made->step), std::move(made->columns)});
        }
        return columns;
    }

    [[nodiscard]] Ref<const ingest::SinkSpec> sinkOf(std::string_view key, ingest::PlacedDestination& placed) const {
        const std::string name = m_pipeline.values.text(key);
        if (m_around != nullptr) {
            const PlacedSink& sink = m_around->sinks.at(name);
            placed.host = sink.host;
            placed.port = sink.port;
            return sink.spec;
        }
        const auto found = std::find_if(m_plan.sinks.begin(), m_plan.sinks.end(),
                                        [&](const SinkPlan& each) { return each.name == name; });
        return found != m_plan.sinks.end() ? Ref<const ingest::SinkSpec>(sinkSpec(*found)) : nullptr;
    }

    void take(Result<ingest::Destination, ingest::StepTrouble> made, ingest::PlacedDestination& placed) {
        if (made) {
            placed.destination = std::move(*made);
        } else {
            trouble(made.error().key, std::move(made.error().reason));
        }
    }

    void destinations(const std::vector<flow::Column>& columns) {
        const flow::ParameterValues& values = m_pipeline.values;
        if (const auto sink = sinkOf("to", m_spec->to)) {
            take(ingest::Destination::make(sink, columns, values.list("tables"), values.list("key")), m_spec->to);
            if (m_spec->isFull && m_spec->to.destination.sink() && !m_spec->to.destination.isKeyed()) {
                trouble("load",
                        fmt::format("a full load writes all rows again: {} must know them by keys (a keyed table, "
                                    "or documents)",
                                    sink->id));
            }
            if (sink->kind == ingest::SinkKind::Lake && sink->lake.isCsv && values.text("drift") == "evolve") {
                trouble("drift", fmt::format("{} is a lake of CSV, whose columns are fixed", sink->id));
            }
        }
        checkBoard(columns);
        if (!values.text("dead_letters").empty()) {
            m_spec->rejects.emplace();
            if (const auto sink = sinkOf("dead_letters", *m_spec->rejects)) {
                take(ingest::Destination::ofRejects(sink), *m_spec->rejects);
            }
        }
        if (!values.text("land").empty()) {
            m_spec->landing.emplace();
            if (const auto sink = sinkOf("land", *m_spec->landing)) {
                take(ingest::Destination::ofLanding(sink), *m_spec->landing);
            }
            if (m_spec->isFull) {
                trouble("land", "a full load takes everything anew each time: nothing needs to land before");
            }
        }
    }

    /// What its dashboard is to show of these columns is written at the sink.
    void checkBoard(const std::vector<flow::Column>& columns) {
        const std::string name = m_pipeline.values.text("to");
        const auto sink = std::find_if(m_plan.sinks.begin(), m_plan.sinks.end(),
                                       [&](const SinkPlan& each) { return each.name == name; });
        if (sink == m_plan.sinks.end() || sink->kind != "dashboard") {
            return;
        }
        const auto board =
            ingest::BoardSpec::make(columns, {}, sink->values.text("chart"), sink->values.list("alerts"));
        for (const auto& each : board ? std::vector<ingest::BoardSpec::Trouble>() : board.error()) {
            m_errors.push_back({each.reason, fmt::format("sinks.{}.{}", name, each.key)});
        }
    }

    const IngestionPlan& m_pipeline;
    const Scenario& m_plan;
    const Surroundings* m_around;
    std::string m_path;
    Ref<ingest::PipelineSpec> m_spec = makeRef<ingest::PipelineSpec>();
    std::vector<flow::Column> m_columns;
    std::vector<Error> m_errors;
};

}  // namespace

Result<Ref<ingest::PipelineSpec>, std::vector<Error>> pipelineSpec(const IngestionPlan& pipeline, const Scenario& plan,
                                                                   const Surroundings* around) {
    return PipelineMaking(pipeline, plan, around).make();
}

}  // namespace millrace::scenario
