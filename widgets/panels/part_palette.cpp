#include "widgets/panels/part_palette.h"

#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTabBar>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/canvas/card_painter.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/controls/row_curtain.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

constexpr int nameRole = Qt::UserRole;
constexpr int kindRole = Qt::UserRole + 1;
constexpr int stripRow = 28;

class PartList final : public QListWidget {
public:
    using QListWidget::QListWidget;

protected:
    QMimeData* mimeData(const QList<QListWidgetItem*>& items) const override {
        if (items.isEmpty()) {
            return nullptr;
        }
        auto* carried = new QMimeData;
        carried->setData(QLatin1String(partMimeType), items.first()->data(nameRole).toString().toUtf8());
        carried->setText(items.first()->text());
        return carried;
    }
};

/// How wide a part is that lies flat.
int stripWidth(const QString& title) {
    return QFontMetrics(textFont(TextRole::Body)).horizontalAdvance(title) + 28;
}

/// In how many rows of that width the parts of a group lie.
int rowsOf(const std::vector<Part>& parts, const QString& group, int width) {
    int rows = 1;
    int x = 0;
    for (const Part& part : parts) {
        if (part.group != group) {
            continue;
        }
        const int wide = stripWidth(part.title);
        const bool isNext = x > 0 && x + wide > width;
        rows += isNext ? 1 : 0;
        x = isNext ? wide : x + wide;
    }
    return rows;
}

}  // namespace

class PartPalette::Delegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    bool isStrip = false;

    static constexpr double besideColumn = 12.5;
    static constexpr int beforeText = 14;
    static constexpr int behindText = 6;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        Q_UNUSED(option)
        const bool isHeading = index.data(nameRole).isNull();
        if (!isStrip) {
            const QFontMetrics metrics(textFont(TextRole::Body));
            const auto* list = static_cast<const QListView*>(parent());
            const int room = list->viewport()->width() - static_cast<int>(2 * besideColumn) - beforeText - behindText;
            const bool isLong = metrics.horizontalAdvance(index.data(Qt::DisplayRole).toString()) > room;
            return {120, isHeading ? 26 : isLong ? 30 + metrics.height() : 30};
        }
        return {stripWidth(index.data(Qt::DisplayRole).toString()), stripRow};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const Palette& colors = theme();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QString text = index.data(Qt::DisplayRole).toString();
        if (index.data(nameRole).isNull()) {
            painter->setFont(textFont(TextRole::Caption));
            painter->setPen(colors.dim);
            painter->drawText(option.rect.adjusted(14, 6, 0, 0), Qt::AlignVCenter, text.toUpper());
        } else {
            const bool isHot = option.state & (QStyle::State_Selected | QStyle::State_MouseOver);
            const double beside = isStrip ? 2.5 : besideColumn;
            const QRectF box = QRectF(option.rect).adjusted(beside, 2.5, -beside, -2.5);
            paintSurface(*painter, box, 6, isHot ? colors.soft : colors.surface, isHot ? colors.accent : colors.line);
            QPainterPath clip;
            clip.addRoundedRect(box, 6, 6);
            painter->setClipPath(clip);
            painter->fillRect(QRectF(box.left(), box.top(), 4, box.height()),
                              colors.kind(static_cast<observe::ObjectKind>(index.data(kindRole).toInt())));
            painter->setClipping(false);
            painter->setFont(textFont(TextRole::Body));
            painter->setPen(colors.text);
            const QRectF words = box.adjusted(beforeText, 0, -behindText, 0);
            if (isStrip) {
                paintText(*painter, words, Qt::AlignVCenter, text);
            } else {
                painter->drawText(words, static_cast<int>(Qt::AlignVCenter) | Qt::TextWordWrap, text);
            }
        }
        painter->restore();
    }
};

PartPalette::PartPalette(std::vector<Part> parts, QWidget* parent) : QWidget(parent), m_parts(std::move(parts)) {
    setAccessibleName(tr("Palette"));
    setMinimumWidth(150);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 10, 0, 0);
    layout->setSpacing(6);
    m_layout = layout;
    m_search = new QLineEdit(this);
    m_search->setPlaceholderText(tr("Find…"));
    m_search->setAccessibleName(tr("Find a part"));
    m_search->setClearButtonEnabled(true);
    auto* searchRow = new QVBoxLayout;
    searchRow->setContentsMargins(12, 0, 12, 0);
    searchRow->addWidget(m_search);
    layout->addLayout(searchRow);
    m_groups = new QTabBar(this);
    m_groups->setAccessibleName(tr("Groups of parts"));
    m_groups->setDrawBase(false);
    m_groups->setExpanding(false);
    for (const Part& part : m_parts) {
        bool isKnown = false;
        for (int i = 0; i < m_groups->count(); ++i) {
            isKnown = isKnown || m_groups->tabText(i) == part.group;
        }
        if (!isKnown) {
            m_groups->addTab(part.group);
        }
    }
    m_groups->hide();
    connect(m_groups, &QTabBar::currentChanged, this, [this] {
        if (m_isStrip) {
            fillGroup();
        }
    });
    layout->addWidget(m_groups);
    m_list = new PartList(this);
    m_list->setAccessibleName(tr("Parts"));
    m_delegate = new Delegate(m_list);
    m_list->setItemDelegate(m_delegate);
    m_list->setResizeMode(QListView::Adjust);  // in a column, what is too long for its width takes two lines
    m_list->setDragEnabled(true);
    m_list->setDragDropMode(QAbstractItemView::DragOnly);
    m_list->setMouseTracking(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    layout->addWidget(m_list, 1);
    new RowCurtain(*m_list);
    connect(m_search, &QLineEdit::textChanged, this, &PartPalette::fill);
    connect(m_search, &QLineEdit::returnPressed, this, [this] {
        for (int row = 0; row < m_list->count(); ++row) {
            if (!m_list->item(row)->data(nameRole).isNull()) {
                emit partChosen(m_list->item(row)->data(nameRole).toString());
                return;
            }
        }
    });
    connect(m_list, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) {
        if (!item->data(nameRole).isNull()) {
            emit partChosen(item->data(nameRole).toString());
        }
    });
    fill(QString());
}

/// Flat above the drawing, where its width is worth more than its height; or a column beside it.
void PartPalette::setStrip(bool isStrip) {
    if (isStrip == m_isStrip) {
        return;
    }
    m_isStrip = isStrip;
    m_delegate->isStrip = isStrip;
    m_layout->setContentsMargins(isStrip ? 4 : 0, isStrip ? 4 : 10, 0, isStrip ? 4 : 0);
    m_search->clear();
    m_search->setVisible(!isStrip);  // all of a group are in view
    m_groups->setVisible(isStrip);
    m_list->setFlow(isStrip ? QListView::LeftToRight : QListView::TopToBottom);
    m_list->setWrapping(isStrip);
    m_list->setVerticalScrollBarPolicy(isStrip ? Qt::ScrollBarAlwaysOff : Qt::ScrollBarAsNeeded);
    m_list->setMaximumHeight(QWIDGETSIZE_MAX);
    m_list->setMinimumHeight(0);
    setSizePolicy(QSizePolicy::Preferred, isStrip ? QSizePolicy::Fixed : QSizePolicy::Preferred);
    if (!isStrip) {
        fill({});
        return;
    }
    fillGroup();
    m_list->setFixedHeight(2 * stripRow);  // until it has its width
}

/// As high as its largest group: the drawing does not move when another one is chosen.
void PartPalette::fitStrip() {
    if (!m_isStrip) {
        return;
    }
    int rows = 1;
    for (int i = 0; i < m_groups->count(); ++i) {
        rows = std::max(rows, rowsOf(m_parts, m_groups->tabText(i), m_list->viewport()->width()));
    }
    m_list->setFixedHeight(rows * stripRow + 2 * m_list->frameWidth());
}

void PartPalette::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    m_layout->activate();
    fitStrip();
}

void PartPalette::fill(const QString& words) {
    m_list->clear();
    QString group;
    for (const Part& part : m_parts) {
        if (!words.isEmpty() && !part.title.contains(words, Qt::CaseInsensitive) &&
            !part.group.contains(words, Qt::CaseInsensitive)) {
            continue;
        }
        if (part.group != group) {
            group = part.group;
            auto* heading = new QListWidgetItem(group, m_list);
            heading->setFlags(Qt::NoItemFlags);
        }
        addPart(part);
    }
}

void PartPalette::fillGroup() {
    m_list->clear();
    for (const Part& part : m_parts) {
        if (part.group == m_groups->tabText(m_groups->currentIndex())) {
            addPart(part);
        }
    }
}

void PartPalette::addPart(const Part& part) {
    auto* item = new QListWidgetItem(part.title, m_list);
    item->setData(nameRole, part.name);
    item->setData(kindRole, static_cast<int>(part.kind));
    item->setToolTip(part.help + QLatin1Char('\n') + tr("Drag it onto the canvas, or double click."));
}

}  // namespace millrace::widgets
