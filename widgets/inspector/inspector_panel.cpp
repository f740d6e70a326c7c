#include "widgets/inspector/inspector_panel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QResizeEvent>
#include <QScrollArea>
#include <QTabBar>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "widgets/charts/sparkline.h"
#include "widgets/controls/row_curtain.h"
#include "widgets/inspector/chain_view.h"
#include "widgets/inspector/fact_label.h"
#include "widgets/inspector/property_editor.h"
#include "widgets/models/losses.h"
#include "widgets/models/object_facts.h"
#include "widgets/models/selection.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace millrace::widgets {

namespace {

constexpr std::size_t sparklinesMax = 12;
constexpr int betweenNameAndValue = 8;  // px

QScrollArea* scrolled(QWidget* page) {
    auto* area = new QScrollArea;
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setWidget(page);
    new RowCurtain(*area);
    return area;
}

}  // namespace

InspectorPanel::InspectorPanel(Selection& selection, QWidget* parent) : QWidget(parent), m_selection(selection) {
    setAccessibleName(tr("Inspector"));
    setMinimumWidth(240);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->setSpacing(4);

    auto* head = new QHBoxLayout;
    head->setContentsMargins(16, 0, 16, 0);
    m_title = new QLabel(this);
    m_title->setFont(textFont(TextRole::Title));
    m_title->setContentsMargins(16, 0, 16, 0);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_state = new QLabel(this);
    const auto makeStep = [this, head](const QString& arrow, const QString& name, void (Selection::*go)()) {
        auto* button = new QToolButton(this);
        button->setText(arrow);
        button->setFixedSize(18, 22);
        button->setStyleSheet(QStringLiteral("padding: 0"));
        button->setAccessibleName(name);
        button->setToolTip(name);
        connect(button, &QToolButton::clicked, &m_selection, go);
        head->addWidget(button, 0, Qt::AlignTop);
        return button;
    };
    head->setSpacing(2);
    m_back = makeStep(QStringLiteral("‹"), tr("Back to what was looked at before (Alt+Left)"), &Selection::goBack);
    m_forward = makeStep(QStringLiteral("›"), tr("Forward again (Alt+Right)"), &Selection::goForward);
    head->addStretch(1);
    head->addWidget(m_state);
    layout->addLayout(head);
    layout->addWidget(m_title);
    m_others = new QLabel(this);
    m_others->setContentsMargins(16, 0, 16, 0);
    m_others->setWordWrap(true);
    m_others->setProperty("role", QStringLiteral("dim"));
    m_others->hide();
    layout->addWidget(m_others);

    m_tabs = new QTabWidget(this);
    m_tabs->setDocumentMode(true);
    m_tabs->setObjectName(QStringLiteral("inspectorTabs"));
    m_tabs->tabBar()->setDrawBase(false);  // the tab that is chosen would break it
    m_properties = new PropertyEditor;
    m_tabs->addTab(m_properties, tr("Properties"));

    m_statePage = new QWidget;
    auto* stateLayout = new QVBoxLayout(m_statePage);
    stateLayout->setContentsMargins(9, 10, 9, 16);
    m_about = new QLabel(m_statePage);
    m_about->setWordWrap(true);
    m_about->setContentsMargins(0, 0, 0, 8);
    m_about->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_about->hide();
    stateLayout->addWidget(m_about);
    m_stateRows = new QVBoxLayout;
    m_stateRows->setSpacing(7);
    stateLayout->addLayout(m_stateRows);
    stateLayout->addStretch(1);
    m_tabs->addTab(scrolled(m_statePage), tr("State"));
    m_statePage->installEventFilter(this);

    auto* metricsPage = new QWidget;
    m_metricsLayout = new QVBoxLayout(metricsPage);
    m_metricsLayout->setContentsMargins(16, 10, 16, 16);
    m_metricsLayout->setSpacing(10);
    m_metricsHint = new QLabel(metricsPage);
    m_metricsHint->setWordWrap(true);
    m_metricsHint->setProperty("role", QStringLiteral("dim"));
    m_metricsLayout->addWidget(m_metricsHint);
    m_metricsLayout->addStretch(1);
    m_tabs->addTab(scrolled(metricsPage), tr("Metrics"));

    m_why = new ChainView;
    m_tabs->addTab(m_why, tr("Why"));
    m_tabs->setCurrentIndex(State);
    layout->addWidget(m_tabs, 1);

    connect(m_properties, &PropertyEditor::propertyEdited, this, &InspectorPanel::propertyEdited);
    connect(m_why, &ChainView::seekRequested, this, &InspectorPanel::seekRequested);
    connect(m_why, &ChainView::objectRequested, this, [this](const QString& id) { m_selection.select(id); });
    connect(m_tabs, &QTabWidget::currentChanged, this, [this] {
        showSheet();
        refresh();
    });
    connect(&m_selection, &Selection::changed, this, [this] {
        m_explained = 0;
        refresh();
    });
    refresh();
}

void InspectorPanel::setSnapshot(observe::SnapshotPtr snapshot) {
    const auto branchOf = [](const observe::SnapshotPtr& of) {
        const auto& branches = of->run.branches;
        const auto current =
            std::find_if(branches.begin(), branches.end(), [](const auto& each) { return each.isCurrent; });
        return current == branches.end() ? 0U : current->id;
    };
    if (snapshot && m_snapshot && branchOf(snapshot) != branchOf(m_snapshot)) {
        m_explained = 0;  // That event need not have happened here.
    }
    m_snapshot = std::move(snapshot);
    refresh();
}

void InspectorPanel::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::StyleChange && m_why != nullptr) {
        refresh();  // what has its colours in its text
    }
}

/// Names and values share a row anew when the page gets another width, also while nothing moves.
bool InspectorPanel::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_statePage && event->type() == QEvent::Resize) {
        const auto* resized = static_cast<QResizeEvent*>(event);
        if (resized->size().width() != resized->oldSize().width()) {
            refreshState();
        }
    }
    return QWidget::eventFilter(watched, event);
}

void InspectorPanel::setSheet(const PropertySheet& sheet, const QString& title, const QString& kind) {
    m_sheet = sheet;
    m_isSheetDue = true;
    showSheet();
    const bool isOther = m_subject != title || m_subjectKind != kind;
    m_subject = title;
    m_subjectKind = kind;
    if (isOther) {
        refresh();
    }
}

/// A sheet is many editors: they are made when somebody looks at them.
void InspectorPanel::showSheet() {
    if (m_tabs->currentIndex() == Properties) {
        (void)properties();
    }
}

PropertyEditor& InspectorPanel::properties() const {
    if (std::exchange(m_isSheetDue, false)) {
        m_properties->setSheet(m_sheet);
    }
    return *m_properties;
}

void InspectorPanel::setEdge(const std::optional<DiagramEdge>& edge) {
    m_edge = edge;
    if (m_edge && m_tabs->currentIndex() > State) {
        showTab(State);  // an edge has nothing on the tabs behind it
    }
    refresh();
}

void InspectorPanel::setScenarioTitle(const QString& title) {
    m_scenarioTitle = title;
    refresh();
}

QString InspectorPanel::title() const {
    return m_titleText;
}

void InspectorPanel::setTitle(const QString& title) {
    m_titleText = title;
    fitTitle();
}

/// As many lines as it needs, three at the most: the rows below it are what the panel is opened for. The tool-tip has
/// all of it.
void InspectorPanel::fitTitle() {
    constexpr int linesMost = 3;
    const QMargins margins = m_title->contentsMargins();
    const QString shown = format::fittingOnLines(m_title->fontMetrics(), {m_titleText},
                                                 std::max(40, width() - margins.left() - margins.right()), linesMost);
    if (m_title->text() != shown) {
        m_title->setText(shown);
    }
    m_title->setToolTip(QString(shown).replace(QLatin1Char('\n'), QLatin1Char(' ')) == m_titleText ? QString()
                                                                                                   : m_titleText);
}

void InspectorPanel::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fitTitle();
}

QString InspectorPanel::runTitle() const {
    const QString own = format::text(m_snapshot->run.scenario);
    const bool hasNone = own.isEmpty() || own == QLatin1String("Untitled");  // as a new scenario is written
    return hasNone && !m_scenarioTitle.isEmpty() ? m_scenarioTitle : own;
}

std::vector<Fact> InspectorPanel::factsOfEdge() const {
    std::vector<Fact> facts{{tr("From"), format::titleOf(m_edge->from), {}},
                            {tr("To"), format::titleOf(m_edge->to), {}}};
    if (!m_edge->label.isEmpty()) {
        facts.push_back({tr("Grouping"), m_edge->label,
                         tr("which task of the receiver gets a tuple; Properties of the receiver set it")});
    }
    const LiveFlow flow = m_snapshot ? liveFlow(*m_snapshot, *m_edge) : LiveFlow();
    if (flow.isKnown) {
        const auto fromKind = observe::kindOf(format::utf8(m_edge->from));
        const bool areRecords = observe::rowOf(fromKind).gives == "records";
        facts.push_back({areRecords ? tr("Records") : tr("Tuples"), format::rate(flow.perSecond), flow.toolTip});
        if (!areRecords) {
            facts.push_back({tr("Queued"), format::count(flow.queued),
                             tr("tuples that wait in the queues of the receiver's executors")});
        }
    }
    return facts;
}

void InspectorPanel::showTab(Tab tab) {
    m_tabs->setCurrentIndex(tab);
}

void InspectorPanel::explain(quint64 journalEntry) {
    m_explained = journalEntry;
    showTab(Why);
    refresh();
}

void InspectorPanel::editProperty(const QString& path) {
    showTab(Properties);
    if (QWidget* editor = m_properties->editorOf(path)) {
        m_properties->ensureWidgetVisible(editor);
        editor->setFocus();
    }
}

void InspectorPanel::refresh() {
    const QString id = m_selection.current();
    m_back->setEnabled(m_selection.canGoBack());
    m_forward->setEnabled(m_selection.canGoForward());
    if (id.isEmpty() && m_edge) {
        setTitle(tr("%1 → %2").arg(format::text(observe::titleOf(format::utf8(m_edge->from))),
                                   format::text(observe::titleOf(format::utf8(m_edge->to)))));
        m_state->setText(tr("a stream"));
        setMeaning(*m_state, Meaning::Dim);
    } else if (id.isEmpty()) {
        setTitle(m_snapshot ? runTitle() : tr("Nothing selected"));
        m_state->setText(m_snapshot ? tr("the run") : QString());
        setMeaning(*m_state, Meaning::Dim);
    } else {
        setTitle(m_subject.isEmpty() ? format::text(observe::titleOf(format::utf8(id))) : m_subject);
    }
    showOthers();
    const observe::JournalEntryView* told = m_explained != 0 && m_snapshot && m_tabs->currentIndex() == Why
                                                ? findEntry(*m_snapshot->journal, m_explained)
                                                : nullptr;
    switch (m_tabs->currentIndex()) {
        case Metrics:
            refreshMetrics();
            break;
        case Why:
            refreshWhy();
            break;
        default:
            break;
    }
    refreshState();
    if (told != nullptr) {
        // The tab explains an event; what it tells of need not be the selection.
        setTitle(format::text(observe::titleOf(told->place)));
        m_state->setText(tr("at %1").arg(format::seconds(told->time)));
        setMeaning(*m_state, Meaning::Dim);
    }
}

/// What has become of all records, where it is not what everybody hopes for.
void InspectorPanel::addOrigins(std::vector<Fact>& facts) const {
    std::int64_t lost = 0;
    std::int64_t givenUp = 0;
    QStringList why;
    for (const observe::LossView& loss : m_snapshot->run.origins.losses) {
        lost += loss.records;
    }
    for (const observe::OriginView& origin : m_snapshot->run.origins.sources) {
        givenUp += origin.failed;
    }
    for (const observe::ProblemView& problem : shortcomingsOf(m_snapshot->run)) {
        why.append(format::text(problem.text));
    }
    if (lost > 0) {
        facts.push_back(
            {tr("Lost"), format::count(lost),
             tr("records that were acknowledged and that no log holds any more\n%1").arg(why.join(QLatin1Char('\n')))});
    }
    if (givenUp > 0) {
        facts.push_back({tr("Given up"), format::count(givenUp),
                         tr("records that a producer could not send in time\n%1").arg(why.join(QLatin1Char('\n')))});
    }
}

/// What is shown is that of one object; of others that are selected too it is said that they are.
void InspectorPanel::showOthers() {
    constexpr int namedMax = 4;
    const QStringList& ids = m_selection.ids();
    QStringList names;
    for (qsizetype i = 0; i + 1 < ids.size() && names.size() < namedMax; ++i) {
        names.append(format::text(observe::titleOf(format::utf8(ids[i]))));
    }
    const qsizetype more = ids.size() - 1 - names.size();
    const QString listed = names.join(QStringLiteral(", ")) + (more > 0 ? tr(" and %1 more").arg(more) : QString());
    m_others->setText(tr("One of %1 that are selected; with it %2").arg(ids.size()).arg(listed));
    m_others->setVisible(!names.isEmpty());
}

void InspectorPanel::refreshState() {
    ObjectFacts facts;
    const QString id = m_selection.current();
    if (m_snapshot && !id.isEmpty()) {
        facts = factsOf(*m_snapshot, id);
        if (facts.facts.empty()) {
            facts.facts.push_back({tr("Nothing to tell of it in this run"), {}, {}});
        }
        m_state->setText(m_subject.isEmpty() ? facts.state : m_subjectKind);
        setMeaning(*m_state,
                   facts.isKnown && facts.life != observe::LifeState::Running ? meaningOf(facts.life) : Meaning::Dim);
    } else if (id.isEmpty() && m_edge) {
        facts.facts = factsOfEdge();
    } else if (m_snapshot) {
        const observe::RunView& run = m_snapshot->run;
        facts.facts = {
            {tr("Time"), format::clock(run.now), {}},
            {tr("Events"), format::count(static_cast<std::int64_t>(run.events)), tr("processed since the start")},
            {tr("Seed"), QString::number(run.seed), {}},
            {tr("Fingerprint"), format::hex64(run.fingerprint), {}},
            {tr("Journal"),
             tr("%1 entries").arg(format::count(static_cast<std::int64_t>(m_snapshot->journal->total))),
             {}},
            {tr("Kept to rewind"),
             run.checkpoints.size() == 1 ? tr("1 checkpoint") : tr("%1 checkpoints").arg(run.checkpoints.size()),
             tr("instants from which the past is run again; how many there are depends on the speed of this machine, "
                "and says nothing about the run")}};
        addOrigins(facts.facts);
        for (const observe::InvariantView& invariant : run.invariants) {
            // How often each was looked at depends on the frames that were drawn: it says nothing about the run.
            facts.facts.push_back(
                {format::text(invariant.name),
                 invariant.holds ? tr("holds") : tr("broken at %1").arg(format::seconds(invariant.violatedAt)),
                 invariant.holds
                     ? tr("%1.\nAn invariant: true at every instant of a correct run. It is looked at every "
                          "100 ms of simulated time, and after every important event")
                           .arg(format::text(invariant.statement))
                     : format::text(invariant.firstViolation)});
        }
    }
    if (!m_snapshot) {
        if (!m_edge || !id.isEmpty()) {
            m_state->clear();
        }
        facts.facts.push_back({tr("Nothing runs yet"), tr("Space starts it"), {}});
    }
    if (m_tabs->currentIndex() != State) {
        return;
    }
    // What the scenario is about comes before the figures of its run.
    const QString about = m_snapshot && id.isEmpty() && !m_edge ? format::text(m_snapshot->run.about) : QString();
    if (m_about->text() != about) {
        m_about->setText(about);
    }
    m_about->setVisible(!about.isEmpty());
    // Labels are kept and refilled: a form that is rebuilt sixty times a second could not be read or copied from.
    const auto wanted = facts.facts.size();
    while (m_stateLabels.size() > wanted) {
        delete m_stateLabels.back().first->parentWidget();
        m_stateLabels.pop_back();
    }
    while (m_stateLabels.size() < wanted) {
        auto* row = new QWidget(m_statePage);
        auto* rowLayout = new QHBoxLayout(row);
        rowLayout->setContentsMargins(0, 0, 0, 0);
        rowLayout->setSpacing(betweenNameAndValue);
        auto* name = new FactLabel(row);
        name->setProperty("role", QStringLiteral("dim"));
        name->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        auto* value = new FactLabel(row);
        value->setAlignment(Qt::AlignRight | Qt::AlignTop);
        value->setFont(textFont(TextRole::Strong));
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        rowLayout->addWidget(name, 1);
        rowLayout->addWidget(value);
        m_stateRows->addWidget(row);
        m_stateLabels.emplace_back(name, value);
    }
    for (std::size_t row = 0; row < wanted; ++row) {
        shareRow(*m_stateLabels[row].first, *m_stateLabels[row].second, facts.facts[row]);
    }
    m_statePage->layout()->activate();  // words are fitted into the room that they have now
    for (std::size_t row = 0; row < wanted; ++row) {
        const Fact& fact = facts.facts[row];
        const auto [name, value] = m_stateLabels[row];
        name->setFact(fact.name, fact.toolTip);
        value->setFact(fact.value, fact.toolTip);
    }
}

/// A value has the width that it needs, at most what a short name leaves, and at least its share where the name is long
/// too: a fingerprint is read whole, and the longest word of a name.
void InspectorPanel::shareRow(const FactLabel& name, FactLabel& value, const Fact& fact) const {
    const auto widthOf = [](const QLabel& label, const QString& words) {
        int widest = 0;
        for (const QString& line : words.split(QLatin1Char('\n'))) {
            widest = std::max(widest, label.fontMetrics().horizontalAdvance(line));
        }
        return widest + 2;
    };
    constexpr double share = 10.0 / 17;
    const QMargins margins = m_statePage->layout()->contentsMargins();
    // Of what is in view: a page that is too wide would never get narrower by its own width.
    const int room = m_statePage->parentWidget()->width() - margins.left() - margins.right() - betweenNameAndValue;
    const int most =
        std::max(static_cast<int>(room * share), room - std::max(name.minimumWidth(), widthOf(name, fact.name)));
    const int width = std::clamp(widthOf(value, fact.value), 1, std::max(1, most));
    if (value.minimumWidth() != width || value.maximumWidth() != width) {
        value.setFixedWidth(width);
    }
}

void InspectorPanel::refreshMetrics() {
    std::vector<std::shared_ptr<const observe::SeriesPage>> pages;
    const std::string id = format::utf8(m_selection.current());
    if (m_snapshot) {
        // A source's deeds are its producer's.
        std::string producer;
        for (const observe::SourceView& source : m_snapshot->sources) {
            producer = source.id == id ? source.producer : producer;
        }
        for (const auto& page : m_snapshot->series) {
            const bool isIts = page->object == id || (!producer.empty() && page->object == producer);
            if (isIts && pages.size() < sparklinesMax) {
                pages.push_back(page);
            }
        }
    }
    while (m_sparklines.size() > pages.size()) {
        delete m_sparklines.back();
        m_sparklines.pop_back();
    }
    while (m_sparklines.size() < pages.size()) {
        auto* sparkline = new Sparkline(static_cast<int>(m_sparklines.size()), this);
        connect(sparkline, &Sparkline::timeClicked, this, &InspectorPanel::seekRequested);
        m_metricsLayout->insertWidget(static_cast<int>(m_sparklines.size()), sparkline);
        m_sparklines.push_back(sparkline);
    }
    for (std::size_t i = 0; i < pages.size(); ++i) {
        m_sparklines[i]->setSeries(pages[i], m_snapshot->run.faults, m_snapshot->run.now, m_snapshot->run.furthest);
    }
    m_metricsHint->setVisible(pages.empty());
    m_metricsHint->setText(id.empty() ? tr("Select something to see its metrics.")
                                      : tr("Nothing is measured here yet."));
}

void InspectorPanel::refreshWhy() {
    if (!m_snapshot) {
        m_why->clear();
        return;
    }
    if (m_explained != 0) {
        m_why->setEntry(m_snapshot, m_explained);
    } else {
        m_why->setObject(m_snapshot, m_selection.current());
    }
}

}  // namespace millrace::widgets
