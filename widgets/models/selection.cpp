#include "widgets/models/selection.h"

#include <algorithm>

namespace millrace::widgets {

namespace {
constexpr qsizetype historyMax = 100;
}  // namespace

void Selection::select(const QString& id) {
    select(id.isEmpty() ? QStringList() : QStringList{id});
}

void Selection::select(const QStringList& ids) {
    if (ids == m_ids) {
        return;
    }
    m_ids = ids;
    if (!current().isEmpty() && current() != m_last) {
        if (!m_last.isEmpty()) {
            m_past.append(m_last);
            m_past = m_past.mid(std::max<qsizetype>(0, m_past.size() - historyMax));
        }
        m_future.clear();
        m_last = current();
    }
    emit changed();
}

void Selection::goBack() {
    if (canGoBack()) {
        m_future.append(m_last);
        m_last = m_past.takeLast();
        m_ids = {m_last};
        emit changed();
    }
}

void Selection::goForward() {
    if (canGoForward()) {
        m_past.append(m_last);
        m_last = m_future.takeLast();
        m_ids = {m_last};
        emit changed();
    }
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
