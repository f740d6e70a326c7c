#include "app/cli/end_on_signal.h"

#include <signal.h>
#include <time.h>

#include <atomic>
#include <cstdint>

namespace millrace::cli {

namespace {

constexpr int noted[] = {SIGINT, SIGTERM, SIGHUP};

std::atomic<std::int64_t> toldAt{0};  // ns of the monotonic clock; 0: not yet
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

void note(int signal) {
    constexpr std::int64_t second = 1'000'000'000;
    timespec clock{};
    ::clock_gettime(CLOCK_MONOTONIC, &clock);
    const std::int64_t now = std::int64_t{clock.tv_sec} * second + clock.tv_nsec;
    std::int64_t before = 0;
    if (!toldAt.compare_exchange_strong(before, now) && now - before >= second) {
        ::signal(signal, SIG_DFL);
        ::raise(signal);
    }
}

}  // namespace

void endOnSignals() {
    for (const int each : noted) {
        struct sigaction before {};
        ::sigaction(each, nullptr, &before);
        if (before.sa_handler == SIG_IGN) {  // as nohup asks for
            continue;
        }
        struct sigaction action {};
        action.sa_handler = note;
        action.sa_flags = SA_RESTART;
        ::sigaction(each, &action, nullptr);
    }
}

bool isToldToEnd() {
    return toldAt != 0;
}

}  // namespace millrace::cli
