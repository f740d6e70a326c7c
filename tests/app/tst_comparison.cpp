#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTest>
#include <atomic>
#include <chrono>
#include <thread>

#include "app/bridge/run_session.h"
#include "app/bridge/scenario_comparer.h"
#include "engine/scenario/document/edit.h"
#include "tests/app/window_stage.h"
#include "tests/support/synthetic_session.h"
#include "widgets/compare/comparison_charts.h"
#include "widgets/compare/comparison_panel.h"
#include "widgets/compare/comparison_words.h"

using namespace millrace;
using namespace millrace::bridge;
using namespace millrace::studio;
using namespace millrace::widgets;

namespace {

using View = observe::ComparisonView;

QByteArray contentOf(const char* file) {
    QFile source(QString::fromLatin1(file));
    if (!source.open(QIODevice::ReadOnly)) {
        qFatal("%s cannot be read", file);
    }
    return source.readAll();
}

const char* const example = "scenarios/three-engines.json";

View::Row rowOf(View::Better better, std::vector<View::Cell> cells) {
    View::Row row;
    row.title = "latency p50";
    row.unit = "s";
    row.topic = "throughput and latency";
    row.meaning = "from a record to its results";
    row.better = better;
    row.cells = std::move(cells);
    return row;
}

View::Cell cellOf(double mean, double spread = 0) {
    return {mean, mean - spread, mean + spread, spread > 0 ? std::size_t{5} : std::size_t{1}, std::to_string(mean)};
}

observe::ComparisonPtr twoVariants() {
    View view;
    view.title = "Two";
    view.variants = {"storm", "spark"};
    view.repetitions = 5;
    view.isAgainstPass = true;
    view.rows = {rowOf(View::Better::Less, {cellOf(1, 0.1), cellOf(2, 0.1)})};
    view.tables = {{"words", {{300, 300, 0, 0, {}}, {300, 299, 1, 2, {"a stands there 2 times instead of 1"}}}}};
    view.curves = {{{1, 10}, {2, 300}}, {{2, 150}, {3, 300}}};
    view.faultsAt = {1.5};
    view.notes = {{"spark", "left out: crash of supervisor:s1 at 9s: there is none on spark", false}};
    return std::make_shared<const View>(std::move(view));
}

QPushButton* buttonOf(QWidget& widget, const QString& text) {
    for (auto* each : widget.findChildren<QPushButton*>()) {
        if (each->text() == text) {
            return each;
        }
    }
    return nullptr;
}

}  // namespace

/// Variants beside each other: what is said of them, how they run beside a window, and what a person does there.
class TestComparison : public QObject, private WindowStage {
    Q_OBJECT

private slots:
    void initTestCase() { prepare(); }
    void cleanup() { closeWindow(); }

    void theBestIsSaidOnlyWhereItIsTold();
    void thePageTellsFiguresTablesAndNotes();
    void threeEnginesAreComparedBesideAWindow();
    void aComparisonCanBeStopped();
    void whatCannotBeComparedSaysWhy();
    void theWindowOffersItWherePipelinesRunOnSeveral();
    void withoutAComparerThereIsNoSuchCommand();
};

void TestComparison::theBestIsSaidOnlyWhereItIsTold() {
    using Best = std::vector<std::size_t>;
    QCOMPARE(bestOf(rowOf(View::Better::Less, {cellOf(1), cellOf(2)})), Best{0});
    QCOMPARE(bestOf(rowOf(View::Better::More, {cellOf(1), cellOf(2)})), Best{1});
    QCOMPARE(bestOf(rowOf(View::Better::Neither, {cellOf(1), cellOf(2)})), Best{});
    QCOMPARE(bestOf(rowOf(View::Better::Less, {cellOf(1), cellOf(1)})), Best{});  // nothing tells them apart
    // Intervals that overlap do not tell which is better.
    QCOMPARE(bestOf(rowOf(View::Better::Less, {cellOf(1, 0.6), cellOf(2, 0.6)})), Best{});
    QCOMPARE(bestOf(rowOf(View::Better::Less, {cellOf(1, 0.2), cellOf(1.1, 0.2), cellOf(3, 0.2)})), (Best{0, 1}));
    View::Row row = rowOf(View::Better::Less, {cellOf(5), cellOf(9), {}});
    QCOMPARE(bestOf(row), Best{0});  // one of them could not be measured
}

void TestComparison::thePageTellsFiguresTablesAndNotes() {
    ComparisonPanel panel;
    panel.setSubject(QStringLiteral("What would be compared"));
    QCOMPARE(panel.verdict(), QStringLiteral("What would be compared"));
    QVERIFY(!buttonOf(panel, QStringLiteral("Save…"))->isEnabled());
    const auto view = twoVariants();
    panel.setView(view);
    QCOMPARE(panel.verdict(),
             QStringLiteral("storm and spark on the same records, machines, faults and random numbers; 5 "
                            "runs each, means with 95 % intervals"));
    QVERIFY(buttonOf(panel, QStringLiteral("Save…"))->isEnabled());
    const auto figures = figureRecords(*view);
    QCOMPARE(figures.size(), std::size_t{2});  // the topic, and its figure
    QCOMPARE(figures[0].cells[0].text, QStringLiteral("Throughput and latency"));
    QCOMPARE(figures[1].cells[0].text, QStringLiteral("latency p50, s"));
    QCOMPARE(figures[1].cells[1].meaning, Meaning::Good);
    QCOMPARE(figures[1].cells[2].meaning, Meaning::Plain);
    const auto differences = differenceRecords(*view);
    QCOMPARE(differences[0].cells[3].meaning, Meaning::Good);
    QCOMPARE(differences[1].cells[4].meaning, Meaning::Bad);
    QVERIFY(differences[1].cells[6].text.contains(QStringLiteral("instead of 1")));
    QCOMPARE(noteRecords(*view).size(), std::size_t{1});
    panel.setStale(true);
    QVERIFY(panel.verdict().endsWith(QStringLiteral("The scenario was edited since")));
    panel.setView(nullptr, QStringLiteral("The comparison was stopped"));
    QVERIFY(panel.verdict().startsWith(QStringLiteral("The comparison was stopped")));
    QCOMPARE(panel.views(), (QStringList{QStringLiteral("results"), QStringLiteral("figure"), QStringLiteral("tables"),
                                         QStringLiteral("notes")}));
    for (const QString& each : panel.views()) {
        panel.showView(each);
        panel.resize(900, 400);
        QVERIFY(!panel.grab().isNull());
    }
}

void TestComparison::threeEnginesAreComparedBesideAWindow() {
    ComparisonRunner runner(scenarioComparer());
    ComparisonAnswer answer;
    connect(&runner, &ComparisonRunner::ended, this, [&](const ComparisonAnswer& came) { answer = came; });
    QSignalSpy ended(&runner, &ComparisonRunner::ended);
    runner.start({contentOf(example).toStdString(), example, {}, 1});
    QVERIFY(runner.isRunning());
    // The run of the window goes on meanwhile, on the engine's thread.
    std::atomic<bool> isEnough{false};
    std::thread shown([&] {
        RunSession session;
        static_cast<void>(session.open({contentOf(example).toStdString(), example, false}, isEnough));
        while (!isEnough && !session.hasEnded()) {
            session.advance(session.now() + std::chrono::seconds{1}, std::chrono::milliseconds{50});
            static_cast<void>(session.snapshot(Detail::Complete));
        }
    });
    const bool hasEnded = ended.wait(100'000);
    isEnough = true;
    shown.join();
    QVERIFY(hasEnded);
    QVERIFY2(answer.view, answer.trouble.c_str());
    QCOMPARE(answer.view->variants, (std::vector<std::string>{"storm", "spark", "hadoop"}));
    QVERIFY(answer.view->rows.size() > 10 && answer.view->curves.size() == 3);
    for (const View::Difference& each : answer.view->tables.front().variants) {
        QCOMPARE(each.equal, each.rows);
    }
    QVERIFY(answer.html.starts_with("<!DOCTYPE html>") && answer.json.starts_with("{") && !answer.text.empty());
}

void TestComparison::aComparisonCanBeStopped() {
    ComparisonRunner runner(scenarioComparer());
    ComparisonAnswer answer;
    connect(&runner, &ComparisonRunner::ended, this, [&](const ComparisonAnswer& came) { answer = came; });
    QSignalSpy stepped(&runner, &ComparisonRunner::stepped);
    QSignalSpy ended(&runner, &ComparisonRunner::ended);
    runner.start({contentOf(example).toStdString(), example, {}, 1000});
    QVERIFY(stepped.wait(30'000));
    runner.cancel();
    QVERIFY(ended.wait(30'000));
    QVERIFY(!answer.view && answer.trouble.empty());
    runner.start({contentOf(example).toStdString(), example, {}, 1000});  // ends with the runner
}

void TestComparison::whatCannotBeComparedSaysWhy() {
    const auto trouble = [](const std::string& text, std::vector<std::string> others = {}) {
        return QString::fromStdString(
            scenarioComparer()({text, "s.json", std::move(others), 1}, [](const ComparisonStep&) {
                return true;
            }).trouble);
    };
    QVERIFY(trouble("{").startsWith(QStringLiteral("s.json:1:")));
    const QString endless = trouble(R"({"millrace": 1, "hosts": {"a": {}},
        "sources": {"s": {"kind": "generator", "host": "a", "rate": "5/s", "topic": "t"}}, "topics": {"t": {}},
        "cluster": {"servers": {"z": {"host": "a"}}, "brokers": {"1": {"host": "a"}},
                    "config": {"offsets.topic.replication.factor": 1}}})");
    QVERIFY2(endless.contains(QStringLiteral("sources.s")) && endless.contains(QStringLiteral("no end")),
             qPrintable(endless));
    const QString missing = trouble(contentOf(example).toStdString(), {"no/such.json"});
    QVERIFY2(missing.contains(QStringLiteral("no/such.json")), qPrintable(missing));
}

void TestComparison::theWindowOffersItWherePipelinesRunOnSeveral() {
    StudioOptions options;
    options.playOnOpen = false;
    options.comparer = [](const ComparisonRequest& request, const std::function<bool(const ComparisonStep&)>&) {
        ComparisonAnswer answer;
        answer.view = request.repetitions == 1 ? twoVariants() : nullptr;
        return answer;
    };
    m_window = std::make_unique<MainWindow>([] { return std::make_unique<support::SyntheticSession>(); }, options);
    m_window->show();
    auto* tabs = m_window->findChild<QTabWidget*>(QStringLiteral("bottomTabs"));
    ComparisonPanel& panel = m_window->comparison()->panel();
    QVERIFY(!tabs->isTabVisible(tabs->indexOf(&panel)));
    QString complaint;
    QVERIFY(m_window->document().load(contentOf(example), QString::fromLatin1(example), complaint));
    QVERIFY(tabs->isTabVisible(tabs->indexOf(&panel)));
    QVERIFY2(panel.verdict().contains(QStringLiteral("hadoop, spark, storm")), qPrintable(panel.verdict()));
    QVERIFY(m_window->showPage(QStringLiteral("compare/tables")));
    QCOMPARE(tabs->currentWidget(), static_cast<QWidget*>(&panel));
    QSignalSpy ended(m_window->comparison(), &ComparisonControl::ended);
    QTest::mouseClick(buttonOf(panel, QStringLiteral("Compare")), Qt::LeftButton);
    QVERIFY(buttonOf(panel, QStringLiteral("Stop")) != nullptr);
    QVERIFY(ended.wait(10'000));
    QVERIFY(panel.verdict().startsWith(QStringLiteral("storm and spark")));
    // An edit that a run depends on makes it one of an earlier state.
    m_window->document().apply(QStringLiteral("seed"),
                               *scenario::withValue(m_window->document().root(), scenario::Path({"run", "seed"}),
                                                    scenario::Value::integer(99)));
    QVERIFY(panel.verdict().endsWith(QStringLiteral("The scenario was edited since")));
    m_window->document().undoStack().undo();
    QVERIFY(!panel.verdict().endsWith(QStringLiteral("The scenario was edited since")));
}

void TestComparison::withoutAComparerThereIsNoSuchCommand() {
    openWindow();
    QVERIFY(m_window->comparison() == nullptr);
    for (const QAction* action : m_window->allActions()) {
        QVERIFY(!action->text().startsWith(QStringLiteral("Compare")));
    }
    QVERIFY(!m_window->showPage(QStringLiteral("compare")));
}

QTEST_MAIN(TestComparison)
#include "tst_comparison.moc"
