#include "widgets/controls/explorer_panel.h"

#include <QApplication>
#include <QHeaderView>
#include <QLineEdit>
#include <QPainter>
#include <QSignalBlocker>
#include <QStyledItemDelegate>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "widgets/models/object_facts.h"
#include "widgets/models/selection.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

constexpr int idRole = Qt::UserRole;
constexpr int stateRole = Qt::UserRole + 1;
constexpr int briefRole = Qt::UserRole + 2;

/// A name has what room it needs: its shorter wording or smaller letters where the row is narrow, and what differs
/// stands at its end. What hinders the object stands at the end of the row in the room that is left, and is a mark
/// where too little is.
class ExplorerRow final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        constexpr int gap = 8;
        constexpr int mark = 6;
        constexpr int leastWords = 48;
        const QString state = index.data(stateRole).toString();
        QStyleOptionViewItem name = option;
        initStyleOption(&name, index);
        if (state.isEmpty()) {
            QStyledItemDelegate::paint(painter, option, index);
            return;
        }
        const int wanted = name.fontMetrics.horizontalAdvance(name.text) + gap;
        const int room = option.rect.width() - wanted - gap;
        QStyleOptionViewItem left = option;
        left.rect.setWidth(option.rect.width() - (room >= leastWords ? 0 : mark + gap));
        QStyledItemDelegate::paint(painter, left, index);
        painter->save();
        painter->setFont(textFont(TextRole::Caption));
        if (room >= leastWords) {
            painter->setPen(theme().bad);
            painter->drawText(option.rect.adjusted(wanted, 0, -4, 0), Qt::AlignRight | Qt::AlignVCenter,
                              painter->fontMetrics().elidedText(state, Qt::ElideRight, room));
        } else {
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(Qt::NoPen);
            painter->setBrush(theme().bad);
            painter->drawEllipse(
                QRect(option.rect.right() - mark - 2, option.rect.center().y() - mark / 2 + 1, mark, mark));
        }
        painter->restore();
    }

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        const QStyle* style = option->widget == nullptr ? QApplication::style() : option->widget->style();
        const int margin = style->pixelMetric(QStyle::PM_FocusFrameHMargin, option, option->widget) + 1;
        const int room =
            style->subElementRect(QStyle::SE_ItemViewItemText, option, option->widget).width() - 2 * margin - 1;
        const auto fits = [&] { return option->fontMetrics.horizontalAdvance(option->text) <= room; };
        if (room <= 0 || fits()) {
            return;
        }
        const QString brief = index.data(briefRole).toString();
        option->text = brief.isEmpty() ? option->text : brief;
        if (!fits()) {
            option->font.setPixelSize(textFont(TextRole::Caption).pixelSize());
            option->fontMetrics = QFontMetrics(option->font);
            option->textElideMode = Qt::ElideMiddle;
        }
    }
};

bool matches(const QTreeWidgetItem& item, const QString& words) {
    for (const QString& word : words.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        const bool isNamed = item.text(0).contains(word, Qt::CaseInsensitive) ||
                             item.data(0, stateRole).toString().contains(word, Qt::CaseInsensitive) ||
                             item.data(0, idRole).toString().contains(word, Qt::CaseInsensitive);
        if (!isNamed) {
            return false;
        }
    }
    return true;
}

/// How well an object answers to what was typed, 0 when it does not: its whole name before the beginning of one, a part
/// of the name before a part of what stands only in its id, such as the topology of a bolt.
int rankOf(const QTreeWidgetItem& item, const QString& words) {
    if (item.data(0, idRole).toString().isEmpty() || !matches(item, words)) {
        return 0;
    }
    const QString title = item.text(0);
    const QString wanted = words.trimmed();
    if (title.compare(wanted, Qt::CaseInsensitive) == 0) {
        return 5;
    }
    if (title.startsWith(wanted, Qt::CaseInsensitive)) {
        return 4;
    }
    if (title.contains(QLatin1Char(' ') + wanted, Qt::CaseInsensitive)) {
        return 3;
    }
    return title.contains(wanted, Qt::CaseInsensitive) ? 2 : 1;
}

/// Hides what does not match and has nothing below it that does.
bool showMatching(QTreeWidgetItem& item, const QString& words, bool isBelowMatch) {
    const bool isMatch = isBelowMatch || (!item.data(0, idRole).toString().isEmpty() && matches(item, words));
    bool isShown = isMatch;
    for (int i = 0; i < item.childCount(); ++i) {
        isShown = showMatching(*item.child(i), words, isMatch) || isShown;
    }
    item.setHidden(!isShown);
    return isShown;
}

}  // namespace

ExplorerPanel::ExplorerPanel(Selection& selection, QWidget* parent) : QWidget(parent), m_selection(selection) {
    setAccessibleName(tr("Explorer"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 10, 2, 4);
    layout->setSpacing(8);
    m_search = new QLineEdit(this);
    m_search->setPlaceholderText(tr("Go to…"));
    m_search->setAccessibleName(tr("Search for an object"));
    m_search->setClearButtonEnabled(true);
    layout->addWidget(m_search);
    m_tree = new QTreeWidget(this);
    m_tree->setAccessibleName(tr("Objects of the scenario"));
    m_tree->setColumnCount(1);
    m_tree->setItemDelegate(new ExplorerRow(m_tree));
    m_tree->header()->hide();
    m_tree->setIndentation(8);
    m_tree->setUniformRowHeights(true);
    layout->addWidget(m_tree, 1);
    connect(m_search, &QLineEdit::textChanged, this, &ExplorerPanel::filter);
    connect(m_search, &QLineEdit::returnPressed, this, [this] {
        if (QTreeWidgetItem* best = bestMatch()) {
            const QString id = best->data(0, idRole).toString();
            m_selection.select(id);
            emit activated(id);
        }
    });
    connect(m_tree, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
        const QString id = item == nullptr ? QString() : item->data(0, idRole).toString();
        if (!id.isEmpty() && id != m_selection.current()) {
            m_selection.select(id);
        }
    });
    connect(m_tree, &QTreeWidget::itemActivated, this,
            [this](QTreeWidgetItem* item) { emit activated(item->data(0, idRole).toString()); });
    connect(&m_selection, &Selection::changed, this, &ExplorerPanel::showSelection);
}

void ExplorerPanel::setEntries(std::vector<ExplorerEntry> entries) {
    if (entries == m_entries) {
        return;
    }
    m_entries = std::move(entries);
    const QSignalBlocker blocker(m_tree);
    m_tree->clear();
    m_items.clear();
    for (const ExplorerEntry& entry : m_entries) {
        QTreeWidgetItem* parent =
            entry.parent < 0 ? m_tree->invisibleRootItem() : m_items[static_cast<std::size_t>(entry.parent)];
        auto* item = new QTreeWidgetItem(parent, {entry.title});
        item->setData(0, idRole, entry.id);
        item->setData(0, briefRole, entry.brief);
        item->setToolTip(0, entry.title);
        if (entry.id.isEmpty()) {
            item->setFont(0, textFont(TextRole::Strong));
            item->setFlags(Qt::ItemIsEnabled);
        }
        m_items.push_back(item);
    }
    m_tree->expandAll();
    setSnapshot(m_snapshot);
    filter(m_search->text());
    showSelection();
}

void ExplorerPanel::setSnapshot(const observe::SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    if (!isVisible()) {
        return;
    }
    for (QTreeWidgetItem* item : m_items) {
        const QString id = item->data(0, idRole).toString();
        QString state;
        if (snapshot && !id.isEmpty()) {
            const ObjectFacts facts = factsOf(*snapshot, id);
            state = facts.isKnown && facts.life != observe::LifeState::Running ? facts.state : QString();
            item->setToolTip(0, facts.isKnown ? tr("%1: %2").arg(item->text(0), facts.state) : item->text(0));
        }
        if (item->data(0, stateRole).toString() != state) {
            item->setData(0, stateRole, state);
        }
    }
}

void ExplorerPanel::focusSearch() {
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void ExplorerPanel::filter(const QString& words) {
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i) {
        showMatching(*m_tree->topLevelItem(i), words, words.trimmed().isEmpty());
    }
    // Where Enter will go is seen before it is pressed.
    QTreeWidgetItem* best = words.trimmed().isEmpty() ? nullptr : bestMatch();
    for (QTreeWidgetItem* item : m_items) {
        item->setBackground(0, item == best ? QBrush(theme().soft) : QBrush());
    }
    if (best != nullptr) {
        m_tree->scrollToItem(best);
    }
}

/// What Enter goes to: the best answer, and of equal ones the first.
QTreeWidgetItem* ExplorerPanel::bestMatch() const {
    QTreeWidgetItem* best = nullptr;
    int rank = 0;
    for (QTreeWidgetItem* item : m_items) {
        if (const int own = item->isHidden() ? 0 : rankOf(*item, m_search->text()); own > rank) {
            best = item;
            rank = own;
        }
    }
    return best;
}

void ExplorerPanel::showSelection() {
    const QSignalBlocker blocker(m_tree);
    m_tree->setCurrentItem(nullptr);
    for (QTreeWidgetItem* item : m_items) {
        const QString id = item->data(0, idRole).toString();
        if (!id.isEmpty() && id == m_selection.current()) {
            m_tree->setCurrentItem(item);
        }
    }
}

}  // namespace millrace::widgets
