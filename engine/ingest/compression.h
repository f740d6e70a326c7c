#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace millrace::ingest {

/// How a log was packed, told by its first bytes and never by its name: what logrotate and its kind leave behind.
enum class Compression : std::uint8_t { None, Gzip, Zstd, Xz };
[[nodiscard]] std::string_view toText(Compression compression);
[[nodiscard]] Compression compressionOf(std::string_view bytes);

/// A kind of file that is no log and that nobody here unpacks, in words ("a zip archive"); empty for everything else.
[[nodiscard]] std::string_view foreignKindOf(std::string_view bytes);

/// What came out of a packed file.
struct Unpacked {
    std::string text;
    std::size_t bytesLeftOver = 0;  ///< after the end of the packed data: padding and rubbish
    bool isWhole = true;            ///< false: there was more, but no more was asked for
};

struct UnpackLimits {
    std::size_t textMax = std::size_t{4} << 30U;
    bool isFront = false;    ///< the bytes are the front of a file: that they end is no error
    bool takesPart = false;  ///< that there is more text than `textMax` is no error
};

/// Unpacks the whole of it: several members, frames or streams one after the other are one text, as their own tools
/// have it. The error says what is wrong: damaged, cut off, or too large.
[[nodiscard]] Result<Unpacked> unpack(std::string_view bytes, Compression compression, UnpackLimits limits = {});

/// The text as a gzip member; several one after the other are one gzip file.
[[nodiscard]] std::string gzipMember(std::string_view text);

}  // namespace millrace::ingest
