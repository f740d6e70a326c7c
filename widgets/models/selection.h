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

signals:
    void changed();

private:
    QStringList m_ids;
};

}  // namespace millrace::widgets
