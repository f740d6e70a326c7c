#include "engine/ingest/describe_board.h"

#include <algorithm>

#include "engine/ingest/sink_process.h"

namespace millrace::ingest {

namespace {

observe::TileView viewOf(const BoardSpec& spec, const std::string& key, const Board::Tile& tile) {
    observe::TileView view;
    view.key = key;
    view.measured = tile.measured;
    view.shown = tile.shown;
    view.rows = static_cast<std::int64_t>(tile.rows);
    for (std::size_t i = 0; i < spec.columns.size(); ++i) {
        if (i == spec.chart) {
            view.main = shownText(tile.row[i]);
        } else if (!spec.isTold(i)) {
            view.fields.emplace_back(spec.columns[i].name, shownText(tile.row[i]));
        }
    }
    for (std::size_t i = 0; i < spec.alerts.size(); ++i) {
        if ((tile.holds >> i & 1U) != 0) {
            view.holds.push_back(spec.alerts[i].condition->text());
        }
    }
    tile.points.forEach([&](const Board::Point& each) { view.points.emplace_back(each.measured, each.value); });
    return view;
}

}  // namespace

observe::BoardPage describeBoard(const sim::World& world, const observe::ObjectId& sink) {
    observe::BoardPage page;
    page.id = sink;
    const auto* state = world.findActor<SinkState>(sinkProcessName(observe::nameOf(sink)) + "/database");
    page.isUp = state != nullptr;
    if (state == nullptr || state->board() == nullptr) {
        return page;
    }
    const Board& board = *state->board();
    const BoardSpec& spec = *state->boardSpec();
    page.isFed = true;
    page.chart = spec.chart ? spec.columns[*spec.chart].name : std::string();
    for (const BoardAlert& each : spec.alerts) {
        page.alerts.push_back(each.condition->text());
    }
    for (const auto& [key, tile] : board.tiles()) {
        page.tiles.push_back(viewOf(spec, key, tile));
    }
    std::stable_partition(page.tiles.begin(), page.tiles.end(), [](const auto& each) { return !each.holds.empty(); });
    board.raised().forEach([&](const Board::Raised& each) {
        page.raised.push_back({each.tile, page.alerts[each.alert], each.measured, each.shown});
    });
    std::reverse(page.raised.begin(), page.raised.end());
    page.raisedInAll = static_cast<std::int64_t>(board.raisedInAll());
    page.withoutPlace = static_cast<std::int64_t>(board.withoutPlace());
    return page;
}

}  // namespace millrace::ingest
