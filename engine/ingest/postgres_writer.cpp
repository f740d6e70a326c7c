#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/utf8.h"
#include "engine/ingest/sink_executor.h"

namespace millrace::ingest {
namespace {

/// The comment on schemas that a run made, so that the next may begin afresh without touching anybody else's.
constexpr std::string_view schemaMark = "Millrace";
/// PostgreSQL cuts longer names off.
constexpr std::size_t nameBytesMost = 63;
/// How many writes are on their way before their answers are read: few enough for the answers to wait in a socket.
constexpr std::size_t writesOnTheirWay = 256;

struct GiveBack {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
    void operator()(PGresult* answer) const noexcept { PQclear(answer); }
    void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
    void operator()(char* text) const noexcept { PQfreemem(text); }
};
using Connection = std::unique_ptr<PGconn, GiveBack>;
using Answer = std::unique_ptr<PGresult, GiveBack>;
/// What a statement is given for one of its parameters, as text; nothing: NULL.
using Argument = std::optional<std::string>;

/// What a connection string says, by keyword; nothing when it is none. What libpq has against it is not told: it quotes
/// from the text, which may hold a password.
std::optional<std::map<std::string, std::string>> optionsIn(const std::string& connection) {
    const std::unique_ptr<PQconninfoOption, GiveBack> parsed(PQconninfoParse(connection.c_str(), nullptr));
    if (!parsed) {
        return std::nullopt;
    }
    std::map<std::string, std::string> options;
    for (const PQconninfoOption* each = parsed.get(); each->keyword != nullptr; ++each) {
        if (each->val != nullptr) {
            options[each->keyword] = each->val;
        }
    }
    return options;
}

/// A message of several lines in one; what is set in by a tabulator explains the line before it.
std::string inOneLine(std::string_view text) {
    std::string line;
    while (!text.empty()) {
        const std::string_view each = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), each.size() + 1));
        if (!each.empty() && each.front() != '\t') {
            line += (line.empty() ? "" : "; ") + storableText(each);
        }
    }
    return line;
}

std::string quotedName(PGconn* connection, std::string_view name) {
    const std::unique_ptr<char, GiveBack> quoted(PQescapeIdentifier(connection, name.data(), name.size()));
    return quoted ? std::string(quoted.get()) : std::string();
}

std::string_view postgresType(SinkColumn::Type type) {
    switch (type) {
        case SinkColumn::Type::Integer:
            return "BIGINT";
        case SinkColumn::Type::Real:
            return "DOUBLE PRECISION";
        case SinkColumn::Type::Text:
            break;
    }
    return "TEXT";
}

template <class Number>
std::optional<Number> numberOf(std::string_view text) {
    Number number{};
    const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), number);
    return trouble == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<std::int64_t> wholeNumberOf(double real) {
    constexpr double beyond = 9223372036854775808.0;
    return std::trunc(real) == real && real >= -beyond && real < beyond ? std::optional(static_cast<std::int64_t>(real))
                                                                        : std::nullopt;
}

/// A value that its column cannot hold.
struct Misfit {};

Result<Argument, Misfit> numberArgument(double real, SinkColumn::Type type) {
    if (std::isnan(real)) {
        return Argument();
    }
    if (type != SinkColumn::Type::Integer) {
        return Argument(fmt::format("{}", real));
    }
    const auto whole = wholeNumberOf(real);
    return whole ? Result<Argument, Misfit>(fmt::format("{}", *whole)) : tl::unexpected(Misfit{});
}

/// A value as its column takes it, converted as SQLite does. Where SQLite would keep a value of another type in the
/// column, PostgreSQL would refuse it.
Result<Argument, Misfit> argumentOf(const SinkValue& value, SinkColumn::Type type) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        return Argument(fmt::format("{}", *whole));
    }
    if (const auto* real = std::get_if<double>(&value)) {
        return numberArgument(*real, type);
    }
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) {
        return Argument();
    }
    if (type == SinkColumn::Type::Text) {
        return Argument(storableText(*text));
    }
    if (const auto whole = numberOf<std::int64_t>(*text)) {
        return Argument(fmt::format("{}", *whole));
    }
    const auto real = numberOf<double>(*text);
    return real ? numberArgument(*real, type) : tl::unexpected(Misfit{});
}

/// A connection, and what its server says.
class PostgresDatabase {
public:
    static Result<PostgresDatabase> connect(const SinkSpec& sink);

    [[nodiscard]] std::string quoted(std::string_view name) const { return quotedName(m_connection.get(), name); }
    Result<Answer> run(const std::string& statement, const std::vector<std::string>& arguments = {});
    Result<void> prepare(const std::string& name, const std::string& statement);
    /// Leaves a transaction whatever it has come to.
    void rollBack() noexcept { Answer(PQexec(m_connection.get(), "ROLLBACK")); }

    /// Several prepared statements, of which nobody waits for the answer of one before the next is sent.
    struct Call {
        std::string statement;
        std::vector<Argument> arguments;
    };
    Result<void> runAll(const std::vector<Call>& calls);

    [[nodiscard]] tl::unexpected<Error> failed(std::string message, ErrorKind kind) const {
        return tl::unexpected(Error{fmt::format("sink {}: {}", m_sink, message), m_place, kind});
    }

private:
    PostgresDatabase(Connection connection, std::string sink)
        : m_connection(std::move(connection)), m_sink(std::move(sink)) {}

    Result<void> begin();
    [[nodiscard]] bool send(const Call& call);
    Result<void> takeAnswers();
    [[nodiscard]] tl::unexpected<Error> refused(const PGresult* answer) const;

    Connection m_connection;
    std::string m_sink;
    std::string m_place;  ///< without what only its user may know
};

Result<PostgresDatabase> PostgresDatabase::connect(const SinkSpec& sink) {
    if (const auto trouble = troubleWithPostgres(sink.connection)) {
        return failure(fmt::format("sink {}: {}", sink.id, *trouble));
    }
    // What stands before the string it may say otherwise, what stands behind it holds.
    constexpr std::size_t count = 8;
    const std::array<const char*, count> keys{
        "connect_timeout", "keepalives_idle",           "keepalives_count", "keepalives_interval",
        "dbname",          "fallback_application_name", "client_encoding",  nullptr};
    const std::array<const char*, count> values{"10",       "10",   "3",    "5", sink.connection.c_str(),
                                                "millrace", "UTF8", nullptr};
    PostgresDatabase database(Connection(PQconnectdbParams(keys.data(), values.data(), 1)), sink.id);
    PGconn* connection = database.m_connection.get();
    const auto said = [connection](const char* (*ask)(const PGconn*)) {
        const char* text = connection != nullptr ? ask(connection) : nullptr;
        return std::string(text != nullptr ? text : "");
    };
    const std::string host = said([](const PGconn* each) -> const char* { return PQhost(each); });
    database.m_place =
        fmt::format("database {}{}{}", said([](const PGconn* each) -> const char* { return PQdb(each); }),
                    host.empty() ? "" : " on ", host);
    if (PQstatus(connection) != CONNECTION_OK) {
        const std::string why = said([](const PGconn* each) -> const char* { return PQerrorMessage(each); });
        return database.failed(
            fmt::format("there is no connection: {}; {}", inOneLine(why),
                        PQconnectionNeedsPassword(connection) != 0
                            ? "its user needs a password, which PGPASSWORD or the file ~/.pgpass can hold"
                            : "see that the server runs and lets its user in"),
            ErrorKind::Machine);
    }
    if (auto begun = database.begin(); !begun) {
        return tl::unexpected(begun.error());
    }
    return database;
}

Result<void> PostgresDatabase::begin() {
    PQsetNoticeProcessor(
        m_connection.get(), [](void*, const char*) {}, nullptr);
    const char* encoding = PQparameterStatus(m_connection.get(), "server_encoding");
    const std::string_view name = encoding != nullptr ? encoding : "";
    if (name != "UTF8" && name != "SQL_ASCII") {
        return failed(fmt::format("the database is in {}, which cannot hold every text; name one that was made with "
                                  "ENCODING 'UTF8'",
                                  name),
                      ErrorKind::Input);
    }
    // Others' names do not stand before PostgreSQL's own, and what somebody has locked is not waited for without end.
    auto set =
        run("SET search_path TO pg_catalog; SET lock_timeout TO '5s'; SET statement_timeout TO '60s'; "
            "SET idle_in_transaction_session_timeout TO 0; "
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED");
    return set ? Result<void>() : tl::unexpected(set.error());
}

/// What the statement says is its writer's to mend; what the server says, the machine's keeper's.
tl::unexpected<Error> PostgresDatabase::refused(const PGresult* answer) const {
    constexpr std::string_view noPrivilege = "42501";
    constexpr std::string_view noLock = "55P03";
    const auto field = [answer](int code) {
        const char* text = answer != nullptr ? PQresultErrorField(answer, code) : nullptr;
        return std::string(text != nullptr ? text : "");
    };
    const std::string state = field(PG_DIAG_SQLSTATE);
    std::string message = field(PG_DIAG_MESSAGE_PRIMARY);
    if (message.empty()) {
        message = inOneLine(PQerrorMessage(m_connection.get()));
    }
    // What libpq says by itself has no state: it hears of the server's end before the connection is marked as bad.
    const bool isLost = PQstatus(m_connection.get()) != CONNECTION_OK || state.empty() || state.starts_with("57P");
    if (isLost) {
        return failed(fmt::format("the connection was lost: {}; what had been committed is in the database", message),
                      ErrorKind::Machine);
    }
    if (state == noLock) {
        return failed("somebody holds its schema; end the other run that writes to it, or give the sink another name",
                      ErrorKind::Machine);
    }
    return failed(storableText(message),
                  state.starts_with("42") && state != noPrivilege ? ErrorKind::Input : ErrorKind::Machine);
}

Result<Answer> PostgresDatabase::run(const std::string& statement, const std::vector<std::string>& arguments) {
    std::vector<const char*> values;
    values.reserve(arguments.size());
    for (const std::string& each : arguments) {
        values.push_back(each.c_str());
    }
    // Only without parameters can there be several statements.
    Answer answer(arguments.empty()
                      ? PQexec(m_connection.get(), statement.c_str())
                      : PQexecParams(m_connection.get(), statement.c_str(), static_cast<int>(values.size()), nullptr,
                                     values.data(), nullptr, nullptr, 0));
    const ExecStatusType status = PQresultStatus(answer.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        return refused(answer.get());
    }
    return answer;
}

Result<void> PostgresDatabase::prepare(const std::string& name, const std::string& statement) {
    const Answer answer(PQprepare(m_connection.get(), name.c_str(), statement.c_str(), 0, nullptr));
    return PQresultStatus(answer.get()) == PGRES_COMMAND_OK ? Result<void>() : refused(answer.get());
}

bool PostgresDatabase::send(const Call& call) {
    std::vector<const char*> values;
    values.reserve(call.arguments.size());
    for (const Argument& each : call.arguments) {
        values.push_back(each ? each->c_str() : nullptr);
    }
    return PQsendQueryPrepared(m_connection.get(), call.statement.c_str(), static_cast<int>(values.size()),
                               values.data(), nullptr, nullptr, 0) == 1;
}

Result<void> PostgresDatabase::runAll(const std::vector<Call>& calls) {
    if (PQenterPipelineMode(m_connection.get()) != 1) {
        return refused(nullptr);
    }
    const bool isSent = std::all_of(calls.begin(), calls.end(), [this](const Call& each) { return send(each); });
    if (PQpipelineSync(m_connection.get()) != 1) {
        return refused(nullptr);
    }
    auto done = takeAnswers();
    if (PQexitPipelineMode(m_connection.get()) != 1 || !isSent) {
        return done ? Result<void>(refused(nullptr)) : done;
    }
    return done;
}

/// Up to the mark behind the last statement. The first error is told: what comes after it was left out.
Result<void> PostgresDatabase::takeAnswers() {
    Result<void> done;
    while (PQstatus(m_connection.get()) == CONNECTION_OK) {
        const Answer answer(PQgetResult(m_connection.get()));
        const ExecStatusType status = PQresultStatus(answer.get());
        if (answer && status == PGRES_PIPELINE_SYNC) {
            return done;
        }
        const bool isFine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_ABORTED;
        if (answer && !isFine && done) {
            done = refused(answer.get());
        }
    }
    return done ? Result<void>(refused(nullptr)) : done;
}

/// The schema of a sink: its tables, and the statements that write to them.
class SinkSchema {
public:
    SinkSchema(PostgresDatabase& database, const SinkSpec& sink)
        : m_database(database), m_sink(sink), m_name(database.quoted(sink.id)) {}

    /// Within a transaction of the caller's. Gives the name of the schema that stood there, where one did.
    Result<std::string> make();

    [[nodiscard]] static std::string statementOf(std::uint32_t table) { return fmt::format("write_{}", table); }

private:
    Result<std::string> moveAside(const std::map<std::string, std::string>& schemas);
    Result<std::map<std::string, std::string>> schemas();
    Result<void> makeTables();
    [[nodiscard]] std::string createStatement(const SinkTable& table) const;
    [[nodiscard]] std::string writeStatement(const SinkTable& table) const;
    [[nodiscard]] std::string whenThere(const SinkTable& table) const;
    [[nodiscard]] std::string listed(const std::vector<std::string>& names) const;

    PostgresDatabase& m_database;
    const SinkSpec& m_sink;
    std::string m_name;
};

/// By name, with the comment on each.
Result<std::map<std::string, std::string>> SinkSchema::schemas() {
    auto answer =
        m_database.run("SELECT nspname, coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace");
    if (!answer) {
        return tl::unexpected(answer.error());
    }
    std::map<std::string, std::string> found;
    for (int row = 0; row < PQntuples(answer->get()); ++row) {
        found[PQgetvalue(answer->get(), row, 0)] = PQgetvalue(answer->get(), row, 1);
    }
    return found;
}

/// "audit_previous", then "audit_previous_2" and so on: the first that no schema has.
Result<std::string> SinkSchema::moveAside(const std::map<std::string, std::string>& schemas) {
    std::string free;
    for (int number = 1; free.empty() || schemas.contains(free); ++number) {
        const std::string ending = number == 1 ? "_previous" : fmt::format("_previous_{}", number);
        free = std::string(utf8Front(m_sink.id, nameBytesMost - ending.size())) + ending;
    }
    auto moved = m_database.run(fmt::format("ALTER SCHEMA {} RENAME TO {}", m_name, m_database.quoted(free)));
    return moved ? Result<std::string>(free) : tl::unexpected(moved.error());
}

Result<std::string> SinkSchema::make() {
    // A run that is still writing would go on in the schema that takes its name: whoever writes holds this lock.
    if (auto held = m_database.run("SELECT pg_advisory_lock(1296649292, hashtext($1))", {m_sink.id}); !held) {
        return tl::unexpected(held.error());
    }
    auto there = schemas();
    if (!there) {
        return tl::unexpected(there.error());
    }
    std::string keptAs;
    if (const auto own = there->find(m_sink.id); own != there->end()) {
        if (own->second != schemaMark) {
            return m_database.failed(
                fmt::format("the database has a schema {} that no run made, and it is not touched; give the sink "
                            "another name, or name another database",
                            m_sink.id),
                ErrorKind::Input);
        }
        auto moved = moveAside(*there);
        if (!moved) {
            return moved;
        }
        keptAs = std::move(*moved);
    }
    auto made =
        m_database.run(fmt::format("CREATE SCHEMA {}; COMMENT ON SCHEMA {} IS '{}'", m_name, m_name, schemaMark));
    if (!made) {
        return tl::unexpected(made.error());
    }
    const auto filled = makeTables();
    return filled ? Result<std::string>(std::move(keptAs)) : tl::unexpected(filled.error());
}

Result<void> SinkSchema::makeTables() {
    if (m_sink.write == WriteMode::Once) {
        // One row an origin: "tables" has a bit for each table that it has been written to.
        auto made = m_database.run(fmt::format(
            "CREATE TABLE {}.\"seen\" (\"source\" TEXT, \"position\" BIGINT, \"part\" BIGINT, \"tables\" BIGINT NOT "
            "NULL, PRIMARY KEY (\"source\", \"position\", \"part\"))",
            m_name));
        if (!made) {
            return tl::unexpected(made.error());
        }
    }
    for (std::uint32_t i = 0; i < m_sink.tables.size(); ++i) {
        if (auto made = m_database.run(createStatement(m_sink.tables[i])); !made) {
            return tl::unexpected(made.error());
        }
        if (auto prepared = m_database.prepare(statementOf(i), writeStatement(m_sink.tables[i])); !prepared) {
            return prepared;
        }
    }
    return {};
}

std::string SinkSchema::listed(const std::vector<std::string>& names) const {
    std::string list;
    for (const std::string& name : names) {
        list += (list.empty() ? "" : ", ") + m_database.quoted(name);
    }
    return list;
}

/// A key is unique and no PRIMARY KEY, which would refuse what has nothing in its field; SQLite takes that, too.
std::string SinkSchema::createStatement(const SinkTable& table) const {
    std::string columns;
    for (const SinkColumn& column : table.columns) {
        columns += fmt::format("{}{} {}", columns.empty() ? "" : ", ", m_database.quoted(column.name),
                               postgresType(column.type));
    }
    if (table.kind == SinkTable::Kind::Counts) {
        columns += " UNIQUE, \"count\" BIGINT NOT NULL";
    } else if (table.kind == SinkTable::Kind::Keyed) {
        columns += fmt::format(", UNIQUE ({})", listed(table.keys));
    }
    return fmt::format("CREATE TABLE {}.{} ({})", m_name, m_database.quoted(table.name), columns);
}

/// What becomes of a row whose key is there.
std::string SinkSchema::whenThere(const SinkTable& table) const {
    if (table.kind == SinkTable::Kind::Rows) {
        return {};
    }
    if (table.kind == SinkTable::Kind::Counts) {
        return fmt::format(" ON CONFLICT ({}) DO UPDATE SET \"count\" = kept.\"count\" + excluded.\"count\"",
                           m_database.quoted(table.columns.front().name));
    }
    std::string sets;
    for (const SinkColumn& column : table.columns) {
        if (std::find(table.keys.begin(), table.keys.end(), column.name) == table.keys.end()) {
            const std::string name = m_database.quoted(column.name);
            sets += fmt::format("{}{} = excluded.{}", sets.empty() ? "" : ", ", name, name);
        }
    }
    return fmt::format(" ON CONFLICT ({}) DO {}", listed(table.keys), sets.empty() ? "NOTHING" : "UPDATE SET " + sets);
}

/// With `once` the origin comes behind the values, and a row is made of it only where its bit was not set.
std::string SinkSchema::writeStatement(const SinkTable& table) const {
    std::string marks;
    std::size_t count = 0;
    for (const SinkColumn& column : table.columns) {
        marks += fmt::format("{}${}::{}", marks.empty() ? "" : ", ", ++count, postgresType(column.type));
    }
    if (table.kind == SinkTable::Kind::Counts) {
        marks += fmt::format(", ${}::BIGINT", ++count);
    }
    const std::string insert = fmt::format("INSERT INTO {}.{} AS kept", m_name, m_database.quoted(table.name));
    if (m_sink.write == WriteMode::Append) {
        return fmt::format("{} VALUES ({}){}", insert, marks, whenThere(table));
    }
    return fmt::format(
        "WITH fresh AS (INSERT INTO {}.\"seen\" AS kept VALUES (${}::TEXT, ${}::BIGINT, ${}::BIGINT, ${}::BIGINT) "
        "ON CONFLICT (\"source\", \"position\", \"part\") DO UPDATE SET \"tables\" = kept.\"tables\" | "
        "excluded.\"tables\" WHERE kept.\"tables\" & excluded.\"tables\" = 0 RETURNING 1) {} SELECT {} FROM fresh{}",
        m_name, count + 1, count + 2, count + 3, count + 4, insert, marks, whenThere(table));
}

class PostgresWriter final : public SinkWriter {
public:
    PostgresWriter(Ref<const SinkSpec> sink, PostgresDatabase database)
        : m_sink(std::move(sink)), m_database(std::move(database)) {}

    Result<void> begin() override { return plain("BEGIN"); }
    Result<void> commit() override {
        auto done = flush();
        if (done) {
            done = plain("COMMIT");
        }
        if (done) {
            m_lastCommitted = m_lastWritten;
        }
        return done;
    }
    void rollBack() noexcept override {
        m_waiting.clear();
        m_lastWritten = m_lastCommitted;
        m_database.rollBack();
    }
    Result<void> write(const SinkEffect& effect) override {
        if (effect.transaction() <= m_lastWritten) {
            return {};
        }
        for (const auto& request : effect.requests()) {
            for (const SinkWrite& one : request->writes) {
                if (auto done = add(one); !done) {
                    return done;
                }
            }
        }
        m_lastWritten = effect.transaction();
        return {};
    }
    /// All is committed: only the schema is given up, which the end of the connection would do as well.
    Result<void> close() override {
        static_cast<void>(m_database.run("SELECT pg_advisory_unlock_all()"));
        return {};
    }
    [[nodiscard]] std::string_view place() const override { return "connection"; }

private:
    Result<void> plain(const std::string& statement) {
        auto done = m_database.run(statement);
        return done ? Result<void>() : tl::unexpected(done.error());
    }
    Result<void> add(const SinkWrite& one);
    Result<void> flush() {
        auto done = m_waiting.empty() ? Result<void>() : m_database.runAll(m_waiting);
        m_waiting.clear();
        return done;
    }

    Ref<const SinkSpec> m_sink;
    PostgresDatabase m_database;
    std::vector<PostgresDatabase::Call> m_waiting;
    std::uint64_t m_lastWritten = 0;
    std::uint64_t m_lastCommitted = 0;
};

Result<void> PostgresWriter::add(const SinkWrite& one) {
    constexpr std::size_t shownMost = 40;
    const SinkTable& table = m_sink->tables.at(one.table);
    PostgresDatabase::Call call{SinkSchema::statementOf(one.table), {}};
    for (std::size_t i = 0; i < one.values.size(); ++i) {
        const SinkColumn& column = table.columns.at(i);
        auto argument = argumentOf(one.values[i], column.type);
        if (!argument) {
            const std::string value = argumentOf(one.values[i], SinkColumn::Type::Text)->value_or("");
            return m_database.failed(
                fmt::format("column {} of table {} is {} and cannot hold {}; give it another type, or leave out what "
                            "does not fit",
                            column.name, table.name, postgresType(column.type), utf8Front(value, shownMost)),
                ErrorKind::Input);
        }
        call.arguments.push_back(std::move(*argument));
    }
    if (table.kind == SinkTable::Kind::Counts) {
        call.arguments.emplace_back(fmt::format("{}", one.increment));
    }
    if (m_sink->write == WriteMode::Once) {
        call.arguments.emplace_back(storableText(one.origin.source));
        call.arguments.emplace_back(fmt::format("{}", one.origin.position));
        call.arguments.emplace_back(fmt::format("{}", one.origin.part));
        call.arguments.emplace_back(fmt::format("{}", std::int64_t{1} << one.table));
    }
    m_waiting.push_back(std::move(call));
    return m_waiting.size() < writesOnTheirWay ? Result<void>() : flush();
}

}  // namespace

std::optional<std::string> troubleWithPostgres(const std::string& connection) {
    constexpr std::string_view digits = "0123456789,";
    const auto options = connection.find('\0') == std::string::npos ? optionsIn(connection) : std::nullopt;
    if (!options) {
        return "this is no connection of PostgreSQL; write postgresql://user@host/database, or host=... dbname=...";
    }
    // libpq takes what stands between the first of such characters for the host or the port, and would tell it.
    const auto said = [&](const char* key) {
        const auto at = options->find(key);
        return at != options->end() ? at->second : std::string();
    };
    const bool isUri = connection.starts_with("postgres");
    const bool isTorn =
        said("host").find('@', 1) != std::string::npos || (isUri && said("dbname").find('@') != std::string::npos) ||
        said("dbname").find("://") != std::string::npos || said("dbname").find('=') != std::string::npos ||
        said("port").find_first_not_of(digits) != std::string::npos;
    if (isTorn) {
        return "its parts cannot be told apart; in a user or password write @ as %40, / as %2F and : as %3A";
    }
    return std::nullopt;
}

bool holdsPassword(const std::string& connection) {
    const auto options = optionsIn(connection);
    return options && (options->contains("password") || options->contains("sslpassword"));
}

std::optional<std::string> troubleWithPostgresName(std::string_view name) {
    return name.size() > nameBytesMost
               ? std::optional(fmt::format("PostgreSQL takes names of {} bytes at most", nameBytesMost))
               : std::nullopt;
}

/// Does what opening does, and takes it back.
Result<void> checkPostgres(const SinkSpec& sink) {
    auto database = PostgresDatabase::connect(sink);
    if (!database) {
        return tl::unexpected(database.error());
    }
    if (auto begun = database->run("BEGIN"); !begun) {
        return tl::unexpected(begun.error());
    }
    const auto made = SinkSchema(*database, sink).make();
    database->rollBack();
    return made ? Result<void>() : tl::unexpected(made.error());
}

Result<std::unique_ptr<SinkWriter>> openPostgresWriter(Ref<const SinkSpec> sink) {
    auto database = PostgresDatabase::connect(*sink);
    if (!database) {
        return tl::unexpected(database.error());
    }
    if (auto begun = database->run("BEGIN"); !begun) {
        return tl::unexpected(begun.error());
    }
    auto keptAs = SinkSchema(*database, *sink).make();
    if (!keptAs) {
        return tl::unexpected(keptAs.error());
    }
    if (auto made = database->run("COMMIT"); !made) {
        return tl::unexpected(made.error());
    }
    auto writer = std::make_unique<PostgresWriter>(std::move(sink), std::move(*database));
    if (!keptAs->empty()) {
        writer->setKeptAs("the schema " + *keptAs);
    }
    return writer;
}

}  // namespace millrace::ingest
