#include "widgets/timeline/time_deck.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "widgets/style/format.h"
#include "widgets/style/icons.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

constexpr int stepsPerDecade = 100;
constexpr int slowestDecade = -5;
constexpr int fastestDecade = 3;

/// Two figures are enough to say and to choose: 1, 1.3, 2 ... never 1.2589.
double speedOf(int sliderValue) {
    const double exact = std::pow(10.0, sliderValue / static_cast<double>(stepsPerDecade));
    const double power = std::pow(10.0, std::floor(std::log10(exact)) - 1);
    return std::round(exact / power) * power;
}

int sliderValueOf(double speed) {
    return static_cast<int>(std::lround(std::log10(speed) * stepsPerDecade));
}

bool isGoing(observe::RunMode mode) {
    return mode == observe::RunMode::Run || mode == observe::RunMode::Fast || mode == observe::RunMode::Express;
}

}  // namespace

TimeDeck::TimeDeck(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Time deck"));
    setAutoFillBackground(true);
    makeActions();
    m_strip = new TimeStrip(this);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m_column = new QVBoxLayout(this);
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(0);
    m_column->addWidget(makeTransport());
    m_column->addWidget(m_strip);
    showLanesAction();
    setSpeed(1.0);
    connect(m_slider, &QSlider::valueChanged, this, &TimeDeck::takeSpeed);
}

void TimeDeck::makeActions() {
    const auto make = [this](Icon picture, const QString& text, const QString& shortcut, auto signal) {
        auto* action = new QAction(icon(picture), text, this);
        action->setShortcut(QKeySequence(shortcut));
        action->setShortcutContext(Qt::WindowShortcut);
        action->setToolTip(QStringLiteral("%1 (%2)").arg(text, shortcut));
        connect(action, &QAction::triggered, this, signal);
        return action;
    };
    m_actions.toStart =
        make(Icon::ToStart, tr("Go to the start"), QStringLiteral("Ctrl+Home"), &TimeDeck::toStartRequested);
    m_actions.stepBack = make(Icon::StepBack, tr("Step back"), QStringLiteral("F3"), &TimeDeck::stepBackRequested);
    m_actions.play = make(Icon::Play, tr("Play"), QStringLiteral("Space"), [this] {
        if (m_snapshot && isGoing(m_snapshot->run.mode)) {
            emit pauseRequested();
        } else {
            emit playRequested();
        }
    });
    m_actions.play->setIcon(icon(Icon::Play, Tint::OnAccent));
    m_actions.step = make(Icon::Step, tr("Step one event"), QStringLiteral("F4"), &TimeDeck::stepRequested);
    // A button that was pressed shows so when the run has taken it up, and not when there is none.
    m_actions.fast = make(Icon::Fast, tr("Fast: ten times the speed"), QStringLiteral("F6"), [this] {
        m_actions.fast->isChecked() ? emit fastRequested() : emit playRequested();
        showSpeed();
    });
    m_actions.express = make(Icon::Express, tr("Express: as fast as it can"), QStringLiteral("F7"), [this] {
        m_actions.express->isChecked() ? emit expressRequested() : emit playRequested();
        showSpeed();
    });
    m_lanes = new QAction(this);
    m_lanes->setShortcut(QKeySequence(QStringLiteral("Ctrl+Shift+J")));
    m_lanes->setCheckable(true);
    m_lanes->setChecked(true);
    connect(m_lanes, &QAction::triggered, this, [this](bool areShown) { setCompact(!areShown); });
    for (QAction* action : {m_actions.fast, m_actions.express}) {
        action->setCheckable(true);
        action->setToolTip(tr("%1; again: back to the speed of play").arg(action->toolTip()));
    }
}

QWidget* TimeDeck::makeTransport() {
    m_row = new QWidget(this);
    auto* row = new QHBoxLayout(m_row);
    m_rowLayout = row;
    row->setContentsMargins(16, 8, 16, 2);
    row->setSpacing(6);
    for (QAction* action :
         {m_actions.toStart, m_actions.stepBack, m_actions.play, m_actions.step, m_actions.fast, m_actions.express}) {
        auto* button = new QToolButton(m_row);
        button->setDefaultAction(action);
        button->setIconSize(QSize(16, 16));
        button->setFixedSize(34, 30);
        button->setProperty("role", action == m_actions.play ? QStringLiteral("primary") : QStringLiteral("framed"));
        button->setAccessibleName(action->text());
        row->addWidget(button);
        if (action == m_actions.play) {
            m_playButton = button;
        }
    }
    row->addSpacing(12);
    m_speedLabel = new QLabel(tr("speed"), m_row);
    m_speedLabel->setProperty("role", QStringLiteral("dim"));
    row->addWidget(m_speedLabel);
    m_slider = new QSlider(Qt::Horizontal, m_row);
    m_slider->setRange(slowestDecade * stepsPerDecade, fastestDecade * stepsPerDecade);
    m_slider->setPageStep(stepsPerDecade);
    m_slider->setSingleStep(stepsPerDecade / 10);
    m_slider->setFixedWidth(140);
    m_slider->setAccessibleName(tr("Speed"));
    m_slider->setToolTip(tr("Simulated time per real time, on a logarithmic scale"));
    m_speedLabel->setBuddy(m_slider);
    m_speedBox = new QBoxLayout(QBoxLayout::LeftToRight);
    m_speedBox->addWidget(m_slider);
    m_speedText = new QLabel(m_row);
    m_speedText->setFont(textFont(TextRole::Strong));
    m_speedText->setMinimumWidth(138);
    m_speedBox->addWidget(m_speedText);
    row->addLayout(m_speedBox);
    row->addSpacing(12);
    m_clock = new QLabel(m_row);
    m_clock->setFont(textFont(TextRole::Clock));
    m_clock->setAccessibleName(tr("Simulated time"));
    m_clock->setToolTip(tr("Simulated time since the start of the run: seconds, milliseconds, microseconds"));
    showClock(SimTime{});
    row->addWidget(m_clock);
    row->addSpacing(12);
    m_facts = new QLabel(m_row);
    m_facts->setProperty("role", QStringLiteral("dim"));
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(m_facts);
    m_pastBox = new QBoxLayout(QBoxLayout::LeftToRight);
    m_pastText = new QLabel(m_row);
    m_pastText->setFont(textFont(TextRole::Strong));
    m_pastBox->addStretch(1);
    m_pastBox->addWidget(m_pastText);
    m_backToNow = new QPushButton(tr("Back to now"), m_row);
    m_backToNow->setFlat(true);
    m_backToNow->setToolTip(tr("Return to the furthest instant of this run (End)"));
    m_pastBox->addWidget(m_backToNow);
    row->addLayout(m_pastBox);
    connect(m_backToNow, &QPushButton::clicked, this, [this] { emit m_strip->backToNowRequested(); });
    m_status = new QLabel(m_row);
    m_status->setProperty("role", QStringLiteral("dim"));
    m_status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_status->setMinimumWidth(60);
    m_status->setWordWrap(true);
    m_status->setFont(textFont(TextRole::Caption));
    m_status->setFixedHeight(30);
    m_status->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    row->addWidget(m_status, 1);
    m_lanesButton = new QToolButton(m_row);
    m_lanesButton->setDefaultAction(m_lanes);
    m_lanesButton->setIconSize(QSize(16, 16));
    m_lanesButton->setFixedSize(34, 30);
    m_lanesButton->setToolButtonStyle(Qt::ToolButtonTextOnly);
    m_lanesButton->setProperty("role", QStringLiteral("framed"));
    row->addWidget(m_lanesButton);
    m_pastText->hide();
    m_backToNow->hide();
    return m_row;
}

void TimeDeck::setCompact(bool isCompact) {
    if (isCompact == m_strip->isCompact()) {
        return;
    }
    m_strip->setCompact(isCompact);
    m_lanes->setChecked(!isCompact);
    if (isCompact) {
        m_column->removeWidget(m_strip);
        m_rowLayout->insertWidget(m_rowLayout->indexOf(m_facts) + 1, m_strip, 1);
    } else {
        m_rowLayout->removeWidget(m_strip);
        m_column->addWidget(m_strip);
    }
    arrangeRow();
    m_strip->show();
    showLanesAction();
    updateGeometry();
    if (m_snapshot) {
        setSnapshot(m_snapshot);
    }
    emit compactChanged(isCompact);
}

/// In one row the strip gets whatever the rest can do without.
void TimeDeck::arrangeRow() {
    constexpr int statusInRow = 150;
    const bool isRow = isCompact();
    m_rowLayout->setContentsMargins(16, isRow ? 4 : 8, 16, isRow ? 4 : 2);
    for (QBoxLayout* box : {m_speedBox, m_pastBox}) {
        box->setDirection(isRow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
        box->setSpacing(isRow ? 0 : 6);
    }
    m_speedBox->setAlignment(m_speedText, isRow ? Qt::AlignHCenter : Qt::Alignment());
    m_speedText->setMinimumWidth(isRow ? 0 : 138);
    m_speedText->setAlignment(isRow ? Qt::AlignCenter : Qt::AlignLeft | Qt::AlignVCenter);
    m_slider->setFixedWidth(isRow ? 138 : 140);
    m_backToNow->setMaximumHeight(isRow ? 22 : QWIDGETSIZE_MAX);
    m_rowLayout->setStretchFactor(m_status, isRow ? 0 : 1);
    m_status->setSizePolicy(isRow ? QSizePolicy::Fixed : QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_status->setMinimumWidth(isRow ? statusInRow : 60);
    m_status->setMaximumWidth(isRow ? statusInRow : QWIDGETSIZE_MAX);
    m_speedLabel->setVisible(!isRow);
}

void TimeDeck::showLanesAction() {
    m_lanes->setText(m_strip->isCompact() ? QStringLiteral("▴") : QStringLiteral("▾"));
    m_lanes->setToolTip(m_strip->isCompact() ? tr("Show faults, plan and branches as lanes (Ctrl+Shift+J)")
                                             : tr("Make the time deck one row (Ctrl+Shift+J)"));
    m_lanesButton->setAccessibleName(m_lanes->toolTip());
}

void TimeDeck::setSpeed(double simulatedPerReal) {
    m_speed = speedOf(sliderValueOf(simulatedPerReal));
    showSpeed();
}

/// Slider and words tell what is asked for at this moment: in Fast that is more than the speed of play.
void TimeDeck::showSpeed() {
    const observe::RunMode mode = m_snapshot ? m_snapshot->run.mode : observe::RunMode::Paused;
    const double asked = mode == observe::RunMode::Fast ? m_snapshot->run.speed : m_speed;
    const QSignalBlocker blocker(m_slider);
    if (!m_slider->isSliderDown()) {
        m_slider->setValue(sliderValueOf(asked));
    }
    m_speedText->setText(mode == observe::RunMode::Express ? tr("as fast as it can") : format::speed(asked));
    m_actions.fast->setChecked(mode == observe::RunMode::Fast);
    m_actions.express->setChecked(mode == observe::RunMode::Express);
}

/// Whoever moves the slider asks for that speed, and for no factor on top of it.
void TimeDeck::takeSpeed() {
    m_speed = speedOf(m_slider->value());
    m_speedText->setText(format::speed(m_speed));
    emit speedChanged(m_speed);
    if (m_actions.fast->isChecked() || m_actions.express->isChecked()) {
        emit playRequested();
    }
}

QString TimeDeck::statusText() const {
    const observe::RunView& run = m_snapshot->run;
    switch (run.mode) {
        case observe::RunMode::Paused:
        case observe::RunMode::Step:
            return run.nextEvent.empty() ? tr("paused") : tr("next: %1").arg(format::text(run.nextEvent));
        case observe::RunMode::Ended:
            return run.endReason.empty() ? tr("ended") : tr("ended: %1").arg(format::text(run.endReason));
        case observe::RunMode::Replaying:
            return tr("going back…");
        default:
            break;
    }
    QString text = QStringLiteral("%1 events/s").arg(format::rate(run.eventsPerSecond).remove(QStringLiteral("/s")));
    if (run.mode == observe::RunMode::Express) {
        text = tr("express, %1 s a second, ").arg(run.achievedSpeed, 0, 'g', 3) + text;
    } else if (run.achievedSpeed > 0 && run.achievedSpeed < run.speed * 0.9) {
        // A sample without an event says nothing of how fast it goes.
        const QString reached = tr("cannot keep up: %1 s a second").arg(run.achievedSpeed, 0, 'g', 2);
        text = run.eventsPerSecond >= 1 ? QStringLiteral("%1, %2").arg(reached, text) : reached;
    }
    return text;
}

void TimeDeck::setSnapshot(observe::SnapshotPtr snapshot) {
    m_snapshot = std::move(snapshot);
    m_strip->setSnapshot(m_snapshot);
    if (!m_snapshot) {
        showNothing();
        return;
    }
    const observe::RunView& run = m_snapshot->run;
    const bool going = isGoing(run.mode);
    showSpeed();
    showPlay(going);
    showClock(run.now);
    const QString event = tr("event %1").arg(format::count(static_cast<std::int64_t>(run.events)));
    const QString identity = tr("seed %1   fingerprint %2").arg(run.seed).arg(format::fingerprint(run.fingerprint));
    m_facts->setText(isNarrow() ? event : event + QStringLiteral("   ") + identity);
    m_facts->setToolTip(
        tr("Events processed since the start; the seed of all random draws: %1; the fingerprint of everything that "
           "happened so far: %2. The same scenario and seed always give the same one.")
            .arg(QString::number(run.seed), format::hex64(run.fingerprint)));
    const bool inPast = m_strip->isInPast() && !going;
    m_pastText->setVisible(inPast);
    m_backToNow->setVisible(inPast);
    m_status->setVisible(!inPast);
    m_facts->setVisible(!isCompact() &&
                        (!inPast || !isNarrow()));  // a window must not grow beyond a small screen to tell the past
    if (inPast) {
        m_pastText->setText(tr("You are at %1 of %2").arg(format::seconds(run.now), format::seconds(run.furthest)));
    } else {
        showStatus();
    }
    if (m_strip->isInPast() != m_isTinted) {
        m_isTinted = m_strip->isInPast();
        retint();
    }
}

/// A button that is given an icon is laid out anew, the same one or not.
void TimeDeck::showPlay(bool going) {
    const std::pair shown(going, currentTheme());
    if (m_playShown == shown) {
        return;
    }
    m_playShown = shown;
    m_actions.play->setIcon(icon(going ? Icon::Pause : Icon::Play, Tint::OnAccent));
    m_actions.play->setText(going ? tr("Pause") : tr("Play"));
    m_actions.play->setToolTip(going ? tr("Pause (Space)") : tr("Play (Space)"));
    m_playButton->setAccessibleName(m_actions.play->text());
}

/// Its digits have one width: it takes another room with their number, and its row is not laid out sixty times a
/// second.
void TimeDeck::showClock(SimTime now) {
    const qsizetype before = m_clock->text().size();
    m_clock->setText(format::clock(now));
    if (m_clock->text().size() != before) {
        m_clock->setFixedSize(m_clock->sizeHint());
    }
}

/// On two lines where one is too short, and cut only when both are full.
void TimeDeck::showStatus() {
    constexpr int lines = 2;
    const QString status = statusText();
    const QFontMetrics metrics = m_status->fontMetrics();
    const int width = std::max(40, m_status->width());
    // To see how much of it fits takes longer than anything else here, and it is the same for many frames.
    Fitted asked{status, m_status->font(), width};
    if (asked == m_fitted) {
        return;
    }
    m_fitted = std::move(asked);
    const auto fits = [&](const QString& words) {
        const QRect room(0, 0, width, lines * metrics.lineSpacing() + 2);
        const QRect needed = metrics.boundingRect(room, Qt::TextWordWrap, words);
        return needed.width() <= room.width() && needed.height() <= room.height();
    };
    QString shown = status;
    const observe::RunView& run = m_snapshot->run;
    const bool isNext =
        (run.mode == observe::RunMode::Paused || run.mode == observe::RunMode::Step) && !run.nextEvent.empty();
    if (isNext && !fits(shown)) {
        // The name of what arrives says less than who gets it.
        const QString receiver = format::text(run.nextEvent).section(QStringLiteral(": "), 0, -2);
        const QString without = tr("next: %1").arg(receiver);
        shown = !receiver.isEmpty() && fits(without) ? without : shown;
    }
    const QString whole = shown;
    while (!fits(shown) && shown.size() > 4) {
        shown = shown.left(shown.size() - (shown.endsWith(QChar(0x2026)) ? 2 : 1)).trimmed() + QChar(0x2026);
    }
    // A word is there whole or not at all; of a path as much as there is room for.
    constexpr qsizetype longWord = 14;
    const qsizetype space = shown.lastIndexOf(QLatin1Char(' '));
    if (shown != whole && space > 0 && shown.size() - space <= longWord) {
        shown = shown.left(space) + QChar(0x2026);
    }
    m_status->setText(shown);
    m_status->setToolTip(status);
}

bool TimeDeck::isNarrow() const {
    return width() < 1400;
}

QSize TimeDeck::minimumSizeHint() const {
    constexpr int narrowest = 1000;
    const QSize needed = QWidget::minimumSizeHint();
    return {std::min(narrowest, needed.width()), needed.height()};
}

void TimeDeck::resizeEvent(QResizeEvent* event) {
    // Figures that grow must not push and clip their neighbours sixty times a second.
    const QString widest = isNarrow() ? QStringLiteral("event 000,000,000 ")
                                      : QStringLiteral("event 00,000,000,000   seed 000   fingerprint dddd…dd ");
    m_facts->setMinimumWidth(m_facts->fontMetrics().horizontalAdvance(widest));
    QWidget::resizeEvent(event);
    // What is cut to its room is cut again when the row has been laid out.
    QTimer::singleShot(0, this, [this] {
        if (m_snapshot) {
            setSnapshot(m_snapshot);
        }
    });
}

void TimeDeck::showNothing() {
    showPlay(false);
    showClock(SimTime{});
    m_facts->clear();
    m_status->clear();
    m_fitted = {};
    m_pastText->hide();
    m_backToNow->hide();
    m_facts->setVisible(!isCompact());
    m_isTinted = false;
    showSpeed();
    retint();
}

void TimeDeck::retint() {
    QPalette tinted = QWidget::palette();
    tinted.setColor(QPalette::Window, m_isTinted ? theme().pastTint : theme().surface);
    setPalette(tinted);
}

void TimeDeck::changeEvent(QEvent* event) {
    if (event->type() == QEvent::StyleChange && m_row != nullptr) {
        retint();
        m_clock->setFont(textFont(TextRole::Clock));
        m_clock->setFixedSize(m_clock->sizeHint());
        m_speedText->setFont(textFont(TextRole::Strong));
    }
    QWidget::changeEvent(event);
}

}  // namespace millrace::widgets
