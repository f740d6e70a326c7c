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
    }
    return sinks;
}

}  // namespace

void IngestSection::addToReport(ReportStage stage, const observe::SystemViews& views,
                                nlohmann::ordered_json& report) const {
    if (stage != ReportStage::Ends) {
        return;
    }
    report["sinks"] = sinksJson(views);
}

std::string IngestSection::reportText(ReportStage stage, const observe::SystemViews& views) const {
    if (stage != ReportStage::Ends) {
        return {};
    }
    ReportTable sinks({"sink", "kind", "written"});
    for (const observe::SinkView& each : views.sinks) {
        sinks.add({each.name, each.kind, std::to_string(each.written)});
    }
    return sinks.under("Sinks");
}

}  // namespace millrace::scenario
