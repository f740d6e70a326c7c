#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace millrace {

/// What a path leads to when that is no ordinary file: "a folder", "a pipe", "a device", "a socket", "a file that the
/// kernel makes up" (procfs, sysfs). Nothing for ordinary files and for what is not there. Opens nothing, so it never
/// waits.
[[nodiscard]] std::optional<std::string_view> specialKindOf(const std::string& path);

/// The same for a file that is to be written: what is not there yet would be of the kind of its folder.
[[nodiscard]] std::optional<std::string_view> specialTargetOf(const std::string& path);

/// The whole content of an ordinary file. Refuses everything else at once, and what is larger than `bytesMost`.
[[nodiscard]] Result<std::string> readPlainFile(const std::string& path, std::size_t bytesMost);

/// Why a file cannot be read, by `errno`: that it is not there is the input's fault, all else (no permission, a failing
/// disk) the machine's, with what helps.
[[nodiscard]] Error unreadable(const std::string& path, int error);

/// What the system says of an error's number, and what helps against it where something does.
[[nodiscard]] std::string systemTrouble(int error);

/// `Beside` when further files have to be made or renamed in its folder, with longer names.
enum class Making : std::uint8_t { Alone, Beside };

/// Why no file can have this name: a zero byte in it, or more bytes than file systems take.
[[nodiscard]] std::optional<std::string> troubleWithName(const std::string& path, Making making);

/// Whether an ordinary file can be written there, without touching what is there: it is none of the special kinds, its
/// folder is there, permissions allow it and the medium takes bytes.
[[nodiscard]] Result<void> checkWritable(const std::string& path, Making making = Making::Alone);

}  // namespace millrace
