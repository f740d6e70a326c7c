#include "engine/run/effect_pump.h"

#include <exception>
#include <utility>

namespace millrace::run {

EffectPump::EffectPump(CarryOut carryOut, std::size_t queueMax)
    : m_carryOut(std::move(carryOut)), m_queueMax(queueMax), m_thread([this] { work(); }) {}

EffectPump::~EffectPump() {
    {
        const std::lock_guard lock(m_mutex);
        m_stop = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

Result<void> EffectPump::status() const {
    if (m_failure) {
        return tl::unexpected(*m_failure);
    }
    return {};
}

Result<void> EffectPump::push(std::vector<sim::NumberedEffect> effects) {
    std::vector<std::unique_ptr<Batch>> done;
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_waiting.size() < m_queueMax || m_failure; });
    done.swap(m_done);
    if (!m_failure && !effects.empty()) {
        auto batch = std::make_unique<Batch>();
        batch->effects.reserve(effects.size());
        for (sim::NumberedEffect& effect : effects) {
            batch->effects.push_back(std::move(effect.effect));
        }
        m_waiting.push_back(std::move(batch));
        m_changed.notify_all();
    }
    return status();
}

Result<void> EffectPump::drain() {
    std::vector<std::unique_ptr<Batch>> done;
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return (m_waiting.empty() && !m_working) || m_failure; });
    done.swap(m_done);
    return status();
}

/// What is thrown on this thread would end the program.
Result<void> EffectPump::carriedOut(const Batch& batch) const {
    try {
        return m_carryOut(batch.effects);
    } catch (const std::exception& trouble) {
        return machineFailure(trouble.what());
    }
}

void EffectPump::work() {
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [this] { return m_stop || (!m_waiting.empty() && !m_failure); });
        if (m_waiting.empty() || m_failure) {
            return;  // Stopped. What waits behind a failure is never carried out.
        }
        std::unique_ptr<Batch> batch = std::move(m_waiting.front());
        m_waiting.pop_front();
        m_working = true;
        lock.unlock();
        Result<void> result = carriedOut(*batch);
        lock.lock();
        m_working = false;
        m_done.push_back(std::move(batch));
        if (!result) {
            m_failure = std::move(result.error());
        }
        m_changed.notify_all();
    }
}

}  // namespace millrace::run
