#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/hadoop/describe.h"
#include "engine/hadoop/hdfs/put.h"
#include "engine/hadoop/mapreduce/export.h"
#include "engine/hadoop/mapreduce/job_client.h"
#include "engine/hadoop/mapreduce/job_in_progress.h"
#include "engine/hadoop/metrics.h"
#include "engine/hadoop/waits.h"
#include "engine/scenario/sections/hadoop/hadoop_config.h"
#include "engine/scenario/sections/hadoop/hadoop_section.h"

namespace millrace::scenario {

namespace {

/// The job before this one that has come to nothing and is not begun again: its output, which this one waits for, never
/// comes. Empty where there is none.
std::string deadEndBefore(const Scenario& plan, const sim::World& world, const JobPlan& job) {
    for (const std::string& before : job.after) {
        const auto* client = world.findActor<hadoop::JobClient>("jobclient/" + before + "/client");
        if (client != nullptr && client->hasEnded() && client->state() != hadoop::JobClient::State::Succeeded) {
            return before;
        }
        const auto found =
            std::find_if(plan.jobs.begin(), plan.jobs.end(), [&](const JobPlan& each) { return each.name == before; });
        const bool isWaiting = client != nullptr && client->state() == hadoop::JobClient::State::Waiting;
        if (found != plan.jobs.end() && isWaiting && !deadEndBefore(plan, world, *found).empty()) {
            return before;
        }
    }
    return {};
}

}  // namespace

void HadoopSection::describe(const Scenario& plan, const sim::World& world, observe::SystemViews& views) const {
    if (!plan.hadoop) {
        return;
    }
    hadoop::describe(world, views);
    for (const JobPlan& job : plan.jobs) {
        const auto view = std::find_if(views.hadoop.jobs.begin(), views.hadoop.jobs.end(),
                                       [&](const auto& each) { return observe::nameOf(each.id) == job.name; });
        if (view == views.hadoop.jobs.end() || view->state != "WAITING") {
            continue;
        }
        if (const std::string before = deadEndBefore(plan, world, job); !before.empty()) {
            view->why = fmt::format("job {} before it has no result: this one never begins", before);
        }
    }
}

std::span<const Metric* const> HadoopSection::metrics() const {
    return hadoop::metric::all;
}

/// A task's JVM is part of its tracker, a container of its NodeManager.
void HadoopSection::addObjectNames(const sim::World& world,
                                   std::map<std::string, observe::ObjectId, std::less<>>& names) const {
    constexpr std::string_view child = "child/";
    constexpr std::string_view container = "container/";
    for (std::uint32_t i = 0; i < world.processCount(); ++i) {
        const std::string& name = world.process(sim::ProcessId{i}).name();
        const std::string_view prefix = name.starts_with(child)       ? child
                                        : name.starts_with(container) ? container
                                                                      : std::string_view();
        if (!prefix.empty()) {
            names[name] = (prefix == child ? "tasktracker:" : "nodemanager:") +
                          name.substr(prefix.size(), name.rfind('-') - prefix.size());
        }
    }
}

namespace {

/// Not begun, or not ended; a client that is down waits for nothing any more.
bool isToCome(const sim::World& world, const std::string& process) {
    const sim::ProcessId id = world.findProcess(process);
    return id != sim::noProcess && world.process(id).state == sim::ProcessState::NotStarted;
}

/// A job that may still fill the folder: one that is lost or failed leaves an export waiting for nothing.
bool hasWriter(const Scenario& plan, const sim::World& world, const ExportPlan& each) {
    return std::any_of(plan.jobs.begin(), plan.jobs.end(), [&](const JobPlan& job) {
        const auto* client = world.findActor<hadoop::JobClient>("jobclient/" + job.name + "/client");
        return job.parameters.text("output") == each.folder &&
               (client == nullptr || !client->hasEnded() || client->state() == hadoop::JobClient::State::Succeeded);
    });
}

}  // namespace

void HadoopSection::findWorkAtEnds(const Scenario& plan, const sim::World& world, OpenWork& work) const {
    const std::string trouble = hadoop::troubleOfHdfs(world);
    const std::string why = trouble.empty() ? std::string() : ": " + trouble;
    for (const JobPlan& job : plan.jobs) {
        const std::string process = "jobclient/" + job.name;
        const auto* client = runningActor<hadoop::JobClient>(world, process, process + "/client");
        if (isToCome(world, process)) {
            work.because("job {}, which is submitted at {}", job.name, millrace::toText(job.submitAt));
        } else if (client != nullptr && client->state() == hadoop::JobClient::State::Waiting) {
            if (deadEndBefore(plan, world, job).empty()) {
                work.because("job {}, which waits for the jobs before it", job.name);
            }
        } else if (client != nullptr && !client->hasEnded()) {
            constexpr double percent = 100;
            const hadoop::JobAnswer* answer = client->answer();
            work.because("job {}, which is at map {:.0f} % and reduce {:.0f} %{}", job.name,
                         answer != nullptr ? answer->mapProgress * percent : 0,
                         answer != nullptr ? answer->reduceProgress * percent : 0, why);
        } else if (world.findActor<hadoop::JobClient>(process + "/client") == nullptr &&
                   hadoop::isUnderWay(world, job.name)) {
            work.because("job {}, which runs on though its client is gone{}", job.name, why);
        }
    }
    for (const DfsFilePlan& file : plan.hadoop ? plan.hadoop->files : std::vector<DfsFilePlan>()) {
        const std::string process = "put/" + file.name;
        const auto* client = runningActor<hadoop::PutClient>(world, process, process + "/client");
        if (isToCome(world, process) || (client != nullptr && client->state() == hadoop::PutClient::State::Writing)) {
            work.because("file {}, which is being put into HDFS{}", file.name, why);
        }
    }
    for (const ExportPlan& each : plan.hadoop ? plan.hadoop->exports : std::vector<ExportPlan>()) {
        const std::string process = "export/" + each.name;
        const auto* client = runningActor<hadoop::ExportClient>(world, process, process + "/client");
        if (isToCome(world, process)) {
            work.because("export {}, which has not begun", each.name);
        } else if (client != nullptr && client->state() == hadoop::ExportClient::State::Waiting &&
                   hasWriter(plan, world, each)) {
            work.because("export {}, which waits for the output of its job", each.name);
        } else if (client != nullptr && client->state() == hadoop::ExportClient::State::Reading) {
            work.because("export {}, which has {} rows to write", each.name, client->waiting());
        }
    }
}

SimDuration HadoopSection::longestSilence(const Scenario& plan) const {
    if (!plan.hadoop) {
        return SimDuration{0};
    }
    const hadoop::YarnConfig yarn = yarnConfig(plan.hadoop->config);
    SimDuration longest = plan.hadoop->resourceManager
                              ? std::max(yarn.nodeExpiry, yarn.appMasterExpiry) + yarn.nodeExpiry / 3
                              : trackerConfig(plan.hadoop->config).trackerExpiry * 4 / 3;
    for (const JobPlan& job : plan.jobs) {
        longest = std::max(longest, jobConf(job.config).taskTimeout);
    }
    return std::min(longest, timeoutMax);
}

SimDuration HadoopSection::lastStart(const Scenario& plan) const {
    SimDuration last{0};
    for (const JobPlan& job : plan.jobs) {
        last = std::max(last, job.submitAt);
    }
    for (const DfsFilePlan& file : plan.hadoop ? plan.hadoop->files : std::vector<DfsFilePlan>()) {
        last = std::max(last, file.putAt.value_or(SimDuration{0}));
    }
    return last;
}

void HadoopSection::markEnds(const Scenario& plan, const sim::World& world, const ProgressMark& mark) const {
    for (const JobPlan& job : plan.jobs) {
        const auto* client = world.findActor<hadoop::JobClient>("jobclient/" + job.name + "/client");
        constexpr double permille = 1000;
        constexpr std::int64_t ofState = 1'000'000;
        if (client == nullptr) {
            if (const hadoop::JobInProgress* left = hadoop::jobInProgress(world, job.name)) {
                constexpr auto state = static_cast<std::int64_t>(hadoop::JobClient::State::Running) * ofState;
                const double progress = (left->mapProgress() + left->reduceProgress()) * permille;
                mark("job/" + job.name, state + static_cast<std::int64_t>(progress));
            }
            continue;
        }
        const hadoop::JobAnswer* answer = client->answer();
        std::int64_t value = static_cast<std::int64_t>(client->state()) * ofState;
        if (answer != nullptr) {
            value += static_cast<std::int64_t>((answer->mapProgress + answer->reduceProgress) * permille);
        }
        mark("job/" + job.name, value);
    }
    for (const DfsFilePlan& file : plan.hadoop ? plan.hadoop->files : std::vector<DfsFilePlan>()) {
        if (const auto* client = world.findActor<hadoop::PutClient>("put/" + file.name + "/client")) {
            mark("put/" + file.name, client->dfs().bytesWritten());
        }
    }
    for (const ExportPlan& each : plan.hadoop ? plan.hadoop->exports : std::vector<ExportPlan>()) {
        if (const auto* client = world.findActor<hadoop::ExportClient>("export/" + each.name + "/client")) {
            mark("export/" + each.name, static_cast<std::int64_t>(client->written()));
        }
    }
}

void HadoopSection::addWaits(WaitStage stage, const sim::World& world, const observe::SystemViews& /*views*/,
                             std::vector<observe::WaitView>& waits) const {
    if (stage == WaitStage::Clients) {
        std::vector<observe::WaitView> more = hadoop::describeWaits(world);
        waits.insert(waits.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
}

}  // namespace millrace::scenario
