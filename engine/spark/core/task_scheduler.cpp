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
        made.tasks.push_back(std::move(task));
    }
    for (std::size_t i = made.tasks.size(); i-- > 0;) {
        push(made, i);
    }
    made.level = made.hasPreferences ? Locality::ProcessLocal : Locality::Any;
    m_sets[set->stage] = std::move(made);
}

void TaskScheduler::push(Set& set, std::size_t index) {
    const Task& task = set.tasks[index];
    ++set.pending;
    set.pendingAll.push_back(index);
    if (task.preferred.empty()) {
        set.pendingAnywhere.push_back(index);
    }
    for (const ExecutorId each : task.preferred) {
        set.pendingAt[each].push_back(index);
    }
}

std::optional<std::size_t> TaskScheduler::top(const Set& set, std::vector<std::size_t>& stack) {
    while (!stack.empty() && !set.tasks[stack.back()].isPending) {
        stack.pop_back();
    }
    return stack.empty() ? std::nullopt : std::optional(stack.back());
}

std::optional<std::size_t> TaskScheduler::topAt(Set& set, ExecutorId executor) {
    const auto at = set.pendingAt.find(executor);
    return at != set.pendingAt.end() ? top(set, at->second) : std::nullopt;
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
        return std::any_of(executors.begin(), executors.end(), [&](const ExecutorPlace& each) {
            return (level != Locality::RackLocal || !each.rack.empty()) && topAt(set, each.id);
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

/// The nearest first: its own, its host's, those without a wish, its rack's, any.
std::optional<std::size_t> TaskScheduler::pick(Set& set, const ExecutorPlace& executor,
                                               const std::vector<ExecutorPlace>& executors, Locality most,
                                               Locality& got) {
    const auto ofNeighbours = [&](Locality level, const auto& isNeighbour) -> std::optional<std::size_t> {
        std::optional<std::size_t> best;
        for (const ExecutorPlace& each : executors) {
            const auto index = most >= level && isNeighbour(each) ? topAt(set, each.id) : std::nullopt;
            best = index && (!best || *index < *best) ? index : best;
        }
        got = level;
        return best;
    };
    if (const auto own = topAt(set, executor.id)) {
        got = Locality::ProcessLocal;
        return own;
    }
    if (const auto near =
            ofNeighbours(Locality::NodeLocal, [&](const auto& each) { return each.host == executor.host; })) {
        return near;
    }
    if (const auto without = top(set, set.pendingAnywhere)) {
        got = Locality::NoPreference;
        return without;
    }
    if (const auto near = ofNeighbours(
            Locality::RackLocal, [&](const auto& each) { return !each.rack.empty() && each.rack == executor.rack; })) {
        return near;
    }
    got = Locality::Any;
    return most == Locality::Any ? top(set, set.pendingAll) : std::nullopt;
}

/// A copy of a task that takes long, on another host than the one where it runs.
std::optional<std::size_t> TaskScheduler::pickSpeculative(Set& set, const ExecutorPlace& executor,
                                                          const std::vector<ExecutorPlace>& executors) const {
    std::erase_if(set.speculatable, [&](std::size_t each) {
        const Task& task = set.tasks[each];
        return !task.isSpeculatable || task.isDone || task.running != 1;
    });
    const auto isOnHost = [&](ExecutorId id) {
        return std::any_of(executors.begin(), executors.end(),
                           [&](const ExecutorPlace& each) { return each.id == id && each.host == executor.host; });
    };
    for (const std::size_t index : set.speculatable) {
        const bool runsHere = std::any_of(m_running.begin(), m_running.end(), [&](const auto& each) {
            return each.second.stage == set.set->stage && each.second.index == index && isOnHost(each.second.executor);
        });
        if (!runsHere) {
            return index;
        }
    }
    return std::nullopt;
}

Launch TaskScheduler::launch(Set& set, std::size_t index, ExecutorPlace& executor, Locality got, bool speculative,
                             SimTime now) {
    Task& task = set.tasks[index];
    Launch launch;
    launch.task = m_nextTask;
    m_nextTask = TaskId{m_nextTask.value + 1};
    launch.set = set.set;
    launch.partition = task.partition;
    launch.attempt = task.attempts++;
    launch.executor = executor.id;
    launch.locality = got;
    launch.isSpeculative = speculative;
    if (speculative) {
        task.isSpeculatable = false;
    } else {
        task.isPending = false;
        --set.pending;
        if (got != Locality::NoPreference) {
            set.lastLaunch = now;
            set.level = set.hasPreferences ? std::min(set.level, got) : set.level;
        }
    }
    ++task.running;
    --executor.freeCores;
    m_running.set(launch.task, {set.set->stage, index, executor.id, now, speculative});
    return launch;
}

std::vector<Launch> TaskScheduler::offer(std::vector<ExecutorPlace>& executors, SimTime now) {
    std::vector<Launch> launches;
    const auto turn = static_cast<std::size_t>(m_turn++);
    for (auto& [stage, set] : m_sets) {
        bool launched = set.pending > 0 || !set.speculatable.empty();
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
                auto index = pick(set, executor, executors, most, got);
                const bool isSpeculative = !index;
                if (isSpeculative && !set.speculatable.empty()) {
                    index = pickSpeculative(set, executor, executors);
                    got = index ? localityOf(set.tasks[*index], executor, executors) : got;
                }
                if (index) {
                    launches.push_back(launch(set, *index, executor, got, isSpeculative, now));
                    launched = true;
                }
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
        push(set, running.index);
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
        set.pendingAt.erase(executor);
        for (std::size_t i = set.tasks.size(); i-- > 0;) {
            Task& task = set.tasks[i];
            const bool hadWish = std::erase(task.preferred, executor) > 0;
            if (hadWish && task.preferred.empty() && task.isPending) {
                set.pendingAnywhere.push_back(i);
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
            const bool isSlow = task != nullptr && !task->isDone && task->running == 1 && !task->isSpeculatable &&
                                now - running.began > threshold;
            if (isSlow) {
                task->isSpeculatable = true;
                set.speculatable.push_back(running.index);
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
