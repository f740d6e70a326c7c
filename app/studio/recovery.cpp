#include "app/studio/recovery.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <csignal>

#include "app/studio/scenario_document.h"

namespace millrace::studio {

namespace {

constexpr auto pattern = "unsaved-*.json";

/// The first line names the file that the work belongs to; JSON cannot begin with it, so neither is taken for the
/// other.
constexpr auto header = "#file ";

bool isRunning(qint64 process) {
    return process == QCoreApplication::applicationPid() || ::kill(static_cast<pid_t>(process), 0) == 0;
}

}  // namespace

Recovery::Recovery(ScenarioDocument& document, const QString& folder, QObject* parent)
    : QObject(parent),
      m_document(document),
      m_path(QDir(folder).filePath(QStringLiteral("unsaved-%1.json").arg(QCoreApplication::applicationPid()))) {
    QDir().mkpath(folder);
    m_delay.setSingleShot(true);
    m_delay.setInterval(2000);
    connect(&m_delay, &QTimer::timeout, this, &Recovery::writeNow);
    connect(&m_document, &ScenarioDocument::changed, &m_delay, qOverload<>(&QTimer::start));
    connect(&m_document, &ScenarioDocument::fileChanged, this, [this] {
        if (!m_document.isModified()) {
            m_delay.stop();
            QFile::remove(m_path);
        }
    });
}

Recovery::~Recovery() {
    QFile::remove(m_path);  // the end was asked for, and so was what became of the work
}

void Recovery::writeNow() {
    if (!m_document.isModified()) {
        return;
    }
    QSaveFile file(m_path);
    if (file.open(QIODevice::WriteOnly)) {
        file.write(header + m_document.file().toUtf8() + '\n');
        file.write(m_document.text());
        file.commit();
    }
}

std::optional<RecoveredWork> Recovery::takeLeftover(const QString& folder) {
    const QDir dir(folder);
    for (const QString& name : dir.entryList({QString::fromLatin1(pattern)}, QDir::Files, QDir::Time)) {
        const qint64 process = name.mid(8, name.size() - 13).toLongLong();
        if (process > 0 && isRunning(process)) {
            continue;
        }
        QFile file(dir.filePath(name));
        if (!file.open(QIODevice::ReadOnly)) {
            continue;
        }
        RecoveredWork work;
        const QByteArray first = file.readLine();
        work.text = file.readAll();
        work.file = QString::fromUtf8(first.mid(static_cast<qsizetype>(qstrlen(header)))).trimmed();
        file.close();
        file.remove();
        if (first.startsWith(header) && !work.text.isEmpty()) {
            return work;
        }
    }
    return std::nullopt;
}

}  // namespace millrace::studio
