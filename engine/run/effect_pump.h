#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "engine/base/result.h"
#include "engine/sim/effect.h"

namespace millrace::run {

/// Carries effects out on one thread of its own, in order, behind a bounded queue: when it is full, `push` waits. The
/// first failure stops everything behind it, so what was carried out is a prefix. Effects are only read there and are
/// let go on the thread that pushed them, because their counts are not atomic.
class EffectPump {
public:
    /// Called on the pump's thread with effects in order; must not keep or copy handles.
    using CarryOut = std::function<Result<void>(std::span<const Ref<const sim::Effect>>)>;

    explicit EffectPump(CarryOut carryOut, std::size_t queueMax = 64);
    ~EffectPump();
    EffectPump(const EffectPump&) = delete;
    EffectPump& operator=(const EffectPump&) = delete;

    /// Hands effects over. Gives the failure of an earlier batch, if there was one.
    Result<void> push(std::vector<sim::NumberedEffect> effects);
    /// Waits until everything handed over is done.
    Result<void> drain();

private:
    struct Batch {
        std::vector<Ref<const sim::Effect>> effects;
    };
    void work();
    Result<void> carriedOut(const Batch& batch) const;
    Result<void> status() const;

    CarryOut m_carryOut;
    std::size_t m_queueMax;
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::unique_ptr<Batch>> m_waiting;
    std::vector<std::unique_ptr<Batch>> m_done;  // freed by the pushing thread
    bool m_working = false;
    bool m_stop = false;
    std::optional<Error> m_failure;
    std::thread m_thread;
};

}  // namespace millrace::run
