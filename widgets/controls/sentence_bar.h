#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include "engine/observe/snapshot.h"

class QLabel;
class QPushButton;

namespace millrace::widgets {

/// One sentence that says what just happened and why, at the foot of the canvas; once that is a while ago, what stands
/// still and why, or else what holds now.
class SentenceBar final : public QWidget {
    Q_OBJECT

public:
    explicit SentenceBar(QWidget* parent = nullptr);

    void setSnapshot(const observe::SnapshotPtr& snapshot);

    /// Something to say to the user right now, such as that a wire cannot go there. It stays for a few seconds, or
    /// until something newer happens.
    void say(const QString& text);
    /// What was said is no longer so: back to what the run tells.
    void unsay();

    [[nodiscard]] QString headline() const;
    [[nodiscard]] QString reasons() const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

signals:
    void whyRequested(quint64 journalEntry);
    void whyOfObjectRequested(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    /// Of the wordings of the reasons the longest that has room is shown.
    void show(const QString& headline, const QStringList& reasons, quint64 entry);
    void showWait(const observe::WaitView& wait, SimTime now);
    void showStanding(const QString& standing, const observe::JournalEntryView& newest);
    void showLoss(const observe::LossView& loss, const observe::JournalEntryView& newest);
    void showNothing();
    void elide();

    QLabel* m_headline = nullptr;
    QLabel* m_reasons = nullptr;
    int m_lines = 2;  ///< that the reasons may take
    QPushButton* m_why = nullptr;
    QString m_headlineText;
    QStringList m_reasonWordings;
    quint64 m_entry = 0;
    QString m_object;        ///< what stands still, while that is told
    QElapsedTimer m_saidAt;  ///< valid while something was said
    QTimer m_forget;         ///< ends what was said also where no run goes on
    observe::SnapshotPtr m_snapshot;
};

/// "because its session expired at 11.0 s, because you crashed broker 2 at 5.0 s": the causes of an entry as one line,
/// and shorter wordings that tell only what began it.
[[nodiscard]] QStringList reasonsOf(const observe::JournalPage& page, std::uint64_t entry);

}  // namespace millrace::widgets
