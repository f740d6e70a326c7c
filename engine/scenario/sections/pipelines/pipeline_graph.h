#pragma once

#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/ingest/row_graph.h"
#include "engine/scenario/scenario.h"

namespace millrace::scenario {

/// What a pipeline makes of a record, into the tables that an engine of its has in the sink. The errors name the fields
/// that are wrong.
[[nodiscard]] Result<Ref<const ingest::RowGraph>, std::vector<Error>> graphOfPipeline(std::string_view name,
                                                                                      std::string_view engine,
                                                                                      const Scenario& scenario);

/// The table of an engine: "words_storm".
[[nodiscard]] std::string tableOfEngine(std::string_view table, std::string_view engine);

}  // namespace millrace::scenario
