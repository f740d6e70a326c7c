#include "engine/ingest/file_content.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "engine/base/check.h"
#include "engine/base/digest.h"

namespace millrace::ingest {

FileContent::FileContent(std::string path, std::string text) : m_path(std::move(path)), m_text(std::move(text)) {
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
    return std::string_view{m_text}.substr(m_starts[at], m_starts[at + 1] - m_starts[at] - 1);
}

Result<Ref<const FileContent>> readFile(const std::string& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) {
        return failure("no such file", path);
    }
    if (status.type() == std::filesystem::file_type::directory) {
        return failure("is a folder, a file is expected", path);
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return failure(fmt::format("cannot be opened: {}", std::strerror(errno)), path);
    }
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (file.bad()) {
        return failure(fmt::format("cannot be read: {}", std::strerror(errno)), path);
    }
    return Ref<const FileContent>(makeRef<FileContent>(path, std::move(text)));
}

}  // namespace millrace::ingest
