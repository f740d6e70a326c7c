#include "engine/spark/core/task_book.h"

#include <algorithm>

namespace millrace::spark {

namespace {

std::vector<RddId> parentsOf(const Rdd& rdd) {
    std::vector<RddId> parents;
    for (const Dependency& each : rdd.dependencies) {
        parents.push_back(std::visit([](const auto& dependency) { return dependency.parent; }, each));
    }
    return parents;
}

}  // namespace

std::vector<TaskBook::StageNote> TaskBook::notesOf(const std::vector<StageInfo>& stages, const Lineage& lineage) {
    std::vector<StageNote> notes;
    for (const StageInfo& info : stages) {
        StageNote& note = notes.emplace_back();
        note.info = info;
        if (!lineage.hasRdd(info.rdd)) {
            continue;  // Its lineage was cut, or forgotten behind files that are there.
        }
        for (const RddRef& rdd : lineage.stageOf(info.rdd)) {
            note.rdds.push_back({rdd->id, rdd->name, rdd->batchMillis, rdd->partitions, rdd->isPersisted(),
                                 rdd->isCheckpointed, parentsOf(*rdd)});
        }
    }
    return notes;
}

void TaskBook::submitted(const JobRequest& request, SimTime now) {
    Job job;
    job.id = request.id;
    job.batchMillis = request.batchMillis;
    job.output = request.output;
    job.isCheckpointing = request.isCheckpointing;
    job.name = request.name;
    job.submitted = now;
    m_jobs.set(request.id, std::move(job));
    while (m_jobs.size() > jobsMax && m_jobs.begin()->second.ended) {
        m_jobs.erase(JobId{m_jobs.begin()->first});
    }
}

void TaskBook::ended(const DagScheduler::JobEnd& end, const Lineage& lineage, SimTime now) {
    if (Job* job = m_jobs.update(end.job)) {
        job->ended = now;
        job->succeeded = end.succeeded;
        job->reason = end.reason;
        job->stages = notesOf(end.stages, lineage);
    }
}

/// The numbers of tasks are those of their launches, one after another.
void TaskBook::launched(const Launch& launch, SimTime now) {
    Task task;
    task.id = launch.task;
    task.stage = launch.set->stage;
    task.job = launch.set->job;
    task.batchMillis = launch.set->batchMillis;
    task.stageAttempt = launch.set->attempt;
    task.partition = launch.partition;
    task.attempt = launch.attempt;
    task.executor = launch.executor;
    task.locality = launch.locality;
    task.isSpeculative = launch.isSpeculative;
    task.isRecomputation = std::binary_search(launch.set->again.begin(), launch.set->again.end(), launch.partition);
    task.launched = task.ended = now;
    m_tasks.append(std::move(task));
    if (m_tasks.size() > tasksMax) {
        m_tasks.dropFront(m_tasks.endIndex() - tasksMax);
    }
}

TaskBook::Task* TaskBook::find(TaskId id) {
    const auto index = static_cast<std::uint64_t>(id.value);
    return index >= m_tasks.firstIndex() && index < m_tasks.endIndex() ? &m_tasks.update(index) : nullptr;
}

void TaskBook::ended(TaskId id, End end, SimTime now) {
    if (Task* task = find(id); task != nullptr && task->end == End::Running) {
        task->end = end;
        task->ended = now;
    }
}

void TaskBook::ended(const StatusUpdate& update, SimTime now) {
    Task* task = find(update.task);
    if (task == nullptr || task->end != End::Running) {
        return;
    }
    task->end = update.end == StatusUpdate::End::Finished ? End::Succeeded : End::Failed;
    task->ended = now;
    task->times = update.times;
    task->rowsRead = update.rowsRead;
    task->rowsWritten = update.rowsWritten;
    task->shuffleRead = update.shuffleRead;
    task->shuffleWritten = update.shuffleWritten;
    task->reason = update.reason;
}

}  // namespace millrace::spark
