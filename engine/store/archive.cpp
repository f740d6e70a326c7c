#include "engine/store/archive.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <filesystem>

#include "engine/base/plain_file.h"

namespace millrace::store {

namespace {

namespace fs = std::filesystem;

constexpr const char* schema = R"sql(
    CREATE TABLE run(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE inputs(number INTEGER PRIMARY KEY, time_ns INTEGER, events_before INTEGER, kind TEXT, payload TEXT);
    CREATE TABLE fingerprints(second INTEGER PRIMARY KEY, fingerprint TEXT);
    CREATE TABLE journal(id INTEGER PRIMARY KEY, time_ns INTEGER, place TEXT, severity INTEGER, kind TEXT, text TEXT,
                         cause INTEGER);
    CREATE TABLE journal_fields(entry INTEGER, field TEXT, value TEXT);
    CREATE TABLE series(id INTEGER PRIMARY KEY, owner TEXT, name TEXT, label TEXT, is_counter INTEGER,
                        interval_ns INTEGER, unit TEXT, meaning TEXT);
    CREATE TABLE points(series INTEGER, time_ns INTEGER, min REAL, max REAL, sum REAL, samples INTEGER);
    CREATE VIEW causes AS SELECT effect.id, effect.time_ns, effect.place, effect.text, cause.text AS because,
                                 cause.time_ns AS because_ns
                          FROM journal AS effect LEFT JOIN journal AS cause ON effect.cause = cause.id;
)sql";

template <class... Values>
void insert(SQLite::Statement& statement, const Values&... values) {
    int index = 0;
    (statement.bind(++index, values), ...);
    statement.exec();
    statement.reset();
}

void writeRun(SQLite::Database& database, const ArchiveHead& head, const sim::World& world) {
    SQLite::Statement run(database, "INSERT INTO run VALUES(?, ?)");
    insert(run, "archive_version", 1);
    insert(run, "scenario_file", head.scenarioFile);
    insert(run, "scenario", head.scenarioText);
    insert(run, "report", head.report);
    insert(run, "seed", std::to_string(world.spec().seed));
    insert(run, "start_ms", static_cast<std::int64_t>(world.spec().startMillis));
    insert(run, "simulated_ns", nanoseconds(world.now()));
    insert(run, "events", static_cast<std::int64_t>(world.eventsProcessed()));
    insert(run, "fingerprint", fmt::format("{:016x}", world.fingerprint()));
    insert(run, "journal_forgotten", static_cast<std::int64_t>(world.journal().forgotten()));

    SQLite::Statement inputs(database, "INSERT INTO inputs VALUES(?, ?, ?, ?, ?)");
    std::int64_t number = 0;
    for (const ArchivedInput& input : head.inputs) {
        insert(inputs, ++number, nanoseconds(input.time), static_cast<std::int64_t>(input.eventsBefore), input.kind,
               input.payload);
    }
    SQLite::Statement fingerprints(database, "INSERT INTO fingerprints VALUES(?, ?)");
    std::int64_t second = 0;
    for (const std::uint64_t fingerprint : world.fingerprintsBySecond()) {
        insert(fingerprints, ++second, fmt::format("{:016x}", fingerprint));
    }
}

void writeJournal(SQLite::Database& database, const sim::Journal& journal) {
    SQLite::Statement entries(database, "INSERT INTO journal VALUES(?, ?, ?, ?, ?, ?, ?)");
    SQLite::Statement fields(database, "INSERT INTO journal_fields VALUES(?, ?, ?)");
    for (std::uint32_t id = journal.firstId().value; id <= journal.lastId().value; ++id) {
        const sim::JournalEntry& entry = *journal.find(sim::JournalId{id});
        const auto key = static_cast<std::int64_t>(id);
        insert(entries, key, nanoseconds(entry.time), entry.place, static_cast<int>(entry.severity),
               std::string{entry.kind}, entry.text, static_cast<std::int64_t>(entry.cause.value));
        for (const auto& [field, value] : entry.fields) {
            insert(fields, key, std::string{field}, value);
        }
    }
}

void writeSeries(SQLite::Database& database, const sim::SeriesStore& store) {
    SQLite::Statement all(database, "INSERT INTO series VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
    SQLite::Statement points(database, "INSERT INTO points VALUES(?, ?, ?, ?, ?, ?)");
    std::int64_t id = 0;
    store.forEach([&](const sim::Series& series) {
        insert(all, ++id, series.id().owner, series.id().name, series.id().label,
               series.kind() == MetricKind::Counter ? 1 : 0, static_cast<std::int64_t>(series.interval().count()),
               std::string{series.metric().unit}, std::string{series.metric().meaning});
        for (const sim::Series::Point& point : series.points()) {
            insert(points, id, nanoseconds(point.time), static_cast<double>(point.min), static_cast<double>(point.max),
                   point.sum, static_cast<std::int64_t>(point.count));
        }
    });
}

bool isArchive(const std::string& path) {
    try {
        SQLite::Database database(path, SQLite::OPEN_READONLY);
        return database.execAndGet("SELECT count(*) FROM run WHERE key = 'archive_version'").getInt() == 1;
    } catch (const SQLite::Exception&) {
        return false;
    }
}

/// Where a link leads, whether something is there or not: it stays, and what it names is written.
std::string followed(fs::path path) {
    std::error_code error;
    constexpr int linksMost = 40;  // as the system has it
    for (int i = 0; i < linksMost && fs::is_symlink(fs::symlink_status(path, error)); ++i) {
        const fs::path target = fs::read_symlink(path, error);
        path = target.is_absolute() ? target : path.parent_path() / target;
    }
    return path.string();
}

}  // namespace

Result<void> checkArchivePath(const std::string& path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        return failure("is a folder, not a file", path);
    }
    if (const auto trouble = troubleWithName(path, Making::Beside)) {
        return failure(*trouble, path);
    }
    if (auto writable = checkWritable(path, Making::Beside); !writable) {
        return writable.error().kind == ErrorKind::Input ? failure("is not a file that can be replaced", path)
                                                         : writable;
    }
    if (fs::exists(path, ignored) && fs::file_size(path, ignored) > 0 && !isArchive(path)) {
        return failure("is there already and is no archive of a run: it is not replaced", path);
    }
    return {};
}

Result<void> writeArchive(const std::string& name, const ArchiveHead& head, const sim::World& world) {
    if (auto possible = checkArchivePath(name); !possible) {
        return possible;
    }
    const std::string path = followed(name);
    std::error_code ignored;
    // A name that is nobody's: what lies beside the archive may be another output.
    std::string beside = path + ".part";
    for (int number = 2; fs::exists(fs::symlink_status(beside, ignored)); ++number) {
        beside = fmt::format("{}.part-{}", path, number);
    }
    try {
        SQLite::Database database(beside, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        database.exec("PRAGMA journal_mode = OFF");  // The file is not there until it is whole.
        SQLite::Transaction transaction(database);
        database.exec(schema);
        writeRun(database, head, world);
        writeJournal(database, world.journal());
        writeSeries(database, world.series());
        transaction.commit();
    } catch (const SQLite::Exception& error) {
        fs::remove(beside, ignored);
        return failure(fmt::format("the archive cannot be written: {}", error.what()), path);
    }
    std::error_code error;
    fs::rename(beside, path, error);
    if (error) {
        fs::remove(beside, ignored);
        return failure(fmt::format("the archive cannot be written: {}", error.message()), path);
    }
    return {};
}

}  // namespace millrace::store
