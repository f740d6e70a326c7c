#pragma once

#include <cstddef>
#include <string>

namespace millrace {

/// "1,234,567" for "1234567": `digits` of them at its front are the whole part of a number.
[[nodiscard]] inline std::string withThousands(std::string number, std::size_t digits) {
    for (std::size_t at = digits; at > 3; at -= 3) {
        number.insert(at - 3, ",");
    }
    return number;
}

}  // namespace millrace
