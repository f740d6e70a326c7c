#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>

#include <QtCore/QDir>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <filesystem>
#include <fstream>

#include "engine/store/archive.h"
#include "tests/sim/demo_actors.h"

using namespace millrace;
using namespace millrace::sim;
using namespace millrace::sim::demo;
using namespace millrace::store;
using namespace std::chrono_literals;

namespace {

World brokenPair() {
    World world = pair();
    world.scheduleFault(SimTime{500ms}, fault(FaultKind::Crash, "process:server", 1s));
    world.run(SimTime{3500ms});
    return world;
}

std::int64_t number(SQLite::Database& database, const char* query) {
    return database.execAndGet(query).getInt64();
}

}  // namespace

class TestArchive : public QObject {
    Q_OBJECT
private slots:
    void aStoredRunCanBeAskedWithPlainSql() {
        const QTemporaryDir folder;
        const std::string path = (folder.path() + QStringLiteral("/run.db")).toStdString();
        const World world = brokenPair();
        const ArchiveHead head{"pair.json", "{}", "{\"seed\": 7}", {{SimTime{1s}, 12, "fault", "{}"}}};
        QVERIFY(writeArchive(path, head, world).has_value());
        QVERIFY(writeArchive(path, head, world).has_value());  // Again: replaced as a whole.
        QVERIFY(!QDir(folder.path()).exists(QStringLiteral("run.db.part")));

        SQLite::Database database(path);
        QCOMPARE(number(database, "SELECT COUNT(*) FROM journal"), static_cast<std::int64_t>(world.journal().size()));
        QCOMPARE(number(database, "SELECT COUNT(*) FROM fingerprints"), 3);
        QCOMPARE(number(database, "SELECT events_before FROM inputs"), 12);
        QCOMPARE(database.execAndGet("SELECT value FROM run WHERE key = 'fingerprint'").getString(),
                 fmt::format("{:016x}", world.fingerprint()));
        // The restart leads back to the fault.
        QCOMPARE(number(database,
                        "SELECT COUNT(*) FROM causes WHERE text LIKE 'server starts again%' AND because LIKE '%is to "
                        "start again'"),
                 1);
        QCOMPARE(number(database,
                        "SELECT COUNT(*) FROM points p JOIN series s ON p.series = s.id "
                        "WHERE s.owner = 'host/a' AND s.name = 'cpu_seconds'"),
                 34);
        // Whoever divides by the time between two samples finds it there.
        QCOMPARE(number(database, "SELECT COUNT(*) FROM series WHERE interval_ns <> 100000000"), 0);
    }

    void whatCannotBeWrittenIsSaidWithItsPath() {
        const QTemporaryDir folder;
        const World world = pair();
        const auto intoFolder = writeArchive(folder.path().toStdString(), {}, world);
        QVERIFY(!intoFolder.has_value());
        QCOMPARE(intoFolder.error().message, std::string{"is a folder, not a file"});
        const auto intoNothing = writeArchive((folder.path() + QStringLiteral("/no/run.db")).toStdString(), {}, world);
        QVERIFY(!intoNothing.has_value());
        QVERIFY(intoNothing.error().where.ends_with("/no/run.db"));
    }

    void whatIsNoArchiveIsNeverReplaced() {
        const QTemporaryDir folder;
        const World world = pair();
        const std::string foreign = (folder.path() + QStringLiteral("/mine.db")).toStdString();
        SQLite::Database(foreign, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
            .exec("CREATE TABLE run (key TEXT); INSERT INTO run VALUES ('mine')");
        const std::string text = (folder.path() + QStringLiteral("/notes.txt")).toStdString();
        std::ofstream(text) << "notes";
        for (const std::string& path : {foreign, text}) {
            const auto written = writeArchive(path, {}, world);
            QVERIFY2(!written.has_value(), path.c_str());
            QCOMPARE(written.error().message,
                     std::string{"is there already and is no archive of a run: it is not replaced"});
        }
        QCOMPARE(std::filesystem::file_size(text), std::uintmax_t{5});
        SQLite::Database database(foreign, SQLite::OPEN_READONLY);
        QCOMPARE(number(database, "SELECT count(*) FROM run WHERE key = 'mine'"), 1);
    }

    void whatIsNoPlainFileIsNeverReplaced() {
        const QTemporaryDir folder;
        const World world = pair();
        const std::string pipe = (folder.path() + QStringLiteral("/pipe")).toStdString();
        const std::string link = (folder.path() + QStringLiteral("/link")).toStdString();
        QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
        std::filesystem::create_symlink("/dev/null", link);
        for (const std::string& path : {pipe, link}) {
            const auto written = writeArchive(path, {}, world);
            QVERIFY2(!written.has_value(), path.c_str());
            QCOMPARE(written.error().message, std::string{"is not a file that can be replaced"});
            QCOMPARE(written.error().where, path);
        }
        QVERIFY(std::filesystem::is_fifo(pipe));
        QVERIFY(std::filesystem::is_symlink(link) && std::filesystem::is_character_file(link));
    }
};

QTEST_APPLESS_MAIN(TestArchive)
#include "tst_archive.moc"
