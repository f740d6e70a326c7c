#include "app/studio/recovery.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <QUuid>

#include "app/studio/file_names.h"
#include "app/studio/scenario_document.h"

namespace millrace::studio {

namespace {

constexpr auto pattern = "unsaved-*.json";

/// The first line names the file that the work belongs to; JSON cannot begin with it, so neither is taken for the
/// other.
constexpr auto header = "#file ";

QString lockOf(const QString& path) {
    return QFileInfo(path).dir().filePath(QFileInfo(path).completeBaseName() + QStringLiteral(".lock"));
}

std::optional<OrphanedWork> readOrphan(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return std::nullopt;
    }
    OrphanedWork work;
    work.path = path;
    work.keptAt = QFileInfo(path).lastModified();
    work.text = file.readAll();
    if (work.text.startsWith(header)) {
        const auto end = work.text.indexOf('\n');
        const auto skipped = static_cast<qsizetype>(qstrlen(header));
        work.file = fileNameOf(work.text.mid(skipped, end - skipped).toStdString());
        work.text = end < 0 ? QByteArray() : work.text.mid(end + 1);
    }
    return work;
}

}  // namespace

Recovery::Recovery(ScenarioDocument& document, const QString& folder, QObject* parent)
    : QObject(parent),
      m_document(document),
      m_folder(folder),
      m_path(QDir(folder).filePath(
          QStringLiteral("unsaved-%1.json").arg(QUuid::createUuid().toString(QUuid::WithoutBraces)))) {
    QDir().mkpath(folder);
    m_lock = SessionLock::take(lockOf(m_path));
    m_delay.setSingleShot(true);
    m_delay.setInterval(2000);
    connect(&m_delay, &QTimer::timeout, this, &Recovery::writeNow);
    connect(&m_document, &ScenarioDocument::changed, this, [this] {
        if (!m_delay.isActive()) {
            m_delay.start();  // who never stops editing is kept too
        }
    });
    connect(&m_document, &ScenarioDocument::fileChanged, this, [this] {
        if (!m_document.isModified()) {
            m_delay.stop();
            QFile::remove(m_path);
        }
    });
}

Recovery::~Recovery() {
    QFile::remove(m_path);  // the end was asked for, and so was what became of the work
    if (m_lock) {
        m_lock->discard();
    }
}

bool Recovery::writeNow() {
    if (!m_document.isModified()) {
        return true;
    }
    if (!m_lock) {
        QDir().mkpath(m_folder);
        m_lock = SessionLock::take(lockOf(m_path));
    }
    QSaveFile file(m_path);
    const bool isKept = file.open(QIODevice::WriteOnly) &&
                        file.write(header + QByteArray::fromStdString(fileBytes(m_document.file())) + '\n') > 0 &&
                        file.write(m_document.text()) > 0 && file.commit();
    if (isKept) {
        emit kept();
    } else {
        emit failed(file.errorString());
    }
    return isKept;
}

std::vector<OrphanedWork> Recovery::claimOrphans() {
    std::vector<OrphanedWork> orphans;
    const QDir dir(m_folder);
    for (const QString& name : dir.entryList({QString::fromLatin1(pattern)}, QDir::Files, QDir::Time)) {
        const QString path = dir.filePath(name);
        if (path == m_path || m_claims.count(path) > 0) {
            continue;
        }
        auto lock = SessionLock::take(lockOf(path));
        auto work = lock ? readOrphan(path) : std::nullopt;
        if (!work) {
            continue;
        }
        m_claims.emplace(path, std::move(*lock));
        if (work->text.trimmed().isEmpty()) {
            settle(path);  // nothing was written
        } else {
            orphans.push_back(std::move(*work));
        }
    }
    // Programs that ended without unsaved work left an empty lock at most.
    for (const QString& name : dir.entryList({QStringLiteral("unsaved-*.lock")}, QDir::Files)) {
        const QString path = dir.filePath(QFileInfo(name).completeBaseName() + QStringLiteral(".json"));
        if (path != m_path && !QFile::exists(path)) {
            if (auto lock = SessionLock::take(dir.filePath(name)); lock && !QFile::exists(path)) {
                lock->discard();
            }
        }
    }
    return orphans;
}

void Recovery::settle(const QString& path) {
    const auto claim = m_claims.find(path);
    if (claim != m_claims.end()) {
        QFile::remove(path);
        claim->second.discard();
        m_claims.erase(claim);
    }
}

}  // namespace millrace::studio
