#include "engine/ingest/log_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/base/thousands.h"
#include "engine/base/utf8.h"

namespace millrace::ingest {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF"sv;

/// 1234567 -> "1,234,567"
std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    const std::size_t digits = text.size();
    return withThousands(std::move(text), digits);
}

std::string counted(std::uint64_t number, std::string_view one) {
    return fmt::format("{} {}{}", grouped(number), one, number == 1 ? "" : "s");
}

/// Text in UTF-16 without a mark is ASCII for the most part: every second byte is NUL, and the others are not.
bool looksLikeUtf16(std::string_view bytes, std::size_t high) {
    const std::string_view front = bytes.substr(0, 4096 / 2 * 2);
    std::size_t pairs = 0;
    std::size_t fitting = 0;
    for (std::size_t at = 0; at + 1 < front.size(); at += 2) {
        ++pairs;
        fitting += front[at + high] == '\0' && front[at + 1 - high] != '\0' ? 1U : 0U;
    }
    return pairs >= 4 && fitting * 10 >= pairs * 9;
}

void appendUtf8(std::string& text, std::uint32_t character) {
    const auto put = [&](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
    if (character < 0x80U) {
        put(character);
    } else if (character < 0x800U) {
        put(0xC0U | (character >> 6U));
        put(0x80U | (character & 0x3FU));
    } else if (character < 0x10000U) {
        put(0xE0U | (character >> 12U));
        put(0x80U | ((character >> 6U) & 0x3FU));
        put(0x80U | (character & 0x3FU));
    } else {
        put(0xF0U | (character >> 18U));
        put(0x80U | ((character >> 12U) & 0x3FU));
        put(0x80U | ((character >> 6U) & 0x3FU));
        put(0x80U | (character & 0x3FU));
    }
}

std::string fromUtf16(std::string_view bytes, bool isLittle, std::int64_t& broken) {
    const auto byteAt = [&](std::size_t at) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at]));
    };
    const auto unitAt = [&](std::size_t at) {
        return isLittle ? byteAt(at) | (byteAt(at + 1) << 8U) : byteAt(at + 1) | (byteAt(at) << 8U);
    };
    std::string text;
    text.reserve(bytes.size() / 2 + 16);
    std::size_t at = 0;
    for (; at + 1 < bytes.size(); at += 2) {
        const std::uint32_t unit = unitAt(at);
        const bool isHigh = unit >= 0xD800U && unit < 0xDC00U;
        const std::uint32_t next = isHigh && at + 3 < bytes.size() ? unitAt(at + 2) : 0;
        if (isHigh && next >= 0xDC00U && next < 0xE000U) {
            appendUtf8(text, 0x10000U + ((unit - 0xD800U) << 10U) + (next - 0xDC00U));
            at += 2;
        } else if (unit >= 0xD800U && unit < 0xE000U) {
            fmt::format_to(std::back_inserter(text), "\\x{:02x}\\x{:02x}", byteAt(at), byteAt(at + 1));
            ++broken;
        } else {
            appendUtf8(text, unit);
        }
    }
    if (at < bytes.size()) {
        fmt::format_to(std::back_inserter(text), "\\x{:02x}", byteAt(at));
        ++broken;
    }
    return text;
}

/// From bytes to UTF-8 without a mark.
void decode(LogText& log) {
    std::string& text = log.text;
    TextTraits& traits = log.traits;
    if (text.starts_with(byteOrderMark)) {
        traits.hasByteOrderMark = true;
        text.erase(0, byteOrderMark.size());
        return;
    }
    const bool hasLittleMark = text.starts_with("\xFF\xFE"sv);
    const bool hasBigMark = text.starts_with("\xFE\xFF"sv);
    traits.hasByteOrderMark = hasLittleMark || hasBigMark;
    if (hasLittleMark || looksLikeUtf16(text, 1)) {
        traits.encoding = Encoding::Utf16Le;
    } else if (hasBigMark || looksLikeUtf16(text, 0)) {
        traits.encoding = Encoding::Utf16Be;
    } else {
        return;
    }
    const std::string_view bytes = std::string_view{text}.substr(traits.hasByteOrderMark ? 2 : 0);
    text = fromUtf16(bytes, traits.encoding == Encoding::Utf16Le, traits.unitsNotUtf16);
}

LineEnds lineEndsOf(std::string_view text) {
    std::size_t lines = 0;
    std::size_t withReturn = 0;
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        ++lines;
        withReturn += at > 0 && text[at - 1] == '\r' ? 1U : 0U;
    }
    if (lines == 0) {
        return text.find('\r') == std::string_view::npos ? LineEnds::None : LineEnds::Cr;
    }
    return withReturn == 0 ? LineEnds::Lf : withReturn == lines ? LineEnds::CrLf : LineEnds::Mixed;
}

/// What may stand before a line's first character and belongs to none: logs that are cut to nothing while a server
/// writes on have a hole of NULs before its next line, and those that were joined a mark where each began.
void leaveOutHoles(LogText& log) {
    std::string& text = log.text;
    if (text.find('\0') == std::string::npos && text.find(byteOrderMark) == std::string::npos) {
        return;
    }
    std::size_t to = 0;
    bool isAtStart = true;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\0' && isAtStart) {
            ++log.traits.nulsLeftOut;
        } else if (isAtStart && std::string_view{text}.substr(at).starts_with(byteOrderMark)) {
            ++log.traits.marksLeftOut;
            at += byteOrderMark.size() - 1;
        } else {
            isAtStart = text[at] == '\n';
            text[to++] = text[at];
        }
    }
    text.resize(to);
}

void describe(LogText& log) {
    TextTraits& traits = log.traits;
    std::string_view rest = log.text;
    traits.textBytes = rest.size();
    const bool isAllUtf8 = isUtf8(rest);
    while (!rest.empty()) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        ++traits.lines;
        traits.longestLine = std::max(traits.longestLine, static_cast<std::int64_t>(line.size()));
        traits.linesNotUtf8 += isAllUtf8 || isUtf8(line) ? 0 : 1;
    }
    if (traits.linesNotUtf8 > 0) {
        traits.encoding = Encoding::Bytes;
    }
}

}  // namespace

std::string_view toText(Encoding encoding) {
    switch (encoding) {
        case Encoding::Utf8:
            return "UTF-8";
        case Encoding::Bytes:
            return "not all UTF-8";
        case Encoding::Utf16Le:
            return "UTF-16 (little-endian)";
        case Encoding::Utf16Be:
            return "UTF-16 (big-endian)";
    }
    return {};
}

std::string_view toText(LineEnds ends) {
    switch (ends) {
        case LineEnds::None:
            return "no line ends";
        case LineEnds::Lf:
            return "lines end in LF";
        case LineEnds::CrLf:
            return "lines end in CR LF";
        case LineEnds::Cr:
            return "lines end in CR";
        case LineEnds::Mixed:
            return "lines end in LF, some in CR LF";
    }
    return {};
}

std::string TextTraits::text() const {
    std::string said;
    if (compression != Compression::None) {
        said += fmt::format("{}, ", ingest::toText(compression));
    }
    said += ingest::toText(encoding);
    said += hasByteOrderMark ? " with a byte order mark, " : ", ";
    said += ingest::toText(lineEnds);
    return said + fmt::format(", {}{} in {}", isWhole ? "" : "the first ",
                              counted(static_cast<std::uint64_t>(lines), "line"), counted(textBytes, "byte"));
}

std::vector<std::string> TextTraits::notes() const {
    std::vector<std::string> all;
    const auto count = [](std::int64_t number, std::string_view one) {
        return counted(static_cast<std::uint64_t>(number), one);
    };
    if (linesNotUtf8 > 0) {
        all.push_back(
            fmt::format("{} with bytes that are no UTF-8: sinks store them as \\xhh", count(linesNotUtf8, "line")));
    }
    if (nulsLeftOut > 0) {
        all.push_back(fmt::format("{} at the start of lines left out", count(nulsLeftOut, "NUL byte")));
    }
    if (marksLeftOut > 0) {
        all.push_back(fmt::format("{} at the start of lines left out", count(marksLeftOut, "byte order mark")));
    }
    if (unitsNotUtf16 > 0) {
        all.push_back(fmt::format("{} that cannot stand in UTF-16: kept as \\xhh", count(unitsNotUtf16, "unit")));
    }
    if (packedBytesLeftOut > 0) {
        all.push_back(fmt::format("{} after the end of the {} data left out", counted(packedBytesLeftOut, "byte"),
                                  ingest::toText(compression)));
    }
    return all;
}

Result<LogText> readLogText(std::string bytes, UnpackLimits limits) {
    LogText log;
    log.traits.fileBytes = bytes.size();
    log.traits.isWhole = !limits.isFront;
    log.traits.compression = compressionOf(bytes);
    if (log.traits.compression == Compression::None) {
        log.text = std::move(bytes);
    } else {
        auto unpacked = unpack(bytes, log.traits.compression, limits);
        if (!unpacked) {
            return tl::unexpected(std::move(unpacked.error()));
        }
        bytes = {};
        log.text = std::move(unpacked->text);
        log.traits.packedBytesLeftOut = unpacked->bytesLeftOver;
        log.traits.isWhole = unpacked->isWhole;
    }
    const std::string_view within = log.traits.compression == Compression::None ? ""sv : "holds what is "sv;
    if (compressionOf(log.text) != Compression::None) {
        return failure(fmt::format("holds what is packed once more, with {}: unpack it once",
                                   ingest::toText(compressionOf(log.text))));
    }
    if (const std::string_view foreign = foreignKindOf(log.text); !foreign.empty()) {
        return failure(fmt::format("{}{}, and lines of text are expected: convert or unpack it first",
                                   within.empty() ? "is "sv : within, foreign));
    }
    decode(log);
    log.traits.lineEnds = lineEndsOf(log.text);
    if (log.traits.lineEnds == LineEnds::Cr) {
        std::replace(log.text.begin(), log.text.end(), '\r', '\n');
    }
    leaveOutHoles(log);
    describe(log);
    return log;
}

}  // namespace millrace::ingest
