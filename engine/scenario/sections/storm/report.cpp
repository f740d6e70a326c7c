#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/scenario/operators.h"
#include "engine/scenario/report_values.h"
#include "engine/scenario/sections/storm/storm_section.h"

namespace millrace::scenario {

namespace {

using Json = nlohmann::ordered_json;

double milliseconds(SimDuration duration) {
    return static_cast<double>(duration.count()) / 1e6;
}

std::string_view kindText(const observe::ComponentView& component) {
    const flow::Operator* bolt = findOperator(flow::NodeKind::Bolt, component.type);
    if (bolt != nullptr && bolt->reference(flow::NodeKind::Sink) != nullptr) {
        return "sink";
    }
    return component.kind == observe::ComponentKind::Spout ? "spout" : "bolt";
}

Json componentJson(const observe::ComponentView& component) {
    return {{"id", component.name},
            {"kind", kindText(component)},
            {"type", component.type},
            {"executors", component.executors},
            {"tasks", component.tasks},
            {"emitted", component.emitted},
            {"transferred", component.transferred},
            {"executed", component.executed},
            {"acked", component.acked},
            {"failed", component.failed},
            {"capacity", component.capacity},
            {"execute_latency_ms", milliseconds(component.executeLatency)},
            {"complete_latency_ms", milliseconds(component.completeLatency)}};
}

Json topologiesJson(const observe::StormView& storm) {
    Json topologies = Json::array();
    for (const observe::TopologyView& topology : storm.topologies) {
        Json components = Json::array();
        for (const observe::ComponentView& component : topology.components) {
            components.push_back(componentJson(component));
        }
        topologies.push_back({{"name", topology.name},
                              {"status", topology.status},
                              {"acked", topology.ackedTuples},
                              {"failed", topology.failedTuples},
                              {"replayed", topology.replayedTuples},
                              {"components", components}});
    }
    return topologies;
}

std::string topologiesText(const observe::StormView& storm) {
    std::string text;
    for (const observe::TopologyView& topology : storm.topologies) {
        ReportTable table({"component", "executors", "executed", "emitted", "acked", "failed", "capacity", "execute ms",
                           "complete ms"});
        for (const observe::ComponentView& each : topology.components) {
            table.add({each.name, std::to_string(each.executors), std::to_string(each.executed),
                       std::to_string(each.emitted), std::to_string(each.acked), std::to_string(each.failed),
                       fmt::format("{:.3f}", each.capacity),
                       fmt::format("{:.3f}", static_cast<double>(each.executeLatency.count()) / 1e6),
                       fmt::format("{:.3f}", static_cast<double>(each.completeLatency.count()) / 1e6)});
        }
        text += table.under(fmt::format("Topology {} ({})", topology.name, topology.status));
    }
    return text;
}

}  // namespace

void StormSection::addToReport(ReportStage stage, const observe::SystemViews& views,
                               nlohmann::ordered_json& report) const {
    if (stage != ReportStage::Inside) {
        return;
    }
    report["topologies"] = topologiesJson(views.storm);
}

std::string StormSection::reportText(ReportStage stage, const observe::SystemViews& views) const {
    if (stage != ReportStage::Inside) {
        return {};
    }
    return topologiesText(views.storm);
}

}  // namespace millrace::scenario
