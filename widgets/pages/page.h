#pragma once

#include <QString>
#include <QStringList>
#include <QWidget>

#include "engine/observe/snapshot.h"

class QComboBox;

namespace millrace::widgets {

/// A page of its own for what one system has, beside what every system is shown with. It shows the views that were
/// described for it alone: while it is not seen, nobody describes them.
class Page : public QWidget {
    Q_OBJECT

public:
    using QWidget::QWidget;

    /// What it is asked for by, such as "batches".
    [[nodiscard]] virtual QString name() const = 0;
    /// What its tab says.
    [[nodiscard]] virtual QString title() const = 0;
    /// The kind of objects that it is made for.
    [[nodiscard]] virtual observe::ObjectKind kind() const = 0;
    /// Those that a run has; without one, the page is not offered.
    [[nodiscard]] virtual QStringList objects(const observe::Snapshot& snapshot) const;
    /// What is to be described for it.
    [[nodiscard]] virtual observe::PageRequest request() const = 0;
    /// Null: there is no run. Called only while it is seen, and once before.
    virtual void setSnapshot(const observe::SnapshotPtr& snapshot) = 0;
    /// The views between which one can choose, by name; empty where there is one alone.
    [[nodiscard]] virtual QStringList views() const { return {}; }
    virtual void showView(const QString& /*view*/) {}
    /// The object is shown first: by who has seen it elsewhere. Nothing where it is none of its own.
    virtual void choose(const QString& /*object*/) {}

protected:
    /// Lists these objects by name in a box, their ids beside them, with the present one chosen; without a signal, and
    /// without work where it lists them already.
    static void offer(QComboBox& choice, const QStringList& ids, const observe::ObjectId& present);

signals:
    void requestChanged();
    void objectChosen(const QString& object);
    void seekRequested(millrace::SimTime time);
};

}  // namespace millrace::widgets
