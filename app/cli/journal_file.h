#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <string>

#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/sim/world.h"

namespace millrace::cli {

/// The journal as JSON, one entry a line, written as the run goes on so that a long run's oldest entries are not lost.
/// Of entries that say the same the journal keeps the first ones and counts the others; a last line of kind
/// "journal.closed" tells how many there were.
class JournalFile {
public:
    /// Whether a journal can be written there. It takes the place of an earlier journal, of nothing else. Touches
    /// nothing.
    [[nodiscard]] static Result<void> check(const std::string& path);
    [[nodiscard]] static Result<JournalFile> create(const std::string& path);

    /// Writes the entries that have come since the last call.
    Result<void> writeNew(const sim::World& world);
    /// The same, and the last line.
    Result<void> close(const sim::World& world);

private:
    JournalFile(std::string path, std::ofstream out) : m_path(std::move(path)), m_out(std::move(out)) {}

    std::string m_path;
    std::ofstream m_out;
    std::uint32_t m_next = 1;
    std::uint64_t m_lines = 0;
    std::map<std::uint32_t, Ref<const sim::JournalEntry>> m_counted;  ///< an entry of each that may stand for more
    bool m_isClosed = false;
};

}  // namespace millrace::cli
