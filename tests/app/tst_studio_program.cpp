#include <sys/stat.h>

#include <QFile>
#include <QFileInfo>
#include <QImage>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <string>

namespace {

struct Outcome {
    int status = -1;
    QString out;
    QString err;
};

enum class Screen { None, Offscreen };

Outcome studio(const QStringList& arguments, Screen display, const QString& failsAt = {}) {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char* variable : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) {
        environment.remove(QString::fromLatin1(variable));
    }
    if (display == Screen::Offscreen) {
        environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
    }
    if (!failsAt.isEmpty()) {
        environment.insert(QStringLiteral("MILLRACE_TEST_FAILED_CHECK_AT"), failsAt);
        process.setWorkingDirectory(QFileInfo(arguments.last()).path());
    }
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(MILLRACE_STUDIO_PROGRAM), arguments);
    constexpr int patience = 120000;
    if (!process.waitForFinished(patience) || process.exitStatus() != QProcess::NormalExit) {
        return {-1, QString(), process.errorString()};
    }
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
}

}  // namespace

class TestStudioProgram : public QObject {
    Q_OBJECT

private slots:
    void helpAndVersionNeedNoDisplay() {
        const Outcome version = studio({QStringLiteral("--version")}, Screen::None);
        QVERIFY2(version.status == 0, qPrintable(version.err));
        QCOMPARE(version.out, QStringLiteral("millrace " MILLRACE_VERSION "\n"));
        for (const char* option : {"--help", "-h"}) {
            const Outcome help = studio({QString::fromLatin1(option)}, Screen::None);
            QVERIFY2(help.status == 0, qPrintable(help.err));
            for (const char* told : {"SCENARIO", "--screenshot", "--after", "run.open_at", "--page", "--size",
                                     "--theme", "--checkpoints"}) {
                QVERIFY2(help.out.contains(QString::fromLatin1(told)), told);
            }
        }
    }

    void withoutADisplayItSaysSo() {
        const Outcome outcome = studio({}, Screen::None);
        QCOMPARE(outcome.status, 3);
        QVERIFY2(outcome.err.contains(QLatin1String("there is no display to open a window on")),
                 qPrintable(outcome.err));
    }

    void badArgumentsAreRefused_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("complaint");
        const auto list = [](const char* text) { return QString::fromLatin1(text).split(QLatin1Char(' ')); };
        QTest::newRow("option") << list("--fast") << QStringLiteral("Unknown option 'fast'");
        QTest::newRow("name") << list("last-steps") << QStringLiteral("last-steps: there is no such file");
        QTest::newRow("two") << list("first-steps web-log-audit")
                             << QStringLiteral("one scenario can be opened, not 2");
        QTest::newRow("time") << list("--screenshot x.png --after soon") << QStringLiteral("soon is not a time");
        QTest::newRow("a device as the picture")
            << list("--screenshot /dev/null") << QStringLiteral("--screenshot: /dev/null is a device");
        QTest::newRow("no kind of picture")
            << list("--screenshot x.ppp") << QStringLiteral("--screenshot: x.ppp names no kind of picture");
        QTest::newRow("a size that no picture has")
            << list("--size 99999x99999") << QStringLiteral("99999x99999 is not a size");
        QTest::newRow("no size of checkpoints") << list("--checkpoints much") << QStringLiteral("much is not a size");
        QTest::newRow("too few checkpoints") << list("--checkpoints 1MB") << QStringLiteral("of 16MiB or more");
        QTest::newRow("page alone") << list("--page batches") << QStringLiteral("--page is for --screenshot");
        QTest::newRow("time alone") << list("--after 5s") << QStringLiteral("--after is for --screenshot");
    }
    void badArgumentsAreRefused() {
        QFETCH(QStringList, arguments);
        QFETCH(QString, complaint);
        const Outcome outcome = studio(arguments, Screen::Offscreen);
        QCOMPARE(outcome.status, 2);
        QVERIFY2(outcome.err.contains(complaint), qPrintable(outcome.err));
    }

    void aShippedScenarioIsOpenedByItsName() {
        const QTemporaryDir folder;
        const QString picture = folder.filePath(QStringLiteral("steps.png"));
        const Outcome outcome = studio({QStringLiteral("first-steps"), QStringLiteral("--screenshot"), picture,
                                        QStringLiteral("--size"), QStringLiteral("1200x800")},
                                       Screen::Offscreen);
        QVERIFY2(outcome.status == 0, qPrintable(outcome.err));
        QCOMPARE(QImage(picture).size(), QSize(1200, 800));
    }

    void aFailedCheckEndsThePictureAndSaysWhereItsStoryIs() {
        const QTemporaryDir folder;
        const Outcome outcome = studio(
            {QFileInfo(QStringLiteral("scenarios/first-steps.json")).absoluteFilePath(), QStringLiteral("--after"),
             QStringLiteral("60s"), QStringLiteral("--screenshot"), folder.filePath(QStringLiteral("p.png"))},
            Screen::Offscreen, QStringLiteral("30s"));
        QCOMPARE(outcome.status, 3);
        QVERIFY2(outcome.err.contains(QLatin1String("internal error: ")), qPrintable(outcome.err));
        QVERIFY(QFileInfo::exists(folder.filePath(QStringLiteral("millrace-failure-1/README.txt"))));
    }

    void whatIsNoFileIsRefusedAtOnce() {
        const QTemporaryDir folder;
        const QString pipe = folder.filePath(QStringLiteral("pipe.json"));
        QCOMPARE(mkfifo(qPrintable(pipe), 0600), 0);
        for (const QString& path :
             {pipe, QStringLiteral("/dev/zero"), QStringLiteral("/proc/self/mem"), folder.path()}) {
            const Outcome outcome = studio(
                {path, QStringLiteral("--screenshot"), folder.filePath(QStringLiteral("p.png"))}, Screen::Offscreen);
            QVERIFY2(outcome.status == 2, qPrintable(path + outcome.err));
        }
    }

    void whatTheMachineRefusesEndsWithThree() {
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("s.json"));
        QFile scenario(path);
        QVERIFY(scenario.open(QIODevice::WriteOnly));
        scenario.write(R"({"millrace": 1, "hosts": {"zk1": {}, "b1": {}},
"cluster": {"coordination": "zookeeper", "servers": {"zk1": {"host": "zk1"}}, "brokers": {"1": {"host": "b1"}}},
"topics": {"t": {"partitions": 1}}, "sinks": {"full": {"kind": "file", "path": "/dev/full"}}})");
        scenario.close();
        const auto pictured = [&](const QString& picture) {
            return studio({path, QStringLiteral("--screenshot"), picture}, Screen::Offscreen);
        };
        const Outcome full = pictured(folder.filePath(QStringLiteral("p.png")));
        QVERIFY2(full.status == 3, qPrintable(full.err));
        QVERIFY2(full.err.contains(QLatin1String(
                     "sinks.full.path: /dev/full: No space left on device; name a file that can be written here")),
                 qPrintable(full.err));
        const Outcome nowhere = studio({QStringLiteral("first-steps"), QStringLiteral("--screenshot"),
                                        folder.filePath(QStringLiteral("no/such/p.png"))},
                                       Screen::Offscreen);
        QVERIFY2(nowhere.status == 3, qPrintable(nowhere.err));
        QVERIFY2(nowhere.err.contains(QLatin1String("No such file or directory; name another file with --screenshot")),
                 qPrintable(nowhere.err));
    }

    void filesWhoseNamesAreNotUtf8AreReached() {
        const QTemporaryDir folder;
        const std::string odd = folder.path().toStdString() + "/lat\xEDs1";
        std::filesystem::create_directory(odd);
        std::filesystem::copy_file("scenarios/first-steps.json", odd + "/\xFC.json");
        const std::filesystem::path picture = folder.path().toStdString() + "/p\xED.png";
        // A shell hands the bytes over as they are.
        QProcess process;
        process.start(
            QStringLiteral("bash"),
            {QStringLiteral("-c"),
             QStringLiteral("exec %1 --platform offscreen --screenshot=%2/p$'\\xed'.png %2/lat$'\\xed's1/$'\\xfc'.json")
                 .arg(QStringLiteral(MILLRACE_STUDIO_PROGRAM), folder.path())});
        QVERIFY(process.waitForFinished(120000));
        QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
        QVERIFY(std::filesystem::exists(picture));
    }

    /// Else the next file that is opened takes the number, and complaints are written into it.
    void aStreamThatIsClosedIsNoFileOfTheStudio() {
        const QTemporaryDir home;
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const char* variable : {"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"}) {
            environment.insert(QString::fromLatin1(variable), home.path());
        }
        process.setProcessEnvironment(environment);
        process.start(QStringLiteral("bash"),
                      {QStringLiteral("-c"),
                       QStringLiteral("exec %1 --platform offscreen scenarios/first-steps.json <&- >&- 2>&-")
                           .arg(QStringLiteral(MILLRACE_STUDIO_PROGRAM))});
        QVERIFY(process.waitForStarted());
        for (int stream = 0; stream < 3; ++stream) {
            const QString link = QStringLiteral("/proc/%1/fd/%2").arg(process.processId()).arg(stream);
            QTRY_COMPARE_WITH_TIMEOUT(QFileInfo(link).symLinkTarget(), QStringLiteral("/dev/null"), 20000);
        }
        process.kill();
        QVERIFY(process.waitForFinished());
    }
};

QTEST_GUILESS_MAIN(TestStudioProgram)
#include "tst_studio_program.moc"
