#include "widgets/controls/command_palette.h"

#include <QAction>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QPointer>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "widgets/controls/fuzzy_match.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

constexpr int hintRole = Qt::UserRole + 1;
constexpr int rowHeight = 28;
constexpr int iconSize = 16;

/// One row: the icon, the title, and at the right end, dim, the shortcut or the kind. All rows have one height; a long
/// title ends in an ellipsis.
class CommandRow final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const Palette& colors = theme();
        if ((option.state & QStyle::State_Selected) != 0) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(colors.soft);
            painter->drawRoundedRect(option.rect.adjusted(2, 1, -2, -1), 4, 4);
        }
        const QRect row = option.rect.adjusted(10, 0, -10, 0);
        const QRect picture(row.left(), row.center().y() - iconSize / 2 + 1, iconSize, iconSize);
        index.data(Qt::DecorationRole).value<QIcon>().paint(painter, picture);
        const QString hint = index.data(hintRole).toString();
        painter->setFont(textFont(TextRole::Caption));
        const int hintWidth = hint.isEmpty() ? 0 : painter->fontMetrics().horizontalAdvance(hint) + 12;
        painter->setPen(colors.dim);
        painter->drawText(row, Qt::AlignRight | Qt::AlignVCenter, hint);
        painter->setFont(textFont(TextRole::Body));
        painter->setPen(colors.text);
        const QRect words = row.adjusted(iconSize + 10, 0, -hintWidth, 0);
        painter->drawText(
            words, Qt::AlignVCenter,
            painter->fontMetrics().elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight, words.width()));
    }
    QSize sizeHint(const QStyleOptionViewItem& /*option*/, const QModelIndex& /*index*/) const override {
        return {100, rowHeight};
    }
};

}  // namespace

std::vector<Command> commandsOf(const QList<QAction*>& actions) {
    std::vector<Command> commands;
    for (QAction* action : actions) {
        const QString title = action->iconText();
        if (!title.isEmpty() && !action->isSeparator() && action->isEnabled()) {
            commands.push_back({title, action->shortcut().toString(QKeySequence::NativeText), action->icon(),
                                [action = QPointer(action)] {
                                    if (action) {
                                        action->trigger();
                                    }
                                }});
        }
    }
    return commands;
}

CommandPalette::CommandPalette(std::vector<Command> commands, QWidget* parent)
    : QDialog(parent, Qt::Popup), m_commands(std::move(commands)) {
    setAccessibleName(tr("Commands"));
    setAttribute(Qt::WA_DeleteOnClose);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    m_search = new QLineEdit(this);
    m_search->setPlaceholderText(tr("A command, a part to add, or an object to go to"));
    m_search->setAccessibleName(tr("Search commands, parts and objects"));
    m_search->installEventFilter(this);
    m_list = new QListWidget(this);
    m_list->setAccessibleName(tr("Matching commands"));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setUniformItemSizes(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setItemDelegate(new CommandRow(m_list));
    layout->addWidget(m_search);
    layout->addWidget(m_list);
    m_nothing = new QLabel(tr("Nothing is called so"), m_list);
    m_nothing->setProperty("role", QStringLiteral("dim"));
    m_nothing->move(12, 8);
    constexpr int rowsSeen = 11;  // whole ones
    m_list->setFixedHeight(rowsSeen * rowHeight + 2 * m_list->frameWidth());
    resize(520, sizeHint().height());
    if (parent != nullptr) {
        move(parent->mapToGlobal(QPoint((parent->width() - width()) / 2, 72)));
    }
    connect(m_search, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
    filter(QString());
    m_search->setFocus();
}

void CommandPalette::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    painter.fillRect(rect(), theme().surface);
    painter.setPen(theme().off);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
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
    std::vector<std::pair<int, std::size_t>> found;  // by rank, the best first
    for (std::size_t i = 0; i < m_commands.size(); ++i) {
        if (const int rank = fuzzyRank(m_commands[i].title, words); rank > 0) {
            found.emplace_back(rank, i);
        }
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [rank, index] : found) {
        const Command& command = m_commands[index];
        auto* item = new QListWidgetItem(command.icon, command.title, m_list);
        item->setData(Qt::UserRole, QVariant::fromValue<qulonglong>(index));
        item->setData(hintRole, command.hint);
        item->setToolTip(command.title);
    }
    m_list->setCurrentRow(0);
    m_nothing->setVisible(found.empty());
}

void CommandPalette::runCurrent() {
    if (const QListWidgetItem* item = m_list->currentItem()) {
        const auto run = m_commands[item->data(Qt::UserRole).toULongLong()].run;
        close();
        run();
    }
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_search && event->type() == QEvent::KeyPress) {
        auto* key = static_cast<QKeyEvent*>(event);
        const int page = std::max(1, m_list->viewport()->height() / rowHeight);
        const int step = key->key() == Qt::Key_Down       ? 1
                         : key->key() == Qt::Key_Up       ? -1
                         : key->key() == Qt::Key_PageDown ? page
                         : key->key() == Qt::Key_PageUp   ? -page
                                                          : 0;
        if (step != 0) {
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
