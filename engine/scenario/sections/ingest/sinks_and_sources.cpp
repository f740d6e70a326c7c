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

Ref<const ingest::SinkSpec> sinkSpec(const SinkPlan& sink) {
    auto spec = makeRef<ingest::SinkSpec>();
    spec->id = sink.name;
    spec->kind = sink.kind == "file" ? ingest::SinkKind::File : ingest::SinkKind::Sqlite;
    spec->path = sink.path;
    spec->write = sink.writesOnce ? ingest::WriteMode::Once : ingest::WriteMode::Append;
    if (spec->kind == ingest::SinkKind::Sqlite && sink.tables.empty()) {
        spec->tables = ingest::webLogAuditTables();
    }
    for (const TablePlan& plan : sink.tables) {
        ingest::SinkTable table;
        table.name = plan.name;
        table.kind = plan.countsKeys ? ingest::SinkTable::Kind::Counts : ingest::SinkTable::Kind::Rows;
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
        feed->model = ingest::recordsModel(plain, random);
    }
    feed->flaws = ingest::flawsOf(source.flaws, feed->format != nullptr);
    feed->flaws.startMillis = run.startMillis;
    return feed;
}

bool isFeedSource(const SourcePlan& source) {
    return source.kind == SourcePlan::Kind::Model || source.kind == SourcePlan::Kind::Replay ||
           !source.flaws.values.empty() || !source.bursts.values.empty() || source.keeps;
}

}  // namespace

Result<Ref<const ingest::SourceSpec>> sourceSpec(const SourcePlan& source, const RunPlan& run) {
    auto spec = makeRef<ingest::SourceSpec>();
    spec->id = source.name;
    spec->pace.recordsPerSecond = source.rate.value_or(0);
    spec->pace.jitter = source.generator.jitter;
    spec->pace.start = source.startAt;
    if (source.kind == SourcePlan::Kind::Generator || source.kind == SourcePlan::Kind::Model) {
        spec->origin = generatorOf(source.generator);
        if (isFeedSource(source)) {
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
    if (isFeedSource(source)) {
        spec->feed = feedOfSource(source, run, spec, std::move(replay));
    }
    return spec;
}

}  // namespace millrace::scenario
