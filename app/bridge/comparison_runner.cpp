#include "app/bridge/comparison_runner.h"

#include <QDateTime>
#include <exception>
#include <utility>

namespace millrace::bridge {

ComparisonRunner::ComparisonRunner(Comparer comparer, QObject* parent)
    : QObject(parent), m_comparer(std::move(comparer)), m_worker(new QObject) {
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    m_thread.setObjectName(QStringLiteral("comparison"));
    m_thread.start(QThread::LowPriority);
}

ComparisonRunner::~ComparisonRunner() {
    m_isCancelled = true;
    m_thread.quit();
    m_thread.wait();
}

void ComparisonRunner::start(const ComparisonRequest& request) {
    if (m_isRunning) {
        return;
    }
    m_isRunning = true;
    m_isCancelled = false;
    QMetaObject::invokeMethod(m_worker, [this, request] {
        ComparisonAnswer answer;
        try {
            answer = m_comparer(request, [this](const ComparisonStep& now) { return step(now); });
        } catch (const std::exception& failure) {
            answer.trouble = std::string("internal error: ") + failure.what();
        }
        QMetaObject::invokeMethod(this, [this, answer = std::move(answer)] {
            m_isRunning = false;
            emit ended(answer);
        });
    });
}

/// A few times a second.
bool ComparisonRunner::step(const ComparisonStep& step) {
    constexpr qint64 every = 100;  // ms
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    if (now - m_steppedAt >= every) {
        m_steppedAt = now;
        QMetaObject::invokeMethod(this, [this, step] { emit stepped(step); });
    }
    return !m_isCancelled;
}

}  // namespace millrace::bridge
