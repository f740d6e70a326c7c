#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace millrace {

/// The length of the well-formed UTF-8 character at the start of a text (1 to 4); 0 when there is none. Neither
/// surrogates nor longer forms than needed are well formed (Unicode 15, table 3-7).
[[nodiscard]] std::size_t utf8CharacterSize(std::string_view text);

/// The front of a text, at most `size` bytes, that cuts no character.
[[nodiscard]] std::string_view utf8Front(std::string_view text, std::size_t size);

[[nodiscard]] bool isUtf8(std::string_view text);

/// Whether a text can be stored as it is: UTF-8 without NUL.
[[nodiscard]] bool isStorableText(std::string_view text);

/// The text with each NUL and each byte that is no UTF-8 as `\xhh`, as web servers write them: valid text in which the
/// bytes can still be read.
[[nodiscard]] std::string storableText(std::string_view text);

}  // namespace millrace
