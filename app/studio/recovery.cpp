#include "app/studio/recovery.h"

#include <sys/stat.h>

#include <QDir>
#include <QUuid>
#include <algorithm>
#include <filesystem>
#include <tuple>
#include <utility>

#include "app/studio/file_names.h"
#include "app/studio/scenario_document.h"
#include "engine/base/plain_file.h"
#include "engine/scenario/document/writer.h"

namespace millrace::studio {

namespace fs = std::filesystem;

namespace {

/// The first line names the file that the work belongs to; JSON cannot begin with it, so neither is taken for the
/// other.
constexpr auto header = "#file ";

QString withEnd(const QString& path, const char* end) {
    return fileNameOf(fs::path(fileBytes(path)).replace_extension(end).native());
}

QString lockOf(const QString& path) {
    return withEnd(path, ".lock");
}

void makeFolder(const QString& folder) {
    std::error_code trouble;
    fs::create_directories(fileBytes(folder), trouble);
}

void removeFile(const QString& path) {
    std::error_code trouble;
    fs::remove(fileBytes(path), trouble);
}

bool isThere(const QString& path) {
    std::error_code trouble;
    return fs::exists(fileBytes(path), trouble);
}

QDateTime changedAt(const QString& path) {
    struct stat status {};
    return ::stat(fileBytes(path).c_str(), &status) == 0
               ? QDateTime::fromMSecsSinceEpoch(qint64{status.st_mtim.tv_sec} * 1000 + status.st_mtim.tv_nsec / 1000000)
               : QDateTime();
}

/// What programs have left there, "unsaved-" with this end; the newest first.
std::vector<QString> leftIn(const QString& folder, const char* end) {
    std::vector<std::pair<QDateTime, QString>> files;  // times read once: other programs write theirs meanwhile
    std::error_code trouble;
    for (const auto& entry : fs::directory_iterator(fileBytes(folder), trouble)) {
        const bool isOurs = entry.path().filename().native().starts_with("unsaved-") && entry.path().extension() == end;
        if (isOurs && entry.is_regular_file(trouble)) {
            const QString path = fileNameOf(entry.path().native());
            files.emplace_back(changedAt(path), path);
        }
    }
    std::sort(files.begin(), files.end(),
              [](const auto& a, const auto& b) { return std::tie(b.first, a.second) < std::tie(a.first, b.second); });
    std::vector<QString> paths;
    for (const auto& [time, path] : files) {
        paths.push_back(path);
    }
    return paths;
}

std::optional<OrphanedWork> readOrphan(const QString& path) {
    const auto content = readPlainFile(fileBytes(path), std::size_t{1} << 30U);
    if (!content) {
        return std::nullopt;
    }
    OrphanedWork work;
    work.path = path;
    work.keptAt = changedAt(path);
    work.text = QByteArray::fromStdString(*content);
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
    makeFolder(folder);
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
            removeFile(m_path);
        }
    });
}

Recovery::~Recovery() {
    removeFile(m_path);  // the end was asked for, and so was what became of the work
    if (m_lock) {
        m_lock->discard();
    }
}

bool Recovery::writeNow() {
    if (!m_document.isModified()) {
        return true;
    }
    if (!m_lock) {
        makeFolder(m_folder);
        m_lock = SessionLock::take(lockOf(m_path));
    }
    const auto trouble = scenario::saveFile(
        fileBytes(m_path), header + fileBytes(m_document.file()) + '\n' + m_document.text().toStdString());
    if (!trouble) {
        emit kept();
    } else {
        emit failed(QString::fromStdString(*trouble));
    }
    return !trouble;
}

std::vector<OrphanedWork> Recovery::claimOrphans() {
    std::vector<OrphanedWork> orphans;
    for (const QString& path : leftIn(m_folder, ".json")) {
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
    for (const QString& lockPath : leftIn(m_folder, ".lock")) {
        const QString path = withEnd(lockPath, ".json");
        if (path != m_path && !isThere(path)) {
            if (auto lock = SessionLock::take(lockPath); lock && !isThere(path)) {
                lock->discard();
            }
        }
    }
    return orphans;
}

void Recovery::settle(const QString& path) {
    const auto claim = m_claims.find(path);
    if (claim != m_claims.end()) {
        removeFile(path);
        claim->second.discard();
        m_claims.erase(claim);
    }
}

}  // namespace millrace::studio
