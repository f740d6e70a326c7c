#include "widgets/controls/row_curtain.h"

#include <QAbstractItemView>
#include <QEvent>
#include <QListView>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QTimer>
#include <algorithm>

#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

constexpr int breath = 6;       // a page that goes on ends with so much below its last whole row
constexpr int highestRow = 90;  // what is higher is no row, and is seen as far as it goes

}  // namespace

RowCurtain::RowCurtain(QAbstractScrollArea& area) : QWidget(area.viewport()), m_area(area) {
    setObjectName(QStringLiteral("rowCurtain"));
    setAttribute(Qt::WA_TransparentForMouseEvents);
    area.viewport()->installEventFilter(this);
    if (const auto* scrolled = qobject_cast<QScrollArea*>(&area);
        scrolled != nullptr && scrolled->widget() != nullptr) {
        m_page = scrolled->widget();
        m_page->installEventFilter(this);
    }
    connect(area.verticalScrollBar(), &QScrollBar::valueChanged, this, &RowCurtain::fit);
    connect(area.verticalScrollBar(), &QScrollBar::rangeChanged, this, &RowCurtain::fit);
    hide();
}

bool RowCurtain::eventFilter(QObject* watched, QEvent* event) {
    const bool isPlaced = event->type() == QEvent::Resize || event->type() == QEvent::LayoutRequest ||
                          event->type() == QEvent::Show || event->type() == QEvent::ChildAdded;
    if (isPlaced && !m_isDue) {
        m_isDue = true;
        QTimer::singleShot(0, this, [this] {  // when everything has its place
            m_isDue = false;
            fit();
        });
    }
    return QWidget::eventFilter(watched, event);
}

/// Where the row begins that the lower edge cuts; -1 when it cuts none.
int RowCurtain::cutRow() const {
    const int bottom = m_area.viewport()->height();
    if (const auto* flowing = qobject_cast<const QListView*>(&m_area); flowing != nullptr && flowing->isWrapping()) {
        return -1;  // it is as high as its rows, and headings stand beside what they head
    }
    if (const auto* list = qobject_cast<const QAbstractItemView*>(&m_area)) {
        const QModelIndex last = list->indexAt(QPoint(m_area.viewport()->width() / 2, bottom - 1));
        const QRect row = last.isValid() ? list->visualRect(last) : QRect();
        const bool isCut = row.isValid() && row.bottom() >= bottom && row.top() > 0;
        // A heading, which is nothing to choose, goes with the row of which it is one.
        const QModelIndex whole = isCut ? last.sibling(last.row() - 1, last.column()) : last;
        const bool isHeading =
            whole.isValid() && !(whole.flags() & Qt::ItemIsEnabled) && whole.row() + 1 < whole.model()->rowCount();
        return isHeading && list->visualRect(whole).top() > 0 ? list->visualRect(whole).top() : isCut ? row.top() : -1;
    }
    if (m_page == nullptr) {
        return -1;
    }
    const bool goesOn = m_page->mapTo(m_area.viewport(), QPoint(0, m_page->height())).y() > bottom;
    const int end = goesOn ? bottom - breath : bottom;
    int top = bottom;
    const auto pieces = m_page->findChildren<QWidget*>();
    for (const QWidget* piece : pieces) {
        const int from = piece->mapTo(m_area.viewport(), QPoint()).y();
        const bool isRow = piece->isVisibleTo(m_page) && piece->height() > 0 && piece->height() <= highestRow;
        if (isRow && from > 0 && from < bottom && from + piece->height() > end) {
            top = std::min(top, from);
        }
    }
    return top < bottom ? top : -1;
}

void RowCurtain::fit() {
    const int top = cutRow();
    setVisible(top >= 0);
    if (top >= 0) {
        setGeometry(0, top, m_area.viewport()->width(), m_area.viewport()->height() - top);
        raise();
    }
}

void RowCurtain::paintEvent(QPaintEvent* event) {
    Q_UNUSED(event)
    QPainter(this).fillRect(rect(), theme().surface);
}

}  // namespace millrace::widgets
