#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "engine/run/engine.h"
#include "engine/run/report_of.h"
#include "engine/scenario/operators.h"
#include "engine/scenario/scenario_reader.h"

using namespace millrace;
using namespace std::chrono_literals;

namespace {

/// A text with names in place of its at signs. (Raw strings here have pairs of quotes, else moc reads on in them.)
std::string named(std::string text, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        text.replace(text.find('@'), 1, name);
    }
    return text;
}

/// Lines of a file go through the bolts of a test into another file, in a run that is played until it is drained.
class Lines {
public:
    /// `bolts` takes from "parse", which cuts a line into word and number, and ends in "out", which is written.
    Lines(const std::vector<std::string>& lines, const std::string& bolts, const std::string& rate = "max",
          const std::string& more = {}) {
        {
            std::ofstream file(path("in.txt"), std::ios::binary);
            for (const std::string& line : lines) {
                file << line << '\n';
            }
        }
        const std::string text = named(
            R"({"millrace": 1, "title": "bolts", "run": {"seed": 3},
        "hosts": {"z": {}, "b": {}, "m": {}, "n": {"cores": 4}, "d": {}},
        "cluster": {"servers": {"zk1": {"host": "z"}}, "brokers": {"1": {"host": "b"}}},
        "topics": {"t": {"partitions": 1}},
        "sources": {"s": {"kind": "file", "path": "@", "topic": "t", "rate": "@", "start_at": "20s"}},
        "storm": {"nimbus": {"host": "m"}, "supervisors": {"s1": {"host": "n", "slots": 2}}},
        "sinks": {"o": {"kind": "file", "host": "d", "path": "@", "write": "once"}},
        "topologies": {"a": {"config": {"topology.message.timeout.secs": 10},
            "spouts": {"lines": {"kind": "kafka", "topic": "t"}},
            "bolts": {"parse": {"kind": "extract", "pattern": "^(\\w+) (\\d+)$", "fields": ["word", "number"],
                                "inputs": [{"from": "lines"}]}, @,
                      "write": {"kind": "file", "sink": "o", "inputs": [{"from": "out"}]}}}} @})",
            {path("in.txt"), rate, path("out.txt"), bolts, more});
        scenario::ScenarioReading reading = scenario::readScenario(text, {"bolts.json", {}, {}});
        for (const std::string& complaint : reading.complaintTexts("bolts.json")) {
            complaints += complaint + "\n";
        }
        if (!reading.scenario) {
            return;
        }
        run::EngineOptions options;
        options.session.keepsHistory = false;
        auto engine = run::Engine::open(std::move(*reading.scenario), std::move(options));
        if (!engine) {
            qFatal("%s", engine.error().message.c_str());
        }
        run::PlayLimit limit;
        limit.untilDrained = true;
        limit.keepGoing = [](const sim::World& world) { return world.now() < SimTime{1h}; };
        const auto played = (*engine)->play(limit);
        isDrained = played && played->reason == run::StopReason::Drained;
        replayed = run::reportOf(**engine, *played).storm.topologies.front().failedTuples;
        if (const auto finished = (*engine)->finish(); !finished) {
            qFatal("%s", finished.error().message.c_str());
        }
    }

    /// The lines of the sink, sorted, with bars for tabs.
    [[nodiscard]] QString written() const {
        std::ifstream file(path("out.txt"), std::ios::binary);
        QStringList lines;
        for (std::string line; std::getline(file, line);) {
            lines << QString::fromStdString(line).replace(QLatin1Char('\t'), QLatin1Char('|'));
        }
        lines.sort();
        return lines.join(QLatin1Char(' '));
    }

    std::string complaints;
    bool isDrained = false;
    std::int64_t replayed = 0;

private:
    [[nodiscard]] std::string path(const char* name) const {
        return m_folder.filePath(QString::fromLatin1(name)).toStdString();
    }
    QTemporaryDir m_folder;
};

}  // namespace

/// What the bolts of the catalog do to the records of a whole scenario.
class TestBolts : public QObject {
    Q_OBJECT

private slots:
    /// Wherever the blanks stand, and whatever else looks a little like one.
    void aTextIsSplitAtEachBlankAndNowhereElse() {
        const Lines run({"one two\tthree\vfour  five-is-a-long-word six", "\x01\x02odd\x1f marks\x0c",
                         "  größer 語り手は言った", "          ", "seventeen-letters eighteen"},
                        R"("out": {"kind": "split", "field": "value", "inputs": [{"from": "lines"}]})");
        QVERIFY2(run.isDrained, run.complaints.c_str());
        QStringList expected = QString::fromUtf8(
                                   "one two three four five-is-a-long-word six \x01\x02odd\x1f marks "
                                   "größer 語り手は言った seventeen-letters eighteen")
                                   .split(QLatin1Char(' '));
        expected.sort();
        QCOMPARE(run.written(), expected.join(QLatin1Char(' ')));
    }

    void eachRowOfTheCatalogSaysWhatAPersonNeeds() {
        for (const flow::NodeKind node :
             {flow::NodeKind::Source, flow::NodeKind::Spout, flow::NodeKind::Bolt, flow::NodeKind::Sink}) {
            for (const flow::Operator* row : scenario::operatorsOf(node)) {
                const QString kind = QString::fromStdString(std::string(row->kind));
                QVERIFY2(!row->title.empty() && row->help.ends_with('.') && !row->outputs.empty(), qPrintable(kind));
                QVERIFY2(row->meetsBy.empty() || row->find(row->meetsBy) != nullptr, qPrintable(kind));
                for (const std::string_view key : row->summary) {
                    QVERIFY2(row->find(key) != nullptr, qPrintable(kind));
                }
                for (const flow::Parameter& each : row->parameters) {
                    QVERIFY2(each.help.ends_with('.'), qPrintable(kind));
                    const bool isKnown = each.requiredWhen ? row->find(each.requiredWhen->key) != nullptr : true;
                    QVERIFY2(isKnown, qPrintable(kind));
                    const auto& choices = each.choices;
                    const bool isChoice = each.defaultText.empty() || choices.empty() ||
                                          std::find(choices.begin(), choices.end(), each.defaultText) != choices.end();
                    QVERIFY2(isChoice, qPrintable(kind));
                }
            }
        }
    }

    void theFirstOfEachKeyPassesWhileTheKeyIsRemembered() {
        const std::vector<std::string> lines{"a 1", "b 2", "a 3", "c 4", "a 5", "b 6", "c 7"};
        const Lines all(lines, R"("out": {"kind": "deduplicate", "field": "word", "inputs": [{"from": "parse"}]})");
        QVERIFY(all.isDrained);
        QCOMPARE(all.written(), QStringLiteral("a|1|a 1 b|2|b 2 c|4|c 4"));
        // With room for two keys the third pushes the oldest out.
        const Lines two(lines, R"("out": {"kind": "deduplicate", "field": "word", "count": 2,
                                          "inputs": [{"from": "parse"}]})");
        QCOMPARE(two.written(), QStringLiteral("a|1|a 1 a|5|a 5 b|2|b 2 b|6|b 6 c|4|c 4 c|7|c 7"));
    }

    void aKeyIsForgottenAfterItsTime() {
        // Ten a second for three seconds: one passes each second.
        std::vector<std::string> lines;
        for (int i = 0; i < 30; ++i) {
            lines.push_back("a " + std::to_string(i));
        }
        const Lines timed(lines, R"("out": {"kind": "deduplicate", "field": "word", "within": "950ms",
                                            "inputs": [{"from": "parse"}]})",
                          "10/s");
        QCOMPARE(timed.written(), QStringLiteral("a|0|a 0 a|10|a 10 a|20|a 20"));
    }

    void timeCanBeThatOfTheEvents() {
        // Milliseconds: within ten seconds of the first, whatever the order in which they come.
        const Lines timed({"a 1000", "a 5000", "b 9000", "a 10999", "a 11000", "b 2000", "a 12000"},
                          R"("out": {"kind": "deduplicate", "field": "word", "within": "10s", "time": "number",
                                     "inputs": [{"from": "parse"}]})");
        QCOMPARE(timed.written(), QStringLiteral("a|1000|a 1000 a|11000|a 11000 b|9000|b 9000"));
    }

    /// A tuple whose tree failed is no duplicate of itself: dropping it would ack its loss.
    void whatIsSentAgainAfterAFailurePassesAgain() {
        std::vector<std::string> lines;
        for (int i = 10; i < 40; ++i) {
            lines.push_back("k" + std::to_string(i) + " 1");
            lines.push_back("k" + std::to_string(i) + " 2");
        }
        const Lines all(lines, R"("out": {"kind": "deduplicate", "field": "word", "inputs": [{"from": "parse"}]})",
                        "20/s", R"(, "faults": [{"at": "21s", "kind": "power", "target": "host:d", "for": "30s"}])");
        QVERIFY(all.isDrained);
        QVERIFY2(all.replayed > 0, "nothing has failed");
        QStringList wanted;
        for (int i = 10; i < 40; ++i) {
            wanted << QStringLiteral("k%1|1|k%1 1").arg(i);
        }
        QCOMPARE(all.written(), wanted.join(QLatin1Char(' ')));
    }

    void aTimeThatNoFieldHasIsRefusedAtItsPlace() {
        const Lines refused({"a 1"}, R"("out": {"kind": "deduplicate", "field": "word", "time": "when",
                                                "inputs": [{"from": "parse"}]})");
        QVERIFY2(refused.complaints.find("topologies.a.bolts.out.time: the input has no field 'when', only word, "
                                         "number, line") != std::string::npos,
                 refused.complaints.c_str());
    }

    void fieldsAreChosenRenamedAndPutInOrder() {
        const Lines lines({"a 1", "b 2"}, R"("out": {"kind": "project", "fields": ["number as n", "word"],
                                                     "inputs": [{"from": "parse"}]})");
        QVERIFY(lines.isDrained);
        QCOMPARE(lines.written(), QStringLiteral("1|a 2|b"));
    }

    /// What comes next sees the new names, and not the old ones.
    void whoComesNextKnowsTheNewNames() {
        const Lines renamed({"a 1", "a 2"},
                            R"("short": {"kind": "project", "fields": ["word as w"], "inputs": [{"from": "parse"}]},
                               "out": {"kind": "count", "field": "w", "inputs": [{"from": "short",
                                       "grouping": "fields", "fields": ["w"]}]})");
        QCOMPARE(renamed.written(), QStringLiteral("a|1|1 a|2|1"));
        const Lines refused({"a 1"},
                            R"("short": {"kind": "project", "fields": ["word as w"], "inputs": [{"from": "parse"}]},
                               "out": {"kind": "count", "field": "word", "inputs": [{"from": "short"}]})");
        QVERIFY2(refused.complaints.find("topologies.a.bolts.out.field: the input has no field 'word', only w") !=
                     std::string::npos,
                 refused.complaints.c_str());
    }

    void aProjectionThatCannotBeIsRefusedAtItsFields() {
        const auto complaintsOf = [](const char* fields) {
            return Lines({"a 1"}, named(R"("out": {"kind": "project", @ "inputs": [{"from": "parse"}]})", {fields}))
                .complaints;
        };
        for (const auto& [fields, trouble] : std::vector<std::pair<const char*, const char*>>{
                 {R"("fields": ["colour"],)", "topologies.a.bolts.out.fields: the input has no field 'colour'"},
                 {R"("fields": ["word", "number as word"],)", "fields: two fields would be called 'word'"},
                 {R"("fields": [" as x"],)", "fields: ' as x' is no field"},
                 {R"("fields": [],)", "fields: a tuple needs a field"},
                 {"", "topologies.a.bolts.out.fields: \"fields\" is missing: The fields that pass"},
                 {R"("fields": ["word"], "field": "word",)", "\"field\" means nothing for the kind \"project\""}}) {
            const std::string complaints = complaintsOf(fields);
            QVERIFY2(complaints.find(trouble) != std::string::npos, (complaints + " / " + trouble).c_str());
        }
    }
};

QTEST_APPLESS_MAIN(TestBolts)
#include "tst_bolts.moc"
