#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/observe/object_id.h"
#include "engine/observe/state.h"

namespace millrace::scenario {

// What sections write their part of a run's report with.

/// What lies inside is told before what came out at the ends.
enum class ReportStage : std::uint8_t { Inside, Ends };

/// Rows of equal meaning under one another; the first column to the left, the others to the right.
class ReportTable {
public:
    explicit ReportTable(std::vector<std::string> head) { m_rows.push_back(std::move(head)); }

    void add(std::vector<std::string> row) { m_rows.push_back(std::move(row)); }
    /// Nothing where there are no rows.
    [[nodiscard]] std::string under(std::string_view title) const;

private:
    std::vector<std::vector<std::string>> m_rows;
};

[[nodiscard]] std::string nameText(const observe::ObjectId& id);
/// The four states of the report; what has no power is as dead as what crashed.
[[nodiscard]] std::string_view stateText(observe::LifeState state);

}  // namespace millrace::scenario
