#include "widgets/controls/sentence_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QRegularExpression>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "widgets/models/losses.h"
#include "widgets/models/object_facts.h"
#include "widgets/models/standing.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

using format::capitalised;
using format::sentence;
using format::uncapitalised;

namespace {

constexpr int readingTime = 6000;  // ms
constexpr int lineSpace = 1;
constexpr QMargins margins(28, 8, 24, 8);

/// What to do about a fault, and whether it ends by itself.
QString faultExplained(const observe::RunView& run, const observe::JournalEntryView& entry) {
    const auto bar = std::find_if(run.faults.begin(), run.faults.end(), [&](const observe::FaultBar& each) {
        return each.at == entry.time && each.until != SimTime::max() && each.until > run.now;
    });
    return bar != run.faults.end()
               ? SentenceBar::tr("a fault that ends by itself at %1: watch what follows. Revive mends it before")
                     .arg(format::seconds(bar->until))
               : SentenceBar::tr(
                     "a fault: watch what follows. Revive mends it, and Ctrl+Z takes back what was done by "
                     "hand");
}

/// Causes as one line.
QString joined(const std::vector<const observe::JournalEntryView*>& causes) {
    QStringList parts;
    for (const observe::JournalEntryView* cause : causes) {
        // The time is that of what happened, and not of the explanation behind it.
        const QString text = asCause(*cause);
        const qsizetype colon = text.indexOf(QLatin1String(": "));
        const QString what = SentenceBar::tr("because %1 at %2").arg(text.left(colon), format::seconds(cause->time));
        parts.append(colon < 0 ? what : what + text.mid(colon));
    }
    return parts.join(QStringLiteral(", "));
}

}  // namespace

QStringList reasonsOf(const observe::JournalPage& page, std::uint64_t entry) {
    auto told = storyOf(page, entry);
    if (!told.empty()) {
        told.erase(told.begin());  // what is explained
    }
    constexpr std::size_t toldMax = 3;
    if (told.size() > toldMax) {
        told.erase(told.begin() + toldMax - 1, told.end() - 1);
    }
    // What began it is worth more than the steps between.
    QStringList wordings{joined(told)};
    if (told.size() == toldMax) {
        wordings.append(joined({told.front(), told.back()}));
    }
    if (told.size() > 1) {
        wordings.append(joined({told.back()}));
    }
    return wordings;
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
    const bool hasBegun = m_snapshot && m_snapshot->run.now > SimTime{};
    const QString standing = hasBegun ? standingOf(*m_snapshot) : QString();
    if (hasBegun) {
        show(standing.isEmpty() ? tr("All is quiet") : standing,
             {tr("Nothing worth a notice has happened yet: break something and watch what it leads to.")}, 0);
        return;
    }
    show(tr("Nothing has happened yet"), {tr("Press Space to play, then break something and watch what it leads to.")},
         0);
}

QString SentenceBar::headline() const {
    return m_headlineText;
}

QString SentenceBar::reasons() const {
    return m_reasonWordings.value(0);
}

void SentenceBar::setSnapshot(const observe::SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    const observe::JournalEntryView* newest = snapshot ? newestImportant(*snapshot) : nullptr;
    if (newest == nullptr) {
        const bool isSaid = m_saidAt.isValid() && m_saidAt.elapsed() < readingTime;
        const bool hasBegun = m_snapshot && m_snapshot->run.now > SimTime{};
        if (const observe::WaitView* wait = hasBegun && !isSaid ? toldWait(*m_snapshot) : nullptr) {
            showWait(*wait, m_snapshot->run.now);
        } else if (m_entry != 0 || (hasBegun && !isSaid)) {
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
    constexpr SimDuration newsEnds = std::chrono::seconds(10);
    if (const observe::WaitView* wait = toldWait(*snapshot)) {
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
    if (const QString standing = snapshot->run.now - newest->time >= newsEnds ? standingOf(*snapshot) : QString();
        !standing.isEmpty()) {
        showStanding(standing, *newest);
        return;
    }
    if (newest->id == m_entry && m_headlineText.startsWith(sentence(format::text(newest->text)))) {
        return;
    }
    QStringList reasons = reasonsOf(*snapshot->journal, newest->id);
    if (reasons.front().isEmpty() && newest->kind == "sim.fault-injected") {
        reasons = format::shorterWordings(newest->isRepair ? tr("done by hand or by plan: watch it come back")
                                                           : faultExplained(snapshot->run, *newest));
    }
    for (QString& wording : reasons) {
        wording = wording.isEmpty() ? format::text(observe::titleOf(newest->place)) : wording;
        wording = QStringList{format::seconds(newest->time), wording}
                      .filter(QRegularExpression(QStringLiteral(".")))
                      .join(QStringLiteral(" · "));
    }
    show(sentence(format::text(newest->text)), reasons, newest->id);
}

void SentenceBar::showWait(const observe::WaitView& wait, SimTime now) {
    const observe::ObjectKind kind = observe::kindOf(wait.object);
    const bool isComponent = observe::rowOf(kind).isOfJob();
    const QString who = format::text(observe::titleOf(wait.object));
    const QString named = isComponent ? tr("%1 %2").arg(format::text(observe::toText(kind)), who) : who;
    QString headline = tr("%1 %2").arg(capitalised(named), format::text(wait.brief));
    if (tellsEnd(wait, now)) {
        headline = tr("%1, until %2").arg(headline, format::seconds(wait.until));
    }
    show(headline, format::shorterWordings(capitalised(format::text(wait.text))), wait.entry);
    m_object = format::text(wait.object);
    m_why->setVisible(true);
    elide();  // the button takes room
}

/// What holds now, and behind it what was the last to happen.
void SentenceBar::showStanding(const QString& standing, const observe::JournalEntryView& newest) {
    const QString last = tr("Last at %1: %2").arg(format::seconds(newest.time), sentence(format::text(newest.text)));
    QStringList wordings;
    for (const QString& reason : reasonsOf(*m_snapshot->journal, newest.id)) {
        wordings.append(reason.isEmpty() ? last : last + QStringLiteral(" · ") + reason);
    }
    wordings.append(last);
    if (standing != m_headlineText || wordings != m_reasonWordings) {
        show(standing, wordings, newest.id);
    }
}

/// That records are gone is worth more than the event by which they went.
void SentenceBar::showLoss(const observe::LossView& loss, const observe::JournalEntryView& newest) {
    QStringList wordings = reasonsOf(m_snapshot->journal ? *m_snapshot->journal : observe::JournalPage{}, newest.id);
    for (QString& wording : wordings) {
        QStringList parts{format::seconds(loss.at), sentence(format::text(newest.text)), wording};
        parts.removeAll(QString());
        wording = parts.join(QStringLiteral(" · "));
    }
    show(capitalised(textOf(loss)), wordings, newest.id);
}

void SentenceBar::say(const QString& text) {
    show(text, {}, m_entry);
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

void SentenceBar::show(const QString& headline, const QStringList& reasons, quint64 entry) {
    m_entry = entry;
    m_object.clear();
    m_headlineText = headline;
    m_reasonWordings = reasons;
    m_headline->setToolTip(headline);
    m_reasons->setToolTip(reasons.value(0));
    m_why->setVisible(entry != 0);
    elide();
}

void SentenceBar::elide() {
    if (layout() != nullptr) {
        layout()->activate();  // what was shown or hidden just now has its place
    }
    constexpr int least = 40;
    const auto withMark = [](const QString& text) {
        QStringList wordings{text};
        for (const QString& shorter : format::shorterWordings(text).mid(1)) {
            wordings.append(shorter + QStringLiteral(" …"));  // there is more to it
        }
        return wordings;
    };
    // A long headline takes a line of the reasons.
    const int room = std::max(least, m_headline->width());
    const int lines = m_headline->fontMetrics().horizontalAdvance(m_headlineText) <= room ? 1 : 2;
    m_headline->setText(format::fittingOnLines(m_headline->fontMetrics(), withMark(m_headlineText), room, lines));
    QStringList wordings = m_reasonWordings;
    if (!wordings.isEmpty()) {
        wordings.append(withMark(wordings.back()).mid(1));
    }
    m_reasons->setText(format::fittingOnLines(m_reasons->fontMetrics(), wordings, std::max(least, m_reasons->width()),
                                              m_lines + 1 - lines));
}

/// Always for as many lines of reasons: what stands above it does not move when they get longer.
QSize SentenceBar::sizeHint() const {
    const int tails = m_lines > 2 ? 8 : 4;  // of the letters in the last line; four lines keep off the frame
    const int more = std::max(m_headline->fontMetrics().lineSpacing(), m_reasons->fontMetrics().lineSpacing());
    const int text = m_headline->fontMetrics().height() + lineSpace + more +
                     (m_lines - 1) * m_reasons->fontMetrics().lineSpacing() + tails;
    return {QWidget::sizeHint().width(), text + margins.top() + margins.bottom()};
}

QSize SentenceBar::minimumSizeHint() const {
    return {QWidget::minimumSizeHint().width(), sizeHint().height()};
}

void SentenceBar::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    constexpr int roomy = 1000;  // two lines of it hold three causes
    const int lines = width() < roomy ? 3 : 2;
    if (std::exchange(m_lines, lines) != lines) {
        updateGeometry();
    }
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
