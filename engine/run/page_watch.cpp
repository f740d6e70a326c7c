#include "engine/run/page_watch.h"

#include <signal.h>

#include <chrono>
#include <system_error>

#include "engine/base/slab_arena.h"

namespace millrace::run {

PageWatch::PageWatch() {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);  // the process's signals are for others
    try {
        m_thread = std::thread([this] { watch(); });
    } catch (const std::system_error&) {
        // Pages stay.
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

PageWatch::~PageWatch() {
    {
        const std::lock_guard lock(m_mutex);
        m_stops = true;
    }
    m_stopped.notify_all();
    if (m_thread.joinable()) {
        m_thread.join();
    }
}

void PageWatch::watch() {
    constexpr std::chrono::milliseconds idle{250};  // small runs have no mapping at all
    constexpr std::chrono::milliseconds seldom{40};
    constexpr std::chrono::milliseconds soon{10};
    constexpr std::chrono::milliseconds often{2};
    constexpr double near = 0.7;
    std::unique_lock lock(m_mutex);
    while (!m_stops) {
        lock.unlock();
        const double share = SlabArena::pageOutIfLarge();
        lock.lock();
        m_stopped.wait_for(lock,
                           share > near  ? often
                           : share > 0.4 ? soon
                           : share > 0   ? seldom
                                         : idle,
                           [this] { return m_stops; });
    }
}

}  // namespace millrace::run
