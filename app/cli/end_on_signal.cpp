#include "app/cli/end_on_signal.h"

#include <signal.h>

namespace millrace::cli {

namespace {

constexpr int noted[] = {SIGINT, SIGTERM, SIGHUP};

volatile sig_atomic_t isToldToEnd = 0;

void note(int /*signal*/) {
    isToldToEnd = 1;
}

}  // namespace

EndOnSignal::EndOnSignal() {
    isToldToEnd = 0;
    for (const int each : noted) {
        struct sigaction before {};
        ::sigaction(each, nullptr, &before);
        if (before.sa_handler == SIG_IGN) {  // as nohup asks for
            continue;
        }
        struct sigaction action {};
        action.sa_handler = note;
        action.sa_flags = static_cast<int>(SA_RESETHAND | static_cast<unsigned>(SA_RESTART));
        ::sigaction(each, &action, nullptr);
    }
}

EndOnSignal::~EndOnSignal() {
    for (const int each : noted) {
        struct sigaction now {};
        ::sigaction(each, nullptr, &now);
        if (now.sa_handler == note) {
            ::signal(each, SIG_DFL);
        }
    }
}

bool EndOnSignal::isTold() {
    return isToldToEnd != 0;
}

}  // namespace millrace::cli
