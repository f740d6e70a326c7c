#pragma once

#include <string>
#include <string_view>

/// Paths of the tree: "/", or "/name/name" without empty, "." or ".." names and without a slash at the end.
namespace millrace::zookeeper::paths {

[[nodiscard]] bool isValid(std::string_view path);
/// "/a/b" -> "/a", "/a" -> "/". Of "/" it is "/".
[[nodiscard]] std::string_view parentOf(std::string_view path);
/// "/a/b" -> "b".
[[nodiscard]] std::string_view nameOf(std::string_view path);
/// "/a", "b" -> "/a/b"; "/", "b" -> "/b".
[[nodiscard]] std::string join(std::string_view parent, std::string_view name);
/// The ten digits that ZooKeeper appends to the name of a sequential node.
[[nodiscard]] std::string sequenceSuffix(std::int32_t sequence);
/// The number at the end of a sequential node's name; -1 when there is none.
[[nodiscard]] std::int64_t sequenceOf(std::string_view name);

}  // namespace millrace::zookeeper::paths
