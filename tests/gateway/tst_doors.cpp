#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <csignal>

#include "engine/kafka/log/record_batch.h"  // before Qt, whose keywords are names in there
#include "engine/kafka/protocol/apis.h"
#include "engine/kafka/wire/wire_reader.h"
#include "tests/gateway/wire_writer.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace millrace;
using namespace millrace::kafka;
using namespace millrace::kafka::codec;

namespace {

sockaddr_in addressOf(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

int freePort() {
    static int next = 32'000 + static_cast<int>(::getpid() % 500) * 50;
    for (; next < 60'000; ++next) {
        const int handle = ::socket(AF_INET, SOCK_STREAM, 0);
        const sockaddr_in address = addressOf(next);
        const bool bound = ::bind(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        ::close(handle);
        if (bound) {
            return next++;
        }
    }
    return 0;
}

/// A client of bare bytes. Reading waits for a few seconds at most.
class Client {
public:
    explicit Client(int port, int seconds = 5) : m_handle(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval most{seconds, 0};
        ::setsockopt(m_handle, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
        ::setsockopt(m_handle, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
        const sockaddr_in address = addressOf(port);
        m_isOpen = ::connect(m_handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    ~Client() { ::close(m_handle); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] bool isOpen() const { return m_isOpen; }
    bool sendBytes(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(m_handle, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    bool sendFrame(const std::string& frame) const {
        WireWriter prefix;
        prefix.int32(static_cast<std::int32_t>(frame.size()));
        return sendBytes(prefix.take() + frame);
    }
    std::optional<std::string> receive() const {
        std::string bytes = take(4);
        WireReader in(bytes);
        const std::int32_t length = in.int32();
        if (!in.ok()) {
            return std::nullopt;
        }
        bytes = take(static_cast<std::size_t>(length));
        return bytes.size() == static_cast<std::size_t>(length) ? std::optional{bytes} : std::nullopt;
    }
    std::optional<std::string> call(const std::string& frame) const {
        return sendFrame(frame) ? receive() : std::nullopt;
    }
    /// The server has ended the connection, at once or within the time that reading waits.
    [[nodiscard]] bool isEnded() const {
        char c = 0;
        const ssize_t got = ::recv(m_handle, &c, 1, 0);
        return got == 0 || (got < 0 && errno == ECONNRESET);
    }

private:
    [[nodiscard]] std::string take(std::size_t size) const {
        std::string bytes(size, '\0');
        std::size_t have = 0;
        while (have < size) {
            const ssize_t got = ::recv(m_handle, bytes.data() + have, size - have, 0);
            if (got <= 0) {
                bytes.resize(have);
                break;
            }
            have += static_cast<std::size_t>(got);
        }
        return bytes;
    }
    int m_handle;
    bool m_isOpen = false;
};

WireWriter header(std::int16_t key, std::int16_t version) {
    WireWriter out;
    out.int16(key).int16(version).int32(1).string("probe");
    return out;
}

std::string apiVersions() {
    return header(apiVersionsApi.key, 0).take();
}

std::string produceFrame(std::size_t size, std::int16_t acks = 1, std::int32_t partitions = 1) {
    RecordBatchBuilder builder;
    builder.append(1'700'000'000'000, std::nullopt, std::string(size, 'x'));
    std::string records;
    builder.build()->appendTo(records);
    WireWriter out = header(produceApi.key, 7);
    out.nullableString(std::nullopt).int16(acks).int32(30'000).array(1).string("one").array(partitions);
    for (std::int32_t partition = 0; partition < partitions; ++partition) {
        out.int32(partition).bytes(records);
    }
    return out.take();
}

std::string fetchFrame() {
    WireWriter out = header(fetchApi.key, 4);
    out.int32(-1).int32(100).int32(1).int32(50 << 20).int8(0).array(1).string("one").array(1);
    return out.int32(0).int64(0).int32(50 << 20).take();
}

/// `millrace serve` with one broker.
class Server {
public:
    Server(const QByteArray& config, const QStringList& options = {}, int files = 0) : port(freePort()) {
        QFile file(m_folder.filePath(QStringLiteral("served.json")));
        if (!file.open(QIODevice::WriteOnly)) {
            return;
        }
        file.write(R"({"millrace": 1, "run": {"seed": 7}, "hosts": {"zk1": {}, "b1": {}},
            "cluster": {"coordination": "zookeeper", "servers": {"zk1": {"host": "zk1"}}, "brokers": {"1": {"host": "b1"}},
            "config": {)" +
                   config + R"(}}, "topics": {"one": {"partitions": 1, "replicas": 1}}})");
        file.close();
        if (files > 0) {
            process.setChildProcessModifier([files] {
                const rlimit limit{static_cast<rlim_t>(files), static_cast<rlim_t>(files)};
                ::setrlimit(RLIMIT_NOFILE, &limit);
            });
        }
        process.start(QStringLiteral(MILLRACE_PROGRAM),
                      QStringList{QStringLiteral("serve"), file.fileName(), QStringLiteral("--port"),
                                  QString::number(port), QStringLiteral("--report"), QStringLiteral("json")} +
                          options);
        waitFor("ready");
    }
    ~Server() {
        process.kill();
        process.waitForFinished();
    }
    bool waitFor(const QByteArray& words) {
        QElapsedTimer timer;
        timer.start();
        while (!said.contains(words) && timer.elapsed() < 20'000 && process.state() != QProcess::NotRunning) {
            process.waitForReadyRead(100);
            said += process.readAllStandardError();
        }
        return said.contains(words);
    }
    [[nodiscard]] qint64 megabytes() const {
        QFile file(QStringLiteral("/proc/%1/statm").arg(process.processId()));
        return file.open(QIODevice::ReadOnly) ? file.readAll().split(' ').value(1).toLongLong() * ::getpagesize() >> 20
                                              : -1;
    }
    /// Milliseconds from the signal to the end; -1 when there is none within 10 s.
    qint64 interrupt() {
        QElapsedTimer timer;
        timer.start();
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        const bool ended = process.waitForFinished(10'000);
        report = process.readAllStandardOutput();
        return ended ? timer.elapsed() : -1;
    }
    [[nodiscard]] bool answers() const {
        const Client client(port, 10);
        return client.call(apiVersions()).has_value();
    }

    int port;
    QProcess process;
    QByteArray said;
    QByteArray report;

private:
    QTemporaryDir m_folder;
};

}  // namespace

/// What strangers can do to the ports of `millrace serve`.
class TestDoors : public QObject {
    Q_OBJECT
private slots:
    void acceptingGoesOnWhenFilesAreFreeAgain();
    void aFrameTakesTheMemoryOfWhatHasCome();
    void aConnectionWhoseAnswersAreNotReadIsReadNoFurther();
    void aClientThatReadsGetsALargeAnswer();
    void aCrowdLeavesTheProcessFilesOfItsOwn();
    void requestsBehindEachOtherAreAllAnsweredInOrder();
    void connectionsBeyondTheLimitOfAnAddressAreClosed();
    void connectionsBeyondTheLimitOfABrokerWait();
    void aRequestBeyondTheLimitEndsItsConnection();
    void requestsWaitWhileAsManyAsMayBeQueuedAre();
    void clientsWaitWhenTheMemoryIsUsedUp();
    void smallBatchesBeyondTheMemoryAreTakenAllTheSame();
    void oldSegmentsGoFromTheFirstClientOn_data();
    void oldSegmentsGoFromTheFirstClientOn();
    void anInterruptEndsTheRunUnderLoad();
};

void TestDoors::acceptingGoesOnWhenFilesAreFreeAgain() {
    Server server("", {}, 48);
    QVERIFY2(server.said.contains("ready"), server.said.constData());
    const Client early(server.port);
    QVERIFY(early.call(apiVersions()));
    {
        std::vector<std::unique_ptr<Client>> crowd;
        for (int i = 0; i < 100; ++i) {
            crowd.push_back(std::make_unique<Client>(server.port));
            QVERIFY(crowd.back()->isOpen());  // in the system's queue at least
        }
        QTest::qWait(300);
        QVERIFY(early.call(apiVersions()));
    }
    QVERIFY(server.answers());
    QVERIFY(server.answers());
    QVERIFY(server.interrupt() >= 0);
}

void TestDoors::aFrameTakesTheMemoryOfWhatHasCome() {
    Server server("");
    std::vector<std::unique_ptr<Client>> greedy;
    for (int i = 0; i < 60; ++i) {
        greedy.push_back(std::make_unique<Client>(server.port));
        QVERIFY(greedy.back()->sendBytes(std::string_view{"\x06\x40\x00\x00x", 5}));  // 100 MiB are announced
    }
    QVERIFY(server.answers());
    QVERIFY2(server.megabytes() < 100, qPrintable(QString::number(server.megabytes())));
    QVERIFY(server.interrupt() < 2'000);
}

void TestDoors::aConnectionWhoseAnswersAreNotReadIsReadNoFurther() {
    Server server("");
    const Client producer(server.port);
    for (int i = 0; i < 20; ++i) {
        QVERIFY(producer.call(produceFrame(1'000'000)));
    }
    const qint64 before = server.megabytes();
    std::vector<std::unique_ptr<Client>> deaf;
    for (int i = 0; i < 3; ++i) {
        deaf.push_back(std::make_unique<Client>(server.port, 1));
        for (int fetch = 0; fetch < 100; ++fetch) {
            QVERIFY(deaf.back()->sendFrame(fetchFrame()));
        }
    }
    QTest::qWait(500);
    QVERIFY(server.answers());
    QVERIFY2(server.megabytes() < before + 200, qPrintable(QString::number(server.megabytes() - before)));
    const auto first = deaf.front()->receive();  // who reads at last gets what it asked for
    QVERIFY(first && first->size() > 20'000'000);
    QVERIFY(deaf.front()->receive());
    QVERIFY(server.interrupt() >= 0);
}

void TestDoors::aClientThatReadsGetsALargeAnswer() {
    // A quarter of the memory is for answers that wait, and this one is larger than that.
    Server server("", {QStringLiteral("--memory"), QStringLiteral("180MB")});
    const Client client(server.port);
    for (int i = 0; i < 49; ++i) {
        QVERIFY(client.call(produceFrame(1'000'000)));
    }
    for (int i = 0; i < 2; ++i) {
        const auto answer = client.call(fetchFrame());
        QVERIFY2(answer && answer->size() > (45U << 20U), qPrintable(QString::number(answer ? answer->size() : 0)));
    }
    QVERIFY(server.answers());
}

void TestDoors::aCrowdLeavesTheProcessFilesOfItsOwn() {
    // The port of a broker that starts again is opened when all files that connections may have are taken.
    const auto set = [](const char* setting) { return QStringList{QStringLiteral("--set"), QLatin1String(setting)}; };
    Server server(R"("zookeeper.session.timeout.ms": 6000)",
                  set(R"(cluster.brokers={"1": {"host": "b1"}, "2": {"host": "b1"}})") +
                      set(R"(faults=[{"at": "6s", "kind": "crash", "target": "broker:2", "for": "1s"}])"),
                  48);
    QVERIFY2(server.said.contains("ready"), server.said.constData());
    std::vector<std::unique_ptr<Client>> crowd;
    for (int i = 0; i < 100; ++i) {
        crowd.push_back(std::make_unique<Client>(server.port));
    }
    QTRY_VERIFY_WITH_TIMEOUT(!Client(server.port + 1).isOpen(), 10'000);
    QTRY_VERIFY_WITH_TIMEOUT(Client(server.port + 1).isOpen(), 30'000);
    QVERIFY(server.interrupt() >= 0);
    QVERIFY2(server.report.contains("invariants"), server.report.constData());
}

void TestDoors::requestsBehindEachOtherAreAllAnsweredInOrder() {
    Server server("");
    const Client client(server.port);
    constexpr int requests = 500;
    std::string bytes;
    for (int i = 0; i < requests; ++i) {
        std::string frame = i % 3 == 0   ? apiVersions()
                            : i % 3 == 1 ? produceFrame(100)
                                         : header(metadataApi.key, 0).array(0).take();
        frame.replace(4, 4, WireWriter().int32(i).take());
        bytes += WireWriter().int32(static_cast<std::int32_t>(frame.size())).take() + frame;
    }
    QVERIFY(client.sendBytes(bytes));
    for (int i = 0; i < requests; ++i) {
        const auto answer = client.receive();
        QVERIFY(answer);
        WireReader in(*answer);
        QCOMPARE(in.int32(), i);
    }
}

void TestDoors::connectionsBeyondTheLimitOfAnAddressAreClosed() {
    Server server(R"("max.connections.per.ip": 2)");
    const Client first(server.port);
    const Client second(server.port);
    QVERIFY(first.call(apiVersions()) && second.call(apiVersions()));
    QVERIFY(Client(server.port).isEnded());
    QVERIFY(second.call(apiVersions()));
    QVERIFY(server.interrupt() >= 0);
    QVERIFY2(server.report.contains("invariants"), server.report.constData());
}

void TestDoors::connectionsBeyondTheLimitOfABrokerWait() {
    Server server(R"("max.connections": 2)");
    auto first = std::make_unique<Client>(server.port);
    const Client second(server.port);
    QVERIFY(first->call(apiVersions()) && second.call(apiVersions()));
    const Client third(server.port);
    QVERIFY(third.isOpen() && third.sendFrame(apiVersions()));
    QTest::qWait(300);
    QVERIFY(second.call(apiVersions()));
    first.reset();
    QVERIFY(third.receive());
}

void TestDoors::aRequestBeyondTheLimitEndsItsConnection() {
    Server server(R"("socket.request.max.bytes": 5000)");
    const Client client(server.port);
    QVERIFY(client.call(produceFrame(1'000)));
    QVERIFY(client.sendFrame(produceFrame(6'000)) || client.isEnded());
    QVERIFY(client.isEnded());
    for (const std::string_view prefix :
         {std::string_view{"\0\0\0\0", 4}, std::string_view{"\xff\xff\xff\xff", 4},
          std::string_view{"\x7f\xff\xff\xff", 4}, std::string_view{"GET / HTTP", 10}}) {
        const Client stranger(server.port);
        QVERIFY(stranger.sendBytes(prefix));
        QVERIFY(stranger.isEnded());
    }
    QVERIFY(server.answers());
}

void TestDoors::requestsWaitWhileAsManyAsMayBeQueuedAre() {
    Server server(R"("queued.max.request.bytes": 20000, "socket.request.max.bytes": 20000)");
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<Client>(server.port));
        for (int request = 0; request < 5; ++request) {
            QVERIFY(clients.back()->sendFrame(produceFrame(15'000)));
        }
    }
    for (const auto& client : clients) {
        for (int request = 0; request < 5; ++request) {
            QVERIFY(client->receive());
        }
    }
}

void TestDoors::clientsWaitWhenTheMemoryIsUsedUp() {
    Server server("", {QStringLiteral("--memory"), QStringLiteral("64MB")});
    QVERIFY2(server.said.contains("ready"), server.said.constData());
    const Client producer(server.port, 1);
    int produced = 0;
    while (produced < 200 && producer.call(produceFrame(1'000'000))) {
        ++produced;
    }
    QVERIFY2(produced > 5 && produced < 100, qPrintable(QString::number(produced)));
    QVERIFY2(server.waitFor("memory is used up"), server.said.constData());
    QVERIFY2(server.megabytes() < 96, qPrintable(QString::number(server.megabytes())));
    QVERIFY(server.interrupt() < 2'000);
    QCOMPARE(server.process.exitCode(), 0);
    QVERIFY(server.report.contains("invariants"));
}

void TestDoors::smallBatchesBeyondTheMemoryAreTakenAllTheSame() {
    // What was taken long ago lies in a file, and its pages go when the memory is used up.
    constexpr std::int32_t partitions = 500;
    Server server("", {QStringLiteral("--memory"), QStringLiteral("64MB"), QStringLiteral("--set"),
                       QStringLiteral("topics.one.partitions=%1").arg(partitions)});
    QVERIFY2(server.said.contains("ready"), server.said.constData());
    const Client producer(server.port, 5);
    const std::string frame = produceFrame(100, 1, partitions);
    for (int produced = 0; produced < 400'000; produced += partitions) {
        QVERIFY2(producer.call(frame), qPrintable(QString::number(produced) + QLatin1String(server.said)));
    }
    QVERIFY2(server.megabytes() < 96, qPrintable(QString::number(server.megabytes())));
    QVERIFY(server.answers());
    QVERIFY(server.interrupt() >= 0);
}

void TestDoors::oldSegmentsGoFromTheFirstClientOn_data() {
    QTest::addColumn<QStringList>("options");
    QTest::newRow("as it is") << QStringList{};
    QTest::newRow("with an instant to open at")
        << QStringList{QStringLiteral("--set"), QStringLiteral("run.open_at=5s")};
}
void TestDoors::oldSegmentsGoFromTheFirstClientOn() {
    QFETCH(QStringList, options);
    // A broker's first look at old segments comes 30 s after its start, long before there are clients.
    Server server(
        R"("log.retention.bytes": 1000000, "log.segment.bytes": 200000, "log.retention.check.interval.ms": 100, "log.retention.ms": -1)",
        options);
    const Client client(server.port);
    for (int i = 0; i < 30; ++i) {
        QVERIFY(client.call(produceFrame(100'000)));
    }
    QTest::qWait(400);
    WireWriter out = header(listOffsetsApi.key, 1);
    const auto answer = client.call(out.int32(-1).array(1).string("one").array(1).int32(0).int64(-2).take());
    QVERIFY(answer);
    WireReader in(*answer);
    static_cast<void>(in.int32());
    static_cast<void>(in.array());
    static_cast<void>(in.string());
    static_cast<void>(in.array());
    static_cast<void>(in.int32());
    QCOMPARE(static_cast<int>(in.int16()), 0);
    static_cast<void>(in.int64());
    const std::int64_t start = in.int64();
    QVERIFY2(start > 10 && start < 25, qPrintable(QString::number(start)));
}

void TestDoors::anInterruptEndsTheRunUnderLoad() {
    Server server("");
    std::vector<std::unique_ptr<Client>> clients;
    const std::string frame = produceFrame(2'000);
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<Client>(server.port, 1));
    }
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < 1'500) {
        for (const auto& client : clients) {
            for (int i = 0; i < 10; ++i) {
                client->sendFrame(frame);
            }
            client->sendFrame(fetchFrame());
        }
        if (timer.elapsed() > 1'000) {
            break;  // with all of it under way
        }
        for (const auto& client : clients) {
            for (int i = 0; i < 11; ++i) {
                client->receive();
            }
        }
    }
    const qint64 ended = server.interrupt();
    QVERIFY2(ended >= 0 && ended < 2'000, qPrintable(QString::number(ended)));
    QCOMPARE(server.process.exitCode(), 0);
    QVERIFY(server.report.contains("invariants"));
}

QTEST_GUILESS_MAIN(TestDoors)
#include "tst_doors.moc"
