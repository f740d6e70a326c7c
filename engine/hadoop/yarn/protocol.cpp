#include "engine/hadoop/yarn/protocol.h"

#include <fmt/format.h>

namespace millrace::hadoop {

std::string containerText(ContainerId container) {
    return fmt::format("container_{}_{:06}", container >> 32U, container & 0xFFFFFFFFU);
}

}  // namespace millrace::hadoop
