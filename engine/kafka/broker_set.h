#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/kafka/types.h"

namespace millrace::kafka {

/// Brokers of whom no one comes first, for a sentence: "{1, 3}".
[[nodiscard]] inline std::string setText(std::vector<BrokerId> brokers) {
    std::sort(brokers.begin(), brokers.end());
    std::string text;
    for (const BrokerId id : brokers) {
        text += (text.empty() ? "" : ", ") + std::to_string(id.value);
    }
    return "{" + text + "}";
}

}  // namespace millrace::kafka
