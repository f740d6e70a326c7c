#include "engine/spark/core/task_scheduler.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::spark {

std::string_view nameOf(Locality locality) {
    switch (locality) {
        case Locality::ProcessLocal:
            return "PROCESS_LOCAL";
        case Locality::NodeLocal:
            return "NODE_LOCAL";
        case Locality::NoPreference:
            return "NO_PREF";
        case Locality::RackLocal:
            return "RACK_LOCAL";
        case Locality::Any:
            break;
    }
    return "ANY";
}

void TaskScheduler::submit(TaskSetRef set, const Lineage& lineage, SimTime now) {
    Set made;
    made.set = set;
    made.lastLaunch = now;
    for (const Partition partition : set->partitions) {
        Task task;
        task.partition = partition;
        task.preferred = lineage.preferredOf(set->rdd, partition);
        made.hasPreferences = made.hasPreferences || !task.preferred.empty();
        countPending(made, task, 1);
        made.tasks.push_back(std::move(task));
    }
    made.level = made.hasPreferences ? Locality::ProcessLocal : Locality::Any;
    m_sets[set->stage] = std::move(made);
}

void TaskScheduler::countPending(Set& set, const Task& task, std::int32_t by) {
    set.pending += by;
    set.pendingAnywhere += task.preferred.empty() ? by : 0;
    for (const ExecutorId each : task.preferred) {
        set.pendingAt[each] += by;
    }
}

std::vector<std::pair<TaskId, ExecutorId>> TaskScheduler::cancel(StageId stage) {
    m_sets.erase(stage);
    std::vector<std::pair<TaskId, ExecutorId>> gone;
    for (const auto& [task, running] : m_running) {
        if (running.stage == stage) {
            gone.emplace_back(task, running.executor);
        }
    }
    for (const auto& [task, executor] : gone) {
        m_running.erase(task);
    }
    return gone;
}

SimDuration TaskScheduler::waitAt(Locality level) const {
    switch (level) {
        case Locality::ProcessLocal:
            return m_settings.waitProcess;
        case Locality::NodeLocal:
            return m_settings.waitNode;
        case Locality::RackLocal:
            return m_settings.waitRack;
        case Locality::NoPreference:
        case Locality::Any:
            break;
    }
    return SimDuration{0};
}

/// A launch at a level resets its clock; without one the next level is allowed after the wait, and the clock goes on by
/// as much.
Locality TaskScheduler::allowed(Set& set, const std::vector<ExecutorPlace>& executors, SimTime now) const {
    const auto isUseful = [&](Locality level) {
        // A level with no living executor is passed over at once.
        const auto first = set.tasks.begin() + static_cast<std::ptrdiff_t>(set.firstPending);
        return std::any_of(first, set.tasks.end(), [&](const Task& task) {
            return task.isPending && std::any_of(executors.begin(), executors.end(), [&](const ExecutorPlace& each) {
                       return localityOf(task, each, executors) <= level && !task.preferred.empty() &&
                              (level != Locality::RackLocal || !each.rack.empty());
                   });
        });
    };
    while (set.level < Locality::Any) {
        const SimDuration wait = waitAt(set.level);
        if (set.level == Locality::NoPreference || !isUseful(set.level)) {
            set.level = static_cast<Locality>(static_cast<int>(set.level) + 1);
            set.lastLaunch = now;
        } else if (now - set.lastLaunch >= wait) {
            set.level = static_cast<Locality>(static_cast<int>(set.level) + 1);
            set.lastLaunch += wait;
            set.waited += wait;
        } else {
            break;
        }
    }
    return set.level;
}

Locality TaskScheduler::localityOf(const Task& task, const ExecutorPlace& executor,
                                   const std::vector<ExecutorPlace>& executors) {
    if (task.preferred.empty()) {
        return Locality::NoPreference;
    }
    Locality best = Locality::Any;
    for (const ExecutorId wanted : task.preferred) {
        if (wanted == executor.id) {
            return Locality::ProcessLocal;
        }
        for (const ExecutorPlace& each : executors) {
            if (each.id == wanted && each.host == executor.host) {
                best = std::min(best, Locality::NodeLocal);
            } else if (each.id == wanted && !each.rack.empty() && each.rack == executor.rack) {
                best = std::min(best, Locality::RackLocal);
            }
        }
    }
    return best;
}

std::optional<std::size_t> TaskScheduler::pick(const Set& set, const ExecutorPlace& executor,
                                               const std::vector<ExecutorPlace>& executors, Locality most,
                                               Locality& got, bool& speculative) const {
    std::optional<std::size_t> best;
    got = Locality::Any;
    // Most of the time there is nothing for an executor that has none of the data: it is not looked for task by task.
    const auto own = set.pendingAt.find(executor.id);
    const bool isHopeless =
        most == Locality::ProcessLocal && set.pendingAnywhere == 0 && (own == set.pendingAt.end() || own->second == 0);
    for (std::size_t i = isHopeless ? set.tasks.size() : set.firstPending; i < set.tasks.size() && set.pending > 0;
         ++i) {
        const Task& task = set.tasks[i];
        if (!task.isPending) {
            continue;
        }
        const Locality here = localityOf(task, executor, executors);
        const bool isAllowed = here <= most || here == Locality::NoPreference;
        if (isAllowed && (!best || here < got)) {
            best = i;
            got = here;
            if (here == Locality::ProcessLocal || !set.hasPreferences) {
                break;
            }
        }
    }
    speculative = false;
    for (std::size_t i = 0; i < set.tasks.size() && !best && m_settings.speculation; ++i) {
        const Task& task = set.tasks[i];
        if (!task.isSpeculatable || task.isDone || task.running != 1) {
            continue;
        }
        const bool runsHere = std::any_of(m_running.begin(), m_running.end(), [&](const auto& each) {
            return each.second.stage == set.set->stage && each.second.index == i && each.second.executor == executor.id;
        });
        if (!runsHere) {
            best = i;
            got = localityOf(task, executor, executors);
            speculative = true;
        }
    }
    return best;
}

std::vector<Launch> TaskScheduler::offer(std::vector<ExecutorPlace>& executors, SimTime now) {
    std::vector<Launch> launches;
    const auto turn = static_cast<std::size_t>(m_turn++);
    for (auto& [stage, set] : m_sets) {
        if (set.pending == 0 && !m_settings.speculation) {
            continue;
        }
        bool launched = true;
        while (launched) {
            launched = false;
            const Locality most = allowed(set, executors, now);
            // Round the executors, one task each, so that work is spread.
            for (std::size_t k = 0; k < executors.size(); ++k) {
                ExecutorPlace& executor = executors[(turn + k) % executors.size()];
                if (executor.freeCores <= 0) {
                    continue;
                }
                Locality got = Locality::Any;
                bool speculative = false;
                const auto index = pick(set, executor, executors, most, got, speculative);
                if (!index) {
                    continue;
                }
                Task& task = set.tasks[*index];
                Launch launch;
                launch.task = m_nextTask;
                m_nextTask = TaskId{m_nextTask.value + 1};
                launch.set = set.set;
                launch.partition = task.partition;
                launch.attempt = task.attempts++;
                launch.executor = executor.id;
                launch.locality = got;
                launch.isSpeculative = speculative;
                if (!speculative) {
                    task.isPending = false;
                    countPending(set, task, -1);
                    while (set.firstPending < set.tasks.size() && !set.tasks[set.firstPending].isPending) {
                        ++set.firstPending;
                    }
                    if (got != Locality::NoPreference) {
                        set.lastLaunch = now;
                        set.level =
                            set.hasPreferences ? std::min(set.level, std::max(got, Locality::ProcessLocal)) : set.level;
                    }
                } else {
                    task.isSpeculatable = false;
                }
                ++task.running;
                --executor.freeCores;
                m_running.set(launch.task, {stage, *index, executor.id, now, speculative});
                launches.push_back(std::move(launch));
                launched = true;
            }
        }
    }
    return launches;
}

std::vector<std::pair<TaskId, ExecutorId>> TaskScheduler::othersOf(StageId stage, std::size_t index,
                                                                   TaskId task) const {
    std::vector<std::pair<TaskId, ExecutorId>> others;
    for (const auto& [id, running] : m_running) {
        if (running.stage == stage && running.index == index && id != task) {
            others.emplace_back(id, running.executor);
        }
    }
    return others;
}

std::optional<TaskScheduler::Ended> TaskScheduler::end(TaskId id, bool success, bool counts, const std::string& reason,
                                                       SimTime now) {
    const Running* known = m_running.find(id);
    if (known == nullptr) {
        return std::nullopt;
    }
    const Running running = *known;
    m_running.erase(id);
    const auto at = m_sets.find(running.stage);
    if (at == m_sets.end()) {
        return std::nullopt;
    }
    Set& set = at->second;
    Task& task = set.tasks[running.index];
    --task.running;
    Ended ended;
    ended.set = set.set;
    ended.partition = task.partition;
    ended.began = running.began;
    ended.executor = running.executor;
    ended.waitedForLocality = set.waited;
    ended.isRecomputation = std::binary_search(set.set->again.begin(), set.set->again.end(), task.partition);
    if (success) {
        ended.isNews = !task.isDone;
        task.isDone = true;
        set.done += ended.isNews ? 1 : 0;
        set.durations.push_back(now - running.began);
        if (task.running > 0) {
            ended.superfluous = othersOf(running.stage, running.index, id);
            task.running = 0;
        }
        for (const auto& [other, executor] : ended.superfluous) {
            m_running.erase(other);
        }
        if (set.done == static_cast<std::int32_t>(set.tasks.size())) {
            m_sets.erase(at);
        }
        return ended;
    }
    task.failures += counts ? 1 : 0;
    if (task.failures >= m_settings.maxFailures) {
        ended.aborts = fmt::format("task {} of stage {} failed {} times; the last time: {}", task.partition,
                                   running.stage.value, task.failures, reason);
        return ended;
    }
    if (!task.isDone && !task.isPending && task.running == 0) {
        task.isPending = true;
        task.isSpeculatable = false;
        countPending(set, task, 1);
        set.firstPending = std::min(set.firstPending, running.index);
    }
    return ended;
}

std::optional<TaskScheduler::Ended> TaskScheduler::succeeded(TaskId task, SimTime now) {
    return end(task, true, false, {}, now);
}

std::optional<TaskScheduler::Ended> TaskScheduler::failed(TaskId task, bool counts, const std::string& reason) {
    return end(task, false, counts, reason, SimTime{});
}

std::vector<TaskScheduler::Ended> TaskScheduler::executorLost(ExecutorId executor, const std::string& reason,
                                                              bool counts) {
    std::vector<TaskId> hit;
    for (const auto& [task, running] : m_running) {
        if (running.executor == executor) {
            hit.push_back(task);
        }
    }
    std::vector<Ended> all;
    for (const TaskId task : hit) {
        if (m_broken.forgetsLostTasks) {
            if (auto ended = end(task, true, false, {}, SimTime{})) {
                all.push_back(std::move(*ended));
            }
            continue;
        }
        if (auto ended = end(task, false, counts, reason, SimTime{})) {
            all.push_back(std::move(*ended));
        }
    }
    for (auto& [stage, set] : m_sets) {
        for (Task& task : set.tasks) {
            if (task.isPending) {
                countPending(set, task, -1);
            }
            std::erase(task.preferred, executor);
            if (task.isPending) {
                countPending(set, task, 1);
            }
        }
    }
    return all;
}

void TaskScheduler::speculate(SimTime now) {
    if (!m_settings.speculation) {
        return;
    }
    constexpr SimDuration least = std::chrono::milliseconds{100};
    for (auto& [stage, set] : m_sets) {
        const auto enough = std::max<std::int32_t>(
            static_cast<std::int32_t>(m_settings.speculationQuantile * static_cast<double>(set.tasks.size())), 1);
        if (set.done < enough || set.durations.empty()) {
            continue;
        }
        std::vector<SimDuration> sorted = set.durations;
        std::sort(sorted.begin(), sorted.end());
        const SimDuration median = sorted[sorted.size() / 2];
        const SimDuration threshold = std::max(least, fromSeconds(m_settings.speculationMultiplier * seconds(median)));
        for (const auto& [id, running] : m_running) {
            Task* task = running.stage == stage ? &set.tasks[running.index] : nullptr;
            if (task != nullptr && !task->isDone && task->running == 1 && now - running.began > threshold) {
                task->isSpeculatable = true;
            }
        }
    }
}

bool TaskScheduler::isWaiting() const {
    return std::any_of(m_sets.begin(), m_sets.end(), [](const auto& each) { return each.second.pending > 0; });
}

std::int32_t TaskScheduler::pending() const {
    std::int32_t all = 0;
    for (const auto& [stage, set] : m_sets) {
        all += set.pending;
    }
    return all;
}

std::int32_t TaskScheduler::runningOn(ExecutorId executor) const {
    return static_cast<std::int32_t>(std::count_if(m_running.begin(), m_running.end(),
                                                   [&](const auto& each) { return each.second.executor == executor; }));
}

std::vector<TaskId> TaskScheduler::tasksOn(ExecutorId executor) const {
    std::vector<TaskId> tasks;
    for (const auto& [id, running] : m_running) {
        if (running.executor == executor) {
            tasks.push_back(id);
        }
    }
    return tasks;
}

}  // namespace millrace::spark
