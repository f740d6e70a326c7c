#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/result.h"

namespace millrace::ingest {

/// A file that is read: an immutable value with a content hash, split into lines at '\n' (a carriage return before it
/// stays part of the line; a last line without an end counts). Shared by everybody who reads it; lines are views into
/// it.
class FileContent final : public Counted {
public:
    FileContent(std::string path, std::string text);

    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] std::uint64_t hash() const { return m_hash; }
    [[nodiscard]] std::int64_t lineCount() const { return static_cast<std::int64_t>(m_starts.size()) - 1; }
    [[nodiscard]] std::string_view line(std::int64_t index) const;

private:
    std::string m_path;
    std::string m_text;
    std::vector<std::uint64_t> m_starts;  ///< of each line, and one past the last
    std::uint64_t m_hash = 0;
};

/// Reads a real file whole. The error says what is wrong with it ("no such file", "is a folder"), its place is the
/// path.
[[nodiscard]] Result<Ref<const FileContent>> readFile(const std::string& path);

}  // namespace millrace::ingest
