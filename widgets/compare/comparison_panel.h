#pragma once

#include <QStringList>
#include <QWidget>

#include "engine/observe/comparison_view.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QSplitter;

namespace millrace::widgets {

class FigureBars;
class RecordTable;
class ResultCurves;
class ViewSwitch;

/// The page of a comparison: what is to be compared and how often, its progress, and what came of it as a table,
/// charts, differences of the results and notes. It runs nothing itself.
class ComparisonPanel final : public QWidget {
    Q_OBJECT

public:
    explicit ComparisonPanel(QWidget* parent = nullptr);

    /// What would be compared, in words; with `trouble`, why it cannot be.
    void setSubject(const QString& words, const QString& trouble = {});
    /// Scenarios beside the open one.
    void setOthers(const QStringList& files);
    void setProgress(const QString& words, int run, int runs);
    /// Nothing runs any more, and this came of it.
    void setView(const observe::ComparisonPtr& view);
    /// Nothing runs any more, and nothing came of it, for the reason that is said; without one, it was stopped. What
    /// was there before stays.
    void setNothing(const QString& trouble);
    /// As at the beginning.
    void clear();
    /// The scenario has changed since.
    void setStale(bool isStale);

    [[nodiscard]] QString verdict() const;
    [[nodiscard]] QStringList views() const;
    void showView(const QString& name);

signals:
    void startRequested(int repetitions);
    void cancelRequested();
    void otherRequested();
    void otherDropped(const QString& file);
    void saveRequested();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void makeHead(class QVBoxLayout& layout);
    void shareWidth();
    void showRow(const QString& key);
    void showRunning(bool isRunning);
    void say();
    void setFigures(const observe::ComparisonView& view);

    QLabel* m_verdict = nullptr;
    QSpinBox* m_repetitions = nullptr;
    QPushButton* m_start = nullptr;
    QPushButton* m_others = nullptr;
    QPushButton* m_save = nullptr;
    QProgressBar* m_progress = nullptr;
    QSplitter* m_body = nullptr;
    RecordTable* m_figures = nullptr;  ///< made anew for other variants
    ViewSwitch* m_views = nullptr;
    ResultCurves* m_curves = nullptr;
    FigureBars* m_bars = nullptr;
    RecordTable* m_differences = nullptr;
    RecordTable* m_notes = nullptr;
    observe::ComparisonPtr m_view;
    QString m_subject;
    QString m_cannot;   ///< why it cannot be compared
    QString m_trouble;  ///< why nothing came of the last one
    bool m_isRunning = false;
    bool m_isStale = false;
    bool m_isShared = false;  ///< the width, by hand
};

}  // namespace millrace::widgets
