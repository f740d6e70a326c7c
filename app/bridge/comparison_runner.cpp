#include "app/bridge/comparison_runner.h"

#include <sys/resource.h>

#include <exception>
#include <utility>

namespace millrace::bridge {

ComparisonRunner::ComparisonRunner(Comparer comparer, QObject* parent)
    : QObject(parent), m_comparer(std::move(comparer)) {
    connect(this, &ComparisonRunner::mailCame, this, &ComparisonRunner::take, Qt::QueuedConnection);
    m_thread = std::thread([this] { work(); });
}

ComparisonRunner::~ComparisonRunner() {
    m_isCancelled = true;
    {
        const std::lock_guard lock(m_mutex);
        m_isEnding = true;
    }
    m_hasMail.notify_one();
    m_thread.join();
}

void ComparisonRunner::start(const ComparisonRequest& request) {
    if (m_isRunning) {
        return;
    }
    m_isRunning = true;
    m_isCancelled = false;
    {
        const std::lock_guard lock(m_mutex);
        m_request = request;
        m_step.reset();
    }
    m_hasMail.notify_one();
}

/// One after the other until the window closes. On Linux a priority is a thread's own; where it cannot be lowered, the
/// comparison is only a worse neighbour.
void ComparisonRunner::work() {
    constexpr int niceness = 5;
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, niceness));
    while (true) {
        ComparisonRequest request;
        {
            std::unique_lock lock(m_mutex);
            m_hasMail.wait(lock, [this] { return m_isEnding || m_request; });
            if (m_isEnding) {
                return;
            }
            request = *std::exchange(m_request, std::nullopt);
        }
        ComparisonAnswer answer;
        try {
            answer = m_comparer(request, [this](const ComparisonStep& now) { return step(now); });
        } catch (const std::exception& failure) {
            answer.trouble = std::string("internal error: ") + failure.what();
        }
        {
            const std::lock_guard lock(m_mutex);
            m_answer = std::move(answer);
        }
        emit mailCame();
    }
}

/// A few times a second.
bool ComparisonRunner::step(const ComparisonStep& step) {
    constexpr std::chrono::milliseconds every{100};
    const auto now = std::chrono::steady_clock::now();
    if (now - m_steppedAt >= every) {
        m_steppedAt = now;
        {
            const std::lock_guard lock(m_mutex);
            m_step = step;
        }
        emit mailCame();
    }
    return !m_isCancelled;
}

void ComparisonRunner::take() {
    std::optional<ComparisonStep> step;
    std::optional<ComparisonAnswer> answer;
    {
        const std::lock_guard lock(m_mutex);
        step = std::exchange(m_step, std::nullopt);
        answer = std::exchange(m_answer, std::nullopt);
    }
    if (answer) {
        m_isRunning = false;
        emit ended(*answer);
    } else if (step) {
        emit stepped(*step);
    }
}

}  // namespace millrace::bridge
