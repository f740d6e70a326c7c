#pragma once

#include <QString>
#include <optional>
#include <utility>

namespace millrace::studio {

/// A file that is held for as long as the program lives. The system lets go of it when the program ends, however it
/// ends; a process number says nothing, because another program may have it by then.
class SessionLock final {
public:
    /// Nothing when somebody else holds it, or when it cannot be made.
    [[nodiscard]] static std::optional<SessionLock> take(const QString& path);

    SessionLock(SessionLock&& other) noexcept
        : m_path(std::exchange(other.m_path, {})), m_descriptor(std::exchange(other.m_descriptor, -1)) {}
    SessionLock& operator=(SessionLock&& other) noexcept {
        std::swap(m_path, other.m_path);
        std::swap(m_descriptor, other.m_descriptor);
        return *this;
    }
    SessionLock(const SessionLock&) = delete;
    SessionLock& operator=(const SessionLock&) = delete;
    ~SessionLock();

    /// There is nothing left to be held: the file goes with the lock.
    void discard();

private:
    SessionLock(QString path, int descriptor) : m_path(std::move(path)), m_descriptor(descriptor) {}

    QString m_path;
    int m_descriptor = -1;
};

}  // namespace millrace::studio
