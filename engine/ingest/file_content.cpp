#include "engine/ingest/file_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <system_error>

#include "engine/base/check.h"
#include "engine/base/digest.h"
#include "engine/base/plain_file.h"

namespace millrace::ingest {

FileContent::FileContent(std::string path, LogText log)
    : m_path(std::move(path)), m_text(std::move(log.text)), m_traits(log.traits) {
    Digest digest;
    digest.add(std::string_view{m_text});
    m_hash = digest.value();
    m_starts.push_back(0);
    for (std::size_t at = m_text.find('\n'); at != std::string::npos; at = m_text.find('\n', at + 1)) {
        m_starts.push_back(at + 1);
    }
    if (m_starts.back() != m_text.size()) {
        m_text.push_back('\n');
        m_starts.push_back(m_text.size());
    }
}

std::string_view FileContent::line(std::int64_t index) const {
    MILLRACE_CHECK(index >= 0 && index < lineCount(), index, lineCount());
    const auto at = static_cast<std::size_t>(index);
    std::string_view line = std::string_view{m_text}.substr(m_starts[at], m_starts[at + 1] - m_starts[at] - 1);
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line;
}

Result<FileFront> readFront(const std::string& path, std::size_t bytesMax) {
    if (const auto kind = specialKindOf(path)) {
        return failure(fmt::format("is {}, a file is expected", *kind), path);
    }
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        return error ? Result<FileFront>(tl::unexpected(unreadable(path, error.value())))
                     : failure("no such file", path);
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return tl::unexpected(unreadable(path, errno));
    }
    FileFront front;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (!error && std::min<std::uintmax_t>(size, bytesMax) > sourceBytesMost) {
        return failure(fmt::format("has {} bytes, and no more than {} of a file are read: cut it into pieces", size,
                                   sourceBytesMost),
                       path);
    }
    if (!error) {
        front.bytes.reserve(std::min<std::uintmax_t>(size, bytesMax));
    }
    constexpr std::size_t blockSize = std::size_t{1} << 20U;
    while (file && front.bytes.size() < bytesMax) {
        const std::size_t before = front.bytes.size();
        const std::size_t count = std::min(blockSize, bytesMax - before);
        front.bytes.resize(before + count);
        file.read(front.bytes.data() + before, static_cast<std::streamsize>(count));
        front.bytes.resize(before + static_cast<std::size_t>(file.gcount()));
    }
    if (file.bad()) {
        return tl::unexpected(unreadable(path, errno));
    }
    front.isWhole = !file || file.peek() == std::ifstream::traits_type::eof();
    return front;
}

Result<Ref<const FileContent>> readFile(const std::string& path) {
    auto whole = readFront(path, std::numeric_limits<std::size_t>::max());
    if (!whole) {
        return tl::unexpected(std::move(whole.error()));
    }
    auto log = readLogText(std::move(whole->bytes));
    if (!log) {
        return failure(std::move(log.error().message), path);
    }
    return Ref<const FileContent>(makeRef<FileContent>(path, std::move(*log)));
}

}  // namespace millrace::ingest
