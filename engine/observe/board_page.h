#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/sim_time.h"
#include "engine/observe/object_id.h"

namespace millrace::observe {

/// A tile of a dashboard: the newest row of its key.
struct TileView {
    std::string key;                                          ///< empty: the only one
    std::optional<std::string> main;                          ///< of the field that is drawn, as text
    std::vector<std::pair<std::string, std::string>> fields;  ///< the others but key and time, name and text
    SimTime measured;
    SimTime shown;
    std::int64_t rows = 0;
    std::vector<std::string> holds;                  ///< conditions of alerts that hold now
    std::vector<std::pair<SimTime, double>> points;  ///< of the field that is drawn, by when they were measured
};

struct RaisedAlertView {
    std::string tile;
    std::string condition;
    SimTime measured;
    SimTime shown;
};

/// What a dashboard shows.
struct BoardPage {
    ObjectId id;
    bool isUp = false;   ///< its process runs: while it does not, there is nothing to be seen
    bool isFed = false;  ///< a pipeline has it as its destination
    std::string chart;   ///< the field that is drawn; empty: none is a number
    std::vector<std::string> alerts;
    std::vector<TileView> tiles;          ///< those where an alert holds first, then by key
    std::vector<RaisedAlertView> raised;  ///< the newest first
    std::int64_t raisedInAll = 0;
    std::int64_t withoutPlace = 0;  ///< rows of tiles for which there was no place
};

}  // namespace millrace::observe
