#include "engine/scenario/files.h"

#include <fmt/format.h>

#include <fstream>
#include <vector>

#include "engine/base/plain_file.h"
#include "engine/ingest/compression.h"
#include "engine/ingest/file_content.h"

namespace millrace::scenario {

namespace {

namespace fs = std::filesystem;

std::string resolved(const std::string& path, const fs::path& folder) {
    const fs::path given(path);
    return given.is_absolute() || folder.empty() ? given.lexically_normal().string()
                                                 : (folder / given).lexically_normal().string();
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
        m_taken.push_back({"the scenario", m_file});
        forEachPath("sources", [this](const Member& source, const std::string& field, const std::string& path) {
            checkReadable(*source.value.find("path"), field, path);
            m_taken.push_back({fmt::format("the source \"{}\"", source.key), path});
        });
        forEachPath("sinks", [this](const Member& sink, const std::string& field, const std::string& path) {
            checkWritable(*sink.value.find("path"), field, path);
            checkNotTaken(*sink.value.find("path"), field, path);
            m_taken.push_back({fmt::format("the sink \"{}\"", sink.key), path});
        });
        return m_resolved;
    }

private:
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
        if (const auto kind = specialKindOf(path)) {
            m_complaints.error(value.place(), field, fmt::format("{} is {}, and a file is expected", path, *kind));
        } else if (!fs::exists(path, trouble)) {
            m_complaints.error(value.place(), field, fmt::format("there is no file {}", path));
        } else if (!std::ifstream(path).good()) {
            m_complaints.error(value.place(), field, fmt::format("the file {} cannot be read", path));
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

    void checkWritable(const Value& value, const std::string& field, const std::string& path) {
        std::error_code trouble;
        const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : fs::path(".");
        if (!fs::is_directory(folder, trouble)) {
            m_complaints.error(value.place(), field, fmt::format("there is no folder {}", folder.string()));
            return;
        }
        // What a full or protected disk says is no fault of the scenario's: the run tells it.
        if (const auto writable = millrace::checkWritable(path); !writable) {
            if (writable.error().kind == ErrorKind::Input) {
                const auto kind = specialKindOf(path);
                m_complaints.error(value.place(), field,
                                   fmt::format("{} is {}, and a file is expected", path, kind.value_or("special")));
            }
        }
    }

    void checkNotTaken(const Value& value, const std::string& field, const std::string& path) {
        for (const Taken& taken : m_taken) {
            if (isSameFile(taken.path, path)) {
                m_complaints.error(value.place(), field,
                                   fmt::format("{} is the file of {}; a sink needs a file of its own", path, taken.by));
                return;
            }
        }
    }

    const Value& m_document;
    const PathRoots& m_roots;
    struct Taken {
        std::string by;
        fs::path path;
    };

    fs::path m_file;
    fs::path m_folder;
    std::vector<Taken> m_taken;  ///< what no sink may write to
    Complaints& m_complaints;
    std::map<std::string, std::string> m_resolved;
};

}  // namespace

std::map<std::string, std::string> checkFiles(const Value& document, const PathRoots& roots, Complaints& complaints) {
    return FileChecker(document, roots, complaints).checkAll();
}

namespace {

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

}  // namespace

bool isSameFile(const fs::path& a, const fs::path& b) {
    std::error_code trouble;
    if (fs::exists(a, trouble) && fs::exists(b, trouble)) {
        return fs::equivalent(a, b, trouble) && !fs::is_character_file(a, trouble);
    }
    return destinationOf(a) == destinationOf(b);
}

}  // namespace millrace::scenario
