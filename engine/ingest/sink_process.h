#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/ingest/board.h"
#include "engine/ingest/sink.h"
#include "engine/sim/context.h"
#include "engine/sim/process.h"

namespace millrace::ingest {

/// Where sinks listen unless the scenario says otherwise.
inline constexpr sim::Port sinkPort{5432};

/// The writes that have been committed, as bits by (source, table, part, position). Positions of a source lie densely,
/// so 64 of them share a word: 10,000 lines need 157 words a table.
class SeenPositions {
public:
    /// Marks it; true when it was not marked before.
    bool mark(const Origin& origin, std::uint32_t table);
    [[nodiscard]] bool contains(const Origin& origin, std::uint32_t table) const;

private:
    using Key = std::pair<std::uint64_t, std::int64_t>;  // hash of source and table, position / 64
    static Key keyOf(const Origin& origin, std::uint32_t table);
    SharedMap<Key, std::uint64_t> m_words;
};

/// What a sink has done, for reports and views.
struct SinkFigures {
    std::uint64_t written = 0;   ///< rows, increments and lines committed
    std::uint64_t repeated = 0;  ///< of these (append) or beside these (once): origins that had been written before
    std::uint64_t transactions = 0;
    std::uint64_t waiting = 0;  ///< requests received and not yet answered
    std::uint64_t leftOut = 0;  ///< writes that would never have gone through, of a topic
    // Of a lake.
    std::uint64_t objects = 0;
    std::uint64_t folders = 0;  ///< 0 while it is down
    ByteCount bytes = 0;
    std::uint64_t compactions = 0;
    std::uint64_t alerts = 0;  ///< that a dashboard has raised
};

/// What a sink's process tells of itself, whatever the sink is.
class SinkState {
public:
    virtual ~SinkState() = default;
    [[nodiscard]] virtual SinkFigures figures() const = 0;
    /// Whether these count what its earlier incarnations committed.
    [[nodiscard]] virtual bool remembers() const = 0;
    /// What it shows; null: it is no dashboard.
    [[nodiscard]] virtual const Board* board() const { return nullptr; }
    [[nodiscard]] virtual const BoardSpec* boardSpec() const { return nullptr; }

protected:
    SinkState() = default;
    SinkState(const SinkState&) = default;
    SinkState& operator=(const SinkState&) = default;
};

/// The database process of a sink (one actor, "sink/<id>/database"). Models an embedded database behind a small server:
/// requests that arrive while a transaction is being flushed form the next one (group commit); a transaction is a chunk
/// appended to the host's disk and flushed; only then are its requests answered and the effect given out. A crash
/// forgets requests without an answer; a power loss also forgets what was not flushed; neither loses what was answered.
/// After a restart the marks are read back from the disk. Leaves out: queries, locks, several writers' isolation.
[[nodiscard]] Ref<const sim::Blueprint> makeSinkBlueprint(Ref<const SinkSpec> spec, sim::Port port = sinkPort);

/// The process's name, "sink/<id>", and its figures in a world, also while it is down.
[[nodiscard]] std::string sinkProcessName(std::string_view sinkId);
[[nodiscard]] SinkFigures sinkFigures(const sim::World& world, std::string_view sinkId);

}  // namespace millrace::ingest
