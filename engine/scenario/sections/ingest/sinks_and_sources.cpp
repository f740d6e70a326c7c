#include "engine/scenario/sections/ingest/sinks_and_sources.h"

#include <fmt/format.h>

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

Result<Ref<const ingest::SourceSpec>> sourceSpec(const SourcePlan& source) {
    auto spec = makeRef<ingest::SourceSpec>();
    spec->id = source.name;
    spec->pace.recordsPerSecond = source.rate.value_or(0);
    spec->pace.jitter = source.generator.jitter;
    spec->pace.start = source.startAt;
    if (source.kind == SourcePlan::Kind::Generator) {
        spec->origin = generatorOf(source.generator);
        return spec;
    }
    auto content = ingest::readFile(source.path);
    if (!content) {
        return failure(fmt::format("{}: {}", content.error().where, content.error().message),
                       fmt::format("sources.{}.path", source.name));
    }
    spec->origin = ingest::FileSource{std::move(*content)};
    return spec;
}

}  // namespace millrace::scenario
