#include "widgets/controls/command_palette.h"

#include <QCoreApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPointer>
#include <QVBoxLayout>
#include <algorithm>

namespace millrace::widgets {

CommandPalette::CommandPalette(QList<QAction*> actions, QWidget* parent)
    : QDialog(parent, Qt::Popup), m_actions(std::move(actions)) {
    setAccessibleName(tr("Commands"));
    setAttribute(Qt::WA_DeleteOnClose);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    m_search = new QLineEdit(this);
    m_search->setPlaceholderText(tr("Type a command"));
    m_search->setAccessibleName(tr("Search commands"));
    m_search->installEventFilter(this);
    m_list = new QListWidget(this);
    m_list->setAccessibleName(tr("Matching commands"));
    m_list->setFocusPolicy(Qt::NoFocus);
    layout->addWidget(m_search);
    layout->addWidget(m_list);
    resize(460, 340);
    if (parent != nullptr) {
        move(parent->mapToGlobal(QPoint((parent->width() - width()) / 2, 72)));
    }
    connect(m_search, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
    filter(QString());
    m_search->setFocus();
}

QStringList CommandPalette::shown() const {
    QStringList texts;
    for (int row = 0; row < m_list->count(); ++row) {
        texts.append(m_list->item(row)->text());
    }
    return texts;
}

void CommandPalette::filter(const QString& words) {
    m_list->clear();
    const QStringList wanted = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (qsizetype i = 0; i < m_actions.size(); ++i) {
        const QAction* action = m_actions[i];
        QString text = action->text();
        text.remove(QLatin1Char('&'));
        const bool fits = std::all_of(wanted.begin(), wanted.end(),
                                      [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
        if (text.isEmpty() || action->isSeparator() || !action->isEnabled() || !fits) {
            continue;
        }
        const QString shortcut = action->shortcut().toString(QKeySequence::NativeText);
        auto* item = new QListWidgetItem(
            action->icon(), shortcut.isEmpty() ? text : QStringLiteral("%1    %2").arg(text, shortcut), m_list);
        item->setData(Qt::UserRole, i);
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::runCurrent() {
    if (const QListWidgetItem* item = m_list->currentItem()) {
        const QPointer<QAction> action = m_actions[item->data(Qt::UserRole).toLongLong()];
        close();
        if (action) {
            action->trigger();
        }
    }
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_search && event->type() == QEvent::KeyPress) {
        auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Down || key->key() == Qt::Key_Up) {
            const int step = key->key() == Qt::Key_Down ? 1 : -1;
            m_list->setCurrentRow(std::clamp(m_list->currentRow() + step, 0, std::max(0, m_list->count() - 1)));
            return true;
        }
        if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
            runCurrent();
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

}  // namespace millrace::widgets
