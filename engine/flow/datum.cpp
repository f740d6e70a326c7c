#include "engine/flow/datum.h"

#include <array>
#include <cmath>

namespace millrace::flow {

std::string_view toText(DatumType type) {
    switch (type) {
        case DatumType::Flag:
            return "BOOLEAN";
        case DatumType::Integer:
            return "INTEGER";
        case DatumType::Real:
            return "REAL";
        case DatumType::Text:
            break;
    }
    return "TEXT";
}

std::optional<Column> columnOf(std::string_view text) {
    constexpr std::string_view nameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const std::size_t blank = text.find(' ');
    const std::string_view name = text.substr(0, blank);
    const std::string_view type = blank == std::string_view::npos ? "TEXT" : text.substr(blank + 1);
    if (name.empty() || name.find_first_not_of(nameLetters) != std::string_view::npos) {
        return std::nullopt;
    }
    for (const DatumType each : {DatumType::Flag, DatumType::Integer, DatumType::Real, DatumType::Text}) {
        if (type == toText(each)) {
            return Column{std::string{name}, each};
        }
    }
    return std::nullopt;
}

std::string toText(const Datum& datum) {
    if (const auto* text = std::get_if<std::string>(&datum)) {
        return *text;
    }
    if (const auto* flag = std::get_if<bool>(&datum)) {
        return *flag ? "true" : "false";
    }
    std::array<char, 32> buffer{};
    std::to_chars_result end{buffer.data(), std::errc{}};
    if (const auto* whole = std::get_if<std::int64_t>(&datum)) {
        end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), *whole);
    } else if (const auto* real = std::get_if<double>(&datum)) {
        end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), *real);
    }
    return {buffer.data(), end.ptr};
}

std::optional<std::int64_t> wholeNumberIn(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isWhole = error == std::errc() && !text.empty() && end == text.data() + text.size();
    return isWhole ? std::optional(number) : std::nullopt;
}

std::optional<double> numberIn(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isNumber =
        error == std::errc() && !text.empty() && end == text.data() + text.size() && std::isfinite(number);
    return isNumber ? std::optional(number) : std::nullopt;
}

std::optional<double> asNumber(const Datum& datum) {
    if (const auto* flag = std::get_if<bool>(&datum)) {
        return *flag ? 1.0 : 0.0;
    }
    if (const auto* whole = std::get_if<std::int64_t>(&datum)) {
        return static_cast<double>(*whole);
    }
    if (const auto* real = std::get_if<double>(&datum)) {
        return *real;
    }
    const auto* text = std::get_if<std::string>(&datum);
    return text != nullptr ? numberIn(*text) : std::nullopt;
}

std::optional<Datum> datumOf(std::string_view text, DatumType type) {
    if (text.empty()) {
        return Datum{};
    }
    switch (type) {
        case DatumType::Flag:
            if (text == "true" || text == "false") {
                return Datum{text == "true"};
            }
            return std::nullopt;
        case DatumType::Integer:
            if (const auto number = wholeNumberIn(text)) {
                return Datum{*number};
            }
            return std::nullopt;
        case DatumType::Real:
            if (const auto number = numberIn(text)) {
                return Datum{*number};
            }
            return std::nullopt;
        case DatumType::Text:
            break;
    }
    return Datum{std::string{text}};
}

}  // namespace millrace::flow
