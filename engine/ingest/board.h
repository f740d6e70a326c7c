#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/shared_map.h"
#include "engine/base/shared_queue.h"
#include "engine/ingest/board_spec.h"
#include "engine/ingest/sink.h"

namespace millrace::ingest {

/// A write to a dashboard: the tile, when the row was measured (ns since the run began), and the row's columns.
inline constexpr std::size_t boardTile = 0;
inline constexpr std::size_t boardMeasured = 1;
inline constexpr std::size_t boardColumns = 2;

/// What a dashboard shows now: the newest row of each tile, how one of its columns went lately, and which alerts hold.
/// A value; copies share. What it holds is bounded: 100 tiles of 120 points, and the newest 50 alerts.
class Board {
public:
    struct Point {
        SimTime measured;
        double value = 0;
    };
    struct Tile {
        std::vector<SinkValue> row;
        Origin newest;
        SimTime measured;
        SimTime shown;  ///< since when its row is seen
        std::uint64_t rows = 0;
        std::uint64_t holds = 0;  ///< of the alerts, a bit each
        SharedQueue<Point> points;
    };
    struct Raised {
        std::string tile;
        std::size_t alert = 0;  ///< of the spec's
        SimTime measured;
        SimTime shown;
    };

    /// Shows a row. One that was measured before the one that is shown does not take its place, and raises nothing: it
    /// comes late, or was sent again. Gives the alerts that begin to hold by it.
    std::vector<Raised> show(const BoardSpec& spec, const SinkWrite& write, SimTime now);

    [[nodiscard]] const SharedMap<std::string, Tile>& tiles() const { return m_tiles; }
    /// The newest that were raised, in their order.
    [[nodiscard]] const SharedQueue<Raised>& raised() const { return m_raised; }
    [[nodiscard]] std::uint64_t raisedInAll() const { return m_raisedInAll; }
    /// Rows of tiles for which there was no place.
    [[nodiscard]] std::uint64_t withoutPlace() const { return m_withoutPlace; }

private:
    SharedMap<std::string, Tile> m_tiles;
    SharedQueue<Raised> m_raised;
    std::uint64_t m_raisedInAll = 0;
    std::uint64_t m_withoutPlace = 0;
};

/// A value as a dashboard writes it: numbers with four digits that count.
[[nodiscard]] std::string shownText(const SinkValue& value);

}  // namespace millrace::ingest
