#include "engine/base/utf8.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <iterator>

namespace millrace {

namespace {

bool isContinuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

bool isBetween(char c, unsigned low, unsigned high) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= low && byte <= high;
}

/// Bytes at the start that are ASCII, eight at a time.
std::size_t asciiRun(std::string_view text) {
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, 8);
        if ((word & 0x8080808080808080ULL) != 0) {
            break;
        }
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80U) {
        ++at;
    }
    return at;
}

}  // namespace

std::size_t utf8CharacterSize(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80U) {
        return 1;
    }
    if (first >= 0xC2U && first <= 0xDFU) {
        return text.size() >= 2 && isContinuation(text[1]) ? 2 : 0;
    }
    if (first >= 0xE0U && first <= 0xEFU) {
        const unsigned low = first == 0xE0U ? 0xA0U : 0x80U;
        const unsigned high = first == 0xEDU ? 0x9FU : 0xBFU;
        return text.size() >= 3 && isBetween(text[1], low, high) && isContinuation(text[2]) ? 3 : 0;
    }
    if (first >= 0xF0U && first <= 0xF4U) {
        const unsigned low = first == 0xF0U ? 0x90U : 0x80U;
        const unsigned high = first == 0xF4U ? 0x8FU : 0xBFU;
        return text.size() >= 4 && isBetween(text[1], low, high) && isContinuation(text[2]) && isContinuation(text[3])
                   ? 4
                   : 0;
    }
    return 0;
}

std::string_view utf8Front(std::string_view text, std::size_t size) {
    if (text.size() <= size) {
        return text;
    }
    // A character has at most three bytes behind its first.
    for (std::size_t back = 0; back < 4 && back < size; ++back) {
        if (!isContinuation(text[size - back])) {
            return text.substr(0, size - back);
        }
    }
    return text.substr(0, size);
}

bool isUtf8(std::string_view text) {
    while (true) {
        text.remove_prefix(asciiRun(text));
        if (text.empty()) {
            return true;
        }
        const std::size_t size = utf8CharacterSize(text);
        if (size == 0) {
            return false;
        }
        text.remove_prefix(size);
    }
}

bool isStorableText(std::string_view text) {
    return text.find('\0') == std::string_view::npos && isUtf8(text);
}

std::string storableText(std::string_view text) {
    std::string stored;
    stored.reserve(text.size());
    while (!text.empty()) {
        const std::size_t size = text.front() == '\0' ? 0 : utf8CharacterSize(text);
        if (size == 0) {
            fmt::format_to(std::back_inserter(stored), "\\x{:02x}", static_cast<unsigned char>(text.front()));
            text.remove_prefix(1);
        } else {
            stored.append(text.substr(0, size));
            text.remove_prefix(size);
        }
    }
    return stored;
}

}  // namespace millrace
