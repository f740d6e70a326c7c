#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/ingest/facts.h"
#include "engine/run/position_set.h"
#include "engine/run/report/rejected.h"
#include "engine/sim/fact.h"

namespace millrace::run {

/// Which lines were rejected and why: each once for a reason, however often its tuple was replayed. A value that is
/// kept with each checkpoint; copies share. Memory: one bit a line at worst, and a few samples a reason.
class RejectedBook {
public:
    static constexpr std::size_t samplesMax = 5;

    /// True when the fact was about a rejected line.
    bool take(const sim::ToldFact& told);
    /// Lines, each once however many bolts have rejected it.
    [[nodiscard]] std::int64_t count() const;
    /// By reason, the most frequent first. A line may stand under several.
    [[nodiscard]] std::vector<RejectedGroup> groups() const;

private:
    using Lines = std::vector<std::pair<std::string, PositionSet>>;  ///< by source
    struct Reason final : Counted {
        RejectedGroup group;
        Lines lines;
    };
    static bool mark(Lines& lines, const std::string& source, std::int64_t position);

    std::vector<Ref<Reason>> m_reasons;
    Lines m_lines;
};

}  // namespace millrace::run
