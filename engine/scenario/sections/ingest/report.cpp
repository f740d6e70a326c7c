#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/scenario/report_values.h"
#include "engine/scenario/sections/ingest/ingest_section.h"

namespace millrace::scenario {

namespace {

using Json = nlohmann::ordered_json;

Json sinksJson(const observe::SystemViews& views) {
    Json sinks = Json::array();
    for (const observe::SinkView& sink : views.sinks) {
        sinks.push_back({{"id", sink.name}, {"kind", sink.kind}, {"written", sink.written}});
        if (sink.kind == "topic") {
            sinks.back()["rejected"] = sink.rejected;
        }
    }
    return sinks;
}

double milliseconds(SimDuration duration) {
    return static_cast<double>(duration.count()) / 1e6;
}

Json stepsJson(const observe::IngestionView& pipeline) {
    Json steps = Json::array();
    for (const observe::StepView& step : pipeline.steps) {
        steps.push_back(
            {{"name", step.name}, {"in", step.in}, {"out", step.out}, {"before", step.before}, {"after", step.after}});
    }
    return steps;
}

Json pipelinesJson(const observe::SystemViews& views) {
    Json all = Json::array();
    for (const observe::IngestionView& each : views.ingestion) {
        all.push_back({{"name", each.name},
                       {"way", each.way},
                       {"transforms", each.isTransformedLater ? "after loading" : "before loading"},
                       {"source", each.source},
                       {"sink", each.sink},
                       {"read", each.read},
                       {"gone", each.gone},
                       {"rows", each.rows},
                       {"rejected", each.rejected},
                       {"dropped", each.dropped},
                       {"drifted", each.drifted},
                       {"alerts", each.alerts},
                       {"batches", each.batches},
                       {"overruns", each.overruns},
                       {"writes_again", each.retries},
                       {"waiting", each.waiting},
                       {"landed", each.landed},
                       {"age_mean_ms", milliseconds(each.meanAge)},
                       {"age_max_ms", milliseconds(each.oldestAge)},
                       {"freshness_ms", milliseconds(each.freshness)},
                       {"value_kept", each.valueKept},
                       {"processor_ms", milliseconds(each.processor)},
                       {"sink_processor_ms", milliseconds(each.sinkProcessor)},
                       {"network_bytes", each.bytesIn + each.bytesOut},
                       {"disk_bytes", each.diskBytes},
                       {"steps", stepsJson(each)}});
    }
    return all;
}

std::string pipelinesText(const observe::SystemViews& views) {
    ReportTable table({"pipeline", "way", "read", "rows", "rejected", "gone", "age mean s", "age max s", "value kept",
                       "processor ms", "of sink ms", "network KiB", "disk KiB"});
    constexpr std::int64_t kibibyte = 1024;
    for (const observe::IngestionView& each : views.ingestion) {
        table.add({each.name, each.way + (each.isTransformedLater ? ", ELT" : ""), std::to_string(each.read),
                   std::to_string(each.rows), std::to_string(each.rejected), std::to_string(each.gone),
                   fmt::format("{:.3f}", seconds(each.meanAge)), fmt::format("{:.3f}", seconds(each.oldestAge)),
                   fmt::format("{:.3f}", each.valueKept), fmt::format("{:.1f}", milliseconds(each.processor)),
                   fmt::format("{:.1f}", milliseconds(each.sinkProcessor)),
                   std::to_string((each.bytesIn + each.bytesOut) / kibibyte),
                   std::to_string(each.diskBytes / kibibyte)});
    }
    return table.under("Ingestion");
}

}  // namespace

void IngestSection::addToReport(ReportStage stage, const observe::SystemViews& views,
                                nlohmann::ordered_json& report) const {
    if (stage != ReportStage::Ends) {
        return;
    }
    report["sinks"] = sinksJson(views);
    if (!views.ingestion.empty()) {
        report["ingestion"] = pipelinesJson(views);
    }
}

std::string IngestSection::reportText(ReportStage stage, const observe::SystemViews& views) const {
    if (stage != ReportStage::Ends) {
        return {};
    }
    ReportTable sinks({"sink", "kind", "written"});
    for (const observe::SinkView& each : views.sinks) {
        sinks.add({each.name, each.kind, std::to_string(each.written)});
    }
    return sinks.under("Sinks") + (views.ingestion.empty() ? std::string() : pipelinesText(views));
}

}  // namespace millrace::scenario
