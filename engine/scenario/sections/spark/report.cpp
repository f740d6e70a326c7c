#include <fmt/format.h>

#include <optional>

#include <nlohmann/json.hpp>

#include "engine/scenario/report_values.h"
#include "engine/scenario/sections/spark/spark_section.h"
#include "engine/spark/metrics.h"

namespace millrace::scenario {

namespace {

double batchMilliseconds(SimDuration duration) {
    return static_cast<double>(duration.count()) / 1e6;
}

/// Of direct streams, in records; nothing where there are none.
std::optional<std::int64_t> lagOf(const observe::SystemViews& views, const observe::ObjectId& driver) {
    for (const observe::FigureView& each : views.figures) {
        if (each.object == driver && each.metric == &spark::metric::streamLag) {
            return static_cast<std::int64_t>(each.value);
        }
    }
    return std::nullopt;
}

}  // namespace

void SparkSection::addToReport(ReportStage stage, const observe::SystemViews& views,
                               nlohmann::ordered_json& report) const {
    if (stage != ReportStage::Inside || views.streaming.empty()) {
        return;
    }
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const observe::StreamingView& each : views.streaming) {
        all.push_back({{"name", each.name},
                       {"batch_interval_ms", batchMilliseconds(each.interval)},
                       {"executors", each.executors},
                       {"cores", each.cores},
                       {"batches", each.batches},
                       {"waiting", each.waiting},
                       {"records", each.records},
                       {"records_per_second", each.recordsPerSecond},
                       {"late", each.lateBatches},
                       {"scheduling_delay_ms", batchMilliseconds(each.meanScheduling)},
                       {"processing_time_ms", batchMilliseconds(each.meanProcessing)},
                       {"total_delay_ms", batchMilliseconds(each.meanScheduling + each.meanProcessing)},
                       {"worst_total_delay_ms", batchMilliseconds(each.worstTotal)},
                       {"tasks", each.tasks},
                       {"failed_tasks", each.failedTasks},
                       {"recomputed_tasks", each.recomputedTasks},
                       {"skipped_stages", each.skippedStages},
                       {"recovered_batches", each.recoveredBatches},
                       {"last_late", each.late}});
        if (const auto lag = lagOf(views, each.id)) {
            all.back()["lag"] = *lag;
        }
    }
    report["streaming"] = std::move(all);
}

std::string SparkSection::reportText(ReportStage stage, const observe::SystemViews& views) const {
    if (stage != ReportStage::Inside) {
        return {};
    }
    ReportTable table({"application", "executors", "batches", "records", "records/s", "late", "scheduling ms",
                       "processing ms", "worst delay ms", "tasks", "failed", "recomputed", "lag"});
    std::string late;
    for (const observe::StreamingView& each : views.streaming) {
        table.add({each.name, std::to_string(each.executors), std::to_string(each.batches),
                   std::to_string(each.records), fmt::format("{:.0f}", each.recordsPerSecond),
                   std::to_string(each.lateBatches), fmt::format("{:.1f}", batchMilliseconds(each.meanScheduling)),
                   fmt::format("{:.1f}", batchMilliseconds(each.meanProcessing)),
                   fmt::format("{:.1f}", batchMilliseconds(each.worstTotal)), std::to_string(each.tasks),
                   std::to_string(each.failedTasks), std::to_string(each.recomputedTasks),
                   lagOf(views, each.id) ? std::to_string(*lagOf(views, each.id)) : ""});
        late += each.late.empty() ? std::string{} : fmt::format("{}: {}\n", each.name, each.late);
    }
    return table.under("Streaming") + late;
}

}  // namespace millrace::scenario
