#pragma once

#include <QObject>
#include <QString>
#include <QStringList>

namespace millrace::widgets {

/// What is selected, by object id. Both faces, the inspector and the deck share one of these, so a selection in one is
/// a selection in all.
class Selection final : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    [[nodiscard]] const QStringList& ids() const { return m_ids; }
    [[nodiscard]] bool contains(const QString& id) const { return m_ids.contains(id); }

    /// The object the inspector shows: the one that was selected last. Empty when nothing is.
    [[nodiscard]] QString current() const { return m_ids.isEmpty() ? QString() : m_ids.last(); }

    void select(const QString& id);
    void select(const QStringList& ids);
    void toggle(const QString& id);
    void clear();

    /// To what was looked at before, and on again; for the inspector.
    void goBack();
    void goForward();
    [[nodiscard]] bool canGoBack() const { return !m_past.isEmpty(); }
    [[nodiscard]] bool canGoForward() const { return !m_future.isEmpty(); }

signals:
    void changed();

private:
    QStringList m_ids;
    QStringList m_past;    ///< objects that were current, the newest last
    QStringList m_future;  ///< those gone back from, the next last
    QString m_last;        ///< what was current last, also while nothing is selected
};

}  // namespace millrace::widgets
