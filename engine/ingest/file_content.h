#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/ingest/log_text.h"

namespace millrace::ingest {

/// A file that is read: an immutable value with a hash of its text, split into lines at '\n' or "\r\n" (a last line
/// without an end counts). Shared by everybody who reads it; lines are views into it. The same log packed, or in
/// another encoding, is the same content.
class FileContent final : public Counted {
public:
    FileContent(std::string path, LogText log);
    FileContent(std::string path, std::string text) : FileContent(std::move(path), LogText{std::move(text), {}}) {}

    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] const TextTraits& traits() const { return m_traits; }
    [[nodiscard]] std::uint64_t hash() const { return m_hash; }
    [[nodiscard]] std::int64_t lineCount() const { return static_cast<std::int64_t>(m_starts.size()) - 1; }
    [[nodiscard]] std::string_view line(std::int64_t index) const;

private:
    std::string m_path;
    std::string m_text;
    TextTraits m_traits;
    std::vector<std::uint64_t> m_starts;  ///< of each line, and one past the last
    std::uint64_t m_hash = 0;
};

/// The most of a file that is read, packed or not: it is held in memory.
inline constexpr std::size_t sourceBytesMost = std::size_t{4} << 30U;

/// Reads a real file whole, unpacks it and makes text of it. The error says what is wrong with it ("no such file", "is
/// a folder", "is a zip archive ..."), its place is the path.
[[nodiscard]] Result<Ref<const FileContent>> readFile(const std::string& path);

/// A file's first bytes, at most `bytesMax`, and whether that is all of it.
struct FileFront {
    std::string bytes;
    bool isWhole = true;
};
[[nodiscard]] Result<FileFront> readFront(const std::string& path, std::size_t bytesMax);

}  // namespace millrace::ingest
