#include "app/studio/session_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "app/studio/file_names.h"

namespace millrace::studio {

std::optional<SessionLock> SessionLock::take(const QString& path) {
    const std::string name = fileBytes(path);
    const int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
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
    const bool isThere = ::fstat(descriptor, &held) == 0 && ::stat(name.c_str(), &named) == 0;
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
        ::unlink(fileBytes(m_path).c_str());
        ::close(std::exchange(m_descriptor, -1));
    }
}

}  // namespace millrace::studio
