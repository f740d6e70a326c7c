#pragma once

#include <QtCore/QProcess>
#include <QtCore/QString>
#include <QtCore/QTemporaryDir>
#include <string>
#include <vector>

namespace millrace {

/// A PostgreSQL of the test's own: its data lie in a temporary folder, with the socket at which it is reached. It runs
/// as another user where the test is root's, as PostgreSQL refuses to be root.
class PostgresServer {
public:
    PostgresServer() = default;
    ~PostgresServer() { stop(); }
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    /// Makes its data at the first time. Why it does not run: nothing when it does.
    QString start();
    /// As a crash would.
    void stop();

    /// With a password for which it does not ask.
    [[nodiscard]] std::string connection(const std::string& database = "postgres") const;
    /// The rows of an answer, columns behind one another with a bar between them; an error is the only row.
    std::vector<std::string> rows(const std::string& query) const;
    [[nodiscard]] std::string row(const std::string& query) const;

private:
    [[nodiscard]] QString program(const QString& name) const;
    [[nodiscard]] QStringList asItsUser(const QStringList& command) const;
    QString makeData();
    QString run(const QStringList& command) const;

    QTemporaryDir m_folder;
    QString m_user;  ///< whom it runs as; nothing: whoever runs the test
    QString m_group;
    QProcess m_process;
};

}  // namespace millrace
