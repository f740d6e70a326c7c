#include "engine/scenario/files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <map>
#include <system_error>
#include <utility>

#include "engine/base/plain_file.h"
#include "engine/ingest/compression.h"
#include "engine/ingest/file_content.h"
#include "engine/ingest/sink_executor.h"

namespace millrace::scenario {

namespace {

namespace fs = std::filesystem;

std::string resolved(const std::string& path, const fs::path& folder) {
    const fs::path given(path);
    return given.is_absolute() || folder.empty() ? given.lexically_normal().string()
                                                 : (folder / given).lexically_normal().string();
}

/// Where a path leads, even when there is nothing yet: a link to a file that is not there counts as that file.
fs::path destinationOf(fs::path path) {
    std::error_code trouble;
    constexpr int linksMax = 40;
    for (int links = 0; links < linksMax && fs::is_symlink(fs::symlink_status(path, trouble)); ++links) {
        const fs::path next = fs::read_symlink(path, trouble);
        path = next.is_absolute() ? next : path.parent_path() / next;
    }
    return fs::weakly_canonical(fs::absolute(path, trouble), trouble);
}

/// What two paths have in common that mean one file; empty for devices that swallow everything.
std::string identityOf(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return destinationOf(path).string();
    }
    return S_ISCHR(status.st_mode) ? std::string() : fmt::format("{}:{}", status.st_dev, status.st_ino);
}

/// Turns relative paths into ones from the working directory, and looks whether what is there can be used.
class FileChecker {
public:
    FileChecker(const Value& document, const PathRoots& roots, Complaints& complaints)
        : m_document(document),
          m_roots(roots),
          m_file(roots.file),
          m_folder(m_file.parent_path()),
          m_complaints(complaints) {}

    std::map<std::string, std::string> checkAll() {
        take("the scenario", m_file);
        forEachPath("sources", [this](const Member& source, const std::string& field, const std::string& path) {
            checkReadable(*source.value.find("path"), field, path);
            take(fmt::format("the source \"{}\"", source.key), path);
        });
        const auto readable = [this](const Member& part, const std::string& field, const std::string& path) {
            checkReadable(*part.value.find("path"), field, path);
        };
        forEachPartPath("ingestion", "steps", readable);
        forEachPartPath("topologies", "bolts", readable);
        forEachPath("sinks", [this](const Member& sink, const std::string& field, const std::string& path) {
            const Value* written = sink.value.find("kind");
            const std::string kind = written != nullptr && written->isText() ? written->asText() : "sqlite";
            checkWritable(*sink.value.find("path"), field, path, kind == "lake");
            if (kind == "sqlite" || kind == "warehouse" || kind == "documents") {
                checkDatabase(*sink.value.find("path"), field, path);
            }
            checkNotTaken(*sink.value.find("path"), field, path);
            take(fmt::format("the sink \"{}\"", sink.key), path);
        });
        return m_resolved;
    }

private:
    /// The tables that parts of something look up in: steps of ingestion pipelines, bolts of topologies.
    template <typename Check>
    void forEachPartPath(std::string_view collection, std::string_view parts, Check check) {
        const Value* wholes = m_document.find(collection);
        for (const Member& whole : wholes != nullptr ? wholes->members() : std::span<const Member>()) {
            const Value* map = whole.value.find(parts);
            for (const Member& part : map != nullptr ? map->members() : std::span<const Member>()) {
                const Value* path = part.value.find("path");
                if (path != nullptr && path->isText() && !path->asText().empty()) {
                    const std::string field = fmt::format("{}.{}.{}.{}.path", collection, whole.key, parts, part.key);
                    const bool isSet = m_roots.fromWorkingDirectory.contains(field);
                    m_resolved[field] = resolved(path->asText(), isSet ? fs::path() : m_folder);
                    check(part, field, m_resolved[field]);
                }
            }
        }
    }

    template <typename Check>
    void forEachPath(std::string_view collection, Check check) {
        const Value* map = m_document.find(collection);
        for (const Member& member : map != nullptr ? map->members() : std::span<const Member>()) {
            const Value* path = member.value.find("path");
            if (path == nullptr || !path->isText() || path->asText().empty()) {
                continue;
            }
            const std::string owner = fmt::format("{}.{}", collection, member.key);
            const std::string field = owner + ".path";
            const auto& given = m_roots.fromWorkingDirectory;
            const bool isSet = given.contains(field) || given.contains(owner);
            const bool isOfEverybody = m_roots.isShipped && collection == "sinks";
            m_resolved[field] = resolved(path->asText(), isSet || isOfEverybody ? fs::path() : m_folder);
            check(member, field, m_resolved[field]);
        }
    }

    void checkReadable(const Value& value, const std::string& field, const std::string& path) {
        std::error_code trouble;
        if (const auto name = troubleWithName(path, Making::Alone)) {
            m_complaints.error(value.place(), field, *name);
            return;
        }
        if (const auto kind = specialKindOf(path)) {
            m_complaints.error(value.place(), field, fmt::format("{} is {}, and a file is expected", path, *kind));
        } else if (!fs::exists(path, trouble) && !trouble) {
            m_complaints.error(value.place(), field, fmt::format("there is no file {}", path));
        } else if (trouble || !std::ifstream(path).good()) {
            const Error error = unreadable(path, trouble ? trouble.value() : errno);
            m_complaints.error(value.place(), field, fmt::format("{}: {}", path, error.message), codeOf(error));
        } else {
            checkText(value, field, path);
        }
    }

    /// By its first bytes: what they begin is read whole when the scenario is run.
    void checkText(const Value& value, const std::string& field, const std::string& path) {
        constexpr std::size_t enough = 512;
        const auto front = ingest::readFront(path, enough);
        const std::string_view foreign = front ? ingest::foreignKindOf(front->bytes) : std::string_view{};
        if (!foreign.empty()) {
            m_complaints.error(
                value.place(), field,
                fmt::format("{} is {}, and lines of text are expected: convert or unpack it first", path, foreign));
        }
    }

    void checkWritable(const Value& value, const std::string& field, const std::string& path, bool isFolder) {
        std::error_code trouble;
        if (const auto name = troubleWithName(path, Making::Beside)) {
            m_complaints.error(value.place(), field, *name);
            return;
        }
        const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : fs::path(".");
        if (!fs::is_directory(folder, trouble)) {
            m_complaints.error(value.place(), field, fmt::format("there is no folder {}", folder.string()));
            return;
        }
        static_cast<void>(fs::status(path, trouble));
        if (trouble == std::errc::too_many_symbolic_link_levels) {
            m_complaints.error(value.place(), field, fmt::format("{} is a link that leads back to itself", path));
            return;
        }
        if (isFolder) {
            if (const auto found = ingest::troubleWithLakeFolder(path)) {
                m_complaints.error(value.place(), field, fmt::format("{}: {}", path, *found));
            }
            return;
        }
        // What a full or protected disk says is no fault of the scenario's: the run tells it, and nobody tries here.
        const auto kind = specialTargetOf(path);
        const auto writable = kind ? millrace::checkWritable(path) : Result<void>();
        if (!writable && writable.error().kind == ErrorKind::Input) {
            m_complaints.error(value.place(), field, fmt::format("{} is {}, and a file is expected", path, *kind));
        }
    }

    /// Rows go into a database that is there, or into a new one; into nothing else.
    void checkDatabase(const Value& value, const std::string& field, const std::string& path) {
        std::error_code trouble;
        if (specialKindOf(path) || !fs::is_regular_file(path, trouble) || fs::file_size(path, trouble) == 0) {
            return;
        }
        constexpr std::string_view start = "SQLite format 3";
        const auto front = ingest::readFront(path, start.size());
        if (front && front->bytes != start) {
            m_complaints.error(value.place(), field,
                               fmt::format("{} is no database, and is not replaced: name another file", path));
        }
    }

    void checkNotTaken(const Value& value, const std::string& field, const std::string& path) {
        const std::string identity = identityOf(path);
        const auto taken = m_taken.find(identity);
        if (!identity.empty() && taken != m_taken.end()) {
            m_complaints.error(
                value.place(), field,
                fmt::format("{} is the file of {}; a sink needs a file of its own", path, taken->second));
        }
    }
    void take(std::string by, const fs::path& path) { m_taken.try_emplace(identityOf(path), std::move(by)); }

    const Value& m_document;
    const PathRoots& m_roots;
    fs::path m_file;
    fs::path m_folder;
    std::map<std::string, std::string> m_taken;  ///< what no sink may write to, by identity: whose it is
    Complaints& m_complaints;
    std::map<std::string, std::string> m_resolved;
};

}  // namespace

std::map<std::string, std::string> checkFiles(const Value& document, const PathRoots& roots, Complaints& complaints) {
    return FileChecker(document, roots, complaints).checkAll();
}

bool isSameFile(const fs::path& a, const fs::path& b) {
    const std::string identity = identityOf(a);
    return !identity.empty() && identity == identityOf(b);
}

}  // namespace millrace::scenario
