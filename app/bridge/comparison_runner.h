#pragma once

#include <QObject>
#include <QThread>
#include <atomic>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
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

/// Compares beside the run that is shown: on a thread of its own, at low priority, one comparison at a time.
class ComparisonRunner final : public QObject {
    Q_OBJECT

public:
    explicit ComparisonRunner(Comparer comparer, QObject* parent = nullptr);
    ~ComparisonRunner() override;

    [[nodiscard]] bool isRunning() const { return m_isRunning; }
    /// Nothing while one is under way.
    void start(const ComparisonRequest& request);
    /// It ends within some thousand events of simulated machines.
    void cancel() { m_isCancelled = true; }

signals:
    void stepped(const millrace::bridge::ComparisonStep& step);
    void ended(const millrace::bridge::ComparisonAnswer& answer);

private:
    [[nodiscard]] bool step(const ComparisonStep& step);

    Comparer m_comparer;
    QThread m_thread;
    QObject* m_worker = nullptr;  ///< whose events that thread handles
    std::atomic<bool> m_isCancelled{false};
    bool m_isRunning = false;
    qint64 m_steppedAt = 0;  ///< of that thread
};

}  // namespace millrace::bridge
