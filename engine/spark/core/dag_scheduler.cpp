#include "engine/spark/core/dag_scheduler.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::spark {

const JobRequest* DagScheduler::job(JobId id) const {
    const Job* job = m_jobs.find(id);
    return job != nullptr ? &job->request : nullptr;
}

std::vector<StageInfo> DagScheduler::stagesOf(JobId job) const {
    std::vector<StageInfo> all;
    if (const Job* found = m_jobs.find(job)) {
        for (const StageId id : found->stages) {
            all.push_back(m_stages.at(id).info);
        }
    }
    return all;
}

void DagScheduler::submit(Lineage& lineage, JobRequest request, Outcome& outcome) {
    Job job;
    job.request = std::move(request);
    job.final = stageFor(lineage, job, job.request.rdd, std::nullopt);
    const JobId id = job.request.id;
    const StageId final = job.final;
    m_jobs.set(id, std::move(job));
    submitStage(lineage, final, outcome);
}

/// Parents before children, so that numbers rise along the flow.
StageId DagScheduler::stageFor(Lineage& lineage, Job& job, RddId rdd, std::optional<ShuffleId> shuffle) {
    if (shuffle) {
        for (const StageId known : job.stages) {
            if (m_stages.at(known).info.shuffle == shuffle) {
                return known;
            }
        }
    }
    Stage stage;
    for (const ShuffleId parent : lineage.parentShuffles(rdd)) {
        if (lineage.outputs(parent)->isWhole()) {
            // Its files are all there: nothing behind it is looked at, and it is shown as skipped.
            Stage skipped;
            skipped.info = {m_nextStage, job.request.id, lineage.shuffle(parent)->parent, {}, parent, {}, 0, 0, 0, true,
                            true};
            skipped.info.tasks = lineage.shuffle(parent)->maps;
            m_nextStage = StageId{m_nextStage.value + 1};
            const StageId known = skipped.info.id;
            stage.info.parents.push_back(known);
            job.stages.push_back(known);
            m_stages.set(known, std::move(skipped));
            continue;
        }
        stage.info.parents.push_back(stageFor(lineage, job, lineage.shuffle(parent)->parent, parent));
    }
    const RddRef& last = lineage.rdd(rdd);
    stage.info.id = m_nextStage;
    m_nextStage = StageId{m_nextStage.value + 1};
    stage.info.job = job.request.id;
    stage.info.rdd = rdd;
    stage.info.name = last->name;
    stage.info.shuffle = shuffle;
    stage.info.tasks = last->partitions;
    stage.done.resize(static_cast<std::size_t>(last->partitions), false);
    stage.ever.resize(static_cast<std::size_t>(last->partitions), false);
    if (shuffle && lineage.outputs(*shuffle)->hasBeenWhole) {
        // Another job's tasks wrote these files; what is missing of them was lost.
        std::fill(stage.ever.begin(), stage.ever.end(), true);
    }
    const StageId id = stage.info.id;
    job.stages.push_back(id);
    m_stages.set(id, std::move(stage));
    return id;
}

std::vector<Partition> DagScheduler::missing(const Lineage& lineage, const Stage& stage) const {
    std::vector<Partition> partitions;
    if (stage.info.shuffle) {
        const auto outputs = lineage.outputs(*stage.info.shuffle);
        for (std::size_t i = 0; i < outputs->maps.size(); ++i) {
            if (outputs->maps[i].executor == noExecutor) {
                partitions.push_back(static_cast<Partition>(i));
            }
        }
        return partitions;
    }
    for (std::size_t i = 0; i < stage.done.size(); ++i) {
        if (!stage.done[i]) {
            partitions.push_back(static_cast<Partition>(i));
        }
    }
    return partitions;
}

/// What was kept when a stage was made may be lost since: what it depends on is looked for at each submission, as
/// getMissingParentStages does.
void DagScheduler::findParents(Lineage& lineage, StageId id) {
    const StageInfo info = m_stages.at(id).info;
    if (!lineage.hasRdd(info.rdd)) {
        return;
    }
    std::vector<StageId> parents = info.parents;
    for (const ShuffleId shuffle : lineage.parentShuffles(info.rdd)) {
        const bool isKnown = std::any_of(parents.begin(), parents.end(),
                                         [&](StageId each) { return m_stages.at(each).info.shuffle == shuffle; });
        if (!isKnown && !lineage.outputs(shuffle)->isWhole()) {
            parents.push_back(stageFor(lineage, *m_jobs.update(info.job), lineage.shuffle(shuffle)->parent, shuffle));
        }
    }
    if (parents.size() > info.parents.size()) {
        m_stages.update(id)->info.parents = std::move(parents);
    }
}

void DagScheduler::submitStage(Lineage& lineage, StageId id, Outcome& outcome) {
    const Stage& asked = m_stages.at(id);
    if (asked.isRunning || asked.isWaiting || asked.hasFailed) {
        return;
    }
    findParents(lineage, id);
    bool waits = false;
    const std::vector<StageId> parents = m_stages.at(id).info.parents;
    for (const StageId parent : parents) {
        const Stage& before = m_stages.at(parent);
        if (before.info.shuffle && lineage.hasShuffle(*before.info.shuffle) &&
            !lineage.outputs(*before.info.shuffle)->isWhole()) {
            // A skipped one whose files were lost since runs after all: its own parents are found now.
            if (before.info.isSkipped) {
                Job& job = *m_jobs.update(before.info.job);
                const ShuffleId shuffle = *before.info.shuffle;
                Stage revived = before;
                revived.info.isSkipped = false;
                revived.info.isDone = false;
                revived.info.name = lineage.rdd(revived.info.rdd)->name;
                revived.done.assign(static_cast<std::size_t>(revived.info.tasks), false);
                revived.ever.assign(static_cast<std::size_t>(revived.info.tasks), true);
                m_stages.set(parent, std::move(revived));
                std::vector<StageId> grandparents;
                for (const ShuffleId up : lineage.parentShuffles(lineage.shuffle(shuffle)->parent)) {
                    grandparents.push_back(stageFor(lineage, job, lineage.shuffle(up)->parent, up));
                }
                m_stages.update(parent)->info.parents = grandparents;
            }
            submitStage(lineage, parent, outcome);
            waits = true;
        }
    }
    Stage& stage = *m_stages.update(id);
    stage.hasFailed = false;
    if (waits) {
        stage.isWaiting = true;
        return;
    }
    submitTasks(lineage, stage, outcome);
}

void DagScheduler::submitTasks(Lineage& lineage, Stage& stage, Outcome& outcome) {
    std::vector<Partition> partitions = missing(lineage, stage);
    if (partitions.empty()) {
        finishStage(lineage, stage, outcome);
        return;
    }
    const JobRequest& request = m_jobs.at(stage.info.job).request;
    auto set = makeRef<TaskSet>();
    set->stage = stage.info.id;
    set->attempt = ++stage.attempt;
    set->job = stage.info.job;
    set->rdd = stage.info.rdd;
    set->batchMillis = request.batchMillis;
    if (stage.info.shuffle) {
        set->shuffle = lineage.shuffle(*stage.info.shuffle);
    } else {
        set->output = request.output;
        set->isCheckpointing = request.isCheckpointing;
    }
    for (const Partition each : partitions) {
        const bool wasDone = stage.ever[static_cast<std::size_t>(each)];
        if (wasDone) {
            set->again.push_back(each);
            ++stage.info.recomputed;
        }
    }
    set->partitions = partitions;
    set->stageRdds = lineage.stageOf(stage.info.rdd);
    stage.info.attempts = stage.attempt;
    stage.info.isDone = false;
    stage.isRunning = true;
    stage.running = std::move(partitions);
    outcome.submitted.push_back(std::move(set));
}

void DagScheduler::taskSucceeded(Lineage& lineage, StageId id, std::int32_t attempt, Partition partition,
                                 ExecutorId executor, Outcome& outcome) {
    Stage* stage = m_stages.update(id);
    if (stage == nullptr) {
        return;
    }
    const auto index = static_cast<std::size_t>(partition);
    if (stage->info.shuffle) {
        lineage.setOutput(*stage->info.shuffle, partition, executor);
        stage->ever[index] = true;
    } else if (!stage->done[index]) {
        stage->done[index] = true;
        ++stage->doneCount;
    }
    if (attempt != stage->attempt) {
        return;  // A straggler of an older attempt has brought something after all.
    }
    std::erase(stage->running, partition);
    if (stage->isRunning && stage->running.empty()) {
        stage->isRunning = false;
        if (missing(lineage, *stage).empty()) {
            finishStage(lineage, *stage, outcome);
        } else {
            submitTasks(lineage, *stage, outcome);  // Outputs were lost while the last ones were made.
        }
    }
}

void DagScheduler::finishStage(Lineage& lineage, Stage& stage, Outcome& outcome) {
    stage.isRunning = false;
    stage.isWaiting = false;
    stage.failures = 0;
    stage.info.isDone = true;
    const StageId id = stage.info.id;
    const JobId job = stage.info.job;
    if (!stage.info.shuffle) {
        endJob(job, true, {}, outcome);
        return;
    }
    std::vector<StageId> waiting;
    for (const StageId each : m_jobs.at(job).stages) {
        const Stage& child = m_stages.at(each);
        const bool isChild =
            std::find(child.info.parents.begin(), child.info.parents.end(), id) != child.info.parents.end();
        if (child.isWaiting && isChild) {
            waiting.push_back(each);
        }
    }
    for (const StageId each : waiting) {
        m_stages.update(each)->isWaiting = false;
        submitStage(lineage, each, outcome);
    }
}

void DagScheduler::endJob(JobId id, bool succeeded, const std::string& reason, Outcome& outcome) {
    const Job* job = m_jobs.find(id);
    if (job == nullptr) {
        return;
    }
    std::vector<StageInfo> stages = stagesOf(id);
    for (const StageId stage : std::vector<StageId>(job->stages)) {
        if (m_stages.at(stage).isRunning) {
            outcome.cancelled.push_back(stage);
        }
        m_stages.erase(stage);
    }
    m_jobs.erase(id);
    outcome.ended.push_back({id, succeeded, reason, std::move(stages)});
}

void DagScheduler::fetchFailed(Lineage& lineage, StageId id, std::int32_t attempt, ShuffleId shuffle, ExecutorId from,
                               Outcome& outcome) {
    Stage* stage = m_stages.update(id);
    lineage.dropOutputs(shuffle, from);
    if (stage == nullptr || attempt != stage->attempt || !stage->isRunning) {
        return;
    }
    stage->isRunning = false;
    outcome.cancelled.push_back(id);
    if (++stage->failures >= m_settings.maxConsecutiveAttempts) {
        const JobId job = stage->info.job;
        endJob(job, false,
               fmt::format("stage {} could not fetch map outputs in {} attempts in a row", id.value,
                           m_settings.maxConsecutiveAttempts),
               outcome);
        return;
    }
    stage->hasFailed = true;
    outcome.resubmitSoon = true;
}

void DagScheduler::resubmit(Lineage& lineage, Outcome& outcome) {
    std::vector<StageId> failed;
    for (const auto& [id, stage] : m_stages) {
        if (stage.hasFailed) {
            failed.push_back(id);
        }
    }
    for (const StageId id : failed) {
        if (Stage* stage = m_stages.update(id)) {
            stage->hasFailed = false;
            submitStage(lineage, id, outcome);
        }
    }
}

void DagScheduler::executorLost(Lineage& lineage, ExecutorId /*executor*/, Outcome& outcome) {
    // Map stages whose files went with it and whose children still wait are taken up again; stages that run come to it
    // by their failed fetches.
    std::vector<StageId> unfinished;
    for (const auto& [id, stage] : m_stages) {
        const bool isWantedAgain = stage.info.shuffle && stage.info.isDone && !stage.info.isSkipped &&
                                   !stage.isRunning && !lineage.outputs(*stage.info.shuffle)->isWhole();
        if (!isWantedAgain) {
            continue;
        }
        const Job& job = m_jobs.at(stage.info.job);
        const bool hasWaitingChild = std::any_of(job.stages.begin(), job.stages.end(), [&, own = id](StageId each) {
            const Stage& child = m_stages.at(each);
            return child.isWaiting &&
                   std::find(child.info.parents.begin(), child.info.parents.end(), own) != child.info.parents.end();
        });
        if (hasWaitingChild) {
            unfinished.push_back(id);
        }
    }
    for (const StageId id : unfinished) {
        if (m_stages.contains(id)) {
            submitStage(lineage, id, outcome);
        }
    }
}

void DagScheduler::abort(StageId id, const std::string& reason, Outcome& outcome) {
    if (const Stage* stage = m_stages.find(id)) {
        endJob(stage->info.job, false, reason, outcome);
    }
}

}  // namespace millrace::spark
