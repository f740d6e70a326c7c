#include "engine/scenario/sections/kafka/unpaused_fetches.h"

#include <fmt/format.h>

namespace millrace::scenario {

void warnOfUnpausedFetches(ReferenceJudge& judge, const Value& owner, std::string_view least, std::string_view longest,
                           const std::string& path) {
    for (const Member& setting : membersAt(owner, {"config"})) {
        if ((setting.key == least || setting.key == longest) && wholeNumberIn(&setting.value) == 0) {
            judge.warning(
                setting.keyPlace, fmt::format("{}.config.{}", path, setting.key),
                "with 0 a broker answers at once even when it has nothing, and is asked again at once: thousands of "
                "requests a second for nothing, as in Kafka");
        }
    }
}

}  // namespace millrace::scenario
