#include <SQLiteCpp/SQLiteCpp.h>

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

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
        for (const char* command : {"run", "check", "list"}) {
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
    }

    void listNamesTheShippedScenarios() {
        const Outcome outcome = millrace({QStringLiteral("list")});
        QCOMPARE(outcome.status, 0);
        for (const char* name : {"first-steps", "web-log-audit", "broker-failover", "supervisor-loss"}) {
            QVERIFY(outcome.out.contains(QString::fromLatin1(name)));
        }
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
        QVERIFY2(outcome.err.startsWith(path + QLatin1String(":51:19: topologies.audit.bolts.errors: ")) &&
                     outcome.err.contains(QLatin1String("the input has no field 'state', only host")),
                 qPrintable(outcome.err));
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
        QCOMPARE(millrace({QStringLiteral("run"), endless}).status, 2);
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
        QVERIFY(process.readAllStandardOutput().isEmpty());
        const qint64 written = numberFrom(database, "SELECT coalesce(sum(count), 0) FROM status_counts");
        QVERIFY2(written > 0 && written < 596, qPrintable(QString::number(written)));
        QCOMPARE(numberFrom(database, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
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
