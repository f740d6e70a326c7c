#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/sim/world.h"

namespace millrace::store {

/// An input as the archive keeps it.
struct ArchivedInput {
    SimTime time;
    std::uint64_t eventsBefore = 0;
    std::string kind;
    std::string payload;  ///< JSON
};

/// What a stored run is made of, beside what is read from its world.
struct ArchiveHead {
    std::string scenarioFile;
    std::string scenarioText;  ///< with its settings applied
    std::string report;        ///< JSON, as `--report json` prints it
    std::vector<ArchivedInput> inputs;
};

/// Writes a run into a new SQLite file that users query with their own tools: `run` (key, value), `inputs`,
/// `fingerprints` (one a simulated second), `journal` with `journal_fields`, `series` with `points`. Times are
/// nanoseconds of simulated time. The file appears whole or not at all: it is written beside and renamed. A world
/// itself is never stored; opening an archive means running it again. Only an earlier archive is replaced.
[[nodiscard]] Result<void> writeArchive(const std::string& path, const ArchiveHead& head, const sim::World& world);

/// Whether an archive can be written there, as far as can be told before the run.
[[nodiscard]] Result<void> checkArchivePath(const std::string& path);

}  // namespace millrace::store
