#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <algorithm>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "engine/base/utf8.h"
#include "engine/ingest/sink_executor.h"
#include "engine/run/engine.h"
#include "engine/scenario/scenario_reader.h"
#include "tests/peers/postgres_server.h"

using namespace millrace;
using namespace millrace::ingest;
using namespace std::chrono_literals;

namespace {

using Rows = std::vector<std::string>;

/// A text with others in place of its at signs.
std::string named(std::string text, const std::vector<std::string>& names) {
    std::size_t from = 0;
    for (const std::string& name : names) {
        from = text.find('@', from);
        text.replace(from, 1, name);
        from += name.size();
    }
    return text;
}

std::string textOf(const Rows& rows) {
    std::string text;
    for (const std::string& row : rows) {
        text += row + "\n";
    }
    return text;
}

/// The rows of a table as `PostgresServer` gives them: by their texts in order, and what is no text as it is stored.
Rows sqliteRows(const std::string& path, const std::string& query) {
    SQLite::Database database(path, SQLite::OPEN_READONLY);
    SQLite::Statement statement(database, query);
    Rows rows;
    while (statement.executeStep()) {
        std::string row;
        for (int i = 0; i < statement.getColumnCount(); ++i) {
            const SQLite::Column cell = statement.getColumn(i);
            row += i > 0 ? "|" : "";
            row += cell.isNull()    ? "NULL"
                   : cell.isFloat() ? fmt::format("{}", cell.getDouble())
                                    : storableText(cell.getString());
        }
        rows.push_back(std::move(row));
    }
    std::sort(rows.begin(), rows.end());
    return rows;
}

struct Played {
    std::string complaints;
    bool isMachine = false;
    std::uint64_t fingerprint = 0;
    Rows keptAside;
};

/// Until nothing is left to do; `look` is asked all the time whether to go on.
Played play(const std::string& text, const std::function<bool(SimTime)>& look = {}) {
    Played played;
    const auto troubled = [&played](const Error& error) {
        played.complaints += error.where + ": " + error.message + "\n";
        played.isMachine = error.kind == ErrorKind::Machine;
        return played;
    };
    scenario::ScenarioReading reading = scenario::readScenario(text, {"postgres.json", {}, {}});
    for (const std::string& complaint : reading.complaintTexts("postgres.json")) {
        if (complaint.find("warning") == std::string::npos) {
            played.complaints += complaint + "\n";
        }
    }
    if (!reading.scenario) {
        return played;
    }
    run::EngineOptions options;
    options.session.keepsHistory = false;
    auto engine = run::Engine::open(std::move(*reading.scenario), std::move(options));
    if (!engine) {
        return troubled(engine.error());
    }
    run::PlayLimit limit;
    limit.untilDrained = true;
    limit.keepGoing = [&look](const sim::World& world) { return !look || look(world.now()); };
    if (const auto result = (*engine)->play(limit); !result) {
        return troubled(result.error());
    }
    played.fingerprint = (*engine)->world().fingerprint();
    played.keptAside = (*engine)->keptAside();
    if (const auto finished = (*engine)->finish(); !finished) {
        return troubled(finished.error());
    }
    return played;
}

/// A thousand card payments into a star schema: facts, dimensions, counts, and what could not be read. A field goes
/// missing on the way, and some records are damaged.
std::string starSchema(const std::string& name, const std::string& place, const std::string& more = {}) {
    return named(R"({"millrace": 1, "title": "star", "run": {"seed": 4}, "hosts": {"a": {}, "b": {}},
        "sources": {"s": {"kind": "card-payments", "rate": "50/s", "count": 1000,
            "flaws": {"damaged": 0.05, "form_changes_at": "15s", "form_change": "missing-field", "form_field": "country"}}},
        "ingestion": {"p": {"kind": "streaming", "checkpoint_every": "2s", "host": "a", "source": "s", "time": "time", "to": "@",
            "tables": ["payments", "merchants", "countries", "cards"], "dead_letters": "@"}},
        "sinks": {"@": {"kind": "warehouse", "host": "b", "commit_latency": "10ms", @, "tables": {
            "payments": {"columns": ["payment INTEGER", "time INTEGER", "card TEXT", "merchant TEXT", "amount REAL", "country TEXT"]},
            "merchants": {"kind": "keyed", "key": ["merchant"], "columns": ["merchant TEXT"]},
            "cards": {"kind": "keyed", "key": ["card"], "columns": ["card TEXT", "merchant TEXT", "amount REAL"]},
            "countries": {"kind": "counts", "columns": ["country TEXT"]},
            "rejected": {"columns": ["source TEXT", "position INTEGER", "step TEXT", "reason TEXT", "line TEXT"]}}}} @})",
                 {name, name, name, place, more});
}
const std::vector<std::string> starTables{"payments", "merchants", "cards", "countries", "rejected"};

/// Crashes of the pipeline and of the sink's process, at times at which something is on its way.
const std::string crashes =
    R"(, "faults": [{"at": "6.305s", "kind": "crash", "target": "ingestion:p", "for": "1s"},
                    {"at": "9.11s", "kind": "crash", "target": "sink:db", "for": "3s"},
                    {"at": "14.005s", "kind": "crash", "target": "ingestion:p", "for": "300ms"}])";

std::string fileAt(const std::string& path) {
    return fmt::format(R"("path": "{}")", path);
}
std::string databaseAt(const std::string& connection) {
    return fmt::format(R"("connection": "{}")", connection);
}

/// Facts, counts and a keyed table with a column beside its key.
Ref<SinkSpec> sinkAt(const std::string& connection, WriteMode mode = WriteMode::Append, std::string id = "audit") {
    using Type = SinkColumn::Type;
    auto spec = makeRef<SinkSpec>();
    spec->id = std::move(id);
    spec->connection = connection;
    spec->write = mode;
    spec->tables = {{"facts", SinkTable::Kind::Rows, {{"offset", Type::Integer}, {"part", Type::Real}}},
                    {"totals", SinkTable::Kind::Counts, {{"status", Type::Integer}}},
                    {"names", SinkTable::Kind::Keyed, {{"id", Type::Text}, {"name", Type::Text}}, {"id"}}};
    return spec;
}
SinkWrite fact(std::int64_t position, SinkValue value) {
    return {0, {"log", position}, {position, std::move(value)}};
}
SinkWrite countOf(std::int64_t status, std::int64_t position, std::int64_t increment = 1) {
    return {1, {"log", position}, {status}, increment};
}
SinkWrite nameOf(SinkValue id, std::string text, std::int64_t position) {
    return {2, {"log", position}, {std::move(id), std::move(text)}};
}

Ref<const sim::Effect> effect(const Ref<SinkSpec>& sink, std::uint64_t number, std::vector<SinkWrite> writes) {
    return makeRef<SinkEffect>(sink, number,
                               std::vector<Ref<const SinkCommit>>{makeRef<SinkCommit>(number, std::move(writes))});
}
using Effects = std::vector<Ref<const sim::Effect>>;

std::string told(const Result<void>& result) {
    return result ? "done" : result.error().where + ": " + result.error().message;
}

#define NEEDS_SERVER()                                                         \
    if (!m_trouble.isEmpty()) {                                                \
        QSKIP(qPrintable(QStringLiteral("no PostgreSQL here: ") + m_trouble)); \
    }

#define COMPARE_TEXT(actual, expected) QCOMPARE(QString::fromStdString(actual), QString::fromStdString(expected))

#define VERIFY_DONE(result)                       \
    do {                                          \
        const std::string said_ = told(result);   \
        QVERIFY2(said_ == "done", said_.c_str()); \
    } while (false)

#define VERIFY_SAYS(text, part) QVERIFY2((text).find(part) != std::string::npos, (text).c_str())
#define VERIFY_KEEPS_SECRET(text) QVERIFY2((text).find("open-sesame") == std::string::npos, (text).c_str())

}  // namespace

/// Warehouses that are databases of a real PostgreSQL.
class TestPostgres : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { m_trouble = m_server.start(); }

    // --- what needs no server

    void aConnectionIsJudgedBeforeTheRun_data() {
        QTest::addColumn<QString>("place");
        QTest::addColumn<QString>("complaint");
        QTest::newRow("no connection") << R"("connection": "my database")"
                                       << "no connection of PostgreSQL";
        QTest::newRow("a file, too") << R"("connection": "dbname=a", "path": "a.db")"
                                     << "leave out \"path\" or";
        QTest::newRow("a torn password") << R"("connection": "postgresql://me:open@sesame@host/db")"
                                         << "write @ as %40";
        QTest::newRow("a torn port") << R"("connection": "postgresql://me:open/sesame@host/db")"
                                     << "write @ as %40";
    }
    void aConnectionIsJudgedBeforeTheRun() {
        QFETCH(QString, place);
        QFETCH(QString, complaint);
        const Played played = play(starSchema("db", place.toStdString()));
        VERIFY_SAYS(played.complaints, complaint.toStdString());
        QVERIFY2(played.complaints.find("sesame") == std::string::npos, played.complaints.c_str());
    }

    void namesThatPostgresCutsOffAreRefused() {
        const std::string longName(64, 'x');
        VERIFY_SAYS(play(starSchema(longName, databaseAt("dbname=a"))).complaints, "63 bytes");
        VERIFY_SAYS(play(starSchema("pg_db", databaseAt("dbname=a"))).complaints, "begin with pg_");
    }

    void whoHasNoServerIsToldSo() {
        const std::string connection = "postgresql://me:open-sesame@localhost:1/db";
        const Played played = play(starSchema("db", databaseAt(connection)));
        VERIFY_SAYS(played.complaints,
                    "sinks.db.connection: database db on localhost: sink db: there is no connection");
        QVERIFY(played.isMachine);
        VERIFY_KEEPS_SECRET(played.complaints);
    }

    // --- whole runs

    void aStarSchemaIsTheSameInBothDatabases_data() {
        QTest::addColumn<bool>("isOnce");
        QTest::addColumn<bool>("crash");
        QTest::newRow("append") << false << false;
        QTest::newRow("append, crashes") << false << true;
        QTest::newRow("once, crashes") << true << true;
    }
    void aStarSchemaIsTheSameInBothDatabases() {
        NEEDS_SERVER()
        QFETCH(bool, isOnce);
        QFETCH(bool, crash);
        QTemporaryDir folder;
        const std::string file = folder.filePath(QStringLiteral("star.db")).toStdString();
        const std::string once = isOnce ? R"(, "write": "once")" : "";
        const std::string faults = crash ? crashes : "";
        const Played inFile = play(starSchema("db", fileAt(file) + once, faults));
        const Played inServer = play(starSchema("db", databaseAt(m_server.connection()) + once, faults));
        COMPARE_TEXT(inFile.complaints, "");
        COMPARE_TEXT(inServer.complaints, "");
        QCOMPARE(inServer.fingerprint, inFile.fingerprint);
        for (const std::string& table : starTables) {
            Rows rows = m_server.rows("SELECT * FROM db." + table);
            std::sort(rows.begin(), rows.end());
            QVERIFY2(rows.size() > 5, table.c_str());
            COMPARE_TEXT(textOf(rows), textOf(sqliteRows(file, "SELECT * FROM " + table)));
        }
        // The test would see nothing if nothing were missing, damaged or repeated.
        QVERIFY(std::stoi(m_server.row("SELECT count(*) FROM db.payments WHERE country IS NULL")) > 100);
        const std::string all =
            m_server.row("SELECT (SELECT count(*) FROM db.payments) + (SELECT count(*) FROM db.rejected)");
        QVERIFY2(crash && !isOnce ? std::stoi(all) > 1000 : all == "1000", all.c_str());
    }

    void whatAnEarlierRunWroteIsKeptAside() {
        NEEDS_SERVER()
        const std::string text = starSchema("kept", databaseAt(m_server.connection()));
        QVERIFY(play(text).keptAside.empty());
        m_server.rows("DELETE FROM kept.payments");
        COMPARE_TEXT(textOf(play(text).keptAside),
                     "sinks.kept.connection: what was there before is the schema kept_previous now\n");
        COMPARE_TEXT(textOf(play(text).keptAside),
                     "sinks.kept.connection: what was there before is the schema kept_previous_2 now\n");
        COMPARE_TEXT(m_server.row("SELECT (SELECT count(*) FROM kept_previous.payments), (SELECT count(*) FROM "
                                  "kept_previous_2.payments) = (SELECT count(*) FROM kept.payments)"),
                     "0|t");
    }

    void aForeignSchemaIsNotTouched() {
        NEEDS_SERVER()
        m_server.rows("CREATE SCHEMA mine; CREATE TABLE mine.payments (a int); INSERT INTO mine.payments VALUES (1)");
        const Played played = play(starSchema("mine", databaseAt(m_server.connection())));
        VERIFY_SAYS(played.complaints, "has a schema mine that no run made, and it is not touched; give the sink");
        QVERIFY(!played.isMachine);
        COMPARE_TEXT(m_server.row("SELECT a FROM mine.payments"), "1");
    }

    void aServerThatGoesDuringTheRunEndsIt() {
        NEEDS_SERVER()
        const auto facts = [this] { return std::stoi(m_server.row("SELECT count(*) FROM gone.payments")); };
        bool isStopped = false;
        const Played played = play(starSchema("gone", databaseAt(m_server.connection())), [&](SimTime now) {
            if (now > SimTime{8s} && !isStopped) {
                // What is written follows the run at its own pace.
                isStopped = QTest::qWaitFor([&] { return facts() > 50; }, 20'000);
                m_server.stop();
            }
            return true;
        });
        QVERIFY(isStopped);
        const QString trouble = m_server.start();
        QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
        VERIFY_SAYS(played.complaints, "sink gone: the connection was lost");
        QVERIFY(played.isMachine);
        VERIFY_KEEPS_SECRET(played.complaints);
        // What is there is the front of the run, in whole transactions: each row of facts has its country counted.
        QVERIFY2(facts() > 50 && facts() < 900, std::to_string(facts()).c_str());
        COMPARE_TEXT(m_server.row("SELECT sum(count) FROM gone.countries"), std::to_string(facts()));
    }

    // --- the writer alone

    void countsAddUpAndKeysTakeThePlaceOfOthers() {
        NEEDS_SERVER()
        const auto sink = sinkAt(m_server.connection());
        SinkExecutor executor;
        VERIFY_DONE(executor.open(sink));
        const auto second = effect(sink, 2, {countOf(200, 3), fact(1, 0.5), nameOf("a", "last", 4)});
        VERIFY_DONE(executor.carryOut(
            Effects{effect(sink, 1, {countOf(200, 0), countOf(404, 1, 7), countOf(200, 2), nameOf("a", "first", 3)}),
                    second, second}));
        VERIFY_DONE(executor.close());
        // The transaction that came twice under one number was carried out once.
        COMPARE_TEXT(textOf(m_server.rows("SELECT status, count FROM audit.totals ORDER BY 1")), "200|3\n404|7\n");
        COMPARE_TEXT(textOf(m_server.rows("SELECT \"offset\", part FROM audit.facts")), "1|0.5\n");
        COMPARE_TEXT(textOf(m_server.rows("SELECT * FROM audit.names")), "a|last\n");
    }

    void onceWritesWhatIsRepeatedOnce() {
        NEEDS_SERVER()
        const auto sink = sinkAt(m_server.connection(), WriteMode::Once);
        SinkExecutor executor;
        VERIFY_DONE(executor.open(sink));
        VERIFY_DONE(executor.carryOut(Effects{effect(sink, 1, {countOf(404, 5), fact(5, 1.0), countOf(404, 5)}),
                                              effect(sink, 2, {fact(5, 1.0), fact(6, 1.0)})}));
        VERIFY_DONE(executor.carryOut(Effects{effect(sink, 3, {fact(6, 1.0), countOf(404, 6)})}));
        VERIFY_DONE(executor.close());
        COMPARE_TEXT(textOf(m_server.rows("SELECT status, count FROM audit.totals")), "404|2\n");
        COMPARE_TEXT(textOf(m_server.rows("SELECT \"offset\" FROM audit.facts ORDER BY 1")), "5\n6\n");
        COMPARE_TEXT(m_server.row("SELECT count(*), sum(tables) FROM audit.seen"), "2|6");
    }

    void aTransactionThatFailsIsTakenBackAsAWhole() {
        NEEDS_SERVER()
        const auto sink = sinkAt(m_server.connection());
        SinkExecutor executor;
        VERIFY_DONE(executor.open(sink));
        VERIFY_DONE(executor.carryOut(Effects{effect(sink, 1, {countOf(200, 0)})}));
        m_server.rows("ALTER TABLE audit.names ADD CONSTRAINT short CHECK (length(name) < 9)");
        const Effects effects{effect(sink, 2, {countOf(200, 1)}),
                              effect(sink, 3, {nameOf("a", "much too long", 2), countOf(200, 3)})};
        const std::string failed = told(executor.carryOut(effects));
        VERIFY_SAYS(failed, "sink audit: new row for relation \"names\" violates check constraint \"short\"");
        VERIFY_KEEPS_SECRET(failed);
        m_server.rows("ALTER TABLE audit.names DROP CONSTRAINT short");
        COMPARE_TEXT(m_server.row("SELECT count FROM audit.totals"), "1");
        // It can be carried out later, as nothing of it is there.
        VERIFY_DONE(executor.carryOut(effects));
        VERIFY_DONE(executor.close());
        COMPARE_TEXT(m_server.row("SELECT count FROM audit.totals"), "3");
    }

    void aLongTransactionIsOne() {
        NEEDS_SERVER()
        const auto sink = sinkAt(m_server.connection());
        SinkExecutor executor;
        VERIFY_DONE(executor.open(sink));
        std::vector<SinkWrite> writes;
        for (std::int64_t i = 0; i < 5000; ++i) {
            writes.push_back(nameOf(fmt::format("{}", i), std::string(1000, 'x'), i));
        }
        writes.push_back(fact(1, "no number"));
        const std::string failed = told(executor.carryOut(Effects{effect(sink, 1, writes)}));
        VERIFY_SAYS(failed, "column part of table facts is DOUBLE PRECISION and cannot hold no number");
        COMPARE_TEXT(m_server.row("SELECT count(*) FROM audit.names"), "0");
        writes.pop_back();
        VERIFY_DONE(executor.carryOut(Effects{effect(sink, 1, writes)}));
        COMPARE_TEXT(m_server.row("SELECT count(*), sum(length(name)) FROM audit.names"), "5000|5000000");
    }

    void textsOfAllKindsAreStored() {
        NEEDS_SERVER()
        const std::string odd = "it's \"quoted\" \\ back\nline\ttab $1 %s \xF0\x9F\x90\xB3";
        auto sink = sinkAt(m_server.connection(), WriteMode::Once, "Odd \"sink\"; --");
        sink->tables[2].name = "names' \"table\"";
        sink->tables[2].columns[1].name = "select \\ \"x\"";
        SinkExecutor executor;
        VERIFY_DONE(executor.open(sink));
        // Sources that differ behind a NUL are two.
        std::vector<SinkWrite> strange{fact(20, 1.0), fact(20, 1.0), fact(20, 1.0)};
        strange[0].origin.source = "\xE9";
        strange[1].origin.source = std::string("s\0a", 3);
        strange[2].origin.source = std::string("s\0b", 3);
        VERIFY_DONE(executor.carryOut(Effects{
            effect(sink, 1,
                   {nameOf("odd", odd, 1), nameOf("nul", std::string("a\0b", 3), 2), nameOf("latin", "caf\xE9", 3),
                    nameOf(SinkValue{}, "no key", 4), nameOf(SinkValue{}, "no key", 5), fact(7, SinkValue{}),
                    fact(8, std::int64_t{3}), fact(9, "2.5"), fact(10, std::numeric_limits<double>::quiet_NaN())})}));
        VERIFY_DONE(executor.carryOut(Effects{effect(sink, 2, strange)}));
        VERIFY_DONE(executor.close());
        const std::string schema = "\"Odd \"\"sink\"\"; --\"";
        const std::string names = schema + ".\"names' \"\"table\"\"\"";
        const auto stored = [&](const std::string& id) {
            return m_server.row(fmt::format("SELECT \"select \\ \"\"x\"\"\" FROM {} WHERE id = '{}'", names, id));
        };
        COMPARE_TEXT(stored("odd"), odd);
        COMPARE_TEXT(stored("nul"), "a\\x00b");
        QVERIFY(QString::fromStdString(stored("latin")).compare(QStringLiteral("caf\\xe9"), Qt::CaseInsensitive) == 0);
        COMPARE_TEXT(m_server.row(fmt::format("SELECT count(*) FROM {} WHERE id IS NULL", names)), "2");
        COMPARE_TEXT(textOf(m_server.rows(fmt::format("SELECT part FROM {}.facts ORDER BY \"offset\"", schema))),
                     "NULL\n3\n2.5\nNULL\n1\n1\n1\n");
    }

    void lookingTouchesNothing() {
        NEEDS_SERVER()
        const auto sink = sinkAt(m_server.connection(), WriteMode::Append, "looked");
        VERIFY_DONE(SinkExecutor::check(sink));
        COMPARE_TEXT(m_server.row("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'looked%'"), "0");
        SinkExecutor executor;
        VERIFY_DONE(executor.open(sink));
        VERIFY_DONE(executor.close());
        VERIFY_DONE(SinkExecutor::check(sink));
        COMPARE_TEXT(m_server.row("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'looked%'"), "1");
        auto impossible = sinkAt(m_server.connection(), WriteMode::Append, "looked");
        impossible->tables[0].columns[0].name = "xmin";
        VERIFY_SAYS(told(SinkExecutor::check(impossible)), "conflicts with a system column name");
    }

    /// It would go on in the schema that takes the name of its own.
    void aSchemaThatIsBeingWrittenIsLeftAlone() {
        NEEDS_SERVER()
        const auto sink = sinkAt(m_server.connection(), WriteMode::Append, "busy");
        SinkExecutor first;
        VERIFY_DONE(first.open(sink));
        SinkExecutor second;
        VERIFY_SAYS(told(second.open(sink)), "sink busy: somebody holds its schema; end the other run");
        VERIFY_DONE(first.carryOut(Effects{effect(sink, 1, {fact(1, 1.0)})}));
        VERIFY_DONE(first.close());
        VERIFY_DONE(second.open(sink));
        COMPARE_TEXT(m_server.row("SELECT count(*) FROM busy_previous.facts"), "1");
    }

    void aLongNameHasRoomForWhatWasBefore() {
        NEEDS_SERVER()
        const std::string name = std::string(60, 'n') + "\xC3\xA9";
        for (int run = 0; run < 3; ++run) {
            const auto sink = sinkAt(m_server.connection(), WriteMode::Append, name);
            SinkExecutor executor;
            VERIFY_DONE(executor.open(sink));
            VERIFY_DONE(executor.close());
        }
        COMPARE_TEXT(m_server.row("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'nnn%'"), "3");
    }

    void aDatabaseThatHasNoPlaceForEveryTextIsRefused() {
        NEEDS_SERVER()
        m_server.rows("CREATE DATABASE western ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        SinkExecutor executor;
        const std::string refused = told(executor.open(sinkAt(m_server.connection("western"))));
        VERIFY_SAYS(refused, "the database is in LATIN1, which cannot hold every text");
    }

private:
    PostgresServer m_server;
    QString m_trouble;
};

QTEST_GUILESS_MAIN(TestPostgres)
#include "tst_postgres.moc"
