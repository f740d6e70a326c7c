#pragma once

#include "engine/observe/board_page.h"
#include "engine/sim/world.h"

namespace millrace::ingest {

/// What the dashboard of that name shows. O(tiles and their points).
[[nodiscard]] observe::BoardPage describeBoard(const sim::World& world, const observe::ObjectId& sink);

}  // namespace millrace::ingest
