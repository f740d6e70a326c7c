#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/ingest/compression.h"

namespace millrace::ingest {

enum class Encoding : std::uint8_t {
    Utf8,   ///< ASCII with it
    Bytes,  ///< some lines are no UTF-8: an older encoding, or what clients sent
    Utf16Le,
    Utf16Be
};
enum class LineEnds : std::uint8_t { None, Lf, CrLf, Cr, Mixed };
[[nodiscard]] std::string_view toText(Encoding encoding);
[[nodiscard]] std::string_view toText(LineEnds ends);

/// What a log file turned out to be, and what of it did not become text.
struct TextTraits {
    Compression compression = Compression::None;
    Encoding encoding = Encoding::Utf8;
    LineEnds lineEnds = LineEnds::None;
    bool hasByteOrderMark = false;
    std::uint64_t fileBytes = 0;
    std::uint64_t textBytes = 0;
    std::int64_t lines = 0;
    std::int64_t longestLine = 0;
    std::int64_t linesNotUtf8 = 0;         ///< kept as they are; a sink stores their bytes as \xhh
    std::int64_t marksLeftOut = 0;         ///< byte order marks at the start of lines, as joined files have them
    std::int64_t nulsLeftOut = 0;          ///< at the start of lines, as a log that is cut while it is written has them
    std::int64_t unitsNotUtf16 = 0;        ///< kept as \xhh\xhh
    std::uint64_t packedBytesLeftOut = 0;  ///< behind the end of the packed data
    bool isWhole = true;                   ///< false: of the front of a file

    /// "gzip, UTF-8, lines end in LF, 200 lines in 17,400 bytes"
    [[nodiscard]] std::string text() const;
    /// What was left out or changed, one sentence each.
    [[nodiscard]] std::vector<std::string> notes() const;
};

/// A log as text: unpacked, in UTF-8 (but for bytes that are none), without a byte order mark, with lines that end in a
/// line feed; a carriage return before it is still there and no part of the line.
struct LogText {
    std::string text;
    TextTraits traits;
};

/// Makes a log of a file's bytes. The error names what they are instead, or what is wrong with them.
[[nodiscard]] Result<LogText> readLogText(std::string bytes, UnpackLimits limits = {});

}  // namespace millrace::ingest
