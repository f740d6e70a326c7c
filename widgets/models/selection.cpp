#include "widgets/models/selection.h"

namespace millrace::widgets {

void Selection::select(const QString& id) {
    select(id.isEmpty() ? QStringList() : QStringList{id});
}

void Selection::select(const QStringList& ids) {
    if (ids == m_ids) {
        return;
    }
    m_ids = ids;
    emit changed();
}

void Selection::toggle(const QString& id) {
    QStringList ids = m_ids;
    if (!ids.removeOne(id)) {
        ids.append(id);
    }
    select(ids);
}

void Selection::clear() {
    select(QStringList());
}

}  // namespace millrace::widgets
