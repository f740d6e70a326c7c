#include "widgets/inspector/chain_view.h"

#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/models/object_facts.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {
constexpr std::size_t headsMax = 6;
}  // namespace

ChainView::ChainView(QWidget* parent) : QScrollArea(parent) {
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Why"));
}

void ChainView::setObject(const observe::SnapshotPtr& snapshot, const QString& id) {
    std::vector<std::uint64_t> heads;
    QString now;
    if (const observe::WaitView* wait = waitOf(*snapshot, format::utf8(id))) {
        now = format::capitalised(format::text(wait->text));
        if (findEntry(*snapshot->journal, wait->entry) != nullptr) {
            heads.push_back(wait->entry);
        }
    }
    if (id.isEmpty()) {
        // The same as the sentence at the foot of the canvas.
        if (const observe::WaitView* wait = toldWait(*snapshot)) {
            now = format::capitalised(format::text(wait->text));
            if (findEntry(*snapshot->journal, wait->entry) != nullptr) {
                heads.push_back(wait->entry);
            }
        }
        if (const observe::JournalEntryView* newest = newestImportant(*snapshot)) {
            if (std::find(heads.begin(), heads.end(), newest->id) == heads.end()) {
                heads.push_back(newest->id);
            }
        }
    } else {
        for (const observe::JournalEntryView* entry : entriesAbout(*snapshot, id, headsMax)) {
            if (std::find(heads.begin(), heads.end(), entry->id) == heads.end()) {
                heads.push_back(entry->id);
            }
        }
    }
    show(*snapshot, heads, now);
}

void ChainView::setEntry(const observe::SnapshotPtr& snapshot, quint64 entry) {
    // What its place waits for belongs to it: a crash that seems to do nothing has just that to tell.
    const observe::JournalEntryView* told = findEntry(*snapshot->journal, entry);
    const observe::WaitView* wait = told == nullptr ? nullptr : waitOf(*snapshot, told->place);
    show(*snapshot, {entry}, wait == nullptr ? QString() : format::capitalised(format::text(wait->text)));
}

void ChainView::clear() {
    show(observe::Snapshot(), {}, {});
}

namespace {

/// Words that are longer than a line, such as the id of a group's member, may break.
QString breakable(const QString& text) {
    constexpr int longest = 24;
    QString result;
    int run = 0;
    for (const QChar letter : text) {
        run = letter.isSpace() ? 0 : run + 1;
        result += letter;
        if (run == longest || (run > 8 && (letter == QLatin1Char('-') || letter == QLatin1Char(',')))) {
            result += QChar(0x200b);
            run = 0;
        }
    }
    return result;
}

}  // namespace

QWidget* ChainView::makeLine(const observe::JournalEntryView& entry, int depth) {
    const Palette& colors = theme();
    auto* line = new QLabel;
    line->setWordWrap(true);
    line->setTextFormat(Qt::RichText);
    line->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    line->setContentsMargins(depth == 0 ? 0 : 14, depth == 0 ? 8 : 2, 0, 2);
    const QString because = depth == 0 ? QString() : tr("because ");
    const QString sentence =
        depth == 0 ? format::sentence(format::text(entry.text)) : format::uncapitalised(format::text(entry.text));
    line->setText(QStringLiteral("%1<a href=\"time:%2\" style=\"color:%3;text-decoration:none\">%4</a><br>"
                                 "<a href=\"object:%5\" style=\"color:%6;text-decoration:none\">%7</a>"
                                 "<span style=\"color:%6\"> · %8</span>")
                      .arg(because.toHtmlEscaped())
                      .arg(nanoseconds(entry.time))
                      .arg(colors.severity(entry.severity).name(),
                           breakable(format::withWholeNumbers(sentence)).toHtmlEscaped(),
                           format::text(entry.place).toHtmlEscaped(), colors.dim.name(),
                           format::text(observe::titleOf(entry.place)).toHtmlEscaped(),
                           format::seconds(entry.time).replace(QLatin1Char(' '), QChar::Nbsp)));
    line->setToolTip(tr("Click to go to %1").arg(format::clock(entry.time)));
    connect(line, &QLabel::linkActivated, this, [this](const QString& link) {
        if (link.startsWith(QLatin1String("time:"))) {
            emit seekRequested(SimTime(SimDuration(link.mid(5).toLongLong())));
        } else {
            emit objectRequested(link.mid(7));
        }
    });
    return line;
}

void ChainView::show(const observe::Snapshot& snapshot, const std::vector<std::uint64_t>& heads, const QString& told) {
    const QString now = format::withWholeNumbers(told);
    // Another branch has other entries under the same numbers, so what is said decides, not the numbers.
    QStringList lines{theme().text.name()};  // links have their colours in their text
    for (const std::uint64_t head : heads) {
        for (const observe::JournalEntryView* entry : storyOf(*snapshot.journal, head)) {
            lines.append(
                QStringLiteral("%1 %2 %3").arg(entry->id).arg(nanoseconds(entry->time)).arg(format::text(entry->text)));
        }
    }
    if (widget() != nullptr && lines == m_shown && now.isEmpty() == (m_now == nullptr)) {
        if (m_now != nullptr && m_now->text() != now) {
            m_now->setText(now);
        }
        return;
    }
    m_shown = lines;
    m_now = nullptr;
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(16, 6, 16, 16);
    layout->setSpacing(4);
    if (!now.isEmpty()) {
        m_now = new QLabel(now);
        m_now->setWordWrap(true);
        m_now->setFont(textFont(TextRole::Strong));
        m_now->setContentsMargins(0, 4, 0, 6);
        m_now->setTextInteractionFlags(Qt::TextSelectableByMouse);
        m_now->setAccessibleName(tr("What it waits for now"));
        layout->addWidget(m_now);
    }
    if (heads.empty() && now.isEmpty()) {
        auto* hint = new QLabel(tr("Nothing has happened to it yet that the journal tells of."));
        hint->setWordWrap(true);
        hint->setProperty("role", QStringLiteral("dim"));
        layout->addWidget(hint);
    }
    for (const std::uint64_t head : heads) {
        int depth = 0;
        for (const observe::JournalEntryView* entry : storyOf(*snapshot.journal, head)) {
            layout->addWidget(makeLine(*entry, depth++));
        }
    }
    layout->addStretch(1);
    if (QWidget* old = takeWidget()) {
        old->deleteLater();
    }
    setWidget(page);
}

}  // namespace millrace::widgets
