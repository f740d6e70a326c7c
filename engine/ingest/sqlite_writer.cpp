#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <variant>
#include <vector>

#include "engine/base/plain_file.h"
#include "engine/ingest/sink_executor.h"

namespace millrace::ingest {
namespace {

constexpr std::string_view seenTable = "seen";
/// Marks databases that a run made ("MILL"), so that the next run may begin afresh without touching anybody else's.
constexpr int applicationId = 0x4D494C4C;

/// SQLite takes ":memory:" and "file:x?mode=ro" for something else than names of files.
std::string databaseName(const std::string& path) {
    return path.starts_with(':') || path.starts_with("file:") ? "./" + path : path;
}

std::string identifier(std::string_view name) {
    std::string text = "\"";
    for (const char c : name) {
        text += c;
        if (c == '"') {
            text += c;
        }
    }
    return text + '"';
}

std::string_view typeName(SinkColumn::Type type) {
    switch (type) {
        case SinkColumn::Type::Integer:
            return "INTEGER";
        case SinkColumn::Type::Real:
            return "REAL";
        case SinkColumn::Type::Text:
            break;
    }
    return "TEXT";
}

std::string listOf(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        list += (list.empty() ? "" : ", ") + identifier(name);
    }
    return list;
}

std::string createTable(const SinkTable& table) {
    std::string columns;
    for (const SinkColumn& column : table.columns) {
        columns += columns.empty() ? "" : ", ";
        columns += fmt::format("{} {}", identifier(column.name), typeName(column.type));
    }
    if (table.kind == SinkTable::Kind::Counts) {
        columns += " PRIMARY KEY, count INTEGER NOT NULL";
    } else if (table.kind == SinkTable::Kind::Keyed) {
        columns += fmt::format(", PRIMARY KEY ({})", listOf(table.keys));
    }
    return fmt::format("CREATE TABLE IF NOT EXISTS {} ({})", identifier(table.name), columns);
}

std::string insertInto(const SinkTable& table) {
    if (table.kind == SinkTable::Kind::Counts) {
        // With its target named, a foreign table of that name without such a key is refused instead of filled.
        return fmt::format("INSERT INTO {} VALUES (?, ?) ON CONFLICT ({}) DO UPDATE SET count = count + excluded.count",
                           identifier(table.name), identifier(table.columns.front().name));
    }
    std::string marks;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        marks += i == 0 ? "?" : ", ?";
    }
    std::string insert = fmt::format("INSERT INTO {} VALUES ({})", identifier(table.name), marks);
    if (table.kind == SinkTable::Kind::Keyed) {
        std::string sets;
        for (const SinkColumn& column : table.columns) {
            if (std::find(table.keys.begin(), table.keys.end(), column.name) == table.keys.end()) {
                sets += fmt::format("{}{} = excluded.{}", sets.empty() ? "" : ", ", identifier(column.name),
                                    identifier(column.name));
            }
        }
        insert += fmt::format(" ON CONFLICT ({}) DO {}", listOf(table.keys),
                              sets.empty() ? std::string("NOTHING") : "UPDATE SET " + sets);
    }
    return insert;
}

/// A quote in a name of a member is doubled for SQL and cannot end its path.
std::string createIndex(const SinkTable& table, const std::string& member) {
    std::string path;
    for (const char c : member) {
        path += c == '\'' ? std::string("''") : std::string(1, c);
    }
    return fmt::format("CREATE INDEX IF NOT EXISTS {} ON {} (json_extract(body, '$.\"{}\"'))",
                       identifier(table.name + "_by_" + member), identifier(table.name), path);
}

/// One row an origin: `tables` has a bit for each table that it has been written to.
constexpr const char* createSeen =
    "CREATE TABLE IF NOT EXISTS seen (source TEXT, position INTEGER, part INTEGER, tables INTEGER NOT NULL, "
    "PRIMARY KEY (source, position, part)) WITHOUT ROWID";
constexpr const char* markSeen =
    "INSERT INTO seen VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET tables = tables | ?4 WHERE tables & ?4 = 0";

class SqliteWriter final : public SinkWriter {
public:
    explicit SqliteWriter(Ref<const SinkSpec> sink)
        : m_sink(std::move(sink)),
          m_database(databaseName(m_sink->path), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
        m_database.setBusyTimeout(5'000);
        // With a write-ahead log a commit costs one write and no wait for the medium; a crash of this program loses
        // nothing.
        m_database.exec("PRAGMA journal_mode=WAL");
        m_database.exec("PRAGMA synchronous=NORMAL");
        SQLite::Transaction transaction(m_database);
        if (isEmpty()) {
            m_database.exec(fmt::format("PRAGMA application_id={}", applicationId));
        }
        for (const SinkTable& table : m_sink->tables) {
            m_database.exec(createTable(table));
        }
        for (const std::string& member : m_sink->indexes) {
            m_database.exec(createIndex(m_sink->tables.front(), member));
        }
        if (m_sink->write == WriteMode::Once) {
            m_database.exec(createSeen);
            m_seen.emplace(m_database, markSeen);
        }
        for (const SinkTable& table : m_sink->tables) {
            m_inserts.emplace_back(m_database, insertInto(table));
        }
        transaction.commit();
    }

    Result<void> begin() override {
        return guarded([this] { m_database.exec("BEGIN IMMEDIATE"); });
    }
    Result<void> commit() override {
        return guarded([this] {
            m_database.exec("COMMIT");
            m_lastCommitted = m_lastWritten;
        });
    }
    void rollBack() noexcept override {
        m_lastWritten = m_lastCommitted;
        m_database.tryExec("ROLLBACK");
    }
    Result<void> write(const SinkEffect& effect) override {
        if (effect.transaction() <= m_lastWritten) {
            return {};
        }
        return guarded([&] {
            for (const auto& request : effect.requests()) {
                for (const SinkWrite& one : request->writes) {
                    write(one);
                }
            }
            m_lastWritten = effect.transaction();
        });
    }
    Result<void> close() override {
        return guarded([this] { m_database.exec("PRAGMA wal_checkpoint(TRUNCATE)"); });
    }

private:
    [[nodiscard]] bool isEmpty() { return m_database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0; }

    void write(const SinkWrite& one) {
        if (m_seen && !mark(one)) {
            return;
        }
        SQLite::Statement& insert = m_inserts.at(one.table);
        int column = 0;
        for (const SinkValue& value : one.values) {
            bind(insert, ++column, value);
        }
        if (m_sink->tables[one.table].kind == SinkTable::Kind::Counts) {
            insert.bind(++column, one.increment);
        }
        insert.exec();
        insert.reset();
    }
    bool mark(const SinkWrite& one) {
        m_seen->bindNoCopy(1, one.origin.source);
        m_seen->bind(2, one.origin.position);
        m_seen->bind(3, static_cast<std::int64_t>(one.origin.part));
        m_seen->bind(4, static_cast<std::int64_t>(1) << one.table);
        const bool isNew = m_seen->exec() == 1;
        m_seen->reset();
        return isNew;
    }
    static void bind(SQLite::Statement& statement, int column, const SinkValue& value) {
        if (const auto* text = std::get_if<std::string>(&value)) {
            statement.bindNoCopy(column, *text);
        } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
            statement.bind(column, *number);
        } else if (const auto* real = std::get_if<double>(&value)) {
            statement.bind(column, *real);
        } else {
            statement.bind(column);
        }
    }

    template <class Work>
    Result<void> guarded(Work work) {
        try {
            work();
            return {};
        } catch (const SQLite::Exception& error) {
            const bool isFull = error.getErrorCode() == SQLITE_FULL;
            return machineFailure(
                fmt::format("sink {}: {}", m_sink->id, isFull ? systemTrouble(ENOSPC) : std::string(error.what())),
                m_sink->path);
        }
    }

    Ref<const SinkSpec> m_sink;
    SQLite::Database m_database;
    std::optional<SQLite::Statement> m_seen;
    std::vector<SQLite::Statement> m_inserts;
    std::uint64_t m_lastWritten = 0;
    std::uint64_t m_lastCommitted = 0;
};

bool isOfEarlierRun(const std::string& path) {
    try {
        SQLite::Database database(databaseName(path), SQLite::OPEN_READONLY);
        return database.execAndGet("PRAGMA application_id").getInt() == applicationId;
    } catch (const SQLite::Exception&) {
        return false;
    }
}

/// "audit.previous.db", then "audit.previous-2.db" and so on: the first that neither a database nor a log has.
std::filesystem::path freeNameBeside(const std::filesystem::path& path) {
    std::filesystem::path free = path;
    std::error_code ignored;
    for (int number = 1;; ++number) {
        const std::string ending = number == 1 ? std::string() : fmt::format("-{}", number);
        free.replace_filename(path.stem().string() + ".previous" + ending + path.extension().string());
        if (!std::filesystem::exists(free, ignored) && !std::filesystem::exists(free.string() + "-wal", ignored)) {
            return free;
        }
    }
}

/// Gives where it lies now.
Result<std::string> moveEarlierRunAside(const std::string& path) {
    const std::filesystem::path from(path);
    const std::filesystem::path to = freeNameBeside(from);
    std::error_code error;
    // A run that was killed has left committed rows in its write-ahead log: the log goes along with its database.
    std::filesystem::remove(to.string() + "-shm", error);
    std::filesystem::remove(path + "-shm", error);
    error.clear();
    // An empty log is what looking into the database leaves behind.
    const std::string log = path + "-wal";
    if (std::filesystem::exists(log) && std::filesystem::file_size(log, error) == 0 && !error) {
        std::filesystem::remove(log, error);
    } else if (std::filesystem::exists(log)) {
        std::filesystem::rename(path + "-wal", to.string() + "-wal", error);
    }
    if (!error) {
        std::filesystem::rename(from, to, error);
    }
    if (error) {
        return machineFailure(
            fmt::format("the earlier run's database cannot be moved to {}: {}", to.string(), error.message()), path);
    }
    return to.string();
}

/// SQLite says of a full disk that reading or opening failed, where it is its log that finds no room.
bool isDiskFull(const std::string& path) {
    constexpr std::uintmax_t roomOfALog = 64U << 10U;
    std::error_code trouble;
    const std::filesystem::path folder = std::filesystem::absolute(path, trouble).parent_path();
    const auto space = std::filesystem::space(folder, trouble);
    return !trouble && space.available < roomOfALog;
}

/// What the file says is its writer's to mend; what the system says, the machine's keeper's.
Error openError(const SQLite::Exception& error, const std::string& path) {
    const int code = error.getErrorCode();
    const bool isOfFile = code == SQLITE_NOTADB || code == SQLITE_ERROR || code == SQLITE_CORRUPT ||
                          code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH;
    const bool isFull = code == SQLITE_FULL || (code == SQLITE_IOERR && isDiskFull(path));
    return {fmt::format("the database cannot be opened: {}", isFull ? systemTrouble(ENOSPC) : error.what()), path,
            isOfFile ? ErrorKind::Input : ErrorKind::Machine};
}

}  // namespace

/// Does to a foreign database what opening does, and takes it back; that of an earlier run must only be free to be
/// moved.
Result<void> checkSqliteFile(const SinkSpec& sink) {
    std::error_code trouble;
    if (std::filesystem::file_size(sink.path, trouble) == 0 || trouble) {
        return {};
    }
    const bool isEarlier = isOfEarlierRun(sink.path);
    const auto logSize = std::filesystem::file_size(sink.path + "-wal", trouble);
    if (isEarlier && !trouble && logSize > 0) {
        return {};  // Writing to it would work off the log that a killed run has left.
    }
    try {
        SQLite::Database database(databaseName(sink.path), SQLite::OPEN_READWRITE);
        constexpr int patience = 1'000;
        database.setBusyTimeout(patience);
        database.exec("BEGIN IMMEDIATE");
        for (const SinkTable& table : isEarlier ? std::vector<SinkTable>() : sink.tables) {
            database.exec(createTable(table));
            const SQLite::Statement insert(database, insertInto(table));
        }
        database.exec("ROLLBACK");
        return {};
    } catch (const SQLite::Exception& error) {
        return tl::unexpected(openError(error, sink.path));
    }
}

Result<std::unique_ptr<SinkWriter>> openSqliteWriter(Ref<const SinkSpec> sink) {
    const std::string path = sink->path;
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        return failure(fmt::format("sink {}: is a folder, a database file is expected", sink->id), path);
    }
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty() && !std::filesystem::is_directory(folder, ignored)) {
        return failure(fmt::format("sink {}: there is no folder {}", sink->id, folder.string()), path);
    }
    std::string keptAs;
    if (std::filesystem::exists(path, ignored) && isOfEarlierRun(path)) {
        auto moved = moveEarlierRunAside(path);
        if (!moved) {
            return tl::unexpected(moved.error());
        }
        keptAs = std::move(*moved);
    }
    for (const SinkTable& table : sink->tables) {
        if (sink->write == WriteMode::Once && table.name == seenTable) {
            return failure(fmt::format("sink {}: the table name seen is taken by \"write\": \"once\"", sink->id), path);
        }
    }
    const bool wasThere = std::filesystem::exists(path, ignored);
    try {
        auto writer = std::make_unique<SqliteWriter>(std::move(sink));
        writer->setKeptAs(std::move(keptAs));
        return writer;
    } catch (const SQLite::Exception& error) {
        Error said = openError(error, path);
        for (const char* ending : {"", "-wal", "-shm"}) {
            if (!wasThere) {
                std::filesystem::remove(path + ending, ignored);
            }
        }
        return tl::unexpected(std::move(said));
    }
}

}  // namespace millrace::ingest
