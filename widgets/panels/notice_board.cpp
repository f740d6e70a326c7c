#include "widgets/panels/notice_board.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/canvas/card_painter.h"

namespace millrace::widgets {

namespace {

constexpr int linesShown = 4;
constexpr int lineHeight = 24;

/// The ground of one notice, with an edge in the colour of what it means.
class NoticeFrame final : public QWidget {
public:
    NoticeFrame(Meaning meaning, QWidget* parent) : QWidget(parent), m_meaning(meaning) {}

protected:
    void paintEvent(QPaintEvent* event) override {
        Q_UNUSED(event)
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const Palette& colors = theme();
        const QColor edge = m_meaning == Meaning::Bad       ? colors.bad
                            : m_meaning == Meaning::Warning ? colors.warning
                                                            : colors.accent;
        const QRectF box = QRectF(rect()).adjusted(12.5, 4.5, -12.5, -1.5);
        paintSurface(painter, box, 8, colors.surface, edge);
        painter.setPen(Qt::NoPen);
        painter.setBrush(edge);
        painter.drawRoundedRect(QRectF(box.left(), box.top() + 6, 4, box.height() - 12), 2, 2);
    }

private:
    Meaning m_meaning;
};

/// Lines wrap between words; what has none (a path, a name of hundreds of letters) gets places to break.
QString breakable(const QString& text) {
    constexpr int wordMost = 40;
    constexpr QChar zeroWidthSpace(0x200B);
    QString broken;
    int length = 0;
    for (const QChar c : text) {
        length = c.isSpace() ? 0 : length + 1;
        if (length > wordMost && !c.isLowSurrogate()) {
            broken += zeroWidthSpace;
            length = 1;
        }
        broken += c;
    }
    return broken;
}

QLabel* makeText(const QString& text, QWidget* parent) {
    auto* label = new QLabel(breakable(text), parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

}  // namespace

NoticeBoard::NoticeBoard(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("What waits for you"));
    m_area = new QScrollArea(this);
    m_area->setObjectName(QStringLiteral("notices"));
    m_area->setFrameShape(QFrame::NoFrame);
    m_area->setWidgetResizable(true);
    m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_sheet = new QWidget;
    m_notices = new QVBoxLayout(m_sheet);
    m_notices->setContentsMargins(0, 0, 0, 0);
    m_notices->setSpacing(0);
    m_area->setWidget(m_sheet);
    m_sheet->installEventFilter(this);
    hide();
}

/// Lines wrap, so how high it is follows from how wide it is.
void NoticeBoard::fitHeight() {
    const int wanted =
        m_notices->hasHeightForWidth() ? m_notices->heightForWidth(width()) : m_notices->sizeHint().height();
    const int height = std::min(wanted, std::max(120, window()->height() / 4));
    if (height != this->height() || height != minimumHeight()) {
        setFixedHeight(height);
    }
    m_area->setGeometry(0, 0, width(), height);
}

void NoticeBoard::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fitHeight();
}

bool NoticeBoard::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_sheet && event->type() == QEvent::LayoutRequest) {
        fitHeight();
    }
    return QWidget::eventFilter(watched, event);
}

QWidget* NoticeBoard::noticeOf(const QString& id) const {
    return m_sheet->findChild<QWidget*>(id, Qt::FindDirectChildrenOnly);
}

bool NoticeBoard::isPosted(const QString& id) const {
    return noticeOf(id) != nullptr;
}

void NoticeBoard::post(const Notice& notice) {
    int place = m_notices->count();
    if (QWidget* before = noticeOf(notice.id)) {
        place = m_notices->indexOf(before);
        withdraw(notice.id);
    }
    m_notices->insertWidget(place, make(notice));
    show();
    raise();  // in front of the key, which may be open at the first start
    fitHeight();
}

void NoticeBoard::withdraw(const QString& id) {
    if (QWidget* notice = noticeOf(id)) {
        m_notices->removeWidget(notice);
        notice->setObjectName(QString());
        notice->hide();
        notice->deleteLater();  // one of its own buttons may be asking
        setVisible(m_notices->count() > 0);
        fitHeight();
    }
}

QWidget* NoticeBoard::make(const Notice& notice) {
    auto* frame = new NoticeFrame(notice.meaning, m_sheet);
    frame->setObjectName(notice.id);
    frame->setAccessibleName(notice.headline);
    auto* column = new QVBoxLayout(frame);
    column->setContentsMargins(28, 9, 20, 7);
    column->setSpacing(4);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(1);
    QLabel* headline = makeText(notice.headline, frame);
    headline->setFont(textFont(TextRole::CardTitle));
    texts->addWidget(headline);
    if (!notice.remedy.isEmpty()) {
        QLabel* remedy = makeText(notice.remedy, frame);
        remedy->setProperty("role", QStringLiteral("dim"));
        texts->addWidget(remedy);
    }
    row->addLayout(texts, 1);
    for (const Notice::Action& action : notice.actions) {
        auto* button = new QPushButton(action.title, frame);
        connect(button, &QPushButton::clicked, this, action.run);
        row->addWidget(button, 0, Qt::AlignVCenter);
    }
    if (notice.mayBeClosed) {
        auto* close = new QToolButton(frame);
        close->setText(QStringLiteral("✕"));
        close->setAutoRaise(true);
        close->setAccessibleName(tr("Close this notice"));
        close->setToolTip(close->accessibleName());
        connect(close, &QToolButton::clicked, this, [this, id = notice.id] { withdraw(id); });
        row->addWidget(close, 0, Qt::AlignVCenter);
    }
    column->addLayout(row);
    if (!notice.lines.empty()) {
        auto* list = new QListWidget(frame);
        list->setAccessibleName(notice.headline);
        list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        list->setTextElideMode(Qt::ElideRight);
        for (const Notice::Line& line : notice.lines) {
            auto* item = new QListWidgetItem(line.text, list);
            item->setToolTip(line.text);
            item->setSizeHint(QSize(0, lineHeight));
        }
        list->setFixedHeight(std::min(linesShown, static_cast<int>(notice.lines.size())) * lineHeight + 4);
        const auto open = [lines = notice.lines](const QListWidgetItem* item) {
            const auto& line = lines[static_cast<std::size_t>(item->listWidget()->row(item))];
            if (line.open) {
                line.open();
            }
        };
        connect(list, &QListWidget::itemClicked, this, open);
        connect(list, &QListWidget::itemActivated, this, open);
        column->addWidget(list);
    }
    return frame;
}

}  // namespace millrace::widgets
