#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/spark/ids.h"

namespace millrace::spark {

inline constexpr std::int32_t anyNumberOfExecutors = std::numeric_limits<std::int32_t>::max();

/// Executors of a batch application by its backlog: one more when tasks have waited for a while, then twice as many
/// each time; those that have been idle for long are given back. A value. Source: ExecutorAllocationManager of
/// Spark 3.5 with shuffle tracking: what keeps shuffle files or cached partitions is not idle.
class BacklogAllocation {
public:
    struct Settings {
        bool isEnabled = false;                                  ///< spark.dynamicAllocation.enabled
        std::int32_t least = 0;                                  ///< ... .minExecutors
        std::int32_t most = anyNumberOfExecutors;                ///< ... .maxExecutors
        std::int32_t initial = 0;                                ///< ... .initialExecutors
        SimDuration backlogTimeout = std::chrono::seconds{1};    ///< ... .schedulerBacklogTimeout
        SimDuration sustainedTimeout = std::chrono::seconds{1};  ///< ... .sustainedSchedulerBacklogTimeout
        SimDuration idleTimeout = std::chrono::seconds{60};      ///< ... .executorIdleTimeout
    };

    BacklogAllocation() = default;
    explicit BacklogAllocation(Settings settings) : m_settings(settings), m_target(first(settings)) {}

    [[nodiscard]] std::int32_t target() const { return m_target; }

    /// Looks at the tasks; true when the target has changed. `perExecutor`: tasks that one runs at a time.
    bool look(SimTime now, std::int32_t pending, std::int32_t running, std::int32_t perExecutor) {
        const std::int32_t needed = (pending + running + perExecutor - 1) / std::max(perExecutor, 1);
        const std::int32_t before = m_target;
        if (pending == 0) {
            m_addAt.reset();
            m_step = 1;
        } else if (!m_addAt) {
            m_addAt = now + m_settings.backlogTimeout;
        }
        if (needed < m_target) {
            m_target = std::clamp(needed, m_settings.least, std::max(m_settings.most, m_settings.least));
            m_step = 1;
        } else if (m_addAt && now >= *m_addAt) {
            m_target = std::clamp(std::min(m_target + m_step, needed), m_settings.least, m_settings.most);
            m_step = m_target - before == m_step ? m_step * 2 : 1;
            m_addAt = *m_addAt + m_settings.sustainedTimeout;
        }
        return m_target != before;
    }

    /// Those that have had nothing to do and nothing to keep for the idle timeout, oldest first; no more than leave the
    /// least number and the target.
    [[nodiscard]] std::vector<ExecutorId> idle(SimTime now, const std::map<ExecutorId, bool>& isBusy) {
        std::erase_if(m_idleSince, [&](const auto& each) {
            const auto at = isBusy.find(each.first);
            return at == isBusy.end() || at->second;
        });
        std::vector<ExecutorId> gone;
        const auto present = static_cast<std::int32_t>(isBusy.size());
        const std::int32_t floor = std::max(m_settings.least, m_target);
        for (const auto& [id, busy] : isBusy) {
            if (busy) {
                continue;
            }
            const SimTime since = m_idleSince.try_emplace(id, now).first->second;
            if (now - since >= m_settings.idleTimeout && present - static_cast<std::int32_t>(gone.size()) > floor) {
                gone.push_back(id);
            }
        }
        return gone;
    }

private:
    static std::int32_t first(const Settings& settings) {
        return std::min(std::max(settings.least, settings.initial), settings.most);
    }
    Settings m_settings;
    std::int32_t m_target = 0;
    std::int32_t m_step = 1;
    std::optional<SimTime> m_addAt;
    std::map<ExecutorId, SimTime> m_idleSince;
};

/// Executors of a streaming application by how much of the batch interval its batches take: looked at each scaling
/// interval. A value. Source: streaming.scheduler.ExecutorAllocationManager of Spark 3.5.
class RatioAllocation {
public:
    struct Settings {
        bool isEnabled = false;                           ///< spark.streaming.dynamicAllocation.enabled
        SimDuration interval = std::chrono::seconds{60};  ///< ... .scalingInterval
        double upRatio = 0.9;                             ///< ... .scalingUpRatio
        double downRatio = 0.3;                           ///< ... .scalingDownRatio
        std::int32_t least = 0;                           ///< ... .minExecutors; 0: one, or as many as receivers
        std::int32_t most = anyNumberOfExecutors;         ///< ... .maxExecutors
    };
    struct Decision {
        std::int32_t total = 0;     ///< executors that are wanted
        bool givesOneBack = false;  ///< one without a receiver
    };

    RatioAllocation() = default;
    explicit RatioAllocation(Settings settings) : m_settings(settings) {}

    void batchDone(SimDuration processing) {
        m_sum += processing;
        ++m_count;
    }
    /// Nothing where nothing was done since the last time.
    [[nodiscard]] std::optional<Decision> decide(SimDuration batch, std::int32_t executors, std::int32_t receivers) {
        if (m_count == 0) {
            return std::nullopt;
        }
        const double ratio = seconds(m_sum) / static_cast<double>(m_count) / seconds(batch);
        m_sum = SimDuration{0};
        m_count = 0;
        const std::int32_t least = m_settings.least > 0 ? m_settings.least : std::max(1, receivers);
        if (ratio >= m_settings.upRatio) {
            const auto more = std::max(static_cast<std::int32_t>(std::lround(ratio)), 1);
            return Decision{std::max(std::min(m_settings.most, executors + more), least), false};
        }
        if (ratio <= m_settings.downRatio && executors > least) {
            return Decision{executors - 1, true};
        }
        return Decision{executors, false};
    }

private:
    Settings m_settings;
    SimDuration m_sum{0};
    std::int64_t m_count = 0;
};

}  // namespace millrace::spark
