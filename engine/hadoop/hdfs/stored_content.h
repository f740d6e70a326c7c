#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::sim {
class World;
}

namespace millrace::hadoop {

/// The bytes of a closed file of HDFS as the disks of its DataNodes have them, for who looks at a world from outside.
/// Nothing while the NameNode does not run, and when there is no such file, it is written still, or no disk has the
/// whole of one of its blocks.
[[nodiscard]] std::optional<std::string> storedContent(const sim::World& world, std::string_view path);

}  // namespace millrace::hadoop
