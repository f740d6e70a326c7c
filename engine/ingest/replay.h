#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/ingest/file_content.h"
#include "engine/ingest/models/model.h"

namespace millrace::ingest {

/// When each line of a file was written, by its own stamps.
struct ReplayPlan final : Counted {
    Ref<const FileContent> content;
    std::vector<std::int64_t> lines;  ///< those that are sent
    std::vector<double> gaps;         ///< seconds before each, by the stamps
};
/// `time` names the column of a CSV or the member of a JSON object that is the stamp; empty: it is found out, also that
/// of an access log or of syslog. Lines without a stamp come with the one before. The error says what is not there.
[[nodiscard]] Result<Ref<const ReplayPlan>, std::string> replayPlan(Ref<const FileContent> content,
                                                                    const std::string& time);
/// Lines as they were written, `speed` times as fast.
[[nodiscard]] Ref<const Model> replayModel(Ref<const ReplayPlan> plan, double speed);

}  // namespace millrace::ingest
