#include "engine/observe/origin_view.h"

#include <fmt/format.h>

namespace millrace::observe {

std::string shortcomingsText(const OriginsView& origins) {
    std::int64_t lost = 0;
    std::int64_t givenUp = 0;
    std::int64_t vanished = 0;
    for (const LossView& loss : origins.losses) {
        lost += loss.records;
    }
    for (const OriginView& origin : origins.sources) {
        givenUp += origin.failed;
        vanished += origin.vanished;
    }
    std::string text;
    if (lost > 0) {
        text += fmt::format("{} acknowledged {} lost", lost, lost == 1 ? "record is" : "records are");
    }
    if (givenUp > 0) {
        text += text.empty() ? "" : ", ";
        text += fmt::format("{} {} given up", givenUp, givenUp == 1 ? "record was" : "records were");
    }
    if (vanished > 0) {
        text += text.empty() ? "" : ", ";
        text +=
            fmt::format("{} sent with acks=0 {} in no log",
                        vanished == 1 ? "1 record" : fmt::format("{} records", vanished), vanished == 1 ? "is" : "are");
    }
    return text;
}

}  // namespace millrace::observe
