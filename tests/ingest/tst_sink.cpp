#include <SQLiteCpp/SQLiteCpp.h>

#include <QtTest/QtTest>
#include <filesystem>
#include <fstream>
#include <string>

#include "engine/ingest/sink_client.h"
#include "engine/ingest/sink_executor.h"
#include "engine/ingest/sink_process.h"
#include "engine/sim/world.h"

using namespace millrace;
using namespace millrace::ingest;

namespace {

Ref<SinkSpec> auditSink(std::string path, WriteMode mode) {
    auto spec = makeRef<SinkSpec>();
    spec->id = "audit";
    spec->path = std::move(path);
    spec->write = mode;
    spec->tables = webLogAuditTables();
    return spec;
}

SinkWrite errorRow(std::int64_t position) {
    return {0,
            {"log", position},
            {std::string{"log"}, position, std::string{"access"}, std::int64_t{3}, position * 2, std::int64_t{404},
             std::string{"a line with 'quotes'"}}};
}
SinkWrite countOf(std::int64_t status, std::int64_t position) {
    return {1, {"log", position}, {status}};
}

struct WriteMore final : sim::MessageBase<WriteMore> {
    static constexpr std::string_view Name = "test.WriteMore";
    void digest(Digest&) const override {}
};

/// Writes `total` lines, 5 every 10 ms; what fails is written again, as a replayed tuple would be.
class Writer final : public sim::ActorBase<Writer> {
public:
    explicit Writer(std::int64_t total) : m_total(total) {
        SinkClientConfig config;
        config.host = "db";
        config.batchMax = 20;
        m_client = SinkClient(config);
    }
    void start(sim::Context& context) override { context.arm(std::chrono::milliseconds{1}, makeRef<WriteMore>()); }
    void handle(sim::Context& context, const sim::Message& message) override {
        SinkClient::Outcome outcome;
        if (message.as<WriteMore>() != nullptr) {
            for (int i = 0; i < 5 && next < m_total; ++i) {
                m_client.add(context, errorRow(next), static_cast<std::uint64_t>(next));
                ++next;
            }
            if (next < m_total) {
                context.arm(std::chrono::milliseconds{10}, makeRef<WriteMore>());
            }
        } else {
            m_client.handle(context, message, outcome);
        }
        committed += static_cast<std::int64_t>(outcome.committed.size());
        for (const auto token : outcome.failed) {
            ++failed;
            m_client.add(context, errorRow(static_cast<std::int64_t>(token)), token);
        }
    }

    std::int64_t next = 0;
    std::int64_t committed = 0;
    std::int64_t failed = 0;

private:
    std::int64_t m_total;
    SinkClient m_client;
};

/// Two clients in one actor, as two tasks of an executor are: each message is offered to one after the other.
class TwoWriters final : public sim::ActorBase<TwoWriters> {
public:
    TwoWriters() {
        SinkClientConfig config;
        config.host = "db";
        m_clients = {SinkClient(config, 0), SinkClient(config, 1)};
    }
    void start(sim::Context& context) override {
        for (std::int64_t i = 0; i < 100; ++i) {
            m_clients[static_cast<std::size_t>(i % 2)].add(context, errorRow(i), static_cast<std::uint64_t>(i));
        }
    }
    void handle(sim::Context& context, const sim::Message& message) override {
        SinkClient::Outcome outcome;
        for (SinkClient& client : m_clients) {
            if (client.handle(context, message, outcome)) {
                break;
            }
        }
        committed += outcome.committed.size();
        failed += outcome.failed.size();
    }

    std::size_t committed = 0;
    std::size_t failed = 0;

private:
    std::vector<SinkClient> m_clients;
};

class TwoWritersBlueprint final : public sim::Blueprint {
public:
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("bolt", makeRef<TwoWriters>()); }

private:
    std::string m_name = "worker/two";
};

class WriterBlueprint final : public sim::Blueprint {
public:
    [[nodiscard]] const std::string& name() const override { return m_name; }
    void boot(sim::Context& context) const override { context.addActor("bolt", makeRef<Writer>(400)); }

private:
    std::string m_name = "worker/test";
};

sim::World worldWith(Ref<const SinkSpec> sink, std::uint64_t seed = 7) {
    sim::WorldSpec spec;
    spec.seed = seed;
    sim::World world(spec);
    sim::HostSpec db;
    db.name = "db";
    sim::HostSpec app;
    app.name = "app";
    world.addProcess(world.addHost(db), makeSinkBlueprint(std::move(sink)));
    world.addProcess(world.addHost(app), makeRef<WriterBlueprint>());
    return world;
}

std::vector<Ref<const sim::Effect>> effectsOf(sim::World& world) {
    std::vector<Ref<const sim::Effect>> effects;
    for (auto& numbered : world.takeEffects()) {
        effects.push_back(std::move(numbered.effect));
    }
    return effects;
}

int count(const std::string& path, const std::string& query) {
    SQLite::Database database(path, SQLite::OPEN_READONLY);
    return database.execAndGet(query).getInt();
}

Ref<const sim::Effect> effect(const Ref<SinkSpec>& sink, std::uint64_t number, std::vector<SinkWrite> writes) {
    return makeRef<SinkEffect>(sink, number,
                               std::vector<Ref<const SinkCommit>>{makeRef<SinkCommit>(number, std::move(writes))});
}

#define VERIFY_DONE(result)                                                                         \
    do {                                                                                            \
        const auto& done_ = (result);                                                               \
        QVERIFY2(done_, done_ ? "" : (done_.error().where + ": " + done_.error().message).c_str()); \
    } while (false)

}  // namespace

class TestSink : public QObject {
    Q_OBJECT
private slots:
    void tuplesAreAnsweredOnlyAfterTheCommit();
    void clientsInOneActorGetTheirOwnAnswers();
    void everyAnsweredWriteIsInTheDatabase_data();
    void everyAnsweredWriteIsInTheDatabase();
    void aRunWithACheckpointGivesTheSameEffects();
    void aFullDiskRefusesAndLosesNothing();
    void countsAddUpAndNeverOverwrite();
    void onceWritesWhatIsRepeatedOnce();
    void rowsOfARunThatWasKilledAreMovedAsideWithTheirDatabase();
    void aForeignTableWithoutTheKeyIsRefused();
    void everyEarlierRunIsMovedAsideAndAForeignDatabaseIsKept();
    void badPathsAreToldWithThePath();
    void aFailedTransactionLeavesThePrefix();
    void linesGoToAFile();

private:
    [[nodiscard]] std::string path(const std::string& name) const {
        return m_folder.filePath(QString::fromStdString(name)).toStdString();
    }
    QTemporaryDir m_folder;
};

void TestSink::tuplesAreAnsweredOnlyAfterTheCommit() {
    auto world = worldWith(auditSink("", WriteMode::Append));
    // A flush that takes longer than the way of an answer tells an answer that did not wait for it.
    sim::FaultSpec slow;
    slow.kind = sim::FaultKind::SlowDisk;
    slow.target = "host:db";
    slow.value = 50;
    world.injectFault(slow);
    std::int64_t left = 0;
    while (world.now() < atNanoseconds(2'000'000'000) && world.step()) {
        for (const auto& numbered : world.takeEffects()) {
            for (const auto& request : static_cast<const SinkEffect&>(*numbered.effect).requests()) {
                left += static_cast<std::int64_t>(request->writes.size());
            }
        }
        const auto* writer = world.findActor<Writer>("worker/test/bolt");
        QVERIFY(writer == nullptr || writer->committed <= left);
    }
    QCOMPARE(world.findActor<Writer>("worker/test/bolt")->committed, std::int64_t{400});
    QCOMPARE(sinkFigures(world, "audit").written, std::uint64_t{400});
    QCOMPARE(sinkFigures(world, "audit").waiting, std::uint64_t{0});
}

void TestSink::clientsInOneActorGetTheirOwnAnswers() {
    sim::World world(sim::WorldSpec{.seed = 7});
    sim::HostSpec host;
    host.name = "db";
    world.addProcess(world.addHost(host), makeSinkBlueprint(auditSink("", WriteMode::Append)));
    host.name = "app";
    world.addProcess(world.addHost(host), makeRef<TwoWritersBlueprint>());
    world.run(atNanoseconds(2'000'000'000));
    const auto* writers = world.findActor<TwoWriters>("worker/two/bolt");
    QCOMPARE(writers->committed, std::size_t{100});
    QCOMPARE(writers->failed, std::size_t{0});
}

void TestSink::everyAnsweredWriteIsInTheDatabase_data() {
    QTest::addColumn<QString>("fault");
    QTest::addColumn<int>("mode");
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 12; ++seed) {
        for (const char* fault : {"none", "crash", "power"}) {
            QTest::addRow("%s append %d", fault, seed) << QString::fromLatin1(fault) << 0 << seed;
            QTest::addRow("%s once %d", fault, seed) << QString::fromLatin1(fault) << 1 << seed;
        }
    }
}

void TestSink::everyAnsweredWriteIsInTheDatabase() {
    QFETCH(QString, fault);
    QFETCH(int, mode);
    QFETCH(int, seed);
    const std::string file = path(QTest::currentDataTag()) + ".db";
    const auto sink = auditSink(file, mode == 0 ? WriteMode::Append : WriteMode::Once);
    auto world = worldWith(sink, static_cast<std::uint64_t>(seed));
    if (fault != QLatin1String("none")) {
        // Within a transaction or between two, as the seed has it.
        const SimTime at = atNanoseconds(300'000'000 + seed * 1'370'000);
        sim::FaultSpec spec;
        spec.kind = fault == QLatin1String("crash") ? sim::FaultKind::Crash : sim::FaultKind::Power;
        spec.target = fault == QLatin1String("crash") ? "process:sink/audit" : "host:db";
        spec.duration = std::chrono::milliseconds{400};
        world.scheduleFault(at, spec);
    }
    SinkExecutor executor;
    VERIFY_DONE(executor.open(sink));
    for (int i = 1; i <= 400; ++i) {
        world.run(atNanoseconds(i * 200'000'000LL));
        VERIFY_DONE(executor.carryOut(effectsOf(world)));
    }
    VERIFY_DONE(executor.close());
    const auto* writer = world.findActor<Writer>("worker/test/bolt");
    QCOMPARE(writer->committed, std::int64_t{400});
    QCOMPARE(count(file, "SELECT count(DISTINCT position) FROM errors"), 400);
    const int rows = count(file, "SELECT count(*) FROM errors");
    const auto figures = sinkFigures(world, "audit");
    QCOMPARE(static_cast<std::uint64_t>(rows), figures.written);
    if (mode == 0) {
        QCOMPARE(static_cast<std::uint64_t>(rows - 400), figures.repeated);
        QVERIFY(rows - 400 <= writer->failed);
    } else {
        QCOMPARE(rows, 400);
    }
}

void TestSink::aRunWithACheckpointGivesTheSameEffects() {
    const auto sink = auditSink("", WriteMode::Append);
    auto world = worldWith(sink);
    world.run(atNanoseconds(400'000'000));
    auto copy = world;
    world.run(atNanoseconds(2'000'000'000));
    copy.run(atNanoseconds(2'000'000'000));
    QCOMPARE(copy.fingerprint(), world.fingerprint());
    QCOMPARE(copy.takeEffects().size(), world.takeEffects().size());
}

void TestSink::aFullDiskRefusesAndLosesNothing() {
    const auto sink = auditSink("", WriteMode::Append);
    auto world = worldWith(sink);
    sim::FaultSpec full;
    full.kind = sim::FaultKind::FullDisk;
    full.target = "host:db";
    full.duration = std::chrono::milliseconds{200};
    world.scheduleFault(atNanoseconds(300'000'000), full);
    world.run(atNanoseconds(5'000'000'000));
    const auto* writer = world.findActor<Writer>("worker/test/bolt");
    QVERIFY(writer->failed > 0);
    QCOMPARE(writer->committed, std::int64_t{400});
    // What was refused was not written: nothing is there twice.
    QCOMPARE(sinkFigures(world, "audit").written, std::uint64_t{400});
    bool told = false;
    for (std::uint32_t id = 1; id <= world.journal().lastId().value; ++id) {
        told = told || world.journal().find(sim::JournalId{id})->kind == "ingest.sink-refused";
    }
    QVERIFY(told);
}

void TestSink::countsAddUpAndNeverOverwrite() {
    const std::string file = path("counts.db");
    const auto sink = auditSink(file, WriteMode::Append);
    SinkExecutor executor;
    VERIFY_DONE(executor.open(sink));
    const std::vector<Ref<const sim::Effect>> effects{
        effect(sink, 1, {countOf(200, 0), countOf(404, 1), countOf(200, 2)}),
        effect(sink, 2, {countOf(200, 3), errorRow(1)}), effect(sink, 2, {countOf(200, 3), errorRow(1)})};
    VERIFY_DONE(executor.carryOut(effects));
    VERIFY_DONE(executor.close());
    // The transaction that came twice under one number was carried out once.
    QCOMPARE(count(file, "SELECT count FROM status_counts WHERE status = 200"), 3);
    QCOMPARE(count(file, "SELECT count FROM status_counts WHERE status = 404"), 1);
    QCOMPARE(count(file, "SELECT count(*) FROM errors WHERE \"offset\" = 2 AND line = 'a line with ''quotes'''"), 1);
}

void TestSink::onceWritesWhatIsRepeatedOnce() {
    const std::string file = path("once.db");
    const auto sink = auditSink(file, WriteMode::Once);
    SinkExecutor executor;
    VERIFY_DONE(executor.open(sink));
    VERIFY_DONE(executor.carryOut(
        std::vector<Ref<const sim::Effect>>{effect(sink, 1, {countOf(404, 5), errorRow(5), countOf(404, 5)}),
                                            effect(sink, 2, {errorRow(5), errorRow(6)})}));
    VERIFY_DONE(executor.close());
    QCOMPARE(count(file, "SELECT count FROM status_counts WHERE status = 404"), 1);
    QCOMPARE(count(file, "SELECT count(*) FROM errors"), 2);
    QCOMPARE(count(file, "SELECT count(*) FROM seen"), 2);
}

void TestSink::rowsOfARunThatWasKilledAreMovedAsideWithTheirDatabase() {
    const std::string live = path("live.db");
    const std::string killed = path("killed.db");
    {
        const auto sink = auditSink(live, WriteMode::Append);
        SinkExecutor executor;
        VERIFY_DONE(executor.open(sink));
        VERIFY_DONE(executor.carryOut(std::vector<Ref<const sim::Effect>>{effect(sink, 1, {countOf(200, 1)})}));
        // What a kill leaves behind: the files as they are while the database is open.
        std::filesystem::copy_file(live, killed);
        std::filesystem::copy_file(live + "-wal", killed + "-wal");
        VERIFY_DONE(executor.close());
    }
    const auto sink = auditSink(killed, WriteMode::Append);
    SinkExecutor executor;
    VERIFY_DONE(executor.open(sink));
    VERIFY_DONE(executor.close());
    QCOMPARE(count(path("killed.previous.db"), "SELECT count FROM status_counts"), 1);
    QCOMPARE(count(killed, "SELECT count(*) FROM status_counts"), 0);
}

void TestSink::aForeignTableWithoutTheKeyIsRefused() {
    const std::string file = path("foreign-counts.db");
    SQLite::Database(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("CREATE TABLE status_counts (status TEXT, count INTEGER)");
    const auto sink = auditSink(file, WriteMode::Append);
    SinkExecutor executor;
    bool isRefused = !executor.open(sink).has_value();
    isRefused = isRefused ||
                !executor.carryOut(std::vector<Ref<const sim::Effect>>{effect(sink, 1, {countOf(200, 1)})}).has_value();
    isRefused = !executor.close().has_value() || isRefused;
    QVERIFY(isRefused);
    QCOMPARE(count(file, "SELECT count(*) FROM status_counts"), 0);
}

void TestSink::everyEarlierRunIsMovedAsideAndAForeignDatabaseIsKept() {
    const std::string file = path("again.db");
    for (int run = 0; run < 4; ++run) {
        const auto sink = auditSink(file, WriteMode::Append);
        SinkExecutor executor;
        VERIFY_DONE(executor.open(sink));
        VERIFY_DONE(executor.carryOut(std::vector<Ref<const sim::Effect>>{effect(sink, 1, {countOf(200 + run, 1)})}));
        VERIFY_DONE(executor.close());
        QCOMPARE(count(file, "SELECT status FROM status_counts"), 200 + run);
    }
    QCOMPARE(count(path("again.previous.db"), "SELECT status FROM status_counts"), 200);
    QCOMPARE(count(path("again.previous-2.db"), "SELECT status FROM status_counts"), 201);
    QCOMPARE(count(path("again.previous-3.db"), "SELECT status FROM status_counts"), 202);

    const std::string foreign = path("foreign.db");
    SQLite::Database(foreign, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec("CREATE TABLE mine (a); INSERT INTO mine VALUES (1)");
    for (int run = 0; run < 2; ++run) {
        const auto sink = auditSink(foreign, WriteMode::Append);
        SinkExecutor executor;
        VERIFY_DONE(executor.open(sink));
        VERIFY_DONE(executor.carryOut(std::vector<Ref<const sim::Effect>>{effect(sink, 1, {countOf(200, run)})}));
        VERIFY_DONE(executor.close());
    }
    QCOMPARE(count(foreign, "SELECT a FROM mine"), 1);
    QCOMPARE(count(foreign, "SELECT count FROM status_counts"), 2);
}

void TestSink::badPathsAreToldWithThePath() {
    SinkExecutor executor;
    const auto folder = executor.open(auditSink(m_folder.path().toStdString(), WriteMode::Append));
    QVERIFY(!folder);
    QCOMPARE(QString::fromStdString(folder.error().message),
             QStringLiteral("sink audit: is a folder, a database file is expected"));
    QCOMPARE(QString::fromStdString(folder.error().where), m_folder.path());
    QVERIFY(!executor.open(auditSink(path("nowhere/audit.db"), WriteMode::Append)));
    std::ofstream(path("text.db")) << std::string(5000, 'x');
    const auto text = executor.open(auditSink(path("text.db"), WriteMode::Append));
    QVERIFY(!text);
    QVERIFY(QString::fromStdString(text.error().message).contains(QStringLiteral("not a database")));
}

void TestSink::aFailedTransactionLeavesThePrefix() {
    const std::string file = path("prefix.db");
    const auto sink = auditSink(file, WriteMode::Append);
    SinkExecutor executor;
    VERIFY_DONE(executor.open(sink));
    VERIFY_DONE(executor.carryOut(std::vector<Ref<const sim::Effect>>{effect(sink, 1, {countOf(200, 0)})}));
    SQLite::Database(file, SQLite::OPEN_READWRITE)
        .exec("CREATE TRIGGER stop BEFORE INSERT ON errors BEGIN SELECT RAISE(ABORT, 'no more room'); END");
    const auto failed = executor.carryOut(
        std::vector<Ref<const sim::Effect>>{effect(sink, 2, {countOf(200, 1)}), effect(sink, 3, {errorRow(2)})});
    QVERIFY(!failed);
    QCOMPARE(QString::fromStdString(failed.error().message), QStringLiteral("sink audit: no more room"));
    QCOMPARE(QString::fromStdString(failed.error().where), QString::fromStdString(file));
    VERIFY_DONE(executor.close());
    QCOMPARE(count(file, "SELECT count FROM status_counts"), 1);
}

void TestSink::linesGoToAFile() {
    for (int run = 0; run < 2; ++run) {
        auto sink = makeRef<SinkSpec>();
        sink->id = "out";
        sink->kind = SinkKind::File;
        sink->path = path("out.txt");
        SinkExecutor executor;
        VERIFY_DONE(executor.open(sink));
        VERIFY_DONE(executor.carryOut(std::vector<Ref<const sim::Effect>>{
            effect(sink, 1,
                   {{0, {"log", 0}, {std::string{"one"}}}, {0, {"log", 1}, {std::string{"two"}, std::int64_t{2}}}})}));
        VERIFY_DONE(executor.close());
        std::ifstream in(sink->path);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        QCOMPARE(QString::fromStdString(text), QStringLiteral("one\ntwo\t2\n"));
    }
    QVERIFY(std::filesystem::exists(path("out.1.txt")));
}

QTEST_APPLESS_MAIN(TestSink)
#include "tst_sink.moc"
