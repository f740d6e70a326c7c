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
                    const bool isKnown =
                        std::all_of(each.readWhen.begin(), each.readWhen.end(),
                                    [&](const flow::Condition& other) { return row->find(other.key) != nullptr; });
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

    void formulasWorkOutFields() {
        const Lines run({"a 1", "b 20"},
                        R"("out": {"kind": "map", "set": ["twice = integer(number) * 2", "word = upper(word) + ''",
                                                          "size = if(integer(number) > 9, 'big', 'small') + ''"],
                                   "inputs": [{"from": "parse"}]})");
        QVERIFY2(run.isDrained, run.complaints.c_str());
        QCOMPARE(run.written(), QStringLiteral("A|1|a 1|2|small B|20|b 20|40|big"));
    }

    void aConditionLetsTuplesPass() {
        const Lines run({"a 1", "b 20", "c 30"}, R"("out": {"kind": "where", "inputs": [{"from": "parse"}],
                                                            "condition": "number > 9 and word != 'c'"})");
        QVERIFY2(run.isDrained, run.complaints.c_str());
        QCOMPARE(run.written(), QStringLiteral("b|20|b 20"));
        const Lines refused({"a 1"},
                            R"("out": {"kind": "where", "condition": "size > 9", "inputs": [{"from": "parse"}]})");
        QVERIFY2(refused.complaints.find("topologies.a.bolts.out.condition: the input has no field 'size'") !=
                     std::string::npos,
                 refused.complaints.c_str());
        const Lines broken({"a 1"},
                           R"("out": {"kind": "where", "condition": "word ==", "inputs": [{"from": "parse"}]})");
        QVERIFY2(broken.complaints.find("condition: at character 8: a value was expected") != std::string::npos,
                 broken.complaints.c_str());
    }

    void aTableIsLookedUpAndWhatItDoesNotKnowIsMissed() {
        const Lines run({"a 1", "b 2"}, R"("known": {"kind": "lookup", "field": "word", "entries": ["a=Anna", "c=Carl"],
                                                     "as": "name", "inputs": [{"from": "parse"}]},
                            "found": {"kind": "project", "fields": ["name as word"], "inputs": [{"from": "known"}]},
                            "missed": {"kind": "project", "fields": ["word"],
                                       "inputs": [{"from": "known", "stream": "missed"}]},
                            "out": {"kind": "project", "fields": ["word"],
                                    "inputs": [{"from": "found"}, {"from": "missed"}]})");
        QVERIFY2(run.isDrained, run.complaints.c_str());
        QCOMPARE(run.written(), QStringLiteral("Anna b"));
    }

    void aTableOfAFileIsLookedUp() {
        const QTemporaryDir folder;
        const std::string path = folder.filePath(QStringLiteral("names.csv")).toStdString();
        {
            std::ofstream file(path, std::ios::binary);
            file << "short,long,age\na,Anna,7\nb,Berta,8\n";
        }
        const Lines run({"a 1", "b 2"},
                        named(R"("known": {"kind": "lookup", "field": "word", "path": "@", "column": "long",
                                           "as": "name", "inputs": [{"from": "parse"}]},
                                 "out": {"kind": "project", "fields": ["name as word"], "inputs": [{"from": "known"}]})",
                              {path}));
        QVERIFY2(run.isDrained, run.complaints.c_str());
        QCOMPARE(run.written(), QStringLiteral("Anna Berta"));
        const Lines neither({"a 1"}, R"("out": {"kind": "lookup", "field": "word", "inputs": [{"from": "parse"}]})");
        QVERIFY2(neither.complaints.find("a table is needed") != std::string::npos, neither.complaints.c_str());
    }

    void whatIsWrittenInAFormatIsReadAgain() {
        for (const char* const format : {"json", "csv", "framed", "fix"}) {
            const Lines run({"a 1", "b 22"},
                            named(R"("text": {"kind": "format", "format": "@", "inputs": [{"from": "parse"}],
                                              "columns": ["word TEXT", "number INTEGER"]},
                                     "back": {"kind": "parse", "format": "@", "inputs": [{"from": "text"}],
                                              "columns": ["word TEXT", "number INTEGER"]},
                                     "out": {"kind": "map", "set": ["number = number + 1"],
                                             "inputs": [{"from": "back"}]})",
                                  {format, format}));
            QVERIFY2(run.isDrained, run.complaints.c_str());
            QCOMPARE(run.written(), QStringLiteral("a|2 b|23"));
        }
    }

    void aRecordThatFitsNoFormatIsRejectedWithItsReason() {
        const Lines run({"a 1"}, R"("read": {"kind": "parse", "format": "json", "field": "line",
                                             "columns": ["word TEXT"], "inputs": [{"from": "parse"}]},
                                    "out": {"kind": "project", "fields": ["reason"],
                                            "inputs": [{"from": "read", "stream": "rejected"}]})");
        QVERIFY2(run.isDrained, run.complaints.c_str());
        QCOMPARE(run.written(), QStringLiteral("it is no JSON object"));
    }

    /// From its start, which it leaves out, to its end, which it holds: as Storm's.
    void aTumblingWindowSumsUpByTheTimeOfTheEvents() {
        const Lines run({"a 1000", "b 2500", "a 4000", "a 4001", "a 7000"},
                        R"("out": {"kind": "window", "length": "4s", "time": "number", "key": "word", "idle": "2s",
                                   "aggregates": ["count", "max(number) as last", "distinct(line) as lines"],
                                   "inputs": [{"from": "parse"}]})");
        QVERIFY2(run.isDrained, run.complaints.c_str());
        QCOMPARE(run.written(), QStringLiteral("0|4000|a|2|4000|2 0|4000|b|1|2500|1 4000|8000|a|2|7000|2"));
        QCOMPARE(run.replayed, std::int64_t{0});
    }

    void aSlidingWindowHoldsATupleSeveralTimes() {
        const Lines run({"a 1000", "a 3000", "a 5000"},
                        R"("out": {"kind": "window", "length": "4s", "slide": "2s", "time": "number", "idle": "2s",
                                   "inputs": [{"from": "parse"}]})");
        QVERIFY2(run.isDrained, run.complaints.c_str());
        QCOMPARE(run.written(), QStringLiteral("-2000|2000|1 0|4000|2 2000|6000|2 4000|8000|1"));
    }

    /// One that is older than the watermark goes to a stream of its own; with enough lag it is none.
    void aLateTupleGoesToItsOwnStream() {
        const auto late = [](const char* lag) {
            const Lines run(
                {"a 1000", "a 6000", "b 3000", "a 7000"},
                named(R"("sum": {"kind": "window", "length": "4s", "time": "number", "lag": "@", "idle": "2s",
                                             "inputs": [{"from": "parse"}]},
                                     "out": {"kind": "project", "fields": ["line"],
                                             "inputs": [{"from": "sum", "stream": "late"}]})",
                      {lag}),
                "1/s");
            return run.isDrained ? run.written() : QStringLiteral("not drained");
        };
        QCOMPARE(late("0s"), QStringLiteral("b 3000"));
        QCOMPARE(late("3s"), QString());
    }

    void aWindowCanBeANumberOfTuples() {
        const Lines run({"a 1", "a 2", "a 3", "a 4", "a 5"},
                        R"("out": {"kind": "window", "tuples": 2, "idle": "2s", "aggregates": ["last(number) as last"],
                                   "inputs": [{"from": "parse"}]})");
        QVERIFY2(run.isDrained, run.complaints.c_str());
        QCOMPARE(run.written(), QStringLiteral("0|1|2 2|3|4 4|4|5"));
    }

    void aWindowOfArrivalsNeedsNoTimeOfEvents() {
        const Lines run({"a 1", "b 2", "a 3"}, R"("sum": {"kind": "window", "length": "3s", "key": "word",
                                                          "inputs": [{"from": "parse"}]},
                                                  "out": {"kind": "project", "fields": ["word", "count"],
                                                          "inputs": [{"from": "sum"}]})");
        QVERIFY2(run.isDrained, run.complaints.c_str());
        QCOMPARE(run.written(), QStringLiteral("a|2 b|1"));
    }

    /// Tuples of a window that dies come again: none is left out.
    void aWindowLosesNothingWhenItsResultsFail() {
        std::vector<std::string> lines;
        for (int i = 0; i < 60; ++i) {
            lines.push_back("a " + std::to_string(1000 + i * 100));
        }
        const Lines run(lines, R"("sum": {"kind": "window", "length": "3s", "key": "word",
                                          "inputs": [{"from": "parse"}]},
                                  "out": {"kind": "project", "fields": ["count"], "inputs": [{"from": "sum"}]})",
                        "20/s", R"(, "faults": [{"at": "21s", "kind": "power", "target": "host:d", "for": "30s"}])");
        QVERIFY2(run.isDrained, run.complaints.c_str());
        QVERIFY2(run.replayed > 0, "nothing has failed");
        int sum = 0;
        for (const QString& count : run.written().split(QLatin1Char(' '))) {
            sum += count.toInt();
        }
        QVERIFY2(sum >= 60, qPrintable(run.written()));
    }

    void aWindowThatOutlivesTheTimeoutIsRefused() {
        const Lines refused({"a 1"}, R"("out": {"kind": "window", "length": "8s", "inputs": [{"from": "parse"}]})");
        QVERIFY2(refused.complaints.find("topologies.a.bolts.out.length: length and slide are 16.000 s together") !=
                     std::string::npos,
                 refused.complaints.c_str());
        const Lines both({"a 1"}, R"("out": {"kind": "window", "length": "4s", "tuples": 3,
                                             "inputs": [{"from": "parse"}]})");
        QVERIFY2(both.complaints.find("one of the two") != std::string::npos, both.complaints.c_str());
        const Lines odd({"a 1"}, R"("out": {"kind": "window", "length": "4s", "aggregates": ["median(number) as m"],
                                            "inputs": [{"from": "parse"}]
})");
        QVERIFY2(odd.complaints.find("'median(number) as m' is no aggregate") != std::string::npos,
                 odd.complaints.c_str());
    }

    void tuplesWithAKeyInCommonAreJoined() {
        const Lines run({"a 1", "b 2", "a 11", "c 12", "a 13"},
                        R"("small": {"kind": "where", "condition": "number < 10", "inputs": [{"from": "parse"}]},
                           "large": {"kind": "where", "condition": "number >= 10", "inputs": [{"from": "parse"}]},
                           "both": {"kind": "join", "key": "word", "length": "4s",
                                    "inputs": [{"from": "small"}, {"from": "large"}]},
                           "out": {"kind": "project", "fields": ["word", "number", "other_number"],
                                   "inputs": [{"from": "both"}]})");
        QVERIFY2(run.isDrained, run.complaints.c_str());
        QCOMPARE(run.written(), QStringLiteral("a|1|11 a|1|13"));
        const Lines refused({"a 1"}, R"("out": {"kind": "join", "key": "word", "length": "4s",
                                                "inputs": [{"from": "parse"}]})");
        QVERIFY2(refused.complaints.find("a join has two inputs") != std::string::npos, refused.complaints.c_str());
    }

    /// By its own clock, or by tick tuples.
    void theFirstOfARankingAreTold() {
        for (const char* const when : {R"("every": "1s",)", R"("config": {"topology.tick.tuple.freq.secs": 1},)"}) {
            const Lines run({"a 1", "b 5", "c 9", "a 2"},
                            named(R"("first": {"kind": "top", "field": "word", "by": "number", "count": 2, @
                                               "inputs": [{"from": "parse"}]},
                                     "short": {"kind": "project", "fields": ["name", "rank"], "inputs": [{"from": "first"}]},
                                     "out": {"kind": "deduplicate", "field": "name", "inputs": [{"from": "short"}]})",
                                  {when}));
            QVERIFY2(run.written() == QLatin1String("b|2 c|1"), (run.complaints + run.written().toStdString()).c_str());
        }
    }

    /// Whenever the reader of the devices crashes: a reading is missing, gone or written, and what can be sent again is
    /// not gone.
    void everyReadingIsAccountedForWhateverCrashes() {
        for (const char* const keeps : {"", R"("keeps": "0s",)", R"("keeps": "2s",)"}) {
            for (const char* const at : {"21s", "22.3s", "24.55s", "28.9s"}) {
                const std::string text = named(
                    R"({"millrace": 1, "title": "plugs", "run": {"seed": 3},
        "hosts": {"z": {}, "b": {}, "m": {}, "n": {"cores": 4}, "d": {}, "home": {}},
        "cluster": {"servers": {"zk1": {"host": "z"}}, "brokers": {"1": {"host": "b"}}},
        "topics": {"t": {"partitions": 2}},
        "sources": {"s": {"kind": "smart-plugs", "host": "home", "topic": "t", "start_at": "20s", "devices": 10,
                          "every": "100ms", "count": 1000, @
                          "flaws": {"missing": 0.05, "duplicated": 0.02, "late": 0.02, "late_by": "1s"}}},
        "storm": {"nimbus": {"host": "m"}, "supervisors": {"s1": {"host": "n", "slots": 2}}},
        "sinks": {"o": {"kind": "file", "host": "d"}},
        "topologies": {"a": {"spouts": {"lines": {"kind": "kafka", "topic": "t"}},
            "bolts": {"write": {"kind": "file", "sink": "o", "inputs": [{"from": "lines"}]}}}},
        "faults": [{"at": "@", "kind": "crash", "target": "producer:s", "for": "3s"}]})",
                    {keeps, at});
                scenario::ScenarioReading reading = scenario::readScenario(text, {"plugs.json", {}, {}});
                QVERIFY2(reading.scenario.has_value(), reading.complaintTexts("plugs.json").front().c_str());
                run::EngineOptions options;
                options.session.keepsHistory = false;
                auto engine = run::Engine::open(std::move(*reading.scenario), std::move(options));
                QVERIFY(engine.has_value());
                run::PlayLimit limit;
                limit.untilDrained = true;
                limit.keepGoing = [](const sim::World& world) { return world.now() < SimTime{1h}; };
                const auto played = (*engine)->play(limit);
                QVERIFY(played && played->reason == run::StopReason::Drained);
                const run::Report report = run::reportOf(**engine, *played);
                QCOMPARE(report.origins.scores.size(), std::size_t{1});
                const observe::ScoreView& score = report.origins.scores.front();
                QCOMPARE(score.readings, std::int64_t{1'000});
                QCOMPARE(score.sinks.size(), std::size_t{1});
                const observe::SinkScore& sink = score.sinks.front();
                const std::string told = std::string(keeps) + " " + at + ": " + std::to_string(score.missing) +
                                         " missing, " + std::to_string(score.gone) + " gone, " +
                                         std::to_string(sink.readings) + " written";
                const std::int64_t known = score.missing + score.gone + sink.readings;
                // Of a copy that is gone the reading may be there.
                QVERIFY2(known >= score.readings && known <= score.readings + score.copied, told.c_str());
                QVERIFY2(score.missing + sink.readings <= score.readings, told.c_str());
                QVERIFY2((score.gone > 0) == (*keeps != '\0'), told.c_str());
                QCOMPARE(score.canSendAgain, *keeps == '\0');
            }
        }
    }

    void aSourceOfWhichNothingIsRightIsRefused() {
        const auto complaintsOf = [](const std::string& source) {
            const std::string text = named(
                R"({"millrace": 1, "title": "x", "hosts": {"z": {}, "b": {}},
        "cluster": {"servers": {"zk1": {"host": "z"}}, "brokers": {"1": {"host": "b"}}},
        "topics": {"t": {"partitions": 1}}, "sources": {"s": {@, "topic": "t"}}})",
                {source});
            std::string all;
            for (const std::string& each : scenario::readScenario(text, {"x.json", {}, {}}).complaintTexts("x.json")) {
                all += each + "\n";
            }
            return all;
        };
        for (const auto& [source, trouble] : std::vector<std::pair<const char*, const char*>>{
                 {R"("kind": "generator", "keeps": "0s")", "sources.s.keeps: this needs a \"rate\""},
                 {R"("kind": "generator", "flaws": {"late": 0.1})", "sources.s.flaws.late: this needs a \"rate\""},
                 {R"("kind": "generator", "rate": "5/s", "flaws": {"damage": "spike"})",
                  "sources.s.flaws.damage: only values can be damaged so"},
                 {R"("kind": "temperature", "format": "nmea")",
                  "sources.s.format: nmea has a 'latitude', which temperature does not read"},
                 {R"("kind": "temperature", "flaws": {"missing": 2})", "sources.s.flaws.missing"}}) {
            const std::string complaints = complaintsOf(source);
            QVERIFY2(complaints.find(trouble) != std::string::npos, complaints.c_str());
        }
        const std::string fine = complaintsOf(R"("kind": "vehicles", "format": "nmea", "keeps": "5s")");
        QVERIFY2(fine.find("sources.s") == std::string::npos, fine.c_str());
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
