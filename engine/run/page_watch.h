#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

namespace millrace::run {

/// While one lives, cold pages of the pools are given back as soon as many are resident, whoever touches them: a run, a
/// look at it, the dropping of its past. It has a thread of its own, which looks at the size of the process: often
/// while it is near its limit, else seldom. Where no thread can be had, pages stay.
class PageWatch {
public:
    PageWatch();
    ~PageWatch();
    PageWatch(const PageWatch&) = delete;
    PageWatch& operator=(const PageWatch&) = delete;

private:
    void watch();

    std::mutex m_mutex;
    std::condition_variable m_stopped;
    bool m_stops = false;
    std::thread m_thread;
};

}  // namespace millrace::run
