#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <variant>

#include "engine/base/plain_file.h"
#include "engine/ingest/compression.h"
#include "engine/ingest/sink_executor.h"
#include "engine/ingest/sink_process.h"

namespace millrace::ingest {
namespace {

/// Appends lines; a failed or rolled back transaction is cut off again, so that the file ends with the last committed
/// one.
class LineWriter final : public SinkWriter {
public:
    LineWriter(Ref<const SinkSpec> sink, int file) : m_sink(std::move(sink)), m_file(file) {}
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;
    ~LineWriter() override {
        if (m_file >= 0) {
            ::close(m_file);
        }
    }

    Result<void> begin() override {
        m_text.clear();
        m_seen = m_committedSeen;
        m_lastWritten = m_lastCommitted;
        return {};
    }
    Result<void> write(const SinkEffect& effect) override {
        if (effect.transaction() <= m_lastWritten) {
            return {};
        }
        for (const auto& request : effect.requests()) {
            for (const SinkWrite& one : request->writes) {
                if (m_sink->write == WriteMode::Append || m_seen.mark(one.origin, one.table)) {
                    add(one);
                }
            }
        }
        m_lastWritten = effect.transaction();
        return {};
    }
    Result<void> commit() override {
        if (m_sink->kind == SinkKind::Archive && !m_text.empty()) {
            m_text = gzipMember(m_text);
        }
        if (auto done = writeOut(m_text); !done) {
            return done;
        }
        m_length += static_cast<off_t>(m_text.size());
        m_committedSeen = m_seen;
        m_lastCommitted = m_lastWritten;
        return {};
    }
    void rollBack() noexcept override {
        if (::ftruncate(m_file, m_length) == 0) {
            ::lseek(m_file, m_length, SEEK_SET);
        }
    }
    Result<void> close() override {
        if (m_sink->kind == SinkKind::Archive && m_length == 0) {
            if (auto done = writeOut(gzipMember({})); !done) {  // a file of no bytes is no gzip
                return done;
            }
        }
        const int file = std::exchange(m_file, -1);
        return ::close(file) == 0 ? Result<void>{} : failed(errno);
    }

private:
    [[nodiscard]] Result<void> writeOut(std::string_view rest) const {
        while (!rest.empty()) {
            const ssize_t written = ::write(m_file, rest.data(), rest.size());
            if (written < 0 && errno == EINTR) {
                continue;
            }
            if (written <= 0) {
                return failed(written < 0 ? errno : ENOSPC);
            }
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        return {};
    }
    void add(const SinkWrite& one) {
        for (const SinkValue& value : one.values) {
            if (const auto* text = std::get_if<std::string>(&value)) {
                m_text += *text;
            } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
                m_text += std::to_string(*number);
            } else if (const auto* real = std::get_if<double>(&value)) {
                m_text += fmt::format("{}", *real);
            }
            m_text += &value == &one.values.back() ? '\n' : '\t';
        }
    }
    [[nodiscard]] Result<void> failed(int error) const {
        return machineFailure(fmt::format("sink {}: cannot be written: {}", m_sink->id, systemTrouble(error)),
                              m_sink->path);
    }

    Ref<const SinkSpec> m_sink;
    int m_file;
    off_t m_length = 0;
    std::string m_text;
    SeenPositions m_seen;
    SeenPositions m_committedSeen;
    std::uint64_t m_lastWritten = 0;
    std::uint64_t m_lastCommitted = 0;
};

}  // namespace

Result<std::string> moveAside(const std::string& path) {
    const std::filesystem::path from(path);
    std::error_code error;
    std::filesystem::path to;
    int number = 0;
    do {
        to = from;
        to.replace_filename(fmt::format("{}.{}{}", from.stem().string(), ++number, from.extension().string()));
    } while (std::filesystem::exists(to, error));
    std::filesystem::rename(from, to, error);
    if (error) {
        return machineFailure(
            fmt::format("the file that is there cannot be moved to {}: {}", to.string(), error.message()), path);
    }
    return to.string();
}

Result<std::unique_ptr<SinkWriter>> openLineWriter(Ref<const SinkSpec> sink) {
    const std::string path = sink->path;
    std::error_code ignored;
    std::string keptAs;
    if (std::filesystem::is_directory(path, ignored)) {
        return failure(fmt::format("sink {}: is a folder, a file is expected", sink->id), path);
    }
    if (std::filesystem::is_regular_file(path, ignored)) {
        auto moved = moveAside(path);
        if (!moved) {
            return tl::unexpected(moved.error());
        }
        keptAs = std::move(*moved);
    }
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) {
        return machineFailure(fmt::format("sink {}: cannot be opened: {}", sink->id, systemTrouble(errno)), path);
    }
    auto writer = std::make_unique<LineWriter>(std::move(sink), file);
    writer->setKeptAs(std::move(keptAs));
    return writer;
}

}  // namespace millrace::ingest
