#pragma once

#include <QObject>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/observe/comparison_view.h"

namespace millrace::bridge {

/// What is to be compared: a document as it stands, and scenario files beside it.
struct ComparisonRequest {
    std::string text;
    std::string file;  ///< that relative paths of the document start from
    std::vector<std::string> others;
    std::size_t repetitions = 1;
};

/// Where a comparison stands.
struct ComparisonStep {
    std::size_t run = 0;  ///< from 0
    std::size_t runs = 0;
    std::string variant;
    double simulated = 0;  ///< seconds of this run
};

/// What a comparison came to, or why it could not be made.
struct ComparisonAnswer {
    observe::ComparisonPtr view;  ///< null: see `trouble`; both empty: it was given up
    std::string trouble;
    std::string text;
    std::string json;
    std::string html;
};

/// Runs all variants. Asks now and then whether to go on. Called on a thread of its own.
using Comparer = std::function<ComparisonAnswer(const ComparisonRequest& request,
                                                const std::function<bool(const ComparisonStep&)>&)>;

/// Compares beside the run that is shown: on a thread of its own, at low priority, one comparison at a time. What
/// crosses stands in a mailbox; signals only say that there is something.
class ComparisonRunner final : public QObject {
    Q_OBJECT

public:
    explicit ComparisonRunner(Comparer comparer, QObject* parent = nullptr);
    ~ComparisonRunner() override;

    [[nodiscard]] bool isRunning() const { return m_isRunning; }
    /// Nothing while one is under way.
    void start(const ComparisonRequest& request);
    /// While machines are simulated it ends within some thousand events; files that are read are read to their end
    /// first.
    void cancel() { m_isCancelled = true; }

signals:
    void stepped(const millrace::bridge::ComparisonStep& step);
    void ended(const millrace::bridge::ComparisonAnswer& answer);
    /// Of the thread, to the window's.
    void mailCame();

private:
    // On the thread.
    void work();
    [[nodiscard]] bool step(const ComparisonStep& step);
    // On the window's.
    void take();

    Comparer m_comparer;
    std::atomic<bool> m_isCancelled{false};
    bool m_isRunning = false;
    std::chrono::steady_clock::time_point m_steppedAt;  ///< of the thread
    std::mutex m_mutex;                                 ///< of the mailbox
    std::condition_variable m_hasMail;
    std::optional<ComparisonRequest> m_request;
    std::optional<ComparisonStep> m_step;
    std::optional<ComparisonAnswer> m_answer;
    bool m_isEnding = false;
    std::thread m_thread;
};

}  // namespace millrace::bridge
