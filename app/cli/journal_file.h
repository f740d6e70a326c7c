#pragma once

#include <fstream>
#include <string>

#include "engine/base/result.h"
#include "engine/sim/world.h"

namespace millrace::cli {

/// The journal as JSON, one entry a line, written as the run goes on so that a long run's oldest entries are not lost.
class JournalFile {
public:
    /// Whether a journal can be written there. It takes the place of an earlier journal, of nothing else. Touches
    /// nothing.
    [[nodiscard]] static Result<void> check(const std::string& path);
    [[nodiscard]] static Result<JournalFile> create(const std::string& path);

    /// Writes the entries that have come since the last call.
    Result<void> writeNew(const sim::World& world);

private:
    JournalFile(std::string path, std::ofstream out) : m_path(std::move(path)), m_out(std::move(out)) {}

    std::string m_path;
    std::ofstream m_out;
    std::uint32_t m_next = 1;
};

}  // namespace millrace::cli
