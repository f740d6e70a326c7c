#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <system_error>
#include <variant>

#include "engine/base/plain_file.h"
#include "engine/ingest/sink_executor.h"
#include "engine/ingest/sink_process.h"

namespace millrace::ingest {
namespace {

namespace fs = std::filesystem;

/// Stands in folders that a run made, so that the next run may move them aside.
constexpr std::string_view markFile = "_millrace";

/// Writes an object for each transaction and folder. What has not been committed lies nowhere but in memory.
class LakeWriter final : public SinkWriter {
public:
    explicit LakeWriter(Ref<const SinkSpec> sink) : m_sink(std::move(sink)), m_root(m_sink->path) {}

    Result<void> begin() override {
        m_steps.clear();
        m_seen = m_committedSeen;
        m_lastWritten = m_lastCommitted;
        return {};
    }
    Result<void> write(const SinkEffect& effect) override {
        if (effect.transaction() <= m_lastWritten) {
            return {};
        }
        Step step{effect.transaction(), {}, effect.compacted()};
        for (const auto& request : effect.requests()) {
            for (const SinkWrite& one : request->writes) {
                if (m_sink->write == WriteMode::Append || m_seen.mark(one.origin, one.table)) {
                    std::string& object = step.objects[std::get<std::string>(one.values.front())];
                    object += std::get<std::string>(one.values.back());
                    object += '\n';
                }
            }
        }
        m_steps.push_back(std::move(step));
        m_lastWritten = effect.transaction();
        return {};
    }
    Result<void> commit() override {
        for (const Step& step : m_steps) {
            for (const auto& [folder, text] : step.objects) {
                if (auto done = put(folder, fmt::format("part-{:08}", step.transaction), text); !done) {
                    return done;
                }
            }
            for (const std::string& folder : step.compacted) {
                if (auto done = compact(folder, step.transaction); !done) {
                    return done;
                }
            }
        }
        m_committedSeen = m_seen;
        m_lastCommitted = m_lastWritten;
        return {};
    }
    void rollBack() noexcept override {}
    Result<void> close() override { return {}; }

private:
    struct Step {
        std::uint64_t transaction = 0;
        std::map<std::string, std::string> objects;  ///< text by folder
        std::vector<std::string> compacted;
    };

    [[nodiscard]] std::string ending() const { return m_sink->lake.isCsv ? ".csv" : ".jsonl"; }

    /// Written beside and renamed, so that nobody finds half an object.
    Result<void> put(const std::string& folder, const std::string& name, std::string_view text) const {
        std::error_code error;
        const fs::path place = m_root / folder;
        fs::create_directories(place, error);
        const fs::path path = place / (name + ending());
        const fs::path beside = place / ("." + name + ".tmp");
        if (!error) {
            errno = 0;
            std::ofstream file(beside, std::ios::binary | std::ios::trunc);
            if (m_sink->lake.isCsv) {
                file << m_sink->lake.header << '\n';
            }
            file << text;
            file.close();
            if (!file) {
                error = {errno != 0 ? errno : EIO, std::generic_category()};
            }
        }
        if (!error) {
            fs::rename(beside, path, error);
        }
        if (error) {
            std::error_code ignored;
            fs::remove(beside, ignored);
            return machineFailure(
                fmt::format("sink {}: cannot be written: {}", m_sink->id, systemTrouble(error.value())), path.string());
        }
        return {};
    }

    Result<void> compact(const std::string& folder, std::uint64_t transaction) const {
        std::error_code error;
        std::vector<fs::path> objects;
        for (const auto& each : fs::directory_iterator(m_root / folder, error)) {
            if (each.is_regular_file() && each.path().extension() == ending()) {
                objects.push_back(each.path());
            }
        }
        std::sort(objects.begin(), objects.end());  // by their transactions
        std::string text;
        for (const fs::path& each : objects) {
            std::ifstream file(each, std::ios::binary);
            std::string line;
            for (bool isFirst = true; std::getline(file, line); isFirst = false) {
                if (!isFirst || !m_sink->lake.isCsv) {
                    text += line + '\n';
                }
            }
        }
        if (auto done = put(folder, fmt::format("part-{:08}", transaction), text); !done) {
            return done;
        }
        for (const fs::path& each : objects) {
            fs::remove(each, error);
        }
        return {};
    }

    Ref<const SinkSpec> m_sink;
    fs::path m_root;
    std::vector<Step> m_steps;
    SeenPositions m_seen;
    SeenPositions m_committedSeen;
    std::uint64_t m_lastWritten = 0;
    std::uint64_t m_lastCommitted = 0;
};

bool isOurs(const fs::path& folder) {
    std::error_code ignored;
    return fs::is_empty(folder, ignored) || fs::exists(folder / markFile, ignored);
}

}  // namespace

std::optional<std::string> troubleWithLakeFolder(const std::string& folder) {
    const fs::path path(folder);
    std::error_code ignored;
    if (fs::exists(path, ignored) && !fs::is_directory(path, ignored)) {
        return "this is a file, and a folder is expected";
    }
    if (fs::is_directory(path, ignored) && !isOurs(path)) {
        return "there are other files in this folder: name one of its own for the lake";
    }
    return std::nullopt;
}

Result<void> checkLakeFolder(const SinkSpec& sink) {
    const auto trouble = troubleWithLakeFolder(sink.path);
    return trouble ? Result<void>(failure(fmt::format("sink {}: {}", sink.id, *trouble), sink.path)) : Result<void>();
}

Result<std::unique_ptr<SinkWriter>> openLakeWriter(Ref<const SinkSpec> sink) {
    if (auto fine = checkLakeFolder(*sink); !fine) {
        return tl::unexpected(fine.error());
    }
    const fs::path path(sink->path);
    std::error_code error;
    fs::path to;
    if (fs::is_directory(path, error) && !fs::is_empty(path, error)) {
        for (int number = 1; to.empty() || fs::exists(to, error); ++number) {
            to = path;
            to += fmt::format(".{}", number);
        }
        fs::rename(path, to, error);
        if (error) {
            return machineFailure(
                fmt::format("the earlier run's lake cannot be moved to {}: {}", to.string(), error.message()),
                sink->path);
        }
    }
    fs::create_directory(path, error);
    if (!error && !std::ofstream(path / markFile).good()) {
        error = std::make_error_code(std::errc::permission_denied);
    }
    if (error) {
        return machineFailure(fmt::format("sink {}: the folder cannot be made: {}", sink->id, error.message()),
                              sink->path);
    }
    auto writer = std::make_unique<LakeWriter>(std::move(sink));
    writer->setKeptAs(to.string());
    return writer;
}

}  // namespace millrace::ingest
