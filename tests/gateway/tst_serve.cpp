#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <csignal>

#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtCore/QProcess>
#include <QtCore/QRegularExpression>
#include <QtCore/QStandardPaths>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <nlohmann/json.hpp>
#include <set>

namespace {

constexpr int brokers = 3;

sockaddr_in addressOf(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

bool canBind(int port) {
    const int handle = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = addressOf(port);
    const bool bound = ::bind(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(handle);
    return bound;
}

bool canConnect(int port) {
    const int handle = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = addressOf(port);
    const bool connected = ::connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(handle);
    return connected;
}

int freePort() {
    for (int port = 31'000; port < 60'000; port += 97) {
        if (canBind(port) && canBind(port + 1) && canBind(port + 2)) {
            return port;
        }
    }
    return 0;
}

QByteArray lines(const QByteArray& prefix, int count) {
    QByteArray text;
    for (int i = 0; i < count; ++i) {
        text += prefix + ' ' + QByteArray::number(i) + " \"GET /\xc3\xa4?x=\\\" HTTP/1.1\" 200\n";
    }
    return text;
}

QList<QByteArray> sortedLines(const QByteArray& text) {
    QList<QByteArray> list = text.split('\n');
    list.removeAll(QByteArray());
    std::sort(list.begin(), list.end());
    return list;
}

}  // namespace

/// One served run with kcat as its clients, from the first list to the replay. The slots build on each other and share
/// the run; simulated time is wall time, with the ports opened at about 10 s and the leader of one-0 gone from 24 s to
/// 33 s.
class TestServe : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void brokersAndTopicsAreListed();
    void aLogComesOutByteForByte();
    void lz4BatchesComeOut();
    void offsetsAreFoundByTime();
    void threeMembersShareSixPartitions();
    void nothingAcknowledgedIsLostWhenTheLeaderCrashes();
    void theReplayGivesTheSameReport();

private:
    QByteArray kcat(const QStringList& arguments, const QByteArray& input = {}, int* status = nullptr) const;
    [[nodiscard]] QString broker() const { return QStringLiteral("127.0.0.1:%1").arg(m_port); }
    [[nodiscard]] qint64 sinceReady() const { return m_sinceReady.elapsed(); }

    QTemporaryDir m_folder;
    QProcess m_server;
    QElapsedTimer m_sinceReady;
    int m_port = 0;
};

QByteArray TestServe::kcat(const QStringList& arguments, const QByteArray& input, int* status) const {
    QProcess process;
    process.start(QStringLiteral("kcat"), QStringList{QStringLiteral("-b"), broker()} + arguments);
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished(30'000)) {
        process.kill();
        process.waitForFinished();
    }
    if (status != nullptr) {
        *status = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    }
    return process.readAllStandardOutput();
}

void TestServe::initTestCase() {
    if (QStandardPaths::findExecutable(QStringLiteral("kcat")).isEmpty()) {
        QSKIP("kcat is not installed");
    }
    m_port = freePort();
    QVERIFY(m_port > 0);
    m_server.start(QStringLiteral(MILLRACE_PROGRAM),
                   {QStringLiteral("serve"), QStringLiteral("tests/gateway/served.json"), QStringLiteral("--port"),
                    QString::number(m_port), QStringLiteral("--record"), m_folder.filePath(QStringLiteral("run.jsonl")),
                    QStringLiteral("--report"), QStringLiteral("json")});
    QByteArray said;
    const QByteArray ready = "ready 127.0.0.1:" + QByteArray::number(m_port) + '\n';
    while (!said.contains(ready) && m_server.state() != QProcess::NotRunning) {
        m_server.waitForReadyRead(1'000);
        said += m_server.readAllStandardError();
    }
    QVERIFY2(said.contains(ready), said.constData());
    m_sinceReady.start();
}

void TestServe::brokersAndTopicsAreListed() {
    const QByteArray listed = kcat({QStringLiteral("-L")});
    QVERIFY2(listed.contains("3 brokers"), listed.constData());
    for (int i = 0; i < brokers; ++i) {
        const QByteArray line =
            "broker " + QByteArray::number(i + 1) + " at 127.0.0.1:" + QByteArray::number(m_port + i);
        QVERIFY2(listed.contains(line), listed.constData());
    }
    QVERIFY2(listed.contains("topic \"one\" with 1 partitions"), listed.constData());
}

void TestServe::aLogComesOutByteForByte() {
    const QByteArray log = lines("early", 5000);
    int status = -1;
    kcat({QStringLiteral("-P"), QStringLiteral("-t"), QStringLiteral("one"), QStringLiteral("-X"),
          QStringLiteral("acks=all")},
         log, &status);
    QCOMPARE(status, 0);
    const QByteArray read = kcat(
        {QStringLiteral("-C"), QStringLiteral("-e"), QStringLiteral("-q"), QStringLiteral("-t"), QStringLiteral("one")},
        {}, &status);
    QCOMPARE(status, 0);
    QVERIFY(read == log);
}

void TestServe::lz4BatchesComeOut() {
    // The topic comes into being with num.partitions, by being named.
    const QByteArray log = lines("six", 3000);
    int status = -1;
    kcat({QStringLiteral("-P"), QStringLiteral("-z"), QStringLiteral("lz4"), QStringLiteral("-t"),
          QStringLiteral("six")},
         log, &status);
    QCOMPARE(status, 0);
    const QByteArray read = kcat({QStringLiteral("-C"), QStringLiteral("-e"), QStringLiteral("-q"),
                                  QStringLiteral("-t"), QStringLiteral("six")});
    QVERIFY(sortedLines(read) == sortedLines(log));
}

void TestServe::offsetsAreFoundByTime() {
    const auto offsetAt = [&](const char* time) {
        return kcat({QStringLiteral("-Q"), QStringLiteral("-t"), QStringLiteral("one:0:") + QLatin1String(time)})
            .trimmed();
    };
    QCOMPARE(offsetAt("-1"), QByteArray("one [0] offset 5000"));
    QCOMPARE(offsetAt("-2"), QByteArray("one [0] offset 0"));
    QCOMPARE(offsetAt("1000"), QByteArray("one [0] offset 0"));
}

void TestServe::threeMembersShareSixPartitions() {
    std::vector<std::unique_ptr<QProcess>> members;
    for (int i = 0; i < 3; ++i) {
        members.push_back(std::make_unique<QProcess>());
        members.back()->start(
            QStringLiteral("kcat"),
            {QStringLiteral("-b"), broker(), QStringLiteral("-G"), QStringLiteral("readers"), QStringLiteral("-X"),
             QStringLiteral("auto.offset.reset=earliest"), QStringLiteral("-u"), QStringLiteral("six")});
    }
    // Until all have been read, or well before the crash.
    QList<QByteArray> read;
    std::vector<QByteArray> outputs(3);
    std::vector<QByteArray> errors(3);
    while (read.size() < 3000 && sinceReady() < 12'500) {
        read.clear();
        for (std::size_t i = 0; i < members.size(); ++i) {
            members[i]->waitForReadyRead(100);
            outputs[i] += members[i]->readAllStandardOutput();
            errors[i] += members[i]->readAllStandardError();
            read += sortedLines(outputs[i]);
        }
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
        members[i]->terminate();
        members[i]->waitForFinished();
        outputs[i] += members[i]->readAllStandardOutput();
        errors[i] += members[i]->readAllStandardError();
    }
    std::sort(read.begin(), read.end());
    QVERIFY2(read == sortedLines(lines("six", 3000)), qPrintable(QString::number(read.size())));
    std::set<QByteArray> owned;
    for (const QByteArray& said : errors) {
        const auto assigned = QRegularExpression(QStringLiteral("assigned: (six .*)")).match(QString::fromUtf8(said));
        QVERIFY2(assigned.hasMatch(), said.constData());
        const QStringList partitions = assigned.captured(1).split(QStringLiteral(", "));
        QCOMPARE(partitions.size(), 2);
        for (const QString& partition : partitions) {
            QVERIFY(owned.insert(partition.trimmed().toUtf8()).second);
        }
    }
    QCOMPARE(owned.size(), std::size_t{6});
}

void TestServe::nothingAcknowledgedIsLostWhenTheLeaderCrashes() {
    const QByteArray listed = kcat({QStringLiteral("-L"), QStringLiteral("-t"), QStringLiteral("one")});
    const auto found = QRegularExpression(QStringLiteral("partition 0, leader (\\d)")).match(QString::fromUtf8(listed));
    QVERIFY2(found.hasMatch(), listed.constData());
    const int leaderPort = m_port + found.captured(1).toInt() - 1;

    // A producer that writes on through crash, election and return; kcat says 0 when everything has been acknowledged.
    QProcess producer;
    producer.start(QStringLiteral("kcat"), {QStringLiteral("-b"), broker(), QStringLiteral("-P"), QStringLiteral("-t"),
                                            QStringLiteral("one"), QStringLiteral("-X"), QStringLiteral("acks=all")});
    bool wasRefused = false;
    int written = 0;
    while (sinceReady() < 26'000) {
        for (int i = 0; i < 20; ++i) {
            producer.write("late " + QByteArray::number(written++) + '\n');
        }
        producer.waitForBytesWritten(1'000);
        wasRefused = wasRefused || !canConnect(leaderPort);
        QTest::qWait(50);
    }
    producer.closeWriteChannel();
    QVERIFY(producer.waitForFinished(30'000));
    QCOMPARE(producer.exitCode(), 0);
    QVERIFY(wasRefused);
    QVERIFY(canConnect(leaderPort));

    const QByteArray read = kcat({QStringLiteral("-C"), QStringLiteral("-e"), QStringLiteral("-q"),
                                  QStringLiteral("-t"), QStringLiteral("one")});
    QVERIFY(read.startsWith(lines("early", 5000)));
    const QList<QByteArray> all = sortedLines(read);
    for (int i = 0; i < written; ++i) {
        QVERIFY2(std::binary_search(all.begin(), all.end(), "late " + QByteArray::number(i)),
                 qPrintable(QString::number(i)));
    }
}

void TestServe::theReplayGivesTheSameReport() {
    ::kill(static_cast<pid_t>(m_server.processId()), SIGINT);
    QVERIFY(m_server.waitForFinished(20'000));
    QCOMPARE(m_server.exitCode(), 0);
    auto served = nlohmann::json::parse(m_server.readAllStandardOutput().toStdString());
    QProcess replay;
    replay.start(QStringLiteral(MILLRACE_PROGRAM),
                 {QStringLiteral("replay"), m_folder.filePath(QStringLiteral("run.jsonl")), QStringLiteral("--report"),
                  QStringLiteral("json")});
    QVERIFY(replay.waitForFinished(60'000));
    QVERIFY2(replay.exitCode() == 0, replay.readAllStandardError().constData());
    auto replayed = nlohmann::json::parse(replay.readAllStandardOutput().toStdString());
    for (auto* report : {&served, &replayed}) {
        report->erase("wall_s");
    }
    QCOMPARE(QByteArray::fromStdString(replayed.dump(1)), QByteArray::fromStdString(served.dump(1)));
    QCOMPARE(served["groups"][0]["lag"].get<int>(), 0);
    QCOMPARE(served["faults"].size(), std::size_t{1});
}

QTEST_GUILESS_MAIN(TestServe)
#include "tst_serve.moc"
