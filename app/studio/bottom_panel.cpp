#include "app/studio/bottom_panel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDockWidget>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMainWindow>
#include <QScrollBar>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "widgets/charts/chart_panel.h"
#include "widgets/controls/event_rows.h"
#include "widgets/models/journal_model.h"
#include "widgets/models/problems_model.h"
#include "widgets/style/format.h"
#include "widgets/timeline/time_deck.h"

namespace millrace::studio {

namespace {

constexpr int eventsHead = 20;

}  // namespace

BottomPanel::BottomPanel(QMainWindow& window, ScenarioDocument& document, RunControl& run)
    : QObject(&window), m_window(window), m_document(document), m_run(run) {
    m_bottomDock = new QDockWidget(tr("Time"), &m_window);
    m_bottomDock->setObjectName(QStringLiteral("time"));
    m_bottomDock->setFeatures(QDockWidget::NoDockWidgetFeatures);
    m_bottomDock->setTitleBarWidget(new QWidget(m_bottomDock));
    auto* bottom = new QWidget(m_bottomDock);
    auto* layout = new QVBoxLayout(bottom);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_deck = new widgets::TimeDeck(bottom);
    m_deck->setCompact(true);
    layout->addWidget(m_deck);
    makeTabs(*bottom);
    layout->addWidget(m_tabs, 1);
    m_bottomDock->setWidget(bottom);
    m_window.addDockWidget(Qt::BottomDockWidgetArea, m_bottomDock);
    m_window.resizeDocks({m_bottomDock}, {252 + eventsHead / 2}, Qt::Vertical);
    connectDeck();
    connect(&run, &RunControl::told, this, &BottomPanel::showSnapshot);
    connect(&run, &RunControl::moved, m_deck, &widgets::TimeDeck::setSnapshot);
}

void BottomPanel::makeTabs(QWidget& bottom) {
    m_tabs = new QTabWidget(&bottom);
    m_tabs->setObjectName(QStringLiteral("bottomTabs"));
    m_tabs->setDocumentMode(true);
    m_tabs->setAccessibleName(tr("Events, charts and problems"));
    m_tabs->addTab(makeEvents(), tr("Events"));
    m_charts = new widgets::ChartPanel(m_tabs);
    m_tabs->addTab(m_charts, tr("Charts"));
    m_tabs->addTab(makeProblems(), tr("Problems"));
    m_pages = new PageTabs(*m_tabs, m_run, this);
    QWidget* filter = makeEventFilter();
    filter->setAutoFillBackground(true);
    m_tabs->setCornerWidget(filter);
    m_tabs->tabBar()->setDrawBase(false);  // it ends where the filter begins, and goes on a pixel lower
    m_tabs->setMinimumHeight(88);
    connect(m_tabs, &QTabWidget::currentChanged, this, &BottomPanel::giveRoom);
    connect(m_tabs, &QTabWidget::currentChanged, m_events, [this] {
        if (m_followsEvents) {
            QTimer::singleShot(0, m_events, &QTableView::scrollToBottom);  // when it has its height again
        }
    });
}

QTableView* BottomPanel::makeProblems() {
    m_problems = new widgets::ProblemsModel(this);
    QTableView* problems = makeTable(m_problems, tr("Problems"));
    problems->horizontalHeader()->setStretchLastSection(false);
    problems->horizontalHeader()->setSectionResizeMode(widgets::ProblemsModel::Text, QHeaderView::Stretch);
    problems->horizontalHeader()->setSectionResizeMode(widgets::ProblemsModel::Field, QHeaderView::ResizeToContents);
    problems->horizontalHeader()->hide();
    // There are few of them, and each is read to its end.
    problems->setWordWrap(true);
    problems->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    problems->verticalHeader()->setMinimumSectionSize(22);
    connect(problems, &QTableView::clicked, this, [this](const QModelIndex& index) {
        if (const quint64 entry = index.data(widgets::ProblemsModel::EntryRole).toULongLong(); entry != 0) {
            emit entryChosen(entry, index.data(widgets::ProblemsModel::ObjectRole).toString());
        } else {
            emit problemChosen(m_problems->problemAt(index.row()));
        }
    });
    connect(problems, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        if (const qint64 at = index.data(widgets::ProblemsModel::TimeRole).toLongLong(); at >= 0) {
            m_run.bridge().seek(SimTime(SimDuration(at)));
        }
    });
    // What stands still because of a fault is no problem of the scenario, and is told elsewhere.
    auto* nothing = new QLabel(tr("No rule is broken, no record is lost, and nothing keeps the scenario from running. "
                                  "What stands still is told on its card and in the sentence."),
                               problems->viewport());
    nothing->setProperty("role", QStringLiteral("dim"));
    nothing->move(16, 10);
    const auto showNothing = [this, nothing] { nothing->setVisible(m_problems->rowCount() == 0); };
    connect(m_problems, &QAbstractItemModel::modelReset, nothing, showNothing);
    showNothing();
    return problems;
}

void BottomPanel::connectDeck() {
    connect(m_deck, &widgets::TimeDeck::pauseRequested, &m_run.bridge(), &bridge::EngineBridge::pause);
    connect(m_deck, &widgets::TimeDeck::stepRequested, &m_run.bridge(), &bridge::EngineBridge::step);
    connect(m_deck, &widgets::TimeDeck::stepBackRequested, &m_run.bridge(), &bridge::EngineBridge::stepBack);
    connect(m_deck, &widgets::TimeDeck::fastRequested, &m_run.bridge(), &bridge::EngineBridge::fast);
    connect(m_deck, &widgets::TimeDeck::expressRequested, &m_run.bridge(), &bridge::EngineBridge::express);
    connect(m_deck, &widgets::TimeDeck::speedChanged, &m_run, &RunControl::setSpeed);
    connect(m_deck, &widgets::TimeDeck::toStartRequested, this, [this] { m_run.bridge().seek(SimTime{}); });
    widgets::TimeStrip& strip = m_deck->strip();
    connect(&strip, &widgets::TimeStrip::seekRequested, &m_run.bridge(), &bridge::EngineBridge::seek);
    connect(&strip, &widgets::TimeStrip::backToNowRequested, &m_run.bridge(), &bridge::EngineBridge::backToNow);
    connect(&strip, &widgets::TimeStrip::branchRequested, &m_run.bridge(), &bridge::EngineBridge::switchBranch);
    connect(&strip, &widgets::TimeStrip::hovered, m_charts, &widgets::ChartPanel::setCursorTime);
    connect(m_charts, &widgets::ChartPanel::cursorMoved, &strip, &widgets::TimeStrip::setCursorTime);
    connect(m_charts, &widgets::ChartPanel::seekRequested, &m_run.bridge(), &bridge::EngineBridge::seek);
    connect(&strip, &widgets::TimeStrip::visibleRangeChanged, m_charts, &widgets::ChartPanel::setVisibleRange);
    connect(m_charts, &widgets::ChartPanel::zoomRequested, &strip, &widgets::TimeStrip::setVisibleRange);
    connect(m_deck, &widgets::TimeDeck::compactChanged, this, &BottomPanel::fit);
    connect(m_events, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        m_run.bridge().seek(SimTime(SimDuration(index.data(widgets::JournalModel::TimeRole).toLongLong())));
    });
    connect(m_events, &QTableView::clicked, this, [this](const QModelIndex& index) {
        emit entryChosen(index.data(widgets::JournalModel::IdRole).toULongLong(),
                         index.data(widgets::JournalModel::PlaceRole).toString());
    });
    m_run.setSpeed(m_deck->speed());
}

bool BottomPanel::eventFilter(QObject* watched, QEvent* event) {
    if (m_events != nullptr && watched == m_events->viewport() && event->type() == QEvent::Resize) {
        fitEvents();
    }
    return QObject::eventFilter(watched, event);
}

void BottomPanel::showSnapshot(const observe::SnapshotPtr& snapshot) {
    m_deck->setSnapshot(snapshot);
    m_charts->setSnapshot(snapshot);
    if (!snapshot) {
        m_isViolationSaid = false;
        m_journal->clear();
        m_problems->setRun({});
        countProblems();
        return;
    }
    m_journal->setSnapshot(snapshot);
    if (m_followsEvents && m_events->isVisible()) {
        m_events->scrollToBottom();
    }
    showInvariants(snapshot->run);
}

QTableView* BottomPanel::makeTable(QAbstractItemModel* model, const QString& name) {
    auto* table = new QTableView;
    table->setAccessibleName(name);
    table->setModel(model);
    table->setShowGrid(false);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setWordWrap(false);
    table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(22);
    table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setStretchLastSection(true);
    return table;
}

QTableView* BottomPanel::makeEvents() {
    m_journal = new widgets::JournalModel(this);
    m_journalFilter = new widgets::JournalFilter(this);
    m_journalFilter->setSourceModel(m_journal);
    m_events = makeTable(m_journalFilter, tr("Events"));
    m_events->setColumnWidth(widgets::JournalModel::Time, 108);
    m_events->setColumnWidth(widgets::JournalModel::Place, 146);
    m_eventRows = new widgets::EventRows(*m_events);
    connect(m_eventRows, &widgets::EventRows::fitted, this, &BottomPanel::followEvents);
    m_events->horizontalHeader()->setFixedHeight(eventsHead);
    m_events->horizontalHeader()->setStyleSheet(QStringLiteral("QHeaderView::section { padding: 0 6px; }"));
    m_events->horizontalHeader()->setSectionsClickable(false);
    m_events->horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_events->viewport()->installEventFilter(this);
    // The newest event stays in view until somebody scrolls up to read.
    connect(m_events->verticalScrollBar(), &QScrollBar::sliderMoved, this, [this] {
        m_followsEvents = m_events->verticalScrollBar()->value() == m_events->verticalScrollBar()->maximum();
    });
    return m_events;
}

/// As many whole rows as there is room for, where each has one line: the first one is not cut while the newest is in
/// view. What happened and why share the width.
void BottomPanel::fitEvents() {
    constexpr int usual = 22;
    constexpr int most = 30;
    constexpr int shareOfWhat = 56;  // per cent
    const QSize room = m_events->viewport()->size();
    QHeaderView& head = *m_events->horizontalHeader();
    const int height = room.height() + head.height() - eventsHead;
    const int rows = std::max(1, height / usual);
    const int row = std::clamp(height / rows, std::min(usual, height), most);
    head.setFixedHeight(eventsHead + std::max(height - row * rows, 0));  // what no whole row fills
    const int words = room.width() - m_events->columnWidth(widgets::JournalModel::Time) -
                      m_events->columnWidth(widgets::JournalModel::Place);
    m_events->setColumnWidth(widgets::JournalModel::Text, std::max(words * shareOfWhat / 100, 240));
    m_eventRows->setRowHeight(row);
    followEvents();
}

/// When the rows have their new heights.
void BottomPanel::followEvents() {
    if (m_followsEvents) {
        QTimer::singleShot(0, m_events, &QTableView::scrollToBottom);
    }
}

void BottomPanel::showTab(Tab tab) {
    m_bottomDock->show();
    showPanel(true);
    m_tabs->setCurrentIndex(tab);
}

void BottomPanel::addPanel(QWidget& panel, const QString& title) {
    m_panels << &panel;
    m_tabs->setTabVisible(m_tabs->addTab(&panel, title), false);
}

void BottomPanel::offerPanel(QWidget& panel, bool isOffered) {
    m_tabs->setTabVisible(m_tabs->indexOf(&panel), isOffered);
}

void BottomPanel::showPanel(QWidget& panel) {
    m_bottomDock->show();
    showPanel(true);
    m_tabs->setCurrentWidget(&panel);
}

bool BottomPanel::isShown(const QWidget& panel) const {
    return m_tabs->currentWidget() == &panel && !m_tabs->isHidden();
}

/// Stands at the right end of the tabs, so that the table keeps the height.
QWidget* BottomPanel::makeEventFilter() {
    auto* bar = new QWidget(m_tabs);
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(8, 2, 12, 2);
    layout->setSpacing(8);
    auto* words = new QLineEdit(bar);
    words->setPlaceholderText(tr("Filter events by words of a row"));
    words->setAccessibleName(tr("Filter of events"));
    words->setClearButtonEnabled(true);
    words->setMinimumWidth(280);
    auto* severity = new QComboBox(bar);
    severity->setAccessibleName(tr("Least severity"));
    severity->addItems(
        {tr("everything"), tr("info and up"), tr("notice and up"), tr("warnings and errors"), tr("errors")});
    severity->setCurrentIndex(2);
    severity->setMinimumWidth(130);
    auto* internal = new QCheckBox(tr("internal topics"), bar);
    internal->setToolTip(tr("Show what happens to topics that Kafka keeps for itself, such as __consumer_offsets"));
    layout->addWidget(internal);
    layout->addWidget(words);
    layout->addWidget(severity);
    connect(internal, &QCheckBox::toggled, m_journalFilter, &widgets::JournalFilter::setShowsInternalTopics);
    connect(words, &QLineEdit::textChanged, m_journalFilter, &widgets::JournalFilter::setWords);
    connect(severity, &QComboBox::currentIndexChanged, this,
            [this](int index) { m_journalFilter->setLeastSeverity(static_cast<observe::Severity>(index)); });
    connect(m_tabs, &QTabWidget::currentChanged, bar, [words, severity, internal](int index) {
        internal->setVisible(index == 0);
        words->setVisible(index == 0);
        severity->setVisible(index == 0);
    });
    return bar;
}

/// A chart needs more height than a table does, as far as both faces keep theirs; a page leaves one of them two rows of
/// cards. What was taken is given back, unless somebody has made it higher still.
void BottomPanel::giveRoom(int tab) {
    constexpr int chartHeight = 230;
    constexpr int rounding = 8;
    const int before = std::exchange(m_heightBefore, 0);
    const bool isTaken = before > 0 && std::abs(m_bottomDock->height() - m_heightTaken) <= rounding;
    const int usual = isTaken ? before : m_bottomDock->height();
    int wanted = usual;
    if (tab == ChartsTab) {
        constexpr int facesKeep = 470;  // both of them, with the sentence below
        const int room = m_window.centralWidget()->height() + m_bottomDock->height();
        const int grown = std::max(m_deck->height() + chartHeight, room / 3);
        wanted = std::min(grown, std::max(usual, room - facesKeep));
    } else if (m_pages->isPage(tab) || m_panels.contains(m_tabs->widget(tab))) {
        const int room = m_window.centralWidget()->height() + m_bottomDock->height();
        constexpr int twoRows = 300;  // of cards, with the sentence below
        constexpr int oneFace = 425;  // of more height the other face would take its half
        wanted = room - std::clamp(room * 2 / 5, twoRows, oneFace);
    }
    if (wanted > usual) {
        m_heightBefore = usual;
        m_heightTaken = wanted;
    }
    if (wanted > usual || isTaken) {
        m_window.resizeDocks({m_bottomDock}, {std::max(wanted, usual)}, Qt::Vertical);
    }
}

bool BottomPanel::showPage(const QString& place) {
    const int tab = m_pages->tabOf(place.section(QLatin1Char('/'), 0, 0));
    if (tab < 0) {
        return false;
    }
    m_bottomDock->show();
    showPanel(true);
    return m_pages->show(place);
}

void BottomPanel::showPanel(bool isShown) {
    if (isShown == !m_tabs->isHidden()) {
        return;
    }
    if (!isShown) {
        m_panelHeight = m_bottomDock->height() - m_deck->height();
    }
    m_tabs->setVisible(isShown);
    m_pages->refresh();
    fit();
    if (isShown) {
        const int panel = std::max(m_panelHeight, m_tabs->minimumHeight());
        m_window.resizeDocks({m_bottomDock}, {m_deck->sizeHint().height() + panel}, Qt::Vertical);
    }
}

/// Without the panel the dock is as high as the deck, whatever that shows, and the faces take the rest.
void BottomPanel::fit() {
    const bool isDeckAlone = m_tabs->isHidden();
    const int deck = m_deck->sizeHint().height();
    m_bottomDock->setMaximumHeight(isDeckAlone ? deck : QWIDGETSIZE_MAX);
    if (isDeckAlone) {
        m_window.resizeDocks({m_bottomDock}, {deck}, Qt::Vertical);
    }
}

void BottomPanel::showInvariants(const observe::RunView& run) {
    const auto& invariants = run.invariants;
    m_problems->setRun(run);
    countProblems();
    const auto broken =
        std::find_if(invariants.begin(), invariants.end(), [](const auto& each) { return !each.holds; });
    if (broken == invariants.end()) {
        m_isViolationSaid = false;
    } else if (!m_isViolationSaid) {
        m_isViolationSaid = true;
        showTab(ProblemsTab);
        emit said(tr("What must always be true is not: %1. The run stopped there")
                      .arg(widgets::format::text(broken->firstViolation)));
    }
}

void BottomPanel::countProblems() {
    const auto count = m_problems->rowCount();
    const QString title = count == 0 ? tr("Problems") : tr("Problems %1").arg(count);
    if (m_tabs->tabText(ProblemsTab) != title) {  // else all tabs would be laid out with each frame
        m_tabs->setTabText(ProblemsTab, title);
    }
}

void BottomPanel::showProblems(const std::vector<observe::ProblemView>& ofRun) {
    std::vector<observe::ProblemView> problems = m_document.problems();
    problems.insert(problems.end(), ofRun.begin(), ofRun.end());
    m_problems->setProblems(std::move(problems));
    countProblems();
}

bool BottomPanel::hasProblems() const {
    return m_problems->rowCount() > 0;
}

void BottomPanel::toggle() {
    showPanel(m_tabs->isHidden());
}

void BottomPanel::setDesigning(bool isDesigning) {
    m_bottomDock->show();
    // What keeps a drawing from running is what there is to read while it is drawn.
    showPanel(true);
    if (isDesigning && m_tabBeforeDesign < 0) {
        m_tabBeforeDesign = m_tabs->currentIndex();
        m_tabs->setCurrentIndex(ProblemsTab);
    } else if (!isDesigning && m_tabBeforeDesign >= 0) {
        m_tabs->setCurrentIndex(std::exchange(m_tabBeforeDesign, -1));
    }
}

void BottomPanel::shareHeight(int rows) {
    m_window.resizeDocks({m_bottomDock}, {m_deck->sizeHint().height() + rows}, Qt::Vertical);
}

}  // namespace millrace::studio
