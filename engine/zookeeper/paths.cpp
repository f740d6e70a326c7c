#include "engine/zookeeper/paths.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::zookeeper::paths {

bool isValid(std::string_view path) {
    if (path.empty() || path.front() != '/') {
        return false;
    }
    if (path == "/") {
        return true;
    }
    for (std::size_t at = 1; at <= path.size();) {
        const std::size_t slash = std::min(path.find('/', at), path.size());
        const std::string_view name = path.substr(at, slash - at);
        if (name.empty() || name == "." || name == "..") {
            return false;
        }
        at = slash + 1;
    }
    return path.back() != '/';
}

std::string_view parentOf(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string_view::npos ? std::string_view{"/"} : path.substr(0, slash);
}

std::string_view nameOf(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::string join(std::string_view parent, std::string_view name) {
    return parent == "/" ? fmt::format("/{}", name) : fmt::format("{}/{}", parent, name);
}

std::string sequenceSuffix(std::int32_t sequence) {
    return fmt::format("{:010d}", sequence);
}

std::int64_t sequenceOf(std::string_view name) {
    constexpr std::size_t digits = 10;
    if (name.size() < digits) {
        return -1;
    }
    std::int64_t value = 0;
    for (const char c : name.substr(name.size() - digits)) {
        if (c < '0' || c > '9') {
            return -1;
        }
        value = value * 10 + (c - '0');
    }
    return value;
}

}  // namespace millrace::zookeeper::paths
