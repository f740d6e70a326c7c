#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ref.h"
#include "engine/base/result.h"
#include "engine/flow/datum.h"
#include "engine/flow/expression.h"

namespace millrace::ingest {

/// A condition over the rows that a dashboard shows.
struct BoardAlert {
    Ref<const flow::Expression> condition;
    std::vector<std::size_t> places;  ///< of its fields among the columns
};

/// What a dashboard shows. Immutable and shared.
struct BoardSpec final : Counted {
    std::vector<flow::Column> columns;  ///< of its rows
    std::vector<std::size_t> told;      ///< of these, what a tile says otherwise: its key, and the event's time
    std::optional<std::size_t> chart;   ///< the column that is drawn over time
    std::vector<BoardAlert> alerts;     ///< at most 16

    /// Where a board is written down wrongly: at which of its keys, and why.
    struct Trouble {
        std::string key;
        std::string reason;
    };
    /// Without a name the first column of numbers that is not told otherwise is drawn; where there is none, nothing is.
    [[nodiscard]] static Result<Ref<const BoardSpec>, std::vector<Trouble>> make(
        const std::vector<flow::Column>& columns, std::vector<std::size_t> told, const std::string& chart,
        const std::vector<std::string>& alerts);
    [[nodiscard]] bool isTold(std::size_t column) const {
        return std::find(told.begin(), told.end(), column) != told.end();
    }
};

}  // namespace millrace::ingest
