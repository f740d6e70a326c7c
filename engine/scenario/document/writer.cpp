#include "engine/scenario/document/writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "engine/base/plain_file.h"

namespace millrace::scenario {

namespace {

constexpr std::size_t lineWidthMax = 110;

std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string scalarText(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::Boolean:
            return value.asBoolean() ? "true" : "false";
        case Value::Kind::Integer:
            return std::to_string(value.asInteger());
        case Value::Kind::Real:
            return nlohmann::json(value.asNumber()).dump();
        case Value::Kind::Text:
            return quoted(value.asText());
        default:
            return "null";
    }
}

std::string keyText(const std::string& key) {
    return quoted(key) + ": ";
}

std::string onOneLine(const Value& value) {
    std::string text;
    if (value.isObject()) {
        for (const Member& each : value.members()) {
            text += (text.empty() ? "" : ", ") + keyText(each.key) + onOneLine(each.value);
        }
        return "{" + text + "}";
    }
    if (value.isList()) {
        for (const Value& each : value.items()) {
            text += (text.empty() ? "" : ", ") + onOneLine(each);
        }
        return "[" + text + "]";
    }
    return scalarText(value);
}

void write(std::string& out, const Value& value, std::size_t indent, std::size_t usedWidth, bool isRoot) {
    const std::string line = onOneLine(value);
    const bool isNested = value.isObject() || value.isList();
    const bool fits = indent + usedWidth + line.size() <= lineWidthMax;
    if (!isNested || (fits && !isRoot)) {
        out += line;
        return;
    }
    const std::string margin(indent + 2, ' ');
    out += value.isObject() ? "{" : "[";
    std::string_view separator = "\n";
    for (const Member& each : value.members()) {
        const std::string key = keyText(each.key);
        out += fmt::format("{}{}{}", separator, margin, key);
        write(out, each.value, indent + 2, key.size() + 1, false);
        separator = ",\n";
    }
    for (const Value& each : value.items()) {
        out += fmt::format("{}{}", separator, margin);
        write(out, each, indent + 2, 1, false);
        separator = ",\n";
    }
    out += fmt::format("\n{}{}", std::string(indent, ' '), value.isObject() ? "}" : "]");
}

std::string failure(std::string_view what, const std::string& path) {
    return fmt::format("cannot {} {}: {}", what, path, systemTrouble(errno));
}

bool writeAll(int file, const std::string& content) {
    std::size_t done = 0;
    while (done < content.size()) {
        const ssize_t written = ::write(file, content.data() + done, content.size() - done);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        done += written > 0 ? static_cast<std::size_t>(written) : 0;
    }
    return true;
}

/// The rename itself is durable only when the folder has been flushed too.
void flushFolderOf(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (handle >= 0) {
        ::fsync(handle);
        ::close(handle);
    }
}

mode_t modeFor(const std::string& path) {
    struct stat present = {};
    return ::stat(path.c_str(), &present) == 0 ? present.st_mode & 0777U : 0644U;
}

}  // namespace

std::string writeDocument(const Value& root) {
    std::string text;
    write(text, root, 0, 0, true);
    return text + "\n";
}

std::optional<std::string> saveFile(const std::string& path, const std::string& content) {
    const std::string beside = path + ".saving";
    const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, modeFor(path));
    if (file < 0) {
        return failure("write", beside);
    }
    const bool isWritten = writeAll(file, content) && ::fsync(file) == 0;
    const std::string trouble = isWritten ? std::string() : failure("write", beside);
    ::close(file);
    if (!isWritten) {
        ::unlink(beside.c_str());
        return trouble;
    }
    if (::rename(beside.c_str(), path.c_str()) != 0) {
        const std::string renameTrouble = failure("replace", path);
        ::unlink(beside.c_str());
        return renameTrouble;
    }
    flushFolderOf(path);
    return std::nullopt;
}

std::string settingText(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::Null:
            return {};
        case Value::Kind::Boolean:
            return value.asBoolean() ? "true" : "false";
        case Value::Kind::Integer:
            return std::to_string(value.asInteger());
        case Value::Kind::Real:
            return fmt::format("{}", value.asNumber());
        case Value::Kind::Text:
            return value.asText();
        case Value::Kind::Object:
            return writeDocument(value);
        case Value::Kind::List:
            break;
    }
    std::string text;
    for (const Value& each : value.items()) {
        text += (text.empty() ? "" : ",") + settingText(each);
    }
    return text;
}

}  // namespace millrace::scenario
