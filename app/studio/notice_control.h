#pragma once

#include <QObject>
#include <vector>

#include "app/studio/file_control.h"
#include "app/studio/recovery.h"
#include "app/studio/run_control.h"

class QWidget;

namespace millrace::widgets {
class NoticeBoard;
}  // namespace millrace::widgets

namespace millrace::studio {

/// What waits for an answer above the faces: work that was left behind, what could not be kept, what cannot run.
class NoticeControl final : public QObject {
    Q_OBJECT

public:
    NoticeControl(ScenarioDocument& document, RunControl& run, FileControl& files, widgets::NoticeBoard& board,
                  QWidget& window);
    /// Without a folder nothing is kept.
    void watchRecovery(const QString& folder);

    /// Asks what is to become of work that earlier programs could not save. It never replaces the open document.
    void offerRecovery();
    /// The program has broken a rule of its own: the work is kept, the run is gone, and the window says so.
    void showInternalError(const QString& what, const QString& bundle);
    void complainOfDocument();
    void refreshComplaints();

signals:
    void said(const QString& words);
    void problemChosen(const millrace::observe::ProblemView& problem);

private:
    static inline const QString complaintsNotice = QStringLiteral("complaints");
    static inline const QString refusalNotice = QStringLiteral("refusal");
    static inline const QString saveNotice = QStringLiteral("not saved");
    static inline const QString unsavedNotice = QStringLiteral("unsaved");
    static inline const QString memoryNotice = QStringLiteral("memory");
    static inline const QString internalNotice = QStringLiteral("internal error");
    static inline const QString autosaveNotice = QStringLiteral("not kept");

    void showMemory(quint64 bytes);
    void showNotSaved(const QString& file, const QString& reason);
    void refuse(const QString& file, const QString& complaint);
    void complain(const QString& headline, const std::vector<observe::ProblemView>& problems);
    void offer(const OrphanedWork& work, const QString& trouble = {});
    void restore(const OrphanedWork& work);
    bool saveWork(const OrphanedWork& work);

    ScenarioDocument& m_document;
    RunControl& m_run;
    FileControl& m_files;
    widgets::NoticeBoard* m_notices = nullptr;
    QWidget& m_window;
    Recovery* m_recovery = nullptr;
    bool m_isUnkeptSaid = false;
};

}  // namespace millrace::studio
