#include "app/studio/session_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QFile>

namespace millrace::studio {

std::optional<SessionLock> SessionLock::take(const QString& path) {
    const QByteArray name = QFile::encodeName(path);
    const int descriptor = ::open(name.constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return std::nullopt;
    }
    SessionLock lock(path, descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        return std::nullopt;
    }
    // Who held it before may have removed the file after it was opened here: then this lock guards nothing.
    struct stat held {};
    struct stat named {};
    const bool isThere = ::fstat(descriptor, &held) == 0 && ::stat(name.constData(), &named) == 0;
    if (!isThere || held.st_ino != named.st_ino || held.st_dev != named.st_dev) {
        return std::nullopt;
    }
    return lock;
}

SessionLock::~SessionLock() {
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
}

void SessionLock::discard() {
    if (m_descriptor >= 0) {
        QFile::remove(m_path);
        ::close(std::exchange(m_descriptor, -1));
    }
}

}  // namespace millrace::studio
