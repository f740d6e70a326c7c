#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/scenario/sections/hadoop/hadoop_section.h"

namespace millrace::scenario {

namespace {

using HadoopJson = nlohmann::ordered_json;

bool hasHadoop(const observe::SystemViews& views) {
    return !views.hadoop.dataNodes.empty();
}

HadoopJson dfsJson(const observe::HadoopView& hadoop) {
    HadoopJson nodes = HadoopJson::array();
    for (const observe::DataNodeView& node : hadoop.dataNodes) {
        nodes.push_back(
            {{"id", nameText(node.id)}, {"live", node.isLive}, {"blocks", node.blocks}, {"used", node.used}});
    }
    const observe::DfsView& dfs = hadoop.dfs;
    return {{"safe_mode", dfs.isInSafeMode},
            {"files", dfs.files},
            {"blocks", dfs.blocks},
            {"under_replicated", dfs.underReplicated},
            {"missing", dfs.missing},
            {"live_datanodes", dfs.liveNodes},
            {"datanodes", nodes}};
}

HadoopJson jobsJson(const observe::HadoopView& hadoop) {
    HadoopJson jobs = HadoopJson::array();
    for (const observe::MapReduceJobView& job : hadoop.jobs) {
        HadoopJson counters = HadoopJson::object();
        for (const auto& [name, value] : job.counters) {
            counters[std::string(name)] = value;
        }
        jobs.push_back({{"id", nameText(job.id)},
                        {"kind", job.kind},
                        {"state", job.state},
                        {"why", job.why},
                        {"submitted_s", seconds(job.submitted)},
                        {"duration_s", seconds(job.duration)},
                        {"maps", job.maps},
                        {"reduces", job.reduces},
                        {"map_progress", job.mapProgress},
                        {"reduce_progress", job.reduceProgress},
                        {"counters", counters}});
    }
    return jobs;
}

std::int64_t countOf(const observe::MapReduceJobView& job, std::string_view name) {
    for (const auto& [key, value] : job.counters) {
        if (key == name) {
            return value;
        }
    }
    return 0;
}

}  // namespace

void HadoopSection::addToReport(ReportStage stage, const observe::SystemViews& views,
                                nlohmann::ordered_json& report) const {
    if (stage == ReportStage::Inside && hasHadoop(views)) {
        report["hdfs"] = dfsJson(views.hadoop);
        report["jobs"] = jobsJson(views.hadoop);
    }
}

std::string HadoopSection::shortcomings(const observe::SystemViews& views) const {
    std::string text;
    for (const observe::MapReduceJobView& job : views.hadoop.jobs) {
        const std::string_view what = job.state == "FAILED" ? "failed"
                                      : job.state == "LOST" ? "was lost"
                                      : !job.why.empty()    ? "never began"
                                                            : "";
        if (!what.empty()) {
            text += fmt::format("{}job {} {}", text.empty() ? "" : ", ", nameText(job.id), what);
        }
    }
    return text;
}

std::string HadoopSection::reportText(ReportStage stage, const observe::SystemViews& views) const {
    if (stage != ReportStage::Inside || !hasHadoop(views)) {
        return {};
    }
    ReportTable dfs({"HDFS", "files", "blocks", "under-replicated", "missing", "live DataNodes"});
    const observe::DfsView& view = views.hadoop.dfs;
    if (view.isThere) {
        dfs.add({view.isInSafeMode ? "safe mode" : "running", std::to_string(view.files), std::to_string(view.blocks),
                 std::to_string(view.underReplicated), std::to_string(view.missing),
                 fmt::format("{} of {}", view.liveNodes, view.nodes)});
    } else {
        dfs.add({"down", "-", "-", "-", "-", "-"});  // nobody knows
    }
    ReportTable jobs({"job", "kind", "state", "seconds", "maps", "reduces", "data-local", "killed", "failed",
                      "input records", "output records"});
    for (const observe::MapReduceJobView& job : views.hadoop.jobs) {
        jobs.add({nameText(job.id), job.kind, job.state, fmt::format("{:.1f}", seconds(job.duration)),
                  std::to_string(job.maps), std::to_string(job.reduces),
                  std::to_string(countOf(job, "Data-local map tasks")),
                  std::to_string(countOf(job, "Killed map tasks") + countOf(job, "Killed reduce tasks")),
                  std::to_string(countOf(job, "Failed map tasks") + countOf(job, "Failed reduce tasks")),
                  std::to_string(countOf(job, "Map input records")),
                  std::to_string(countOf(job, "Reduce output records"))});
    }
    ReportTable reasons({"job", "why"});
    bool hasReason = false;
    for (const observe::MapReduceJobView& job : views.hadoop.jobs) {
        if (!job.why.empty()) {
            reasons.add({nameText(job.id), job.why});
            hasReason = true;
        }
    }
    return dfs.under("HDFS") + jobs.under("Jobs") +
           (hasReason ? reasons.under("Jobs without a result") : std::string());
}

}  // namespace millrace::scenario
