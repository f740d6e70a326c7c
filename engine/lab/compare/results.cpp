#include "engine/lab/compare/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/scenario/sections/ingest/sinks_and_sources.h"
#include "engine/scenario/sections/kafka/source_trace.h"
#include "engine/scenario/sections/pipelines/pipeline_graph.h"

namespace millrace::lab {

namespace {

std::vector<std::string> textsOf(const std::vector<ingest::SinkValue>& values) {
    std::vector<std::string> texts;
    for (const ingest::SinkValue& value : values) {
        texts.push_back(ingest::toText(value));
    }
    return texts;
}

const scenario::SourcePlan* findSource(const scenario::Scenario& scenario, const std::string& name) {
    const auto found = std::find_if(scenario.sources.begin(), scenario.sources.end(),
                                    [&](const scenario::SourcePlan& each) { return each.name == name; });
    return found != scenario.sources.end() ? &*found : nullptr;
}

/// Goes through the records of a source, in order, with the time at which each is made.
template <class Use>
void forEachRecord(const scenario::Scenario& scenario, const std::string& name, const Use& use) {
    const scenario::SourcePlan* plan = findSource(scenario, name);
    auto spec = plan != nullptr && plan->isFinite() ? scenario::sourceSpec(*plan, scenario.run)
                                                    : Result<Ref<const ingest::SourceSpec>>(failure("endless"));
    if (!spec) {
        return;
    }
    ingest::SourceCursor cursor = scenario::traceOf(*spec, scenario);
    for (std::int64_t count = 0; !cursor.exhausted() && count < expectedRecordsMax; ++count) {
        const SimTime due = cursor.nextDue();
        use(due, cursor.take());
    }
}

}  // namespace

std::string plainTable(const std::string& table, const std::string& engine) {
    const std::string suffix = scenario::tableOfEngine("", engine);
    const bool isEngines = !engine.empty() && table.ends_with(suffix);
    return isEngines ? table.substr(0, table.size() - suffix.size()) : table;
}

// --- what comes -----------------------------------------------------------------------------------------------------

ResultWatch::ResultWatch(std::string engine, const scenario::Scenario& scenario) : m_engine(std::move(engine)) {
    for (const scenario::SourcePlan& each : scenario.sources) {
        m_sources.insert(each.name);
    }
}

void ResultWatch::observe(const std::vector<sim::NumberedEffect>& effects) {
    for (const sim::NumberedEffect& each : effects) {
        const auto* effect = dynamic_cast<const ingest::SinkEffect*>(each.effect.get());
        if (effect == nullptr) {
            continue;
        }
        std::uint64_t& newest = m_transactions[effect->sink().id];
        if (effect->transaction() <= newest) {
            continue;  // A database that came back told its last one once more.
        }
        newest = effect->transaction();
        for (const auto& request : effect->requests()) {
            for (const ingest::SinkWrite& write : request->writes) {
                enter(each.time, effect->sink(), write);
            }
        }
    }
}

void ResultWatch::enter(SimTime at, const ingest::SinkSpec& sink, const ingest::SinkWrite& write) {
    const ingest::Origin& origin = write.origin;
    if (sink.write == ingest::WriteMode::Once &&
        !m_seen.emplace(sink.id, write.table, origin.source, origin.position, origin.part).second) {
        return;
    }
    const bool hasTables = write.table < sink.tables.size();
    const std::string table = plainTable(hasTables ? sink.tables[write.table].name : sink.id, m_engine);
    const bool isCount = hasTables && sink.tables[write.table].kind == ingest::SinkTable::Kind::Counts;
    const std::int64_t amount = isCount ? write.increment : 1;
    m_tables[table][textsOf(write.values)] += amount;
    const std::int64_t before = m_points.empty() ? 0 : m_points.back().results;
    if (m_points.empty() || m_points.back().at != at) {
        m_points.push_back({at, before});
    }
    m_points.back().results += amount;
    if (!m_sources.contains(origin.source)) {
        return;  // It sums up many records and knows none of them.
    }
    m_firstOf[origin.source].emplace(origin.position, at);
    std::int64_t& furthest = m_furthest.try_emplace({table, origin.source}, -1).first->second;
    (origin.position < furthest ? m_overtaken : m_inOrder) += 1;
    furthest = std::max(furthest, origin.position);
}

// --- what has to come -----------------------------------------------------------------------------------------------

Expected expectedOf(const scenario::Scenario& scenario, const std::string& engine) {
    Expected expected;
    struct Record {
        SimTime at;
        std::int64_t results = 0;
    };
    std::vector<Record> records;
    expected.isWhole = !scenario.pipelines.empty();
    for (const scenario::PipelinePlan& pipeline : scenario.pipelines) {
        const auto graph = scenario::graphOfPipeline(pipeline.name, engine, scenario);
        const scenario::SourcePlan* source = findSource(scenario, pipeline.source);
        if (!graph || !(*graph)->isTimeless() || source == nullptr || !source->isFinite()) {
            expected.isWhole = false;
            continue;
        }
        forEachRecord(scenario, pipeline.source, [&](SimTime due, const ingest::SourceRecord& record) {
            Record made{due, 0};
            (*graph)->run(record.value, [&](std::uint32_t table, const std::vector<ingest::SinkValue>& values,
                                            std::int64_t increment) {
                const ingest::SinkTable& spec = (*graph)->tables()[table];
                const std::int64_t amount = spec.kind == ingest::SinkTable::Kind::Counts ? increment : 1;
                expected.tables[plainTable(spec.name, engine)][textsOf(values)] += amount;
                made.results += amount;
            });
            records.push_back(made);
        });
    }
    std::stable_sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.at < b.at; });
    std::int64_t results = 0;
    for (const Record& each : records) {
        results += each.results;
        if (each.results > 0) {
            expected.records.push_back({each.at, results});
        }
    }
    return expected;
}

std::map<std::string, std::vector<SimTime>> timesOfSources(const scenario::Scenario& scenario) {
    std::map<std::string, std::vector<SimTime>> times;
    for (const scenario::SourcePlan& source : scenario.sources) {
        forEachRecord(scenario, source.name,
                      [&](SimTime due, const ingest::SourceRecord&) { times[source.name].push_back(due); });
    }
    return times;
}

}  // namespace millrace::lab
