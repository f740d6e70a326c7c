#include <QCheckBox>
#include <QComboBox>
#include <QDockWidget>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QSplitter>
#include <QStyledItemDelegate>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>

#include "app/studio/main_window.h"
#include "app/studio/parts.h"
#include "widgets/canvas/logical_canvas.h"
#include "widgets/charts/chart_panel.h"
#include "widgets/cluster/physical_canvas.h"
#include "widgets/controls/explorer_panel.h"
#include "widgets/controls/key_overlay.h"
#include "widgets/controls/sentence_bar.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/models/journal_model.h"
#include "widgets/models/problems_model.h"
#include "widgets/panels/notice_board.h"
#include "widgets/panels/part_palette.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"
#include "widgets/timeline/time_deck.h"

// Which part stands where.
namespace millrace::studio {

void MainWindow::makeCentre() {
    auto* centre = new QWidget(this);
    auto* layout = new QVBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_notices = new widgets::NoticeBoard(centre);
    layout->addWidget(m_notices);
    m_faceTabs = new QTabBar(centre);
    m_faceTabs->setAccessibleName(tr("Faces"));
    m_faceTabs->setDrawBase(false);
    m_faceTabs->setExpanding(false);
    m_faceTabs->setFocusPolicy(Qt::TabFocus);
    m_faceTabs->addTab(tr("Logical: what flows where"));
    m_faceTabs->addTab(tr("Physical: what runs where"));
    m_faceTabs->hide();
    layout->addWidget(m_faceTabs);
    m_partsAbove = new QWidget(centre);
    auto* above = new QVBoxLayout(m_partsAbove);
    above->setContentsMargins(0, 0, 0, 0);
    m_partsAbove->hide();
    layout->addWidget(m_partsAbove);
    m_faces = new QSplitter(Qt::Vertical, centre);
    m_faces->setChildrenCollapsible(true);
    m_logical = new widgets::LogicalCanvas(m_selection, m_hand, m_faces);
    m_physical = new widgets::PhysicalCanvas(m_selection, m_hand, m_faces);
    m_faces->addWidget(m_logical);
    m_faces->addWidget(m_physical);
    m_faces->setStretchFactor(0, 45);
    m_faces->setStretchFactor(1, 55);
    layout->addWidget(m_faces, 1);
    connect(m_faceTabs, &QTabBar::currentChanged, this, &MainWindow::shareFaces);
    // Tools of faults work on machines.
    connect(&m_hand, &widgets::ToolHand::changed, this, [this] {
        if (m_hand.tool() != nullptr) {
            showFace(PhysicalFace);
        }
    });
    m_sentence = new widgets::SentenceBar(centre);
    layout->addWidget(m_sentence);
    setCentralWidget(centre);
    centre->installEventFilter(this);
    m_key = new widgets::KeyOverlay(centre);
}

QDockWidget* MainWindow::makeDock(const QString& title, const QString& name, QWidget* content) {
    auto* dock = new QDockWidget(title, this);
    dock->setObjectName(name);
    auto* bar = new QLabel(title, dock);
    bar->setObjectName(QStringLiteral("dockTitle"));
    bar->setFont(widgets::textFont(widgets::TextRole::CardTitle));
    bar->setContentsMargins(14, 7, 8, 7);
    bar->setToolTip(tr("Drag to move it or tear it off; the View menu hides and shows it"));
    dock->setTitleBarWidget(bar);
    dock->setWidget(content);
    return dock;
}

void MainWindow::makeDocks() {
    setDockOptions(AnimatedDocks | AllowTabbedDocks);
    setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);

    m_parts = new widgets::PartPalette(parts(), this);
    m_explorer = new widgets::ExplorerPanel(m_selection, this);
    m_left = new QTabWidget(this);
    m_left->setDocumentMode(true);
    m_left->setAccessibleName(tr("Palette and explorer"));
    m_left->addTab(m_parts, tr("Palette"));
    m_left->addTab(m_explorer, tr("Explorer"));
    m_leftDock = makeDock(tr("Parts"), QStringLiteral("palette"), m_left);
    addDockWidget(Qt::LeftDockWidgetArea, m_leftDock);
    m_leftDock->hide();
    makeRail();

    m_inspector = new widgets::InspectorPanel(m_selection, this);
    m_rightDock = makeDock(tr("Inspector"), QStringLiteral("inspector"), m_inspector);
    addDockWidget(Qt::RightDockWidgetArea, m_rightDock);
    resizeDocks({m_leftDock, m_rightDock}, {170, 300}, Qt::Horizontal);
}

/// Where a column of parts would take from the wires what makes them readable, parts lie above the drawing.
void MainWindow::placeParts() {
    constexpr int roomForColumn = 1420;
    const bool isFlat = m_isDesigning && width() < roomForColumn;
    const bool wasFlat = m_parts->parentWidget() == m_partsAbove;
    if (isFlat && !wasFlat) {
        m_left->removeTab(m_left->indexOf(m_parts));
        m_parts->setStrip(true);
        m_partsAbove->layout()->addWidget(m_parts);
        m_parts->show();
    } else if (wasFlat && !isFlat) {
        m_parts->setStrip(false);
        m_left->insertTab(0, m_parts, tr("Palette"));
        m_left->setCurrentWidget(m_parts);
    }
    if (isFlat != wasFlat) {
        m_partsAbove->setVisible(isFlat);
        m_leftDock->setVisible(m_isDesigning && !isFlat);
        m_rail->setVisible(!m_isDesigning || isFlat);
    }
}

QTableView* MainWindow::makeTable(QAbstractItemModel* model, const QString& name) {
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

namespace {

/// Parts of a sentence that have no room are left out whole: half a number is another number.
class SentenceDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        constexpr int margins = 20;
        QStyledItemDelegate::initStyleOption(option, index);
        option->text = widgets::format::fitting(option->fontMetrics, widgets::format::shorterWordings(option->text),
                                                option->rect.width() - margins);
    }
};

}  // namespace

QTableView* MainWindow::makeEvents() {
    m_journal = new widgets::JournalModel(this);
    m_journalFilter = new widgets::JournalFilter(this);
    m_journalFilter->setSourceModel(m_journal);
    m_events = makeTable(m_journalFilter, tr("Events"));
    m_events->setColumnWidth(widgets::JournalModel::Time, 108);
    m_events->setColumnWidth(widgets::JournalModel::Place, 146);
    for (const int column : {widgets::JournalModel::Text, widgets::JournalModel::Because}) {
        m_events->setItemDelegateForColumn(column, new SentenceDelegate(m_events));
    }
    m_events->horizontalHeader()->hide();
    m_events->viewport()->installEventFilter(this);
    // The newest event stays in view until somebody scrolls up to read.
    connect(m_events->verticalScrollBar(), &QScrollBar::sliderMoved, this, [this] {
        m_followsEvents = m_events->verticalScrollBar()->value() == m_events->verticalScrollBar()->maximum();
    });
    return m_events;
}

/// As many whole rows as there is room for: the first one is not cut while the newest is in view. What happened and why
/// share the width.
void MainWindow::fitEvents() {
    constexpr int usual = 22;
    constexpr int most = 30;
    constexpr int whatMost = 560;
    const QSize room = m_events->viewport()->size();
    const int rows = std::max(1, room.height() / usual);
    m_events->verticalHeader()->setDefaultSectionSize(
        std::clamp(room.height() / rows, std::min(usual, room.height()), most));
    const int words = room.width() - m_events->columnWidth(widgets::JournalModel::Time) -
                      m_events->columnWidth(widgets::JournalModel::Place);
    m_events->setColumnWidth(widgets::JournalModel::Text, std::clamp(words * 493 / 1000, 240, whatMost));
    if (m_followsEvents) {
        QTimer::singleShot(0, m_events, &QTableView::scrollToBottom);  // when the rows have their new height
    }
}

void MainWindow::showTab(BottomTab tab) {
    m_bottomDock->show();
    showBottomPanel(true);
    m_tabs->setCurrentIndex(tab);
}

/// Stands at the right end of the tabs, so that the table keeps the height.
QWidget* MainWindow::makeEventFilter() {
    auto* bar = new QWidget(this);
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(8, 2, 12, 2);
    layout->setSpacing(8);
    auto* words = new QLineEdit(bar);
    words->setPlaceholderText(tr("Filter events, such as broker 2 session"));
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

/// A chart needs more height than a table does, as far as both faces keep theirs. What it took it gives back, unless
/// somebody has made it higher still.
void MainWindow::giveChartsRoom(int tab) {
    constexpr int chartHeight = 230;
    constexpr int facesKeep = 470;  // both of them, with the sentence below
    constexpr int rounding = 8;
    if (tab == ChartsTab) {
        const int room = centralWidget()->height() + m_bottomDock->height();
        const int wanted = std::max(m_deck->height() + chartHeight, room / 3);
        const int grown = std::min(wanted, std::max(m_bottomDock->height(), room - facesKeep));
        if (m_bottomDock->height() < grown) {
            m_heightBeforeCharts = m_bottomDock->height();
            m_heightOfCharts = grown;
            resizeDocks({m_bottomDock}, {grown}, Qt::Vertical);
        }
        return;
    }
    const int before = std::exchange(m_heightBeforeCharts, 0);
    if (before > 0 && std::abs(m_bottomDock->height() - m_heightOfCharts) <= rounding) {
        resizeDocks({m_bottomDock}, {before}, Qt::Vertical);
    }
}

void MainWindow::showBottomPanel(bool isShown) {
    if (isShown == !m_tabs->isHidden()) {
        return;
    }
    if (!isShown) {
        m_panelHeight = m_bottomDock->height() - m_deck->height();
    }
    m_tabs->setVisible(isShown);
    fitBottom();
    if (isShown) {
        const int panel = std::max(m_panelHeight, m_tabs->minimumHeight());
        resizeDocks({m_bottomDock}, {m_deck->sizeHint().height() + panel}, Qt::Vertical);
    }
}

/// Without the panel the dock is as high as the deck, whatever that shows, and the faces take the rest.
void MainWindow::fitBottom() {
    const bool isDeckAlone = m_tabs->isHidden();
    const int deck = m_deck->sizeHint().height();
    m_bottomDock->setMaximumHeight(isDeckAlone ? deck : QWIDGETSIZE_MAX);
    if (isDeckAlone) {
        resizeDocks({m_bottomDock}, {deck}, Qt::Vertical);
    }
}

void MainWindow::makeBottom() {
    m_bottomDock = new QDockWidget(tr("Time"), this);
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
    m_tabs = new QTabWidget(bottom);
    m_tabs->setObjectName(QStringLiteral("bottomTabs"));
    m_tabs->setDocumentMode(true);
    m_tabs->setAccessibleName(tr("Events, charts and problems"));
    m_tabs->addTab(makeEvents(), tr("Events"));
    m_charts = new widgets::ChartPanel(m_tabs);
    m_tabs->addTab(m_charts, tr("Charts"));
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
            m_selection.select(index.data(widgets::ProblemsModel::ObjectRole).toString());
            m_inspector->explain(entry);
        } else {
            goToProblem(m_problems->problemAt(index.row()));
        }
    });
    connect(problems, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        if (const qint64 at = index.data(widgets::ProblemsModel::TimeRole).toLongLong(); at >= 0) {
            m_bridge.seek(SimTime(SimDuration(at)));
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
    m_tabs->addTab(problems, tr("Problems"));
    QWidget* filter = makeEventFilter();
    filter->setAutoFillBackground(true);
    m_tabs->setCornerWidget(filter);
    m_tabs->tabBar()->setDrawBase(false);  // it ends where the filter begins, and goes on a pixel lower
    m_tabs->setMinimumHeight(88);
    connect(m_tabs, &QTabWidget::currentChanged, this, &MainWindow::giveChartsRoom);
    connect(m_tabs, &QTabWidget::currentChanged, m_events, [this] {
        if (m_followsEvents) {
            QTimer::singleShot(0, m_events, &QTableView::scrollToBottom);  // when it has its height again
        }
    });
    layout->addWidget(m_tabs, 1);
    m_bottomDock->setWidget(bottom);
    addDockWidget(Qt::BottomDockWidgetArea, m_bottomDock);
    resizeDocks({m_bottomDock}, {252}, Qt::Vertical);
}

}  // namespace millrace::studio
