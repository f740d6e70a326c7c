#include "engine/base/plain_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace millrace {

namespace {

class Descriptor {
public:
    explicit Descriptor(int number) : m_number(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (m_number >= 0) {
            ::close(m_number);
        }
    }
    [[nodiscard]] int number() const { return m_number; }

private:
    int m_number;
};

bool isMadeUpByTheKernel(const std::string& path) {
    constexpr std::array<long, 6> kinds = {0x9FA0, 0x62656572, 0x64626720, 0x74726163, 0x63677270, 0x73636673};
    struct statfs system {};
    return ::statfs(path.c_str(), &system) == 0 &&
           std::find(kinds.begin(), kinds.end(), static_cast<long>(system.f_type)) != kinds.end();
}

std::string folderOf(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    return folder.empty() ? "." : folder;
}

/// The device that is always full: a stand-in for a full disk, so it is met as one.
bool isAlwaysFull(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISCHR(status.st_mode) && ::major(status.st_rdev) == 1 &&
           ::minor(status.st_rdev) == 7;
}

tl::unexpected<Error> systemFailure(const std::string& path, int error) {
    return machineFailure(std::strerror(error), path);
}

/// Writes into a file without a name, which goes when it is closed.
Result<void> tryToWriteIn(const std::string& folder) {
    constexpr std::array<char, 4096> bytes{};
    const Descriptor file(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    if (file.number() < 0) {
        const bool isUnknown = errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT;
        return isUnknown ? Result<void>() : systemFailure(folder, errno);
    }
    return ::write(file.number(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())
               ? Result<void>()
               : systemFailure(folder, errno != 0 ? errno : ENOSPC);
}

}  // namespace

std::string systemTrouble(int error) {
    std::string said = std::strerror(error);
    switch (error) {
        case ENOSPC:
        case EDQUOT:
            return said + ": free some room there, or name a file on another disk";
        case EACCES:
        case EPERM:
        case EROFS:
            return said + ": name a file that can be written";
        default:
            return said;
    }
}

std::optional<std::string_view> specialKindOf(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return std::nullopt;
    }
    if (S_ISDIR(status.st_mode)) {
        return "a folder";
    }
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
        return "a device";
    }
    if (S_ISFIFO(status.st_mode)) {
        return "a pipe";
    }
    if (S_ISSOCK(status.st_mode)) {
        return "a socket";
    }
    return isMadeUpByTheKernel(path) ? std::optional<std::string_view>("a file that the kernel makes up")
                                     : std::nullopt;
}

std::optional<std::string_view> specialTargetOf(const std::string& path) {
    if (const auto kind = specialKindOf(path)) {
        return kind;
    }
    return isMadeUpByTheKernel(folderOf(path)) ? std::optional<std::string_view>("a file that the kernel makes up")
                                               : std::nullopt;
}

Error unreadable(const std::string& path, int error) {
    if (error == ENOENT || error == ENOTDIR) {
        return {"there is no such file", path, ErrorKind::Input};
    }
    const bool isName = error == ELOOP || error == ENAMETOOLONG;
    const bool isForbidden = error == EACCES || error == EPERM;
    return {fmt::format("the file cannot be read: {}{}", std::strerror(error),
                        isForbidden ? "; allow it to be read, or name a copy" : ""),
            path, isName ? ErrorKind::Input : ErrorKind::Machine};
}

Result<std::string> readPlainFile(const std::string& path, std::size_t bytesMost) {
    if (const auto kind = specialKindOf(path)) {
        return failure(fmt::format("this is {}, and a file is expected", *kind), path);
    }
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number() < 0) {
        return tl::unexpected(unreadable(path, errno));
    }
    std::string content;
    std::array<char, 65536> buffer{};
    while (true) {
        const ssize_t got = ::read(file.number(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return tl::unexpected(unreadable(path, errno));
        }
        if (got == 0) {
            return content;
        }
        content.append(buffer.data(), static_cast<std::size_t>(got));
        if (content.size() > bytesMost) {
            return failure(fmt::format("the file is larger than {} MiB, the most that is read here", bytesMost >> 20U),
                           path);
        }
    }
}

std::optional<std::string> troubleWithName(const std::string& path, Making making) {
    constexpr std::size_t bytesMost = 255;  // NAME_MAX of Linux's file systems
    constexpr std::size_t beside = 25;      // ".previous-9999" and what databases keep beside themselves
    if (path.find('\0') != std::string::npos) {
        return "there is a zero byte in the name";
    }
    const std::size_t bytes = std::filesystem::path(path).filename().native().size();
    const std::size_t most = bytesMost - (making == Making::Beside ? beside : 0);
    return bytes > most ? std::optional(fmt::format("the name has {} bytes, and {} are the most here", bytes, most))
                        : std::nullopt;
}

Result<void> checkWritable(const std::string& path, Making making) {
    if (const auto trouble = troubleWithName(path, making)) {
        return failure(*trouble, path);
    }
    if (isAlwaysFull(path)) {
        return systemFailure(path, ENOSPC);
    }
    if (const auto kind = specialTargetOf(path)) {
        return failure(fmt::format("this is {}, and a file is expected", *kind), path);
    }
    const std::string folder = folderOf(path);
    std::error_code trouble;
    if (!std::filesystem::is_directory(folder, trouble)) {
        return machineFailure(fmt::format("there is no folder {}", folder), path);
    }
    const bool isThere = ::access(path.c_str(), F_OK) == 0;
    if (isThere && ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) {
        return systemFailure(path, errno);
    }
    const bool needsFolder = !isThere || making == Making::Beside;
    if (needsFolder && ::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
        return systemFailure(path, errno);
    }
    if (auto written = needsFolder ? tryToWriteIn(folder) : Result<void>(); !written) {
        return machineFailure(written.error().message, path);
    }
    return {};
}

}  // namespace millrace
