#pragma once

#include <QByteArray>
#include <QObject>
#include <QString>
#include <QTimer>
#include <optional>

namespace millrace::studio {

class ScenarioDocument;

/// Work that was not saved when the program ended without being asked to.
struct RecoveredWork {
    QByteArray text;
    QString file;  ///< where the document came from, empty when it never had a file
};

/// Keeps unsaved work beside the settings: two seconds after an edit it is written, after a save or a clean end it
/// goes. One program at a time owns a recovery file.
class Recovery final : public QObject {
    Q_OBJECT

public:
    Recovery(ScenarioDocument& document, const QString& folder, QObject* parent = nullptr);
    ~Recovery() override;

    /// What an earlier program left behind in the folder, if it is no longer running. Takes it over.
    [[nodiscard]] static std::optional<RecoveredWork> takeLeftover(const QString& folder);

    void writeNow();
    [[nodiscard]] QString path() const { return m_path; }

private:
    ScenarioDocument& m_document;
    QString m_path;
    QTimer m_delay;
};

}  // namespace millrace::studio
