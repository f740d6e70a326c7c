#include "widgets/controls/sentence_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QRegularExpression>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/controls/format.h"
#include "widgets/controls/palette.h"
#include "widgets/models/losses.h"
#include "widgets/models/object_facts.h"

namespace millrace::widgets {

using format::capitalised;
using format::sentence;
using format::uncapitalised;

namespace {

constexpr int readingTime = 6000;  // ms
constexpr int lineSpace = 1;
constexpr QMargins margins(28, 8, 24, 8);

/// On two lines, cut only when both are full.
QString onTwoLines(const QFontMetrics& metrics, const QString& text, int width) {
    if (metrics.horizontalAdvance(text) <= width) {
        return text;
    }
    qsizetype end = -1;
    for (qsizetype space = text.indexOf(QLatin1Char(' ')); space >= 0;
         space = text.indexOf(QLatin1Char(' '), space + 1)) {
        if (metrics.horizontalAdvance(text.left(space)) > width) {
            break;
        }
        end = space;
    }
    return end < 0 ? format::elided(metrics, text, width)
                   : text.left(end) + QLatin1Char('\n') + format::elided(metrics, text.mid(end + 1), width);
}

}  // namespace

QString reasonsOf(const observe::JournalPage& page, std::uint64_t entry) {
    auto told = storyOf(page, entry);
    if (!told.empty()) {
        told.erase(told.begin());  // what is explained
    }
    constexpr std::size_t toldMax = 3;
    if (told.size() > toldMax) {
        told.erase(told.begin() + toldMax - 1, told.end() - 1);
    }
    QStringList parts;
    for (const observe::JournalEntryView* cause : told) {
        parts.append(SentenceBar::tr("because %1 at %2")
                         .arg(uncapitalised(format::text(cause->text)), format::seconds(cause->time)));
    }
    return parts.join(QStringLiteral(", "));
}

SentenceBar::SentenceBar(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("What just happened"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(margins);
    auto* lines = new QVBoxLayout;
    lines->setSpacing(lineSpace);
    lines->addStretch(1);
    m_headline = new QLabel(this);
    m_headline->setFont(textFont(TextRole::CardTitle));
    m_headline->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_reasons = new QLabel(this);
    m_reasons->setProperty("role", QStringLiteral("dim"));
    m_reasons->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    lines->addWidget(m_headline);
    lines->addWidget(m_reasons);
    lines->addStretch(1);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    row->addLayout(lines, 1);
    m_why = new QPushButton(tr("Why? →"), this);
    m_why->setFlat(true);
    m_why->setToolTip(tr("Show the whole chain of causes (W)"));
    row->addWidget(m_why);
    connect(m_why, &QPushButton::clicked, this, [this] {
        if (m_object.isEmpty()) {
            emit whyRequested(m_entry);
        } else {
            emit whyOfObjectRequested(m_object);
        }
    });
    m_forget.setSingleShot(true);
    connect(&m_forget, &QTimer::timeout, this, &SentenceBar::unsay);
    showNothing();
}

void SentenceBar::showNothing() {
    show(tr("Nothing has happened yet"), tr("Press Space to play, then break something and watch what it leads to."),
         0);
}

QString SentenceBar::headline() const {
    return m_headlineText;
}

QString SentenceBar::reasons() const {
    return m_reasonText;
}

void SentenceBar::setSnapshot(const observe::SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    const observe::JournalEntryView* newest = snapshot ? newestImportant(*snapshot) : nullptr;
    if (newest == nullptr) {
        if (m_entry != 0) {
            showNothing();
        }
        return;
    }
    if (m_saidAt.isValid() && newest->id == m_entry && m_saidAt.elapsed() < readingTime) {
        return;
    }
    m_saidAt.invalidate();
    constexpr SimDuration newsTime = std::chrono::seconds(2);
    constexpr SimDuration lossIsNewsFor = std::chrono::seconds(10);
    // What merely leaves others running is told on its own card.
    const auto wait = std::find_if(snapshot->waits.begin(), snapshot->waits.end(),
                                   [](const observe::WaitView& each) { return !each.on.empty(); });
    if (wait != snapshot->waits.end() && snapshot->run.now - newest->time > newsTime) {
        showWait(*wait, snapshot->run.now);
        return;
    }
    const observe::LossView* loss = newestLoss(snapshot->run);
    const auto isWorthLess = [&] {
        return newest->severity < observe::Severity::Warning || loss->at + newsTime >= newest->time;
    };
    if (loss != nullptr && snapshot->run.now - loss->at < lossIsNewsFor && isWorthLess()) {
        showLoss(*loss, *newest);
        return;
    }
    if (newest->id == m_entry && m_headlineText.startsWith(sentence(format::text(newest->text)))) {
        return;
    }
    QString reasons = reasonsOf(*snapshot->journal, newest->id);
    if (reasons.isEmpty() && newest->kind == "sim.fault-injected") {
        reasons = newest->isRepair
                      ? tr("done by hand or by plan: watch it come back")
                      : tr("a fault: watch what follows. Revive mends it, and Ctrl+Z takes back what was done by hand");
    }
    show(sentence(format::text(newest->text)),
         QStringList{format::seconds(newest->time),
                     reasons.isEmpty() ? format::text(observe::titleOf(newest->place)) : reasons}
             .filter(QRegularExpression(QStringLiteral(".")))
             .join(QStringLiteral(" · ")),
         newest->id);
}

void SentenceBar::showWait(const observe::WaitView& wait, SimTime now) {
    const observe::ObjectKind kind = observe::kindOf(wait.object);
    const bool isComponent = kind == observe::ObjectKind::Spout || kind == observe::ObjectKind::Bolt;
    const QString who = format::text(observe::titleOf(wait.object));
    const QString named = isComponent ? tr("%1 %2").arg(format::text(observe::toText(kind)), who) : who;
    QString headline = tr("%1 %2").arg(capitalised(named), format::text(wait.brief));
    if (tellsEnd(wait, now)) {
        headline = tr("%1, until %2").arg(headline, format::seconds(wait.until));
    }
    show(headline, capitalised(format::text(wait.text)), wait.entry);
    m_object = format::text(wait.object);
    m_why->setVisible(true);
    elide();  // the button takes room
}

/// That records are gone is worth more than the event by which they went.
void SentenceBar::showLoss(const observe::LossView& loss, const observe::JournalEntryView& newest) {
    const QString reasons = reasonsOf(m_snapshot->journal ? *m_snapshot->journal : observe::JournalPage{}, newest.id);
    QStringList parts{format::seconds(loss.at), sentence(format::text(newest.text)), reasons};
    parts.removeAll(QString());
    show(capitalised(textOf(loss)), parts.join(QStringLiteral(" · ")), newest.id);
}

void SentenceBar::say(const QString& text) {
    show(text, QString(), m_entry);
    m_why->hide();  // what is said is no event
    m_saidAt.start();
    m_forget.start(readingTime);
}

void SentenceBar::unsay() {
    m_forget.stop();
    if (!m_saidAt.isValid()) {
        return;
    }
    m_saidAt.invalidate();
    m_headlineText.clear();
    if (m_snapshot && newestImportant(*m_snapshot) != nullptr) {
        setSnapshot(m_snapshot);
    } else {
        showNothing();
    }
}

void SentenceBar::show(const QString& headline, const QString& reasons, quint64 entry) {
    m_entry = entry;
    m_object.clear();
    m_headlineText = headline;
    m_reasonText = reasons;
    m_headline->setToolTip(headline);
    m_reasons->setToolTip(reasons);
    m_why->setVisible(entry != 0);
    elide();
}

void SentenceBar::elide() {
    if (layout() != nullptr) {
        layout()->activate();  // what was shown or hidden just now has its place
    }
    const auto fitted = [](const QLabel& label, const QString& text) {
        return format::elided(label.fontMetrics(), text, std::max(40, label.width()));
    };
    m_headline->setText(fitted(*m_headline, m_headlineText));
    m_reasons->setText(onTwoLines(m_reasons->fontMetrics(), m_reasonText, std::max(40, m_reasons->width())));
}

/// Always for two lines of reasons: what stands above it does not move when they get longer.
QSize SentenceBar::sizeHint() const {
    const int text = m_headline->fontMetrics().height() + lineSpace + 2 * m_reasons->fontMetrics().lineSpacing();
    return {QWidget::sizeHint().width(), text + margins.top() + margins.bottom()};
}

QSize SentenceBar::minimumSizeHint() const {
    return {QWidget::minimumSizeHint().width(), sizeHint().height()};
}

void SentenceBar::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    elide();
}

void SentenceBar::paintEvent(QPaintEvent* event) {
    Q_UNUSED(event)
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Palette& colors = theme();
    painter.fillRect(rect(), colors.background);
    painter.setBrush(colors.soft);
    painter.setPen(QPen(colors.accent, 1));
    painter.drawRoundedRect(QRectF(rect()).adjusted(12.5, 3.5, -12.5, -4.5), 8, 8);
}

void SentenceBar::changeEvent(QEvent* event) {
    if (event->type() == QEvent::StyleChange && m_headline != nullptr) {
        m_headline->setFont(textFont(TextRole::CardTitle));
    }
    QWidget::changeEvent(event);
}

}  // namespace millrace::widgets
