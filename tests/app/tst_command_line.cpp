#include <SQLiteCpp/SQLiteCpp.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QProcessEnvironment>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

namespace {

struct Outcome {
    int status = -1;
    QString out;
    QString err;
};

Outcome millrace(const QStringList& arguments) {
    QProcess process;
    process.start(QStringLiteral(MILLRACE_PROGRAM), arguments);
    constexpr int patience = 120000;
    if (!process.waitForFinished(patience) || process.exitStatus() != QProcess::NormalExit) {
        return {-1, QString(), process.errorString()};
    }
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
}

QString written(const QTemporaryDir& folder, const char* name, const QByteArray& content) {
    const QString path = folder.filePath(QString::fromLatin1(name));
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size() ? path : QString();
}

QJsonObject reportOf(const Outcome& outcome) {
    return QJsonDocument::fromJson(outcome.out.toUtf8()).object();
}

QString withoutWallTime(const QString& report) {
    QStringList lines = report.split(QLatin1Char('\n'));
    lines.removeIf([](const QString& line) { return line.contains(QLatin1String("\"wall_s\"")); });
    return lines.join(QLatin1Char('\n'));
}

/// The first line of a recording of a small cluster.
QByteArray recordingHead() {
    const char* scenario = R"({"millrace": 1, "hosts": {"zk1": {}, "b1": {}, "b2": {}},
        "cluster": {"servers": {"zk1": {"host": "zk1"}}, "brokers": {"1": {"host": "b1"}, "2": {"host": "b2"}}}})";
    const QJsonObject head{{QStringLiteral("millrace_recording"), 1},
                           {QStringLiteral("file"), QStringLiteral("served.json")},
                           {QStringLiteral("settings"), QJsonArray()},
                           {QStringLiteral("seed"), 7},
                           {QStringLiteral("start_ms"), qint64{1795622674758}},
                           {QStringLiteral("scenario"), QString::fromLatin1(scenario)}};
    return QJsonDocument(head).toJson(QJsonDocument::Compact) + '\n';
}

qint64 numberFrom(const QString& database, const char* query) {
    SQLite::Database file(database.toStdString(), SQLite::OPEN_READONLY);
    return file.execAndGet(query).getInt64();
}

const QString audit = QStringLiteral("scenarios/web-log-audit.json");

QString setPath(const QString& sink) {
    return QStringLiteral("sinks.audit.path=") + sink;
}

}  // namespace

class TestCommandLine : public QObject {
    Q_OBJECT

private slots:
    void helpAndVersionAreDone() {
        QCOMPARE(millrace({QStringLiteral("--help")}).status, 0);
        for (const char* command : {"run", "check", "list", "preview"}) {
            const Outcome outcome = millrace({QString::fromLatin1(command), QStringLiteral("--help")});
            QCOMPARE(outcome.status, 0);
            QVERIFY(outcome.out.contains(QLatin1String("Exit status")));
        }
        QVERIFY(millrace({QStringLiteral("--version")}).out.startsWith(QLatin1String("millrace ")));
    }

    void unknownOptionsAndCommandsAreRefused() {
        QCOMPARE(millrace({}).status, 2);
        QCOMPARE(millrace({QStringLiteral("fly")}).status, 2);
        QCOMPARE(millrace({QStringLiteral("run")}).status, 2);
        QCOMPARE(millrace({QStringLiteral("run"), audit, QStringLiteral("--fast")}).status, 2);
        QCOMPARE(millrace({QStringLiteral("run"), audit, QStringLiteral("--report"), QStringLiteral("xml")}).status, 2);
        const Outcome until =
            millrace({QStringLiteral("run"), audit, QStringLiteral("--until"), QStringLiteral("soon")});
        QCOMPARE(until.status, 2);
        QVERIFY(until.err.contains(QLatin1String("--until: \"soon\" is not a duration")));
        QVERIFY(
            millrace({QStringLiteral("chek")})
                .err.contains(QLatin1String("there is no command \"chek\"; did you mean \"check\"?; the commands are "
                                            "run, check, compare, list")));
        for (const char* option : {"--until", "--journal", "--archive"}) {
            const Outcome empty = millrace({QStringLiteral("run"), audit, QString::fromLatin1(option), QString()});
            QCOMPARE(empty.status, 2);
            QVERIFY2(empty.err.contains(QString::fromLatin1(option) + QLatin1String(": it is given and says nothing")),
                     qPrintable(empty.err));
        }
        const auto memory = [](const char* size) {
            return millrace({QStringLiteral("serve"), audit, QStringLiteral("--port"), QStringLiteral("20000"),
                             QStringLiteral("--memory"), QString::fromLatin1(size)})
                .err;
        };
        QVERIFY2(memory("abc").contains(QLatin1String("\"abc\" is not a size; write a number and MB, GB")),
                 qPrintable(memory("abc")));
        QVERIFY2(memory("-1GB").contains(QLatin1String("\"-1GB\" is not a size")), qPrintable(memory("-1GB")));
        for (const char* unprintable : {"\x1b[31m5", "5\nGB"}) {
            QVERIFY2(memory(unprintable).contains(QLatin1String("\\x")), qPrintable(memory(unprintable)));
        }
        for (const char* little : {"1MB", "1m", "63mb", "61MiB", "61mi", "0.06G", "63999k", "63999999", "63 M"}) {
            QVERIFY2(memory(little).contains(QString::fromLatin1(little) +
                                             QLatin1String(" is too little: 64MB are the least")),
                     qPrintable(memory(little)));
        }
        for (const char* enough :
             {"2G", "1gb", "512m", "64M", "62MiB", "62mib", "0.064g", "64000k", "64000000", "1Ti"}) {
            const QString said =
                millrace({QStringLiteral("serve"), QStringLiteral("nowhere.json"), QStringLiteral("--port"),
                          QStringLiteral("20000"), QStringLiteral("--memory"), QString::fromLatin1(enough)})
                    .err;
            QCOMPARE(said, QStringLiteral("nowhere.json: there is no such file\n"));
        }
        for (const char* none : {"2X", "2bb", "i", "GB", "2ki b", "1,5G", "1.G", "b", ".", " "}) {
            QVERIFY2(memory(none).contains(QLatin1String("is not a size")), none);
        }
    }

    void listShowsWhatAScenarioCanBeMadeOf() {
        const Outcome operators = millrace({QStringLiteral("list"), QStringLiteral("operators")});
        QCOMPARE(operators.status, 0);
        QVERIFY2(operators.out.contains(QStringLiteral("bolt extract: Takes the fields out of a line.")),
                 qPrintable(operators.out));
        QVERIFY2(operators.out.contains(QStringLiteral("(required when format is pattern)")),
                 qPrintable(operators.out));
        const Outcome faults = millrace(
            {QStringLiteral("list"), QStringLiteral("faults"), QStringLiteral("--report"), QStringLiteral("json")});
        QCOMPARE(faults.status, 0);
        const QJsonArray rows = QJsonDocument::fromJson(faults.out.toUtf8()).array();
        QVERIFY(!rows.isEmpty());
        QCOMPARE(rows.first().toObject().value(QStringLiteral("name")).toString(), QStringLiteral("crash"));
        QCOMPARE(rows.first().toObject().value(QStringLiteral("undone_by")).toString(), QStringLiteral("restart"));
    }

    void listShowsSettingsAndMetricsWithUnitsAndMeanings() {
        const auto rowOf = [](const char* table, const char* key, const char* name) {
            const Outcome listed = millrace({QStringLiteral("list"), QString::fromLatin1(table),
                                             QStringLiteral("--report"), QStringLiteral("json")});
            const QJsonArray rows = QJsonDocument::fromJson(listed.out.toUtf8()).array();
            const auto found = std::find_if(rows.begin(), rows.end(), [&](const QJsonValue& row) {
                return row.toObject().value(QString::fromLatin1(key)).toString() == QString::fromLatin1(name);
            });
            return found == rows.end() ? QJsonObject() : found->toObject();
        };
        const QJsonObject metric = rowOf("metrics", "id", "bytes_in");
        QCOMPARE(metric.value(QStringLiteral("unit")).toString(), QStringLiteral("B"));
        QCOMPARE(metric.value(QStringLiteral("in_charts")).toString(), QStringLiteral("B/s"));
        QCOMPARE(metric.value(QStringLiteral("whose")).toString(), QStringLiteral("broker"));
        QVERIFY(!metric.value(QStringLiteral("meaning")).toString().isEmpty());
        const QJsonObject setting = rowOf("settings", "key", "linger.ms");
        QCOMPARE(setting.value(QStringLiteral("scope")).toString(), QStringLiteral("Kafka producer"));
        QCOMPARE(setting.value(QStringLiteral("unit")).toString(), QStringLiteral("ms"));
        for (const char* table : {"settings", "metrics"}) {
            const Outcome told = millrace({QStringLiteral("list"), QString::fromLatin1(table)});
            QCOMPARE(told.status, 0);
            QVERIFY(told.out.count(QLatin1Char('\n')) > 50);
        }
        QVERIFY(millrace({QStringLiteral("--help")})
                    .out.contains(QStringLiteral("millrace list operators|settings|faults|metrics")));
    }

    void listNamesTheShippedScenarios() {
        const Outcome outcome = millrace({QStringLiteral("list")});
        QCOMPARE(outcome.status, 0);
        for (const char* name : {"first-steps", "web-log-audit", "broker-failover", "supervisor-loss",
                                 "temperature-alerts", "ad-campaigns"}) {
            QVERIFY(outcome.out.contains(QString::fromLatin1(name)));
        }
    }

    void whereShippedScenariosWereLookedForIsSaid() {
        const QTemporaryDir folder;
        const QString program = folder.filePath(QStringLiteral("millrace"));
        QVERIFY(QFile::copy(QStringLiteral(MILLRACE_PROGRAM), program));
        for (const QStringList& arguments : {QStringList{QStringLiteral("list")},
                                             QStringList{QStringLiteral("check"), QStringLiteral("first-steps")}}) {
            QProcess process;
            process.setWorkingDirectory(folder.path());
            process.start(program, arguments);
            QVERIFY(process.waitForFinished());
            QCOMPARE(process.exitCode(), 2);
            const QString said = QString::fromUtf8(process.readAllStandardError());
            QVERIFY2(said.contains(QLatin1String("share/millrace/scenarios, then scenarios in the working directory")),
                     qPrintable(said));
        }
    }

    void whatComesFromFilesDoesNotSteerATerminal() {
        const QTemporaryDir folder;
        const QString log = folder.filePath(QStringLiteral("strange.log"));
        QFile file(log);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(
            "\x1b[2J\x1b]0;owned\x07 \xc2\x9b"
            "31m hello\ttab\n");
        file.close();
        const Outcome outcome = millrace({QStringLiteral("preview"), log});
        QVERIFY(!outcome.out.contains(QChar(0x1b)) && !outcome.out.contains(QChar(0x07)));
        QVERIFY(!outcome.out.contains(QChar(0x9b)));
        QVERIFY2(outcome.out.contains(QStringLiteral("\\x1b[2J\\x1b]0;owned\\x07")), qPrintable(outcome.out));
        QVERIFY(outcome.out.contains(QStringLiteral("hello\ttab")));
    }

    void whatComesFromFilesLeavesJsonWhatItIs() {
        const QTemporaryDir folder;
        const QString log = folder.filePath(QStringLiteral("strange.log"));
        QFile file(log);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("\x1b[2J \xc2\x9b and \x7f hello\n");
        file.close();
        const Outcome outcome =
            millrace({QStringLiteral("preview"), log, QStringLiteral("--report"), QStringLiteral("json")});
        QVERIFY(!outcome.out.contains(QChar(0x1b)) && !outcome.out.contains(QChar(0x9b)));
        QJsonParseError trouble{};
        const QJsonDocument json = QJsonDocument::fromJson(outcome.out.toUtf8(), &trouble);
        QVERIFY2(trouble.error == QJsonParseError::NoError, qPrintable(trouble.errorString() + outcome.out));
        QVERIFY(QString::fromUtf8(json.toJson()).contains(QString(QChar(0x9b)) + QStringLiteral(" and")));
    }

    void previewShowsHowALogWouldBeRead() {
        const Outcome outcome = millrace({QStringLiteral("preview"), QStringLiteral("scenarios/data/busy-access.log"),
                                          QStringLiteral("--lines"), QStringLiteral("2")});
        QCOMPARE(outcome.status, 0);
        QVERIFY2(outcome.out.contains(QLatin1String("combined format")), qPrintable(outcome.out));
        QCOMPARE(millrace({QStringLiteral("preview"), QStringLiteral("/dev/zero")}).status, 2);
        QCOMPARE(millrace({QStringLiteral("preview"), QStringLiteral("no/such.log")}).status, 2);
    }

    void badInputIsRefusedWithFileLineAndField_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("complaint");
        QFile file(audit);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray whole = file.readAll();
        const auto changed = [&](const char* what, const char* with) { return QByteArray(whole).replace(what, with); };
        QTest::newRow("cut off") << whole.left(900) << QStringLiteral("it may have been cut off");
        QTest::newRow("unknown key")
            << changed("\"partitions\"", "\"partitons\"")
            << QStringLiteral(
                   ":30:25: topics.access.partitons: unknown key \"partitons\"; did you mean \"partitions\"?");
        QTest::newRow("replicas") << changed("\"3\": {\"host\": \"b3\", \"config\": {\"broker.rack\": \"C\"}}",
                                             "\"3\": {\"host\": \"b3\"}")
                                         .replace("\"replicas\": 3", "\"replicas\": 4")
                                  << QStringLiteral(
                                         "topics.access.replicas: 4 replicas need 4 brokers, and the cluster has 3");
        QTest::newRow("no such log") << changed("data/small-access.log", "data/none.log")
                                     << QStringLiteral("sources.log.path: there is no file ");
        QTest::newRow("not text") << QByteArray(
                                         "\x7f"
                                         "ELF\0\1\2",
                                         7)
                                  << QStringLiteral("a zero byte: this is not a text file");
    }
    void badInputIsRefusedWithFileLineAndField() {
        QFETCH(QByteArray, content);
        QFETCH(QString, complaint);
        const QTemporaryDir folder;
        const QString path = written(folder, "bad.json", content);
        for (const char* command : {"check", "run"}) {
            const Outcome outcome = millrace({QString::fromLatin1(command), path});
            QCOMPARE(outcome.status, 2);
            QVERIFY2(outcome.err.contains(complaint), qPrintable(outcome.err));
            QVERIFY(outcome.err.startsWith(path + QLatin1Char(':')));
            QVERIFY(outcome.out.isEmpty());
        }
    }

    void whatOnlyTheEngineCanJudgeIsToldWithItsPlaceToo() {
        QFile file(audit);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QTemporaryDir folder;
        const QString path = written(
            folder, "s.json",
            file.readAll()
                .replace("\"field\": \"status\", \"pattern\"", "\"field\": \"state\", \"pattern\"")
                .replace("data/small-access.log",
                         QFileInfo(QStringLiteral("scenarios/data/small-access.log")).absoluteFilePath().toUtf8()));
        const Outcome outcome = millrace({QStringLiteral("run"), path});
        QCOMPARE(outcome.status, 2);
        QCOMPARE(millrace({QStringLiteral("check"), path}).err, outcome.err);
        QVERIFY2(outcome.err.startsWith(path + QLatin1String(":51:")) &&
                     outcome.err.contains(QLatin1String(": topologies.audit.bolts.errors.field: ")) &&
                     outcome.err.contains(QLatin1String("the input has no field 'state', only host")),
                 qPrintable(outcome.err));
        // All at once: a log that is not there hides nothing of it.
        const Outcome both =
            millrace({QStringLiteral("check"), path, QStringLiteral("--set"),
                      QStringLiteral("sources.log.path=") + folder.filePath(QStringLiteral("none.log"))});
        QCOMPARE(both.status, 2);
        QVERIFY2(both.err.contains(QLatin1String("sources.log.path: there is no file")) &&
                     both.err.contains(QLatin1String("the input has no field 'state', only host")),
                 qPrintable(both.err));
    }

    void threeReplicasOnTwoBrokersAreRefused() {
        const Outcome outcome =
            millrace({QStringLiteral("check"), audit, QStringLiteral("--set"),
                      QStringLiteral("cluster.brokers={\"1\": {\"host\": \"b1\"}, \"2\": {\"host\": \"b2\"}}")});
        QCOMPARE(outcome.status, 2);
        QVERIFY2(outcome.err.contains(
                     QLatin1String("topics.access.replicas: 3 replicas need 3 brokers, and the cluster has 2")),
                 qPrintable(outcome.err));
    }

    void unknownPathsOfSetAreRefused() {
        const Outcome outcome =
            millrace({QStringLiteral("run"), audit, QStringLiteral("--set"), QStringLiteral("sources.lgo.path=x")});
        QCOMPARE(outcome.status, 2);
        QVERIFY2(outcome.err.contains(
                     QLatin1String("sources.lgo.path: --set: there is no \"lgo\" in sources; did you mean \"log\"?")),
                 qPrintable(outcome.err));
    }

    void endlessScenarioCannotBeDrained() {
        const QString endless = QStringLiteral("scenarios/first-steps.json");
        Outcome outcome =
            millrace({QStringLiteral("run"), endless, QStringLiteral("--until"), QStringLiteral("drained")});
        QCOMPARE(outcome.status, 2);
        QVERIFY2(outcome.err.contains(QLatin1String("can never be drained")), qPrintable(outcome.err));
        outcome = millrace({QStringLiteral("run"), endless});
        QCOMPARE(outcome.status, 2);
        const QRegularExpression place(QStringLiteral("^%1:\\d+:\\d+: sources\\.\\w+: it has no end").arg(endless));
        QVERIFY2(outcome.err.contains(place), qPrintable(outcome.err));
        // What a run would refuse is told before.
        outcome = millrace({QStringLiteral("check"), endless, QStringLiteral("--report"), QStringLiteral("json")});
        QCOMPARE(outcome.status, 0);
        const QJsonObject warning = reportOf(outcome)[QLatin1String("complaints")].toArray().last().toObject();
        QCOMPARE(warning[QLatin1String("severity")].toString(), QStringLiteral("warning"));
        QVERIFY(warning[QLatin1String("message")].toString().startsWith(QLatin1String("it has no end")));
        QVERIFY(warning[QLatin1String("line")].toInt() > 1);
    }

    void databasePathThatIsAFolderIsRefused() {
        const QTemporaryDir folder;
        const Outcome outcome =
            millrace({QStringLiteral("run"), audit, QStringLiteral("--set"), setPath(folder.path())});
        QCOMPARE(outcome.status, 2);
        QVERIFY2(outcome.err.contains(QLatin1String("sinks.audit.path: ")) &&
                     outcome.err.contains(QLatin1String("is a folder, and a file is expected")),
                 qPrintable(outcome.err));
    }

    void runReportsAndFillsTheDatabase() {
        const QTemporaryDir folder;
        const QString database = folder.filePath(QStringLiteral("audit.db"));
        const QString journal = folder.filePath(QStringLiteral("journal.jsonl"));
        const QStringList arguments{QStringLiteral("run"),       audit,
                                    QStringLiteral("--set"),     setPath(database),
                                    QStringLiteral("--until"),   QStringLiteral("drained"),
                                    QStringLiteral("--report"),  QStringLiteral("json"),
                                    QStringLiteral("--journal"), journal};
        const Outcome first = millrace(arguments);
        QVERIFY2(first.status == 0, qPrintable(first.err));
        const QJsonObject report = reportOf(first);
        QCOMPARE(report[QLatin1String("stopped")].toString(), QStringLiteral("drained"));
        QCOMPARE(report[QLatin1String("rejected")].toInt(), 4);
        int told = 0;
        for (const QJsonValue& group : report[QLatin1String("rejected_samples")].toArray()) {
            told += group[QLatin1String("count")].toInt();
            QVERIFY(!group[QLatin1String("reason")].toString().isEmpty());
            const QJsonValue sample = group[QLatin1String("samples")].toArray().first();
            QVERIFY(sample[QLatin1String("file")].toString().endsWith(QLatin1String("small-access.log")));
            QVERIFY(sample[QLatin1String("line")].toInt() > 0);
        }
        QCOMPARE(told, 4);
        QCOMPARE(report[QLatin1String("fingerprint")].toString().size(), 16);
        QCOMPARE(numberFrom(database, "SELECT sum(count) FROM status_counts"), 596);
        QCOMPARE(numberFrom(database, "SELECT count(*) FROM rejected"), 4);
        QCOMPARE(numberFrom(database, "SELECT count(*) FROM errors"),
                 numberFrom(database, "SELECT sum(count) FROM status_counts WHERE status >= 400"));
        QFile lines(journal);
        QVERIFY(lines.open(QIODevice::ReadOnly));
        int entries = 0;
        while (!lines.atEnd()) {
            const QJsonDocument entry = QJsonDocument::fromJson(lines.readLine());
            QVERIFY(entry.isObject());
            QCOMPARE(entry.object()[QLatin1String("id")].toInt(), ++entries);
        }
        QVERIFY(entries > 20);

        QVERIFY(QFile::remove(database));
        const Outcome second = millrace(arguments);
        QCOMPARE(withoutWallTime(second.out), withoutWallTime(first.out));
    }

    void fullDiskEndsTheRunAndKeepsWhatWasWritten() {
        const QTemporaryDir folder;
        const QString database = folder.filePath(QStringLiteral("audit.db"));
        QProcess process;
        // Files may not grow beyond 40 KiB, which is what a full disk looks like to a program.
        process.start(
            QStringLiteral("bash"),
            {QStringLiteral("-c"), QStringLiteral("trap '' XFSZ; ulimit -f 40; exec %1 run %2 --until drained --set %3")
                                       .arg(QStringLiteral(MILLRACE_PROGRAM), audit, setPath(database))});
        QVERIFY(process.waitForFinished(120000));
        QCOMPARE(process.exitCode(), 3);
        const QString complaint = QString::fromUtf8(process.readAllStandardError());
        QVERIFY2(complaint.contains(database), qPrintable(complaint));
        QVERIFY(process.readAllStandardOutput().contains("it could not go on; this is what was known until then"));
        const qint64 written = numberFrom(database, "SELECT coalesce(sum(count), 0) FROM status_counts");
        QVERIFY2(written > 0 && written < 596, qPrintable(QString::number(written)));
        QCOMPARE(numberFrom(database, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
    }

    void whoReadsNoFurtherEndsNothing() {
        const QTemporaryDir folder;
        const QString database = folder.filePath(QStringLiteral("a.db"));
        const QString journal = folder.filePath(QStringLiteral("j.jsonl"));
        QProcess process;
        process.start(
            QStringLiteral("bash"),
            {QStringLiteral("-c"),
             QStringLiteral(
                 "%1 run %2 --until 15s --report json --journal %3 --set %4 | head -c 1; echo \" ${PIPESTATUS[0]}\"")
                 .arg(QStringLiteral(MILLRACE_PROGRAM), audit, journal, setPath(database))});
        QVERIFY(process.waitForFinished(120000));
        QCOMPARE(process.readAllStandardOutput(), QByteArray("{ 0\n"));
        QCOMPARE(process.readAllStandardError(), QByteArray());
        QCOMPARE(numberFrom(database, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
        QFile story(journal);
        QVERIFY(story.open(QIODevice::ReadOnly));
        QVERIFY(story.readAll().endsWith("}\n"));
    }

    void aStreamThatIsClosedIsNoFileOfTheRun_data() {
        QTest::addColumn<QString>("closed");
        QTest::addColumn<int>("status");
        QTest::newRow("input") << QStringLiteral("<&-") << 0;
        QTest::newRow("output") << QStringLiteral(">&-") << 3;
        QTest::newRow("complaints") << QStringLiteral("2>&-") << 0;
        QTest::newRow("all") << QStringLiteral("<&- >&- 2>&-") << 3;
    }
    void aStreamThatIsClosedIsNoFileOfTheRun() {
        QFETCH(QString, closed);
        QFETCH(int, status);
        const QTemporaryDir folder;
        const QString journal = folder.filePath(QStringLiteral("j.jsonl"));
        QProcess process;
        process.setWorkingDirectory(folder.path());
        process.start(
            QStringLiteral("bash"),
            {QStringLiteral("-c"), QStringLiteral("exec %1 run %2 --until 1s --journal %3 --set %4 %5")
                                       .arg(QStringLiteral(MILLRACE_PROGRAM), QFileInfo(audit).absoluteFilePath(),
                                            journal, setPath(QStringLiteral("a.db")), closed)});
        QVERIFY(process.waitForFinished(120000));
        QVERIFY2(process.exitCode() == status, process.readAllStandardError().constData());
        QFile story(journal);
        QVERIFY(story.open(QIODevice::ReadOnly));
        while (!story.atEnd()) {
            QVERIFY(QJsonDocument::fromJson(story.readLine()).isObject());  // and nothing of the report
        }
        QVERIFY(!QFileInfo::exists(folder.filePath(QStringLiteral("millrace-failure-1"))));
    }

    void memoryThatIsUsedUpIsAnErrorOfTheMachine() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("a sanitizer has more address space to itself than is left here");
#endif
        const QTemporaryDir folder;
        QProcess process;
        process.setWorkingDirectory(folder.path());
        process.start(QStringLiteral("bash"),
                      {QStringLiteral("-c"),
                       QStringLiteral("ulimit -v 120000; exec %1 run %2 --until 60s --set sources.writer.rate=100000/s")
                           .arg(QStringLiteral(MILLRACE_PROGRAM),
                                QFileInfo(QStringLiteral("scenarios/first-steps.json")).absoluteFilePath())});
        QVERIFY(process.waitForFinished(120000));
        const QByteArray said = process.readAllStandardError();
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QVERIFY2(process.exitCode() == 3, said.constData());
        QVERIFY2(said.contains("memory"), said.constData());
        QVERIFY2(!said.contains("internal error"), said.constData());
    }

    void portsEndAt65535() {
        const Outcome three =
            millrace({QStringLiteral("serve"), audit, QStringLiteral("--port"), QStringLiteral("65535"),
                      QStringLiteral("--set"), setPath(QStringLiteral("x.db"))});
        QCOMPARE(three.status, 2);
        QVERIFY2(three.err.contains(QLatin1String(
                     "--port: the last of the 3 brokers would listen on port 65537, and ports end at 65535")),
                 qPrintable(three.err));
        const QTemporaryDir folder;
        const QString path = written(folder, "s.json", R"({"millrace": 1, "hosts": {"zk1": {}, "b1": {}},
"cluster": {"coordination": "zookeeper", "servers": {"zk1": {"host": "zk1"}}, "brokers": {"1": {"host": "b1"}}}})");
        QProcess server;
        server.start(QStringLiteral(MILLRACE_PROGRAM),
                     {QStringLiteral("serve"), path, QStringLiteral("--port"), QStringLiteral("65535")});
        QByteArray said;
        while (!said.contains("65535") && server.state() != QProcess::NotRunning) {
            server.waitForReadyRead(1000);
            said += server.readAllStandardError();
        }
        if (said.contains("Address already in use")) {
            QSKIP("another program has the last port");
        }
        QVERIFY2(said.contains("ready 127.0.0.1:65535"), said.constData());
        server.terminate();
        QVERIFY(server.waitForFinished(30000));
        QCOMPARE(server.exitCode(), 0);
        QVERIFY(server.readAllStandardOutput().contains("it was told to end"));
    }

    /// Paths in a scenario start at its folder, those that are set at the working directory.
    void pathsThatAreSetStartAtTheWorkingDirectory() {
        const QTemporaryDir folder;
        QVERIFY(QDir(folder.path()).mkpath(QStringLiteral("scenarios")));
        QVERIFY(QDir(folder.path()).mkpath(QStringLiteral("here")));
        written(folder, "scenarios/beside.log", "1\n2\n3\n");
        written(folder, "here/own.log", "1\n");
        written(folder, "scenarios/s.json", R"({"millrace": 1, "hosts": {"zk1": {}, "b1": {}},
"cluster": {"coordination": "zookeeper", "servers": {"zk1": {"host": "zk1"}}, "brokers": {"1": {"host": "b1"}}},
"topics": {"t": {"partitions": 1}},
"sources": {"s": {"kind": "file", "path": "beside.log", "topic": "t", "rate": "1000/s"}}})");
        const auto sentWith = [&](const QStringList& options) {
            QProcess process;
            process.setWorkingDirectory(folder.filePath(QStringLiteral("here")));
            process.start(QStringLiteral(MILLRACE_PROGRAM),
                          QStringList{QStringLiteral("run"), QStringLiteral("../scenarios/s.json"),
                                      QStringLiteral("--report"), QStringLiteral("json")} +
                              options);
            process.waitForFinished(60000);
            const QJsonObject report = QJsonDocument::fromJson(process.readAllStandardOutput()).object();
            return report[QLatin1String("producers")].toArray().first()[QLatin1String("sent")].toInt(-1);
        };
        QCOMPARE(sentWith({}), 3);
        QCOMPARE(sentWith({QStringLiteral("--set"), QStringLiteral("sources.s.path=own.log")}), 1);
        QCOMPARE(sentWith({QStringLiteral("--set"), QStringLiteral("sources.s.path=../scenarios/beside.log")}), 3);
        // A part that is set as a whole is set with its path.
        const QString whole =
            QStringLiteral(R"(sources.s={"kind": "file", "path": "own.log", "topic": "t", "rate": "1000/s"})");
        QCOMPARE(sentWith({QStringLiteral("--set"), whole}), 1);
        QCOMPARE(sentWith({QStringLiteral("--set"), QStringLiteral("sources.s.path=beside.log")}), -1);
    }

    void whatMayNotBeReadIsAnErrorOfTheMachine_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("run") << QStringList{QStringLiteral("run"), QStringLiteral("closed")};
        QTest::newRow("check") << QStringList{QStringLiteral("check"), QStringLiteral("closed")};
        QTest::newRow("serve") << QStringList{QStringLiteral("serve"), QStringLiteral("closed"),
                                              QStringLiteral("--port"), QStringLiteral("29092")};
        QTest::newRow("replay") << QStringList{QStringLiteral("replay"), QStringLiteral("closed")};
        QTest::newRow("preview") << QStringList{QStringLiteral("preview"), QStringLiteral("closed")};
        QTest::newRow("a source") << QStringList{QStringLiteral("run"), QStringLiteral("open.json")};
        QTest::newRow("a source that is checked") << QStringList{QStringLiteral("check"), QStringLiteral("open.json")};
        QTest::newRow("a folder") << QStringList{QStringLiteral("list"), QStringLiteral("shut")};
    }
    void whatMayNotBeReadIsAnErrorOfTheMachine() {
        QFETCH(QStringList, arguments);
        const QTemporaryDir folder;
        written(folder, "closed", "{}");
        written(folder, "open.json", R"({"millrace": 1, "hosts": {"zk1": {}, "b1": {}},
"cluster": {"coordination": "zookeeper", "servers": {"zk1": {"host": "zk1"}}, "brokers": {"1": {"host": "b1"}}},
"topics": {"t": {"partitions": 1}}, "sources": {"s": {"kind": "file", "path": "closed", "topic": "t"}}})");
        QVERIFY(QDir(folder.path()).mkpath(QStringLiteral("shut")));
        QCOMPARE(::chmod(qPrintable(folder.filePath(QStringLiteral("closed"))), 0000), 0);
        QCOMPARE(::chmod(qPrintable(folder.filePath(QStringLiteral("shut"))), 0000), 0);
        QCOMPARE(::chmod(qPrintable(folder.path()), 0755), 0);
        QProcess process;
        process.setWorkingDirectory(folder.path());
        process.setChildProcessModifier([] {
            constexpr uid_t nobody = 65534;  // the superuser may read everything
            if (::geteuid() == 0 && (::setgid(nobody) != 0 || ::setuid(nobody) != 0)) {
                ::_exit(99);
            }
        });
        process.start(QStringLiteral(MILLRACE_PROGRAM), arguments);
        if (!process.waitForStarted(30000)) {
            QSKIP("nobody but its owner may start the program from here");
        }
        QVERIFY(process.waitForFinished(30000));
        const QByteArray said = process.readAllStandardError();
        QVERIFY2(process.exitCode() == 3, said.constData());
        QVERIFY2(said.contains("cannot be read: Permission denied"), said.constData());
    }

    void journalThatCannotBeWrittenIsAnErrorOfTheMachine() {
        const QTemporaryDir folder;
        const Outcome outcome = millrace({QStringLiteral("run"), audit, QStringLiteral("--until"), QStringLiteral("5s"),
                                          QStringLiteral("--set"), setPath(folder.filePath(QStringLiteral("a.db"))),
                                          QStringLiteral("--journal"), QStringLiteral("/dev/full")});
        QCOMPARE(outcome.status, 3);
        QVERIFY2(
            outcome.err.contains(QLatin1String("/dev/full: the journal cannot be written: No space left on device")),
            qPrintable(outcome.err));
        const Outcome missing = millrace(
            {QStringLiteral("run"), audit, QStringLiteral("--journal"), QStringLiteral("no/such/folder/j.jsonl")});
        QCOMPARE(missing.status, 3);
        QVERIFY2(
            missing.err.contains(QLatin1String("there is no folder no/such/folder; name another file with --journal")),
            qPrintable(missing.err));
    }

    void aJournalEndsWithWhatWasCounted() {
        const QTemporaryDir folder;
        const QString path = written(folder, "s.json",
                                     R"({"millrace": 1, "hosts": {"h": {"cores": 4}, "n": {"cores": 4}},
"cluster": {"servers": {"zk1": {"host": "h"}}, "brokers": {"1": {"host": "h"}}}, "topics": {"t": {"partitions": 1}},
"sources": {"s": {"kind": "generator", "topic": "t", "rate": "max", "count": 3000, "size": "10B"}},
"storm": {"nimbus": {"host": "h"}, "supervisors": {"s1": {"host": "n", "slots": 1}}},
"topologies": {"a": {"workers": 1, "spouts": {"lines": {"kind": "kafka", "topic": "t"}},
"bolts": {"parse": {"kind": "extract", "format": "combined", "inputs": [{"from": "lines"}]}}}}})");
        const QString journal = folder.filePath(QStringLiteral("j.jsonl"));
        const Outcome outcome = millrace({QStringLiteral("run"), path, QStringLiteral("--until"),
                                          QStringLiteral("drained"), QStringLiteral("--journal"), journal});
        QVERIFY2(outcome.status == 0, qPrintable(outcome.err));
        QFile file(journal);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QList<QByteArray> lines = file.readAll().split('\n');
        const QJsonObject last = QJsonDocument::fromJson(lines[lines.size() - 2]).object();
        QCOMPARE(last[QLatin1String("kind")].toString(), QStringLiteral("journal.closed"));
        const QJsonObject fields = last[QLatin1String("fields")].toObject();
        const qint64 entries = fields[QLatin1String("entries")].toString().toLongLong();
        const qint64 counted = fields[QLatin1String("counted")].toString().toLongLong();
        QCOMPARE(entries - counted, lines.size() - 2);
        QCOMPARE(counted, qint64{2000});
        const QJsonObject flood = last[QLatin1String("counts")].toArray().first().toObject();
        QCOMPARE(flood[QLatin1String("kind")].toString(), QStringLiteral("ingest.line-rejected"));
        QCOMPARE(flood[QLatin1String("count")].toInt(), 3000);
        QVERIFY(flood[QLatin1String("last_ns")].toDouble() > 0);
    }

    void archiveHoldsTheRun() {
        const QTemporaryDir folder;
        const QString archive = folder.filePath(QStringLiteral("run.db"));
        const Outcome outcome = millrace({QStringLiteral("run"), audit, QStringLiteral("--until"), QStringLiteral("5s"),
                                          QStringLiteral("--set"), setPath(folder.filePath(QStringLiteral("a.db"))),
                                          QStringLiteral("--archive"), archive});
        QVERIFY2(outcome.status == 0, qPrintable(outcome.err));
        QVERIFY(numberFrom(archive, "SELECT count(*) FROM journal") > 10);
    }

    void noOutputTakesThePlaceOfAnotherFileOfTheRun_data() {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QString>("complaint");
        const auto row = [](const char* name, const QStringList& options, const char* complaint) {
            QTest::newRow(name) << options << QString::fromLatin1(complaint);
        };
        const QString journal = QStringLiteral("--journal");
        const QString archive = QStringLiteral("--archive");
        row("journal over the scenario", {journal, QStringLiteral("s.json")},
            ": --journal: s.json is the file of the scenario; write to another one");
        row("journal over the log", {journal, QStringLiteral("data/small-access.log")},
            "is the file of the source \"log\"; write to another one");
        row("archive over the scenario", {archive, QStringLiteral("./s.json")}, "is the file of the scenario");
        row("archive over the database", {archive, QStringLiteral("web-log-audit.db")},
            "is the file of the sink \"audit\"");
        row("archive over the journal", {journal, QStringLiteral("x"), archive, QStringLiteral("x")},
            "--archive: x is the file of --journal");
    }
    void noOutputTakesThePlaceOfAnotherFileOfTheRun() {
        QFETCH(QStringList, options);
        QFETCH(QString, complaint);
        const QTemporaryDir folder;
        QVERIFY(QDir(folder.path()).mkdir(QStringLiteral("data")));
        QVERIFY(QFile::copy(audit, folder.filePath(QStringLiteral("s.json"))));
        QVERIFY(QFile::copy(QStringLiteral("scenarios/data/small-access.log"),
                            folder.filePath(QStringLiteral("data/small-access.log"))));
        QProcess process;
        process.setWorkingDirectory(folder.path());
        process.start(QStringLiteral(MILLRACE_PROGRAM), QStringList{QStringLiteral("run"), QStringLiteral("s.json"),
                                                                    QStringLiteral("--until"), QStringLiteral("1s")} +
                                                            options);
        QVERIFY(process.waitForFinished(60000));
        const QString err = QString::fromUtf8(process.readAllStandardError());
        QCOMPARE(process.exitCode(), 2);
        QVERIFY2(err.contains(complaint), qPrintable(err));
        QCOMPARE(QFileInfo(folder.filePath(QStringLiteral("s.json"))).size(), QFileInfo(audit).size());
    }

    void checkTellsEditorsWhereEachComplaintStands() {
        const QTemporaryDir folder;
        const QString path =
            written(folder, "s.json", "{\"millrace\": 1,\n \"hosts\": {\"h\": {\"cores\": 0}},\n \"faults\": [{}]}");
        const Outcome outcome =
            millrace({QStringLiteral("check"), path, QStringLiteral("--report"), QStringLiteral("json")});
        QCOMPARE(outcome.status, 2);
        const QJsonObject said = reportOf(outcome);
        QCOMPARE(said[QLatin1String("accepted")].toBool(true), false);
        const QJsonArray complaints = said[QLatin1String("complaints")].toArray();
        const QJsonObject first = complaints[0].toObject();
        QCOMPARE(first[QLatin1String("file")].toString(), path);
        QCOMPARE(first[QLatin1String("line")].toInt(), 2);
        QCOMPARE(first[QLatin1String("column")].toInt(), 27);
        QCOMPARE(first[QLatin1String("field")].toString(), QStringLiteral("hosts.h.cores"));
        QCOMPARE(first[QLatin1String("severity")].toString(), QStringLiteral("error"));
        QVERIFY(first[QLatin1String("message")].toString().startsWith(QLatin1String("0 is less than 1")));
        QCOMPARE(complaints[1].toObject()[QLatin1String("field")].toString(), QStringLiteral("faults[0].at"));
        const Outcome good =
            millrace({QStringLiteral("check"), audit, QStringLiteral("--report"), QStringLiteral("json")});
        QCOMPARE(good.status, 0);
        QVERIFY(reportOf(good)[QLatin1String("accepted")].toBool());
    }

    void aFailedCheckKeepsWhatItCanAndWritesWhatAReportNeeds() {
        const QTemporaryDir folder;
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("MILLRACE_TEST_FAILED_CHECK_AT"), QStringLiteral("25s"));
        process.setProcessEnvironment(environment);
        process.setWorkingDirectory(folder.path());
        const QString scenario = QFileInfo(audit).absoluteFilePath();
        process.start(
            QStringLiteral(MILLRACE_PROGRAM),
            {QStringLiteral("run"), scenario, QStringLiteral("--set"), QStringLiteral("sinks.audit.path=a.db"),
             QStringLiteral("--journal"), QStringLiteral("j.jsonl"), QStringLiteral("--report"), QStringLiteral("json"),
             QStringLiteral("--until"), QStringLiteral("drained")});
        QVERIFY(process.waitForFinished(120000));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 3);
        const QString err = QString::fromUtf8(process.readAllStandardError());
        QVERIFY2(err.contains(QLatin1String("internal error: ")) && err.contains(QLatin1String("check failed")),
                 qPrintable(err));
        const QString bundle = folder.filePath(QStringLiteral("millrace-failure-1"));
        QVERIFY2(err.contains(QFileInfo(bundle).canonicalFilePath()), qPrintable(err));
        const QJsonObject report = QJsonDocument::fromJson(process.readAllStandardOutput()).object();
        QCOMPARE(report[QLatin1String("stopped")].toString(), QStringLiteral("failed"));
        QVERIFY(QFileInfo(folder.filePath(QStringLiteral("j.jsonl"))).size() > 1000);
        QVERIFY(numberFrom(folder.filePath(QStringLiteral("a.db")), "SELECT sum(count) FROM status_counts") > 0);
        for (const char* name :
             {"README.txt", "scenario.json", "journal.txt", "sources/1-small-access.log", "sources/README.txt"}) {
            QVERIFY2(QFileInfo(QDir(bundle).filePath(QString::fromLatin1(name))).size() > 0, name);
        }
        QFile readme(QDir(bundle).filePath(QStringLiteral("README.txt")));
        QVERIFY(readme.open(QIODevice::ReadOnly));
        const QByteArray text = readme.readAll();
        for (const char* part : {"millrace run ", "--until drained", "seed       7", "check failed", "time       "}) {
            QVERIFY2(text.contains(part), text.constData());
        }
    }

    void aRefusedRunHasTouchedNoFile_data() {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("complaint");
        const auto row = [](const char* name, const QStringList& options, int status, const char* complaint) {
            QTest::newRow(name) << options << status << QString::fromLatin1(complaint);
        };
        const QString set = QStringLiteral("--set");
        const QString journal = QStringLiteral("--journal");
        const QString archive = QStringLiteral("--archive");
        row("a sink that cannot be opened",
            {journal, QStringLiteral("old.jsonl"), set,
             QStringLiteral("sinks.second={\"kind\": \"sqlite\", \"path\": \"notes.txt\"}")},
            2, "sinks.second.path: ");
        row("a full disk under a sink",
            {journal, QStringLiteral("old.jsonl"), set,
             QStringLiteral("sinks.second={\"kind\": \"file\", \"path\": \"/dev/full\"}")},
            3, "sinks.second.path: /dev/full: No space left on device; name a file that can be written here");
        row("a pipe as a sink",
            {journal, QStringLiteral("old.jsonl"), set,
             QStringLiteral("sinks.second={\"kind\": \"file\", \"path\": \"pipe\"}")},
            2, "is a pipe, and a file is expected");
        row("a journal over notes", {journal, QStringLiteral("notes.txt")}, 2,
            "notes.txt: this file is no journal of a run, and is not replaced");
        row("a journal into a pipe", {journal, QStringLiteral("pipe")}, 2,
            "pipe: the journal cannot be written: this is a pipe");
        row("a journal as a folder", {journal, QStringLiteral(".")}, 2, "this is a folder");
        row("an archive over notes", {archive, QStringLiteral("notes.txt"), journal, QStringLiteral("old.jsonl")}, 2,
            "is no archive of a run");
        row("an archive into a pipe", {archive, QStringLiteral("pipe"), journal, QStringLiteral("old.jsonl")}, 2,
            "is not a file that can be replaced");
        row("an archive on a full disk", {archive, QStringLiteral("/dev/full"), journal, QStringLiteral("old.jsonl")},
            3, "No space left on device; name another file with --archive");
    }
    void aRefusedRunHasTouchedNoFile() {
        QFETCH(QStringList, options);
        QFETCH(int, status);
        QFETCH(QString, complaint);
        const QTemporaryDir folder;
        const QByteArray entry = "{\"id\":1,\"time_ns\":0,\"place\":\"x\",\"kind\":\"y\"}\n";
        written(folder, "old.jsonl", entry);
        written(folder, "notes.txt", "These are my notes, and nobody else's.\n");
        QCOMPARE(mkfifo(qPrintable(folder.filePath(QStringLiteral("pipe"))), 0600), 0);
        {
            SQLite::Database earlier(folder.filePath(QStringLiteral("a.db")).toStdString(),
                                     SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
            earlier.exec("PRAGMA application_id=1296649292");  // of an earlier run: it would be moved aside
            earlier.exec("CREATE TABLE t(x)");
        }
        const QStringList before =
            QDir(folder.path()).entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot);
        QProcess process;
        process.setWorkingDirectory(folder.path());
        process.start(
            QStringLiteral(MILLRACE_PROGRAM),
            QStringList{QStringLiteral("run"), QFileInfo(audit).absoluteFilePath(), QStringLiteral("--until"),
                        QStringLiteral("1s"), QStringLiteral("--set"), QStringLiteral("sinks.audit.path=a.db")} +
                options);
        QVERIFY(process.waitForFinished(30000));
        const QString err = QString::fromUtf8(process.readAllStandardError());
        QVERIFY2(process.exitCode() == status, qPrintable(err));
        QVERIFY2(err.contains(complaint), qPrintable(err));
        QCOMPARE(QDir(folder.path()).entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot), before);
        QFile journal(folder.filePath(QStringLiteral("old.jsonl")));
        QVERIFY(journal.open(QIODevice::ReadOnly));
        QCOMPARE(journal.readAll(), entry);
        QFile notes(folder.filePath(QStringLiteral("notes.txt")));
        QVERIFY(notes.open(QIODevice::ReadOnly));
        QVERIFY(notes.readAll().startsWith("These are my notes"));
    }

    void aDatabaseThatSomebodyHoldsIsAnErrorOfTheMachine_data() {
        QTest::addColumn<QByteArray>("mark");
        QTest::newRow("a foreign one") << QByteArray("PRAGMA application_id=0");
        QTest::newRow("that of an earlier run") << QByteArray("PRAGMA application_id=1296649292");
    }
    void aDatabaseThatSomebodyHoldsIsAnErrorOfTheMachine() {
        QFETCH(QByteArray, mark);
        const QTemporaryDir folder;
        const QString database = folder.filePath(QStringLiteral("a.db"));
        SQLite::Database held(database.toStdString(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        held.exec(mark.constData());
        held.exec("CREATE TABLE other(x)");
        held.exec("BEGIN IMMEDIATE");
        const Outcome outcome = millrace({QStringLiteral("run"), audit, QStringLiteral("--until"), QStringLiteral("1s"),
                                          QStringLiteral("--set"), setPath(database)});
        QCOMPARE(outcome.status, 3);
        QVERIFY2(outcome.err.contains(QLatin1String("sinks.audit.path: ")) &&
                     outcome.err.contains(QLatin1String("database is locked")),
                 qPrintable(outcome.err));
    }

    void filesThatAreNoneAreRefusedAtOnceWhereverTheyAreNamed() {
        const QTemporaryDir folder;
        const QString pipe = folder.filePath(QStringLiteral("pipe"));
        QCOMPARE(mkfifo(qPrintable(pipe), 0600), 0);
        for (const char* command : {"run", "check", "replay"}) {
            for (const QString& path : {pipe, QStringLiteral("/dev/zero"), QStringLiteral("/dev/full"),
                                        QStringLiteral("/"), QStringLiteral("/proc/self/mem")}) {
                const Outcome outcome = millrace({QString::fromLatin1(command), path});
                QCOMPARE(outcome.status, 2);
                QVERIFY2(outcome.err.startsWith(path + QLatin1String(": this is a ")) &&
                             outcome.err.contains(QLatin1String("is expected")),
                         qPrintable(outcome.err));
            }
        }
        const Outcome recorded = millrace({QStringLiteral("serve"), audit, QStringLiteral("--port"),
                                           QStringLiteral("20000"), QStringLiteral("--record"), pipe});
        QCOMPARE(recorded.status, 2);
        QVERIFY2(recorded.err.contains(QLatin1String("this is a pipe, and a file is expected")),
                 qPrintable(recorded.err));
    }

    void anEarlierDatabaseLeavesNoEmptyLogBehind() {
        const QTemporaryDir folder;
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(millrace({QStringLiteral("run"), audit, QStringLiteral("--until"), QStringLiteral("1s"),
                               QStringLiteral("--set"), setPath(folder.filePath(QStringLiteral("a.db")))})
                         .status,
                     0);
        }
        QCOMPARE(
            QDir(folder.path()).entryList(QDir::Files),
            QStringList({QStringLiteral("a.db"), QStringLiteral("a.previous-2.db"), QStringLiteral("a.previous.db")}));
    }

    void optionsThatTakeNoValueOrOnlySomeSaySo() {
        const Outcome quiet = millrace({QStringLiteral("run"), audit, QStringLiteral("--quiet=5")});
        QCOMPARE(quiet.status, 2);
        QVERIFY2(quiet.err.contains(QLatin1String("quiet was given a disallowed flag override")),
                 qPrintable(quiet.err));
        const Outcome report =
            millrace({QStringLiteral("run"), audit, QStringLiteral("--report"), QStringLiteral("xml")});
        QCOMPARE(report.status, 2);
        QVERIFY2(report.err.startsWith(QLatin1String("--report: \"xml\" is neither text nor json")),
                 qPrintable(report.err));
    }

    void aDamagedRecordingIsRefusedWithItsLine_data() {
        QTest::addColumn<QByteArray>("lines");
        QTest::addColumn<QString>("complaint");
        const QByteArray doors =
            R"({"t":0,"e":0,"kind":"doors","payload":[{"broker":1,"host":"b1","port":9092,"real_port":21000}]})";
        const auto row = [](const char* name, const QByteArray& lines, const char* complaint) {
            QTest::newRow(name) << lines << QString::fromLatin1(complaint);
        };
        row("a broker without a door",
            doors + "\n" + R"({"t":0,"e":0,"kind":"client","payload":{"client":1,"did":"open","broker":9}})",
            ":3: client 1 opens a connection to broker 9, and there is no door to that broker");
        row("doors twice", doors + "\n" + doors, ":3: the doors have been opened before");
        row("doors of a broker that is not there",
            R"({"t":0,"e":0,"kind":"doors","payload":[{"broker":7,"host":"b1","port":9092,"real_port":21000}]})",
            ":2: there is no broker 7 on a host b1");
        row("doors on a host that is not there",
            R"({"t":0,"e":0,"kind":"doors","payload":[{"broker":1,"host":"b9","port":9092,"real_port":21000}]})",
            ":2: there is no broker 1 on a host b9");
        row("a port that is none",
            R"({"t":0,"e":0,"kind":"doors","payload":[{"broker":1,"host":"b1","port":99092,"real_port":21000}]})",
            ":2: ");
        row("a client without a door",
            R"({"t":0,"e":0,"kind":"client","payload":{"client":1,"did":"open","broker":1}})",
            ":2: client 1 opens a connection to broker 1, and no door has been opened before");
        row("a negative time", R"({"t":-5,"e":0,"kind":"fault","payload":{"kind":"crash","target":"broker:1"}})",
            ":2: ");
        row("a time without an end",
            R"({"t":9000000000000000000,"e":9,"kind":"fault","payload":{"kind":"crash","target":"broker:1"}})",
            ":2: its time, ");
        row("events that never were",
            R"({"t":1000,"e":99999999,"kind":"fault","payload":{"kind":"crash","target":"broker:1"}})",
            "the recording has had 99999999 events");
        row("a fault that ends before it begins",
            R"({"t":0,"e":0,"kind":"fault","payload":{"kind":"crash","target":"broker:1","for_ns":-1}})", ":2: ");
        row("a share of more than all",
            R"({"t":0,"e":0,"kind":"fault","payload":{"kind":"loss","target":"link:b1-b2","value":2}})", ":2: ");
        row("a time that goes back",
            R"({"t":10,"e":0,"kind":"fault","payload":{"kind":"crash","target":"broker:1"}})"
            "\n"
            R"({"t":5,"e":0,"kind":"fault","payload":{"kind":"crash","target":"broker:1"}})",
            ":3: comes before the input above it");
        row("a second that is left out", R"({"second":2,"fingerprint":"0"})", ":2: the second 1 is expected here");
        row("something behind the end",
            R"({"end_t":0,"events":0,"fingerprint":"0"})"
            "\n"
            R"({"second":1,"fingerprint":"0"})",
            ":3: stands behind the recording's end");
        row("no JSON", "{\"t\":0,", ":2: is not JSON");
        constexpr int depth = 300'000;
        row("lists without an end",
            R"({"t":0,"e":0,"kind":"fault","payload":)" + QByteArray(depth, '[') + QByteArray(depth, ']') + "}",
            ":2: is not JSON");
        row("objects without an end",
            R"({"t":0,"e":0,"kind":"fault","payload":)" + QByteArray("{\"a\":").repeated(depth) + "1" +
                QByteArray(depth, '}') + "}",
            ":2: is not JSON");
        row("a source that is not there", R"({"t":0,"e":0,"kind":"rate","payload":{"producer":"x","per_second":5}})",
            ":2: ");
    }
    void aDamagedRecordingIsRefusedWithItsLine() {
        QFETCH(QByteArray, lines);
        QFETCH(QString, complaint);
        const QTemporaryDir folder;
        const QString path = written(folder, "r.jsonl", recordingHead() + lines + "\n");
        const Outcome outcome = millrace({QStringLiteral("replay"), path});
        QVERIFY2(outcome.status == 2, qPrintable(outcome.err));
        QVERIFY2(outcome.err.startsWith(path) && outcome.err.contains(complaint), qPrintable(outcome.err));
        QVERIFY(!outcome.err.contains(QLatin1String("internal error")));
    }

    void aRecordingWithoutItsEndIsReplayedAndSaysSo() {
        const QTemporaryDir folder;
        const QByteArray crash = R"({"t":0,"e":0,"kind":"fault","payload":{"kind":"crash","target":"broker:1"}})"
                                 "\n";
        for (const QByteArray& cut : {crash, crash + "{\"second\":1,\"finger"}) {
            const QString path = written(folder, "r.jsonl", recordingHead() + cut);
            const Outcome outcome =
                millrace({QStringLiteral("replay"), path, QStringLiteral("--report"), QStringLiteral("json")});
            QVERIFY2(outcome.status == 4, qPrintable(outcome.err));
            QVERIFY2(outcome.err.contains(QLatin1String("r.jsonl:2: the recording has no end")),
                     qPrintable(outcome.err));
            QCOMPARE(reportOf(outcome)[QLatin1String("stopped")].toString(), QStringLiteral("until"));
        }
    }

    /// Documents and recordings of each form that was ever shipped, by the number that they bear.
    void whatWasShippedOnceStillOpens() {
        const QDir forms(QStringLiteral("tests/fixtures"));
        const QStringList all = forms.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        QVERIFY(!all.isEmpty());
        for (const QString& form : all) {
            const Outcome checked =
                millrace({QStringLiteral("check"), forms.filePath(form + QStringLiteral("/scenario.json"))});
            QVERIFY2(checked.status == 0 && checked.out.contains(QLatin1String("nothing is wrong with it")),
                     qPrintable(checked.out + checked.err));
            const Outcome replayed =
                millrace({QStringLiteral("replay"), forms.filePath(form + QStringLiteral("/recording.jsonl")),
                          QStringLiteral("--report"), QStringLiteral("json")});
            QVERIFY2(replayed.status == 0, qPrintable(replayed.err));
            int records = 0;
            for (const QJsonValue& topic : reportOf(replayed)[QLatin1String("topics")].toArray()) {
                for (const QJsonValue& partition : topic[QLatin1String("partitions")].toArray()) {
                    const bool isOurs = topic[QLatin1String("name")].toString() == QLatin1String("lines");
                    records += isOurs ? partition[QLatin1String("log_end_offset")].toInt() : 0;
                }
            }
            QCOMPARE(records, 60 + 5);  // of the source, and of a client
        }
    }

    void whatIsToldToEndEndsInOrder_data() {
        QTest::addColumn<int>("signal");
        QTest::newRow("Ctrl+C") << SIGINT;
        QTest::newRow("kill") << SIGTERM;
        QTest::newRow("hang-up") << SIGHUP;
    }
    void whatIsToldToEndEndsInOrder() {
        QFETCH(int, signal);
        const QTemporaryDir folder;
        const QString journal = folder.filePath(QStringLiteral("run.jsonl"));
        QProcess process;
        process.setChildProcessModifier([] {  // who runs the tests may have them ignored
            for (const int each : {SIGINT, SIGTERM, SIGHUP}) {
                ::signal(each, SIG_DFL);
            }
        });
        process.start(QStringLiteral(MILLRACE_PROGRAM),
                      {QStringLiteral("run"), QStringLiteral("scenarios/first-steps.json"), QStringLiteral("--until"),
                       QStringLiteral("1000000s"), QStringLiteral("--journal"), journal, QStringLiteral("--report"),
                       QStringLiteral("json"), QStringLiteral("--set"),
                       QStringLiteral("sinks.words.path=") + folder.filePath(QStringLiteral("words.db"))});
        const QString database = folder.filePath(QStringLiteral("words.db"));
        const auto hasRows = [&] {
            try {
                return numberFrom(database, "SELECT count(*) FROM words") > 0;
            } catch (const SQLite::Exception&) {
                return false;
            }
        };
        QTRY_VERIFY_WITH_TIMEOUT(hasRows(), 60'000);
        QCOMPARE(::kill(static_cast<pid_t>(process.processId()), signal), 0);
        QTest::qSleep(2);
        ::kill(static_cast<pid_t>(process.processId()), signal);  // a shell and the system both send one
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 1);
        const QJsonObject report = QJsonDocument::fromJson(process.readAllStandardOutput()).object();
        QCOMPARE(report[QLatin1String("stopped")].toString(), QStringLiteral("signal"));
        QFile file(journal);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray text = file.readAll();
        QVERIFY(text.endsWith("}\n"));
        QVERIFY(!QFileInfo::exists(folder.filePath(QStringLiteral("words.db-wal"))));
        QVERIFY(numberFrom(database, "SELECT count(*) FROM words") > 0);
    }

    void anArchiveIsWrittenWhereALinkLeads() {
        const QTemporaryDir folder;
        const QString link = folder.filePath(QStringLiteral("link"));
        QVERIFY(QFile::link(QStringLiteral("run.db"), link));  // nothing is there yet
        for (int i = 0; i < 2; ++i) {
            const Outcome ran = millrace(
                {QStringLiteral("run"), QStringLiteral("scenarios/first-steps.json"), QStringLiteral("--until"),
                 QStringLiteral("1s"), QStringLiteral("--archive"), link, QStringLiteral("--set"),
                 QStringLiteral("sinks.words.path=") + folder.filePath(QStringLiteral("w.db"))});
            QVERIFY2(ran.status == 0, qPrintable(ran.err));
            QVERIFY(QFileInfo(link).isSymLink());
            QVERIFY(QFileInfo(folder.filePath(QStringLiteral("run.db"))).size() > 0);
        }
    }

    void aLakeIsMovedAsideByTheNextRunAndNothingElseIs() {
        const QTemporaryDir folder;
        const auto withLake = [&](const QString& command, const QString& path) {
            QStringList arguments{command, QStringLiteral("scenarios/etl-or-elt.json"), QStringLiteral("--set"),
                                  QStringLiteral("sinks.lake.path=") + path};
            for (const char* other : {"warehouse", "documents", "dead"}) {
                arguments << QStringLiteral("--set")
                          << QStringLiteral("sinks.%1.path=%2/%1").arg(QString::fromLatin1(other), folder.path());
            }
            return millrace(command == QLatin1String("run")
                                ? arguments << QStringLiteral("--until") << QStringLiteral("12s")
                                : arguments);
        };
        const QString lake = folder.filePath(QStringLiteral("lake"));
        QVERIFY(QDir().mkdir(lake));  // an empty one is taken
        for (int i = 0; i < 2; ++i) {
            QCOMPARE(withLake(QStringLiteral("check"), lake).status, 0);
            const Outcome ran = withLake(QStringLiteral("run"), lake);
            QVERIFY2(ran.status == 0, qPrintable(ran.err));
        }
        QVERIFY(QDir(lake + QStringLiteral(".1")).exists());
        const QString foreign = folder.filePath(QStringLiteral("foreign"));
        QVERIFY(QDir().mkdir(foreign));
        static_cast<void>(written(folder, "foreign/mine", "mine"));
        const QString file = written(folder, "file", "mine");
        const QString loop = folder.filePath(QStringLiteral("loop"));
        QVERIFY(QFile::link(loop, loop));
        for (const auto& [path, complaint] : {std::pair(foreign, "there are other files in this folder"),
                                              std::pair(file, "this is a file, and a folder"),
                                              std::pair(loop, "is a link that leads back to itself")}) {
            for (const char* command : {"check", "run"}) {
                const Outcome outcome = withLake(QString::fromLatin1(command), path);
                QCOMPARE(outcome.status, 2);
                QVERIFY2(outcome.err.contains(QLatin1String("sinks.lake.path: ")) &&
                             outcome.err.contains(QLatin1String(complaint)),
                         qPrintable(outcome.err));
            }
        }
    }

    void whatStoodInTheWayOfATextFileIsKeptAndNamed() {
        const QTemporaryDir folder;
        const QString mine = written(folder, "mine", "mine");
        const QStringList arguments{
            QStringLiteral("run"),     QStringLiteral("scenarios/oracle-service-bus.json"),
            QStringLiteral("--set"),   QStringLiteral("sinks.europe.path=") + mine,
            QStringLiteral("--set"),   QStringLiteral("sinks.overseas.path=") + folder.filePath(QStringLiteral("o")),
            QStringLiteral("--set"),   QStringLiteral("sinks.desk.path=") + folder.filePath(QStringLiteral("d.db")),
            QStringLiteral("--until"), QStringLiteral("1s")};
        const Outcome ran = millrace(arguments);
        QVERIFY2(ran.status == 0, qPrintable(ran.err));
        QVERIFY2(ran.err.contains(QStringLiteral("sinks.europe.path: what was there before is %1.1 now").arg(mine)),
                 qPrintable(ran.err));
        QFile kept(mine + QStringLiteral(".1"));
        QVERIFY(kept.open(QIODevice::ReadOnly));
        QCOMPARE(kept.readAll(), QByteArray("mine"));
    }

    void anArchiveThatGotNothingIsAGzipOfNothing() {
        const QTemporaryDir folder;
        const QString empty = folder.filePath(QStringLiteral("dead.gz"));
        QStringList arguments{QStringLiteral("run"),     QStringLiteral("scenarios/etl-or-elt.json"),
                              QStringLiteral("--until"), QStringLiteral("1s"),
                              QStringLiteral("--set"),   QStringLiteral("sinks.dead.path=") + empty};
        for (const char* other : {"warehouse", "documents", "lake"}) {
            arguments << QStringLiteral("--set")
                      << QStringLiteral("sinks.%1.path=%2/%1").arg(QString::fromLatin1(other), folder.path());
        }
        const Outcome ran = millrace(arguments);
        QVERIFY2(ran.status == 0, qPrintable(ran.err));
        const Outcome read = millrace({QStringLiteral("preview"), empty});
        QVERIFY2(read.status == 0 && read.out.contains(QLatin1String("gzip")), qPrintable(read.err));
    }

    void namesThatNoFileCanHaveAreRefusedAtOnce() {
        const QTemporaryDir folder;
        const QString longest = folder.filePath(QString(251, QLatin1Char('b')));
        const QStringList first{
            QStringLiteral("run"),     QStringLiteral("scenarios/first-steps.json"),
            QStringLiteral("--until"), QStringLiteral("1s"),
            QStringLiteral("--set"),   QStringLiteral("sinks.words.path=") + folder.filePath(QStringLiteral("w.db"))};
        const Outcome archive = millrace(first + QStringList{QStringLiteral("--archive"), longest});
        QCOMPARE(archive.status, 2);
        QVERIFY2(archive.err.contains(QLatin1String("the name has 251 bytes, and 230 are the most here")),
                 qPrintable(archive.err));
        for (const char* command : {"check", "run"}) {
            const Outcome sink =
                millrace({QString::fromLatin1(command), audit, QStringLiteral("--set"), setPath(longest)});
            QCOMPARE(sink.status, 2);
            QVERIFY2(sink.err.contains(QLatin1String("sinks.audit.path: the name has 251 bytes")),
                     qPrintable(sink.err));
            const QString zero = written(folder, "zero.json", R"({"millrace": 1, "hosts": {"h": {}},
                "sinks": {"s": {"kind": "sqlite", "path": "new\u0000b"}}})");
            const Outcome hidden = millrace({QString::fromLatin1(command), zero});
            QCOMPARE(hidden.status, 2);
            QVERIFY2(hidden.err.contains(QLatin1String("sinks.s.path: there is a zero byte in the name")),
                     qPrintable(hidden.err));
        }
    }

    void aReplayOfWhatHasNoTimesIsRefusedByTheCheckToo() {
        const QTemporaryDir folder;
        static_cast<void>(written(folder, "a.csv", "x,y\n1,2\n"));
        const QString replays = written(folder, "r.json", R"({"millrace": 1, "hosts": {"h": {}},
            "sources": {"s": {"kind": "replay", "path": "a.csv"}}})");
        for (const char* command : {"check", "run"}) {
            const Outcome outcome = millrace({QString::fromLatin1(command), replays});
            QCOMPARE(outcome.status, 2);
            QVERIFY2(outcome.err.contains(QLatin1String("sources.s.time: ")), qPrintable(outcome.err));
        }
    }

    void aRunWithNothingToDoSaysSo() {
        const QTemporaryDir folder;
        const QString nothing = written(folder, "nothing.json", R"({"millrace": 1, "hosts": {"h": {}},
            "faults": [{"at": "1s", "kind": "slow-cpu", "factor": 2, "target": "host:h"}]})");
        const auto run = [&](const char* until) {
            return millrace({QStringLiteral("run"), nothing, QStringLiteral("--until"), QString::fromLatin1(until)})
                .out;
        };
        QVERIFY2(run("100d").startsWith(QLatin1String("nothing: nothing would happen any more")), "100d");
        QVERIFY2(run("900ms").startsWith(QLatin1String("nothing: the time asked for has come")), "900ms");
    }

    void aFaultThatHitNothingSaysSo() {
        const QTemporaryDir folder;
        QStringList arguments{QStringLiteral("run"),
                              QStringLiteral("scenarios/first-steps.json"),
                              QStringLiteral("--until"),
                              QStringLiteral("2s"),
                              QStringLiteral("--set"),
                              QStringLiteral("sinks.words.path=") + folder.filePath(QStringLiteral("w.db")),
                              QStringLiteral("--set"),
                              QStringLiteral(R"(faults=[{"at":"0s","kind":"crash","target":"controller"},
                                                {"at":"1s","kind":"crash","target":"broker:1"}])")};
        QVERIFY(millrace(arguments).out.contains(QLatin1String("hit nothing")));
        arguments << QStringLiteral("--report") << QStringLiteral("json");
        const QJsonArray faults = reportOf(millrace(arguments))[QLatin1String("faults")].toArray();
        QCOMPARE(faults.size(), 2);
        QVERIFY(faults[0].toObject()[QLatin1String("missed")].toBool());
        QVERIFY(!faults[1].toObject().contains(QLatin1String("missed")));
    }

    void aFileInHdfsThatNoMemoryHoldsIsRefusedByTheCheck() {
        for (const char* setting : {"sources.sentences.count=100000000000", "sources.sentences.size=100MB"}) {
            const Outcome outcome =
                millrace({QStringLiteral("check"), QStringLiteral("scenarios/word-count-batch.json"),
                          QStringLiteral("--set"), QString::fromLatin1(setting)});
            QCOMPARE(outcome.status, 2);
            QVERIFY2(outcome.err.contains(QLatin1String("hadoop.files.sentences.source: these are")),
                     qPrintable(outcome.err));
        }
    }

    void aSourceThatCannotBeReadIsAComplaintWithItsPlace_data() {
        QTest::addColumn<bool>("isHuge");
        QTest::newRow("a packed file that was cut") << false;
        QTest::newRow("a file that no memory holds") << true;
    }
    void aSourceThatCannotBeReadIsAComplaintWithItsPlace() {
        QFETCH(bool, isHuge);
        const QTemporaryDir folder;
        const QString log = written(folder, "x.log", QByteArray::fromHex("1f8b0800000000000003"));
        if (isHuge) {
            QVERIFY(QFile::resize(log, 6LL << 30));  // without a block on the disk
        }
        const QString path = written(folder, "s.json",
                                     R"({"millrace": 1, "hosts": {"zk1": {}, "b1": {}},
"cluster": {"coordination": "zookeeper", "servers": {"zk1": {"host": "zk1"}}, "brokers": {"1": {"host": "b1"}}},
"topics": {"t": {"partitions": 1}},
"sources": {"s": {"kind": "file", "path": "x.log", "topic": "t"}}})");
        const Outcome run = millrace({QStringLiteral("run"), path, QStringLiteral("--until"), QStringLiteral("1s")});
        const Outcome text = millrace({QStringLiteral("check"), path});
        const Outcome json =
            millrace({QStringLiteral("check"), path, QStringLiteral("--report"), QStringLiteral("json")});
        const QString said = path + QStringLiteral(":4:43: sources.s.path: ");
        for (const Outcome* outcome : {&run, &text, &json}) {
            QCOMPARE(outcome->status, 2);
            QVERIFY2(outcome->err.contains(said), qPrintable(outcome->err));
            QVERIFY2(outcome->err.contains(QLatin1String("cut it into pieces")) == isHuge, qPrintable(outcome->err));
        }
        QCOMPARE(reportOf(json)[QLatin1String("accepted")].toBool(true), false);
        const QJsonArray complaints = reportOf(json)[QLatin1String("complaints")].toArray();
        QCOMPARE(complaints.last().toObject()[QLatin1String("line")].toInt(), 4);
    }

    void outputThatCannotBeWrittenIsAnErrorOfTheMachine_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("run") << QStringList{QStringLiteral("run"), audit, QStringLiteral("--until"),
                                            QStringLiteral("1s")};
        QTest::newRow("check") << QStringList{QStringLiteral("check"), audit};
        QTest::newRow("list") << QStringList{QStringLiteral("list")};
        QTest::newRow("help") << QStringList{QStringLiteral("--help")};
    }
    void outputThatCannotBeWrittenIsAnErrorOfTheMachine() {
        QFETCH(QStringList, arguments);
        const QTemporaryDir folder;
        if (arguments.first() == QLatin1String("run")) {
            arguments += {QStringLiteral("--set"), setPath(folder.filePath(QStringLiteral("a.db")))};
        }
        QProcess process;
        process.setStandardOutputFile(QStringLiteral("/dev/full"));
        process.start(QStringLiteral(MILLRACE_PROGRAM), arguments);
        QVERIFY(process.waitForFinished(30'000));
        const QByteArray said = process.readAllStandardError();
        QCOMPARE(process.exitCode(), 3);
        QVERIFY2(said.contains("standard output: what it says cannot be written"), said.constData());
    }

    void seedsThatCannotBeAreRefusedWithTheirRange() {
        for (const char* seed : {"18446744073709551615", "9223372036854775808", "-1", "seven", "7.5", ""}) {
            const Outcome outcome =
                millrace({QStringLiteral("run"), audit, QStringLiteral("--until"), QStringLiteral("1s"),
                          QStringLiteral("--seed"), QString::fromLatin1(seed)});
            QCOMPARE(outcome.status, 2);
            QVERIFY2(outcome.err.contains(QStringLiteral("\"%1\" is not a whole number from 0 to 9223372036854775807")
                                              .arg(QString::fromLatin1(seed))),
                     qPrintable(outcome.err));
        }
    }

    void seedOfTheCommandLineIsThatOfTheRun() {
        const QTemporaryDir folder;
        const Outcome outcome = millrace({QStringLiteral("run"), audit, QStringLiteral("--seed"), QStringLiteral("99"),
                                          QStringLiteral("--until"), QStringLiteral("2s"), QStringLiteral("--report"),
                                          QStringLiteral("json"), QStringLiteral("--set"),
                                          setPath(folder.filePath(QStringLiteral("a.db")))});
        QVERIFY2(outcome.status == 0, qPrintable(outcome.err));
        QCOMPARE(reportOf(outcome)[QLatin1String("seed")].toInt(), 99);
        QCOMPARE(reportOf(outcome)[QLatin1String("simulated_ns")].toDouble(), 2e9);
    }
};

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_command_line.moc"
