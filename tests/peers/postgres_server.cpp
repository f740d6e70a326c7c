#include "tests/peers/postgres_server.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <QtCore/QDeadlineTimer>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QStandardPaths>
#include <QtCore/QThread>
#include <cstdlib>
#include <memory>

namespace millrace {

namespace {

constexpr int patience = 30'000;
const QString dataFolder = QStringLiteral("data");

struct GiveBack {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
    void operator()(PGresult* answer) const noexcept { PQclear(answer); }
};

/// Numbers as SQLite's are written below, whatever form the server gives them.
std::string cellOf(const PGresult* answer, int row, int column) {
    constexpr Oid doublePrecision = 701;
    if (PQgetisnull(answer, row, column) != 0) {
        return "NULL";
    }
    const char* text = PQgetvalue(answer, row, column);
    return PQftype(answer, column) == doublePrecision ? fmt::format("{}", std::strtod(text, nullptr)) : text;
}

}  // namespace

QString PostgresServer::program(const QString& name) const {
    QStringList folders;
    const QDir versions(QStringLiteral("/usr/lib/postgresql"));
    for (const QString& version : versions.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name)) {
        folders.prepend(versions.filePath(version + QStringLiteral("/bin")));
    }
    const QString found = folders.isEmpty() ? QString() : QStandardPaths::findExecutable(name, folders);
    return found.isEmpty() ? QStandardPaths::findExecutable(name) : found;
}

/// It ends with the test, however that ends.
QStringList PostgresServer::asItsUser(const QStringList& command) const {
    QStringList whole{QStringLiteral("--pdeathsig=QUIT")};
    if (!m_user.isEmpty()) {
        whole += {QStringLiteral("--reuid=") + m_user, QStringLiteral("--regid=") + m_group,
                  QStringLiteral("--clear-groups")};
    }
    return whole + command;
}

QString PostgresServer::run(const QStringList& command) const {
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setWorkingDirectory(m_folder.path());
    process.start(QStringLiteral("setpriv"), asItsUser(command));
    const bool isDone = process.waitForFinished(patience) && process.exitStatus() == QProcess::NormalExit;
    return isDone && process.exitCode() == 0 ? QString() : QString::fromUtf8(process.readAll());
}

QString PostgresServer::makeData() {
    const QString initdb = program(QStringLiteral("initdb"));
    if (initdb.isEmpty() || program(QStringLiteral("postgres")).isEmpty()) {
        return QStringLiteral("neither initdb nor postgres is installed");
    }
    if (::geteuid() == 0) {
        const passwd* entry = ::getpwnam("postgres");
        entry = entry != nullptr ? entry : ::getpwnam("nobody");
        if (entry == nullptr) {
            return QStringLiteral("there is no user to run it as");
        }
        m_user = QString::number(entry->pw_uid);
        m_group = QString::number(entry->pw_gid);
        if (::chown(qPrintable(m_folder.path()), entry->pw_uid, entry->pw_gid) != 0) {
            return QStringLiteral("its folder cannot be given to its user");
        }
    }
    const QString data = m_folder.filePath(dataFolder);
    return run({initdb, QStringLiteral("--pgdata"), data, QStringLiteral("--username=millrace"),
                QStringLiteral("--auth=trust"), QStringLiteral("--encoding=UTF8"), QStringLiteral("--no-locale"),
                QStringLiteral("--no-sync")});
}

QString PostgresServer::start() {
    if (!QFile::exists(m_folder.filePath(dataFolder))) {
        if (QString trouble = makeData(); !trouble.isEmpty()) {
            return trouble;
        }
    }
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    m_process.setStandardOutputFile(m_folder.filePath(QStringLiteral("log")), QIODevice::Append);
    m_process.setWorkingDirectory(m_folder.path());
    m_process.start(QStringLiteral("setpriv"),
                    asItsUser({program(QStringLiteral("postgres")), QStringLiteral("-D"), m_folder.filePath(dataFolder),
                               QStringLiteral("-k"), m_folder.path(), QStringLiteral("-c"),
                               QStringLiteral("listen_addresses="), QStringLiteral("-c"), QStringLiteral("fsync=off"),
                               QStringLiteral("-c"), QStringLiteral("shared_buffers=16MB")}));
    const QDeadlineTimer end(patience);
    while (m_process.state() != QProcess::NotRunning && !end.hasExpired()) {
        if (PQping(connection().c_str()) == PQPING_OK) {
            return {};
        }
        m_process.waitForFinished(50);
    }
    QFile log(m_folder.filePath(QStringLiteral("log")));
    return log.open(QIODevice::ReadOnly) ? QString::fromUtf8(log.readAll()) : QStringLiteral("it does not start");
}

void PostgresServer::stop() {
    if (m_process.state() != QProcess::NotRunning) {
        ::kill(static_cast<pid_t>(m_process.processId()), SIGQUIT);
        m_process.waitForFinished(patience);
    }
}

std::string PostgresServer::connection(const std::string& database) const {
    return fmt::format("postgresql://millrace:open-sesame@/{}?host={}", database, m_folder.path().toStdString());
}

std::vector<std::string> PostgresServer::rows(const std::string& query) const {
    const std::unique_ptr<PGconn, GiveBack> own(PQconnectdb(connection().c_str()));
    const std::unique_ptr<PGresult, GiveBack> answer(PQexec(own.get(), query.c_str()));
    const ExecStatusType status = PQresultStatus(answer.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        return {PQerrorMessage(own.get())};
    }
    std::vector<std::string> rows;
    for (int i = 0; i < PQntuples(answer.get()); ++i) {
        std::string row;
        for (int column = 0; column < PQnfields(answer.get()); ++column) {
            row += (column > 0 ? "|" : "") + cellOf(answer.get(), i, column);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string PostgresServer::row(const std::string& query) const {
    const std::vector<std::string> all = rows(query);
    return all.size() == 1 ? all.front() : fmt::format("{} rows", all.size());
}

}  // namespace millrace
