#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace millrace::flow {

/// One value of a record as it stands outside of any engine: nothing, a flag, a whole or a real number, a text.
using Datum = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

enum class DatumType : std::uint8_t { Flag, Integer, Real, Text };

/// A named field of records.
struct Column {
    std::string name;
    DatumType type = DatumType::Text;
};

[[nodiscard]] inline bool isNull(const Datum& datum) {
    return std::holds_alternative<std::monostate>(datum);
}

/// As SQL writes types: BOOLEAN, INTEGER, REAL, TEXT.
[[nodiscard]] std::string_view toText(DatumType type);
/// "temperature REAL"; a name alone is TEXT. Nothing when it is no column.
[[nodiscard]] std::optional<Column> columnOf(std::string_view text);

/// The shortest text that reads back as the same value; nothing is empty.
[[nodiscard]] std::string toText(const Datum& datum);
/// A number, also one that is written as text; a flag is 0 or 1.
[[nodiscard]] std::optional<double> asNumber(const Datum& datum);
/// The whole of a text as a number.
[[nodiscard]] std::optional<std::int64_t> wholeNumberIn(std::string_view text);
[[nodiscard]] std::optional<double> numberIn(std::string_view text);
/// A text as a value of a type; empty text is nothing. Nothing at all when it does not fit.
[[nodiscard]] std::optional<Datum> datumOf(std::string_view text, DatumType type);

}  // namespace millrace::flow
