#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QObject>
#include <QString>
#include <QTimer>
#include <map>
#include <optional>
#include <vector>

#include "app/studio/session_lock.h"

namespace millrace::studio {

class ScenarioDocument;

/// Work that was not saved when a program ended without being asked to.
struct OrphanedWork {
    QString path;  ///< where it was kept; its name as long as it is not settled
    QByteArray text;
    QString file;  ///< where the document came from, empty when it never had a file
    QDateTime keptAt;
};

/// Keeps unsaved work beside the settings: two seconds after an edit it is written, after a save or a clean end it
/// goes. Each program holds a lock beside its own file; a file whose lock nobody holds was left behind.
class Recovery final : public QObject {
    Q_OBJECT

public:
    Recovery(ScenarioDocument& document, const QString& folder, QObject* parent = nullptr);
    ~Recovery() override;

    /// What earlier programs left behind, the newest first. It is held from then on, so that no other program offers it
    /// too, and stays on the disk until it is settled.
    [[nodiscard]] std::vector<OrphanedWork> claimOrphans();

    /// The work is safe elsewhere, or not wanted: its file goes.
    void settle(const QString& path);

    /// Whether the work could be written, or did not have to be.
    bool writeNow();
    [[nodiscard]] QString path() const { return m_path; }

signals:
    /// Unsaved work could not be kept; emitted at each failed attempt.
    void failed(const QString& reason);
    void kept();

private:
    ScenarioDocument& m_document;
    QString m_folder;
    QString m_path;
    std::optional<SessionLock> m_lock;
    std::map<QString, SessionLock> m_claims;
    QTimer m_delay;
};

}  // namespace millrace::studio
