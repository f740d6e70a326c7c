#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTest>
#include <QThread>
#include <atomic>
#include <chrono>
#include <stdexcept>
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
    view.rows[0].cells[0].isBest = true;
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

    void thePageTellsFiguresTablesAndNotes();
    void threeEnginesAreComparedBesideAWindow();
    void aComparisonCanBeStopped();
    void whatCannotBeComparedSaysWhy();
    void theWindowOffersItWherePipelinesRunOnSeveral();
    void anotherDocumentBeginsAnew();
    void whatBreaksInItIsSaid();
    void withoutAComparerThereIsNoSuchCommand();

private:
    void openWith(Comparer comparer);
};

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
    // What was there before stays, and is said to be there.
    panel.setNothing(QStringLiteral("s.json: no end"));
    QVERIFY2(panel.verdict().startsWith(QStringLiteral("s.json: no end. Below: storm and spark")),
             qPrintable(panel.verdict()));
    panel.setNothing({});
    QVERIFY(panel.verdict().startsWith(QStringLiteral("storm and spark")));
    panel.setSubject(QStringLiteral("What would be compared"), QStringLiteral("This cannot run yet"));
    QVERIFY(!buttonOf(panel, QStringLiteral("Compare"))->isEnabled());
    panel.setSubject(QStringLiteral("What would be compared"));
    QCOMPARE(panel.views(), (QStringList{QStringLiteral("results"), QStringLiteral("figure"), QStringLiteral("tables"),
                                         QStringLiteral("notes")}));
    for (const QString& each : panel.views()) {
        panel.showView(each);
        panel.resize(900, 400);
        static_cast<void>(panel.grab());  // painting it breaks nothing
    }
    panel.clear();
    QCOMPARE(panel.verdict(), QStringLiteral("What would be compared"));
    QVERIFY(!buttonOf(panel, QStringLiteral("Save…"))->isEnabled());
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
    QVERIFY2(endless.startsWith(QStringLiteral("s.json: sources.s")) && endless.contains(QStringLiteral("no end")),
             qPrintable(endless));
    const QString missing = trouble(contentOf(example).toStdString(), {"no/such.json"});
    QVERIFY2(missing.contains(QStringLiteral("no/such.json")), qPrintable(missing));
}

void TestComparison::openWith(Comparer comparer) {
    StudioOptions options;
    options.playOnOpen = false;
    options.comparer = std::move(comparer);
    m_window = std::make_unique<MainWindow>([] { return std::make_unique<support::SyntheticSession>(); }, options);
    m_window->show();
}

void TestComparison::theWindowOffersItWherePipelinesRunOnSeveral() {
    openWith([](const ComparisonRequest& request, const std::function<bool(const ComparisonStep&)>&) {
        ComparisonAnswer answer;
        const bool isRight = request.repetitions == 1 && request.others.empty() &&
                             QString::fromStdString(request.file).endsWith(QLatin1String(example)) &&
                             request.text.find("\"seed\": 11") != std::string::npos;
        answer.view = isRight ? twoVariants() : nullptr;
        answer.html = "<html>";
        answer.json = "{}";
        return answer;
    });
    auto* tabs = m_window->findChild<QTabWidget*>(QStringLiteral("bottomTabs"));
    ComparisonPanel& panel = m_window->comparison()->panel();
    QVERIFY(!tabs->isTabVisible(tabs->indexOf(&panel)));
    QString complaint;
    QVERIFY(m_window->document().load(contentOf(example), QString::fromLatin1(example), complaint));
    QVERIFY(tabs->isTabVisible(tabs->indexOf(&panel)));
    QVERIFY2(panel.verdict().contains(QStringLiteral("storm, spark, hadoop")), qPrintable(panel.verdict()));
    QVERIFY(m_window->showPage(QStringLiteral("compare/tables")));
    QVERIFY(!m_window->showPage(QStringLiteral("compare/nosuch")));
    QCOMPARE(tabs->currentWidget(), static_cast<QWidget*>(&panel));
    QSignalSpy ended(m_window->comparison(), &ComparisonControl::ended);
    QTest::mouseClick(buttonOf(panel, QStringLiteral("Compare")), Qt::LeftButton);
    QVERIFY(buttonOf(panel, QStringLiteral("Stop")) != nullptr);
    QVERIFY(ended.wait(10'000));
    QVERIFY2(panel.verdict().startsWith(QStringLiteral("storm and spark")), qPrintable(panel.verdict()));
    // An edit that a run depends on makes it one of an earlier state.
    m_window->document().apply(QStringLiteral("seed"),
                               *scenario::withValue(m_window->document().root(), scenario::Path({"run", "seed"}),
                                                    scenario::Value::integer(99)));
    QVERIFY(panel.verdict().endsWith(QStringLiteral("The scenario was edited since")));
    m_window->document().undoStack().undo();
    QVERIFY(!panel.verdict().endsWith(QStringLiteral("The scenario was edited since")));
    for (const auto& [name, content] : {std::pair("a.json", "{}"), std::pair("b.HTML", "<html>")}) {
        const QString file = m_folder.filePath(QString::fromLatin1(name));
        m_window->comparison()->saveTo(file);
        QCOMPARE(contentOf(qPrintable(file)), QByteArray(content));
    }
}

/// Figures of one scenario are never shown under another, nor those that come late.
void TestComparison::anotherDocumentBeginsAnew() {
    std::atomic<bool> goesOn{true};
    openWith([&](const ComparisonRequest&, const std::function<bool(const ComparisonStep&)>& step) {
        while (step({0, 2, "storm", 1}) && goesOn) {
            QThread::msleep(5);
        }
        ComparisonAnswer answer;
        answer.view = twoVariants();
        return answer;
    });
    ComparisonPanel& panel = m_window->comparison()->panel();
    QString complaint;
    QVERIFY(m_window->document().load(contentOf(example), QString::fromLatin1(example), complaint));
    QSignalSpy ended(m_window->comparison(), &ComparisonControl::ended);
    m_window->comparison()->start(1);
    QVERIFY(m_window->document().load(contentOf("scenarios/first-steps.json"), QStringLiteral("f.json"), complaint));
    QVERIFY(ended.wait(10'000));
    QVERIFY2(panel.verdict().startsWith(QStringLiteral("This scenario as it is")), qPrintable(panel.verdict()));
    QVERIFY(!buttonOf(panel, QStringLiteral("Save…"))->isEnabled());
    goesOn = false;
    m_window->comparison()->start(1);
    QVERIFY(ended.wait(10'000));
    QVERIFY(panel.verdict().startsWith(QStringLiteral("storm and spark")));
    auto* tabs = m_window->findChild<QTabWidget*>(QStringLiteral("bottomTabs"));
    m_window->document().startNew();
    QVERIFY(!tabs->isTabVisible(tabs->indexOf(&panel)));
}

void TestComparison::whatBreaksInItIsSaid() {
    openWith([](const ComparisonRequest&, const std::function<bool(const ComparisonStep&)>&) -> ComparisonAnswer {
        throw std::runtime_error("a rule of the program");
    });
    QSignalSpy ended(m_window->comparison(), &ComparisonControl::ended);
    m_window->comparison()->start(1);
    QVERIFY(ended.wait(10'000));
    QVERIFY(ended.first().first().toString().contains(QStringLiteral("internal error: a rule of the program")));
    QVERIFY(m_window->comparison()->panel().verdict().contains(QStringLiteral("a rule of the program")));
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
