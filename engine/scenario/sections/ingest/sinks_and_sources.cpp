#include "engine/scenario/sections/ingest/sinks_and_sources.h"

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/ingest/replay.h"

namespace millrace::scenario {

namespace {

ingest::SinkColumn columnOf(const ColumnPlan& plan) {
    using Type = ingest::SinkColumn::Type;
    const Type type = plan.type == "INTEGER" ? Type::Integer : plan.type == "REAL" ? Type::Real : Type::Text;
    return {plan.name, type};
}

ingest::GeneratorSource generatorOf(const GeneratorPlan& plan) {
    ingest::GeneratorSource generator;
    generator.keys.count = static_cast<std::uint32_t>(plan.keys);
    generator.keys.exponent = plan.keyExponent;
    if (plan.vocabulary > 0) {
        generator.values.words = static_cast<std::uint32_t>(plan.wordsPerRecord);
        generator.values.vocabulary = static_cast<std::uint32_t>(plan.vocabulary);
        generator.values.exponent = plan.wordExponent;
    }
    generator.values.bytes = static_cast<std::uint32_t>(plan.recordBytes);
    generator.recordsMax = plan.count;
    return generator;
}

}  // namespace

namespace {

ingest::SinkKind sinkKindOf(const std::string& kind) {
    using Kind = ingest::SinkKind;
    return kind == "file"        ? Kind::File
           : kind == "lake"      ? Kind::Lake
           : kind == "documents" ? Kind::Documents
           : kind == "archive"   ? Kind::Archive
           : kind == "dashboard" ? Kind::Dashboard
           : kind == "topic"     ? Kind::Topic
                                 : Kind::Sqlite;
}

ingest::LakeSpec lakeOf(const flow::ParameterValues& values) {
    using Partition = ingest::LakeSpec::Partition;
    const std::string partition = values.text("partition");
    ingest::LakeSpec lake;
    lake.partition = partition == "none" ? Partition::None : partition == "hour" ? Partition::Hour : Partition::Date;
    lake.isCsv = values.text("format") == "csv";
    lake.compactEvery = values.duration("compact_every").value_or(SimDuration{0});
    return lake;
}

}  // namespace

Ref<ingest::SinkSpec> sinkSpec(const SinkPlan& sink) {
    auto spec = makeRef<ingest::SinkSpec>();
    spec->id = sink.name;
    spec->kind = sinkKindOf(sink.kind);
    spec->path = sink.path;
    spec->connection = sink.values.text("connection");
    spec->write = sink.writesOnce ? ingest::WriteMode::Once : ingest::WriteMode::Append;
    spec->commitLatency = sink.values.duration("commit_latency").value_or(SimDuration{0});
    if (spec->kind == ingest::SinkKind::Lake) {
        spec->lake = lakeOf(sink.values);
    } else if (spec->kind == ingest::SinkKind::Documents) {
        using Type = ingest::SinkColumn::Type;
        spec->tables = {
            {"documents", ingest::SinkTable::Kind::Keyed, {{"id", Type::Text}, {"body", Type::Text}}, {"id"}}};
        spec->indexes = sink.values.list("indexes");
    } else if (spec->kind == ingest::SinkKind::Dashboard) {
        using Type = ingest::SinkColumn::Type;
        spec->tables = {{"tiles", ingest::SinkTable::Kind::Keyed, {{"tile", Type::Text}}, {"tile"}}};
    } else if (sink.kind == "sqlite" && sink.tables.empty()) {
        spec->tables = ingest::webLogAuditTables();
    }
    for (const TablePlan& plan : sink.tables) {
        ingest::SinkTable table;
        table.name = plan.name;
        table.kind = plan.countsKeys      ? ingest::SinkTable::Kind::Counts
                     : !plan.keys.empty() ? ingest::SinkTable::Kind::Keyed
                                          : ingest::SinkTable::Kind::Rows;
        table.keys = plan.keys;
        for (const ColumnPlan& column : plan.columns) {
            table.columns.push_back(columnOf(column));
        }
        spec->tables.push_back(std::move(table));
    }
    return spec;
}

namespace {

/// A feed from what `spec` reads, or from a model or the stamps of a file.
Ref<const ingest::FeedSpec> feedOfSource(const SourcePlan& source, const RunPlan& run,
                                         const Ref<ingest::SourceSpec>& spec, Ref<const ingest::ReplayPlan> replay) {
    auto feed = makeRef<ingest::FeedSpec>();
    feed->name = fmt::format("source/{}#{}", source.name, source.seed);
    feed->source = source.name;
    feed->seed = run.seed;
    feed->shape = ingest::shapeOf(source.bursts);
    feed->keeps = source.keeps;
    feed->begin = SimTime{} + source.startAt;
    feed->rate = source.rate.value_or(0);
    feed->readingsMax = source.generator.count;
    const RandomStream random(run.seed, feed->name);
    if (const ingest::ModelKind* kind = ingest::findModelKind(source.kindName)) {
        feed->model = kind->make(source.values, random);
        feed->format = ingest::findFormat(source.values.text("format"));
        MILLRACE_CHECK(feed->format != nullptr, source.name);
        feed->layout.columns = kind->columns();
        for (const ingest::ModelField& field : kind->fields) {
            feed->layout.units.emplace_back(field.unit);
        }
    } else if (replay) {
        feed->model = ingest::replayModel(std::move(replay), source.values.number("speed").value_or(1));
        feed->isTimed = true;
    } else {
        const auto plain = makeRef<ingest::SourceSpec>(*spec);
        plain->pace = {};
        plain->pace.jitter = spec->pace.jitter;  // when is the feed's matter, how evenly the records' own
        plain->seed = 0;                         // in the feed's name
        feed->model = ingest::recordsModel(plain, random);
    }
    feed->flaws = ingest::flawsOf(source.flaws, feed->format != nullptr);
    feed->flaws.startMillis = run.startMillis;
    return feed;
}

bool isFeedSource(const SourcePlan& source) {
    return source.kind == SourcePlan::Kind::Model || source.kind == SourcePlan::Kind::Replay ||
           ingest::flawsOf(source.flaws, false).isAny() || !source.bursts.values.empty() || source.keeps;
}

}  // namespace

Result<Ref<const ingest::SourceSpec>> sourceSpec(const SourcePlan& source, const RunPlan& run, bool asFeed) {
    auto spec = makeRef<ingest::SourceSpec>();
    spec->id = source.name;
    spec->seed = source.seed;
    spec->pace.recordsPerSecond = source.rate.value_or(0);
    spec->pace.jitter = source.generator.jitter;
    spec->pace.start = source.startAt;
    if (source.kind == SourcePlan::Kind::Generator || source.kind == SourcePlan::Kind::Model) {
        spec->origin = generatorOf(source.generator);
        if (asFeed || isFeedSource(source)) {
            spec->feed = feedOfSource(source, run, spec, nullptr);
        }
        return spec;
    }
    auto content = ingest::readFile(source.path);
    if (!content) {
        return failure(fmt::format("{}: {}", content.error().where, content.error().message),
                       fmt::format("sources.{}.path", source.name));
    }
    Ref<const ingest::ReplayPlan> replay;
    if (source.kind == SourcePlan::Kind::Replay) {
        auto plan = ingest::replayPlan(*content, source.values.text("time"));
        if (!plan) {
            return failure(std::move(plan.error()), fmt::format("sources.{}.time", source.name));
        }
        replay = std::move(*plan);
    }
    spec->origin = ingest::FileSource{std::move(*content)};
    if (asFeed || isFeedSource(source)) {
        spec->feed = feedOfSource(source, run, spec, std::move(replay));
    }
    return spec;
}

}  // namespace millrace::scenario
