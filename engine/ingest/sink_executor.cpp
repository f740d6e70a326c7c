#include "engine/ingest/sink_executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "engine/base/plain_file.h"

namespace millrace::ingest {

SinkExecutor::SinkExecutor() = default;
SinkExecutor::~SinkExecutor() = default;
SinkExecutor::SinkExecutor(SinkExecutor&&) noexcept = default;
SinkExecutor& SinkExecutor::operator=(SinkExecutor&&) noexcept = default;

Result<void> SinkExecutor::check(const Ref<const SinkSpec>& sink) {
    if (!sink->connection.empty()) {
        return checkPostgres(*sink);
    }
    if (sink->path.empty()) {
        return {};
    }
    if (sink->kind == SinkKind::Lake) {
        return checkLakeFolder(*sink);
    }
    if (auto writable = checkWritable(sink->path, Making::Beside); !writable) {
        return writable;
    }
    return isDatabase(sink->kind) ? checkSqliteFile(*sink) : Result<void>();
}

Result<void> SinkExecutor::open(Ref<const SinkSpec> sink) {
    if (sink->path.empty() && sink->connection.empty()) {
        return {};
    }
    auto writer = !sink->connection.empty()           ? openPostgresWriter(sink)
                  : isDatabase(sink->kind)            ? openSqliteWriter(sink)
                  : sink->kind == SinkKind::Lake      ? openLakeWriter(sink)
                  : sink->kind == SinkKind::Dashboard ? openBoardWriter(sink)
                                                      : openLineWriter(sink);
    if (!writer) {
        return tl::unexpected(writer.error());
    }
    m_writers[sink->id] = std::move(*writer);
    return {};
}

std::vector<std::string> SinkExecutor::keptAside() const {
    std::vector<std::string> sentences;
    for (const auto& [id, writer] : m_writers) {
        if (!writer->keptAs().empty()) {
            sentences.push_back(
                fmt::format("sinks.{}.{}: what was there before is {} now", id, writer->place(), writer->keptAs()));
        }
    }
    return sentences;
}

Result<void> SinkExecutor::carryOut(std::span<const Ref<const sim::Effect>> effects) {
    std::vector<SinkWriter*> begun;
    const auto run = [&]() -> Result<void> {
        for (const auto& effect : effects) {
            const auto* transaction = dynamic_cast<const SinkEffect*>(effect.get());
            const auto at = transaction != nullptr ? m_writers.find(transaction->sink().id) : m_writers.end();
            if (at == m_writers.end()) {
                continue;
            }
            SinkWriter* writer = at->second.get();
            if (std::find(begun.begin(), begun.end(), writer) == begun.end()) {
                begun.push_back(writer);
                if (auto done = writer->begin(); !done) {
                    return done;
                }
            }
            if (auto done = writer->write(*transaction); !done) {
                return done;
            }
        }
        while (!begun.empty()) {
            if (auto done = begun.back()->commit(); !done) {
                return done;
            }
            begun.pop_back();
        }
        return {};
    };
    auto done = run();
    for (SinkWriter* writer : begun) {
        writer->rollBack();
    }
    return done;
}

Result<void> SinkExecutor::close() {
    Result<void> result;
    for (auto& [id, writer] : m_writers) {
        if (auto done = writer->close(); !done && result) {
            result = std::move(done);
        }
    }
    m_writers.clear();
    return result;
}

}  // namespace millrace::ingest
