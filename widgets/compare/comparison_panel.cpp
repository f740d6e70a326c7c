#include "widgets/compare/comparison_panel.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollBar>
#include <QSpinBox>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/compare/comparison_charts.h"
#include "widgets/compare/comparison_words.h"
#include "widgets/pages/record_table.h"
#include "widgets/pages/view_switch.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

ComparisonPanel::ComparisonPanel(QWidget* parent) : QWidget(parent) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    makeHead(*layout);
    m_body = new QSplitter(Qt::Horizontal, this);
    m_body->setChildrenCollapsible(false);
    m_figures = new RecordTable(tr("Figures"), figureColumns({}), m_body);
    m_views = new ViewSwitch(m_body);
    m_curves = new ResultCurves(m_views);
    m_views->addView(QStringLiteral("results"), tr("Results"), m_curves);
    m_bars = new FigureBars(m_views);
    m_views->addView(QStringLiteral("figure"), tr("Figure"), m_bars);
    m_differences = new RecordTable(tr("Tables"), differenceColumns(), m_views);
    m_differences->setNothing(tr("There is no table of results to compare."));
    m_views->addView(QStringLiteral("tables"), tr("Tables"), m_differences);
    m_notes = new RecordTable(tr("Notes"), noteColumns(), m_views);
    m_views->addView(QStringLiteral("notes"), tr("Notes"), m_notes);
    m_body->addWidget(m_figures);
    m_body->addWidget(m_views);
    m_body->setStretchFactor(0, 1);
    m_body->setStretchFactor(1, 1);
    layout->addWidget(m_body, 1);
    connect(m_body, &QSplitter::splitterMoved, this, [this] { m_isShared = true; });
    clear();
}

/// What it says, then the controls, at their right.
void ComparisonPanel::makeHead(QVBoxLayout& layout) {
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 4, 12, 4);
    head->setSpacing(8);
    m_verdict = new QLabel(this);
    m_verdict->setAccessibleName(tr("What is compared"));
    m_verdict->setWordWrap(true);
    head->addWidget(m_verdict, 1);
    m_progress = new QProgressBar(this);
    m_progress->setAccessibleName(tr("Progress of the comparison"));
    m_progress->setFixedWidth(160);
    m_progress->setTextVisible(false);
    head->addWidget(m_progress);
    m_others = new QPushButton(tr("Beside…"), this);
    m_others->setToolTip(tr("Compare with other scenarios too: each is a column of its own"));
    m_others->setMenu(new QMenu(m_others));
    head->addWidget(m_others);
    auto* label = new QLabel(tr("Runs each"), this);
    head->addWidget(label);
    m_repetitions = new QSpinBox(this);
    m_repetitions->setRange(1, 1000);
    m_repetitions->setButtonSymbols(QAbstractSpinBox::NoButtons);  // arrow keys and the wheel change it
    m_repetitions->setAccessibleName(tr("Runs of each variant"));
    m_repetitions->setToolTip(
        tr("With the scenario's seed, the one after it, and so on; of several runs each figure is a mean with the "
           "interval that holds the true one in 95 of 100 cases (Student's t)"));
    label->setBuddy(m_repetitions);
    head->addWidget(m_repetitions);
    m_start = new QPushButton(tr("Compare"), this);
    m_start->setToolTip(
        tr("Run every variant to its end beside the run that is shown; nothing is written into real sinks"));
    head->addWidget(m_start);
    m_save = new QPushButton(tr("Save…"), this);
    m_save->setToolTip(tr("As a page (HTML), for programs (JSON) or as text"));
    head->addWidget(m_save);
    layout.addLayout(head);
    connect(m_start, &QPushButton::clicked, this, [this] {
        if (m_isRunning) {
            emit cancelRequested();
        } else {
            setProgress(tr("begins"), 0, 0);
            emit startRequested(m_repetitions->value());
        }
    });
    connect(m_save, &QPushButton::clicked, this, &ComparisonPanel::saveRequested);
    setOthers({});
}

void ComparisonPanel::setSubject(const QString& words, const QString& trouble) {
    m_subject = words;
    m_cannot = trouble;
    showRunning(m_isRunning);
}

void ComparisonPanel::setOthers(const QStringList& files) {
    QMenu* menu = m_others->menu();
    menu->clear();
    menu->addAction(tr("Add a scenario…"), this, &ComparisonPanel::otherRequested);
    for (const QString& file : files) {
        menu->addAction(tr("Leave out %1").arg(QFileInfo(file).fileName()), this,
                        [this, file] { emit otherDropped(file); });
    }
    m_others->setText(files.isEmpty() ? tr("Beside…") : tr("Beside %1…").arg(files.size()));
}

void ComparisonPanel::setProgress(const QString& words, int run, int runs) {
    m_progress->setRange(0, runs);
    m_progress->setValue(run);
    m_progress->setToolTip(words);
    showRunning(true);
    m_verdict->setText(tr("Comparing: %1").arg(words));
    setMeaning(*m_verdict, Meaning::Plain);
}

void ComparisonPanel::setView(const observe::ComparisonPtr& view) {
    m_view = view;
    m_trouble.clear();
    m_isStale = false;
    setFigures(*view);
    m_curves->setView(view);
    m_differences->setRecords(differenceRecords(*view));
    m_notes->setRecords(noteRecords(*view));
    m_notes->setNothing(tr("Everything ended as it should, and nothing was left out."));
    m_views->setSummary(view->isAgainstPass
                            ? tr("tables against a single pass over the records")
                            : tr("tables against those of %1").arg(format::text(view->variants.front())),
                        {});
    m_bars->setFigure(view, 0);
    showRunning(false);
}

void ComparisonPanel::setNothing(const QString& trouble) {
    m_trouble = trouble;
    showRunning(false);
}

void ComparisonPanel::clear() {
    m_view = nullptr;
    m_trouble.clear();
    m_isStale = false;
    setFigures({});
    m_figures->setNothing(
        tr("Compare runs every variant to its end and measures it: latency, throughput, losses, "
           "recovery, cost."));
    m_curves->setView(nullptr);
    m_bars->setFigure(nullptr, -1);
    m_differences->setRecords({});
    m_notes->setRecords({});
    m_notes->setNothing(tr("Nothing has been compared yet."));
    m_views->setSummary({}, {});
    showRunning(false);
}

/// A table of its own for each set of variants: its columns are theirs.
void ComparisonPanel::setFigures(const observe::ComparisonView& view) {
    auto* figures = new RecordTable(tr("Figures"), figureColumns(view), this);
    figures->setSortingEnabled(false);  // figures of a topic stand together
    delete m_body->replaceWidget(0, figures);
    m_figures = figures;
    connect(figures, &RecordTable::rowChosen, this, &ComparisonPanel::showRow);
    figures->setRecords(figureRecords(view));
    shareWidth();
}

/// The table has what its columns need, the rest two fifths of the room at least.
void ComparisonPanel::shareWidth() {
    if (m_isShared) {
        return;
    }
    const int wanted = m_figures->wantedWidth() + m_figures->verticalScrollBar()->sizeHint().width() + 4;
    const int left = std::min(std::max(wanted, width() / 4), width() * 3 / 5);
    m_body->setSizes({left, std::max(width() - left, 1)});
}

void ComparisonPanel::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    shareWidth();
}

void ComparisonPanel::setStale(bool isStale) {
    m_isStale = isStale && m_view;
    say();
}

void ComparisonPanel::showRow(const QString& key) {
    if (const int row = figureOfKey(key); row >= 0) {
        m_bars->setFigure(m_view, row);
        m_views->showView(QStringLiteral("figure"));
    }
}

void ComparisonPanel::showRunning(bool isRunning) {
    m_isRunning = isRunning;
    m_progress->setVisible(isRunning);
    m_start->setText(isRunning ? tr("Stop") : tr("Compare"));
    m_start->setEnabled(isRunning || m_cannot.isEmpty());
    m_repetitions->setEnabled(!isRunning);
    m_others->setEnabled(!isRunning);
    m_save->setEnabled(!isRunning && m_view);
    say();
}

void ComparisonPanel::say() {
    if (m_isRunning) {
        return;  // it tells how far it is
    }
    QStringList words;
    if (!m_trouble.isEmpty() || !m_cannot.isEmpty()) {
        words << (!m_cannot.isEmpty() ? m_cannot : m_trouble) + QLatin1Char('.');
    }
    if (m_view) {
        words << (words.isEmpty() ? sentenceOf(*m_view) : tr("Below: %1").arg(sentenceOf(*m_view))) +
                     (m_isStale ? tr(". The scenario was edited since") : QString());
    } else {
        words << m_subject;
    }
    m_verdict->setText(words.join(QLatin1Char(' ')));
    setMeaning(*m_verdict, words.size() > 1 ? Meaning::Bad : m_isStale ? Meaning::Warning : Meaning::Plain);
}

QString ComparisonPanel::verdict() const {
    return m_verdict->text();
}

QStringList ComparisonPanel::views() const {
    return m_views->names();
}

void ComparisonPanel::showView(const QString& name) {
    m_views->showView(name);
}

}  // namespace millrace::widgets
